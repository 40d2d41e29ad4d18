"""One event as a line, and files of lines."""

from pathlib import Path

import pytest

from exactsend.errors import StateDamaged
from exactsend.ledger import journal, snapshot
from exactsend.ledger.journal import BadLine, Event, Put, Tail, TornLine
from tests.ledger.ledgers import NOW, note, open_ledger

EVENT = Event(
    seq=7,
    at=NOW,
    run="run1",
    name="bought",
    subject="d1",
    facts={"price": 6.95, "name": "\ud800 é \n"},
    puts=(
        Put("deliveries", "d1", {"state": "paid"}),
        Put("holds", "d1", None),
        Put("meta", "clockwork", {"last_run": "now", "probe": None}, is_change=True),
    ),
)


def an_event(seq: int, size: int = 0) -> bytes:
    return journal.encode(Event(seq, NOW, "run1", "e", None, {"filler": "x" * size}, ()))


def test_an_event_is_one_line_and_reads_back_the_same() -> None:
    line = journal.encode(EVENT)

    assert line.count(b"\n") == 1
    assert journal.decode(line) == EVENT


def test_a_change_stands_behind_its_fields_and_touches_no_other() -> None:
    *_, change = EVENT.puts

    assert b'["meta","clockwork",{"last_run":"now","probe":null},"change"]' in journal.encode(EVENT)
    assert change.applied_to({"last_run": "before", "probe": {}, "first_run": "then", "kept": None}) == {
        "last_run": "now",
        "first_run": "then",
        "kept": None,
    }


def test_what_stands_behind_the_fields_and_is_unknown_is_of_another_version() -> None:
    line = journal.encode(EVENT).replace(b'},"change"]', b'},"append"]')

    with pytest.raises(BadLine, match="checksum"):
        journal.decode(line)
    with pytest.raises(BadLine, match="a shape that this version of exactsend does not know"):
        journal.decode(journal._sealed(line[: -journal._SEAL_LENGTH] + b"}"))


def test_any_changed_byte_is_noticed() -> None:
    line = journal.encode(EVENT)

    for place in range(len(line)):
        changed = bytearray(line)
        changed[place] ^= 1
        with pytest.raises((TornLine, BadLine)):
            journal.decode(bytes(changed))


def test_any_part_of_a_line_is_not_whole() -> None:
    line = journal.encode(EVENT)

    for length in range(len(line)):
        with pytest.raises(TornLine):
            journal.decode(line[:length])


def test_any_changed_byte_of_a_snapshot_is_noticed(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
    path = folder / "ledger.json"
    content = path.read_bytes()

    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(StateDamaged):
            snapshot.read(path)


@pytest.mark.parametrize("size", [0, 70_000, 400_000])
def test_the_end_of_a_file_is_found_whatever_the_size_of_its_lines(tmp_path: Path, size: int) -> None:
    path = tmp_path / "2026.jsonl"
    whole = an_event(1, size) + an_event(2, size) + an_event(3, size)

    path.write_bytes(whole)
    assert journal.tail(path) == Tail(seq=3, whole_bytes=len(whole))
    path.write_bytes(whole + b'{"seq":4')
    assert journal.tail(path) == Tail(seq=3, whole_bytes=len(whole))


@pytest.mark.parametrize("torn", [b"", b'{"seq":1'])
def test_a_file_without_a_whole_line_has_no_end_yet(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "2026.jsonl"
    path.write_bytes(torn)

    assert journal.tail(path) == Tail(seq=0, whole_bytes=0)
    assert journal.tail(tmp_path / "2025.jsonl") == Tail(seq=0, whole_bytes=0)
    assert list(journal.read(path)) == []


def test_events_of_two_files_come_in_order_and_once() -> None:
    first, second, third = (journal.decode(an_event(seq)) for seq in (1, 2, 3))

    assert list(journal.merged([first, third], [second, third])) == [first, second, third]
