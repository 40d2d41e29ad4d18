"""What the ledger promises to the run that writes it."""

import errno
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from exactsend.errors import LedgerError
from exactsend.http.messages import Json
from exactsend.ledger.store import LedgerView
from tests.ledger.ledgers import NOW, PROGRAM, failing, note, notes, open_ledger, records_of

REFUSALS = [
    (errno.ENOSPC, "no space is left"),
    (errno.EDQUOT, "quota"),
    (errno.EIO, "reports an error"),
    (errno.EROFS, "read-only"),
    (errno.EACCES, "permission is denied"),
]
FOLDING_EFFECTS = [
    "history.write",
    "history.fsync",
    "snapshot.write",
    "snapshot.fsync",
    "snapshot.keep",
    "snapshot.rename",
    "snapshot.settle",
    "journal.empty.write",
    "journal.empty.fsync",
    "journal.empty.rename",
    "journal.empty.settle",
]


def test_a_record_is_there_after_opening_again(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("bought", subject="d1", puts=[("deliveries", "d1", {"state": "paid"})])

    with open_ledger(folder) as ledger:
        assert ledger.get("deliveries", "d1") == {"state": "paid"}


def test_an_event_is_written_before_record_returns(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "intended")

        (line,) = (folder / "journal.jsonl").read_text().splitlines()

    event = json.loads(line)
    assert event.pop("crc")
    assert event == {
        "seq": 1,
        "at": "2026-11-23T09:00:00Z",
        "run": "run1",
        "event": "intended",
        "subject": None,
        "facts": {},
        "puts": [["deliveries", "intended", {"state": "intended"}]],
    }


def test_one_event_changes_many_records_and_a_none_removes_one(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("x", "1", {"n": 1}), ("x", "2", {"n": 2}), ("y", "1", {})])
        ledger.record("b", puts=[("x", "1", None), ("x", "never there", None)])

        assert list(ledger.items("x")) == [("2", {"n": 2})]
        assert ledger.get("y", "1") == {}
    assert records_of(folder, "x") == {"2": {"n": 2}}


def test_items_come_in_the_order_of_their_keys_and_may_be_recorded_meanwhile(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("x", key, {}) for key in "cab"])

        seen = []
        for key, _ in ledger.items("x"):
            seen.append(key)
            ledger.record("b", puts=[("x", f"{key}2", {})])

    assert seen == ["a", "b", "c"]


def test_what_was_never_recorded_is_none_and_empty(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        assert ledger.get("deliveries", "d1") is None
        assert list(ledger.items("deliveries")) == []


def test_a_record_does_not_change_with_the_object_it_was_made_from(folder: Path) -> None:
    orders: list[Json] = ["4711"]
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("x", "1", {"orders": orders})])
        orders.append("4712")

        assert ledger.get("x", "1") == {"orders": ["4711"]}


