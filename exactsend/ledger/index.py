"""Where in the archive a record stands, and which numbers people call it by, so that looking one up costs the same at any size.

A short cut and nothing more: it is made anew from the blocks where it is missing, damaged, or of another archive, and what it says
beyond the snapshot's extent is not believed. SQLite keeps it, in one file.
"""

import sqlite3
import weakref
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from exactsend.ledger import blocks, sqlite_index
from exactsend.ledger.blocks import INDEX, Block, Extent
from exactsend.ledger.fitness import ARCHIVE_INDEX_VERSION
from exactsend.ledger.number_fields import numbers_of
from exactsend.system import durable_files
from exactsend.system.durable_files import Tap, untapped

_TABLES = """
CREATE TABLE IF NOT EXISTS covered (file TEXT PRIMARY KEY, bytes INTEGER, final BLOB);
CREATE TABLE IF NOT EXISTS places (section TEXT, key TEXT, seq INTEGER, file TEXT, start INTEGER,
    PRIMARY KEY (section, key, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bearing (section TEXT, number TEXT, key TEXT,
    PRIMARY KEY (section, number, key)) WITHOUT ROWID;
"""


class Index:
    """The index of one archive, open. Made by ``for_writing`` or ``for_reading``."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, tap: Tap = untapped) -> None:
        self._folder = folder
        self._connection = connection
        self._tap = tap
        self.close = weakref.finalize(self, connection.close)

    @classmethod
    def for_writing(cls, folder: Path, extent: Extent, *, tap: Tap) -> Self:
        """The index on disk, brought up to date; made anew where it is of no use.

        Raises:
            LedgerError: the disk refuses.
        """
        durable_files.make_private_folder(folder)
        with suppress(sqlite3.DatabaseError):
            return cls._on_disk(folder, extent, tap)
        sqlite_index.remove(folder / INDEX)
        with sqlite_index.told(folder / INDEX, "archive"):
            return cls._on_disk(folder, extent, tap)

    @classmethod
    def _on_disk(cls, folder: Path, extent: Extent, tap: Tap) -> Self:
        index = cls(folder, sqlite_index.for_writing(folder / INDEX, ARCHIVE_INDEX_VERSION), tap)
        try:
            index._connection.executescript(_TABLES)
            index._require_same_archive(extent)
            index._take_in_new(extent)
        except BaseException:
            index.close()
            raise
        return index

    @classmethod
    def for_reading(cls, folder: Path, extent: Extent) -> Self:
        """The index as it stands, which stays as it is; where it is of no use, one in memory."""
        with suppress(sqlite3.DatabaseError):
            index = cls(folder, sqlite_index.for_reading(folder / INDEX, ARCHIVE_INDEX_VERSION))
            index._require_same_archive(extent)
            if index._covers(extent):
                return index
        index = cls(folder, sqlite3.connect(":memory:", check_same_thread=False))
        index._connection.executescript(_TABLES)
        index._take_in_new(extent)
        return index

    def place(self, section: str, key: str, extent: Extent) -> tuple[str, int] | None:
        """File and byte of the block that holds the record as it was archived last; None where none does."""
        with sqlite_index.told(self._folder / INDEX, "archive"):
            found = self._connection.execute(
                "SELECT file, start FROM places WHERE section = ? AND key = ? ORDER BY seq DESC",
                (section, key),
            ).fetchall()
        return next(((file, start) for file, start in found if start < extent.files.get(file, 0)), None)

    def with_numbers(self, section: str, numbers: Collection[str]) -> set[str]:
        """The keys of the records that bear one of these numbers, or did."""
        found: set[str] = set()
        with sqlite_index.told(self._folder / INDEX, "archive"):
            for number in numbers:
                asked = (section, number)
                rows = self._connection.execute(
                    "SELECT key FROM bearing WHERE section = ? AND number = ?", asked
                )
                found |= {str(key) for (key,) in rows.fetchall()}
        return found

    def blocks_since(self, seq: int, extent: Extent) -> list[tuple[str, int]]:
        """File and byte of the blocks with records that were archived at this event or later."""
        with sqlite_index.told(self._folder / INDEX, "archive"):
            found = self._connection.execute(
                "SELECT DISTINCT file, start FROM places WHERE seq >= ? ORDER BY file, start", (seq,)
            ).fetchall()
        return [(file, start) for file, start in found if start < extent.files.get(file, 0)]

    def catch_up(self, extent: Extent) -> None:
        """Take in the blocks that were added.

        Raises:
            LedgerError: the disk refuses; the next one who opens the index catches up.
        """
        with sqlite_index.told(self._folder / INDEX, "archive"):
            self._take_in_new(extent)

    def _take_in_new(self, extent: Extent) -> None:
        covered = self._covered()
        if covered == extent.files:
            return
        counted = {file: min(length, extent.files.get(file, 0)) for file, length in covered.items()}
        self._connection.executemany("DELETE FROM places WHERE file = ? AND start >= ?", counted.items())
        self._add_places(blocks.read(self._folder, extent, beyond=counted))
        self._connection.execute("DELETE FROM covered")
        self._connection.executemany(
            "INSERT INTO covered VALUES (?, ?, ?)",
            [(file, length, self._final_bytes(file, length)) for file, length in extent.files.items()],
        )
        self._tap("index.commit")
        self._connection.commit()

    def _add_places(self, added: Iterable[Block]) -> None:
        for block in added:
            places = [
                (record.section, record.key, record.seq, block.file, block.start) for record in block.records
            ]
            self._connection.executemany("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)", places)
            self._connection.executemany("INSERT OR IGNORE INTO bearing VALUES (?, ?, ?)", _borne(block))

    def _covered(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT file, bytes FROM covered").fetchall())

    def _covers(self, extent: Extent) -> bool:
        covered = self._covered()
        return all(covered.get(file, 0) >= length for file, length in extent.files.items())

    def _require_same_archive(self, extent: Extent) -> None:
        for file, length, final in self._connection.execute("SELECT file, bytes, final FROM covered"):
            found = self._final_bytes(file, length)
            # A file that lost its end is still the same: what stood there is known by this index, and by nothing else any more.
            is_cut = len(found) < len(final) and length <= extent.files.get(file, 0)
            if found != final and not is_cut:
                raise sqlite3.DatabaseError("of another archive")

    def _final_bytes(self, file: str, length: int) -> bytes:
        return sqlite_index.final_bytes(self._folder / file, length)


def _borne(block: Block) -> Iterator[tuple[str, str, str]]:
    for record in block.records:
        for number in numbers_of(record.section, record.record) if record.record else ():
            yield record.section, number, record.key
