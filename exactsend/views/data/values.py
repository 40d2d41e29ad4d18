"""The views: problems, deliveries, orders, histories, and how a division stands. Values only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exactsend.domain.records import (
    DeliveryRecord,
    IncomingRecord,
    OrderRecord,
    ProblemRecord,
    RefusedQuestion,
    Schedule,
)
from exactsend.domain.run_history import LastRun
from exactsend.views.data.request_history import Exchange


@dataclass(frozen=True)
class ProblemView:
    """A problem that a person should look at, with the numbers that people know."""

    division: str
    problem: ProblemRecord
    order_numbers: tuple[int, ...]
    delivery_number: int | None = None
    accounts: tuple[str, ...] = ()
    """Exact's ids of the customers that it is about: who they are is not remembered."""

    @property
    def name(self) -> str:
        """What it is about."""
        if self.delivery_number is not None:
            return f"delivery {self.delivery_number}"
        return f"order {self.order_numbers[0]}" if self.order_numbers else "an order"


class LabelState(StrEnum):
    """How a delivery stands, in one word; part of the JSON contract."""

    LABELLED = "labelled"
    WAITING = "waiting"
    HELD = "held"
    UNKNOWN = "unknown"
    LEFT_ALONE = "left_alone"
    GONE = "gone"


@dataclass(frozen=True)
class DeliveryView:
    """A delivery that was seen, and how its label stands."""

    division: str
    record: DeliveryRecord

    @property
    def state(self) -> LabelState:
        """How its label stands."""
        record = self.record
        if record.label is not None:
            return LabelState.LABELLED
        if record.gone:
            return LabelState.GONE
        if record.open_attempt is not None:
            return LabelState.UNKNOWN
        if record.excluded:
            return LabelState.LEFT_ALONE
        return LabelState.HELD if record.problems else LabelState.WAITING

    @property
    def at(self) -> datetime:
        """When its label was made; when it was first seen where there is none."""
        return self.record.label.at if self.record.label else self.record.seen_at

    @property
    def is_written_back(self) -> bool:
        """Whether its tracking stands in Exact."""
        return self.record.writeback.done


@dataclass(frozen=True)
class OrderView:
    """An order that was seen, and its entry among the incoming orders."""

    division: str
    record: OrderRecord
    entry: IncomingRecord | None

    @property
    def stands(self) -> bool:
        """Whether it stands among the incoming orders as far as we know."""
        return self.entry is not None and self.entry.stands


@dataclass(frozen=True)
class HistoryLine:
    """Something that happened to an order or a delivery."""

    at: datetime
    run: str
    event: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SearchResult:
    """All that is remembered under one number."""

    division: str
    orders: tuple[OrderView, ...]
    deliveries: tuple[DeliveryView, ...]
    problems: tuple[ProblemView, ...]
    history: tuple[HistoryLine, ...]
    sent: tuple[Exchange, ...] = ()
    """Every request about it and its answer, masked."""


@dataclass(frozen=True)
class Standing:
    """How one division stands now."""

    division: str
    schedule: Schedule
    age: timedelta | None
    """Since the last good run; None before the first."""
    incoming: int
    """Entries among Sendcloud's incoming orders."""
    waiting: int
    """Deliveries without a label that ought to get one."""
    errors: int
    parcels_towards_max_per_day: int
    """Parcels of the last 24 hours that count towards the limit: bought, or nearly."""
    sign_in_days_left: int | None
    """None: not known."""
    exact_calls_left: int | None
    """None: Exact has not said so today."""
    exact_calls_left_this_minute: int | None
    today: "MonthTally"
    """Since 00:00 UTC."""
    seven_days: "MonthTally"
    """Since 00:00 UTC seven days ago."""
    next_due: datetime | None
    """None: not known before the second run."""
    ledger_bytes: int
    labels: int
    """Deliveries that have a label, of those that are not long done."""
    unknown_purchases: int
    """Purchases whose outcome is not known yet."""
    sign_in_age: timedelta | None
    """Since the tokens came; None: not known."""
    exact_calls_today: int
    """Of all divisions of the sign-in."""
    max_calls_per_day: int
    """How many these may make."""
    last_run: LastRun | None = None
    """The last run that was started; None before the first."""
    refused: tuple[RefusedQuestion, ...] = ()
    """The questions that a service refuses, the oldest first."""


@dataclass(frozen=True)
class MonthTally:
    """What came in a stretch of time."""

    orders: int
    """Sales orders that were seen first, and sent or held."""
    labels: int
    """Labels that were bought, found or taken over."""
    errors: int
    """New errors, those included that are cured since."""
