"""The actions of a plan as frozen values, each with the exact body to send, and their outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId
from exactsend.domain.problems import Problem, Stage
from exactsend.domain.records import DeliveryRecord, OrderRecord, ProblemRecord, Record, Watch
from exactsend.domain.templates import sentence
from exactsend.exact.models import GoodsDelivery
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.offered_options import Price
from exactsend.trade.consignment import Consignment
from exactsend.trade.shipment_request import LabelRequest


class ActionKind(StrEnum):
    """What an action does; part of the JSON contract."""

    ORDER_PUSH = "order_push"
    ORDER_WITHDRAW = "order_withdraw"
    LABEL_BUY = "label_buy"
    LABEL_ADOPT = "label_adopt"
    LABEL_WATCH = "label_watch"
    LABEL_CANCEL = "label_cancel"
    WRITEBACK = "writeback"
    TAKE_BACK = "take_back"


@dataclass(frozen=True)
class Subject:
    """The order or delivery of an action, with the numbers that people know."""

    order_id: OrderId | None = None
    delivery_id: DeliveryId | None = None
    order_numbers: tuple[int, ...] = ()
    delivery_number: int | None = None
    division: str = ""
    """The division's configured name, if a command line must name it."""

    @property
    def name(self) -> str:
        """The subject's name in messages."""
        if self.delivery_number is not None:
            return sentence("delivery {number}", number=self.delivery_number)
        if self.order_numbers:
            return sentence("order {number}", number=self.order_numbers[0])
        return sentence("an order")

    def by_hand(self, command: str) -> str:
        """The command line for doing something about its label by hand."""
        which = "NUMBER"
        if self.delivery_number is not None:
            which = f"--delivery {self.delivery_number}"
        elif self.order_numbers:
            which = f"--order {self.order_numbers[0]}"
        division = f" --division {self.division}" if self.division else ""
        return f"exactsend labels {command}{division} {which}"


@dataclass(frozen=True)
class PushIncoming:
    """Push an incoming order, or update it."""

    subject: Subject
    ref: IncomingRef
    number: str
    body: dict[str, Json]
    fingerprint: str
    order: OrderRecord | None = None
    """The order's record after the push; None for a delivery's incoming order."""
    watch: Watch = field(default_factory=Watch)
    is_new: bool = True
    """False: it exists and is updated."""
    recipient: Mapping[str, str] = field(default_factory=dict)
    """Keyed fingerprints of the recipient that the body names."""
    kind: ActionKind = ActionKind.ORDER_PUSH


@dataclass(frozen=True)
class WithdrawIncoming:
    """Withdraw an incoming order."""

    subject: Subject
    ref: IncomingRef
    reason: str
    order: OrderRecord | None = None
    """The order's record afterwards."""
    kind: ActionKind = ActionKind.ORDER_WITHDRAW


@dataclass(frozen=True)
class BuyLabel:
    """Buy a delivery's label, after one more check. Costs money."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    consignment: Consignment
    request: LabelRequest
    fingerprint: str
    content: str
    parcels: int = 1
    another: int | None = None
    """The attempt that a person requested; None: the next one that the rules allow."""
    unchecked: tuple[str, ...] = ()
    """What could not be checked before, as sentences."""
    kind: ActionKind = ActionKind.LABEL_BUY


@dataclass(frozen=True)
class AdoptShipment:
    """Adopt an existing shipment as the delivery's label: made by hand, or bought by an earlier run."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    shipment: Shipment
    content: str
    found_by_reference: bool = False
    differing: tuple[str, ...] = ()
    """For a bought one: how it differs from what is wanted now."""
    corrected: str = ""
    """For one made by hand: what a person corrected in the panel, as a sentence."""
    kind: ActionKind = ActionKind.LABEL_ADOPT


@dataclass(frozen=True)
class WriteBack:
    """Write tracking number, remarks and label to the goods delivery in Exact."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    shipment: Shipment
    delivery: GoodsDelivery | None = None
    """As read in this run, or None. It is read again right before the write."""
    kind: ActionKind = ActionKind.WRITEBACK


@dataclass(frozen=True)
class RemoveTracking:
    """Remove tracking number and remarks from the goods delivery in Exact, because their label was cancelled."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    kind: ActionKind = ActionKind.TAKE_BACK


@dataclass(frozen=True)
class RecordDecision:
    """Send nothing; record the decision and its reason."""

    subject: Subject
    kind: ActionKind
    reason: str
    records: tuple[Record, ...] = ()
    problem: ProblemRecord | None = None
    """What a person should read; then the outcome is "held"."""
    is_news: bool = False
    """It is listed, otherwise only counted."""


Action = (
    PushIncoming | WithdrawIncoming | BuyLabel | AdoptShipment | WriteBack | RemoveTracking | RecordDecision
)


class OutcomeKind(StrEnum):
    """How an action ended; part of the JSON contract."""

    DONE = "done"
    FAILED = "failed"
    HELD = "held"
    PLANNED = "planned"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """What became of one action, as reported."""

    kind: ActionKind
    subject: Subject
    outcome: OutcomeKind
    reason: str = ""
    cost_bearing: bool = False
    shipment_id: str = ""
    tracking_numbers: tuple[str, ...] = ()
    request: Json = None
    problem: Problem | None = None
    is_new: bool = True
    """For an incoming order: False if it exists and would be updated."""
    price: Price | None = None
    """The price of a planned purchase, if Sendcloud quotes one."""
    notes: tuple[str, ...] = ()
    """Further remarks, as sentences."""
    listed: bool = True
    """False: it is only counted, because nothing had to be done."""


StopCode = Literal["safety_limit", "clock_off"]


@dataclass(frozen=True)
class Plan:
    """The actions of one step, in order."""

    actions: tuple[Action, ...] = ()
    stopped: str = ""
    """Why this plan's purchases are not made; empty: they are."""
    stop_code: StopCode = "safety_limit"
    """The kind of that reason."""
    decided: tuple[str, ...] = field(default=())
    """Todo keys that this plan decides about."""

    @property
    def purchases(self) -> tuple[BuyLabel, ...]:
        """The actions that cost money."""
        return tuple(action for action in self.actions if isinstance(action, BuyLabel))


def problem_record(
    stage: Stage,
    problem: Problem,
    *,
    at: datetime,
    before: ProblemRecord | None,
    next_try: datetime | None = None,
) -> ProblemRecord:
    """The problem as a record, with its history."""
    return ProblemRecord.seen(stage, problem, at=at, before=before, next_try=next_try)


def listed(actions: Sequence[Action]) -> tuple[Action, ...]:
    """The actions that are shown to a person."""
    return tuple(action for action in actions if not isinstance(action, RecordDecision) or action.is_news)
