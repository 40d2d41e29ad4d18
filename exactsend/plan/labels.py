"""What to do about each goods delivery: buy its label, adopt one, wait, hold, or leave it alone, and why (S1 to S7). Pure.

``decide`` is the heart of the program: every delivery that was read gets exactly one action.
"""

from dataclasses import replace
from datetime import datetime

from exactsend.domain.ids import DeliveryId, label_reference, order_incoming_ref
from exactsend.domain.policy import LabelsPolicy
from exactsend.domain.problems import Held
from exactsend.domain.records import OPEN_ATTEMPT, AttemptState, IncomingState
from exactsend.exact.models import GoodsDelivery
from exactsend.mapping.fingerprint import content_fingerprint, request_fingerprint
from exactsend.mapping.method import NotShipped, incoming_choice
from exactsend.mapping.shipment import LabelRequest, shipment_request
from exactsend.plan.accepting import CLOSED
from exactsend.plan.actions import Action, AdoptShipment, BuyLabel, Plan
from exactsend.plan.cases import Case, case_of, content_of, excluded, held, remembered, waiting
from exactsend.plan.consignments import consignment_of_delivery
from exactsend.plan.differences import differing_from_wanted
from exactsend.plan.labelled import labelled
from exactsend.plan.look import Candidates, adoptable, ambiguous, cancelled, live_elsewhere, taken_in_panel
from exactsend.plan.lost import gone, is_settled, own_shipments, settled, without_orders
from exactsend.plan.points import check_point
from exactsend.sendcloud.models import Shipment
from exactsend.snapshot import Ask, Snapshot


def plan_labels(snapshot: Snapshot) -> Plan:
    """One action for every delivery that was read, the oldest first, or found gone."""
    oldest_first = sorted(snapshot.deliveries.values(), key=lambda one: one.delivery_number)
    actions = [decide(snapshot, delivery) for delivery in oldest_first]
    actions += [gone(snapshot, delivery) for delivery in sorted(snapshot.gone_deliveries)]
    decided = [f"d:{delivery}" for delivery in (*snapshot.deliveries, *snapshot.gone_deliveries)]
    return Plan(tuple(actions), decided=tuple(decided))


def decide(snapshot: Snapshot, delivery: GoodsDelivery) -> Action:
    """What to do about one delivery. This function is the sync; the rest is plumbing."""
    known = snapshot.memory.delivery(DeliveryId(delivery.entry_id))
    if not snapshot.orders_of(delivery):
        return without_orders(snapshot, delivery, known)
    case = case_of(snapshot, delivery, known)
    if reason := _left_alone(case):
        return excluded(case, reason)
    if case.record.label is not None and not _asks_for_another(case):
        return labelled(replace(case, record=settled(snapshot, case.record)))
    if not _asks_for_another(case) and (found := _found_by_reference(case)) is not None:
        return found
    if not is_settled(snapshot, case.record):
        return remembered(case, case.record, "label_unknown", is_news=True)
    case = replace(case, record=settled(snapshot, case.record))
    if not _asks_for_another(case):
        candidates = adoptable(snapshot, case.consignment, case.record)
        if (adopted := _adopt_or_hold(case, candidates)) is not None:
            return adopted
    if case.known is not None and case.known.excluded == CLOSED and _asked(case) is None:
        return excluded(case, CLOSED)
    if not _is_automatic(case):
        return waiting(case, "waits_for_label")
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
        content=content_of(case),
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


def _adopt_or_hold(case: Case, candidates: Candidates) -> Action | None:
    if len(candidates.fitting) > 1:
        return held(case, ambiguous(case.subject, candidates.fitting))
    if candidates.fitting:
        return AdoptShipment(
            subject=case.subject,
            delivery_id=DeliveryId(case.delivery.entry_id),
            record=case.record,
            shipment=candidates.fitting[0],
            content=content_of(case),
        )
    if candidates.elsewhere:
        return held(case, live_elsewhere(case.subject, candidates.elsewhere))
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
        return held(case, taken_in_panel(case.subject))
    try:
        request = _request(case)
    except Held as reason:
        return held(case, reason.problem)
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
        content=content_of(case),
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
    made = [one for one in record.attempts if one.state is not AttemptState.NOT_SENT]
    last = made[-1] if made else None
    if last is None or _asked(case) is not None or last.state in OPEN_ATTEMPT:
        return None
    if last.state is AttemptState.CANCELLED:
        return held(case, cancelled(case.subject, _next_attempt(case)))
    if last.fingerprint != fingerprint:
        return None
    problem = record.problems.get("label")
    if problem is not None and problem.is_due(case.snapshot.now):
        return None
    return remembered(case, record, problem.code if problem else "label_failed", problem)


def _is_taken(case: Case) -> bool:
    """Whether a person took the entry of the delivery, or of an order that it covers, out of the panel (S7)."""
    division = case.snapshot.identity.division
    refs = {order_incoming_ref(division, order) for order in case.record.order_ids} | {case.record.incoming}
    entries = [case.snapshot.memory.incoming(ref) for ref in refs if ref is not None]
    return any(one is not None and one.state is IncomingState.TAKEN_IN_PANEL for one in entries)


def content_now(snapshot: Snapshot, delivery: DeliveryId) -> str:
    """The fingerprint of what Exact says of a delivery now; empty where it was not read."""
    found = snapshot.deliveries.get(delivery)
    if found is None or not snapshot.orders_of(found):
        return ""
    return content_fingerprint(snapshot.fingerprint_key, consignment_of_delivery(snapshot, found))
