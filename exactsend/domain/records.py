"""The ledger's records of orders, deliveries, incoming orders and shipments, and their transitions. Pure.

Records hold ids, numbers, states, times, keyed fingerprints and masked messages; never a name, an address, a phone
number, an e-mail, a tracking URL or a secret. They are frozen: a transition returns a new record. The ledger stores
them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.problems import Code, Problem, Stage, Values
from exactsend.system.elapsed import elapsed, is_in_future

RETRY_PAUSES = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
    timedelta(days=1),
)
"""S6: the pauses before each further try of a passing cause. After the last try only a person can continue."""


def free_retry_pause(tries: int) -> timedelta:
    """The pause before a try that costs nothing is repeated. Grows with the number of tries, up to a day."""
    return RETRY_PAUSES[min(max(tries, 1), len(RETRY_PAUSES)) - 1]


class Record(BaseModel):
    """A frozen record, stored in the ledger as JSON."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    def to_json(self) -> dict[str, object]:
        """The stored form: without fields that have their default."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def replace(self, **changes: object) -> Self:
        """A copy with these fields changed. mypy checks their names and types (``scripts/mypy_record_plugin.py``)."""
        return self.model_copy(update=changes)


class ProblemRecord(Record):
    """A problem that is reported: since when, how often tried, and when it is tried next."""

    stage: Stage
    code: Code
    variant: str = ""
    values: Values = Field(default_factory=dict)
    detail: str = ""
    attempts: int = 1
    first_seen: datetime
    last_tried: datetime
    next_try: datetime | None = None
    """None: only after a change, or on request."""

    @classmethod
    def seen(
        cls,
        stage: Stage,
        problem: Problem,
        *,
        at: datetime,
        before: "ProblemRecord | None",
        next_try: datetime | None = None,
    ) -> "ProblemRecord":
        """The problem as found now. ``before``: the previous problem of this stage."""
        same = before is not None and before.code == problem.code
        return cls(
            stage=stage,
            code=problem.code,
            variant=problem.variant,
            values=problem.values,
            detail=problem.detail,
            attempts=before.attempts + 1 if before is not None and same else 1,
            first_seen=before.first_seen if before is not None and same else at,
            last_tried=at,
            next_try=next_try,
        )

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for the next automatic try. Also if the last try is in the future: a clock was wrong."""
        return self.next_try is not None and (self.next_try <= now or is_in_future(self.last_tried, now))

    def as_problem(self) -> Problem:
        """The problem without its history."""
        return Problem(self.code, self.values, self.variant, self.detail)

    def is_same_as(self, other: "ProblemRecord | None") -> bool:
        """Whether a person would read the same: then there is nothing new to record."""
        return other is not None and self.model_dump(exclude=_PROGRESS) == other.model_dump(exclude=_PROGRESS)


_PROGRESS = {"attempts", "first_seen", "last_tried", "next_try"}


class IncomingState(StrEnum):
    """The state of one of our incoming orders."""

    PUSHING = "pushing"
    """About to be sent, or sent without an answer."""
    PUSHED = "pushed"
    """Accepted, not yet seen stored."""
    STORED = "stored"
    """Seen stored."""
    WITHDRAWING = "withdrawing"
    """Being deleted, until two lookups found nothing."""
    WITHDRAWN = "withdrawn"
    TAKEN_IN_PANEL = "taken_in_panel"
    """A person removed it in the panel: never pushed again, its label never bought automatically."""


