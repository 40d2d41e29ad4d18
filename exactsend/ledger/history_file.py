"""One year of the history: a file that grows, and once the year is over a packed one. Both are read alike, whole or in chunks.

A packed file is made beside the other and takes its place in one step, so at every moment one of the two is whole. Where both
stand, what is in both counts once: by its number.
"""

import json
import os
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from exactsend.ledger import gzip_members, journal
from exactsend.ledger.journal import Event, Line, Tail, damaged
from exactsend.system import durable_files
from exactsend.system.durable_files import Tap, touching

PACKED = ".gz"
"""What is added to a file's name when it is packed."""
CHUNK = 1 << 16
"""A chunk of a file that grows is as long, and a little longer: it ends with a line."""
PACKED_CHUNK = 1 << 17
"""The same of what is packed together."""


class Chunk(NamedTuple):
    """Some lines that stand together."""

    start: int
    end: int
    lines: list[bytes]


def is_packed(path: Path) -> bool:
    """Whether it is a packed file."""
    return path.suffix == PACKED


def year_of(path: Path) -> int:
    """The year whose events a file has."""
    return int(path.name.partition(".")[0])


def packed_beside(path: Path) -> Path:
    """Where the packed file of the same year stands, or will."""
    return path.with_name(path.name + PACKED)


def lines(path: Path, *, names: Collection[str] = (), start: int = 0) -> Iterator[Line]:
    """The events of a file, or of the packed one that has taken its place by now.

    Args:
        path: the file.
        names: only the events that are named so.
        start: the byte to begin at, which begins a chunk.

    Raises:
        StateDamaged: one is not what was written.
    """
    if not is_packed(path):
        with suppress(FileNotFoundError), _opened(path) as file:
            file.seek(start)
            yield from journal.whole_lines(path, file, names=names)
            return
        path, start = packed_beside(path), 0
    raws = ((raw, False) for chunk in chunks(path, start) for raw in chunk.lines)
    yield from journal.sound(path, raws, names=names)


def chunks(path: Path, start: int = 0) -> Iterator[Chunk]:
    """The lines from a byte on that begins a chunk. A last one that was cut short is left out.

    Raises:
        FileNotFoundError: there is no such file any more.
        StateDamaged: a packed one is not what was written.
    """
    with _opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        while start < size:
            chunk = _chunk(path, file, start)
            if not chunk.lines:
                return
            yield chunk
            start = chunk.end


def chunk(path: Path, start: int, end: int) -> Chunk:
    """The lines between two bytes, which are those of a chunk. Raises as ``chunks``."""
    with _opened(path) as file:
        if is_packed(path):
            return _chunk(path, file, start)
        file.seek(start)
        return Chunk(start, end, file.read(end - start).splitlines(keepends=True))


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    file = path.open("rb")  # whether it is there is the caller's question
    with touching(path), file:
        yield file


def _chunk(path: Path, file: BinaryIO, start: int) -> Chunk:
    if is_packed(path):
        try:
            content, end = gzip_members.unpacked(file, start)
        except zlib.error as error:
            raise damaged(path, f"what begins at byte {start} is not what was written") from error
        return Chunk(start, end, content.splitlines(keepends=True))
    file.seek(start)
    found = file.readlines(CHUNK)
    if found and not found[-1].endswith(b"\n"):
        found.pop()
    return Chunk(start, start + sum(map(len, found)), found)


def telling(path: Path, found: Iterable[bytes], keys: Collection[tuple[str, str]]) -> Iterator[Event]:
    """The events of these lines that changed one of these records; the others are passed over unread.

    Raises:
        StateDamaged: a line that names one is not what was written.
    """
    words = [json.dumps(key)[1:-1].encode() for _, key in keys]
    for raw in found:
        if any(word in raw for word in words):
            for line in journal.sound(path, [(raw, False)]):
                if journal.touches(line.event, keys):
                    yield line.event


def tail(path: Path) -> Tail:
    """Where a file stands, or the packed one that has taken its place by now; found from its end, so that its size does not matter.

    Raises:
        StateDamaged: its end is not what was written.
    """
    if not is_packed(path) and (found := journal.tail(path)).seq:
        return found
    path = path if is_packed(path) else packed_beside(path)
    if not path.exists():
        return Tail(seq=0, whole_bytes=0)
    with touching(path), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        final = _final_chunk(file, size)
    for line in journal.sound(path, [(final[-1], False)] if final else []):
        return Tail(line.event.seq, whole_bytes=size)
    raise damaged(path, "its end is not what was written")


def _final_chunk(file: BinaryIO, size: int) -> list[bytes]:
    """The lines of the last piece: the one that ends where the file ends."""
    reach = 1 << 16
    while True:
        begin = max(0, size - reach)
        file.seek(begin)
        content = file.read(size - begin)
        place = content.rfind(gzip_members.GZIP)
        while place >= 0:
            try:
                found, end = gzip_members.unpacked(file, begin + place)
            except zlib.error:
                end = 0  # these bytes only look like a beginning
            if end == size:
                return found.splitlines(keepends=True)
            place = content.rfind(gzip_members.GZIP, 0, place)
        if begin == 0:
            return []
        reach *= 4


# ── packing ──────────────────────────────────────────────────────────────────────────────────────


def pack(path: Path, tap: Tap) -> None:
    """Put the packed file in the place of one that grows; what was packed before of the same year stays in it.

    Raises:
        LedgerError: the disk refuses; it stands as it did.
        StateDamaged: it is not what was written, and stays.
    """
    target = packed_beside(path)
    if journal.tail(path).whole_bytes < path.stat().st_size:
        raise damaged(path, "its last line was cut short")
    before = tail(target)
    fresh = (line.raw for line in journal.read(path) if line.event.seq > before.seq)
    pieces = map(gzip_members.packed, _joined(fresh))
    if (first := next(pieces, None)) is not None:
        durable_files.replace_by_pieces(
            target, chain(_former(target), [first], pieces), name="history.pack", tap=tap
        )
    if tail(target).seq < journal.tail(path).seq:
        raise damaged(target, "it does not end as what was packed into it")
    durable_files.remove(path, name="history.packed", tap=tap)


def _joined(raws: Iterable[bytes]) -> Iterator[bytes]:
    content = bytearray()
    for raw in raws:
        content += raw
        if len(content) >= PACKED_CHUNK:
            yield bytes(content)
            content.clear()
    if content:
        yield bytes(content)


def _former(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece
