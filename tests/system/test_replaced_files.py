"""The file that is about to replace another one: who else may write into the folder gains nothing by it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from exactsend.cli.output_files import save
from exactsend.system import durable_files
from exactsend.system.durable_files import create_next_to, leftovers, replace_atomically

Replace = Callable[[Path], None]

REPLACEMENTS: list[Replace] = [
    lambda path: durable_files.replace(path, b"new", name="file"),
    lambda path: durable_files.replace(path, [b"n", b"ew"], name="file"),
    lambda path: replace_atomically(path, "new"),
    lambda path: save(path, b"new", overwrite=True),
]
"""Every way in which the program replaces a file."""
NAMES = ["ledger", "ledger, by pieces", "metrics and report", "downloads"]


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of ours that somebody would like to have written over."""
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


@pytest.mark.parametrize("replace", REPLACEMENTS, ids=NAMES)
def test_a_link_that_was_laid_out_under_the_new_files_name_is_not_followed(
    tmp_path: Path, victim: Path, replace: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_files, "token_hex", lambda size: "ab" * size)
    folder = tmp_path / "open to all"
    folder.mkdir()
    trap = folder / ".file.abababababababab.tmp"
    trap.symlink_to(victim)

    with pytest.raises(Exception, match="File exists"):
        replace(folder / "file")

    assert victim.read_text() == "precious"


@pytest.mark.parametrize("replace", REPLACEMENTS, ids=NAMES)
def test_the_names_of_former_versions_are_not_written_through(
    tmp_path: Path, victim: Path, replace: Replace
) -> None:
    for name in ("file.tmp", f".file.{os.getpid()}"):
        (tmp_path / name).symlink_to(victim)

    replace(tmp_path / "file")

    assert (tmp_path / "file").read_text() == "new"
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("replace", REPLACEMENTS, ids=NAMES)
def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path, victim: Path, replace: Replace) -> None:
    (tmp_path / "file").symlink_to(victim)

    replace(tmp_path / "file")

    assert (tmp_path / "file").read_text() == "new"
    assert not (tmp_path / "file").is_symlink()
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("replace", REPLACEMENTS, ids=NAMES)
def test_nothing_is_left_beside_it(tmp_path: Path, replace: Replace) -> None:
    replace(tmp_path / "file")
    replace(tmp_path / "file")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_two_names_are_never_the_same(tmp_path: Path) -> None:
    made = [create_next_to(tmp_path / "file", 0o600) for _ in range(3)]
    for _, descriptor in made:
        os.close(descriptor)

    assert len({path for path, _ in made}) == 3
    assert {*leftovers(tmp_path / "file")} == {path for path, _ in made}


def test_what_died_long_ago_is_removed_and_what_may_be_in_use_is_not(tmp_path: Path) -> None:
    old, young, anothers = (
        tmp_path / f".{name}.tmp" for name in ("file." + "a" * 16, "file." + "b" * 16, "else." + "c" * 16)
    )
    for path in (old, young, anothers):
        path.touch()
    for path in (old, anothers):
        os.utime(path, (0, 0))

    replace_atomically(tmp_path / "file", "new")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([young.name, anothers.name, "file"])


def test_nobody_else_may_write_a_new_file_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        replace_atomically(tmp_path / "report.html", "new")
        replace_atomically(tmp_path / "report.html", "newer")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o644
