"""What to do about each goods delivery: buy its label, adopt one, wait, hold, or leave it alone, and why (S1 to S7). Pure.

``decide`` is the heart of the program: every delivery that was read gets exactly one action.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exactsend.domain.ids import DeliveryId, ShipmentId, label_reference, order_incoming_ref, parse_reference
from exactsend.domain.policy import LabelsPolicy
from exactsend.domain.problems import Code, Held, Problem
from exactsend.domain.records import (
    AttemptState,
    DeliveryRecord,
    IncomingState,
    ProblemRecord,
)
from exactsend.exact.models import GoodsDelivery
from exactsend.facts import Consignment
from exactsend.mapping.fingerprint import content_fingerprint, header_fingerprint, request_fingerprint
from exactsend.mapping.method import NotShipped, incoming_choice
from exactsend.mapping.shipment import LabelRequest, shipment_request
from exactsend.plan.accepting import CLOSED, live_shipments
from exactsend.plan.actions import (
    Action,
    AdoptShipment,
    BuyLabel,
    Kind,
    Plan,
    Remember,
    Subject,
    problem_record,
)
from exactsend.plan.consignments import consignment_of_delivery, delivery_subject, incoming_ref, watch_of
from exactsend.plan.differences import differing_from_wanted
from exactsend.plan.look import (
    Candidates,
    adoptable,
    ambiguous,
    cancelled,
    live_elsewhere,
    next_look,
    taken_in_panel,
)
from exactsend.plan.orders import evidence_against
from exactsend.plan.points import check_point
from exactsend.plan.polled import shipment_record
from exactsend.sendcloud.models import Shipment
from exactsend.snapshot import Ask, Snapshot

NOT_ANSWERED = frozenset({Code.SERVICE_POINT_UNCHECKED, Code.LOOK_NOT_ANSWERED})
"""Nothing is wrong but a missing answer: the next run asks again."""


def plan_labels(snapshot: Snapshot) -> Plan:
    """One action for every delivery that was read, the oldest first, or found gone."""
    oldest_first = sorted(snapshot.deliveries.values(), key=lambda one: one.delivery_number)
    actions = [decide(snapshot, delivery) for delivery in oldest_first]
    actions += [_gone(snapshot, delivery) for delivery in sorted(snapshot.gone_deliveries)]
    decided = [f"d:{delivery}" for delivery in (*snapshot.deliveries, *snapshot.gone_deliveries)]
    return Plan(tuple(actions), decided=tuple(decided))


@dataclass(frozen=True)
class Case:
    """One delivery with all that bears on it."""

    snapshot: Snapshot
    delivery: GoodsDelivery
    consignment: Consignment
    subject: Subject
    record: DeliveryRecord
    """As it is to be remembered if nothing happens."""
    known: DeliveryRecord | None


def decide(snapshot: Snapshot, delivery: GoodsDelivery) -> Action:
    """What to do about one delivery. This function is the sync; the rest is plumbing."""
    known = snapshot.memory.delivery(DeliveryId(delivery.entry_id))
    if not snapshot.orders_of(delivery):
        return _without_orders(snapshot, delivery, known)
    case = _case(snapshot, delivery, known)
    if reason := _left_alone(case):
        return _exclude(case, reason)
    if case.record.label is not None and not _asks_for_another(case):
        return _labelled(case)
    if not _asks_for_another(case) and (found := _found_by_reference(case)) is not None:
        return found
    if not _is_settled(snapshot, case.record):
        return _remember(case, case.record, "label_unknown", is_news=True)
    if not _asks_for_another(case):
        candidates = adoptable(snapshot, case.consignment, case.record)
        if (adopted := _adopt_or_hold(case, candidates)) is not None:
            return adopted
    if case.known is not None and case.known.excluded == CLOSED and _asked(case) is None:
        return _exclude(case, CLOSED)
    if not _is_automatic(case):
        return _wait(case, "waits_for_label")
    return _buy_or_hold(case)


# ── whether it is ours to ship ───────────────────────────────────────────────────────────────────


def _left_alone(case: Case) -> str:
    """Why a delivery without a label of ours is none of our business; empty where it is."""
    if case.record.label is not None or case.record.open_attempt is not None:
        return ""
    first_run = case.snapshot.memory.clockwork.first_run_wall
    if is_before_start(case.delivery, case.snapshot.policy.labels, first_run):
        return "before_start_date"
    if case.delivery.tracking_number and case.delivery.tracking_number != case.record.writeback.tracking:
        return "has_tracking_number"
    try:
        if isinstance(incoming_choice(case.consignment, case.snapshot.policy), NotShipped):
            return "method_none"
    except Held:
        return ""
    return "" if case.consignment.goods else "no_goods"


def is_before_start(delivery: GoodsDelivery, policy: LabelsPolicy, first_run_wall: datetime | None) -> bool:
    """Whether a delivery was made before deliveries count: before the start date, else before the first run."""
    if delivery.created is None:
        return False
    if policy.start_date is not None:
        return delivery.created.date() < policy.start_date
    return first_run_wall is not None and delivery.created < first_run_wall


# ── it has a label ───────────────────────────────────────────────────────────────────────────────


def _labelled(case: Case) -> Action:
    """A delivery with a live label is never touched at Sendcloud; what is wrong with it is told (S14)."""
    label = case.record.label
    assert label is not None
    if (second := _second_label(case)) is not None:
        return second
    if len(lives := live_of(case)) > 1:
        return _problem(case, double_label(case.subject, lives))
    if label.differs and not label.accepted:
        return _remember(case, case.record, "differs_from_delivery", case.record.problems.get("label"))
    is_gone = any(
        evidence_against(order) in {"cancelled", "not_approved"} for order in case.consignment.orders
    )
    if is_gone and not label.closed_as_gone:
        return _problem(case, cancelled_after_label(case.subject))
    if label.content and label.content != _content(case):
        return _problem(case, _changed_after_label(case))
    return _remember(case, _writable_again(case, case.record.without_problem("label")), "labelled")


def _writable_again(case: Case, record: DeliveryRecord) -> DeliveryRecord:
    """A person emptied the tracking number that stood in the way: it is written now."""
    problem = record.problems.get("writeback")
    is_free = case.delivery.tracking_number in {"", record.writeback.tracking}
    if problem is not None and problem.code is Code.TRACKING_TAKEN and is_free:
        return record.without_problem("writeback")
    return record


def _second_label(case: Case) -> Action | None:
    """Somebody made another label for it, as the number and the address say: from now on it is this delivery's, and one too many."""
    lives = live_of(case)
    found = adoptable(case.snapshot, case.consignment, case.record).fitting
    known_of = case.record.label.beside if case.record.label else ()
    added = [one for one in found if one.id not in (*lives, *known_of)]
    if not added:
        return None
    told = _problem(case, double_label(case.subject, [*lives, *(ShipmentId(one.id) for one in added)]))
    owned = tuple(shipment_record(one, case.record.delivery_id) for one in added)
    return replace(told, records=(*told.records, *owned))


