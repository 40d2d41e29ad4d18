"""The index finds events and records without reading the rest of the history, and nothing depends on it."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import StateDamaged
from exactsend.ledger import history, index
from exactsend.ledger.journal import Event
from exactsend.ledger.snapshot import HistoryExtent
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import NOW, note, notes, open_ledger

A_YEAR = timedelta(days=366)
NAMES = [f"delivery-{number:02}" for number in range(60)]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index follows at every fold."""
    monkeypatch.setattr(history, "STEP", 1)


@pytest.fixture
def indexed(folder: Path) -> Path:
    """A folder with 60 deliveries of two years and an index of them."""
    with open_ledger(folder) as ledger:
        add(ledger, range(30))
    with open_ledger(folder, clock=lambda: NOW + A_YEAR) as ledger:
        add(ledger, range(30, 60))
    return folder


def add(ledger: Ledger, numbers: range) -> None:
    for number in numbers:
        note(ledger, f"delivery-{number:02}")
    ledger.fold()


def index_of(folder: Path) -> Path:
    return folder / "index.sqlite"


def events_of(folder: Path, name: str) -> list[str]:
    return [event.name for event in LedgerView.read(folder).events_of([("deliveries", name)])]


def assert_all_are_found(folder: Path) -> None:
    for name in NAMES:
        assert events_of(folder, name) == [name]


