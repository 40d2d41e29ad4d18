"""Who may look: nobody but the user that exactsend runs as."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from exactsend.errors import LedgerError
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import note, open_ledger

FILES = ["ledger.json", "ledger.json.1", "journal.jsonl", "history", "history/2026.jsonl"]


@pytest.fixture
def used(folder: Path) -> Path:
    """The folder of a ledger that has been folded twice."""
    with open_ledger(folder) as ledger:
        for name in ("a", "b"):
            note(ledger, name)
            ledger.fold()
    return folder


def test_all_that_is_made_is_closed_to_others(used: Path) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (used.parent, used, *used.rglob("*"))}

    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


@pytest.mark.parametrize("opened", [0o040, 0o020, 0o004, 0o002])
def test_a_folder_that_others_may_use_is_refused_with_the_command_that_closes_it(
    used: Path, opened: int
) -> None:
    used.chmod(0o700 | opened)

    with pytest.raises(LedgerError, match="other users may") as caught:
        open_ledger(used)

    assert caught.value.hint == f"Close it: chmod 700 {used}"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_others_may_read_is_refused_and_found_by_verify(used: Path, name: str) -> None:
    path = used / name
    path.chmod(path.stat().st_mode | stat.S_IROTH)

    with pytest.raises(LedgerError, match=str(path)):
        open_ledger(used)

    assert [finding.message for finding in verify(used)] == [f"other users may read or change {path}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_is_not_told_to_take_away_what_the_timers_user_owns(used: Path) -> None:
    shutil.chown(used / "journal.jsonl", user=12345)

    with pytest.raises(LedgerError, match="belongs to the user 12345") as caught:
        open_ledger(used)

    assert caught.value.hint == "Run exactsend as 12345"


def test_a_path_with_a_blank_is_quoted_in_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "my state"
    folder.mkdir(mode=0o755)

    with pytest.raises(LedgerError) as caught:
        open_ledger(folder)

    assert caught.value.hint == f"Close it: chmod 700 '{folder}'"


def test_folders_above_that_exist_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    open_ledger(tmp_path / "state" / "1").close()

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