def live_of(case: Case) -> list[ShipmentId]:
    """The live shipments that belong to this delivery, but for those that a person knows of."""
    known_of = case.record.label.beside if case.record.label else ()
    return [one for one in live_shipments(case.snapshot.memory, case.record) if one not in known_of]


def double_label(subject: Subject, lives: Sequence[ShipmentId]) -> Problem:
    """S6: two live shipments on one delivery."""
    ids = " and ".join(lives)
    return Problem(
        Code.DOUBLE_LABEL,
        f"{subject.name} has two live labels at Sendcloud: shipments {ids}",
        remedy="Cancel the one that is not used with: exactsend labels cancel. It is free until the carrier's deadline, mostly 23:59 of the day it was made.",
    )


def cancelled_after_label(subject: Subject) -> Problem:
    """S14: what was sent is cancelled or deleted in Exact."""
    return Problem(
        Code.CANCELLED_AFTER_LABEL,
        f"{subject.name} was cancelled, unapproved or deleted in Exact after its label was made; the label was not touched",
        remedy="Cancel the label with: exactsend labels cancel. It is free until the carrier's deadline, mostly 23:59 of the day it was made, "
        "and possible for 42 days at most. If the parcel is to go, close this with: exactsend labels accept.",
    )


def _changed_after_label(case: Case) -> Problem:
    return Problem(
        Code.CHANGED_AFTER_LABEL,
        f"{case.subject.name} was changed in Exact after its label was made; the label was not touched",
        remedy="Compare the label with Exact. If it must be replaced, cancel it before the deadline (mostly 23:59 of the day it was made, "
        "42 days at most) and make another; otherwise close this with: exactsend labels accept.",
    )


