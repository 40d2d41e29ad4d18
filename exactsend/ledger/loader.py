"""What stands in a ledger's folder, and how the records are made from it. Reads only, but for a note to people."""

import logging
from pathlib import Path

from exactsend.errors import StateDamaged
from exactsend.ledger import blocks, history, journal, snapshot
from exactsend.ledger.archive import ARCHIVE
from exactsend.ledger.journal import Line
from exactsend.ledger.snapshot import Records
from exactsend.system import durable_files
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

SNAPSHOT = "ledger.json"
PREVIOUS_SNAPSHOT = "ledger.json.1"
JOURNAL = "journal.jsonl"
HISTORY = "history"


def load(folder: Path) -> tuple[Records, list[Line]]:
    """The records, and the lines of the journal.

    A fold moves events from the journal to the history and then to the snapshot. So this reads the other way round: whatever is moved
    while we read is found twice or once, never not at all.
    """
    with durable_files.touching(folder):
        records = _snapshot_of(folder)
        _tell_of_lacking_archive(folder, records)
        lines = journal_lines(folder)
        past = history.events(folder / HISTORY, after=records.seq)
        for event in journal.in_order(past, (line.event for line in lines)):
            if event.seq > records.seq:
                require_next(folder, records.seq, event.seq)
                records.apply(event)
    return records, lines


def _tell_of_lacking_archive(folder: Path, records: Records) -> None:
    """Runs go on without what the archive lacks: only a delivery whose own record is there waits."""
    try:
        blocks.require_whole(folder / ARCHIVE, records.archived)
    except StateDamaged as damaged:
        log_event(_log, logging.WARNING, "archive_damaged", f"{damaged.message}; runs go on without it")


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
    files = [folder / name for name in (HISTORY, ARCHIVE, SNAPSHOT, PREVIOUS_SNAPSHOT, JOURNAL)]
    with durable_files.touching(folder):
        inside = (*history.files(folder / HISTORY), *sorted((folder / ARCHIVE).glob("[!.]*")))
        return [path for path in (folder, *files, *inside) if path.exists()]


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
