"""Is a ledger's folder sound? Reads every byte, changes nothing; the runs themselves read only what they need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from exactsend.errors import LedgerError
from exactsend.ledger import durable, history
from exactsend.ledger.folder import HISTORY, private_paths, require_next
from exactsend.ledger.store import LedgerView


@dataclass(frozen=True)
class Finding:
    """Something wrong with a folder, and its cure."""

    message: str
    hint: str


def verify(folder: Path) -> list[Finding]:
    """Read every byte in ``folder`` and tell what is wrong with it. What the next run repairs by itself is not wrong."""
    findings = []
    for check in _checks(folder):
        try:
            check()
        except LedgerError as wrong:
            findings.append(Finding(wrong.message, wrong.hint))
    return findings


def _checks(folder: Path) -> Iterator[Callable[[], object]]:
    for path in private_paths(folder):
        yield partial(durable.require_private, path)
    yield partial(LedgerView.read, folder)
    yield partial(_require_whole_history, folder)


def _require_whole_history(folder: Path) -> None:
    # Old years may have been taken away, so it may begin anywhere.
    for before, event in pairwise(history.events(folder / HISTORY)):
        require_next(folder / HISTORY, before.seq, event.seq)
