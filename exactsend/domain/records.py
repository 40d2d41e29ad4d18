"""What the ledger remembers of orders, deliveries, incoming entries and shipments, and how each record moves on. Pure.

A record holds ids, numbers, states, times, keyed fingerprints and masked messages; never a name, an address, a phone number, an
e-mail, a tracking URL or a secret. Records are frozen: a transition gives a new one. Where they are kept is the ledger's business.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.problems import Code, Problem, Stage, Values
from exactsend.system.elapsed import elapsed, lies_ahead

_DAY = timedelta(days=1)
RETRY_PAUSES = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
    timedelta(days=1),
)
"""S6: how long a passing cause is given before each further try; after the last one only a person goes on."""


def free_retry_pause(tries: int) -> timedelta:
    """How long to wait before what cost nothing is tried again, after so many tries: ever longer, at most a day, without an end."""
    return RETRY_PAUSES[min(max(tries, 1), len(RETRY_PAUSES)) - 1]


class Record(BaseModel):
    """A frozen record that stands in the ledger as JSON."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    def to_json(self) -> dict[str, object]:
        """As the ledger keeps it: what is at its default is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def replace(self, **changes: object) -> Self:
        """The same record with these fields changed."""
        return self.model_copy(update=changes)


class ProblemRecord(Record):
    """A problem that a person may see: since when, how often tried, when tried next."""

    stage: Stage
    code: Code
    variant: str = ""
    values: Values = Field(default_factory=dict)
    detail: str = ""
    attempts: int = 1
    first_seen: datetime
    last_tried: datetime
    next_try: datetime | None = None
    """None: not before something changes, or a person asks."""

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
        """The problem as met now, ``before`` being what was known of this stage."""
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
        """Whether it is to be tried again by itself, and now is the time; also where the last try lies ahead, since a clock was wrong."""
        return self.next_try is not None and (self.next_try <= now or lies_ahead(self.last_tried, now))

    def as_problem(self) -> Problem:
        """The problem without its history."""
        return Problem(self.code, self.values, self.variant, self.detail)

    def is_same_as(self, other: "ProblemRecord | None") -> bool:
        """Whether a person would read the same: then there is nothing new to record."""
        return other is not None and self.model_dump(exclude=_PROGRESS) == other.model_dump(exclude=_PROGRESS)


_PROGRESS = {"attempts", "first_seen", "last_tried", "next_try"}


class IncomingState(StrEnum):
    """Where one of our entries among Sendcloud's incoming orders stands."""

    PUSHING = "pushing"
    """About to be sent, or sent without an answer."""
    PUSHED = "pushed"
    """Accepted, not yet seen stored."""
    STORED = "stored"
    """Seen stored."""
    WITHDRAWING = "withdrawing"
    """To be gone: deleted until two looks found nothing."""
    WITHDRAWN = "withdrawn"
    TAKEN_IN_PANEL = "taken_in_panel"
    """A person took it out of the panel: never pushed again, never bought automatically."""


