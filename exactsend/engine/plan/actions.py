"""What a plan consists of: actions as frozen values, each complete with the very body that would be sent."""

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
    """The order or delivery that an action is about, with the numbers that people know."""

    order_id: OrderId | None = None
    delivery_id: DeliveryId | None = None
    order_numbers: tuple[int, ...] = ()
    delivery_number: int | None = None
    division: str = ""
    """What the configuration calls its division, where a command line must name it."""

    @property
    def name(self) -> str:
        """How messages call it."""
        if self.delivery_number is not None:
            return sentence("delivery {number}", number=self.delivery_number)
        if self.order_numbers:
            return sentence("order {number}", number=self.order_numbers[0])
        return sentence("an order")

    def by_hand(self, command: str) -> str:
        """The line that a person types to do something about its label."""
        which = "NUMBER"
        if self.delivery_number is not None:
            which = f"--delivery {self.delivery_number}"
        elif self.order_numbers:
            which = f"--order {self.order_numbers[0]}"
        division = f" --division {self.division}" if self.division else ""
        return f"exactsend labels {command}{division} {which}"


@dataclass(frozen=True)
class PushIncoming:
    """Bring an entry among the incoming orders, or bring it up to date."""

    subject: Subject
    ref: IncomingRef
    number: str
    body: dict[str, Json]
    fingerprint: str
    order: OrderRecord | None = None
    """The order as it is to be remembered once the entry was accepted; None for a delivery's entry."""
    watch: Watch = field(default_factory=Watch)
    is_new: bool = True
    """False: one that stands is brought up to date."""
    recipient: Mapping[str, str] = field(default_factory=dict)
    """Keyed fingerprints of the recipient that the body names."""
    kind: ActionKind = ActionKind.ORDER_PUSH


@dataclass(frozen=True)
class WithdrawIncoming:
    """Take an entry out of the incoming orders."""

    subject: Subject
    ref: IncomingRef
    reason: str
    order: OrderRecord | None = None
    """The order as it is to be remembered afterwards."""
    kind: ActionKind = ActionKind.ORDER_WITHDRAW


@dataclass(frozen=True)
class BuyLabel:
    """Buy a label for a delivery, after one more look. Costs money."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    consignment: Consignment
    request: LabelRequest
    fingerprint: str
    content: str
    parcels: int = 1
    another: int | None = None
    """The attempt that a person asked for in so many words; None: the next one that the rules allow."""
    unchecked: tuple[str, ...] = ()
    """What could not be checked beforehand, as sentences."""
    kind: ActionKind = ActionKind.LABEL_BUY


@dataclass(frozen=True)
class AdoptShipment:
    """Take a shipment that somebody made by hand, or that an earlier run bought, as the delivery's own."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    shipment: Shipment
    content: str
    found_by_reference: bool = False
    differing: tuple[str, ...] = ()
    """Of one that was bought: in what it differs from what is wanted now."""
    corrected: str = ""
    """Of one that was made by hand: what a person has corrected in the panel, as a sentence."""
    kind: ActionKind = ActionKind.LABEL_ADOPT


@dataclass(frozen=True)
class WriteBack:
    """Write tracking number, remarks and label onto the goods delivery in Exact."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    shipment: Shipment
    delivery: GoodsDelivery | None = None
    """As this run has read it; None: it has not. What is written onto it rests on another reading, right before."""
    kind: ActionKind = ActionKind.WRITEBACK


@dataclass(frozen=True)
class TakeBack:
    """Take tracking number and remarks out of the goods delivery in Exact again: their label was cancelled."""

    subject: Subject
    delivery_id: DeliveryId
    record: DeliveryRecord
    kind: ActionKind = ActionKind.TAKE_BACK


@dataclass(frozen=True)
class Remember:
    """Nothing is sent; what was decided is remembered, and why."""

    subject: Subject
    kind: ActionKind
    reason: str
    records: tuple[Record, ...] = ()
    problem: ProblemRecord | None = None
    """What a person should read; the outcome is then "held"."""
    is_news: bool = False
    """It is listed; otherwise it is only counted."""


Action = PushIncoming | WithdrawIncoming | BuyLabel | AdoptShipment | WriteBack | TakeBack | Remember


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
    """What became of one action, as it is reported."""

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
    """Of an entry: it would be a new one; False: it stands, and would be brought up to date."""
    price: Price | None = None
    """What a planned purchase would cost, where Sendcloud quotes it."""
    notes: tuple[str, ...] = ()
    """What else there is to know of it, as sentences."""
    listed: bool = True
    """False: it is counted and not listed, since nothing was to be done."""


StopCode = Literal["safety_limit", "clock_off"]


@dataclass(frozen=True)
class Plan:
    """The actions of one step, in the order they are carried out."""

    actions: tuple[Action, ...] = ()
    stopped: str = ""
    """Why the purchases of this plan are not made; empty: they are."""
    stop_code: StopCode = "safety_limit"
    """Which kind of reason that is."""
    decided: tuple[str, ...] = field(default=())
    """Todo keys that are decided about with this plan."""

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
    """The problem as it is remembered now."""
    return ProblemRecord.seen(stage, problem, at=at, before=before, next_try=next_try)


def listed(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Those that are shown to a person."""
    return tuple(action for action in actions if not isinstance(action, Remember) or action.is_news)
