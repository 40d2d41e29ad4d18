"""The ledger's records of which a division has one each, or one for each stream: accounts, schedule, purchases, refusals. Pure.

``records`` has those of orders, deliveries and shipments.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from exactsend.domain.records import Record
from exactsend.system.elapsed import elapsed, is_in_future

_DAY = timedelta(days=1)


class Pins(Record):
    """The accounts that this ledger belongs to: keys of others are refused."""

    exact_host: str
    division: int
    sendcloud_host: str
    user: str
    integration: int


class Cursor(Record):
    """How far one of Exact's streams was read."""

    position: int = 0
    """Everything up to this row version was read and recorded; 0: the stream's start is unknown yet."""
    daily: tuple[tuple[str, int], ...] = ()
    """The first position of each of the last three days: once a day a stream is read from that of two days ago (S11)."""
    begins: datetime | None = None
    """The Exact time from which changes count, kept until two days after the stream started."""
    walked: int = 0
    """For a stream without a known start: the row version up to which it was paged through to find its end."""
    by_date: datetime | None = None
    """The Exact time of the last search by date, while the stream can't be read."""
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    """Periods of Exact time with a record that makes the search by date fail: they are skipped."""
    gaps_found: datetime | None = None
    """When the gaps were found: after an hour they are searched again."""
    reread: datetime | None = None
    """When all open work was last read again because changes can't be found."""


class Schedule(Record):
    """When recurring work was last done."""

    first_run_wall: datetime | None = None
    """Exact's time of the first run: older deliveries are excluded if no start date is set."""
    shipments_updated: datetime | None = None
    """The latest ``updated_at`` of a complete poll."""
    deep_poll: datetime | None = None
    """Sendcloud's time of the last poll over 14 days."""
    hourly: datetime | None = None
    rights_asked: str = ""
    """The day (UTC) of the last check that the user may see orders and deliveries."""
    entries_looked: datetime | None = None
    """When all existing incoming orders were last looked up."""
    master_watch: datetime | None = None
    archived: datetime | None = None
    """When closed records last left ``ledger.json``."""
    last_run: datetime | None = None
    last_good_run: datetime | None = None
    last_status: int | None = None
    last_seconds: float | None = None
    """How long the last run took."""
    last_calls: Mapping[str, int] = Field(default_factory=dict)
    """The calls of the last run, by service."""
    last_pause: float | None = None
    """Seconds between the ends of the last two runs: the next one is expected after the same time."""
    errors_met: tuple[tuple[str, int], ...] = ()
    """New errors that the runs of the last days met, by day (UTC), including errors corrected since."""
    division_move: str = ""
    lines_wait: bool = False
    """The last run did not read delivery lines; the next one does."""
    look_back_done: bool = False
    """The first push was made."""
    policy: str = ""
    """Keyed fingerprint of the configuration that open work was decided with: after a change it is decided again."""


class RefusedQuestion(Record):
    """A request that a service refuses. It is sent again after a pause, and what needs its answer waits."""

    service: Literal["exact", "sendcloud"]
    method: str
    endpoint: str
    """The path without ids."""
    status: int | None
    since: datetime
    asked_at: datetime
    said: str = ""
    """The service's own sentence, masked."""

    @property
    def name(self) -> str:
        """The request's name: the path alone for reads, ``PUT path`` and the like for writes."""
        return self.endpoint if self.method == "GET" else f"{self.method} {self.endpoint}"


class RefusedQuestions(Record):
    """All requests refused now, by ``service method endpoint``."""

    questions: Mapping[str, RefusedQuestion] = Field(default_factory=dict)

    @property
    def oldest_first(self) -> tuple[RefusedQuestion, ...]:
        """The refused requests, those refused first at the beginning."""
        return tuple(
            sorted(
                self.questions.values(),
                key=lambda refusal: (refusal.since, refusal.service, refusal.endpoint),
            )
        )


class SetAside(Record):
    """An unreadable Exact record, not read again before ``until``."""

    until: datetime
    tries: int = 0
    """How often it was refused alone; 0: it is in a group that is divided in a later run."""
    status: int | None = None
    said: str = ""


class SetAsideRecords(Record):
    """All of them, by endpoint and id, separated by a blank."""

    records: Mapping[str, SetAside] = Field(default_factory=dict)


class Purchases(Record):
    """When parcels were about to be bought: counted for max_per_day."""

    made: tuple[tuple[datetime, int], ...] = ()
    noticed: datetime | None = None
    """When a correct clock first noticed purchases in the future: those count from then on."""

    def parcels_of_the_day(self, now: datetime) -> int:
        """How many parcels were bought, or nearly, in the last 24 hours."""
        return sum(parcels for at, parcels in self.made if self._age(at, now) < _DAY)

    def plus(self, at: datetime, parcels: int) -> "Purchases":
        """With one more purchase; those older than two days are dropped."""
        kept = tuple((when, count) for when, count in self.made if self._age(when, at) < 2 * _DAY)
        return self.replace(made=(*kept, (at, parcels)))

    def noticed_ahead(self, now: datetime) -> "Purchases":
        """With future purchases noticed now. Call it with a clock that agrees with the services'."""
        is_news = self.noticed is None and any(is_in_future(at, now) for at, _ in self.made)
        return self.replace(noticed=now) if is_news else self

    def _age(self, at: datetime, now: datetime) -> timedelta:
        return elapsed(at, now, noticed=self.noticed)
