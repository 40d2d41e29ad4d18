"""Years that are over are packed, and every event is found exactly once however that ends."""

import errno
import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import LedgerError, StateDamaged
from exactsend.ledger import history, history_file
from exactsend.ledger.journal import Event
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from exactsend.system.durable_files import untapped
from tests.ledger.ledgers import NOW, failing, note, notes, open_ledger, records_of

A_YEAR = timedelta(days=366)
PACKING = [
    "history.pack.write",
    "history.pack.fsync",
    "history.pack.rename",
    "history.pack.settle",
    "history.packed.remove",
]


def note_in_year(folder: Path, name: str, years: int) -> None:
    with open_ledger(folder, clock=lambda: NOW + years * A_YEAR) as ledger:
        note(ledger, name)
        ledger.fold(())


@pytest.fixture
def two_years(folder: Path) -> Path:
    """A folder with "a" and "b" in 2026, and nothing folded since."""
    for name in "ab":
        note_in_year(folder, name, 0)
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "history").glob("*.jsonl*"))


def test_a_year_is_packed_in_the_next_one(two_years: Path) -> None:
    assert files(two_years) == ["2026.jsonl"]

    note_in_year(two_years, "c", 1)

    assert files(two_years) == ["2026.jsonl.gz", "2027.jsonl"]
    assert notes(two_years) == ["a", "b", "c"]
    assert verify(two_years) == []


def test_a_packed_year_is_read_with_common_tools_and_is_closed_to_others(two_years: Path) -> None:
    before = (two_years / "history" / "2026.jsonl").read_bytes()

    note_in_year(two_years, "c", 1)

    packed = two_years / "history" / "2026.jsonl.gz"
    assert gzip.decompress(packed.read_bytes()) == before
    assert packed.stat().st_mode & 0o777 == 0o600


def test_no_more_than_once_a_day_it_is_looked_for_years_that_are_over(two_years: Path) -> None:
    with open_ledger(two_years, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "c")
        ledger.fold()

    assert files(two_years) == ["2026.jsonl", "2027.jsonl"]


def test_a_line_that_was_cut_short_is_not_packed_away(two_years: Path) -> None:
    path = two_years / "history" / "2026.jsonl"
    path.write_bytes(path.read_bytes() + b'{"seq":3,"at"')
    before = path.read_bytes()

    note_in_year(two_years, "c", 1)

    assert path.read_bytes() == before


@pytest.mark.parametrize("effect", PACKING)
def test_a_packing_that_fails_anywhere_loses_and_doubles_nothing(two_years: Path, effect: str) -> None:
    with open_ledger(two_years, clock=lambda: NOW + A_YEAR, tap=failing(effect, errno.ENOSPC)) as ledger:
        note(ledger, "c")
        with pytest.raises(LedgerError, match="no space is left"):
            ledger.fold(())
    assert notes(two_years) == ["a", "b", "c"]

    note_in_year(two_years, "d", 1)

    assert notes(two_years) == ["a", "b", "c", "d"]
    assert files(two_years) == ["2026.jsonl.gz", "2027.jsonl"]
    assert not list(two_years.rglob("*.tmp"))
    assert verify(two_years) == []


def test_what_a_clock_that_was_set_back_adds_to_a_packed_year_is_packed_with_it(two_years: Path) -> None:
    note_in_year(two_years, "c", 1)
    note_in_year(two_years, "d", 0)
    assert files(two_years) == ["2026.jsonl", "2026.jsonl.gz", "2027.jsonl"]
    assert notes(two_years) == ["a", "b", "c", "d"]

    note_in_year(two_years, "e", 1)

    assert files(two_years) == ["2026.jsonl.gz", "2027.jsonl"]
    assert notes(two_years) == ["a", "b", "c", "d", "e"]
    assert verify(two_years) == []


def test_a_year_that_is_damaged_stays_as_it_is_and_stops_no_run(two_years: Path) -> None:
    path = two_years / "history" / "2026.jsonl"
    damaged = path.read_bytes().replace(b'"run1"', b'"runX"', 1)
    path.write_bytes(damaged)

    note_in_year(two_years, "c", 1)

    assert path.read_bytes() == damaged
    assert files(two_years) == ["2026.jsonl", "2027.jsonl"]
    assert "checksum" in verify(two_years)[0].message


