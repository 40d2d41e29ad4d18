"""The events of past runs: one append-only file for each year. This is the truth about every record that ``ledger.json`` no longer has.

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
from exactsend.ledger.snapshot import Past
from exactsend.system.durable_files import AppendOnlyFile, Tap, make_private_folder, touching

HISTORY = "history"
"""The name of the folder."""
STEP = 1 << 20
"""The index is brought up to date whenever this many bytes were added."""


class RawLine(NamedTuple):
    """A whole line of a year's file and the byte at which it starts."""

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


def sizes_after(folder: Path, past: Past, lines: Iterable[Line]) -> dict[str, int]:
    """The bytes that each file must have once these lines are added.

    A file that is missing or too short, and to which nothing was added, must still have what it had: until it is restored, each run warns.
    """
    added = {file_of(folder, line.event.at.year).name for line in lines}
    now = {
        name: size for name, size in sizes(folder).items() if name in added or size >= past.files.get(name, 0)
    }
    return {**past.files, **now}


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
        starts: the byte to begin at in the file of each year, where that is known.

    Raises:
        StateDamaged: a line is not what was written, or out of order.
    """
    paths = files(folder, since=since)
    for event in journal.in_order(
        *(_events_of(path, names, (starts or {}).get(year_of(path), 0)) for path in paths)
    ):
        if since is None or event.at >= since:
            yield event


def _events_of(path: Path, names: Collection[str], start: int) -> Iterator[Event]:
    with touching(path), path.open("rb") as file:
        file.seek(start)
        for line in journal.whole_lines(path, file, names=names):
            yield line.event


def events_beyond(folder: Path, past: Past) -> Iterator[Event]:
    """The events that a snapshot does not contain yet.

    Only the files that grew since are read, so damage to older years stops no run. The end of the newest file is always checked: it is
    written next.
    """
    paths = files(folder)
    grown = [
        path for path in paths if path == paths[-1] or path.stat().st_size > past.files.get(path.name, 0)
    ]
    unread = [path for path in grown if journal.tail(path).seq > past.seq]
    streams = (_events_of(path, (), _line_start(path, past.files.get(path.name, 0))) for path in unread)
    return (event for event in journal.in_order(*streams) if event.seq > past.seq)


def _line_start(path: Path, start: int) -> int:
    """``start`` where a line begins there; else the beginning of the file, which was changed by hand."""
    if start == 0:
        return 0
    with touching(path), path.open("rb") as file:
        file.seek(start - 1)
        return start if file.read(1) == b"\n" else 0


def require_whole(folder: Path, past: Past) -> None:
    """Refuse a history that lacks what the snapshot was written after. Compares sizes only.

    Raises:
        StateDamaged: a file is missing or too short.
    """
    found = sizes(folder)
    for name, length in past.files.items():
        if found.get(name, 0) < length:
            what = f"it has {found.get(name, 0)} bytes, and the snapshot says {length}"
            raise journal.damaged(folder / name, what)


def raw_lines(path: Path, start: int = 0) -> Iterator[RawLine]:
    """The whole lines of a file from a byte on, read or not. A last line that was cut short is left out."""
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
    except (journal.NotWhole, journal.NotSound):
        raise journal.damaged(path, f"what begins at byte {start} is not what was written") from None


def append(folder: Path, lines: Iterable[Line], *, tap: Tap) -> bool:
    """Add events to the years they happened in, durably. Events that are there already, from a fold that died, are not added again.

    Returns:
        Whether enough was added for the index to follow.
    """
    make_private_folder(folder)
    has_grown = False
    for year, of_year in _by_year(lines).items():
        has_grown |= _append_to(file_of(folder, year), of_year, tap)
    return has_grown


def _by_year(lines: Iterable[Line]) -> dict[int, list[Line]]:
    years: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        years[line.event.at.year].append(line)
    return years


def _append_to(path: Path, lines: list[Line], tap: Tap) -> bool:
    # Within a file numbers only rise, so its last one says what it has, even where the clock went back over New Year.
    tail = journal.tail(path)
    missing = b"".join(line.raw for line in lines if line.event.seq > tail.seq)
    with AppendOnlyFile(path, whole_bytes=tail.whole_bytes, name="history", tap=tap) as file:
        if missing:
            file.append(missing)
    return tail.whole_bytes // STEP < (tail.whole_bytes + len(missing)) // STEP
