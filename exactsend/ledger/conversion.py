"""Takes over a folder of the format before, which kept records that were long done in an archive next to the history.

The history has these records too, unless old years were deleted: then an event puts them back. Past years were packed; they are
unpacked. Every step can be repeated, so a conversion that dies begins again.
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
from exactsend.system.durable_files import Tap

if TYPE_CHECKING:
    from exactsend.ledger.index import Index

_ARCHIVE = "archive"
_RECORDS_OF_AN_EVENT = 100
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError)


class _Archived(NamedTuple):
    """A record as a line of the archive has it; None: it was removed afterwards."""

    section: str
    key: str
    record: Record | None
    seq: int
    """The last event when it was archived: of several lines of a record the greatest counts."""


def has_archive(folder: Path) -> bool:
    """Whether a folder has the format before."""
    return (folder / _ARCHIVE).exists() or any((folder / HISTORY).glob("[0-9]*.jsonl.gz"))


def unpack_years(folder: Path, tap: Tap) -> None:
    """Replace packed years by plain ones.

    Raises:
        StateDamaged: a packed year is damaged.
        LedgerError: the disk refuses.
    """
    for packed in sorted((folder / HISTORY).glob("[0-9]*.jsonl.gz")):
        path = packed.with_suffix("")
        durable_files.replace(path, _lines_of_year(packed, path), name="history.unpack", tap=tap)
        durable_files.remove(packed, name="history.packed", tap=tap)


def _lines_of_year(packed: Path, path: Path) -> Iterator[bytes]:
    """All lines of a year: the packed ones, and those of the plain file that are not among them."""
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
    """The archived records that neither the snapshot nor the history has, in batches.

    Raises:
        StateDamaged: the archive is damaged.
    """
    missing: dict[tuple[str, str], Record | None] = {}
    for archived in _archived_records(folder):
        key = (archived.section, archived.key)
        if archived.key not in records.section(archived.section):
            with suppress(StateDamaged):
                if index.get(*key, until=records.seq) is not None:
                    continue
            missing[key] = archived.record
    puts = [(*key, record) for key, record in missing.items() if record is not None]
    for start in range(0, len(puts), _RECORDS_OF_AN_EVENT):
        yield puts[start : start + _RECORDS_OF_AN_EVENT]


def _archived_records(folder: Path) -> Iterator[_Archived]:
    """The records of the archive, as far as the snapshot says that it goes, in the order in which they were archived."""
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
    """Delete what only the format before had. The snapshot before the last goes with it, since it refers to the archive."""
    with durable_files.touching(folder):
        (folder / PREVIOUS_SNAPSHOT).unlink(missing_ok=True)
        for path in (folder / HISTORY).glob("index.sqlite*"):
            path.unlink()
        shutil.rmtree(folder / _ARCHIVE, ignore_errors=True)
        durable_files.fsync_folder(folder)


@contextmanager
def copy_of(folder: Path) -> Iterator[Path]:
    """A copy of a folder to work on, closed to others. Errors about the copy name the original; without one the caller deletes it.

    Raises:
        LedgerError: it can't be copied.
    """
    copy = Path(tempfile.mkdtemp(prefix="exactsend-")) / folder.name
    try:
        with durable_files.touching(folder):
            shutil.copytree(folder, copy)
            for path in (copy, *copy.rglob("*")):
                path.chmod(durable_files.PRIVATE_FOLDER if path.is_dir() else durable_files.PRIVATE_FILE)
        yield copy
    except LedgerError as error:
        shutil.rmtree(copy.parent, ignore_errors=True)
        message = error.message.replace(str(copy), str(folder))
        raise type(error)(message, hint=error.hint.replace(str(copy), str(folder))) from error