def test_what_json_can_not_hold_is_a_bug_and_leaves_the_ledger_usable(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        with pytest.raises(ValueError, match="JSON"):
            ledger.record("a", facts={"price": float("nan")})
        note(ledger, "b")

    assert notes(folder) == ["b"]


def test_a_fold_empties_the_journal_into_the_snapshot_and_the_history(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        note(ledger, "b")
        ledger.fold()

    snapshot = json.loads((folder / "ledger.json").read_text())
    assert (snapshot["version"], snapshot["seq"], snapshot["written_by"]) == (4, 2, PROGRAM)
    assert snapshot["sections"] == {"deliveries": {"a": {"state": "a"}, "b": {"state": "b"}}}
    assert (folder / "journal.jsonl").read_bytes() == b""
    assert len((folder / "history" / "2026.jsonl").read_bytes().splitlines()) == 2


def test_a_ledger_goes_on_after_a_fold(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
        note(ledger, "b")

    assert notes(folder) == ["a", "b"]


def test_folding_without_events_touches_nothing(folder: Path) -> None:
    effects: list[str] = []
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
    with open_ledger(folder, fault_hook=effects.append) as ledger:
        effects.clear()
        ledger.fold()

    assert effects == []


def test_the_snapshot_before_the_last_is_kept(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        for name in ("a", "b", "c"):
            note(ledger, name)
            ledger.fold()

    assert json.loads((folder / "ledger.json.1").read_text())["seq"] == 2


def test_each_event_goes_to_the_history_of_its_year_even_when_the_clock_goes_back(folder: Path) -> None:
    """A clock that is corrected over New Year puts a later event into the earlier year."""
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    times = iter([new_year - timedelta(seconds=1), new_year, new_year - timedelta(seconds=1)])
    with open_ledger(folder, clock=lambda: next(times)) as ledger:
        for name in ("a", "b", "c"):
            note(ledger, name)
        ledger.fold()

    assert [path.name for path in sorted((folder / "history").iterdir())] == ["2026.jsonl", "2027.jsonl"]
    assert len((folder / "history" / "2026.jsonl").read_bytes().splitlines()) == 2
    assert notes(folder) == ["a", "b", "c"]


@pytest.mark.parametrize(("error", "sentence"), REFUSALS)
@pytest.mark.parametrize("effect", ["journal.write", "journal.fsync"])
def test_a_disk_that_refuses_is_a_ledger_error_with_the_file_and_a_cure(
    folder: Path, effect: str, error: int, sentence: str
) -> None:
    open_ledger(folder).close()
    with open_ledger(folder) as ledger:
        ledger._file._fault_hook = failing(effect, error)
        with pytest.raises(LedgerError, match=sentence) as caught:
            note(ledger, "intended")

    assert str(folder / "journal.jsonl") in caught.value.message
    assert caught.value.hint


def test_after_a_failed_write_the_ledger_takes_nothing_more(folder: Path) -> None:
    """An fsync that failed once can succeed the second time although the bytes are gone."""
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger._file._fault_hook = failing("journal.fsync", errno.EIO)
        with pytest.raises(LedgerError, match="disk"):
            note(ledger, "b")
        ledger._file._fault_hook = failing("nothing", 0)

        with pytest.raises(LedgerError, match="nothing more can be written"):
            note(ledger, "c")
        with pytest.raises(LedgerError, match="nothing more can be written"):
            ledger.fold()
        assert ledger.get("deliveries", "b") is None


@pytest.mark.parametrize("effect", FOLDING_EFFECTS)
def test_a_fold_that_fails_anywhere_loses_and_doubles_nothing(folder: Path, effect: str) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
    with open_ledger(folder, fault_hook=failing(effect, errno.ENOSPC)) as ledger:
        note(ledger, "b")
        with pytest.raises(LedgerError, match="no space is left"):
            ledger.fold()

    with open_ledger(folder) as ledger:
        note(ledger, "c")
        ledger.fold()

    assert notes(folder) == ["a", "b", "c"]
    assert not list(folder.glob("*.tmp"))


def test_an_append_costs_the_same_at_any_size(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        small = (folder / "journal.jsonl").stat().st_size
        ledger.record("many", puts=[("x", str(key), {"n": key}) for key in range(10_000)])
        ledger.fold()
        ledger.record("a", puts=[("deliveries", "a", {"state": "a"})])

    assert (folder / "journal.jsonl").stat().st_size < small + 10


def test_the_folder_says_whose_it_is(folder: Path) -> None:
    open_ledger(folder).close()

    told = (folder / "README.txt").read_text()

    assert PROGRAM in told
    assert len(told.splitlines()) == 2


def test_a_closed_ledger_takes_nothing(folder: Path) -> None:
    ledger = open_ledger(folder)
    ledger.close()
    ledger.close()

    with pytest.raises(LedgerError):
        note(ledger, "a")


def test_times_are_written_in_utc(folder: Path) -> None:
    in_amsterdam = timezone(timedelta(hours=1))
    with open_ledger(folder, clock=lambda: NOW.astimezone(in_amsterdam)) as ledger:
        note(ledger, "a")

    (event,) = LedgerView.read(folder).events()
    assert event.at == NOW
    assert event.at.utcoffset() == timedelta(0)


def test_the_report_that_a_run_without_the_lock_is_writing_is_left_alone(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
    being_written = folder / ".last-run.json.0123456789abcdef.tmp"
    being_written.touch()

    with open_ledger(folder):
        assert being_written.exists()
