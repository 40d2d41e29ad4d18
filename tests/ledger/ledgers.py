"""Opening ledgers, reading them back, and fault hooks that make them die or fail."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from exactsend.ledger.journal import Record
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.system.durable_files import FaultHook, no_fault
from exactsend.system.lock import Clock

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROGRAM = "exactsend 0.1.0"


def now() -> datetime:
    return NOW


def open_ledger(folder: Path, *, fault_hook: FaultHook = no_fault, clock: Clock = now) -> Ledger:
    return Ledger.open(folder, run_id="run1", clock=clock, program=PROGRAM, fault_hook=fault_hook)


def note(ledger: Ledger, name: str) -> None:
    """Record an event that leaves a record of the same name."""
    ledger.record(name, puts=[("deliveries", name, {"state": name})])


def notes(folder: Path) -> list[str]:
    """The names of all events; each has left its record, and nothing else is there."""
    view = LedgerView.read(folder)
    names = [event.name for event in view.events()]
    assert dict(view.items("deliveries")) == {name: {"state": name} for name in names}
    return names


def failing(effect: str, error: int) -> FaultHook:
    """A fault hook that lets the operating system refuse one effect."""

    def fault_hook(name: str) -> None:
        if name == effect:
            raise OSError(error, "refused by the test")

    return fault_hook


def at_effect(number: int, action: Callable[[str], None]) -> FaultHook:
    """A fault hook that does ``action`` just before the ``number``-th effect, counted from 1."""
    left = number

    def fault_hook(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            action(name)

    return fault_hook


def records_of(folder: Path, section: str) -> dict[str, Record]:
    return dict(LedgerView.read(folder).items(section))
