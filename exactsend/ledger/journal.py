"""One event, and a file of events: how a line is encoded, checked and read back.

The journal of the present run and the years of the history are such files. ``store`` and ``history`` write them.
"""

import heapq
import json
import os
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypedDict

from exactsend.errors import StateDamaged
from exactsend.http.messages import Json
from exactsend.system.durable_files import disk_errors

Record = dict[str, Json]
"""What is known of one thing. Read it, never change it: a change is a put."""


class Put(NamedTuple):
    """What an event makes of one record; None removes it."""

    section: str
    key: str
    record: Record | None
    is_change: bool = False
    """Whether only these fields change; a field that is None is removed."""

    def applied_to(self, before: Record | None) -> Record | None:
        """The record from now on."""
        if not self.is_change or self.record is None:
            return self.record
        changed = {**(before or {}), **self.record}
        return {
            name: value for name, value in changed.items() if value is not None or name not in self.record
        }


@dataclass(frozen=True)
class Event:
    """Something that happened, and what it changed."""

    seq: int
    """Counted from 1 over the ledger's whole life, without a gap."""
    at: datetime
    run: str
    name: str
    subject: str | None
    """What it is about, such as a delivery's id; None where it is about the run."""
    facts: Record
    puts: tuple[Put, ...]


class TornLine(ValueError):
    """A line whose writing was cut short."""


class BadLine(ValueError):
    """A line that is whole but not what was written; the message says why."""


class Line(NamedTuple):
    """An event and its bytes in the file."""

    event: Event
    raw: bytes


class Tail(NamedTuple):
    """The end of a file: the number of its last event, 0 without any, and the byte after its last whole line."""

    seq: int
    whole_bytes: int


class _Fields(TypedDict):
    seq: int
    at: str
    run: str
    event: str
    subject: str | None
    facts: Record
    puts: list[tuple[str, str, Record | None] | tuple[str, str, Record | None, str]]


_CHANGE = "change"
"""Marks a put that is a change."""


def encode(event: Event) -> bytes:
    """The line of ``event``, with its checksum.

    Raises:
        ValueError, TypeError: it holds what JSON can't.
    """
    fields: _Fields = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "run": event.run,
        "event": event.name,
        "subject": event.subject,
        "facts": event.facts,
        "puts": [(*put[:3], _CHANGE) if put.is_change else put[:3] for put in event.puts],
    }
    return _sealed(json.dumps(fields, separators=(",", ":"), allow_nan=False).encode("ascii"))


def _sealed(body: bytes) -> bytes:
    return b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


_SEAL_LENGTH = len(_sealed(b"{}")) - len(b"{")


def decode(line: bytes) -> Event:
    """The event of one line.

    Raises:
        TornLine: no newline ends it, or it is not JSON.
        BadLine: its checksum does not fit, or it has a shape that this program does not write.
    """
    if not line.endswith(b"\n"):
        raise TornLine
    try:
        fields: _Fields = json.loads(line)
    except ValueError as error:
        raise TornLine from error
    if _sealed(line[:-_SEAL_LENGTH] + b"}") != line:
        raise BadLine("its checksum does not fit its content")
    try:
        return _event(fields)
    except (KeyError, TypeError, ValueError) as error:
        # The checksum fits, so another version wrote it.
        raise BadLine("it has a shape that this version of exactsend does not know") from error


def _event(fields: _Fields) -> Event:
    return Event(
        seq=fields["seq"],
        at=datetime.fromisoformat(fields["at"]),
        run=fields["run"],
        name=fields["event"],
        subject=fields["subject"],
        facts=fields["facts"],
        puts=tuple(_put(*put) for put in fields["puts"]),
    )


def _put(section: str, key: str, record: Record | None, kind: str = "") -> Put:
    if kind not in {"", _CHANGE}:
        raise ValueError
    return Put(section, key, record, kind == _CHANGE)


def read(path: Path, *, gapless: bool = False, names: Collection[str] = ()) -> Iterator[Line]:
    """Every whole line of a file; none if there is no file. Takes and raises the same as ``whole_lines``."""
    if path.exists():
        with disk_errors(path), path.open("rb") as file:
            yield from whole_lines(path, file, gapless=gapless, names=names)


