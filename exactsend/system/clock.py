"""This machine's clock, corrected by the ``Date`` headers of the two services (rule S10).

If both services agree that it is wrong, their time is used from then on, and nothing is bought.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=10)
"""How far the clocks may differ. An answer may take two minutes to arrive."""
_WITNESSES = 2


class CheckedClock:
    """The time in UTC, shared by everything in one process.

    Args:
        own: this machine's clock.
    """

    def __init__(self, own: Callable[[], datetime]) -> None:
        self._own = own
        self._ahead: dict[str, timedelta] = {}

    def __call__(self) -> datetime:
        """The current time: this machine's, unless both services say that it is wrong."""
        return self._own() - self._correction()

    def machine_time(self) -> datetime:
        """The current time by this machine's clock, right or wrong."""
        return self._own()

    def note_service_time(self, service: str, date: datetime) -> None:
        """Note the time that a service gave in an answer that has just arrived."""
        self._ahead[service] = self._own() - date

    def knows_time_of(self, service: str) -> bool:
        """Whether that service has given its time."""
        return service in self._ahead

    @property
    def ahead(self) -> timedelta | None:
        """How far this clock is ahead of the service that it differs from most (negative: behind); None if no service gave its time."""
        return max(self._ahead.values(), key=abs, default=None)

    @property
    def is_off(self) -> bool:
        """Whether this clock differs from a service's by more than ``TOLERANCE``."""
        return self.ahead is not None and abs(self.ahead) > TOLERANCE

    def _correction(self) -> timedelta:
        seen = list(self._ahead.values())
        is_wrong = all(abs(duration) > TOLERANCE for duration in seen)
        if len(seen) >= _WITNESSES and is_wrong and max(seen) - min(seen) <= TOLERANCE:
            return min(seen, key=abs)
        return timedelta(0)