def test_the_events_of_a_record_are_found_without_reading_the_others(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    event_at = history.event_at

    def counted(path: Path, descriptor: int, start: int, length: int) -> Event:
        event = event_at(path, descriptor, start, length)
        read.append(event.name)
        return event

    monkeypatch.setattr(history, "event_at", counted)

    assert events_of(indexed, "delivery-40") == ["delivery-40"]
    assert events_of(indexed, "delivery-02") == ["delivery-02"]
    assert read == ["delivery-40", "delivery-02"]


def test_the_index_has_no_word_of_any_record(indexed: Path) -> None:
    assert index_of(indexed).stat().st_size > 0
    assert b"delivery" not in index_of(indexed).read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_an_index_that_is_of_no_use_costs_only_time(indexed: Path, content: bytes | None) -> None:
    whole = index_of(indexed).read_bytes()
    index_of(indexed).unlink()
    if content is not None:
        index_of(indexed).touch(0o600)
        index_of(indexed).write_bytes(content)
    assert_all_are_found(indexed)

    with open_ledger(indexed, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "another")
        ledger.fold()

    assert len(index_of(indexed).read_bytes()) >= len(whole)
    assert verify(indexed) == []
    assert_all_are_found(indexed)


def test_an_index_of_another_ledger_is_not_believed(indexed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for years in (0, 1):
        with open_ledger(other, clock=lambda years=years: NOW + years * A_YEAR) as ledger:  # type: ignore[misc]  # bound early
            add(ledger, range(60 + 30 * years, 90 + 30 * years))
    index_of(indexed).write_bytes(index_of(other).read_bytes())

    assert_all_are_found(indexed)
    assert verify(indexed) == []


@pytest.mark.parametrize("loss", ["DELETE FROM events WHERE seq = 3", "DELETE FROM puts WHERE seq = 3"])
def test_verify_reports_an_index_that_lacks_something(indexed: Path, loss: str) -> None:
    with closing(sqlite3.connect(index_of(indexed))) as connection, connection:
        connection.execute(loss)

    (fault,) = verify(indexed)

    assert "index.sqlite does not find what the history has" in fault.message
    assert "Delete this one file" in fault.hint
    index_of(indexed).unlink()
    assert verify(indexed) == []


def test_a_full_disk_leaves_the_index_behind_and_stops_nothing(indexed: Path) -> None:
    def full(name: str) -> None:
        if name == "index.commit":
            raise sqlite3.OperationalError("database or disk is full")

    before = index_of(indexed).read_bytes()
    with open_ledger(indexed, fault_hook=full, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "late")
        ledger.fold()

    assert index_of(indexed).read_bytes() == before
    assert_all_are_found(indexed)
    assert events_of(indexed, "late") == ["late"]


def test_an_index_that_is_behind_is_completed_in_memory(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    before = index_of(indexed).read_bytes()
    with open_ledger(indexed, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "new")
        ledger.fold()

    assert index_of(indexed).read_bytes() == before
    assert events_of(indexed, "new") == ["new"]
    assert_all_are_found(indexed)


def test_what_happened_lately_is_read_without_what_was_before(folder: Path) -> None:
    with open_ledger(folder, clock=lambda: NOW - timedelta(days=9)) as ledger:
        add(ledger, range(30))
    with open_ledger(folder) as ledger:
        add(ledger, range(30, 33))
    path = folder / "history" / "2026.jsonl"
    content = path.read_bytes()
    path.write_bytes(b"#" * 1_000 + content[1_000:])

    found = [event.name for event in LedgerView.read(folder).events(since=NOW)]

    assert found == ["delivery-30", "delivery-31", "delivery-32"]


def test_a_short_history_needs_no_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with open_ledger(folder) as ledger:
        add(ledger, range(3))

    assert not index_of(folder).exists()
    assert events_of(folder, "delivery-02") == ["delivery-02"]


def test_an_index_that_is_made_again_is_closed_to_others(indexed: Path) -> None:
    index_of(indexed).unlink()
    mask = os.umask(0)
    try:
        index.update(indexed, HistoryExtent(seq=60), fault_hook=lambda _name: None)
    finally:
        os.umask(mask)

    assert index_of(indexed).stat().st_mode & 0o777 == 0o600


# ── years ────────────────────────────────────────────────────────────────────────────────────────


def test_each_year_has_a_file_and_every_event_is_found_once(indexed: Path) -> None:
    assert sorted(path.name for path in (indexed / "history").iterdir()) == ["2026.jsonl", "2027.jsonl"]
    assert notes(indexed) == NAMES
    assert verify(indexed) == []


def test_a_clock_that_was_set_back_adds_to_the_year_before(indexed: Path) -> None:
    with open_ledger(indexed) as ledger:
        note(ledger, "late")
        ledger.fold()

    assert b'"late"' in (indexed / "history" / "2026.jsonl").read_bytes()
    assert notes(indexed) == [*NAMES, "late"]
    assert events_of(indexed, "late") == ["late"]
    assert verify(indexed) == []


def test_a_lost_snapshot_is_made_again_from_all_years(indexed: Path) -> None:
    for name in ("ledger.json", "ledger.json.1"):
        (indexed / name).unlink()

    assert notes(indexed) == NAMES
    open_ledger(indexed).close()


DAMAGES: list[Callable[[bytes], bytes]] = [lambda content: content[:-1], lambda content: content[:300]]


@pytest.mark.parametrize("damage", DAMAGES, ids=["its last byte", "most of it"])
def test_a_year_that_is_needed_and_damaged_stops_a_run(
    indexed: Path, damage: Callable[[bytes], bytes]
) -> None:
    """An older snapshot was put back by hand: what happened since then is in the damaged year."""
    (indexed / "ledger.json").write_bytes((indexed / "ledger.json.1").read_bytes())
    with open_ledger(indexed, clock=lambda: NOW + 2 * A_YEAR) as ledger:
        add(ledger, range(60, 61))
    (indexed / "ledger.json").unlink()
    (indexed / "ledger.json.1").unlink()
    path = indexed / "history" / "2027.jsonl"
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(StateDamaged, match="those between are missing"):
        open_ledger(indexed)


def test_a_year_that_is_damaged_stays_as_it_is_and_stops_no_run(indexed: Path) -> None:
    path = indexed / "history" / "2026.jsonl"
    damaged = path.read_bytes().replace(b'"run1"', b'"runX"', 1)
    path.write_bytes(damaged)

    with open_ledger(indexed, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "c")
        ledger.fold()

    assert path.read_bytes() == damaged
    assert "checksum" in verify(indexed)[0].message
