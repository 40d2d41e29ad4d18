"""A folder of the previous format, with an archive and packed years, is converted with everything that it knew.

``with_archive`` was written by the previous version; ``expected.json`` has that version's answers about it.
"""

import errno
import gzip
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exactsend.errors import LedgerError, StateDamaged
from exactsend.ledger.snapshot import read as read_snapshot
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from exactsend.system.durable_files import no_fault
from tests.ledger.ledgers import at_effect, note, open_ledger

CASE = Path(__file__).parent / "with_archive"
EXPECTED: dict[str, Any] = json.loads((CASE / "expected.json").read_text())
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """A copy of the folder, closed to others: version control keeps no such modes."""
    folder = tmp_path / "1234567"
    shutil.copytree(CASE / "1234567", folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


def names_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names_of(folder)}


def assert_records(ledger: Ledger | LedgerView) -> None:
    for section, records in EXPECTED["records"].items():
        assert dict(ledger.items(section)) == records
        assert dict(ledger.stream(section)) == records
        assert [key for key, _ in ledger.recent(section)] == EXPECTED["recent"][section]
        for key, record in records.items():
            assert ledger.get(section, key) == record
    assert ledger.get("incoming", "i-3") is None
    for number, keys in EXPECTED["numbers"].items():
        assert [key for key, _ in ledger.with_numbers("deliveries", [number])] == keys


def assert_answers(view: LedgerView) -> None:
    assert_records(view)
    assert [[event.seq, event.name] for event in view.events()] == EXPECTED["events"]
    assert [event.seq for event in view.events(since=NEW_YEAR)] == EXPECTED["since_2026"]
    for key, seqs in EXPECTED["events_of"].items():
        assert [event.seq for event in view.events_of([("deliveries", key)])] == seqs


def test_a_run_converts_it_and_everything_is_known(previous: Path) -> None:
    with open_ledger(previous) as ledger:
        assert_records(ledger)

    assert names_of(previous) == [
        "README.txt",
        "history/2025.jsonl",
        "history/2026.jsonl",
        "index.sqlite",
        "journal.jsonl",
        "ledger.json",
    ]
    assert json.loads((previous / "ledger.json").read_bytes())["version"] == 4
    assert_answers(LedgerView.read(previous))
    assert verify(previous) == []
    with open_ledger(previous) as ledger:
        assert_records(ledger)
        note(ledger, "next")
        ledger.fold(())
    assert (
        LedgerView.read(previous).get("deliveries", "delivery-2")
        == EXPECTED["records"]["deliveries"]["delivery-2"]
    )


def test_without_the_index_it_is_known_too(previous: Path) -> None:
    open_ledger(previous).close()
    (previous / "index.sqlite").unlink()

    assert_answers(LedgerView.read(previous))


def test_a_view_answers_and_leaves_it_as_it_is(previous: Path) -> None:
    before = contents(previous)

    assert_answers(LedgerView.read(previous))
    assert verify(previous) == []
    assert contents(previous) == before


def test_a_conversion_that_dies_anywhere_begins_again(previous: Path, tmp_path: Path) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def killed(_name: str) -> None:
        raise Killed

    for number in range(1, 100):
        folder = tmp_path / str(number) / "1234567"
        shutil.copytree(previous, folder)
        (folder / "history" / "2025.jsonl").touch(0o600)  # what an unpacking that died might have left
        try:
            open_ledger(folder, fault_hook=at_effect(number, killed)).close()
        except Killed:
            assert_answers(LedgerView.read(folder))
            open_ledger(folder).close()
            assert_answers(LedgerView.read(folder))
            assert not (folder / "archive").exists()
            assert verify(folder) == []
        else:
            assert number > 10
            return


def test_a_disk_that_is_full_stops_the_run_and_loses_nothing(previous: Path) -> None:
    def full(name: str) -> None:
        if name == "snapshot.write":
            raise OSError(errno.ENOSPC, "refused by the test")

    with pytest.raises(LedgerError, match="no space is left"):
        open_ledger(previous, fault_hook=full)

    assert_answers(LedgerView.read(previous))
    open_ledger(previous, fault_hook=no_fault).close()
    assert_answers(LedgerView.read(previous))


@pytest.mark.parametrize("year", ["2025.jsonl.gz", "2026.jsonl"])
def test_records_whose_events_are_gone_get_an_event(previous: Path, year: str) -> None:
    """Somebody deleted a year, which the previous version did not miss."""
    (previous / "history" / year).unlink()

    with open_ledger(previous) as ledger:
        for section, records in EXPECTED["records"].items():
            assert dict(ledger.items(section)) == records
            for key, record in records.items():
                assert ledger.get(section, key) == record
        assert ledger.get("deliveries", "never there") is None
        note(ledger, "next")
        ledger.fold([("deliveries", "delivery-2")])

    view = LedgerView.read(previous)
    assert "ledger_converted" in [event.name for event in view.events()]
    assert view.get("deliveries", "delivery-2") == EXPECTED["records"]["deliveries"]["delivery-2"]
    assert "delivery-2" not in read_snapshot(previous / "ledger.json").sections["deliveries"]
    assert view.get("deliveries", "never there") is None
    assert verify(previous) == []


def test_a_plain_year_next_to_its_packed_one_is_read_once(previous: Path) -> None:
    """As the previous version left it when it died between packing a year and deleting the plain file."""
    packed = previous / "history" / "2025.jsonl.gz"
    plain = previous / "history" / "2025.jsonl"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    plain.chmod(0o600)

    open_ledger(previous).close()

    assert_answers(LedgerView.read(previous))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "history/2025.jsonl.gz": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "archive/2025.jsonl.gz": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "archive/2026.jsonl.gz": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_refused_and_nothing_is_deleted(previous: Path, name: str) -> None:
    DAMAGES[name](previous / name)

    with pytest.raises(StateDamaged, match=name) as run:
        open_ledger(previous)
    with pytest.raises(StateDamaged, match=f"{previous}/{name}"):
        LedgerView.read(previous)

    assert "restore the whole folder" in run.value.hint
    assert [fault.message for fault in verify(previous)] == [
        f"{previous}/{name} is damaged: it is not what was written"
    ]
    assert (previous / "archive").exists()
