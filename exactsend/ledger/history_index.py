"""Where in the history the events of a record stand, so that one record's life is told at the same cost whatever happened beside it.

A short cut and nothing more: what it does not cover is read line by line, and it is made anew where it is missing, damaged, or of
another history. It has no words of any record, only numbers that stand for their keys. SQLite keeps it, in one file.
"""

import logging
import sqlite3
import weakref
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from exactsend.errors import StateDamaged
from exactsend.ledger import history, history_file, journal, sqlite_index
from exactsend.ledger.fitness import HISTORY_INDEX_VERSION
from exactsend.ledger.history import INDEX
from exactsend.ledger.history_file import Chunk
from exactsend.system.durable_files import Tap
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

UNUSABLE = sqlite3.DatabaseError
"""What asking an index raises that is damaged."""
_TABLES = """
CREATE TABLE IF NOT EXISTS covered (file TEXT PRIMARY KEY, bytes INTEGER, final BLOB);
CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY, file TEXT, start INTEGER, until INTEGER, latest REAL);
CREATE TABLE IF NOT EXISTS told (record INTEGER, chunk INTEGER, PRIMARY KEY (record, chunk)) WITHOUT ROWID;
"""
TOLD_OF = frozenset({"orders", "deliveries", "incoming", "shipments"})
"""The sections whose records people ask for the life of."""
_MEMORY = "PRAGMA cache_size = -16000"


