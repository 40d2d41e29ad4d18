"""Records that nothing is expected of any more: out of the snapshot, and still found by their keys.

``blocks`` are the files, ``index`` tells where in them a record stands. A fold fills the archive; that a record is in it counts from
the snapshot on that says so.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from exactsend.errors import StateDamaged
from exactsend.ledger import blocks
from exactsend.ledger.blocks import INDEX, Block, Extent, Filed
from exactsend.ledger.fitness import ARCHIVE_INDEX_VERSION, is_fit
from exactsend.ledger.journal import Record
from exactsend.system.durable_files import Tap, untapped

if TYPE_CHECKING:
    from exactsend.ledger.index import Index

ARCHIVE = "archive"


class Archive:
    """The archive of one ledger's folder, as far as a snapshot says that it goes. Nothing is opened before something is asked."""

    def __init__(self, folder: Path, extent: Extent, *, writable: bool = False, tap: Tap = untapped) -> None:
        self._folder = folder / ARCHIVE
        self._extent = extent
        self._writable = writable
        self._tap = tap
        self._opened: Index | None = None
        self._last_read: Block | None = None

    def get(self, section: str, key: str) -> Record | None:
        """The record as it was archived last; None where it never was.

        Raises:
            StateDamaged: its block is not what was written.
        """
        if section not in self._extent.sections:
            return None
        place = self._index().place(section, key, self._extent)
        return None if place is None else self._found(place, section, key).record

    def with_numbers(self, section: str, numbers: Collection[str]) -> set[str]:
        """The keys of a section's records that bear one of these numbers, or did."""
        return self._index().with_numbers(section, numbers) if section in self._extent.sections else set()

    def stream(self, name: str, *, since: int = 0) -> Iterator[tuple[str, Record | None]]:
        """The same as ``section``, one by one in the order in which they were archived, whatever the memory."""
        if name not in self._extent.sections:
            return
        for block in self._blocks(since, name):
            for record in block.records:
                is_last = self._index().place(name, record.key, self._extent) == (block.file, block.start)
                if record.seq >= since and is_last:
                    yield record.key, record.record

    def _found(self, place: tuple[str, int], section: str, key: str) -> Filed:
        block = self._last_read
        if block is None or (block.file, block.start) != place:
            block = self._last_read = blocks.block_at(self._folder, *place)
        for record in block.records:
            if (record.section, record.key) == (section, key):
                return record
        raise StateDamaged(
            f"{self._folder / INDEX} does not fit the archive beside it",
            hint="Delete this one file: it is made anew from the archive.",
        )

    def section(self, name: str, *, since: int = 0) -> dict[str, Record | None]:
        """All records of a section, each as it was archived last; with ``since`` those archived at this event or later.

        Reads the whole archive, with ``since`` the blocks that such records stand in.
        """
        if name not in self._extent.sections:
            return {}
        filed = (record for block in self._blocks(since, name) for record in block.records)
        wanted = (pair for pair in filed if pair.seq >= since)
        return {pair.key: pair.record for pair in sorted(wanted, key=lambda pair: pair.seq)}

    def _blocks(self, since: int, section: str) -> Iterator[Block]:
        if not since:
            return blocks.read(self._folder, self._extent, section=section)
        places = self._index().blocks_since(since, self._extent)
        return (blocks.block_at(self._folder, *place, section=section) for place in places)

    def require_sound(self) -> None:
        """Let pass an archive that is as long as the snapshot says, and whose records can be found.

        Raises:
            StateDamaged: something of it is lost.
        """
        blocks.require_whole(self._folder, self._extent)
        self._index()

    def append(self, year: int, filed: Iterable[Filed]) -> Extent:
        """Add records durably; gives the extent that a snapshot must say for them to count."""
        # The index first: what is cut off now, left by a fold that died, must not be taken for what comes in its place.
        self._index()
        return blocks.append(self._folder, year, filed, self._extent, tap=self._tap)

    def reach(self, extent: Extent) -> None:
        """Count what a snapshot now says."""
        self._index().catch_up(extent)
        self._extent = extent

    def keep_index(self) -> None:
        """Make the index anew where it is missing, or of a former version: a look-up that needs it would read the whole archive."""
        if self._extent.files and not is_fit(self._folder / INDEX, ARCHIVE_INDEX_VERSION):
            with suppress(
                StateDamaged
            ):  # of what is damaged there is no index; who opened the ledger was told
                self._index()

    def _index(self) -> "Index":
        if self._opened is None:
            from exactsend.ledger.index import Index  # noqa: PLC0415 - loads SQLite, which most runs do not need

            if self._writable:
                self._opened = Index.for_writing(self._folder, self._extent, tap=self._tap)
            else:
                self._opened = Index.for_reading(self._folder, self._extent)
        return self._opened

    def close(self) -> None:
        """Give the index back; twice is once."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
