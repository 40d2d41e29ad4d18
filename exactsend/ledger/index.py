"""Where in the history the events of each record are, and which records have a number: one disposable SQLite file.

The index is never trusted over the history. Events that it does not cover yet are read and added in memory; an index that is missing,
damaged or of another ledger is rebuilt. It knows one thing that the history may not: which events were in a file that was lost since. Only
those records are then in doubt.

Keys are stored as hashes.
"""

import hashlib
import logging
import os
import sqlite3
import weakref
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from exactsend.errors import StateDamaged
from exactsend.ledger import history, journal
from exactsend.ledger.history import HISTORY, RawLine
from exactsend.ledger.journal import Event, Put, Record
from exactsend.ledger.loader import INDEX, INDEX_VERSION
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.snapshot import HistoryExtent
from exactsend.system import durable_files
from exactsend.system.durable_files import FaultHook
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

Row = tuple[int | str, ...]
Answer = TypeVar("Answer")
ALWAYS_OPEN = frozenset({"cursors", "meta", "open", "todo"})
"""The sections whose records always stay in ``ledger.json``. They are not indexed."""
_TABLES = {
    "covered": "(year INTEGER PRIMARY KEY, bytes INTEGER, final BLOB)",
    "events": "(seq INTEGER PRIMARY KEY, year INTEGER, start INTEGER, length INTEGER, at INTEGER)",
    "puts": "(section TEXT, record INTEGER, seq INTEGER, PRIMARY KEY (section, record, seq)) WITHOUT ROWID",
    "numbers": "(section TEXT, number TEXT, record INTEGER, PRIMARY KEY (section, number, record)) WITHOUT ROWID",
    "unreadable": "(year INTEGER, start INTEGER, length INTEGER, PRIMARY KEY (year, start)) WITHOUT ROWID",
    "gapless": "(first INTEGER PRIMARY KEY, last INTEGER)",
}
_INSERT = {
    "events": "INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE"
    " SET year = excluded.year, start = excluded.start, length = excluded.length WHERE start IS NULL",
    "puts": "INSERT OR IGNORE INTO puts VALUES (?, ?, ?)",
    "numbers": "INSERT OR IGNORE INTO numbers VALUES (?, ?, ?)",
    "unreadable": "INSERT OR IGNORE INTO unreadable VALUES (?, ?, ?)",
}
_SELECT = {
    "events": "SELECT 1 FROM events WHERE (seq, year, start, length, at) = (?, ?, ?, ?, ?)",
    "puts": "SELECT 1 FROM puts WHERE (section, record, seq) = (?, ?, ?)",
    "numbers": "SELECT 1 FROM numbers WHERE (section, number, record) = (?, ?, ?)",
    "unreadable": "SELECT 1 FROM unreadable WHERE (year, start, length) = (?, ?, ?)",
}
_KEEP_LOST = """
INSERT OR IGNORE INTO puts SELECT * FROM disk.puts WHERE seq <= {0} AND seq NOT IN (SELECT seq FROM events);
INSERT OR IGNORE INTO numbers SELECT * FROM disk.numbers;
INSERT OR IGNORE INTO events SELECT seq, year, NULL, NULL, at FROM disk.events WHERE seq <= {0};
"""
_OVERLAY = "CREATE TEMP VIEW all_{0} AS SELECT * FROM main.{0} UNION ALL SELECT * FROM temp.{0};"
_COPY = "INSERT INTO temp.{0} SELECT * FROM main.{0}"
_BEYOND = "SELECT seq FROM {0} WHERE seq > ? ORDER BY seq"
_ALL = (1 << 62) - 1
_PLACES = "SELECT seq, year, start, length FROM all_events WHERE seq IN ({}) ORDER BY start"
_AT_ONCE = 500
_MEMORY = "PRAGMA cache_size = -4000"
_FINAL = 8
"""A line ends with its checksum, so the last bytes tell files of the same length apart."""


