"""A process that is killed before each of its effects on the disk in turn: nothing is lost, nothing doubled."""

import resource
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

from exactsend.ledger.store import LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import note, notes, open_ledger

RUN = Path(__file__).with_name("dying_run.py")


def run_until(folder: Path, deadly: int) -> tuple[list[str], bool]:
    """What the run had recorded when it died, and whether it died at all."""
    ended = subprocess.run(
        [sys.executable, "-I", RUN, folder, str(deadly)], stdout=subprocess.PIPE, text=True, check=False
    )
    assert ended.returncode in (0, -signal.SIGKILL)
    return ended.stdout.split(), ended.returncode != 0


def test_a_run_killed_at_any_effect_loses_and_doubles_nothing(tmp_path: Path) -> None:
    for deadly in count(1):
        folder = tmp_path / str(deadly)
        recorded, died = run_until(folder, deadly)
        found = notes(folder)

        # The event that it was about to record may be there already; it may not be missing once record returned.
        assert found[: len(recorded)] == recorded
        assert len(found) <= len(recorded) + 1
        assert_goes_on(folder, found)
        if not died:
            assert recorded == ["a", "b", "c", "d", "e"]
            assert deadly > 50
            assert [key for key, _ in LedgerView.read(folder).recent("deliveries")] == ["e", "next"]
            return


def assert_goes_on(folder: Path, found: list[str]) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "next")
        ledger.fold()
    assert notes(folder) == [*found, "next"]
    assert verify(folder) == []


def test_a_journal_cut_at_any_byte_keeps_every_whole_event(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        first = (folder / "journal.jsonl").stat().st_size
        note(ledger, "b")
    whole = (folder / "journal.jsonl").read_bytes()

    for length in range(first, len(whole)):
        (folder / "journal.jsonl").write_bytes(whole[:length])
        assert notes(folder) == ["a"]
        open_ledger(folder).close()
        assert (folder / "journal.jsonl").read_bytes() == whole[:first]


def test_a_line_that_the_disk_took_only_in_part_is_repaired(folder: Path) -> None:
    """The system writes what fits and refuses the rest: here the limit for the size of a file."""
    with open_ledger(folder) as ledger:
        note(ledger, "a")
    limit = (folder / "journal.jsonl").stat().st_size + 20
    ended = subprocess.run(
        [sys.executable, "-I", RUN, folder, "0"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert "LedgerError" in ended.stderr
    assert (folder / "journal.jsonl").stat().st_size == limit
    assert_goes_on(folder, ["a"])
