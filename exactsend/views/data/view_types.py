"""The values that commands show: problems, deliveries, orders, their history, and the status of a division."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exactsend.domain.division_records import RefusedQuestion, Schedule
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, ProblemRecord
from exactsend.domain.run_history import LastRun
from exactsend.views.data.request_history import RecordedRequest


@dataclass(frozen=True)
class ProblemView:
    """An open problem, with the numbers of its order and delivery."""

    division: str
    problem: ProblemRecord
    order_numbers: tuple[int, ...]
    delivery_number: int | None = None
    accounts: tuple[str, ...] = ()
    """Exact's ids of the customers concerned; the ledger has no names."""

    @property
    def name(self) -> str:
        """The delivery or order that has the problem."""
        if self.delivery_number is not None:
            return f"delivery {self.delivery_number}"
        return f"order {self.order_numbers[0]}" if self.order_numbers else "an order"


class LabelState(StrEnum):
    """The state of a delivery's label; part of the JSON contract."""

    LABELLED = "labelled"
    WAITING = "waiting"
    HELD = "held"
    UNKNOWN = "unknown"
    LEFT_ALONE = "left_alone"
    GONE = "gone"


@dataclass(frozen=True)
class DeliveryView:
    """A delivery from the ledger, and the state of its label."""

    division: str
    record: DeliveryRecord

    @property
    def state(self) -> LabelState:
        """The state of the label."""
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
        """When the label was made; without a label, when the delivery was first seen."""
        return self.record.label.at if self.record.label else self.record.seen_at

    @property
    def is_written_back(self) -> bool:
        """Whether the tracking number is in Exact."""
        return self.record.writeback.done


@dataclass(frozen=True)
class OrderView:
    """An order from the ledger, and its entry among the incoming orders."""

    division: str
    record: OrderRecord
    entry: IncomingRecord | None

    @property
    def is_incoming(self) -> bool:
        """Whether it is among Sendcloud's incoming orders, according to the ledger."""
        return self.entry is not None and self.entry.stands


@dataclass(frozen=True)
class HistoryLine:
    """An event in the history of an order or a delivery."""

    at: datetime
    run: str
    event: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SearchResult:
    """Everything in the ledger under one number."""

    division: str
    orders: tuple[OrderView, ...]
    deliveries: tuple[DeliveryView, ...]
    problems: tuple[ProblemView, ...]
    history: tuple[HistoryLine, ...]
    sent: tuple[RecordedRequest, ...] = ()
    """Every request about it and its answer, masked."""


@dataclass(frozen=True)
class DivisionStatus:
    """The status of a division."""

    division: str
    schedule: Schedule
    age: timedelta | None
    """Since the last good run; None before the first."""
    incoming: int
    """Entries among Sendcloud's incoming orders."""
    waiting: int
    """Deliveries that still need a label."""
    errors: int
    parcels_towards_max_per_day: int
    """Parcels of the last 24 hours that count towards the limit: bought, or perhaps bought."""
    sign_in_days_left: int | None
    """None: not known."""
    exact_calls_left: int | None
    """None: Exact has not reported it today."""
    exact_calls_left_this_minute: int | None
    today: "PeriodTally"
    """Since 00:00 UTC."""
    seven_days: "PeriodTally"
    """Since 00:00 UTC seven days ago."""
    next_due: datetime | None
    """None before the second run."""
    ledger_bytes: int
    labels: int
    """Deliveries with a label, without those closed long ago."""
    unknown_purchases: int
    """Purchases whose outcome is still unknown."""
    sign_in_age: timedelta | None
    """Since the tokens were received; None: not known."""
    exact_calls_today: int
    """For all divisions of the sign-in together."""
    max_calls_per_day: int
    """The configured limit of the sign-in."""
    last_run: LastRun | None = None
    """The last run that started; None before the first."""
    refused: tuple[RefusedQuestion, ...] = ()
    """The requests that a service refuses, oldest first."""


@dataclass(frozen=True)
class PeriodTally:
    """Counts for a period."""

    orders: int
    """New sales orders that were sent or held."""
    labels: int
    """Labels that were bought, found or taken over."""
    errors: int
    """New errors, including those fixed since."""