class Index:
    """The index of one ledger, open for look-ups."""

    def __init__(self, folder: Path, extent: HistoryExtent) -> None:
        self._folder = folder
        self._extent = extent
        self._files: dict[int, tuple[Path, int]] = {}
        self._last_read: Event | None = None
        self._is_on_disk = True
        self._connection = self._opened()
        self.close = weakref.finalize(self, _close, self._files)

    def _opened(self) -> sqlite3.Connection:
        """The index on disk with what was added to the history since, or one in memory if that is of no use. Writes nothing."""
        with suppress(sqlite3.Error):
            connection = _connected(self._folder / INDEX, mode="ro")
            if _is_fit(connection, self._folder, self._extent):
                _overlay(connection, self._folder)
                return connection
            connection.close()
        return self._made_in_memory()

    def _made_in_memory(self) -> sqlite3.Connection:
        self._is_on_disk = False
        connection = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
        _make_tables(connection)
        _overlay(connection, self._folder)
        _keep_lost(connection, self._folder, self._extent)
        return connection

    # ── records ──────────────────────────────────────────────────────────────────────────────────

    def get(self, section: str, key: str, *, until: int) -> Record | None:
        """A record as it was after event ``until``; None if there was none.

        Raises:
            StateDamaged: the history lost its last event, or may have.
        """
        found = self._latest(section, _hash_of(section, key), until)
        if found is None:
            self._require_gapless()
            return None
        return found[1]

    def with_numbers(
        self, section: str, numbers: Collection[str], *, until: int
    ) -> Iterator[tuple[str, Record]]:
        """The records of a section that have one of these numbers, or had."""
        records = {
            record
            for number in numbers
            for (record,) in self._rows(
                "SELECT record FROM all_numbers WHERE section = ? AND number = ?", section, number
            )
        }
        for record in sorted(records):
            found = self._latest(section, record, until)
            if found and found[1] is not None:
                yield found[0], found[1]

    def items(self, section: str, *, since: int, until: int) -> Iterator[tuple[str, Record | None]]:
        """The records of a section whose last event is ``since`` or later, in the order of these events.

        Raises:
            StateDamaged: the history lost one, or may have.
        """
        self._require_gapless()
        found = self._integers(
            "SELECT record, max(seq) AS last FROM all_puts WHERE section = ? AND seq <= ?"
            " GROUP BY record HAVING last >= ? ORDER BY last",
            section,
            until,
            since,
        )
        records, seqs = found[::2], found[1::2]
        for record, event in zip(records, self._events(seqs), strict=True):
            latest = _latest(section, record, [event]) or self._latest(section, record, until)
            if latest:
                yield latest

    def _seqs_of(self, section: str, record: int, until: int) -> list[int]:
        """The events that changed a record, last first."""
        rows = self._rows(
            "SELECT DISTINCT seq FROM all_puts WHERE section = ? AND record = ? AND seq <= ? ORDER BY seq DESC",
            section,
            record,
            until,
        )
        return [seq for (seq,) in rows]

    def _latest(self, section: str, record: int, until: int) -> tuple[str, Record | None] | None:
        """Key and content of a record after event ``until``; None if no event wrote it whole."""
        seqs = self._seqs_of(section, record, until)
        found = _latest(section, record, (self._event(seq) for seq in seqs))
        if found:
            self._require_gapless(after=seqs[0])
        return found

    # ── events ───────────────────────────────────────────────────────────────────────────────────

    def events_of(self, keys: Collection[tuple[str, str]]) -> list[Event]:
        """The events that changed one of these records, named by section and key, in order.

        Raises:
            StateDamaged: one is not what was written.
        """
        if any(section in ALWAYS_OPEN for section, _ in keys):
            raise ValueError("section is not indexed")
        self._require_readable(keys)
        seqs = {seq for key in keys for seq in self._seqs_of(key[0], _hash_of(*key), _ALL)}
        return [event for event in self._events(sorted(seqs)) if journal.changes_any(event, keys)]

    def starts(self, since: datetime) -> dict[int, int]:
        """The byte from which on the file of each year may have events of this moment or later."""
        first = self.first_event(since)
        starts = {}
        for path in history.files(self._folder / HISTORY, since=since):
            ((start,),) = self._rows(
                "SELECT min(start) FROM all_events WHERE year = ? AND seq >= ?", history.year_of(path), first
            )
            starts[history.year_of(path)] = path.stat().st_size if start is None else start
        return starts

    def first_event(self, since: datetime) -> int:
        """The number of the first event at this moment or later; a huge number if there is none."""
        ((first,),) = self._rows("SELECT min(seq) FROM all_events WHERE at >= ?", int(since.timestamp()))
        return _ALL if first is None else int(first)

    def first_gapless(self) -> int:
        """The first event after which no event is missing."""
        first = self._extent.seq + 1
        for (seq,) in self._rows(
            "SELECT seq FROM all_events WHERE seq <= ? AND start IS NOT NULL ORDER BY seq DESC",
            self._extent.seq,
        ):
            if seq != first - 1:
                break
            first = seq
        return first

    def _event(self, seq: int) -> Event:
        if self._last_read is None or self._last_read.seq != seq:
            (self._last_read,) = self._events([seq])
        return self._last_read

    def _events(self, seqs: Sequence[int]) -> Iterator[Event]:
        """The events with these numbers, in this order.

        Raises:
            StateDamaged: one is missing or not what was written.
        """
        for first in range(0, len(seqs), _AT_ONCE):
            some = seqs[first : first + _AT_ONCE]
            # Of an event that was lost and restored there are two rows; the one with a start is the later one.
            rows = self._rows(_PLACES.format(", ".join("?" * len(some))), *some)
            places = {seq: place for seq, *place in rows}
            for seq in some:
                yield self._read(seq, *places[seq])

    def _read(self, seq: int, year: int, start: int | None, length: int) -> Event:
        if start is None:
            raise journal.damaged(history.file_of(self._folder / HISTORY, year), f"event {seq} is missing")
        path, descriptor = self._file(year)
        event = history.event_at(path, descriptor, start, length)
        if event.seq != seq:
            raise journal.damaged(path, f"what begins at byte {start} is not what was written")
        return event

    def _file(self, year: int) -> tuple[Path, int]:
        """The file of a year and its descriptor."""
        if year not in self._files:
            path = history.file_of(self._folder / HISTORY, year)
            if not path.exists():
                raise journal.damaged(path, "it is missing")
            with durable_files.disk_errors(path):
                self._files[year] = (path, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return self._files[year]

    def _require_readable(self, keys: Collection[tuple[str, str]]) -> None:
        """Refuse if a line that can't be read mentions one of these keys."""
        for year, start, length in self._rows("SELECT year, start, length FROM all_unreadable"):
            path, descriptor = self._file(year)
            raw = os.pread(descriptor, length, start)
            if any(journal.mentions(raw, key) for _, key in keys):
                history.event_at(path, descriptor, start, length)

    def _require_gapless(self, *, after: int = 0) -> None:
        """Refuse if an event after this one is missing: it may have changed any record."""
        missing = self._first_missing
        if missing is None:
            return
        if after >= missing:
            last = max(after, self._extent.seq)
            ((found,),) = self._rows(
                "SELECT count(DISTINCT seq) FROM all_events WHERE seq > ? AND seq <= ?", after, last
            )
            if found == last - after:
                return
        raise journal.damaged(self._folder / HISTORY, f"event {missing} is missing")

    @cached_property
    def _first_missing(self) -> int | None:
        """The first event of the extent that neither the history has nor the index knows of."""
        last = self._ask(lambda connection: _extend_gapless(connection, "all_events", self._extent.begins))
        self._connection.commit()
        return last + 1 if last < self._extent.seq else None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._ask(lambda connection: connection.execute(query, values).fetchall())

    def _integers(self, query: str, *values: object) -> "array[int]":
        """All values of all rows in one array: there may be hundreds of thousands."""
        return self._ask(
            lambda connection: array("q", chain.from_iterable(connection.execute(query, values)))
        )

    def _ask(self, read: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            return read(self._connection)
        except sqlite3.DatabaseError:
            if not self._is_on_disk:
                raise
        self._connection.close()
        self._connection = self._made_in_memory()
        return self._ask(read)


def _close(files: dict[int, tuple[Path, int]]) -> None:
    while files:
        _, (_, descriptor) = files.popitem()
        os.close(descriptor)


def _latest(section: str, record: int, events: Iterable[Event]) -> tuple[str, Record | None] | None:
    """Key and content of a record, from its last events backwards; None if none of them wrote it whole."""
    changes: list[Put] = []
    for event in events:
        for put in reversed(event.puts):
            if put.section == section and _hash_of(section, put.key) == record:
                changes.append(put)
                if not put.is_change:
                    return put.key, _applied(changes)
    return None


def _applied(changes: list[Put]) -> Record | None:
    """The record that these puts make, last first."""
    record: Record | None = None
    for put in reversed(changes):
        record = put.applied_to(record)
    return record


# ── keeping it up to date ────────────────────────────────────────────────────────────────────────


def update(folder: Path, extent: HistoryExtent, *, fault_hook: FaultHook) -> bool:
    """Update the index on disk, or rebuild it if it is of no use.

    Returns:
        Whether it is up to date now. If it can't be written, the log says so: only time is lost.
    """
    try:
        if not _catch_up(folder, extent, fault_hook):
            _rebuild(folder, extent, fault_hook)
    except (sqlite3.Error, OSError) as refused:
        log_event(_log, logging.WARNING, "index_not_written", str(refused))
        return False
    return True


def _catch_up(folder: Path, extent: HistoryExtent, fault_hook: FaultHook) -> bool:
    """Add what is new; False if the index is of no use."""
    if not (folder / INDEX).exists():
        return False
    try:
        with closing(_connected(folder / INDEX, mode="rw")) as connection:
            if not _is_fit(connection, folder, extent):
                return False
            _add_new_events(connection, folder)
            _extend_gapless(connection, "events", extent.begins)
            fault_hook("index.commit")
            connection.commit()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    return True


def _rebuild(folder: Path, extent: HistoryExtent, fault_hook: FaultHook) -> None:
    fresh = folder / f"{INDEX}.new"
    for leftover in folder.glob(f"{fresh.name}*"):
        leftover.unlink()
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, durable_files.PRIVATE_FILE))
    with closing(_connected(fresh, mode="rw")) as connection:
        connection.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        connection.execute(f"PRAGMA application_id = {extent.index_id}")
        _make_tables(connection)
        _add_new_events(connection, folder)
        connection.commit()
        _keep_lost(connection, folder, extent)
        _extend_gapless(connection, "events", extent.begins)
        fault_hook("index.commit")
        connection.commit()
    (folder / f"{INDEX}-journal").unlink(missing_ok=True)
    fresh.replace(folder / INDEX)


