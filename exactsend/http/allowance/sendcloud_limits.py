"""What Sendcloud allows: reads and writes a minute, per account.

Source: Sendcloud, API guide, "Rate limits". The budget is the account's, so divisions of one account share one object, and processes
tell each other of their writes, which are few, once a second and when a run ends: what two of them send within that second is counted late.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock

from exactsend.http.allowance.rate_limit import NO_PAUSE, TOO_MANY, retry_after
from exactsend.http.messages import Call, Json
from exactsend.system.elapsed import elapsed, is_time, lasts

MINUTE = timedelta(minutes=1)
SHORTEST = timedelta(seconds=2)
NEWS_AFTER = timedelta(seconds=1)
"""How often processes tell each other."""

Exchange = Callable[[Callable[[Json], Json]], None]
"""Takes what makes, of what other processes stored, that which is to be stored."""


class SendcloudAllowance:
    """The calls of the last minute, of all who share one account."""

    def __init__(
        self,
        *,
        reads_per_minute: int = 1_000,
        writes_per_minute: int = 100,
        exchange: Exchange | None = None,
    ) -> None:
        self._exchange = exchange
        self._exchanged: datetime | None = None
        self._now = datetime.min.replace(tzinfo=UTC)
        self._untold: list[datetime] = []
        self._lock = Lock()
        self._reads: deque[datetime] = deque(maxlen=reads_per_minute)
        self._writes: deque[datetime] = deque(maxlen=writes_per_minute)
        self._paused_until: datetime | None = None
        self._refusals = 0

    def before(self, call: Call, now: datetime) -> timedelta:
        """As ``Allowance``; it never says more than "wait"."""
        is_write = call.method != "GET"
        if is_write:
            self._hear_of_others(now)
        recent = self._writes if is_write else self._reads
        with self._lock:
            pause = max(self._paused(now), _until_free(recent, now, 1 + (call.leaves or 0)))
            if pause == NO_PAUSE:
                recent.append(now)
                self._untold += [now] if is_write else []
            return pause

    def _hear_of_others(self, now: datetime) -> None:
        with self._lock:
            self._now = now
            is_due = is_time(NEWS_AFTER, self._exchanged, now)
            if is_due:
                self._exchanged = now
        if is_due and self._exchange is not None:
            self._exchange(self.merged)

    def tell_others(self) -> None:
        """Tell of the writes that no other process was told of yet: to be called when a run ends, and nothing where it wrote nothing."""
        with self._lock:
            has_news = bool(self._untold)
        if has_news and self._exchange is not None:
            self._exchange(self.merged)

    def merged(self, stored: Json) -> Json:
        """What other processes stored, and what was sent here since; counted from now on."""
        with self._lock:
            told, paused = _read(stored)
            written_by_all = [moment for moment in (*told, *self._untold) if _counts(moment, self._now)]
            self._writes = deque(sorted(written_by_all), maxlen=self._writes.maxlen)
            self._untold.clear()
            pauses = [
                moment
                for moment in (paused, self._paused_until)
                if moment and lasts(moment, self._now, MINUTE)
            ]
            self._paused_until = max(pauses, default=None)
            written: list[Json] = [moment.timestamp() for moment in self._writes]
            pause = self._paused_until.timestamp() if self._paused_until else None
            return {"writes": written, "paused_until": pause}

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """As ``Allowance``. A 429 has an empty body and mostly no ``Retry-After``: the pauses then grow to a minute."""
        del call
        with self._lock:
            if status != TOO_MANY:
                self._refusals = 0
                return
            growing = min(MINUTE, SHORTEST * 2**self._refusals)
            self._refusals = min(self._refusals + 1, 10)
            self._paused_until = now + min(MINUTE, retry_after(headers, now) or growing)

    def _paused(self, now: datetime) -> timedelta:
        until = self._paused_until
        return until - now if until is not None and lasts(until, now, MINUTE) else NO_PAUSE


def _until_free(recent: deque[datetime], now: datetime, calls: int) -> timedelta:
    """How long until the minute allows so many calls; a whole minute where it never does."""
    counting = [moment for moment in recent if _counts(moment, now)]
    lacking = len(counting) + calls - (recent.maxlen or 0)
    if lacking <= 0:
        return NO_PAUSE
    return MINUTE - elapsed(counting[lacking - 1], now) if lacking <= len(counting) else MINUTE


def _counts(sent: datetime, now: datetime) -> bool:
    """Whether a call is of the last minute. One that is further ahead than that was sent at another clock."""
    return abs(now - sent) < MINUTE


def _read(stored: Json) -> tuple[list[datetime], datetime | None]:
    """The writes and the pause that other processes told of; nothing where nothing readable stands: a minute is over soon."""
    try:
        assert isinstance(stored, dict)
        writes, paused = stored["writes"], stored["paused_until"]
        assert isinstance(writes, list)
        moments = [datetime.fromtimestamp(float(str(value)), UTC) for value in writes]
        return moments, None if paused is None else datetime.fromtimestamp(float(str(paused)), UTC)
    except (AssertionError, KeyError, ValueError, OverflowError):
        return [], None
