"""What one run of one division works with: both services, its records, the operator's decisions, and its caller's wishes."""

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


def _silent(_: str) -> None:
    return None


def _unrecorded() -> RequestLog:
    return RequestLog(lambda: datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class RunContext:
    """Made once when a division is opened. ``gather`` reads through it, ``apply`` writes through it; ``plan`` never sees it."""

    exact: Exact
    sendcloud: Sendcloud
    records: RecordStore
    policy: Policy
    identity: Identity
    fingerprint_key: bytes
    now: datetime
    """When the run began to read: what is decided is decided as of this moment."""
    clock: Callable[[], datetime]
    questions: OptionalRequests
    """Asks what the run can do without, and remembers what is refused altogether."""
    set_aside: RecordsSetAside
    request_log: RequestLog = field(default_factory=_unrecorded)
    """Sends what changes something, and keeps the requests and answers for the next event in the ledger."""
    clock_ahead: Callable[[], timedelta | None] = lambda: None
    """How far this machine's clock is ahead of the services', if they said; negative: behind."""
    calls_to_spend: Callable[[], int] = lambda: sys.maxsize
    """How many calls to Exact this run can still make without waiting for the next day's."""
    calls_left_today: Callable[[], int] = lambda: sys.maxsize
    """How many calls Exact still allows today, if known."""
    refusals_left: Callable[[str], int] = lambda _endpoint: 4
    """How many more refusals of one of Exact's endpoints this hour allows (S9)."""
    is_owned_beside: Callable[[str], bool] = lambda _shipment: False
    """Whether a shipment is the label of a delivery in another division of this installation."""
    tell: Callable[[str], None] = _silent
    """Shows a phrase to the person who waits."""
    step: Callable[[int, int], None] = lambda _done, _all: None
    """Shows how many actions of how many are done."""
    done: Callable[[Outcome], None] = lambda _outcome: None
    """Takes the outcome of each action at once, so that a run that is cut short has it."""
    stop: Callable[[], None] = lambda: None
    """Raises if the run was asked to end; called between two actions, never inside one."""
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
    """Holds signals back until what must not be cut in two is done. A pause or a read inside may still raise ``Terminated``: no write is in flight."""
