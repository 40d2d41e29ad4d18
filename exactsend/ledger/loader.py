"""What is in a ledger's folder, and how the records are read from it. Writes nothing but a note to people."""

import logging
from pathlib import Path

from exactsend.errors import StateDamaged
from exactsend.ledger import history, journal, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.journal import Line
from exactsend.ledger.snapshot import Past, Records
from exactsend.system import durable_files
from exactsend.system.structured_log import tell

_log = logging.getLogger(__name__)

SNAPSHOT = "ledger.json"
PREVIOUS_SNAPSHOT = "ledger.json.1"
JOURNAL = "journal.jsonl"
INDEX = "index.sqlite"
INDEX_VERSION = 1
_USER_VERSION, _APPLICATION_ID = 60, 68
"""Where SQLite's header has the numbers that the pragmas of these names set: https://sqlite.org/fileformat.html."""


def load(folder: Path) -> tuple[Records, list[Line]]:
    """The records, and the lines of the journal.

    A fold moves events from the journal to the history and then to the snapshot. So this reads the other way round: whatever is moved
    while we read is found twice or once, never not at all.
    """
    with durable_files.touching(folder):
        records = _snapshot_of(folder)
        _warn_of_lost_history(folder, records)
        lines = journal_lines(folder)
        past = history.events_beyond(folder / HISTORY, records.past)
        for event in journal.in_order(past, (line.event for line in lines)):
            if event.seq > records.seq:
                require_next(folder, records.seq, event.seq)
                records.apply(event)
    return records, lines


def _warn_of_lost_history(folder: Path, records: Records) -> None:
    """Runs go on without what the history lacks: only a delivery whose own record is lost waits."""
    try:
        history.require_whole(folder / HISTORY, records.past)
    except StateDamaged as damaged:
        tell(_log, logging.WARNING, "history_damaged", f"{damaged.message}; runs go on without it")


def _snapshot_of(folder: Path) -> Records:
    if (folder / SNAPSHOT).exists():
        return snapshot.read(folder / SNAPSHOT)
    if (folder / PREVIOUS_SNAPSHOT).exists():
        raise StateDamaged(
            f"{folder / SNAPSHOT} is missing, and {PREVIOUS_SNAPSHOT} beside it shows that there was one",
            hint=f"Copy {PREVIOUS_SNAPSHOT} to {SNAPSHOT}: what happened since then is read again from the history.",
        )
    return Records()


def journal_lines(folder: Path) -> list[Line]:
    """The whole lines of the journal."""
    return list(journal.read(folder / JOURNAL, gapless=True))


def private_paths(folder: Path) -> list[Path]:
    """All that must be closed to others and exists."""
    files = [folder / name for name in (HISTORY, SNAPSHOT, PREVIOUS_SNAPSHOT, JOURNAL, INDEX)]
    with durable_files.touching(folder):
        inside = history.files(folder / HISTORY)
        return [path for path in (folder, *files, *inside) if path.exists()]


def has_index(folder: Path, past: Past) -> bool:
    """Whether there is an index of this version and ledger. Asked without loading SQLite, which most runs do not need."""
    path = folder / INDEX
    if not path.exists():
        return False
    with durable_files.touching(path), path.open("rb") as file:
        header = file.read(_APPLICATION_ID + 4)
    return (header[_USER_VERSION:][:4], header[_APPLICATION_ID:]) == (
        INDEX_VERSION.to_bytes(4, "big"),
        past.index_id.to_bytes(4, "big"),
    )


def introduce(folder: Path, program: str) -> None:
    """Leave a note for people that says whose folder this is."""
    path = folder / "README.txt"
    if path.exists():
        return
    with durable_files.touching(path):
        path.touch(durable_files.PRIVATE_FILE)
        path.write_text(
            f"This folder belongs to {program}: it is its memory of what was sent and which labels were bought.\n"
            "Looking is safe; do not edit or delete anything here, and back it up as a whole.\n"
        )


def require_next(path: Path, before: int, seq: int) -> None:
    """Refuse event ``seq`` as the one that follows ``before``.

    Raises:
        StateDamaged: it is not the next.
    """
    if seq != before + 1:
        raise journal.damaged(path, f"event {seq} follows event {before}, what was between is missing")
