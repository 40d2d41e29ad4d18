"""One division at a glance: how it stands, what needs a person, and what a stretch of days was like. Values only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from exactsend.domain.problems import Code
from exactsend.errors import ExitStatus
from exactsend.views.data.unused_labels import UnusedLabel
from exactsend.views.data.values import DeliveryView, ProblemView, Standing

GOOD = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION})
"""How a good run ends."""
LATE_AFTER = 3
"""So many runs that did not come make a division late."""
AT_LEAST = timedelta(minutes=15)
"""A run that waits for an allowance takes as long; that is not late yet."""
WITHOUT_RHYTHM = timedelta(days=1)
SIGN_IN_SOON = 10
"""So many days before the sign-in dies it is time to say so."""


class Health(StrEnum):
    """How a division is, in one word: the worst that is true of it."""

    NEVER = "never"
    """No run has come to a good end yet."""
    STOPPED = "stopped"
    """The last run did not do all that it should have."""
    LATE = "late"
    """Runs stopped coming."""
    ATTENTION = "attention"
    """It runs, and something needs a person."""
    WELL = "well"


@dataclass(frozen=True)
class Rhythm:
    """The runs of a stretch of time."""

    runs: int
    good: int
    interval: timedelta | None
    """How far apart they mostly are; None where there were too few to say."""


@dataclass(frozen=True)
class CallsUsed:
    """Calls to Exact of today (UTC), and what they are counted against."""

    of_division: int
    of_sign_in: int
    """All divisions of the sign-in together."""
    max_per_day: int
    """What the configuration allows the sign-in."""
    exact_limit: int | None
    """What Exact allows the division; None where it has not said so today."""
    exact_left: int | None


@dataclass(frozen=True)
class Day:
    """One day, in UTC."""

    date: date
    orders: int
    """Orders seen for the first time."""
    labels: int
    """Labels bought, found or taken over, as far as they still stand."""
    cancelled: int
    """Labels bought on that day and cancelled since."""


@dataclass(frozen=True)
class ProblemCause:
    """A reason why orders and labels needed a person, and how often it was met."""

    code: Code
    open: int
    """Not cured yet."""
    cured: int


@dataclass(frozen=True)
class Overview:
    """One division at a glance."""

    standing: Standing
    since: datetime
    rhythm: Rhythm
    calls: CallsUsed | None
    """None where the counters can't be read."""
    problems: tuple[ProblemView, ...]
    deliveries: tuple[DeliveryView, ...]
    """Those that are open, and those of the stretch of time; newest first."""
    days: tuple[Day, ...]
    causes: tuple[ProblemCause, ...]
    """Most frequent first."""
    unused: tuple[UnusedLabel, ...]
    max_parcels_per_day: int
    """What the configuration allows."""
    exact_url: str
    """The site that its people work at."""

    @property
    def division(self) -> str:
        """Its name in the configuration."""
        return self.standing.division

    @property
    def health(self) -> Health:
        """How it is."""
        standing, last = self.standing, self.standing.last_run
        if standing.age is None:
            return Health.NEVER
        if last is not None and last.status not in GOOD | {ExitStatus.LOCKED}:
            return Health.STOPPED
        if standing.age > self.patience:
            return Health.LATE
        return Health.ATTENTION if self.problems else Health.WELL

    @property
    def patience(self) -> timedelta:
        """How old the last good run may be before it is late."""
        interval = self.rhythm.interval
        return WITHOUT_RHYTHM if interval is None else max(AT_LEAST, LATE_AFTER * interval)

    @property
    def sign_in_soon(self) -> bool:
        """Whether the sign-in dies within days."""
        days = self.standing.sign_in_days_left
        return days is not None and days <= SIGN_IN_SOON
