"""What a remembered moment means now, whatever our clock said when it was noted, and whatever it says now. Pure (rule S10).

Nothing remembered is ever changed because of a clock. A moment that lies ahead counts as just now where something is limited by it, and
as long ago where something is merely to be done again; and nothing lasts longer than the window that it was made for.
"""

from datetime import datetime, timedelta

NONE = timedelta(0)
A_RUN = timedelta(hours=1)
"""Longer than any run: what one run notes lies ahead of the moment at which it began, and that is no fault of a clock."""


def elapsed(since: datetime, now: datetime, *, noticed: datetime | None = None) -> timedelta:
    """The time since a moment, never negative: one that lies ahead counts as just now.

    ``noticed``: when it was first seen to lie ahead. It counts from then on, or it would count as just now for years.
    """
    if since > now and noticed is not None:
        since = noticed
    return max(NONE, now - since)


def is_time(pause: timedelta, since: datetime | None, now: datetime) -> bool:
    """Whether to do again what was done last at ``since``, or never: when the pause is over, or the moment lies ahead and says nothing."""
    return since is None or since > now or now - since >= pause


def lasts(until: datetime | None, now: datetime, window: timedelta) -> bool:
    """Whether what was to last until then still does. Nothing lasts longer than its window: further off, a clock was wrong."""
    return until is not None and now < until <= now + window


def lies_ahead(moment: datetime, now: datetime) -> bool:
    """Whether only a clock that was wrong, then or now, can have said so."""
    return moment > now + A_RUN