def whole_lines(
    path: Path, file: BufferedReader, *, gapless: bool = False, names: Collection[str] = ()
) -> Iterator[Line]:
    """Every whole line of an open file from its position on. A last line that was cut short, as by a crash, is left out.

    Args:
        path: the path of the file.
        file: the file, open.
        gapless: refuse gaps in the numbers.
        names: only events with these names; other lines are skipped undecoded, which is many times quicker.

    Raises:
        StateDamaged: another line is bad, or out of order.
    """
    raws = ((raw, not file.peek(1)) for raw in file)
    yield from sound_lines(path, raws, gapless=gapless, names=names)


def sound_lines(
    path: Path, raws: Iterable[tuple[bytes, bool]], *, gapless: bool = False, names: Collection[str] = ()
) -> Iterator[Line]:
    """The decoded lines of a file. Each raw line comes with whether it may be torn, as only the last one may.

    Raises:
        StateDamaged: one is bad, or out of order.
    """
    before = 0
    is_named = _has_one_of(names)
    for number, (raw, may_be_torn) in enumerate(raws, start=1):
        if not is_named(raw):
            continue
        event = _decoded(path, number, raw, may_be_torn=may_be_torn)
        if event is None:
            return
        _require_order(path, number, before, event.seq, gapless=gapless)
        before = event.seq
        yield Line(event, raw)


def _has_one_of(names: Collection[str]) -> Callable[[bytes], object]:
    """Whether a line is that of an event with one of these names, as ``encode`` writes it; any line where none is given."""
    if not names:
        return lambda _line: True
    wanted = b"|".join(re.escape(name.encode()) for name in names)
    return re.compile(rb'{"seq":\d+,"at":"[^"]*","run":"[^"]*","event":"(?:' + wanted + rb')"').match


def _decoded(path: Path, number: int, raw: bytes, *, may_be_torn: bool) -> Event | None:
    try:
        return decode(raw)
    except TornLine:
        if may_be_torn:
            return None
        raise damaged(path, f"line {number} is not an event") from None
    except BadLine as error:
        raise damaged(path, f"line {number}: {error}") from None


def _require_order(path: Path, number: int, before: int, seq: int, *, gapless: bool) -> None:
    if seq <= before or (gapless and before and seq != before + 1):
        raise damaged(path, f"line {number}: event {seq} follows event {before}")


def tail(path: Path) -> Tail:
    """The end of a file, read from behind so that its size does not matter.

    Raises:
        StateDamaged: its last whole line is bad.
    """
    if not path.exists():
        return Tail(seq=0, whole_bytes=0)
    with disk_errors(path), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        lines = _last_two_lines(file, size)
    try:
        return _tail_of(lines, size)
    except (TornLine, BadLine):
        raise damaged(path, "its last whole line is not an event") from None


def _last_two_lines(file: BinaryIO, size: int) -> list[bytes]:
    reach = 1 << 16
    while True:
        file.seek(max(0, size - reach))
        lines = list(BytesIO(file.read(reach)))
        if len(lines) > 2 or reach >= size:  # noqa: PLR2004 - the first of three may be the rest of a line
            return lines[-2:]
        reach *= 4


def _tail_of(lines: list[bytes], size: int) -> Tail:
    if not lines:
        return Tail(seq=0, whole_bytes=0)
    *before, final = lines
    try:
        return Tail(decode(final).seq, whole_bytes=size)
    except TornLine:
        seq = decode(before[0]).seq if before else 0
        return Tail(seq, whole_bytes=size - len(final))


def changes_any(event: Event, keys: Collection[tuple[str, str]]) -> bool:
    """Whether an event changed one of these records, named by section and key."""
    return any((put.section, put.key) in keys for put in event.puts)


def mentions(raw: bytes, key: str) -> bool:
    """Whether a line may concern a record with this key. Does not decode it."""
    return json.dumps(key)[1:-1].encode() in raw


def merged(*streams: Iterable[Event]) -> Iterator[Event]:
    """The events of several files in order of their numbers, each once: a fold that died leaves some in two files."""
    reached = 0
    for event in heapq.merge(*streams, key=lambda event: event.seq):
        if event.seq > reached:
            yield event
            reached = event.seq


def damaged(path: Path, what: str) -> StateDamaged:
    """The error for a file or folder whose events can't be trusted."""
    return StateDamaged(
        f"{path} is damaged: {what}",
        hint="Stop the timer and restore the whole folder from a backup; what was bought since is found again at Sendcloud.",
    )
