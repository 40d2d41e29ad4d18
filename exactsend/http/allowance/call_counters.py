"""The call counters of one Exact sign-in, shared by its threads and merged with what other processes stored.

Where they are stored is the owner's business: it calls ``merged`` with what stands there and stores what comes back.
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
from exactsend.http.allowance.usage import AT_RISK, COUNTED_ERRORS, CallUsage
from exactsend.http.messages import Json
from exactsend.system.structured_log import tell

_log = logging.getLogger(__name__)

CALLS_A_MINUTE = 60
"""What Exact allows an app in a division (Exact, knowledge base, "API limits", read 2026-11-23); where it says another number, that counts."""


@dataclass(frozen=True)
class _Sent:
    division: str
    at: datetime

    def on(self, tally: CallUsage) -> None:
        tally.sent(self.division, self.at)


@dataclass(frozen=True)
class _Answered:
    division: str
    endpoint: str
    status: int
    headers: Mapping[str, str]
    at: datetime

    def on(self, tally: CallUsage) -> None:
        tally.of(self.division).answered(self.endpoint, self.status, self.headers, self.at)


class CallBook:
    """The counters, and what was counted since they were last stored.

    ``on_change`` is called, outside the lock, after every answer that must not be forgotten: errors and 429.
    """

    def __init__(
        self, tally: CallUsage | None = None, *, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._tally = tally or CallUsage()
        self._unsaved: list[_Sent | _Answered] = []
        self._lock = RLock()
        self.on_change = on_change

    @classmethod
    def load(cls, stored: Json) -> Self:
        """The book as it was stored; an empty one where nothing readable stands."""
        return cls(_read(stored))

    def dump(self) -> Json:
        """The counters as they are now."""
        with self._lock:
            dumped: Json = self._tally.model_dump(mode="json", exclude_none=True)
            return dumped

    def merged(self, stored: Json) -> Json:
        """What is stored, plus what was counted here since the last time; the book goes on from there."""
        with self._lock:
            self._tally = _read(stored)
            for event in self._unsaved:
                event.on(self._tally)
            self._unsaved.clear()
            return self.dump()

    @contextmanager
    def tally(self) -> Iterator[CallUsage]:
        """The counters, to be looked at; nobody else counts meanwhile."""
        with self._lock:
            yield self._tally

    def sent(self, division: str, at: datetime) -> None:
        """Count a call that is about to leave."""
        self._count(_Sent(division, at))

    def answered(
        self, division: str, endpoint: str, status: int, headers: Mapping[str, str], at: datetime
    ) -> None:
        """Take in an answer."""
        limits = {name: value for name, value in headers.items() if _tells_limits(name)}
        self._count(_Answered(division, endpoint, status, limits, at))
        if status in COUNTED_ERRORS or status == TOO_MANY:
            self.on_change()

    def _count(self, event: _Sent | _Answered) -> None:
        with self._lock:
            event.on(self._tally)
            self._unsaved.append(event)

    def calls_today(self, now: datetime, division: int | None = None) -> int:
        """The calls that count for today (UTC), of one division or of all."""
        with self.tally() as tally:
            return tally.calls_today(now, None if division is None else str(division))

    def calls_left(self, division: int, now: datetime) -> int | None:
        """What Exact last said is left of a division's day; None when it has not said so today."""
        with self.tally() as tally:
            day = tally.of(str(division)).day_at(now)
            return day.remaining if day else None

    def calls_left_this_minute(self, division: int, now: datetime) -> int | None:
        """The same of the minute; once it is over, what a new one allows."""
        with self.tally() as tally:
            mine = tally.of(str(division))
            if mine.minute is None:
                return None
            return minute.remaining if (minute := mine.minute_at(now)) else mine.minute.limit

    def calls_within(self, division: int, minutes: int, now: datetime) -> int:
        """How many calls the limit of the minute allows from now until so many minutes later."""
        with self.tally() as tally:
            mine = tally.of(str(division))
            limit = mine.minute.limit if mine.minute else CALLS_A_MINUTE
            this_minute = mine.minute_at(now)
            return (this_minute.remaining if this_minute else limit) + limit * minutes

    def refusals_left(self, division: int, endpoint: str, now: datetime) -> int:
        """How many answers of 400, 401, 403 or 404 may still be risked on an endpoint in the last sixty minutes; 0 while it rests (S9)."""
        with self.tally() as tally:
            errors = tally.of(str(division)).errors.get(endpoint)
            return AT_RISK if errors is None else errors.left(now)


def _tells_limits(header: str) -> bool:
    return header == "retry-after" or header.startswith("x-ratelimit-")


def _read(stored: Json) -> CallUsage:
    """Counters can be learned anew from Exact's next answer, so damaged ones stop nothing."""
    try:
        return CallUsage.model_validate(stored or {})
    except ValidationError:
        tell(_log, logging.WARNING, "counters_unreadable", "the stored call counters begin anew")
        return CallUsage()
