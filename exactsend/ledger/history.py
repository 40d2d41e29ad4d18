"""The events of past runs, in one file for each year; append-only, and packed once the year is over.

With them the snapshot can always be made anew. The journal of the present run is not here yet.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from exactsend.errors import StateDamaged
from exactsend.ledger import history_file, journal
from exactsend.ledger.fitness import HISTORY_INDEX_VERSION, is_fit
from exactsend.ledger.journal import Event, Line
from exactsend.system.durable_files import AppendOnlyFile, Tap, make_private_folder
from exactsend.system.structured_log import log_event

if TYPE_CHECKING:
    from exactsend.ledger.history_index import HistoryIndex

_log = logging.getLogger(__name__)

INDEX = "index.sqlite"
"""The name of the file beside the years that tells where in them an event stands."""
STEP = 1 << 20
"""The index follows when so many bytes have come: until then what is new is read line by line."""


def files(folder: Path, *, since: datetime | None = None) -> list[Path]:
    """The files that may hold events from ``since`` on, oldest year first."""
    first_year = since.astimezone(UTC).year if since else 0
    # In this order: what is packed meanwhile is found twice, and not never.
    found = [*folder.glob("[0-9]*.jsonl"), *folder.glob(f"[0-9]*.jsonl{history_file.PACKED}")]
    return [path for path in sorted(found) if history_file.year_of(path) >= first_year]


def events(
    folder: Path, *, after: int = 0, since: datetime | None = None, names: Collection[str] = ()
) -> Iterator[Event]:
    """The events numbered above ``after`` and not older than ``since``, in order. What lies before is not read, as far as is known.

    With ``names`` only those with one of these names.

    A packed year whose end is damaged is passed over where there is a snapshot (``after``): it was packed with a snapshot behind it. Should
    it be needed all the same, its numbers are missing, and whoever makes records of the events sees that.
    """
    worth_reading = [path for path in files(folder, since=since) if _reaches_beyond(path, after)]
    starts = _starts(folder, worth_reading, since) if since else {}
    streams = (_events_of(path, names, starts.get(path, 0)) for path in worth_reading)
    for event in journal.in_order(*streams):
        if event.seq > after and (since is None or event.at >= since):
            yield event


def _reaches_beyond(path: Path, after: int) -> bool:
    """Whether a file has events numbered above ``after``."""
    try:
        return history_file.tail(path).seq > after
    except StateDamaged as damaged:
        if not (after and history_file.is_packed(path)):
            raise
        log_event(_log, logging.WARNING, "packed_year_damaged", f"{damaged.message}; runs go on without it")
        return False


def _events_of(path: Path, names: Collection[str], start: int) -> Iterator[Event]:
    return (line.event for line in history_file.lines(path, names=names, start=start))


def _starts(folder: Path, paths: Iterable[Path], since: datetime) -> dict[Path, int]:
    from exactsend.ledger.history_index import UNUSABLE, HistoryIndex  # noqa: PLC0415 - SQLite: runs do not need it

    with suppress(UNUSABLE), closing(HistoryIndex.for_reading(folder)) as index:
        return {path: index.start(path, since) for path in paths}
    return {}


def events_of(folder: Path, keys: Collection[tuple[str, str]]) -> list[Event]:
    """The events that changed one of these records, which are named by section and key; in order.

    Raises:
        StateDamaged: what the files have of them is not what was written.
    """
    from exactsend.ledger.history_index import UNUSABLE, HistoryIndex  # noqa: PLC0415 - SQLite: runs do not need it

    with suppress(UNUSABLE, FileNotFoundError), closing(HistoryIndex.for_reading(folder)) as index:
        return _telling(folder, keys, index)
    # It is damaged, or a run has packed a year while we looked.
    with closing(HistoryIndex.of_nothing(folder)) as index:
        return _telling(folder, keys, index)


def _telling(folder: Path, keys: Collection[tuple[str, str]], index: "HistoryIndex") -> list[Event]:
    found: list[Event] = []
    for path in files(folder):
        for start, end in index.places(path, keys):
            found += history_file.telling(path, history_file.chunk(path, start, end).lines, keys)
        for chunk in history_file.chunks(path, index.covered(path)):
            found += history_file.telling(path, chunk.lines, keys)
    return [*journal.in_order(sorted(found, key=lambda event: event.seq))]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def append(folder: Path, lines: Iterable[Line], *, tap: Tap) -> bool:
    """Add events to the years they happened in, durably. What stands there already, from a fold that died, is not added again.

    Returns:
        Whether enough has come for the index to follow.
    """
    make_private_folder(folder)
    has_grown = False
    for each, of_it in _by_year(lines).items():
        has_grown |= _append_to(folder / f"{each}.jsonl", of_it, tap)
    return has_grown


def _by_year(lines: Iterable[Line]) -> dict[int, list[Line]]:
    years: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        years[line.event.at.year].append(line)
    return years


def _append_to(path: Path, lines: list[Line], tap: Tap) -> bool:
    # Within a file numbers only rise, so its last one tells what it has, even where the clock went back over New Year.
    tail = journal.tail(path)
    missing = b"".join(line.raw for line in lines if line.event.seq > tail.seq)
    with AppendOnlyFile(path, whole_bytes=tail.whole_bytes, name="history", tap=tap) as file:
        if missing:
            file.append(missing)
    return tail.whole_bytes // STEP < (tail.whole_bytes + len(missing)) // STEP


def pack(folder: Path, present: int, *, tap: Tap) -> bool:
    """Pack the years before the present one. One that is damaged stays as it is: ``verify`` tells of it, and no run needs it.

    Returns:
        Whether there was any.

    Raises:
        LedgerError: the disk refuses.
    """
    over = [
        candidate
        for candidate in files(folder)
        if not history_file.is_packed(candidate) and history_file.year_of(candidate) < present
    ]
    for path in over:
        try:
            history_file.pack(path, tap)
        except StateDamaged as damaged:
            log_event(_log, logging.WARNING, "year_not_packed", damaged.message)
    return bool(over)


def has_packed(folder: Path) -> bool:
    """Whether any year is packed."""
    return any(map(history_file.is_packed, files(folder)))


def keep_index(folder: Path, *, has_grown: bool, tap: Tap) -> None:
    """Let the index follow where much has come, or make it where it is missing and would be of use. A run has no need of it."""
    if has_grown or (not is_fit(folder / INDEX, HISTORY_INDEX_VERSION) and _size(folder) >= STEP):
        from exactsend.ledger.history_index import HistoryIndex  # noqa: PLC0415 - loads SQLite, which most runs do not need

        HistoryIndex.follow(folder, tap)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in files(folder))
