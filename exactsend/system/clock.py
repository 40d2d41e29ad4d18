"""This machine's clock, compared with those of the two services as the ``Date`` of each answer tells them (rule S10).

Where both services agree that it is wrong, what is noted from then on is noted at their time; and nothing is bought.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=10)
"""By how much the clocks may differ. An answer may have been under way for two minutes."""
_WITNESSES = 2


class CheckedClock:
    """Tells the time in UTC; shared by all that one process does.

    Args:
        own: this machine's clock.
    """

    def __init__(self, own: Callable[[], datetime]) -> None:
        self._own = own
        self._ahead: dict[str, timedelta] = {}

    def __call__(self) -> datetime:
        """The present moment: by our own clock, unless both services say that it is wrong."""
        return self._own() - self._correction()

    def own(self) -> datetime:
        """The present moment by our own clock, right or wrong."""
        return self._own()

    def heard(self, service: str, date: datetime) -> None:
        """Take in what a service said the time is, in an answer that has just come."""
        self._ahead[service] = self._own() - date

    def has_heard(self, service: str) -> bool:
        """Whether that service has said the time."""
        return service in self._ahead

    @property
    def ahead(self) -> timedelta | None:
        """By how much our clock is ahead of a service's, of the one that it differs from most; negative: behind. None: nobody said."""
        return max(self._ahead.values(), key=abs, default=None)

    @property
    def is_off(self) -> bool:
        """Whether it differs from a service's by more than what may be."""
        return self.ahead is not None and abs(self.ahead) > TOLERANCE

    def _correction(self) -> timedelta:
        told = list(self._ahead.values())
        is_wrong = all(abs(duration) > TOLERANCE for duration in told)
        if len(told) >= _WITNESSES and is_wrong and max(told) - min(told) <= TOLERANCE:
            return min(told, key=abs)
        return timedelta(0)