class IncomingRecord(Record):
    """One of our incoming orders at Sendcloud (S1)."""

    ref: IncomingRef
    number: str
    order: OrderId | None = None
    """The order it represents; None for a delivery's own."""
    delivery: DeliveryId | None = None
    """The delivery that owns it; None while the order does."""
    state: IncomingState
    sendcloud_id: str = ""
    fingerprint: str = ""
    refused: str = ""
    """Fingerprint of the last refused body: it is not sent again."""
    absent_looks: int = 0
    found_again: int = 0
    """How often it was found again after its withdrawal."""
    changed_at: datetime
    problem: ProblemRecord | None = None
    """Why it could not be withdrawn."""
    stored_at: datetime | None = None
    """When it was first seen stored since it was last created: a label made from it is younger (S4)."""
    recipient: Mapping[str, str] = Field(default_factory=dict)
    """Keyed fingerprints of the name, e-mail, phone and street that were pushed: a person may correct the rest (S4)."""
    missed_at: datetime | None = None
    """When it was first found missing although we did not withdraw it (S7)."""
    by_hand: bool = False
    """It was missing and a live label had its number: somebody made that from it. Nothing is bought automatically (S7)."""

    @property
    def is_open(self) -> bool:
        """Whether it must still be looked up or changed."""
        return self.state not in {IncomingState.WITHDRAWN, IncomingState.TAKEN_IN_PANEL}

    @property
    def stands(self) -> bool:
        """Whether it should exist and was not found missing."""
        return self.state in {IncomingState.PUSHING, IncomingState.PUSHED, IncomingState.STORED}

    @property
    def was_seen(self) -> bool:
        """Whether it exists and was seen: if it is missing, somebody removed it."""
        return self.stands and (self.state is IncomingState.STORED or self.stored_at is not None)

    @property
    def is_taken(self) -> bool:
        """Whether somebody removed it in the panel, or made a label from it: nothing is bought automatically (S7)."""
        return self.state is IncomingState.TAKEN_IN_PANEL or self.by_hand

    def seen_stored(self, at: datetime) -> "IncomingRecord":
        """The record after it was found stored at ``at``."""
        state = IncomingState.STORED if self.state is IncomingState.PUSHED else self.state
        return self.replace(state=state, stored_at=self.stored_at or at, missed_at=None)

    def seen_gone(self, at: datetime, *, is_labelled: bool) -> "IncomingRecord":
        """The record after it was found missing. ``is_labelled``: a live label has its number."""
        state = IncomingState.WITHDRAWN if is_labelled else IncomingState.TAKEN_IN_PANEL
        gone = self.replace(state=state, by_hand=self.by_hand or is_labelled, missed_at=self.missed_at or at)
        return gone.taken_since(at)

    def given_back(self) -> "IncomingRecord":
        """The record after the label made from it became a delivery's: it stops nothing more."""
        state = IncomingState.WITHDRAWN if self.state is IncomingState.TAKEN_IN_PANEL else self.state
        return self.replace(state=state, by_hand=False, missed_at=None)

    def taken_since(self, now: datetime) -> "IncomingRecord":
        """The record with ``missed_at`` not in the future: a time noted by a wrong clock counts as now."""
        return self if (self.missed_at or now) <= now else self.replace(missed_at=now)


class Watch(Record):
    """Ids of the Exact records that a decision depended on: if one changes, it is decided again (S11)."""

    accounts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


class HandLabel(Record):
    """A label that a person made for an undelivered order."""

    shipment: ShipmentId
    content: str
    """Keyed fingerprint of the order's data in Exact when the label was first seen (S15)."""
    closed_as_gone: bool = False
    """A person accepted that the order is cancelled in Exact."""


class OrderRecord(Record):
    """A known sales order: what was decided about it and why."""

    order_id: OrderId
    number: int
    seen_at: datetime
    excluded: str = ""
    """Why it has no incoming order, as a reason code; empty if it has one or should have."""
    problem: ProblemRecord | None = None
    watch: Watch = Field(default_factory=Watch)
    settled: bool = False
    """Cancelled, deleted or delivered in full: nothing more will happen."""
    by_hand: HandLabel | None = None
    """The label that a person made before it was delivered."""

    @property
    def is_open(self) -> bool:
        """Whether a later run may have to decide about it again without a change in Exact."""
        return not self.settled and not self.excluded


