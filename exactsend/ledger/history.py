"""The events of past runs, in one file for each year; append-only, never rewritten.

With them the snapshot can always be made anew. The journal of the present run is not here yet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from exactsend.ledger import journal
from exactsend.ledger.durable import AppendOnlyFile, Tap, make_private_folder
from exactsend.ledger.journal import Event, Line


def files(folder: Path, *, since: datetime | None = None) -> list[Path]:
    """The files that may hold events from ``since`` on, oldest year first."""
    first_year = since.astimezone(UTC).year if since else 0
    return [path for path in sorted(folder.glob("[0-9]*.jsonl")) if int(path.stem) >= first_year]


def events(
    folder: Path,
    *,
    after: int = 0,
    since: datetime | None = None,
    names: Collection[str] = (),
    naming: Collection[str] = (),
) -> Iterator[Event]:
    """The events numbered above ``after`` and not older than ``since``, in order. Files without any are not read.

    With ``names`` only those with one of these names, with ``naming`` those that have one of these words.
    """
    worth_reading = [path for path in files(folder, since=since) if journal.tail(path).seq > after]
    for event in journal.in_order(*(_events_of(path, names, naming) for path in worth_reading)):
        if event.seq > after and (since is None or event.at >= since):
            yield event


def _events_of(path: Path, names: Collection[str], naming: Collection[str]) -> Iterator[Event]:
    return (line.event for line in journal.read(path, names=names, naming=naming))


def append(folder: Path, lines: Iterable[Line], *, tap: Tap) -> None:
    """Add events to the years they happened in, durably. What stands there already, from a fold that died, is not added again."""
    make_private_folder(folder)
    for year, of_the_year in _by_year(lines).items():
        _append_to(folder / f"{year}.jsonl", of_the_year, tap)


def _by_year(lines: Iterable[Line]) -> dict[int, list[Line]]:
    years: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        years[line.event.at.year].append(line)
    return years


def _append_to(path: Path, lines: list[Line], tap: Tap) -> None:
    # Within a file numbers only rise, so its last one tells what it has, even where the clock went back over New Year.
    tail = journal.tail(path)
    missing = b"".join(line.raw for line in lines if line.event.seq > tail.seq)
    with AppendOnlyFile(path, whole_bytes=tail.whole_bytes, name="history", tap=tap) as file:
        if missing:
            file.append(missing)
