"""Closed records leave the snapshot, and are read from their last event in the history for ever."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import StateDamaged
from exactsend.ledger.loader import has_index
from exactsend.ledger.snapshot import read as read_snapshot
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import NOW, note, open_ledger, records_of

Keys = list[tuple[str, str]]
A_YEAR = timedelta(days=366)


def keys(*names: str) -> Keys:
    return [("deliveries", name) for name in names]


def record_in_events(ledger: Ledger, names: list[str]) -> None:
    """Deliveries with these names, fifty in an event, as a run records a batch."""
    for start in range(0, len(names), 50):
        batch = names[start : start + 50]
        ledger.record("a", puts=[("deliveries", name, {"state": name}) for name in batch])


def close_records(ledger: Ledger, *names: str) -> None:
    ledger.record("archived")
    ledger.fold(keys(*names))


@pytest.fixture
def done(folder: Path) -> Path:
    """A folder with "a" and "b" closed and "c" in the snapshot."""
    with open_ledger(folder) as ledger:
        for name in "abc":
            note(ledger, name)
        close_records(ledger, "a", "b")
    return folder


@pytest.fixture
def two_years(folder: Path) -> Path:
    """A folder with "a" and "b" of 2026 closed, and "c" of 2027 in the snapshot."""
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        note(ledger, "b")
        close_records(ledger, "a", "b")
    note_in_year(folder, "c", 1)
    return folder


def note_in_year(folder: Path, name: str, years: int) -> None:
    with open_ledger(folder, clock=lambda: NOW + years * A_YEAR) as ledger:
        note(ledger, name)
        ledger.fold(())


def snapshot_of(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "ledger.json").read_bytes())
    return content


def history_of(folder: Path) -> Path:
    return folder / "history" / "2026.jsonl"


def index_of(folder: Path) -> Path:
    return folder / "index.sqlite"


def known(folder: Path) -> list[str]:
    """What a run and a view know, which must be the same, one by one and all together."""
    view = LedgerView.read(folder)
    names = [key for key, _ in view.items("deliveries")]
    with open_ledger(folder) as ledger:
        assert [key for key, _ in ledger.items("deliveries")] == names
        for name in names:
            assert ledger.get("deliveries", name) == view.get("deliveries", name) == {"state": name}
    return names


def test_what_is_done_leaves_the_snapshot_and_is_still_known(done: Path) -> None:
    assert snapshot_of(done)["sections"] == {"deliveries": {"c": {"state": "c"}}}
    assert known(done) == ["a", "b", "c"]
    assert verify(done) == []


def test_what_changed_lately_can_be_had_without_the_rest(done: Path) -> None:
    with open_ledger(done) as ledger:
        note(ledger, "d")
        close_records(ledger, "c")
    view = LedgerView.read(done)

    assert [key for key, _ in view.items("deliveries", since=3)] == ["c", "d"]
    assert [key for key, _ in view.items("deliveries", since=1)] == ["a", "b", "c", "d"]
    assert [key for key, _ in view.items("deliveries", since=4)] == ["d"]


def test_what_changes_again_is_recent_again_and_the_newer_record_counts(done: Path) -> None:
    with open_ledger(done) as ledger:
        ledger.record("changed", puts=[("deliveries", "a", {"state": "changed"})])
        assert ledger.get("deliveries", "a") == {"state": "changed"}
        close_records(ledger, "a")

    view = LedgerView.read(done)
    assert view.get("deliveries", "a") == {"state": "changed"}
    assert [key for key, _ in view.recent("deliveries")] == ["c"]
    assert [(key, record["state"]) for key, record in view.stream("deliveries")] == [
        ("b", "b"),
        ("a", "changed"),
        ("c", "c"),
    ]
    assert verify(done) == []


def test_what_was_changed_in_part_is_read_from_all_its_changes(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("whole", puts=[("deliveries", "a", {"state": "new", "tries": 1, "note": "x"})])
        ledger.record("part", changes=[("deliveries", "a", {"tries": 2, "note": None})])
        ledger.record("part", changes=[("deliveries", "a", {"tries": 3})])
        close_records(ledger, "a")

        assert ledger.get("deliveries", "a") == {"state": "new", "tries": 3}
    assert "deliveries" not in [
        name for name, kept in read_snapshot(folder / "ledger.json").sections.items() if kept
    ]
    assert records_of(folder, "deliveries") == {"a": {"state": "new", "tries": 3}}


def test_by_its_number_the_record_is_found_that_counts_now(folder: Path) -> None:
    def found(*numbers: str) -> list[str]:
        return [key for key, _ in LedgerView.read(folder).with_numbers("deliveries", numbers)]

    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("deliveries", "a", {"number": 20001, "order_numbers": [4711, 4712]})])
        ledger.record("b", puts=[("deliveries", "b", {"number": 20002, "order_numbers": [4712]})])
        close_records(ledger, "a", "b")
    assert (found("20001"), found("4711"), found("4712"), found("4713")) == (["a"], ["a"], ["a", "b"], [])

    with open_ledger(folder) as ledger:
        ledger.record("moved", puts=[("deliveries", "a", {"number": 20001, "order_numbers": [4713]})])
        assert (found("4711"), found("4713"), found("4711", "4713")) == ([], ["a"], ["a"])
        close_records(ledger, "a")
    assert (found("4711"), found("4712"), found("4713")) == ([], ["b"], ["a"])
    assert verify(folder) == []


def test_what_is_removed_after_it_was_done_stays_removed(done: Path) -> None:
    with open_ledger(done) as ledger:
        ledger.record("removed", puts=[("deliveries", "a", None)])
        ledger.fold()

    assert known(done) == ["b", "c"]


def test_thousands_are_found_one_by_one(folder: Path) -> None:
    names = [str(number) for number in range(2_000)]
    with open_ledger(folder) as ledger:
        record_in_events(ledger, names)
        ledger.fold(keys(*names))

    assert known(folder) == sorted(names)


def test_records_that_the_index_leaves_out_stay_in_the_snapshot(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("meta", "clockwork", {"runs": 1}), ("deliveries", "a", {})])
        ledger.fold([("meta", "clockwork"), ("deliveries", "a")])

    assert snapshot_of(folder)["sections"] == {"deliveries": {}, "meta": {"clockwork": {"runs": 1}}}
    assert records_of(folder, "meta") == {"clockwork": {"runs": 1}}


def test_an_older_snapshot_put_back_finds_everything_once(done: Path) -> None:
    with open_ledger(done) as ledger:
        close_records(ledger, "c")
    (done / "ledger.json").write_bytes((done / "ledger.json.1").read_bytes())

    assert known(done) == ["a", "b", "c"]
    with open_ledger(done) as ledger:
        note(ledger, "d")
        close_records(ledger, "c", "d")
    assert known(done) == ["a", "b", "c", "d"]
    assert verify(done) == []


def test_a_lost_snapshot_is_made_again_from_the_events(done: Path) -> None:
    (done / "ledger.json").unlink()
    (done / "ledger.json.1").unlink(missing_ok=True)

    assert known(done) == ["a", "b", "c"]
    with open_ledger(done) as ledger:
        close_records(ledger, "b", "c")
    assert known(done) == ["a", "b", "c"]
    assert verify(done) == []


def test_a_view_writes_nothing_without_an_index_too(done: Path) -> None:
    index_of(done).unlink()

    assert LedgerView.read(done).get("deliveries", "a") == {"state": "a"}
    assert not index_of(done).exists()


def test_a_disk_that_takes_no_index_leaves_the_records_in_the_snapshot(folder: Path) -> None:
    def full(name: str) -> None:
        if name == "index.commit":
            raise sqlite3.OperationalError("database or disk is full")

    with open_ledger(folder, fault_hook=full) as ledger:
        note(ledger, "a")
        close_records(ledger, "a")

    assert [key for key, _ in LedgerView.read(folder).recent("deliveries")] == ["a"]
    with open_ledger(folder) as ledger:
        close_records(ledger, "a")
    assert [key for key, _ in LedgerView.read(folder).recent("deliveries")] == []
    assert known(folder) == ["a"]


# ── a history that lost something ────────────────────────────────────────────────────────────────


def test_no_changed_byte_of_the_last_event_is_believed(done: Path) -> None:
    path = history_of(done)
    content = path.read_bytes()

    for place in range(content.index(b"\n") + 1):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(StateDamaged):
            LedgerView.read(done).get("deliveries", "a")
        assert LedgerView.read(done).get("deliveries", "b") == {"state": "b"}
        assert verify(done)


@pytest.mark.parametrize("index", ["kept", "lost"])
def test_no_changed_byte_of_the_history_makes_a_record_unknown(done: Path, index: str) -> None:
    """Without the index nobody knows what the damaged line was about, so everything that is not found is in doubt."""
    path = history_of(done)
    content = path.read_bytes()
    if index == "lost":
        index_of(done).unlink()

    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        for name in "ab":
            try:
                assert LedgerView.read(done).get("deliveries", name) == {"state": name}
            except StateDamaged:
                continue


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda _content: b"",
    lambda content: content[:-1],
    lambda content: b"x" * len(content),
    lambda content: content[5:],
]


@pytest.mark.parametrize(
    "damage", DAMAGES, ids=["emptied", "cut short", "written over", "its beginning lost"]
)
def test_a_past_year_that_is_damaged_stops_no_run_and_verify_names_it(
    two_years: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = history_of(two_years)
    path.write_bytes(damage(path.read_bytes()))

    note_in_year(two_years, "d", 1)
    note_in_year(two_years, "e", 0)  # a clock that is set back adds to that very year
    note_in_year(two_years, "f", 1)

    assert list(dict(LedgerView.read(two_years).recent("deliveries"))) == ["c", "d", "e", "f"]
    faults = verify(two_years)
    assert "history" in faults[0].message
    assert "is damaged" in faults[0].message


LOSSES = [DAMAGES[0], lambda content: content[:200], DAMAGES[2]]


@pytest.mark.parametrize("damage", LOSSES, ids=["emptied", "cut short", "written over"])
def test_with_the_index_only_what_was_lost_is_in_doubt(
    two_years: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = history_of(two_years)
    path.write_bytes(damage(path.read_bytes()))

    for attempt in range(3):
        with open_ledger(two_years, clock=lambda: NOW + A_YEAR) as ledger:
            with pytest.raises(StateDamaged, match=r"2026\.jsonl is damaged"):
                ledger.get("deliveries", "b")
            assert ledger.get("deliveries", "never there") is None
            ledger.record("new", puts=[("deliveries", f"new-{attempt}", {})])
            close_records(ledger, f"new-{attempt}")
    assert LedgerView.read(two_years).get("deliveries", "new-0") == {}


def test_a_history_that_lost_its_end_warns_each_run(
    two_years: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = history_of(two_years)
    path.write_bytes(path.read_bytes()[:-1])

    for name in "def":
        caplog.clear()
        note_in_year(two_years, name, 1)
        assert [record.levelname for record in caplog.records if "2026.jsonl" in record.getMessage()]


def test_without_the_index_everything_that_is_not_found_is_in_doubt(two_years: Path) -> None:
    history_of(two_years).unlink()
    index_of(two_years).unlink()

    with open_ledger(two_years) as ledger:
        for name in ("a", "b", "never there"):
            with pytest.raises(StateDamaged, match="event 1 is missing"):
                ledger.get("deliveries", name)
        assert ledger.get("deliveries", "c") == {"state": "c"}


@pytest.mark.parametrize("index", ["kept", "lost"])
def test_a_record_that_was_changed_in_a_lost_year_is_in_doubt(folder: Path, index: str) -> None:
    """What the year before says of it is out of date."""
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        note(ledger, "b")
        ledger.fold()
    with open_ledger(folder, clock=lambda: NOW + A_YEAR) as ledger:
        ledger.record("changed", puts=[("deliveries", "a", {"state": "changed"})])
        close_records(ledger, "a")
    with open_ledger(folder, clock=lambda: NOW + 2 * A_YEAR) as ledger:
        note(ledger, "c")
        close_records(ledger, "b", "c")
    (folder / "history" / "2027.jsonl").unlink()
    if index == "lost":
        index_of(folder).unlink()

    with open_ledger(folder, clock=lambda: NOW + 2 * A_YEAR) as ledger:
        with pytest.raises(StateDamaged, match="is missing"):
            ledger.get("deliveries", "a")
        assert ledger.get("deliveries", "c") == {"state": "c"}


@pytest.mark.parametrize("index", ["kept", "lost"])
@pytest.mark.parametrize("cut", [0.0, 0.5])
def test_a_past_year_that_is_put_back_is_as_it_was(two_years: Path, index: str, cut: float) -> None:
    path = history_of(two_years)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    if index == "lost":
        index_of(two_years).unlink()
    with open_ledger(two_years, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "new")
        close_records(ledger, "new")

    path.write_bytes(whole)

    assert known(two_years) == ["a", "b", "c", "new"]
    assert verify(two_years) == []


def test_old_years_that_were_missing_before_anything_was_done_are_not_missed(folder: Path) -> None:
    """Nothing was read from them then."""
    note_in_year(folder, "a", 0)
    note_in_year(folder, "b", 1)
    history_of(folder).unlink()
    (folder / "ledger.json").write_bytes((folder / "ledger.json").read_bytes())

    with open_ledger(folder, clock=lambda: NOW + A_YEAR) as ledger:
        note(ledger, "c")
        close_records(ledger, "a", "b")

        assert [key for key, _ in ledger.recent("deliveries")] == ["a", "c"]
        assert ledger.get("deliveries", "b") == {"state": "b"}
        assert ledger.get("deliveries", "never there") is None
    assert list(records_of(folder, "deliveries")) == ["a", "b", "c"]


def test_a_record_whose_last_event_can_not_be_read_stays_in_the_snapshot(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        note(ledger, "b")
        ledger.fold()
    path = history_of(folder)
    path.write_bytes(path.read_bytes().replace(b'"state":"a"', b'"state":"x"', 1))

    with open_ledger(folder) as ledger:
        close_records(ledger, "a", "b")

    assert dict(LedgerView.read(folder).recent("deliveries")) == {"a": {"state": "a"}}
    assert LedgerView.read(folder).get("deliveries", "b") == {"state": "b"}


def test_an_index_that_is_damaged_inside_is_done_without(folder: Path) -> None:
    names = [f"delivery-{number}" for number in range(3_000)]
    with open_ledger(folder) as ledger:
        record_in_events(ledger, names)
        close_records(ledger, *names)
        extent = ledger._records.history_extent
    content = bytearray(index_of(folder).read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    index_of(folder).write_bytes(content)
    assert has_index(folder, extent)

    assert LedgerView.read(folder).get("deliveries", "delivery-7") == {"state": "delivery-7"}
    with open_ledger(folder) as ledger:
        assert ledger.get("deliveries", "delivery-8") == {"state": "delivery-8"}
        note(ledger, "more")
        close_records(ledger, "more")
    assert len(records_of(folder, "deliveries")) == 3_001
    with closing(sqlite3.connect(index_of(folder))) as index:
        assert index.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
