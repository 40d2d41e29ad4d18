"""What one division's run works with: both services, its records, its policy, and its caller's callbacks."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from exactsend.domain.policy import Policy
from exactsend.domain.record_store import RecordStore
from exactsend.engine.optional_requests import OptionalRequests
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.ports import Exact, Sendcloud
from exactsend.engine.request_log import RequestLog
from exactsend.engine.snapshot import Identity
from exactsend.engine.unreadable_records import RecordsSetAside


def _show_nothing(_: str) -> None:
    return None


def _log_without_clock() -> RequestLog:
    return RequestLog(lambda: datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class RunContext:
    """Created when a division is opened. ``gather`` and ``apply`` use it; ``plan`` never does."""

    exact: Exact
    sendcloud: Sendcloud
    records: RecordStore
    policy: Policy
    identity: Identity
    fingerprint_key: bytes
    now: datetime
    """When the run began to read. All decisions are made as of this time."""
    clock: Callable[[], datetime]
    questions: OptionalRequests
    """Sends the requests that the run can do without, and records refusals."""
    set_aside: RecordsSetAside
    request_log: RequestLog = field(default_factory=_log_without_clock)
    """Sends what changes something, and holds requests and answers for the next ledger event."""
    clock_ahead: Callable[[], timedelta | None] = lambda: None
    """How far this machine's clock is ahead of the services' (negative: behind); None if unknown."""
    calls_to_spend: Callable[[], int] = lambda: sys.maxsize
    """How many calls to Exact this run can make without waiting for tomorrow."""
    calls_left_today: Callable[[], int] = lambda: sys.maxsize
    """How many calls Exact allows today, if known."""
    refusals_left: Callable[[str], int] = lambda _endpoint: 4
    """How many more refusals of an Exact endpoint this hour allows (S9)."""
    is_other_divisions_label: Callable[[str], bool] = lambda _shipment: False
    """Whether a shipment is the label of a delivery of another division in this installation."""
    show_phase: Callable[[str], None] = _show_nothing
    """Shows a phrase to a waiting person."""
    step: Callable[[int, int], None] = lambda _done, _all: None
    """Shows how many actions are done, out of how many."""
    done: Callable[[Outcome], None] = lambda _outcome: None
    """Receives each action's outcome at once, so that an interrupted run still has it."""
    stop: Callable[[], None] = lambda: None
    """Raises if the run was asked to end. Called between actions, never during one."""
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
    """Delays signals until the section ends. A pause or a read inside may still raise ``Terminated``: no write is in flight."""
