"""Checks a ledger's folder for damage. Reads every byte and changes nothing; runs read only what they need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exactsend.errors import LedgerError
from exactsend.ledger import conversion, history, index, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.loader import SNAPSHOT, private_paths, require_next
from exactsend.ledger.snapshot import HistoryExtent
from exactsend.ledger.store import LedgerView
from exactsend.system import durable_files


@dataclass(frozen=True)
class LedgerFault:
    """Something wrong with a folder, and what to do about it."""

    message: str
    hint: str


def verify(folder: Path) -> list[LedgerFault]:
    """Read every byte in ``folder`` and report what is wrong. What the next run repairs is not wrong."""
    faults = []
    for check in _checks(folder):
        try:
            check()
        except LedgerError as wrong:
            faults.append(LedgerFault(wrong.message, wrong.hint))
    return faults


def _checks(folder: Path) -> Iterator[Callable[[], object]]:
    for path in private_paths(folder):
        yield partial(durable_files.require_private, path)
    yield partial(LedgerView.read, folder)
    if not conversion.is_previous_format(folder):
        yield partial(_require_sizes, folder)
        yield partial(_require_sound_history, folder)
        yield partial(_require_sound_index, folder)


def _extent(folder: Path) -> HistoryExtent:
    return (
        snapshot.read(folder / SNAPSHOT).history_extent if (folder / SNAPSHOT).exists() else HistoryExtent()
    )


def _require_sizes(folder: Path) -> None:
    history.require_whole(folder / HISTORY, _extent(folder))


def _require_sound_history(folder: Path) -> None:
    # Until a record is read from the history, it may begin anywhere: somebody may have deleted old years.
    extent = _extent(folder)
    last = extent.begins - 1 if extent.sections else None
    for event in history.events(folder / HISTORY):
        if last is not None and event.seq > last:
            require_next(folder / HISTORY, last, event.seq)
        last = event.seq if last is None else max(last, event.seq)


def _require_sound_index(folder: Path) -> None:
    index.require_sound(folder, _extent(folder))
