"""What one gathering reads from: the two systems, the memory, and the decisions of the operator."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exactsend.domain.policy import Policy
from exactsend.domain.record_store import Memory
from exactsend.engine.gather.unreadable_records import RecordsSetAside
from exactsend.engine.optional_requests import Questions
from exactsend.engine.ports import Exact, Sendcloud
from exactsend.engine.snapshot import Identity


def _silent(_: str) -> None:
    return None


@dataclass(frozen=True)
class Sources:
    """The two systems and the memory, for one division and one run."""

    exact: Exact
    sendcloud: Sendcloud
    memory: Memory
    policy: Policy
    identity: Identity
    fingerprint_key: bytes
    now: datetime
    questions: Questions
    """What the run can do without is asked through these."""
    set_aside: RecordsSetAside
    calls_to_spend: Callable[[], int] = lambda: sys.maxsize
    """How many calls to Exact this run can still make, as far as it may wait for more; those of the day aside."""
    calls_left_today: Callable[[], int] = lambda: sys.maxsize
    """How many Exact still allows today."""
    tell: Callable[[str], None] = _silent
    """Takes a phrase for the person who waits."""
