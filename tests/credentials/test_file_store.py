"""The file store: what it keeps, who may read it, and what a full disk or a crash does to it."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from exactsend.credentials.file_store import FileStore
from exactsend.errors import LedgerError, StateDamaged

EFFECTS = ("credential.write", "credential.fsync", "credential.rename", "credential.settle")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "sign-in"


def failing_at(effect: str, error: BaseException) -> Callable[[str], None]:
    def fault_hook(reached: str) -> None:
        if reached == effect:
            raise error

    return fault_hook


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_put_is_got_also_by_the_next_run(folder: Path) -> None:
    FileStore(folder).put("host-client.json", '{"é": 1}\n')

    assert FileStore(folder).get("host-client.json") == '{"é": 1}\n'


def test_nothing_is_kept_before_anything_was_put(folder: Path) -> None:
    store = FileStore(folder)

    assert store.get("host-client.json") is None
    store.delete("host-client.json")
    assert not folder.exists()


def test_what_is_deleted_is_gone_with_its_leftovers(folder: Path) -> None:
    store = FileStore(folder)
    store.put("a", "1")
    for leftover in ("a.tmp", ".a.0123456789abcdef.tmp"):
        (folder / leftover).write_text("2")

    store.delete("a")

    assert list(folder.iterdir()) == []


def test_nobody_else_may_read_it_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        FileStore(folder).put("a", "1")
    finally:
        os.umask(before)

    assert (mode(folder), mode(folder.parent), mode(folder / "a")) == (0o700, 0o700, 0o600)


@pytest.mark.parametrize(("which", "wrong"), [("a", 0o640), ("a", 0o602), ("", 0o750), ("", 0o701)])
def test_what_others_can_touch_is_refused_with_the_cure(folder: Path, which: str, wrong: int) -> None:
    store = FileStore(folder)
    store.put("a", "1")
    (folder / which).chmod(wrong)

    with pytest.raises(LedgerError, match="other users may read or change") as error:
        store.get("a")

    assert "chmod" in error.value.hint


def test_what_another_user_owns_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(folder)
    store.put("a", "1")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)

    with pytest.raises(LedgerError, match="belongs to the user") as error:
        store.get("a")

    assert "chown -R" in error.value.hint


@pytest.mark.parametrize("effect", EFFECTS)
def test_dying_anywhere_leaves_the_old_value_or_the_new_one(folder: Path, effect: str) -> None:
    FileStore(folder).put("a", "old")

    with pytest.raises(KeyboardInterrupt):
        FileStore(folder, fault_hook=failing_at(effect, KeyboardInterrupt())).put("a", "new")

    assert FileStore(folder).get("a") == ("new" if effect == "credential.settle" else "old")
    FileStore(folder).put("a", "newer")
    assert FileStore(folder).get("a") == "newer"


@pytest.mark.parametrize("cause", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_is_told_before_anything_is_spent(folder: Path, cause: int) -> None:
    FileStore(folder).put("a", "old")
    store = FileStore(folder, fault_hook=failing_at("credential.fsync", OSError(cause, os.strerror(cause))))

    with pytest.raises(LedgerError, match="can't be used") as error:
        store.prove(1000)

    assert error.value.hint
    assert FileStore(folder).get("a") == "old"


def test_proving_writes_as_much_as_will_be_written_and_leaves_nothing(folder: Path) -> None:
    written: list[int] = []

    def look(effect: str) -> None:
        if effect == "credential.rename":
            written.extend(leftover.stat().st_size for leftover in folder.glob(".probe.*.tmp"))

    FileStore(folder, fault_hook=look).prove(1234)

    assert written == [1234]
    assert list(folder.iterdir()) == []


def test_a_file_that_is_no_text_is_damaged(folder: Path) -> None:
    store = FileStore(folder)
    store.put("a", "1")
    (folder / "a").write_bytes(b"\xff\xfe")

    with pytest.raises(StateDamaged, match="is not text"):
        store.get("a")


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "a\0b", "a b", "a\nb"])
def test_a_name_can_not_leave_the_folder(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="can't be the name of a credential"):
        FileStore(folder).put(name, "1")
