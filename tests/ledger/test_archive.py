"""What is done with goes to the archive, and is known for ever."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exactsend.errors import StateDamaged
from exactsend.ledger.fitness import ARCHIVE_INDEX_VERSION, is_fit
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.ledger.verify import verify
from tests.ledger.ledgers import NOW, note, open_ledger

Keys = list[tuple[str, str]]


def keys(*names: str) -> Keys:
    return [("deliveries", name) for name in names]


def archive(ledger: Ledger, *names: str) -> None:
    ledger.record("archived")
    ledger.fold(keys(*names))


@pytest.fixture
def archived(folder: Path) -> Path:
    """A folder with "a" and "b" in the archive and "c" beside it."""
    with open_ledger(folder) as ledger:
        for name in "abc":
            note(ledger, name)
        archive(ledger, "a", "b")
    return folder


def snapshot_of(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "ledger.json").read_bytes())
    return content


def known(folder: Path) -> list[str]:
    """What a run and a view know, which must be the same, one by one and all together."""
    view = LedgerView.read(folder)
    names = [key for key, _ in view.items("deliveries")]
    with open_ledger(folder) as ledger:
        assert [key for key, _ in ledger.items("deliveries")] == names
        for name in names:
            assert ledger.get("deliveries", name) == view.get("deliveries", name) == {"state": name}
    return names


def test_what_is_archived_leaves_the_snapshot_and_is_still_known(archived: Path) -> None:
    assert snapshot_of(archived)["sections"] == {"deliveries": {"c": {"state": "c"}}}
    assert known(archived) == ["a", "b", "c"]
    assert verify(archived) == []


def test_what_was_archived_lately_can_be_had_without_the_rest(archived: Path) -> None:
    with open_ledger(archived) as ledger:
        note(ledger, "d")
        archive(ledger, "c")
    view = LedgerView.read(archived)
    last = next(event.seq for event in view.events(names=("archived",)) if event.seq > 4)

    assert [key for key, _ in view.items("deliveries", archived_since=last)] == ["c", "d"]
    assert [key for key, _ in view.items("deliveries", archived_since=1)] == ["a", "b", "c", "d"]
    assert [key for key, _ in view.items("deliveries", archived_since=last + 1)] == ["d"]


def test_the_archive_is_read_with_common_tools(archived: Path) -> None:
    shown = gzip.decompress((archived / "archive" / "2026.jsonl.gz").read_bytes())

    assert [json.loads(line)[:3] for line in shown.splitlines()] == [
        ["deliveries", "a", {"state": "a"}],
        ["deliveries", "b", {"state": "b"}],
    ]


def test_each_year_has_a_file_of_its_own(archived: Path) -> None:
    with open_ledger(archived, clock=lambda: NOW.replace(year=2027)) as ledger:
        archive(ledger, "c")

    assert sorted(path.name for path in (archived / "archive").glob("*.gz")) == [
        "2026.jsonl.gz",
        "2027.jsonl.gz",
    ]
    assert known(archived) == ["a", "b", "c"]


def test_what_changes_again_is_recent_again_and_the_newer_record_counts(archived: Path) -> None:
    with open_ledger(archived) as ledger:
        ledger.record("changed", puts=[("deliveries", "a", {"state": "changed"})])
        assert ledger.get("deliveries", "a") == {"state": "changed"}
        archive(ledger, "a")

    view = LedgerView.read(archived)
    assert view.get("deliveries", "a") == {"state": "changed"}
    assert [key for key, _ in view.recent("deliveries")] == ["c"]
    assert sorted((key, record["state"]) for key, record in view.stream("deliveries")) == [
        ("a", "changed"),
        ("b", "b"),
        ("c", "c"),
    ]
    assert verify(archived) == []


def test_by_its_number_the_record_is_found_that_counts_now(folder: Path) -> None:
    def found(*numbers: str) -> list[str]:
        return [key for key, _ in LedgerView.read(folder).with_numbers("deliveries", numbers)]

    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("deliveries", "a", {"number": 20001, "order_numbers": [4711, 4712]})])
        ledger.record("b", puts=[("deliveries", "b", {"number": 20002, "order_numbers": [4712]})])
        archive(ledger, "a", "b")
    assert (found("20001"), found("4711"), found("4712"), found("4713")) == (["a"], ["a"], ["a", "b"], [])

    with open_ledger(folder) as ledger:
        ledger.record("moved", puts=[("deliveries", "a", {"number": 20001, "order_numbers": [4713]})])
        assert (found("4711"), found("4713"), found("4711", "4713")) == ([], ["a"], ["a"])
        archive(ledger, "a")
    assert (found("4711"), found("4712"), found("4713")) == ([], ["b"], ["a"])
    assert verify(folder) == []


def test_an_index_that_lacks_a_number_is_found_out(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("deliveries", "a", {"number": 20001, "order_numbers": [4711]})])
        archive(ledger, "a")
    with closing(sqlite3.connect(folder / "archive" / "index.sqlite")) as index:
        index.execute("DELETE FROM bearing WHERE number = '4711'")
        index.commit()

    (finding,) = verify(folder)

    assert "does not find what the archive has under deliveries a" in finding.message


def test_an_index_of_a_former_version_is_made_anew_by_the_next_run(archived: Path) -> None:
    path = archived / "archive" / "index.sqlite"
    with closing(sqlite3.connect(path)) as index:
        index.executescript("DROP TABLE bearing; PRAGMA user_version = 0")
    assert LedgerView.read(archived).get("deliveries", "a") == {"state": "a"}
    assert not is_fit(path, ARCHIVE_INDEX_VERSION)

    with open_ledger(archived) as ledger:
        note(ledger, "d")
        ledger.fold()

    assert is_fit(path, ARCHIVE_INDEX_VERSION)
    assert verify(archived) == []


def test_what_is_removed_after_it_was_archived_stays_removed(archived: Path) -> None:
    with open_ledger(archived) as ledger:
        ledger.record("removed", puts=[("deliveries", "a", None)])
        ledger.fold()

    assert known(archived) == ["b", "c"]


def test_thousands_are_found_one_by_one(folder: Path) -> None:
    names = [str(number) for number in range(1_000)]
    with open_ledger(folder) as ledger:
        ledger.record("a", puts=[("deliveries", name, {"state": name}) for name in names])
        ledger.fold(keys(*names))

    assert known(folder) == sorted(names)


def test_a_program_that_knows_of_no_archive_reads_a_ledger_without_one_and_refuses_one_with(
    folder: Path,
) -> None:
    with open_ledger(folder) as ledger:
        note(ledger, "a")
        ledger.fold()
        assert snapshot_of(folder)["version"] == 1
        archive(ledger, "a")
        assert snapshot_of(folder)["version"] == 2


def test_what_a_dying_fold_left_beyond_the_snapshot_does_not_count_and_is_overwritten(archived: Path) -> None:
    path = archived / "archive" / "2026.jsonl.gz"
    path.write_bytes(path.read_bytes() + b"the rest of a block")

    assert known(archived) == ["a", "b", "c"]
    with open_ledger(archived) as ledger:
        archive(ledger, "c")
    assert known(archived) == ["a", "b", "c"]
    assert verify(archived) == []


def test_an_older_snapshot_put_back_finds_everything_once(archived: Path) -> None:
    with open_ledger(archived) as ledger:
        archive(ledger, "c")
    (archived / "ledger.json").write_bytes((archived / "ledger.json.1").read_bytes())

    assert known(archived) == ["a", "b", "c"]
    with open_ledger(archived) as ledger:
        note(ledger, "d")
        archive(ledger, "c", "d")
    assert known(archived) == ["a", "b", "c", "d"]
    assert verify(archived) == []


def test_a_lost_snapshot_is_made_anew_from_the_events_and_the_archive_begins_anew(archived: Path) -> None:
    (archived / "ledger.json").unlink()
    (archived / "ledger.json.1").unlink(missing_ok=True)

    assert known(archived) == ["a", "b", "c"]
    with open_ledger(archived) as ledger:
        archive(ledger, "b", "c")
    assert known(archived) == ["a", "b", "c"]
    assert verify(archived) == []


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_an_index_that_is_of_no_use_is_made_anew(archived: Path, content: bytes | None) -> None:
    index = archived / "archive" / "index.sqlite"
    index.unlink()
    if content is not None:
        index.touch(0o600)
        index.write_bytes(content)

    assert known(archived) == ["a", "b", "c"]
    assert verify(archived) == []


def test_the_index_of_another_archive_is_not_believed(archived: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with open_ledger(other) as ledger:
        for name in "pqc":
            note(ledger, name)
        archive(ledger, "p", "q")
    index = archived / "archive" / "index.sqlite"
    index.write_bytes((other / "archive" / "index.sqlite").read_bytes())

    assert known(archived) == ["a", "b", "c"]


def test_an_archive_that_lacks_what_the_snapshot_says_stops_no_run_and_takes_no_more(archived: Path) -> None:
    path = archived / "archive" / "2026.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-1])
    cut = path.read_bytes()

    with open_ledger(archived) as ledger:
        with pytest.raises(StateDamaged, match=r"2026\.jsonl\.gz is damaged"):
            ledger.get("deliveries", "a")
        note(ledger, "new")
        archive(ledger, "new")

    assert path.read_bytes() == cut
    assert LedgerView.read(archived).get("deliveries", "new") == {"state": "new"}
    assert "2026.jsonl.gz is damaged: it has" in verify(archived)[0].message


def test_an_archive_that_is_gone_stops_no_run_either(archived: Path) -> None:
    (archived / "archive" / "2026.jsonl.gz").unlink()

    with open_ledger(archived) as ledger:
        note(ledger, "new")
        archive(ledger, "new")

    assert LedgerView.read(archived).get("deliveries", "new") == {"state": "new"}
    assert "it has 0 bytes" in verify(archived)[0].message
    with pytest.raises(StateDamaged):
        LedgerView.read(archived).get("deliveries", "a")


@pytest.mark.parametrize("index", ["kept", "lost"])
def test_a_file_of_the_archive_that_is_put_back_is_as_it_was(archived: Path, index: str) -> None:
    path = archived / "archive" / "2026.jsonl.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    if index == "lost":
        (archived / "archive" / "index.sqlite").unlink()
    with open_ledger(archived) as ledger:
        note(ledger, "new")
        archive(ledger, "new")

    path.write_bytes(whole)

    assert known(archived) == ["a", "b", "c", "new"]
    assert verify(archived) == []


def test_no_changed_byte_of_the_archive_is_believed(archived: Path) -> None:
    """What can't be noticed when it is read changes nothing: flags, time and system in the header of gzip."""
    path = archived / "archive" / "2026.jsonl.gz"
    content = path.read_bytes()
    unread = set(range(3, 10))

    for place in set(range(len(content))) - unread:
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(StateDamaged):
            LedgerView.read(archived).get("deliveries", "a")
        assert verify(archived)


def test_a_view_changes_nothing_however_the_index_stands(archived: Path) -> None:
    index = archived / "archive" / "index.sqlite"
    index.unlink()

    assert LedgerView.read(archived).get("deliveries", "a") == {"state": "a"}
    assert not index.exists()


def test_the_archive_is_closed_to_others(archived: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (archived / "archive").iterdir()}

    assert modes == {"2026.jsonl.gz": 0o600, "index.sqlite": 0o600}
    assert (archived / "archive").stat().st_mode & 0o777 == 0o700