class AttemptState(StrEnum):
    """The state of an attempt to buy a label."""

    INTENDED = "intended"
    """Recorded before the call: open until answered or found."""
    UNKNOWN = "unknown"
    """The answer was lost and the lookup found nothing yet."""
    LIVE = "live"
    FAILED = "failed"
    """Status 201, but the announcement failed and there is no label."""
    REFUSED = "refused"
    """Status 400: nothing was made; the reference is free."""
    NOT_SENT = "not_sent"
    """The request certainly never left; the reference is free."""
    CANCELLED = "cancelled"


OPEN_ATTEMPT = frozenset({AttemptState.INTENDED, AttemptState.UNKNOWN})


class Attempt(Record):
    """One attempt to buy a label, with one reference."""

    number: int
    reference: Reference
    fingerprint: str
    state: AttemptState
    at: datetime
    """When it was recorded; the settling time starts then."""
    noticed: datetime | None = None
    """When ``at`` was first seen to be in the future: then the settling time starts here."""
    shipment: ShipmentId | None = None

    def age(self, now: datetime) -> timedelta:
        """How long ago it was recorded, as far as known."""
        return elapsed(self.at, now, noticed=self.noticed)


class RuleRecord(Record):
    """A shipping rule of Sendcloud's panel that affected a label."""

    id: str = ""
    name: str = ""
    """Its name in the panel, masked."""
    option: str = ""
    """The shipping option that it chose."""
    sets: tuple[str, ...] = ()
    """The other fields it set, by Sendcloud's names; without values."""

    @property
    def called(self) -> str:
        """Its name or id, to find it in the panel."""
        return f"{self.name} ({self.id})" if self.name and self.id else self.name or self.id

    @property
    def did(self) -> str:
        """The option it chose and the fields it set; empty if unknown."""
        chose = [f"chose {self.option}"] if self.option else []
        return ", ".join([*chose, *([f"set {' and '.join(self.sets)}"] if self.sets else [])])


class Cancellation(StrEnum):
    """The state of a live label's cancellation."""

    NONE = ""
    UNDER_WAY = "under_way"
    """The carrier has not agreed yet."""
    FAILED = "failed"
    """The carrier refused: a person decides."""
    GIVEN_UP = "given_up"
    """A person accepted the refusal."""

    def seen(self, *, under_way: bool, failed: bool) -> "Cancellation":
        """The state after Sendcloud's answer. An accepted refusal stays until the cancellation is requested again."""
        if under_way:
            return Cancellation.UNDER_WAY
        if failed:
            return self if self is Cancellation.GIVEN_UP else Cancellation.FAILED
        return Cancellation.NONE


class LabelRecord(Record):
    """A delivery's label: a shipment that is paid, as far as known."""

    shipment: ShipmentId
    parcels: tuple[int, ...] = ()
    tracking_numbers: tuple[str, ...] = ()
    carrier: str = ""
    how: Literal["bought", "found", "adopted"]
    at: datetime
    """When it was bought, or found."""
    content: str = ""
    """Keyed fingerprint of Exact's data when the label was made or adopted (S15)."""
    accepted: bool = False
    """A person accepted that it differs from the delivery."""
    differs: bool = False
    beside: tuple[ShipmentId, ...] = ()
    """Other live shipments of the delivery that a person requested or accepted: no duplicates."""
    closed_as_gone: bool = False
    """A person accepted that the delivery or its order is cancelled in Exact."""
    printable: bool = False
    tracked: bool = False
    untracked: bool = False
    """Its shipping option has no tracking: its number can't be followed and is not written to Exact."""
    papers: tuple[str, ...] = ()
    """Papers that come with the label, by Sendcloud's names: a customs declaration, an air waybill."""
    moved: bool = False
    """A poll has seen a status that only a carrier gives, or an unknown one: the parcel was handed over."""
    rules: tuple[RuleRecord, ...] = ()
    """The shipping rules that chose or changed it, in order."""
    cancellation: Cancellation = Cancellation.NONE


