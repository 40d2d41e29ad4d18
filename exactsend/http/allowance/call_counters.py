"""The call counters of one Exact sign-in, shared by its threads and merged with those of other processes.

The owner stores them: it passes the stored counters to ``merged`` and stores the result.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import Self

from pydantic import ValidationError

from exactsend.http.allowance.rate_limit import TOO_MANY
from exactsend.http.allowance.usage import COUNTED_ERRORS, MAX_RISKED_ERRORS, CallUsage
from exactsend.http.messages import Json
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

CALLS_A_MINUTE = 60
"""Exact's limit for an app in a division (Exact, knowledge base, "API limits", read 2026-11-23). A limit in its headers takes precedence."""


@dataclass(frozen=True)
class _Sent:
    division: str
    at: datetime

    def count_in(self, usage: CallUsage) -> None:
        usage.sent(self.division, self.at)


@dataclass(frozen=True)
class _Answered:
    division: str
    endpoint: str
    status: int
    headers: Mapping[str, str]
    at: datetime

    def count_in(self, usage: CallUsage) -> None:
        usage.of(self.division).answered(self.endpoint, self.status, self.headers, self.at)


class CallCounters:
    """The counters, and what was counted since they were last stored.

    ``on_change`` is called, outside the lock, after every response that must be stored at once: errors and 429.
    """

    def __init__(
        self, usage: CallUsage | None = None, *, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._usage = usage or CallUsage()
        self._unsaved: list[_Sent | _Answered] = []
        self._lock = RLock()
        self.on_change = on_change

    @classmethod
    def load(cls, stored: Json) -> Self:
        """The stored counters; empty ones if they can't be read."""
        return cls(_read(stored))

    def dump(self) -> Json:
        """The counters as they are now."""
        with self._lock:
            dumped: Json = self._usage.model_dump(mode="json", exclude_none=True)
            return dumped

    def merged(self, stored: Json) -> Json:
        """The stored counters plus what was counted here since the last merge. Counting continues from the sum."""
        with self._lock:
            self._usage = _read(stored)
            for event in self._unsaved:
                event.count_in(self._usage)
            self._unsaved.clear()
            return self.dump()

    @contextmanager
    def usage(self) -> Iterator[CallUsage]:
        """The counters to read, locked meanwhile."""
        with self._lock:
            yield self._usage

    def sent(self, division: str, at: datetime) -> None:
        """Count a call that is about to be sent."""
        self._count(_Sent(division, at))

    def answered(
        self, division: str, endpoint: str, status: int, headers: Mapping[str, str], at: datetime
    ) -> None:
        """Count a response."""
        limits = {name: value for name, value in headers.items() if _is_limit_header(name)}
        self._count(_Answered(division, endpoint, status, limits, at))
        if status in COUNTED_ERRORS or status == TOO_MANY:
            self.on_change()

    def _count(self, event: _Sent | _Answered) -> None:
        with self._lock:
            event.count_in(self._usage)
            self._unsaved.append(event)

    def calls_today(self, now: datetime, division: int | None = None) -> int:
        """The calls counted today (UTC) for one division or for all."""
        with self.usage() as usage:
            return usage.calls_today(now, None if division is None else str(division))

    def calls_left(self, division: int, now: datetime) -> int | None:
        """The calls left in a division's day, from Exact's last response; None if there was none today."""
        with self.usage() as usage:
            day = usage.of(str(division)).day_at(now)
            return day.remaining if day else None

    def calls_left_this_minute(self, division: int, now: datetime) -> int | None:
        """The same for the minute; once it is over, the limit of the next one."""
        with self.usage() as usage:
            counts = usage.of(str(division))
            if counts.minute is None:
                return None
            return minute.remaining if (minute := counts.minute_at(now)) else counts.minute.limit

    def calls_within(self, division: int, minutes: int, now: datetime) -> int:
        """How many calls the limit per minute allows within the next ``minutes``."""
        with self.usage() as usage:
            counts = usage.of(str(division))
            limit = counts.minute.limit if counts.minute else CALLS_A_MINUTE
            this_minute = counts.minute_at(now)
            return (this_minute.remaining if this_minute else limit) + limit * minutes

    def refusals_left(self, division: int, endpoint: str, now: datetime) -> int:
        """How many more 400, 401, 403 or 404 responses an experiment may cause on an endpoint now; 0 while it rests (S9)."""
        with self.usage() as usage:
            errors = usage.of(str(division)).errors.get(endpoint)
            return MAX_RISKED_ERRORS if errors is None else errors.left_to_risk(now)


def _is_limit_header(header: str) -> bool:
    return header == "retry-after" or header.startswith("x-ratelimit-")


def _read(stored: Json) -> CallUsage:
    """The stored counters. Damaged ones are dropped with a warning, since Exact's next response brings its limits again."""
    try:
        return CallUsage.model_validate(stored or {})
    except ValidationError:
        log_event(
            _log,
            logging.WARNING,
            "counters_unreadable",
            "the stored call counters are unreadable and start from zero",
        )
        return CallUsage()
