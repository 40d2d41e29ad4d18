"""What an application of a plan works with: both systems, the memory, the clock, and the way to hold signals back."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from exactsend.domain.policy import Policy
from exactsend.domain.record_store import Memory
from exactsend.engine.optional_requests import Questions
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.ports import Exact, Sendcloud
from exactsend.engine.request_log import Exchanges
from exactsend.engine.snapshot import Identity


def _silent(_: str) -> None:
    return None


def _unheard() -> Exchanges:
    return Exchanges(lambda: datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Hands:
    """Both systems and the memory, for one division and one run."""

    exact: Exact
    sendcloud: Sendcloud
    memory: Memory
    policy: Policy
    identity: Identity
    fingerprint_key: bytes
    clock: Callable[[], datetime]
    questions: Questions
    """Remembers what is refused altogether, and what was due and could not be done for that."""
    exchanges: Exchanges = field(default_factory=_unheard)
    """Takes what is about to be sent, so that the ledger tells it with the next event."""
    clock_ahead: Callable[[], timedelta | None] = lambda: None
    """By how much this machine's clock is ahead of the services', as far as they said; negative: behind."""
    calls_left: Callable[[], int] = lambda: sys.maxsize
    """How many calls Exact still allows today, as far as it is known."""
    refusals_left: Callable[[str], int] = lambda _endpoint: 4
    """How many refusals of one of Exact's endpoints may still be risked in this hour (S9)."""
    is_owned_beside: Callable[[str], bool] = lambda _shipment: False
    """Whether a shipment is the label of a delivery of another division of this installation."""
    tell: Callable[[str], None] = _silent
    """Takes a phrase for the person who waits."""
    step: Callable[[int, int], None] = lambda _done, _all: None
    """Takes how many of how many actions are done."""
    done: Callable[[Outcome], None] = lambda _outcome: None
    """Takes what became of each action as soon as it is known: a run that is cut short has done that much."""
    stop: Callable[[], None] = lambda: None
    """Raises where the run is asked to end: called between two actions, never inside one."""
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
    """Holds signals back until what must not be cut in two is done. A pause, or a read, in between may end with ``Terminated``: no write is in flight."""
