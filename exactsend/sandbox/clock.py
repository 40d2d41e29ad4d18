"""The sandbox's clock.

Token lifetimes, rate limits and dates follow it, so that a test can let thirty days pass at once. It never waits.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current time, aware and in UTC."""


def wall_clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


class SettableClock:
    """A clock that moves only when it is set."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The time that it is set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, with a negative duration)."""
        self._now += by