def _connected(path: Path, *, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False)
    connection.execute(_MEMORY)
    return connection


def _is_fit(connection: sqlite3.Connection, folder: Path, extent: HistoryExtent) -> bool:
    """Whether it is an index of this version, this ledger and this history."""
    with suppress(sqlite3.DatabaseError):
        covered = connection.execute("SELECT year, bytes, final FROM main.covered").fetchall()
        return _marks(connection, "main") == (INDEX_VERSION, extent.index_id) and all(
            _final_bytes(history.file_of(folder / HISTORY, year), length) == final
            for year, length, final in covered
        )
    return False


def _marks(connection: sqlite3.Connection, schema: str) -> tuple[int, int]:
    """The version of an index and the number of its ledger."""
    ((version,),) = connection.execute(f"PRAGMA {schema}.user_version").fetchall()
    ((index_id,),) = connection.execute(f"PRAGMA {schema}.application_id").fetchall()
    return version, index_id


def _final_bytes(path: Path, length: int) -> bytes:
    """The last of the first ``length`` bytes of a file; empty if there is no file."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(max(0, length - _FINAL))
        return file.read(min(length, _FINAL))
    return b""


def _make_tables(connection: sqlite3.Connection, schema: str = "main") -> None:
    tables = "".join(f"CREATE TABLE {schema}.{name} {columns};" for name, columns in _TABLES.items())
    connection.executescript(f"{tables} CREATE INDEX {schema}.events_at ON events (at);")


def _overlay(connection: sqlite3.Connection, folder: Path) -> None:
    """Add in memory what the index lacks: tables of these names get the additions, and views ``all_…`` show both together."""
    connection.execute("PRAGMA temp_store = MEMORY")
    _make_tables(connection, "temp")
    for name in ("events", "puts", "numbers", "unreadable"):
        connection.execute(_OVERLAY.format(name))
    for name in ("covered", "gapless"):
        connection.execute(_COPY.format(name))
    _add_new_events(connection, folder)
    # An open transaction would keep a run from writing.
    connection.commit()


def _add_new_events(connection: sqlite3.Connection, folder: Path) -> None:
    """Add the events that the index does not cover yet."""
    covered = dict(connection.execute("SELECT year, bytes FROM covered").fetchall())
    for path in history.files(folder / HISTORY):
        year = history.year_of(path)
        before = end = covered.get(year, 0)
        for line in history.raw_lines(path, before):
            for table, row in _rows_of(year, line):
                connection.execute(_INSERT[table], row)
            end = line.start + len(line.raw)
        if end > before:
            final = _final_bytes(path, end)
            connection.execute("INSERT OR REPLACE INTO covered VALUES (?, ?, ?)", (year, end, final))


def _rows_of(year: int, line: RawLine) -> Iterator[tuple[str, Row]]:
    """The rows that the index has for a line, with their tables."""
    place = (year, line.start, len(line.raw))
    try:
        event = journal.decode(line.raw)
    except (journal.TornLine, journal.BadLine):
        yield "unreadable", place
        return
    yield "events", (event.seq, *place, int(event.at.timestamp()))
    for put in event.puts:
        if put.section not in ALWAYS_OPEN:
            record = _hash_of(put.section, put.key)
            yield "puts", (put.section, record, event.seq)
            for number in numbers_of(put.section, put.record) if put.record else ():
                yield "numbers", (put.section, number, record)


def _extend_gapless(connection: sqlite3.Connection, events: str, begins: int) -> int:
    """The last event before the first gap after ``begins``; stored for the next time."""
    rows = connection.execute("SELECT last FROM gapless WHERE first = ?", (begins,)).fetchall()
    last = before = rows[0][0] if rows else begins - 1
    for (seq,) in connection.execute(_BEYOND.format(events), (last,)):
        if seq > last + 1:
            break
        last = seq
    if last > before:
        connection.execute("INSERT OR REPLACE INTO gapless VALUES (?, ?)", (begins, last))
    return int(last)


def _keep_lost(connection: sqlite3.Connection, folder: Path, extent: HistoryExtent) -> None:
    """Keep what the index on disk knows of events that the history has lost."""
    with suppress(sqlite3.Error):
        connection.execute("ATTACH ? AS disk", (f"{(folder / INDEX).absolute().as_uri()}?mode=ro",))
        if _marks(connection, "disk") == (INDEX_VERSION, extent.index_id):
            connection.executescript(_KEEP_LOST.format(extent.seq))


def _hash_of(*words: str) -> int:
    """A 64-bit hash of these words."""
    digest = hashlib.blake2b("\0".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def require_sound(folder: Path, extent: HistoryExtent) -> None:
    """Refuse an index that lacks something that it covers. One that is missing or of no use passes: it will be rebuilt.

    Raises:
        StateDamaged: it lacks something.
    """
    with suppress(sqlite3.DatabaseError), closing(_connected(folder / INDEX, mode="ro")) as connection:
        if not _is_fit(connection, folder, extent):
            return
        for year, length in connection.execute("SELECT year, bytes FROM covered").fetchall():
            path = history.file_of(folder / HISTORY, year)
            for line in history.raw_lines(path):
                if line.start < length and not all(
                    connection.execute(_SELECT[table], row).fetchall() for table, row in _rows_of(year, line)
                ):
                    raise StateDamaged(
                        f"{folder / INDEX} does not find what the history has: {path.name}, byte {line.start}",
                        hint="Delete this one file: it is rebuilt from the history.",
                    )
