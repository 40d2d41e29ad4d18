"""The use of Exact's limits as a value that can be stored: calls, limits, errors. No locks, no files.

Source: Exact, knowledge base, "API limits"; the error count is rule S9.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from exactsend.http.allowance.rate_limit import TOO_MANY, retry_after
from exactsend.system.elapsed import elapsed, is_not_over

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLACK = timedelta(seconds=2)
"""Added to pauses: Exact's clock differs from ours, and some blocks lasted a little longer than their minute."""
COUNTED_ERRORS = frozenset({400, 401, 403, 404})
IN_A_ROW = 3
IN_AN_HOUR = 6
"""After ten, the vendor blocks the whole API key for an hour; another program may use the same key."""
MAX_RISKED_ERRORS = 4
"""Errors per hour and endpoint that an experiment may cause; the rest is reserved for errors nobody expects."""
DAY_HEADERS, MINUTE_HEADERS = "x-ratelimit-", "x-ratelimit-minutely-"
"""Prefixes of the header names; limit, remaining and reset follow."""
LIMIT_HEADERS: Mapping[str, timedelta] = {DAY_HEADERS: DAY, MINUTE_HEADERS: MINUTE}
"""The prefixes, each with the period of its limit."""
KEPT_DAYS = 3
KEPT_ERRORS = 10
"""Older days and errors decide nothing. They are dropped by count, not by age: with a wrong clock, all would be too old."""


class LimitStatus(BaseModel):
    """One limit, from the headers of the last response."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    limit: int
    remaining: int
    resets_at: datetime


class Errors(BaseModel):
    """The errors of one endpoint in one division."""

    model_config = ConfigDict(defer_build=True)

    at: tuple[datetime, ...] = ()
    """When the last errors came."""
    in_a_row: int = 0
    last_status: int = 0
    rests_until: datetime | None = None

    def in_the_hour(self, now: datetime) -> int:
        """How many came in the last sixty minutes."""
        return sum(elapsed(moment, now) < HOUR for moment in self.at)

    def rests(self, now: datetime) -> bool:
        """Whether the endpoint must not be called."""
        return is_not_over(self.rests_until, now, HOUR)

    def count(self, status: int, at: datetime) -> None:
        """Count an error; too many let the endpoint rest."""
        self.at = (*self.at, at)[-KEPT_ERRORS:]
        self.in_a_row += 1
        self.last_status = status
        if self.in_a_row >= IN_A_ROW or self.in_the_hour(at) >= IN_AN_HOUR:
            self.rests_until = at + HOUR

    def left_to_risk(self, now: datetime) -> int:
        """How many more errors may be risked now; none while the endpoint rests."""
        return 0 if self.rests(now) else max(0, MAX_RISKED_ERRORS - self.in_the_hour(now))


class DivisionUsage(BaseModel):
    """The limits and errors of one division."""

    model_config = ConfigDict(defer_build=True)

    day: LimitStatus | None = None
    minute: LimitStatus | None = None
    paused_until: datetime | None = None
    errors: dict[str, Errors] = Field(default_factory=dict)

    def day_at(self, now: datetime) -> LimitStatus | None:
        """The limit of the current day, if known."""
        return self.day if self.day and is_not_over(self.day.resets_at, now, DAY + SLACK) else None

    def minute_at(self, now: datetime) -> LimitStatus | None:
        """The limit of the current minute, if known."""
        return (
            self.minute if self.minute and is_not_over(self.minute.resets_at, now, MINUTE + SLACK) else None
        )

    def pause_at(self, now: datetime) -> timedelta:
        """How long the last 429 still asks us to wait."""
        until = self.paused_until
        return until - now if until is not None and is_not_over(until, now, MINUTE + SLACK) else timedelta(0)

    def answered(self, endpoint: str, status: int, headers: Mapping[str, str], at: datetime) -> None:
        """Take the limits from a response, and count it if it is an error."""
        self.day = limit_status(headers, DAY_HEADERS, at, next_day(at), DAY) or self.day
        self.minute = limit_status(headers, MINUTE_HEADERS, at, _next_minute(at), MINUTE) or self.minute
        if status == TOO_MANY:
            self._pause_after_refusal(headers, at)
        elif status in COUNTED_ERRORS:
            self.errors.setdefault(endpoint, Errors()).count(status, at)
        elif endpoint in self.errors:
            self.errors[endpoint].in_a_row = 0

    def _pause_after_refusal(self, headers: Mapping[str, str], at: datetime) -> None:
        # A 429 has the headers of the exceeded limit only; without any, it is the limit per minute.
        is_daily = "x-ratelimit-limit" in headers and "x-ratelimit-minutely-limit" not in headers
        if is_daily and self.day:
            self.day = self.day.model_copy(update={"remaining": 0})
        else:
            asked = retry_after(headers, at) or _next_minute(at) - at
            self.paused_until = at + min(MINUTE, asked) + SLACK


class CallUsage(BaseModel):
    """The calls, limits and errors of one sign-in in all its divisions."""

    model_config = ConfigDict(defer_build=True)

    version: int = 1
    days: dict[str, dict[str, int]] = Field(default_factory=dict)
    """UTC day → division → calls. The last few days, dropped by count: with a wrong clock, all would be too old."""
    divisions: dict[str, DivisionUsage] = Field(default_factory=dict)

    def of(self, division: str) -> DivisionUsage:
        """The counters of a division."""
        return self.divisions.setdefault(division, DivisionUsage())

    def sent(self, division: str, at: datetime) -> None:
        """Count a call."""
        calls = self.days.setdefault(_day_of(at), {})
        calls[division] = calls.get(division, 0) + 1
        for day in list(self.days)[:-KEPT_DAYS]:
            del self.days[day]

    def calls_today(self, now: datetime, division: str | None = None) -> int:
        """The calls of one division, or of all, that Exact counts today."""
        calls = self.days.get(_day_of(now), {})
        return sum(count for name, count in calls.items() if name and division in {None, name})


def _day_of(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def next_day(at: datetime) -> datetime:
    """When the daily limit resets: 00:00 UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def limit_status(
    headers: Mapping[str, str], prefix: str, at: datetime, usual_reset: datetime, window: timedelta
) -> LimitStatus | None:
    """The limit in the headers; None if they are missing, which does not mean zero."""
    remaining, limit = number_of(headers, f"{prefix}remaining"), number_of(headers, f"{prefix}limit")
    if remaining is None or limit is None:
        return None
    reset = number_of(headers, f"{prefix}reset")
    resets_at = datetime.fromtimestamp(reset / 1000, UTC) if reset else usual_reset
    # A reset in the past, or beyond the limit's period, is wrong (1970 was seen).
    if not at - MINUTE <= resets_at <= at + window + SLACK:
        resets_at = usual_reset
    return LimitStatus(limit=limit, remaining=remaining, resets_at=resets_at)


def number_of(headers: Mapping[str, str], name: str) -> int | None:
    """The number in a limit's header; None if missing or unreadable."""
    text = headers.get(name, "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,14}", text) else None


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + MINUTE