class IncomingRecord(Record):
    """An entry of ours among Sendcloud's incoming orders (S1)."""

    ref: IncomingRef
    number: str
    order: OrderId | None = None
    """The order that the entry stands for; None for a delivery's own entry."""
    delivery: DeliveryId | None = None
    """The delivery that owns it; None while the order is its owner."""
    state: IncomingState
    sendcloud_id: str = ""
    fingerprint: str = ""
    refused: str = ""
    """Fingerprint of what Sendcloud refused last: the same is not sent again."""
    absent_looks: int = 0
    found_again: int = 0
    """How often it was found standing there after it had been withdrawn."""
    changed_at: datetime
    problem: ProblemRecord | None = None
    """Why it could not be withdrawn."""
    stored_at: datetime | None = None
    """When it was first seen stored, since it was last pushed as a new one: a label made from it is younger (S4)."""
    recipient: Mapping[str, str] = Field(default_factory=dict)
    """Keyed fingerprints of the name, e-mail, phone and street that it was pushed with: a person may correct the rest (S4)."""
    missed_at: datetime | None = None
    """When it was first found gone, though we did not withdraw it (S7)."""
    by_hand: bool = False
    """It was gone, and a live label bore its number: somebody made that from it. Nothing is bought by itself (S7)."""

    @property
    def is_open(self) -> bool:
        """Whether something is still to be seen or done about it."""
        return self.state not in {IncomingState.WITHDRAWN, IncomingState.TAKEN_IN_PANEL}

    @property
    def stands(self) -> bool:
        """Whether it is wanted there and was not found gone."""
        return self.state in {IncomingState.PUSHING, IncomingState.PUSHED, IncomingState.STORED}

    @property
    def was_seen(self) -> bool:
        """Whether it stands, and was seen to: if it is gone, somebody took it."""
        return self.stands and (self.state is IncomingState.STORED or self.stored_at is not None)

    @property
    def is_taken(self) -> bool:
        """Whether somebody took it out of the panel, or made a label from it: nothing is bought by itself (S7)."""
        return self.state is IncomingState.TAKEN_IN_PANEL or self.by_hand

    def seen_stored(self, at: datetime) -> "IncomingRecord":
        """The entry once it was found stored at ``at``."""
        state = IncomingState.STORED if self.state is IncomingState.PUSHED else self.state
        return self.replace(state=state, stored_at=self.stored_at or at, missed_at=None)

    def seen_gone(self, at: datetime, *, is_labelled: bool) -> "IncomingRecord":
        """The entry once it was found gone; ``is_labelled``: a live label bears its number."""
        state = IncomingState.WITHDRAWN if is_labelled else IncomingState.TAKEN_IN_PANEL
        gone = self.replace(state=state, by_hand=self.by_hand or is_labelled, missed_at=self.missed_at or at)
        return gone.taken_since(at)

    def given_back(self) -> "IncomingRecord":
        """The entry once the label that somebody made from it has become a delivery's: it stops nothing more."""
        state = IncomingState.WITHDRAWN if self.state is IncomingState.TAKEN_IN_PANEL else self.state
        return self.replace(state=state, by_hand=False, missed_at=None)

    def taken_since(self, now: datetime) -> "IncomingRecord":
        """The entry, gone since a moment that does not lie ahead: one that a wrong clock told counts as now."""
        return self if (self.missed_at or now) <= now else self.replace(missed_at=now)


class Watch(Record):
    """Ids of the records in Exact that a decision rested on: a change of one of them is a reason to decide again (S11)."""

    accounts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


class HandLabel(Record):
    """A label that a person made for an order that was not delivered yet."""

    shipment: ShipmentId
    content: str
    """Keyed fingerprint of what Exact said of the order when the label was first seen (S15)."""
    closed_as_gone: bool = False
    """A person closed that the order is cancelled in Exact."""


class OrderRecord(Record):
    """A sales order that was seen: what was decided about it and why."""

    order_id: OrderId
    number: int
    seen_at: datetime
    excluded: str = ""
    """Why it has no entry, as a reason code; empty where it has one, or ought to."""
    problem: ProblemRecord | None = None
    watch: Watch = Field(default_factory=Watch)
    settled: bool = False
    """Cancelled, deleted or delivered in full: nothing more is expected of it."""
    by_hand: HandLabel | None = None
    """The label that a person made for it before it was delivered."""

    @property
    def is_open(self) -> bool:
        """Whether a later run may have to look at it again without being told by Exact."""
        return not self.settled and not self.excluded


class AttemptState(StrEnum):
    """How an attempt to buy a label stands."""

    INTENDED = "intended"
    """Written down, then the call was made: open until answered or found."""
    UNKNOWN = "unknown"
    """The answer was lost and the look-up found nothing yet."""
    LIVE = "live"
    FAILED = "failed"
    """201, but the announcement failed and there is no label."""
    REFUSED = "refused"
    """400: nothing was made; the reference is free."""
    NOT_SENT = "not_sent"
    """It surely never left; the reference is free."""
    CANCELLED = "cancelled"


OPEN_ATTEMPT = frozenset({AttemptState.INTENDED, AttemptState.UNKNOWN})


