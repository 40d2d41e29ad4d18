"""Is a ledger's folder sound? Reads every byte, changes nothing; the runs themselves read only what they need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from exactsend.errors import LedgerError, StateDamaged
from exactsend.ledger import blocks, history, history_index, snapshot
from exactsend.ledger.archive import ARCHIVE, Archive
from exactsend.ledger.blocks import INDEX, Extent
from exactsend.ledger.journal import Record
from exactsend.ledger.loader import HISTORY, SNAPSHOT, private_paths, require_next
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.store import LedgerView
from exactsend.system import durable_files


@dataclass(frozen=True)
class LedgerFault:
    """Something wrong with a folder, and its cure."""

    message: str
    hint: str


def verify(folder: Path) -> list[LedgerFault]:
    """Read every byte in ``folder`` and tell what is wrong with it. What the next run repairs by itself is not wrong."""
    findings = []
    for check in _checks(folder):
        try:
            check()
        except LedgerError as wrong:
            findings.append(LedgerFault(wrong.message, wrong.hint))
    return findings


def _checks(folder: Path) -> Iterator[Callable[[], object]]:
    for path in private_paths(folder):
        yield partial(durable_files.require_private, path)
    yield partial(LedgerView.read, folder)
    yield partial(_require_sound_archive, folder)
    yield partial(_require_whole_history, folder)
    yield partial(_require_sound_history_index, folder)


def _require_sound_archive(folder: Path) -> None:
    """Every block unpacks, and the index, where it stands, finds every record that the blocks hold."""
    extent = snapshot.read(folder / SNAPSHOT).archived if (folder / SNAPSHOT).exists() else Extent()
    blocks.require_whole(folder / ARCHIVE, extent)
    archive = Archive(folder, extent)
    for section in sorted(extent.sections):
        for key, record in archive.section(section).items():
            if archive.get(section, key) != record or not _is_found_by_number(archive, section, key, record):
                raise StateDamaged(
                    f"{folder / ARCHIVE / INDEX} does not find what the archive has under {section} {key}",
                    hint="Delete this one file: it is made anew from the archive.",
                )


def _is_found_by_number(archive: Archive, section: str, key: str, record: Record | None) -> bool:
    numbers = numbers_of(section, record) if record else set()
    return all(key in archive.with_numbers(section, {number}) for number in numbers)


def _require_whole_history(folder: Path) -> None:
    # Old years may have been taken away, so it may begin anywhere.
    for before, event in pairwise(history.events(folder / HISTORY)):
        require_next(folder / HISTORY, before.seq, event.seq)


def _require_sound_history_index(folder: Path) -> None:
    if lacking := history_index.unknown_to_it(folder / HISTORY):
        raise StateDamaged(
            f"{folder / HISTORY / history.INDEX} does not find what the history has: {lacking}",
            hint="Delete this one file: it is made anew from the history.",
        )