# ── somebody else's, or our own that was lost ────────────────────────────────────────────────────


def _found_by_reference(case: Case) -> Action | None:
    """An earlier run died after Sendcloud took the call and before the answer was written down: found by its reference, it is ours."""
    ours = own_shipments(case.snapshot, case.record.delivery_id)
    attempt = case.record.open_attempt
    telling = [
        one for one in ours if one.is_live or (attempt and one.external_reference_id == attempt.reference)
    ]
    if not telling:
        return None
    shipment = min(telling, key=lambda one: (not one.is_live, one.external_reference_id))
    return AdoptShipment(
        subject=case.subject,
        delivery_id=DeliveryId(case.delivery.entry_id),
        record=case.record,
        shipment=shipment,
        content=_content(case),
        found_by_reference=True,
        differing=_differing(case, shipment),
    )


def _differing(case: Case, shipment: Shipment) -> tuple[str, ...]:
    """In what our own shipment differs from what is wanted now; nothing, where it was bought with this very request."""
    try:
        request = _request(case)
    except Held:
        return ()
    fingerprint = request_fingerprint(case.snapshot.fingerprint_key, request.body)
    return differing_from_wanted(case.snapshot, case.record, request.body, fingerprint, shipment)


def own_shipments(snapshot: Snapshot, delivery: DeliveryId) -> list[Shipment]:
    """Shipments read in this run that bear a reference of this delivery."""
    read = {
        shipment.id: shipment
        for shipment in (*snapshot.shipments.values(), *snapshot.references.values())
        if shipment
    }
    mine = (snapshot.identity.division, delivery)
    return [
        one
        for one in read.values()
        if (parsed := parse_reference(one.external_reference_id)) and parsed[:2] == mine
    ]


def _adopt_or_hold(case: Case, candidates: Candidates) -> Action | None:
    if len(candidates.fitting) > 1:
        return _problem(case, ambiguous(case.subject, candidates.fitting))
    if candidates.fitting:
        return AdoptShipment(
            subject=case.subject,
            delivery_id=DeliveryId(case.delivery.entry_id),
            record=case.record,
            shipment=candidates.fitting[0],
            content=_content(case),
        )
    if candidates.elsewhere:
        return _problem(case, live_elsewhere(case.subject, candidates.elsewhere))
    return None


# ── buying ───────────────────────────────────────────────────────────────────────────────────────


def _is_automatic(case: Case) -> bool:
    return case.snapshot.policy.labels.create_automatically or _asked(case) is not None


def _asks_for_another(case: Case) -> bool:
    return (asked := _asked(case)) is not None and asked.another is not None


def _asked(case: Case) -> Ask | None:
    return case.snapshot.asked.get(case.record.delivery_id)