class WritebackRecord(Record):
    """What of a label is in Exact."""

    tracking: str = ""
    """What we wrote into TrackingNumber, as read back."""
    numbers: tuple[str, ...] = ()
    """The tracking numbers of our line in the remarks."""
    document: str = ""
    attached: tuple[int, ...] = ()
    """Parcels whose label is attached."""
    document_intended: bool = False
    """A document or an attachment was about to be created and the answer is unknown: look before creating another."""
    shipment: ShipmentId | None = None
    done: bool = False


class DeliveryRecord(Record):
    """A known goods delivery, and everything done for it."""

    delivery_id: DeliveryId
    number: int
    order_ids: tuple[OrderId, ...] = ()
    order_numbers: tuple[int, ...] = ()
    incoming: IncomingRef | None = None
    """The incoming order that it owns or would own (S1)."""
    incoming_number: str = ""
    seen_at: datetime
    excluded: str = ""
    """Why it is excluded, as a reason code."""
    attempts: tuple[Attempt, ...] = ()
    label: LabelRecord | None = None
    writeback: WritebackRecord = Field(default_factory=WritebackRecord)
    problems: Mapping[Stage, ProblemRecord] = Field(default_factory=dict)
    watch: Watch = Field(default_factory=Watch)
    header: str = ""
    """Keyed fingerprint of the delivery's own fields when last decided about or written: the same again changes nothing."""
    lines: tuple[str, ...] = ()
    """The same for each of its lines."""
    gone: bool = False
    """Deleted in Exact."""

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt whose outcome is unknown."""
        return next((attempt for attempt in self.attempts if attempt.state in OPEN_ATTEMPT), None)

    @property
    def is_open(self) -> bool:
        """Whether a later run may have to decide about it again without a change in Exact."""
        if self.excluded or (self.gone and self.label is None):
            return bool(self.open_attempt) or self.shows_cancelled
        return not self.is_written_back or bool(self.problems) or bool(self.open_attempt)

    @property
    def shows_cancelled(self) -> bool:
        """Whether Exact shows the number of a cancelled label that we wrote."""
        is_cancelled = any(attempt.state is AttemptState.CANCELLED for attempt in self.attempts)
        is_written = bool(self.writeback.tracking or self.writeback.numbers)
        return self.label is None and not self.gone and is_cancelled and is_written

    @property
    def is_written_back(self) -> bool:
        """Whether its present label is fully in Exact. A replaced label or a new number starts again."""
        if self.label is None or not self.writeback.done or self.writeback.shipment != self.label.shipment:
            return False
        return self.label.untracked or set(self.label.tracking_numbers) <= set(self.writeback.numbers)

    def with_label(self, label: LabelRecord) -> "DeliveryRecord":
        """The record with this label, without the problems that it solves."""
        return self.replace(label=label, excluded="").without_problem("label").without_problem("order")

    def with_attempt(self, attempt: Attempt) -> "DeliveryRecord":
        """The record with this attempt added, or replaced by its number."""
        others = tuple(other for other in self.attempts if other.number != attempt.number)
        return self.replace(attempts=tuple(sorted((*others, attempt), key=lambda other: other.number)))

    def with_problem(self, problem: ProblemRecord) -> "DeliveryRecord":
        """The record with this problem in its stage."""
        return self.replace(problems={**self.problems, problem.stage: problem})

    def without_problem(self, stage: Stage) -> "DeliveryRecord":
        """The record without the problem of a stage."""
        return self.replace(
            problems={kept: problem for kept, problem in self.problems.items() if kept != stage}
        )


class ShipmentRecord(Record):
    """A polled shipment of this integration, with its permanent owner (S4)."""

    shipment: ShipmentId
    number: str = ""
    reference: str = ""
    state: Literal["live", "failed", "cancelled"]
    owner: DeliveryId | None = None
