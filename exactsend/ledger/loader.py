"""The files in a ledger's folder, and how the records are read from them. Writes nothing but a README."""

import logging
from pathlib import Path

from exactsend.errors import StateDamaged
from exactsend.ledger import history, journal, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.journal import Line
from exactsend.ledger.snapshot import HistoryExtent, Records
from exactsend.system import durable_files
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

SNAPSHOT = "ledger.json"
PREVIOUS_SNAPSHOT = "ledger.json.1"
JOURNAL = "journal.jsonl"
INDEX = "index.sqlite"
INDEX_VERSION = 1
_USER_VERSION, _APPLICATION_ID = 60, 68
"""The offsets in SQLite's header of the numbers that the pragmas of these names set: https://sqlite.org/fileformat.html."""


def load(folder: Path) -> tuple[Records, list[Line]]:
    """The records, and the lines of the journal.

    A fold moves events from the journal to the history and then to the snapshot. This reads in the opposite order, so that it finds
    events that move meanwhile once or twice, but always.
    """
    with durable_files.disk_errors(folder):
        records = _snapshot_of(folder)
        _warn_of_lost_history(folder, records)
        lines = journal_lines(folder)
        newer = history.events_beyond(folder / HISTORY, records.history_extent)
        for event in journal.merged(newer, (line.event for line in lines)):
            if event.seq > records.seq:
                require_next(folder, records.seq, event.seq)
                records.apply(event)
    return records, lines


def _warn_of_lost_history(folder: Path, records: Records) -> None:
    """Warn if the history lost something. Runs go on: only a delivery whose own record is lost waits."""
    try:
        history.require_whole(folder / HISTORY, records.history_extent)
    except StateDamaged as damaged:
        log_event(_log, logging.WARNING, "history_damaged", f"{damaged.message}; runs go on without it")


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
    """The files and folders that exist and must be private."""
    files = [folder / name for name in (HISTORY, SNAPSHOT, PREVIOUS_SNAPSHOT, JOURNAL, INDEX)]
    with durable_files.disk_errors(folder):
        inside = history.files(folder / HISTORY)
        return [path for path in (folder, *files, *inside) if path.exists()]


def has_index(folder: Path, extent: HistoryExtent) -> bool:
    """Whether there is an index of this version and ledger. Does not load SQLite, which most runs do not need."""
    path = folder / INDEX
    if not path.exists():
        return False
    with durable_files.disk_errors(path), path.open("rb") as file:
        header = file.read(_APPLICATION_ID + 4)
    return (header[_USER_VERSION:][:4], header[_APPLICATION_ID:]) == (
        INDEX_VERSION.to_bytes(4, "big"),
        extent.index_id.to_bytes(4, "big"),
    )


def write_readme(folder: Path, program: str) -> None:
    """Leave a note for people that says what this folder is."""
    path = folder / "README.txt"
    if path.exists():
        return
    with durable_files.disk_errors(path):
        path.touch(durable_files.PRIVATE_FILE)
        path.write_text(
            f"This folder belongs to {program}: it remembers what was sent and which labels were bought.\n"
            "Reading is safe. Do not edit or delete anything here, and back it up as a whole.\n"
        )


def require_next(path: Path, before: int, seq: int) -> None:
    """Refuse event ``seq`` as the one that follows ``before``.

    Raises:
        StateDamaged: it is not the next.
    """
    if seq != before + 1:
        raise journal.damaged(path, f"event {seq} follows event {before}: those between are missing")
