"""Counts calls and errors against Exact's limits (KB "API limits"). ``api`` refuses the calls that exceed them."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from exactsend.sandbox.clock import Clock

_HOUR = timedelta(hours=1)


class UsedUpLimit(Enum):
    """The limit that is used up."""

    MINUTE = "minute"
    DAY = "day"


@dataclass
class Limits:
    """The limits; a test may set smaller ones."""

    per_minute: int = 60
    per_day: int = 5000
    tokens_per_day: int = 200
    errors_per_hour: int = 10


@dataclass
class CallMeter:
    """The counts of calls and errors, per app and division."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    _calls: Counter[tuple[object, ...]] = field(default_factory=Counter)
    _errors: defaultdict[tuple[str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _blocked_until: dict[str, datetime] = field(default_factory=dict)

    def count(self, client_id: str, division: int) -> UsedUpLimit | None:
        """Count a call; when a limit is used up, return it instead."""
        minute, day = self._counter_keys(client_id, division)
        if self._calls[day] >= self.limits.per_day:
            return UsedUpLimit.DAY
        if self._calls[minute] >= self.limits.per_minute:
            return UsedUpLimit.MINUTE
        self._calls[minute] += 1
        self._calls[day] += 1
        return None

    def token_call_allowed(self, client_id: str) -> bool:
        """Count a call of the token endpoint; False when today's limit is exceeded."""
        key = ("token", client_id, self.clock().date())
        self._calls[key] += 1
        return self._calls[key] <= self.limits.tokens_per_day

    def count_error(self, client_id: str, endpoint: str) -> None:
        """Count a 400, 401, 403 or 404. Exceeding the limit within an hour blocks the app for an hour."""
        errors, now = self._errors[(client_id, endpoint)], self.clock()
        errors.append(now)
        while errors[0] <= now - _HOUR:
            errors.popleft()
        if len(errors) > self.limits.errors_per_hour:
            self._blocked_until[client_id] = now + _HOUR

    def is_blocked(self, client_id: str) -> bool:
        """Whether the app made too many errors."""
        until = self._blocked_until.get(client_id)
        return until is not None and self.clock() < until

    def headers(self, client_id: str, division: int, spent: UsedUpLimit | None) -> dict[str, str]:
        """The rate limit headers; a 429 has only those of the limit that is used up."""
        minute, day = self._counter_keys(client_id, division)
        now, limits = self.clock(), self.limits
        next_day = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        headers: dict[str, str] = {}
        if spent is not UsedUpLimit.MINUTE:
            headers |= _limit_headers("X-RateLimit", limits.per_day, self._calls[day], next_day)
        if spent is not UsedUpLimit.DAY:
            headers |= _limit_headers(
                "X-RateLimit-Minutely", limits.per_minute, self._calls[minute], next_minute
            )
        return headers

    def use_up(self, client_id: str, division: int, *, calls_left_today: int = 0) -> None:
        """Use up the day's calls, as another program with the same app would."""
        self._calls[self._counter_keys(client_id, division)[1]] = self.limits.per_day - calls_left_today

    def _counter_keys(self, client_id: str, division: int) -> tuple[tuple[object, ...], tuple[object, ...]]:
        now = self.clock()
        minute = ("minute", client_id, division, now.replace(second=0, microsecond=0))
        return minute, ("day", client_id, division, now.date())


def _limit_headers(prefix: str, limit: int, used: int, resets: datetime) -> dict[str, str]:
    return {
        f"{prefix}-Limit": str(limit),
        f"{prefix}-Remaining": str(max(0, limit - used)),
        f"{prefix}-Reset": str(int(resets.timestamp() * 1000)),
    }