class Attempt(Record):
    """One attempt to buy a label, under one reference."""

    number: int
    reference: Reference
    fingerprint: str
    state: AttemptState
    at: datetime
    """When it was intended; the settling time counts from here."""
    noticed: datetime | None = None
    """When that moment was first seen to lie ahead: the settling time counts from here then."""
    shipment: ShipmentId | None = None

    def age(self, now: datetime) -> timedelta:
        """How long ago it was intended, as far as one can know."""
        return elapsed(self.at, now, noticed=self.noticed)


class RuleRecord(Record):
    """A shipping rule of Sendcloud's panel that had a part in a label."""

    id: str = ""
    name: str = ""
    """As it is called in the panel, masked."""
    option: str = ""
    """The shipping option that it chose."""
    sets: tuple[str, ...] = ()
    """What else it set, by Sendcloud's names of the fields; without their values."""

    @property
    def called(self) -> str:
        """What a person finds it by in the panel."""
        return f"{self.name} ({self.id})" if self.name and self.id else self.name or self.id

    @property
    def did(self) -> str:
        """What it chose and what it set; empty where that was not told."""
        chose = [f"chose {self.option}"] if self.option else []
        return ", ".join([*chose, *([f"set {' and '.join(self.sets)}"] if self.sets else [])])


class Cancellation(StrEnum):
    """How it stands with cancelling a label that is still live."""

    NONE = ""
    UNDER_WAY = "under_way"
    """The carrier has not agreed yet."""
    FAILED = "failed"
    """The carrier did not agree: a person decides."""
    GIVEN_UP = "given_up"
    """A person closed that it failed."""

    def seen(self, *, under_way: bool, failed: bool) -> "Cancellation":
        """As it stands once Sendcloud was asked. What a person closed stays closed until a cancellation is asked for anew."""
        if under_way:
            return Cancellation.UNDER_WAY
        if failed:
            return self if self is Cancellation.GIVEN_UP else Cancellation.FAILED
        return Cancellation.NONE


class LabelRecord(Record):
    """The label that a delivery has: a shipment that is paid as far as one can know."""

    shipment: ShipmentId
    parcels: tuple[int, ...] = ()
    tracking_numbers: tuple[str, ...] = ()
    carrier: str = ""
    how: Literal["bought", "found", "adopted"]
    at: datetime
    """When it was bought, or found."""
    content: str = ""
    """Keyed fingerprint of what Exact said when the label was made or adopted (S15)."""
    accepted: bool = False
    """A person accepted that it differs from the delivery."""
    differs: bool = False
    beside: tuple[ShipmentId, ...] = ()
    """Other live shipments of the delivery that a person asked for or accepted: they are no double label."""
    closed_as_gone: bool = False
    """A person closed that the delivery or its order is cancelled in Exact."""
    printable: bool = False
    tracked: bool = False
    untracked: bool = False
    """Its shipping option has no tracking: a number that it bears is none to follow, and is not written into Exact."""
    papers: tuple[str, ...] = ()
    """What goes with the label on paper, by Sendcloud's names: a customs declaration, an air waybill."""
    moved: bool = False
    """A poll has seen a status that only a carrier gives: the parcel was handed over. An unknown status counts as one."""
    rules: tuple[RuleRecord, ...] = ()
    """The shipping rules that chose or changed it, in the order in which they were applied."""
    cancellation: Cancellation = Cancellation.NONE


class WritebackRecord(Record):
    """What of a label has arrived in Exact."""

    tracking: str = ""
    """What we wrote into TrackingNumber, as it was read back."""
    numbers: tuple[str, ...] = ()
    """The tracking numbers of the line that stands in the remarks."""
    document: str = ""
    attached: tuple[int, ...] = ()
    """Parcels whose label is attached."""
    document_intended: bool = False
    """A document, or an attachment, was about to be made and the answer is not known: look before making another."""
    shipment: ShipmentId | None = None
    done: bool = False


