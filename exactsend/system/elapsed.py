"""What a stored time means now, whatever this machine's clock showed when it was stored. Pure (rule S10).

Stored times are never changed because of a clock. A time in the future counts as just now for limits, and as long ago
for repeated work. Nothing lasts longer than its window.
"""

from datetime import datetime, timedelta

NO_TIME = timedelta(0)
LONGEST_RUN = timedelta(hours=1)
"""Longer than any run: times that a run notes are later than its start although the clock is right."""


def elapsed(since: datetime, now: datetime, *, noticed: datetime | None = None) -> timedelta:
    """The time since ``since``, never negative: a future one counts as just now.

    ``noticed``: when it was first seen to be in the future. It counts from then on; otherwise it would count as just
    now for years.
    """
    if since > now and noticed is not None:
        since = noticed
    return max(NO_TIME, now - since)


def is_due_again(pause: timedelta, since: datetime | None, now: datetime) -> bool:
    """Whether repeated work, last done at ``since``, is due: the pause is over, it was never done, or ``since`` is in the future."""
    return since is None or since > now or now - since >= pause


def is_not_over(until: datetime | None, now: datetime, window: timedelta) -> bool:
    """Whether ``until`` is not reached yet. One further off than the window was set by a wrong clock and counts as reached."""
    return until is not None and now < until <= now + window


def is_in_future(moment: datetime, now: datetime) -> bool:
    """Whether only a wrong clock, then or now, can explain this time."""
    return moment > now + LONGEST_RUN
