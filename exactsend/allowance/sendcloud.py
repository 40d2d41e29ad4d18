"""What Sendcloud allows: reads and writes a minute, per account. Kept in memory: a minute is over soon.

Source: Sendcloud, API guide, "Rate limits". The budget is the account's, so divisions of one account share one object.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from exactsend.allowance.limits import NO_PAUSE, TOO_MANY, retry_after
from exactsend.calls import Call

MINUTE = timedelta(minutes=1)
SHORTEST = timedelta(seconds=2)


class SendcloudAllowance:
    """The calls of the last minute, of all who share one account."""

    def __init__(self, *, reads_per_minute: int = 1_000, writes_per_minute: int = 100) -> None:
        self._lock = Lock()
        self._reads: deque[datetime] = deque(maxlen=reads_per_minute)
        self._writes: deque[datetime] = deque(maxlen=writes_per_minute)
        self._paused_until: datetime | None = None
        self._refusals = 0

    def before(self, call: Call, now: datetime) -> timedelta:
        """As ``Allowance``; it never says more than "wait"."""
        recent = self._reads if call.method == "GET" else self._writes
        with self._lock:
            pause = max(self._paused(now), _until_one_is_free(recent, now))
            if pause == NO_PAUSE:
                recent.append(now)
            return pause

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """As ``Allowance``. A 429 has an empty body and mostly no ``Retry-After``: the pauses then grow to a minute."""
        del call
        with self._lock:
            if status != TOO_MANY:
                self._refusals = 0
                return
            growing = min(MINUTE, SHORTEST * 2**self._refusals)
            self._refusals = min(self._refusals + 1, 10)
            self._paused_until = now + (retry_after(headers, now) or growing)

    def _paused(self, now: datetime) -> timedelta:
        return max(NO_PAUSE, self._paused_until - now) if self._paused_until else NO_PAUSE


def _until_one_is_free(recent: deque[datetime], now: datetime) -> timedelta:
    if len(recent) < (recent.maxlen or 0):
        return NO_PAUSE
    return max(NO_PAUSE, recent[0] + MINUTE - now)
