"""The events of past runs: one append-only file per year. They are the truth about every record.

The events of the present run are in the journal until the run ends.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from exactsend.ledger import journal
from exactsend.ledger.journal import Event, Line
from exactsend.ledger.snapshot import HistoryExtent
from exactsend.system.durable_files import AppendOnlyFile, FaultHook, disk_errors, make_private_folder

HISTORY = "history"
"""The name of the folder."""
STEP = 1 << 20
"""The index is updated whenever this many bytes were added."""


class RawLine(NamedTuple):
    """A whole line of a file and the byte at which it starts."""

    start: int
    raw: bytes


def files(folder: Path, *, since: datetime | None = None) -> list[Path]:
    """The files that may hold events from ``since`` on, oldest year first."""
    first_year = since.astimezone(UTC).year if since else 0
    return [path for path in sorted(folder.glob("[0-9]*.jsonl")) if year_of(path) >= first_year]


def file_of(folder: Path, year: int) -> Path:
    """The file of a year."""
    return folder / f"{year}.jsonl"


def year_of(path: Path) -> int:
    """The year whose events a file has."""
    return int(path.stem)


def sizes(folder: Path) -> dict[str, int]:
    """The bytes of each file, by its name."""
    return {path.name: path.stat().st_size for path in files(folder)}


def sizes_after(folder: Path, extent: HistoryExtent, lines: Iterable[Line]) -> dict[str, int]:
    """The bytes that each file must have once these lines are added.

    A file that is missing or too short, and to which nothing was added, must have what it had: until it is restored, each run warns.
    """
    added = {file_of(folder, line.event.at.year).name for line in lines}
    now = {
        name: size
        for name, size in sizes(folder).items()
        if name in added or size >= extent.files.get(name, 0)
    }
    return {**extent.files, **now}


def events(
    folder: Path,
    *,
    since: datetime | None = None,
    names: Collection[str] = (),
    starts: Mapping[int, int] | None = None,
) -> Iterator[Event]:
    """The events in order.

    Args:
        folder: the folder of the history.
        since: leave out what is older.
        names: only events with these names.
        starts: the byte to start at in the file of each year, if known.

    Raises:
        StateDamaged: a line is not what was written, or out of order.
    """
    paths = files(folder, since=since)
    for event in journal.merged(
        *(_events_of(path, names, (starts or {}).get(year_of(path), 0)) for path in paths)
    ):
        if since is None or event.at >= since:
            yield event


def _events_of(path: Path, names: Collection[str], start: int) -> Iterator[Event]:
    with disk_errors(path), path.open("rb") as file:
        file.seek(start)
        for line in journal.whole_lines(path, file, names=names):
            yield line.event


def events_beyond(folder: Path, extent: HistoryExtent) -> Iterator[Event]:
    """The events that a snapshot does not contain yet.

    Reads only the files that grew since, so damage to older years stops no run. Always checks the end of the newest file, which is
    written next.
    """
    paths = files(folder)
    grown = [
        path for path in paths if path == paths[-1] or path.stat().st_size > extent.files.get(path.name, 0)
    ]
    unread = [path for path in grown if journal.tail(path).seq > extent.seq]
    streams = (_events_of(path, (), _line_start(path, extent.files.get(path.name, 0))) for path in unread)
    return (event for event in journal.merged(*streams) if event.seq > extent.seq)


def _line_start(path: Path, start: int) -> int:
    """``start`` if a line begins there; otherwise 0: somebody changed the file."""
    if start == 0:
        return 0
    with disk_errors(path), path.open("rb") as file:
        file.seek(start - 1)
        return start if file.read(1) == b"\n" else 0


def require_whole(folder: Path, extent: HistoryExtent) -> None:
    """Refuse a history that lacks events of the snapshot. Compares sizes only.

    Raises:
        StateDamaged: a file is missing or too short.
    """
    found = sizes(folder)
    for name, length in extent.files.items():
        if found.get(name, 0) < length:
            what = f"it has {found.get(name, 0)} bytes, and the snapshot says {length}"
            raise journal.damaged(folder / name, what)


def raw_lines(path: Path, start: int = 0) -> Iterator[RawLine]:
    """The whole lines of a file from a byte on, undecoded. A last line that was cut short is left out."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(start)
        for raw in file:
            if raw.endswith(b"\n"):
                yield RawLine(start, raw)
                start += len(raw)


def event_at(path: Path, descriptor: int, start: int, length: int) -> Event:
    """The event of the line that starts at a byte of an open file.

    Raises:
        StateDamaged: the line is not what was written.
    """
    try:
        return journal.decode(os.pread(descriptor, length, start))
    except (journal.TornLine, journal.BadLine):
        raise journal.damaged(path, f"what begins at byte {start} is not what was written") from None


def append(folder: Path, lines: Iterable[Line], *, fault_hook: FaultHook) -> bool:
    """Add events durably to the years they happened in. Events that a fold that died has already added are not added again.

    Returns:
        Whether the index should be updated.
    """
    make_private_folder(folder)
    has_grown = False
    for year, of_year in _by_year(lines).items():
        has_grown |= _append_to(file_of(folder, year), of_year, fault_hook)
    return has_grown


def _by_year(lines: Iterable[Line]) -> dict[int, list[Line]]:
    years: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        years[line.event.at.year].append(line)
    return years


def _append_to(path: Path, lines: list[Line], fault_hook: FaultHook) -> bool:
    # Within a file numbers only rise, so the last one shows what it has, even if the clock went back over New Year.
    tail = journal.tail(path)
    missing = b"".join(line.raw for line in lines if line.event.seq > tail.seq)
    with AppendOnlyFile(path, whole_bytes=tail.whole_bytes, name="history", fault_hook=fault_hook) as file:
        if missing:
            file.append(missing)
    return tail.whole_bytes // STEP < (tail.whole_bytes + len(missing)) // STEP
