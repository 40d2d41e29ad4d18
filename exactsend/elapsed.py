"""How much time has passed since something that is remembered, whatever our clock said then. Pure (rule S10)."""

from datetime import datetime, timedelta

NONE = timedelta(0)


def elapsed(since: datetime, now: datetime) -> timedelta:
    """The time since a remembered moment, never negative: one that lies ahead, since a clock was wrong then or is now, counts as just now."""
    return max(NONE, now - since)
