"""Sendcloud's call limits: reads and writes per minute and account.

Source: Sendcloud, API guide, "Rate limits". Divisions of one account share one object. Processes share their writes, which
are few, through a file, once a second and when a run ends; writes of other processes within that second are counted late.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock

from exactsend.http.allowance.rate_limit import NO_PAUSE, TOO_MANY, retry_after
from exactsend.http.messages import Call, Json
from exactsend.system.elapsed import elapsed, is_due_again, is_not_over

MINUTE = timedelta(minutes=1)
SHORTEST_PAUSE = timedelta(seconds=2)
SHARE_INTERVAL = timedelta(seconds=1)
"""How often processes share their writes."""

FileUpdate = Callable[[Callable[[Json], Json]], None]
"""Updates the shared file: its argument turns the stored value into the new one."""


class SendcloudAllowance:
    """The calls of the last minute by all divisions and processes that share one account."""

    def __init__(
        self,
        *,
        reads_per_minute: int = 1_000,
        writes_per_minute: int = 100,
        update_file: FileUpdate | None = None,
    ) -> None:
        self._update_file = update_file
        self._shared_at: datetime | None = None
        self._now = datetime.min.replace(tzinfo=UTC)
        self._unshared: list[datetime] = []
        self._lock = Lock()
        self._reads: deque[datetime] = deque(maxlen=reads_per_minute)
        self._writes: deque[datetime] = deque(maxlen=writes_per_minute)
        self._paused_until: datetime | None = None
        self._refusals = 0

    def before(self, call: Call, now: datetime) -> timedelta:
        """See ``Allowance``; it never raises."""
        is_write = call.method != "GET"
        if is_write:
            self._share_if_due(now)
        recent = self._writes if is_write else self._reads
        with self._lock:
            pause = max(self._paused(now), _until_free(recent, now, 1 + (call.reserve or 0)))
            if pause == NO_PAUSE:
                recent.append(now)
                self._unshared += [now] if is_write else []
            return pause

    def _share_if_due(self, now: datetime) -> None:
        with self._lock:
            self._now = now
            is_due = is_due_again(SHARE_INTERVAL, self._shared_at, now)
            if is_due:
                self._shared_at = now
        if is_due and self._update_file is not None:
            self._update_file(self.merged)

    def share_writes(self) -> None:
        """Store the writes that other processes don't know yet. Call it when a run ends."""
        with self._lock:
            has_unshared = bool(self._unshared)
        if has_unshared and self._update_file is not None:
            self._update_file(self.merged)

    def merged(self, stored: Json) -> Json:
        """The writes stored by other processes, plus those sent here since. All of them count from now on."""
        with self._lock:
            stored_writes, paused = _read(stored)
            all_writes = (*stored_writes, *self._unshared)
            counting = sorted(moment for moment in all_writes if _counts(moment, self._now))
            self._writes = deque(counting, maxlen=self._writes.maxlen)
            self._unshared.clear()
            pauses = [
                moment
                for moment in (paused, self._paused_until)
                if moment and is_not_over(moment, self._now, MINUTE)
            ]
            self._paused_until = max(pauses, default=None)
            written: list[Json] = [moment.timestamp() for moment in self._writes]
            pause = self._paused_until.timestamp() if self._paused_until else None
            return {"writes": written, "paused_until": pause}

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """See ``Allowance``. A 429 has an empty body and mostly no ``Retry-After``, so the pauses grow up to a minute."""
        del call
        with self._lock:
            if status != TOO_MANY:
                self._refusals = 0
                return
            growing = min(MINUTE, SHORTEST_PAUSE * 2**self._refusals)
            self._refusals = min(self._refusals + 1, 10)
            self._paused_until = now + min(MINUTE, retry_after(headers, now) or growing)

    def _paused(self, now: datetime) -> timedelta:
        until = self._paused_until
        return until - now if until is not None and is_not_over(until, now, MINUTE) else NO_PAUSE


def _until_free(recent: deque[datetime], now: datetime, calls: int) -> timedelta:
    """How long until the limit allows this number of calls; a whole minute if it never does."""
    counting = [moment for moment in recent if _counts(moment, now)]
    lacking = len(counting) + calls - (recent.maxlen or 0)
    if lacking <= 0:
        return NO_PAUSE
    return MINUTE - elapsed(counting[lacking - 1], now) if lacking <= len(counting) else MINUTE


def _counts(sent: datetime, now: datetime) -> bool:
    """Whether a call was sent in the last minute. A time more than a minute ahead comes from another clock."""
    return abs(now - sent) < MINUTE


def _read(stored: Json) -> tuple[list[datetime], datetime | None]:
    """The stored writes and pause; nothing if unreadable, since a minute is over soon."""
    if not isinstance(stored, dict) or not isinstance(writes := stored.get("writes"), list):
        return [], None
    try:
        paused = stored["paused_until"]
        return [_moment(write) for write in writes], None if paused is None else _moment(paused)
    except (KeyError, ValueError, OverflowError):
        return [], None


def _moment(seconds: Json) -> datetime:
    return datetime.fromtimestamp(float(str(seconds)), UTC)