class HistoryIndex:
    """The index of one history, open. Made by ``for_reading``; ``follow`` writes it."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = folder
        self._connection = connection
        self.close = weakref.finalize(self, connection.close)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def for_reading(cls, folder: Path) -> Self:
        """The index as it stands, which stays as it is; where it is of no use, one that covers nothing."""
        with suppress(sqlite3.DatabaseError):
            index = cls(folder, sqlite_index.for_reading(folder / INDEX, HISTORY_INDEX_VERSION))
            index._covered()
            return index
        return cls.of_nothing(folder)

    @classmethod
    def of_nothing(cls, folder: Path) -> Self:
        """An index that covers nothing, so that everything is read."""
        index = cls(folder, sqlite3.connect(":memory:", check_same_thread=False))
        index._connection.executescript(_TABLES)
        return index

    def covered(self, path: Path) -> int:
        """How many bytes of a file it knows."""
        return self._covered().get(path.name, 0)

    def places(self, path: Path, keys: Collection[tuple[str, str]]) -> list[tuple[int, int]]:
        """Where the chunks of a file begin and end that have events of these records, as far as it is covered."""
        if any(section not in TOLD_OF for section, _ in keys):
            raise ValueError("section is not indexed")
        covered = self.covered(path)
        found: set[tuple[int, int]] = set()
        for key in keys:
            rows = self._connection.execute(
                "SELECT start, until FROM told JOIN chunks ON chunks.id = told.chunk WHERE record = ? AND file = ?",
                (sqlite_index.number_of(*key), path.name),
            )
            found |= {(start, until) for start, until in rows.fetchall() if until <= covered}
        return sorted(found)

    def start(self, path: Path, since: datetime) -> int:
        """The byte from which on a file may have events of this moment or later."""
        covered = self.covered(path)
        (start,) = self._connection.execute(
            "SELECT min(start) FROM chunks WHERE file = ? AND latest >= ? AND until <= ?",
            (path.name, since.timestamp(), covered),
        ).fetchone()
        return covered if start is None else int(start)

    def _covered(self) -> dict[str, int]:
        rows = self._connection.execute("SELECT file, bytes, final FROM covered").fetchall()
        return {
            file: length
            for file, length, final in rows
            if sqlite_index.final_bytes(self._folder / file, length) == final
        }

    def lacking(self) -> Iterator[str]:
        """The chunks with events that it does not know of."""
        for path in history.files(self._folder):
            covered, reached = self.covered(path), 0
            rows = self._connection.execute(
                "SELECT id, start, until FROM chunks WHERE file = ? ORDER BY start", (path.name,)
            )
            for number, start, until in rows.fetchall() if covered else ():
                _, records, _ = _told_by(path, history_file.chunk(path, start, until))
                if start != reached or not all(self._knows(number, record) for record in records):
                    yield f"{path.name}, from byte {reached} to {until}"
                reached = until
            if reached != covered:
                yield f"{path.name}, from byte {reached} to {covered}"

    def _knows(self, chunk: int, record: int) -> bool:
        asked = "SELECT count(*) FROM told WHERE record = ? AND chunk = ?"
        (found,) = self._connection.execute(asked, (record, chunk)).fetchone()
        return bool(found)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def follow(cls, folder: Path, tap: Tap) -> None:
        """Take in what has come since, on disk. Where that can't be done the log says so: nothing is lost but time."""
        try:
            cls._follow(folder, tap)
        except (sqlite3.OperationalError, OSError) as refused:
            log_event(_log, logging.WARNING, "history_index_not_written", str(refused))
        except sqlite3.DatabaseError:
            sqlite_index.remove(folder / INDEX)
            with suppress(sqlite3.DatabaseError, OSError):
                cls._follow(folder, tap)

    @classmethod
    def _follow(cls, folder: Path, tap: Tap) -> None:
        index = cls(folder, sqlite_index.for_writing(folder / INDEX, HISTORY_INDEX_VERSION))
        try:
            index._connection.executescript(f"{_TABLES} {_MEMORY};")
            index._forget_what_is_not_there()
            for path in history.files(folder):
                index._take_in(path)
            tap("history.index.commit")
            index._connection.commit()
        finally:
            index.close()

    def _forget_what_is_not_there(self) -> None:
        sound = self._covered()
        rows = self._connection.execute("SELECT file FROM covered UNION SELECT file FROM chunks").fetchall()
        for (file,) in rows:
            if file not in sound:
                self._connection.execute(
                    "DELETE FROM told WHERE chunk IN (SELECT id FROM chunks WHERE file = ?)", (file,)
                )
                self._connection.execute("DELETE FROM chunks WHERE file = ?", (file,))
                self._connection.execute("DELETE FROM covered WHERE file = ?", (file,))

    def _take_in(self, path: Path) -> None:
        covered = before = self.covered(path)
        for chunk, records, latest in _read(path, covered):
            row = (path.name, chunk.start, chunk.end, latest)
            added = self._connection.execute(
                "INSERT INTO chunks (file, start, until, latest) VALUES (?, ?, ?, ?)", row
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO told VALUES (?, ?)",
                ((record, added.lastrowid) for record in sorted(records)),
            )
            covered = chunk.end
        if covered > before:
            self._connection.execute(
                "INSERT OR REPLACE INTO covered VALUES (?, ?, ?)",
                (path.name, covered, sqlite_index.final_bytes(path, covered)),
            )


def _read(path: Path, start: int) -> Iterator[tuple[Chunk, set[int], float]]:
    """The chunks with what they tell; up to what is damaged, of which who reads it will tell."""
    with suppress(StateDamaged):
        for chunk in history_file.chunks(path, start):
            yield _told_by(path, chunk)


def _told_by(path: Path, chunk: Chunk) -> tuple[Chunk, set[int], float]:
    """A chunk, the records that it tells of, and its latest moment."""
    found = [line.event for line in journal.sound(path, ((raw, False) for raw in chunk.lines))]
    puts = {(put.section, put.key) for event in found for put in event.puts}
    records = {sqlite_index.number_of(*put) for put in puts if put[0] in TOLD_OF}
    return chunk, records, max(event.at.timestamp() for event in found)


def unknown_to_it(folder: Path) -> str:
    """Where the index does not know of events that it should know of, as far as it covers the history; empty where it knows all."""
    with closing(HistoryIndex.for_reading(folder)) as index:
        try:
            return next(index.lacking(), "")
        except UNUSABLE as damaged:
            return str(damaged)
