"""The files of the archive: rows of blocks, each some records that nothing is expected of any more, packed.

A file grows only at its end, and how long it is, is said by the snapshot (``Extent``): what stands beyond was
left by a fold that died before its snapshot, and does not count. So a record is in the snapshot or within the extent, and never in
neither. ``zcat`` shows a file as lines of JSON; each block carries its own checksum.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from exactsend.errors import StateDamaged
from exactsend.ledger import gzip_members
from exactsend.ledger.journal import Record
from exactsend.system import durable_files
from exactsend.system.durable_files import AppendOnlyFile, Tap

INDEX = "index.sqlite"
"""The name of the file beside the blocks that tells where in them a record stands."""
LINES_OF_A_BLOCK = 100
"""One look-up unpacks one block."""


class Filed(NamedTuple):
    """A record as the archive has it; None: it was removed after it had been archived."""

    section: str
    key: str
    record: Record | None
    seq: int
    """The ledger's event number when it was archived: of several the greatest counts."""


class Block(NamedTuple):
    """Some records that stand together."""

    file: str
    start: int
    end: int
    records: tuple[Filed, ...]


@dataclass(frozen=True)
class Extent:
    """How far the archive goes, as a snapshot says it."""

    files: Mapping[str, int] = field(default_factory=dict)
    """Bytes that count, by the name of the file."""
    sections: frozenset[str] = frozenset()
    """The sections that any of its records belong to."""


def append(folder: Path, year: int, filed: Iterable[Filed], extent: Extent, *, tap: Tap) -> Extent:
    """Add records at the end, durably. They count once a snapshot has been written with the extent that comes back."""
    records = list(filed)
    name = f"{year}.jsonl.gz"
    counted = extent.files.get(name, 0)
    packed = b"".join(
        _packed(records[place : place + LINES_OF_A_BLOCK])
        for place in range(0, len(records), LINES_OF_A_BLOCK)
    )
    durable_files.make_private_folder(folder)
    with AppendOnlyFile(folder / name, whole_bytes=counted, name="archive", tap=tap) as file:
        file.append(packed)
    return Extent(
        {**extent.files, name: counted + len(packed)},
        extent.sections | {record.section for record in records},
    )


def _packed(records: Iterable[Filed]) -> bytes:
    lines = (json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n" for record in records)
    return gzip_members.packed("".join(lines).encode("ascii"))


def require_whole(folder: Path, extent: Extent) -> None:
    """Refuse an archive that lacks what the snapshot says it has; asks for sizes only.

    Raises:
        StateDamaged: a file is missing or too short.
    """
    for name, length in extent.files.items():
        path = folder / name
        with durable_files.touching(folder):
            size = path.stat().st_size if path.exists() else 0
        if size < length:
            raise _damaged(path, f"it has {size} bytes, and the snapshot says {length}")


def read(
    folder: Path, extent: Extent, *, beyond: Mapping[str, int] | None = None, section: str = ""
) -> Iterator[Block]:
    """The blocks that count, file by file; ``beyond`` is where to begin in each, ``section`` all that is read of them.

    Raises:
        StateDamaged: one is not what was written.
    """
    for name, length in sorted(extent.files.items()):
        start = (beyond or {}).get(name, 0)
        while start < length:
            block = block_at(folder, name, start, section=section)
            yield block
            start = block.end


def block_at(folder: Path, name: str, start: int, *, section: str = "") -> Block:
    """The block that begins at a byte of a file, or what it has of one section.

    Raises:
        StateDamaged: none does, or it is not what was written.
    """
    path = folder / name
    if not path.exists():
        raise _damaged(path, "it is gone")
    try:
        with durable_files.touching(path), path.open("rb") as file:
            content, end = gzip_members.unpacked(file, start)
        begins = f'["{section}",'.encode() if section else b""
        lines = (line for line in content.splitlines() if line.startswith(begins))
        return Block(name, start, end, tuple(Filed(*json.loads(line)) for line in lines))
    except (zlib.error, ValueError, TypeError) as error:
        raise _damaged(path, f"what begins at byte {start} is not what was written") from error


def _damaged(path: Path, what: str) -> StateDamaged:
    return StateDamaged(
        f"{path} is damaged: {what}",
        hint="Stop the timer and restore the whole folder from a backup; what was bought since is found again at Sendcloud.",
    )