def _buy_or_hold(case: Case) -> Action:
    if _asked(case) is None and _is_taken(case):
        return _problem(case, taken_in_panel(case.subject))
    try:
        request = _request(case)
    except Held as held:
        return _problem(case, held.problem)
    fingerprint = request_fingerprint(case.snapshot.fingerprint_key, request.body)
    if (refusal := _another_attempt_refused(case, fingerprint)) is not None:
        return refusal
    return BuyLabel(
        subject=case.subject,
        delivery_id=DeliveryId(case.delivery.entry_id),
        record=case.record,
        consignment=case.consignment,
        request=request,
        fingerprint=fingerprint,
        content=_content(case),
        parcels=len(parcels) if isinstance(parcels := request.body.get("parcels"), list) else 1,
        another=asked.another if (asked := _asked(case)) else None,
    )


def _request(case: Case) -> LabelRequest:
    check_point(case.snapshot, case.consignment)
    return shipment_request(
        case.consignment,
        case.snapshot.policy,
        reference=label_reference(
            case.snapshot.identity.division, case.record.delivery_id, _next_attempt(case)
        ),
        sender=case.snapshot.sender_of(case.consignment),
    )


def _next_attempt(case: Case) -> int:
    """The number that the next attempt bears as far as we know; the last look has the last word (S2)."""
    made = [one.number for one in case.record.attempts if one.shipment]
    return max(made, default=0) + 1


def _another_attempt_refused(case: Case, fingerprint: str) -> Action | None:
    """S6: another attempt needs a reason: the request changed, the cause was passing, or a person asked."""
    record = case.record
    last = record.attempts[-1] if record.attempts else None
    if (
        last is None
        or _asked(case) is not None
        or last.state in {AttemptState.NOT_SENT, AttemptState.INTENDED, AttemptState.UNKNOWN}
    ):
        return None
    if last.state is AttemptState.CANCELLED:
        return _problem(case, cancelled(case.subject, last.number + 1))
    if last.fingerprint != fingerprint:
        return None
    problem = record.problems.get("label")
    if problem is not None and problem.next_try is not None and problem.next_try <= case.snapshot.now:
        return None
    return _remember(case, record, problem.code if problem else "label_failed", problem)


def _is_taken(case: Case) -> bool:
    """Whether a person took the entry of the delivery, or of an order that it covers, out of the panel (S7)."""
    division = case.snapshot.identity.division
    refs = {order_incoming_ref(division, order) for order in case.record.order_ids} | {case.record.incoming}
    entries = [case.snapshot.memory.incoming(ref) for ref in refs if ref is not None]
    return any(one is not None and one.state is IncomingState.TAKEN_IN_PANEL for one in entries)