class DeliveryRecord(Record):
    """A goods delivery that was seen, and everything that was done for it."""

    delivery_id: DeliveryId
    number: int
    order_ids: tuple[OrderId, ...] = ()
    order_numbers: tuple[int, ...] = ()
    incoming: IncomingRef | None = None
    """The entry that it owns, or would own (S1)."""
    incoming_number: str = ""
    seen_at: datetime
    excluded: str = ""
    """Why it is left alone, as a reason code."""
    attempts: tuple[Attempt, ...] = ()
    label: LabelRecord | None = None
    writeback: WritebackRecord = Field(default_factory=WritebackRecord)
    problems: Mapping[Stage, ProblemRecord] = Field(default_factory=dict)
    watch: Watch = Field(default_factory=Watch)
    header: str = ""
    """Keyed fingerprint of the delivery's own fields when it was last decided about, or written: the same again is no news."""
    lines: tuple[str, ...] = ()
    """The same of each of its lines."""
    gone: bool = False
    """Deleted in Exact."""

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt whose outcome is not known."""
        return next((attempt for attempt in self.attempts if attempt.state in OPEN_ATTEMPT), None)

    @property
    def is_open(self) -> bool:
        """Whether a later run may have to look at it again without being told by Exact."""
        if self.excluded or (self.gone and self.label is None):
            return bool(self.open_attempt) or self.shows_cancelled
        return not self.is_written_back or bool(self.problems) or bool(self.open_attempt)

    @property
    def shows_cancelled(self) -> bool:
        """Whether what was written into Exact is that of a label that is cancelled."""
        is_cancelled = any(attempt.state is AttemptState.CANCELLED for attempt in self.attempts)
        is_written = bool(self.writeback.tracking or self.writeback.numbers)
        return self.label is None and not self.gone and is_cancelled and is_written

    @property
    def is_written_back(self) -> bool:
        """Whether all of the label that it has now has arrived in Exact; a replaced label, or a new number, starts anew."""
        if self.label is None or not self.writeback.done or self.writeback.shipment != self.label.shipment:
            return False
        return self.label.untracked or set(self.label.tracking_numbers) <= set(self.writeback.numbers)

    def with_label(self, label: LabelRecord) -> "DeliveryRecord":
        """With this label, which settles what stood in its way and what stood in the way of its entry."""
        return self.replace(label=label, excluded="").without_problem("label").without_problem("order")

    def with_attempt(self, attempt: Attempt) -> "DeliveryRecord":
        """With this attempt added, or put in the place of the one with its number."""
        others = tuple(candidate for candidate in self.attempts if candidate.number != attempt.number)
        return self.replace(
            attempts=tuple(sorted((*others, attempt), key=lambda candidate: candidate.number))
        )

    def with_problem(self, problem: ProblemRecord) -> "DeliveryRecord":
        """With this problem as the one of its stage."""
        return self.replace(problems={**self.problems, problem.stage: problem})

    def without_problem(self, stage: Stage) -> "DeliveryRecord":
        """With the problem of a stage gone."""
        return self.replace(
            problems={kept: problem for kept, problem in self.problems.items() if kept != stage}
        )


class ShipmentRecord(Record):
    """A shipment of this integration that a poll has shown: whose it is, for ever (S4)."""

    shipment: ShipmentId
    number: str = ""
    reference: str = ""
    state: Literal["live", "failed", "cancelled"]
    owner: DeliveryId | None = None


class Pins(Record):
    """The accounts that this ledger belongs to: others behind the keys are refused."""

    exact_host: str
    division: int
    sendcloud_host: str
    user: str
    integration: int


class Cursor(Record):
    """How far one of Exact's streams was read."""

    position: int = 0
    """Row version up to which everything was read and noted; 0: where the stream begins is not known yet."""
    daily: tuple[tuple[str, int], ...] = ()
    """Day → position at its first run, for the last three days: once a day a stream starts at that of two days ago (S11)."""
    begins: datetime | None = None
    """Exact's wall time from which changes count, kept until two days after the stream has begun."""
    walked: int = 0
    """Of a stream whose beginning can't be asked for: the row version up to which it was walked through, looking for its end."""
    by_date: datetime | None = None
    """Exact's wall time at which changes were last looked for by their date, since the stream can't be read."""
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    """Stretches of Exact's wall time in which a record was changed that makes the search by date fail: they are passed over."""
    gaps_found: datetime | None = None
    """When they were found: after an hour they are looked into again."""
    reread: datetime | None = None
    """The same for what is open, which was read again since changes are told in no way."""


