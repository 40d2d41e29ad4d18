"""What is asked of the disk, and in which order."""

import os
import re
from pathlib import Path

import pytest

from exactsend.errors import LedgerError
from exactsend.system import durable_files
from tests.ledger.ledgers import note, open_ledger


@pytest.fixture
def effects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The real calls that change the disk, in their order: what, and on which file."""
    seen: list[str] = []
    write, fsync, rename = os.write, os.fsync, Path.replace

    def plain(name: str) -> str:
        """The name of a temporary file without what is random in it."""
        return re.sub(r"[0-9a-f]{16}", "RANDOM", name)

    def file_of(descriptor: int) -> str:
        return plain(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    def seen_write(descriptor: int, content: memoryview) -> int:
        seen.append(f"write {file_of(descriptor)}")
        return write(descriptor, content)

    def seen_fsync(descriptor: int) -> None:
        seen.append(f"fsync {file_of(descriptor)}")
        fsync(descriptor)

    def seen_rename(source: Path, target: Path) -> Path:
        seen.append(f"rename {plain(source.name)} {target.name}")
        return rename(source, target)

    monkeypatch.setattr(os, "write", seen_write)
    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_rename)
    return seen


def test_an_event_is_written_and_fsynced(folder: Path, effects: list[str]) -> None:
    with open_ledger(folder) as ledger:
        effects.clear()
        note(ledger, "a")

    assert effects == ["write journal.jsonl", "fsync journal.jsonl"]


def test_opening_makes_durable_what_it_found_and_made(folder: Path, effects: list[str]) -> None:
    """The run before may have died between its write and its fsync: nobody may act on what a power cut can take back."""
    open_ledger(folder).close()

    assert effects == [
        "fsync " + name for name in (folder.parents[1].name, "state", "journal.jsonl", "1234567")
    ]


def test_a_fold_makes_each_step_durable_before_the_next(folder: Path, effects: list[str]) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        effects.clear()
        ledger.fold()

    assert effects == [
        "fsync 1234567",
        "fsync 2026.jsonl",
        "fsync history",
        "write 2026.jsonl",
        "fsync 2026.jsonl",
        "write .ledger.json.RANDOM.tmp",
        "fsync .ledger.json.RANDOM.tmp",
        "rename .ledger.json.RANDOM.tmp ledger.json",
        "fsync 1234567",
        "fsync .journal.jsonl.RANDOM.tmp",
        "rename .journal.jsonl.RANDOM.tmp journal.jsonl",
        "fsync 1234567",
        "fsync journal.jsonl",
        "fsync 1234567",
    ]


def test_what_the_disk_takes_in_pieces_is_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))

    durable_files.replace(tmp_path / "file", b"ten bytes.", name="file")

    assert (tmp_path / "file").read_bytes() == b"ten bytes."


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable_files.replace(path, b"old", name="file")

    def full(effect: str) -> None:
        if effect == "file.fsync":
            raise OSError(28, "No space left on device")

    with pytest.raises(LedgerError, match="no space"):
        durable_files.replace(path, b"new", name="file", fault_hook=full)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_without_a_cure_of_its_own_keeps_the_words_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"gone can't be used: No such file or directory"):
        durable_files.require_private(tmp_path / "gone")


def test_a_sweep_takes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    for name in ("ledger.json", "ledger.json.tmp", ".ledger.json.0123456789abcdef.tmp", "ledger.json.1"):
        (tmp_path / name).touch()

    durable_files.remove_leftovers(tmp_path / "ledger.json")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.json", "ledger.json.1"]
