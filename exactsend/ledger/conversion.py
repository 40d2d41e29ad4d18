"""Converts a folder of the previous format, which kept closed records in an archive next to the history and packed past years.

The history has these records too, unless somebody deleted old years: then an event puts them back. Every step can be repeated, so a
conversion that dies starts again.
"""

import gzip
import json
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exactsend.errors import LedgerError, StateDamaged
from exactsend.ledger import journal, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.journal import Record
from exactsend.ledger.loader import PREVIOUS_SNAPSHOT, SNAPSHOT
from exactsend.ledger.snapshot import Records
from exactsend.system import durable_files
from exactsend.system.durable_files import FaultHook

if TYPE_CHECKING:
    from exactsend.ledger.index import Index

_ARCHIVE = "archive"
_RECORDS_OF_AN_EVENT = 100
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError)


class _Archived(NamedTuple):
    """A line of the archive."""

    section: str
    key: str
    record: Record | None
    """None: it was removed."""
    seq: int
    """The last event when it was archived."""


def is_previous_format(folder: Path) -> bool:
    """Whether a folder has files that only the previous format has."""
    return (folder / _ARCHIVE).exists() or any((folder / HISTORY).glob("[0-9]*.jsonl.gz"))


def unpack_years(folder: Path, fault_hook: FaultHook) -> None:
    """Replace packed years with plain files.

    Raises:
        StateDamaged: a packed year is damaged.
        LedgerError: the disk refuses.
    """
    for packed in sorted((folder / HISTORY).glob("[0-9]*.jsonl.gz")):
        path = packed.with_suffix("")
        durable_files.replace(
            path, _lines_of_year(packed, path), name="history.unpack", fault_hook=fault_hook
        )
        durable_files.remove(packed, name="history.packed", fault_hook=fault_hook)


def _lines_of_year(packed: Path, path: Path) -> Iterator[bytes]:
    """All lines of a year: the packed ones, then the newer ones of the plain file."""
    last = b""
    with _damage_of(packed), gzip.open(packed) as file:
        for last in file:
            yield last
    with _damage_of(packed):
        seq = journal.decode(last).seq
    yield from (line.raw for line in journal.read(path) if line.event.seq > seq)


def batches_of_missing_records(
    folder: Path, records: Records, index: "Index"
) -> Iterator[list[tuple[str, str, Record]]]:
    """The archived records that neither the snapshot nor the history has as they are now, in batches.

    Raises:
        StateDamaged: the archive is damaged.
    """
    missing: dict[tuple[str, str], Record | None] = {}
    for archived in _archived_records(folder):
        key = (archived.section, archived.key)
        if archived.key in records.section(archived.section):
            continue
        missing[key] = archived.record
        with suppress(StateDamaged):
            if index.get(*key, until=records.seq) == archived.record:
                del missing[key]
    puts = [(*key, record) for key, record in missing.items() if record is not None]
    for start in range(0, len(puts), _RECORDS_OF_AN_EVENT):
        yield puts[start : start + _RECORDS_OF_AN_EVENT]


def _archived_records(folder: Path) -> Iterator[_Archived]:
    """The records of the archive in the order in which they were archived, as many as the snapshot counts."""
    extent = snapshot.archived(folder / SNAPSHOT)["files"] if (folder / SNAPSHOT).exists() else {}
    for name, length in sorted(extent.items()):
        path = folder / _ARCHIVE / name
        with _damage_of(path):
            content = path.read_bytes()[:length]
            if len(content) < length:
                raise EOFError
            with gzip.open(BytesIO(content)) as file:
                for line in file:
                    yield _Archived(*json.loads(line))


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise journal.damaged(path, "it is not what was written") from error


def delete_archive(folder: Path) -> None:
    """Delete what only the previous format had, and the previous snapshot, since it refers to the archive."""
    with durable_files.disk_errors(folder):
        (folder / PREVIOUS_SNAPSHOT).unlink(missing_ok=True)
        for path in (folder / HISTORY).glob("index.sqlite*"):
            path.unlink()
        shutil.rmtree(folder / _ARCHIVE, ignore_errors=True)
        durable_files.fsync_folder(folder)


@contextmanager
def copy_of(folder: Path) -> Iterator[Path]:
    """A private copy of a folder. Errors about the copy name the original and delete the copy; otherwise the caller deletes it.

    Raises:
        LedgerError: it can't be copied.
    """
    copy = Path(tempfile.mkdtemp(prefix="exactsend-")) / folder.name
    try:
        with durable_files.disk_errors(folder):
            shutil.copytree(folder, copy)
            for path in (copy, *copy.rglob("*")):
                path.chmod(durable_files.PRIVATE_FOLDER if path.is_dir() else durable_files.PRIVATE_FILE)
        yield copy
    except LedgerError as error:
        shutil.rmtree(copy.parent, ignore_errors=True)
        message = error.message.replace(str(copy), str(folder))
        raise type(error)(message, hint=error.hint.replace(str(copy), str(folder))) from error