class Schedule(Record):
    """When things that are not done in every run were done last."""

    first_run_wall: datetime | None = None
    """Exact's wall time at the first run: deliveries created before it are left alone where no start date is set."""
    shipments_updated: datetime | None = None
    """Greatest ``updated_at`` seen in a walk that ended well."""
    deep_poll: datetime | None = None
    """Sendcloud's date at the last walk over 14 days."""
    hourly: datetime | None = None
    rights_asked: str = ""
    """The day (UTC) on which it was last asked whether the user may see orders and deliveries at all."""
    entries_looked: datetime | None = None
    """The last look at all entries that stand."""
    master_watch: datetime | None = None
    archived: datetime | None = None
    """When it was last decided what goes to the archive."""
    last_run: datetime | None = None
    last_good_run: datetime | None = None
    last_status: int | None = None
    last_seconds: float | None = None
    """How long the last run took."""
    last_calls: Mapping[str, int] = Field(default_factory=dict)
    """The calls of the last run, by service."""
    last_pause: float | None = None
    """Seconds between the ends of the last two runs: when the next one is due follows from it."""
    errors_met: tuple[tuple[str, int], ...] = ()
    """Day (UTC) → new errors that the runs of the last days met, those included that are cured since."""
    division_move: str = ""
    lines_wait: bool = False
    """The lines of deliveries were not asked for in the last run; the next one asks."""
    look_back_done: bool = False
    """The first push, by filter, was made."""
    policy: str = ""
    """Keyed fingerprint of the configuration that open work was decided by: after a change it is decided anew."""


class RefusedQuestion(Record):
    """A question that a service answers with no: it is asked again after a pause, and what needs its answer waits."""

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
        """What is asked: the path alone where it is read, ``PUT path`` and the like where it is written."""
        return self.endpoint if self.method == "GET" else f"{self.method} {self.endpoint}"


class RefusedQuestions(Record):
    """Every question that is refused now, by ``service method endpoint``."""

    questions: Mapping[str, RefusedQuestion] = Field(default_factory=dict)

    @property
    def oldest_first(self) -> tuple[RefusedQuestion, ...]:
        """The refused questions, those that were refused first at the beginning."""
        return tuple(
            sorted(
                self.questions.values(),
                key=lambda refusal: (refusal.since, refusal.service, refusal.endpoint),
            )
        )


class SetAside(Record):
    """A record in Exact that could not be read, although its neighbours could: not asked for again before ``until``."""

    until: datetime
    tries: int = 0
    """How often it was refused alone; 0: it is one of a group that is divided further in a later run."""
    status: int | None = None
    said: str = ""


class SetAsideRecords(Record):
    """All of them, by endpoint and id, joined by a blank."""

    records: Mapping[str, SetAside] = Field(default_factory=dict)


class Purchases(Record):
    """When parcels were about to be bought: what max_per_day counts."""

    made: tuple[tuple[datetime, int], ...] = ()
    noticed: datetime | None = None
    """When, by a clock that went with the services', moments among them were first seen to lie ahead: those count as of then."""

    def parcels_of_the_day(self, now: datetime) -> int:
        """How many parcels were bought, or nearly, in the last 24 hours."""
        return sum(parcels for at, parcels in self.made if self._age(at, now) < _DAY)

    def plus(self, at: datetime, parcels: int) -> "Purchases":
        """With one more purchase; those older than two days are forgotten."""
        kept = tuple((when, count) for when, count in self.made if self._age(when, at) < 2 * _DAY)
        return self.replace(made=(*kept, (at, parcels)))

    def noticed_ahead(self, now: datetime) -> "Purchases":
        """The same, where a moment lies ahead of this one, with that noticed. To be asked at a clock that goes with the services'."""
        is_news = self.noticed is None and any(lies_ahead(at, now) for at, _ in self.made)
        return self.replace(noticed=now) if is_news else self

    def _age(self, at: datetime, now: datetime) -> timedelta:
        return elapsed(at, now, noticed=self.noticed)
