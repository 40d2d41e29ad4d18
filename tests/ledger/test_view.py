"""Reading without the lock, while a run may be working."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import LedgerError, StateDamaged
from exactsend.ledger import journal, snapshot
from exactsend.ledger.store import LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import NOW, note, notes, open_ledger, records_of

BUSY = """
import itertools, sys
from datetime import datetime, UTC
from pathlib import Path
from exactsend.ledger.store import Ledger
with Ledger.open(Path(sys.argv[1]), run_id="busy", clock=lambda: datetime(2026, 11, 23, tzinfo=UTC), program="t") as ledger:
    for number in itertools.count(1):
        ledger.record("n", puts=[("numbers", "last", {"n": number}), ("numbers", str(number), {})])
        if number % 3 == 0:
            ledger.fold()
        if number == 10:
            print("working", flush=True)
"""


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_a_folder_there_is_nothing(folder: Path) -> None:
    view = LedgerView.read(folder)

    assert view.get("deliveries", "a") is None
    assert not list(view.items("deliveries"))
    assert not list(view.events())
    assert not verify(folder)
    assert not folder.exists()


def test_a_torn_line_is_passed_over_and_left_there(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq":2,"at"')
    before = contents(folder)

    assert notes(folder) == ["a"]
    assert contents(folder) == before


def test_a_view_keeps_its_moment(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        view = LedgerView.read(folder)
        note(ledger, "b")
        ledger.fold()

        assert [event.name for event in view.events()] == ["a"]
        assert view.get("deliveries", "b") is None


def test_the_log_can_begin_at_a_moment(folder: Path) -> None:
    days = iter([NOW - timedelta(days=400), NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)])
    with open_ledger(folder, clock=lambda: next(days)) as ledger:
        for name in ("a", "b", "c"):
            note(ledger, name)
        ledger.fold()
        note(ledger, "d")

    assert [event.name for event in LedgerView.read(folder).events(since=NOW)] == ["c", "d"]


def test_a_year_before_that_moment_is_not_even_read(folder: Path) -> None:
    days = iter([NOW - timedelta(days=400), NOW])
    with open_ledger(folder, clock=lambda: next(days)) as ledger:
        note(ledger, "a")
        note(ledger, "b")
        ledger.fold()
    old = folder / "history" / "2025.jsonl"
    old.write_bytes(b"damaged\n" + old.read_bytes())

    with pytest.raises(StateDamaged, match="line 1 is not an event"):
        list(LedgerView.read(folder).events())
    assert [event.name for event in LedgerView.read(folder).events(since=NOW)] == ["b"]


def test_events_can_be_asked_for_by_name_from_history_and_journal(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        for name in ("bought", "run_ended", "bought_again"):
            ledger.record(name, facts={"text": '"event":"bought"'})
        ledger.fold()
        ledger.record("bought")
        ledger.record("run_ended")

        found = [
            (event.seq, event.name) for event in LedgerView.read(folder).events(names=("bought", "failed"))
        ]

    assert found == [(1, "bought"), (4, "bought")]


def test_those_that_were_not_asked_for_are_not_even_read(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        for name in ("bought", "run_ended", "bought"):
            ledger.record(name)
        ledger.fold()
    (year,) = (folder / "history").iterdir()
    year.write_bytes(year.read_bytes().replace(b'"run_ended","subject"', b'"run_ended","SUBJECT"'))
    view = LedgerView.read(folder)

    assert [event.seq for event in view.events(names=("bought",))] == [1, 3]
    with pytest.raises(StateDamaged):
        list(view.events())


def test_a_view_of_a_busy_ledger_is_always_whole(folder: Path) -> None:
    """The writer folds at every third event: each view has all numbers up to its last, in records and in the log."""
    command = [sys.executable, "-I", "-c", BUSY, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "working\n"
        reached = [assert_whole(LedgerView.read(folder)) for _ in range(60)]
        writer.kill()

    assert reached == sorted(reached)
    assert reached[0] < reached[-1]
    assert writer.returncode == -9
    assert verify(folder) == []


def assert_whole(view: LedgerView) -> int:
    last = dict(view.items("numbers"))["last"]["n"]
    assert isinstance(last, int)
    assert len(list(view.items("numbers"))) == last + 1
    assert [event.seq for event in view.events()] == list(range(1, last + 1))
    return last


def test_events_that_a_run_folds_between_two_looks_are_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot has been read without them, the journal is empty by now: they stand in the history."""
    read = journal.read
    with open_ledger(folder) as ledger:
        note(ledger, "a")

        def folded_before(path: Path, *, gapless: bool = False) -> Iterator[journal.Line]:
            monkeypatch.undo()
            ledger.fold()
            return read(path, gapless=gapless)

        monkeypatch.setattr(journal, "read", folded_before)
        view = LedgerView.read(folder)

    assert view.get("deliveries", "a") == {"state": "a"}
    assert [event.name for event in view.events()] == ["a"]


def test_a_folder_that_looks_damaged_while_a_run_folds_is_read_once_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
    whole = (folder / "ledger.json").read_bytes()
    (folder / "ledger.json").write_bytes(whole[:50])
    read = snapshot.read

    def heals(path: Path) -> snapshot.Records:
        try:
            return read(path)
        finally:
            path.write_bytes(whole)

    monkeypatch.setattr(snapshot, "read", heals)
    assert records_of(folder, "deliveries") == {"a": {"state": "a"}}


def test_damage_that_stays_is_told(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
    (folder / "ledger.json").write_text("{}")

    with pytest.raises(StateDamaged, match=r"ledger\.json is damaged"):
        LedgerView.read(folder)


def test_a_state_folder_that_is_a_file_is_a_ledger_error(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("")

    with pytest.raises(LedgerError):
        open_ledger(folder)


def of(*names: str) -> list[tuple[str, str]]:
    return [("deliveries", name) for name in names]


def test_the_events_of_a_record_are_found_in_history_and_journal(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        for name in ("a", "b\u00e9", "c"):
            note(ledger, name)
        ledger.record("names it only", facts={"delivery": "b\u00e9"}, puts=[("incoming", "b\u00e9", {})])
        ledger.fold()
        ledger.record("b\u00e9 again", puts=[("deliveries", "b\u00e9", None)])

    found = LedgerView.read(folder).events_of(of("b\u00e9"))

    assert [event.name for event in found] == ["b\u00e9", "b\u00e9 again"]


def test_what_names_nothing_asked_for_is_not_read_from_the_past(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "delivery-1")
        note(ledger, "delivery-2")
        ledger.fold()
    (year,) = (folder / "history").iterdir()
    lines = year.read_bytes().splitlines(keepends=True)
    year.write_bytes(lines[0].replace(b"run1", b"run2") + lines[1])

    assert [event.name for event in LedgerView.read(folder).events_of(of("delivery-2"))] == ["delivery-2"]
    with pytest.raises(StateDamaged):
        list(LedgerView.read(folder).events_of(of("delivery-1")))
