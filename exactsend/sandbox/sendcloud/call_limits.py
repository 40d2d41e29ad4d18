"""The number of calls that an account may make in a minute.

Source: Sendcloud's documentation; all keys of an account share the limits. `api` refuses the calls that exceed them.
"""

from datetime import datetime

READS_A_MINUTE = 1000
WRITES_A_MINUTE = 100


class CallCounts:
    """Counts the reads and writes of the current minute."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._counted = {True: 0, False: 0}

    def allow(self, *, is_write: bool, now: datetime) -> bool:
        """Count a call; False when the minute's limit is used up."""
        self._start_minute(now.replace(second=0, microsecond=0))
        self._counted[is_write] += 1
        return self._counted[is_write] <= (WRITES_A_MINUTE if is_write else READS_A_MINUTE)

    def _start_minute(self, minute: datetime) -> None:
        if minute != self._minute:
            self._minute, self._counted = minute, {True: 0, False: 0}