def test_a_copy_that_the_disk_does_not_give_back_takes_no_place(
    two_years: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (two_years / "history" / "2026.jsonl").read_bytes()
    monkeypatch.setattr("exactsend.system.durable_files._checksum_of", lambda _path: 0)

    with pytest.raises(LedgerError, match="does not read as it was written"):
        note_in_year(two_years, "c", 1)

    assert (two_years / "history" / "2026.jsonl").read_bytes() == before
    assert notes(two_years) == ["a", "b", "c"]


def test_no_changed_byte_of_a_packed_year_is_believed(two_years: Path) -> None:
    """What can't be noticed when it is read changes nothing: flags, time and system in the header of gzip."""
    note_in_year(two_years, "c", 1)
    path = two_years / "history" / "2026.jsonl.gz"
    content = path.read_bytes()

    for place in set(range(len(content))) - set(range(3, 10)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(StateDamaged):
            list(LedgerView.read(two_years).events())
        assert verify(two_years)


def test_a_packed_year_that_was_cut_short_is_damaged(two_years: Path) -> None:
    note_in_year(two_years, "c", 1)
    path = two_years / "history" / "2026.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(StateDamaged, match=r"2026\.jsonl\.gz is damaged"):
        list(LedgerView.read(two_years).events())


DAMAGES = [
    lambda _content: b"",
    lambda content: content[:-1],
    lambda content: b"x" * len(content),
    lambda content: content[5:],
]


@pytest.mark.parametrize(
    "damage", DAMAGES, ids=["emptied", "cut short", "written over", "its beginning lost"]
)
def test_a_packed_year_that_is_damaged_stops_no_run_and_verify_names_it(
    two_years: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    note_in_year(two_years, "c", 1)
    path = two_years / "history" / "2026.jsonl.gz"
    path.write_bytes(damage(path.read_bytes()))

    note_in_year(two_years, "d", 1)
    note_in_year(two_years, "e", 0)  # a clock that is set back adds to that very year
    note_in_year(two_years, "f", 1)

    assert list(records_of(two_years, "deliveries")) == ["a", "b", "c", "d", "e", "f"]
    assert "2026.jsonl.gz is damaged" in verify(two_years)[0].message
    assert [record.levelname for record in caplog.records if "2026.jsonl.gz" in record.getMessage()]


def test_a_packed_year_that_is_damaged_and_needed_is_not_done_without(two_years: Path) -> None:
    """An older snapshot was put back by hand: what happened since then stands in the damaged year."""
    older = (two_years / "ledger.json.1").read_bytes()
    note_in_year(two_years, "c", 1)
    (two_years / "ledger.json").write_bytes(older)
    path = two_years / "history" / "2026.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(StateDamaged, match="what was between is missing"):
        open_ledger(two_years)


def test_a_lost_snapshot_is_made_anew_from_packed_years_too(two_years: Path) -> None:
    note_in_year(two_years, "c", 1)
    for name in ("ledger.json", "ledger.json.1"):
        (two_years / name).unlink()

    assert notes(two_years) == ["a", "b", "c"]
    open_ledger(two_years).close()


def test_a_program_that_knows_of_no_packed_years_refuses_them(two_years: Path) -> None:
    def version() -> int:
        found: dict[str, int] = json.loads((two_years / "ledger.json").read_bytes())
        return found["version"]

    assert version() == 1
    note_in_year(two_years, "c", 1)
    assert version() == 3


@pytest.mark.parametrize("pieces", [1, 50, 4_000])
def test_the_end_of_a_packed_year_is_found_whatever_its_size(
    folder: Path, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_file, "PACKED_CHUNK", 20_000)
    with open_ledger(folder) as ledger:
        for number in range(pieces):
            ledger.record(
                "many", facts={"n": number}, puts=[("x", str(key), {}) for key in range(number % 40)]
            )
        ledger.fold(())
    path = folder / "history" / "2026.jsonl"
    end = history_file.tail(path)

    history_file.pack(path, untapped)

    assert history_file.tail(history_file.packed_beside(path)).seq == end.seq == pieces
    assert history_file.tail(path).seq == pieces, "asked of the file that it took the place of"


def test_a_year_that_is_packed_between_two_looks_is_read_all_the_same(
    two_years: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = history.files

    def packed_after(folder: Path, **asked: object) -> list[Path]:
        found = listed(folder, **asked)  # type: ignore[arg-type]  # as it was asked
        monkeypatch.undo()
        history.pack(folder, 2027, tap=untapped)
        return found

    for ask in (every_event, events_of_a):
        note_in_year(two_years, "more", 0)
        view = LedgerView.read(two_years)
        monkeypatch.setattr(history, "files", packed_after)
        found = ask(view)
        assert found[0] == "a"
        assert files(two_years) == ["2026.jsonl.gz"]


def every_event(view: LedgerView) -> list[str]:
    return [event.name for event in view.events()]


def events_of_a(view: LedgerView) -> list[str]:
    return [event.name for event in view.events_of([("deliveries", "a")])]


# ── the index ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index follows at every fold, and chunks hold a few events."""
    monkeypatch.setattr(history, "STEP", 1)
    monkeypatch.setattr(history_file, "CHUNK", 300)
    monkeypatch.setattr(history_file, "PACKED_CHUNK", 300)


@pytest.fixture
def indexed(folder: Path, small_steps: None) -> Path:
    """A folder with 60 deliveries of two years and an index of them."""
    del small_steps
    with open_ledger(folder) as ledger:
        add(ledger, range(30))
    with open_ledger(folder, clock=lambda: NOW + A_YEAR) as ledger:
        add(ledger, range(30, 60))
    return folder


def add(ledger: Ledger, numbers: range) -> None:
    for number in numbers:
        note(ledger, f"delivery-{number:02}")
    ledger.fold(())


def index_of(folder: Path) -> Path:
    return folder / "history" / "index.sqlite"


def told_of(folder: Path, number: int) -> list[str]:
    key = ("deliveries", f"delivery-{number:02}")
    return [event.name for event in LedgerView.read(folder).events_of([key])]


def assert_all_are_told_of(folder: Path) -> None:
    for number in range(60):
        assert told_of(folder, number) == [f"delivery-{number:02}"]


def test_one_delivery_is_told_of_without_reading_the_others(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling, read = history_file.telling, []

    def counted(path: Path, found: list[bytes], keys: list[tuple[str, str]]) -> Iterator[Event]:
        read.extend(found)
        return telling(path, found, keys)

    monkeypatch.setattr(history_file, "telling", counted)

    assert told_of(indexed, 40) == ["delivery-40"]
    assert 1 <= len(read) < 5
    assert told_of(indexed, 2) == ["delivery-02"]
    assert len(read) < 10


def test_the_index_has_no_word_of_any_record(indexed: Path) -> None:
    assert index_of(indexed).stat().st_size > 0
    assert b"delivery" not in index_of(indexed).read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_an_index_of_the_history_that_is_of_no_use_costs_time_alone(
    indexed: Path, content: bytes | None
) -> None:
    whole = index_of(indexed).read_bytes()
    index_of(indexed).unlink()
    if content is not None:
        index_of(indexed).touch(0o600)
        index_of(indexed).write_bytes(content)
    assert_all_are_told_of(indexed)

    note_in_year(indexed, "another", 1)

    assert len(index_of(indexed).read_bytes()) >= len(whole)
    assert verify(indexed) == []
    assert_all_are_told_of(indexed)


def test_an_index_of_another_history_is_not_believed(indexed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for years in (0, 1):
        with open_ledger(other, clock=lambda years=years: NOW + years * A_YEAR) as ledger:  # type: ignore[misc]  # bound early
            add(ledger, range(60 + 30 * years, 90 + 30 * years))
    index_of(indexed).write_bytes(index_of(other).read_bytes())

    assert_all_are_told_of(indexed)
    assert verify(indexed) == []


def test_an_index_that_lacks_something_is_found_out(indexed: Path) -> None:
    with sqlite3.connect(index_of(indexed)) as connection:
        connection.execute("DELETE FROM told WHERE chunk = 3")
    connection.close()

    (finding,) = verify(indexed)

    assert "index.sqlite does not find what the history has" in finding.message
    assert "Delete this one file" in finding.hint


def test_a_full_disk_leaves_the_index_behind_and_stops_nothing(indexed: Path) -> None:
    def full(name: str) -> None:
        if name == "history.index.commit":
            raise sqlite3.OperationalError("database or disk is full")

    with open_ledger(indexed, tap=full, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "late")
        ledger.fold(())

    assert_all_are_told_of(indexed)
    assert [event.name for event in LedgerView.read(indexed).events_of([("deliveries", "late")])] == ["late"]


def test_what_happened_of_late_is_told_without_reading_what_was_before(
    folder: Path, small_steps: None
) -> None:
    del small_steps
    with open_ledger(folder, clock=lambda: NOW - timedelta(days=9)) as ledger:
        add(ledger, range(30))
    with open_ledger(folder) as ledger:
        add(ledger, range(30, 33))
    path = folder / "history" / "2026.jsonl"
    content = path.read_bytes()
    path.write_bytes(b"#" * 1_000 + content[1_000:])

    found = [event.name for event in LedgerView.read(folder).events(since=NOW)]

    assert found == ["delivery-30", "delivery-31", "delivery-32"]


def test_little_that_is_new_needs_no_index(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        add(ledger, range(3))

    assert not index_of(folder).exists()
    assert told_of(folder, 2) == ["delivery-02"]
