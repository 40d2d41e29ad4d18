"""Where in the archive a record stands, so that looking one up costs the same at any size.

A short cut and nothing more: it is made anew from the blocks where it is missing, damaged, or of another archive, and what it says
beyond the snapshot's extent is not believed. SQLite keeps it, in one file.
"""

import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from exactsend.errors import LedgerError
from exactsend.ledger import blocks, durable
from exactsend.ledger.blocks import INDEX, Block, Extent
from exactsend.ledger.durable import Tap, untapped

_TABLES = """
CREATE TABLE IF NOT EXISTS covered (file TEXT PRIMARY KEY, bytes INTEGER, final BLOB);
CREATE TABLE IF NOT EXISTS places (section TEXT, key TEXT, seq INTEGER, file TEXT, start INTEGER,
    PRIMARY KEY (section, key, seq)) WITHOUT ROWID;
"""
_FINAL = 8
"""A block ends with the checksum and the length of its content: by these bytes another archive of the same length is known."""


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
        durable.make_private_folder(folder)
        with suppress(sqlite3.DatabaseError):
            return cls._on_disk(folder, extent, tap)
        remove(folder)
        with _told(folder / INDEX):
            return cls._on_disk(folder, extent, tap)

    @classmethod
    def _on_disk(cls, folder: Path, extent: Extent, tap: Tap) -> Self:
        path = folder / INDEX
        with durable.touching(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.PRIVATE_FILE))
        index = cls(folder, _connected(path, mode="rw"), tap)
        try:
            index._connection.executescript(_TABLES)
            index._require_same_archive()
            index._take_in_new(extent)
        except BaseException:
            index.close()
            raise
        return index

    @classmethod
    def for_reading(cls, folder: Path, extent: Extent) -> Self:
        """The index as it stands, which stays as it is; where it is of no use, one in memory."""
        with suppress(sqlite3.DatabaseError):
            index = cls(folder, _connected(folder / INDEX, mode="ro"))
            index._require_same_archive()
            if index._covers(extent):
                return index
        index = cls(folder, sqlite3.connect(":memory:", check_same_thread=False))
        index._connection.executescript(_TABLES)
        index._take_in_new(extent)
        return index

    def place(self, section: str, key: str, extent: Extent) -> tuple[str, int] | None:
        """File and byte of the block that holds the record as it was archived last; None where none does."""
        with _told(self._folder / INDEX):
            found = self._connection.execute(
                "SELECT file, start FROM places WHERE section = ? AND key = ? ORDER BY seq DESC",
                (section, key),
            ).fetchall()
        return next(((file, start) for file, start in found if start < extent.files.get(file, 0)), None)

    def blocks_since(self, seq: int, extent: Extent) -> list[tuple[str, int]]:
        """File and byte of the blocks with records that were archived at this event or later."""
        with _told(self._folder / INDEX):
            found = self._connection.execute(
                "SELECT DISTINCT file, start FROM places WHERE seq >= ? ORDER BY file, start", (seq,)
            ).fetchall()
        return [(file, start) for file, start in found if start < extent.files.get(file, 0)]

    def catch_up(self, extent: Extent) -> None:
        """Take in the blocks that were added.

        Raises:
            LedgerError: the disk refuses; the next one who opens the index catches up.
        """
        with _told(self._folder / INDEX):
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
        places = (
            (one.section, one.key, one.seq, block.file, block.start)
            for block in added
            for one in block.records
        )
        self._connection.executemany("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)", places)

    def _covered(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT file, bytes FROM covered").fetchall())

    def _covers(self, extent: Extent) -> bool:
        covered = self._covered()
        return all(covered.get(file, 0) >= length for file, length in extent.files.items())

    def _require_same_archive(self) -> None:
        for file, length, final in self._connection.execute("SELECT file, bytes, final FROM covered"):
            if self._final_bytes(file, length) != final:
                raise sqlite3.DatabaseError("of another archive")

    def _final_bytes(self, file: str, length: int) -> bytes:
        path = self._folder / file
        if not path.exists():
            return b""
        with durable.touching(path), path.open("rb") as opened:
            opened.seek(max(0, length - _FINAL))
            return opened.read(_FINAL)


def _connected(path: Path, *, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(
            f"{path} can't be used: {error}",
            hint="Make room on its disk if it is full, or delete this one file: it is made anew from the archive.",
        ) from error


def remove(folder: Path) -> None:
    """Take the index away: who needs it next makes it anew."""
    for path in folder.glob(f"{INDEX}*"):
        with durable.touching(path):
            path.unlink()