def _is_settled(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether nothing is open, or the open attempt was looked up without finding it, and long enough after it was made (S3)."""
    if (attempt := record.open_attempt) is None:
        return True
    settle = timedelta(minutes=snapshot.policy.labels.settle_minutes)
    return attempt.reference in snapshot.references and snapshot.now - attempt.at >= settle


def content_now(snapshot: Snapshot, delivery: DeliveryId) -> str:
    """The fingerprint of what Exact says of a delivery now; empty where it was not read."""
    found = snapshot.deliveries.get(delivery)
    if found is None or not snapshot.orders_of(found):
        return ""
    return content_fingerprint(snapshot.fingerprint_key, consignment_of_delivery(snapshot, found))


# ── remembering ──────────────────────────────────────────────────────────────────────────────────


def _case(snapshot: Snapshot, delivery: GoodsDelivery, known: DeliveryRecord | None) -> Case:
    consignment = consignment_of_delivery(snapshot, delivery)
    orders = consignment.orders
    record = known or DeliveryRecord(
        delivery_id=DeliveryId(delivery.entry_id), number=delivery.delivery_number, seen_at=snapshot.now
    )
    record = record.but(
        order_ids=tuple(order.order_id for order in orders),
        order_numbers=tuple(order.order_number for order in orders),
        incoming=incoming_ref(snapshot, delivery),
        incoming_number=consignment.incoming_number,
        watch=watch_of(consignment),
        header=header_fingerprint(snapshot.fingerprint_key, delivery),
        excluded="",
        gone=False,
    )
    return Case(snapshot, delivery, consignment, delivery_subject(snapshot, delivery), record, known)


def _content(case: Case) -> str:
    return content_fingerprint(case.snapshot.fingerprint_key, case.consignment)


def _exclude(case: Case, reason: str) -> Action:
    record = case.record.but(excluded=reason, problems={})
    return _remember(case, record, reason)


def _wait(case: Case, reason: str) -> Action:
    return _remember(case, case.record.without_problem("label"), reason)


def _problem(case: Case, problem: Problem) -> Remember:
    before = case.record.problems.get("label")
    now = case.snapshot.now
    retry = now if problem.code in NOT_ANSWERED else next_look(problem, now)
    seen = problem_record("label", problem, at=now, before=before, next_try=retry)
    return _remember(
        case, case.record.with_problem(seen), problem.code, seen, is_news=not seen.is_same_as(before)
    )


def _remember(
    case: Case,
    record: DeliveryRecord,
    reason: str,
    problem: ProblemRecord | None = None,
    *,
    is_news: bool = False,
) -> Remember:
    changed = (record,) if record != case.known else ()
    return Remember(
        subject=case.subject,
        kind=Kind.LABEL_BUY if record.label is None else Kind.LABEL_WATCH,
        reason=reason,
        records=changed,
        problem=problem,
        is_news=is_news,
    )


def _gone(snapshot: Snapshot, delivery: DeliveryId) -> Action:
    known = snapshot.memory.delivery(delivery)
    if known is None:
        return Remember(subject=Subject(delivery_id=delivery), kind=Kind.LABEL_WATCH, reason="deleted")
    subject = Subject(delivery_id=delivery, order_numbers=known.order_numbers, delivery_number=known.number)
    record, problem = known.but(gone=True, problems={}), None
    paid = next((one for one in own_shipments(snapshot, delivery) if one.is_live), None)
    if known.label is None and paid is not None:
        return AdoptShipment(subject, delivery, record, paid, content="", found_by_reference=True)
    if (attempt := known.open_attempt) is not None:
        if not _is_settled(snapshot, known):
            return Remember(subject, Kind.LABEL_BUY, "label_unknown", (record,), is_news=True)
        record = record.with_attempt(attempt.but(state=AttemptState.NOT_SENT))
    if known.label is not None and not known.label.closed_as_gone:
        before = known.problems.get("label")
        problem = problem_record("label", cancelled_after_label(subject), at=snapshot.now, before=before)
        record = known.but(gone=True).with_problem(problem)
    return Remember(
        subject,
        Kind.LABEL_WATCH,
        "deleted",
        (record,) if record != known else (),
        problem,
        is_news=record != known,
    )


def _without_orders(snapshot: Snapshot, delivery: GoodsDelivery, known: DeliveryRecord | None) -> Action:
    """A delivery whose order can't be read: it can't be judged, so nothing is bought."""
    subject = Subject(delivery_id=DeliveryId(delivery.entry_id), delivery_number=delivery.delivery_number)
    record = known or DeliveryRecord(
        delivery_id=DeliveryId(delivery.entry_id), number=delivery.delivery_number, seen_at=snapshot.now
    )
    before = record.problems.get("label")
    problem = Problem(
        Code.ORDER_UNREADABLE,
        f"the sales order of {subject.name} was not found in Exact",
        remedy="Check that the delivery still belongs to a sales order that the signed-in user may see.",
    )
    if record.label is not None:
        if record.label.closed_as_gone:
            return Remember(subject, Kind.LABEL_WATCH, "labelled")
        problem = cancelled_after_label(subject)
    seen = problem_record("label", problem, at=snapshot.now, before=before)
    return Remember(
        subject,
        Kind.LABEL_BUY,
        problem.code,
        (record.with_problem(seen),),
        seen,
        is_news=not seen.is_same_as(before),
    )
