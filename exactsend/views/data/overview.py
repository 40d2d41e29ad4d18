"""One division at a glance: its status, what needs attention, and the activity of a period. Values only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from exactsend.domain.problems import Code
from exactsend.errors import ExitStatus
from exactsend.views.data.unused_labels import UnusedLabel
from exactsend.views.data.view_types import DeliveryView, DivisionStatus, ProblemView

GOOD = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION})
"""The exit statuses of a good run."""
LATE_AFTER = 3
"""A division is late after this many missed runs."""
MINIMUM_PATIENCE = timedelta(minutes=15)
"""A run may take this long while it waits for an allowance, so no division is late earlier."""
DEFAULT_PATIENCE = timedelta(days=1)
"""Used while the interval of runs is not known."""
SIGN_IN_SOON = 10
"""How many days before the sign-in expires to warn."""


class Health(StrEnum):
    """The health of a division: the worst that applies."""

    NEVER = "never"
    """No run has ended well yet."""
    STOPPED = "stopped"
    """The last run did not do all its work."""
    LATE = "late"
    """Runs no longer start."""
    ATTENTION = "attention"
    """It runs, and something needs attention."""
    WELL = "well"


@dataclass(frozen=True)
class Rhythm:
    """The runs of a period."""

    runs: int
    good: int
    interval: timedelta | None
    """The usual time between runs; None with fewer than two runs."""


@dataclass(frozen=True)
class CallsUsed:
    """Today's calls to Exact (UTC) and their limits."""

    of_division: int
    of_sign_in: int
    """All divisions of the sign-in together."""
    max_per_day: int
    """The configured limit of the sign-in."""
    exact_limit: int | None
    """Exact's limit for the division; None when Exact has not reported it today."""
    exact_left: int | None


@dataclass(frozen=True)
class Day:
    """One day, in UTC."""

    date: date
    orders: int
    """Orders seen for the first time."""
    labels: int
    """Labels bought, found or taken over, without those cancelled since."""
    cancelled: int
    """Labels bought on that day and cancelled since."""


@dataclass(frozen=True)
class ProblemCause:
    """A problem code, and how often it occurred."""

    code: Code
    open: int
    """Not fixed yet."""
    cured: int


@dataclass(frozen=True)
class Overview:
    """One division at a glance."""

    status: DivisionStatus
    since: datetime
    rhythm: Rhythm
    calls: CallsUsed | None
    """None when the counters can't be read."""
    problems: tuple[ProblemView, ...]
    deliveries: tuple[DeliveryView, ...]
    """The open ones and those of the period, newest first."""
    days: tuple[Day, ...]
    causes: tuple[ProblemCause, ...]
    """Most frequent first."""
    unused: tuple[UnusedLabel, ...]
    max_parcels_per_day: int
    """The configured limit."""
    exact_url: str
    """The address of the Exact site that its users work on."""

    @property
    def division(self) -> str:
        """The division's name in the configuration."""
        return self.status.division

    @property
    def health(self) -> Health:
        """The division's health."""
        status, last = self.status, self.status.last_run
        if status.age is None:
            return Health.NEVER
        if last is not None and last.status not in GOOD | {ExitStatus.LOCKED}:
            return Health.STOPPED
        if status.age > self.patience:
            return Health.LATE
        return Health.ATTENTION if self.problems else Health.WELL

    @property
    def patience(self) -> timedelta:
        """How old the last good run may be before the division is late."""
        interval = self.rhythm.interval
        return DEFAULT_PATIENCE if interval is None else max(MINIMUM_PATIENCE, LATE_AFTER * interval)

    @property
    def sign_in_soon(self) -> bool:
        """Whether the sign-in expires within days."""
        days = self.status.sign_in_days_left
        return days is not None and days <= SIGN_IN_SOON
