"""Decides about each goods delivery: buy its label, adopt one, wait, hold, or exclude it, and why (S1 to S7). Pure.

``decide_delivery`` is the core of the program: every delivery that was read gets exactly one action.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from exactsend.domain.ids import DeliveryId, label_reference
from exactsend.domain.problems import Code, Held
from exactsend.engine.plan.actions import Action, AdoptShipment, BuyLabel, Plan
from exactsend.engine.plan.after_label import decide_labelled
from exactsend.engine.plan.checks import reason_of
from exactsend.engine.plan.consignments import consignment_of_delivery
from exactsend.engine.plan.delivery_case import (
    DeliveryCase,
    case_of,
    content_of,
    exclude,
    hold_delivery,
    record_decision,
    wait_for_label,
)
from exactsend.engine.plan.gone_deliveries import (
    decide_gone,
    decide_without_orders,
    is_settled,
    with_settled_attempt,
    with_settling_restarted,
)
from exactsend.engine.plan.label_problems import contested, record_damaged, taken_in_panel
from exactsend.engine.plan.label_rules import (
    attempts_check,
    closed_check,
    found_again,
    is_in_doubt,
    is_requested,
    is_taken,
    label_of_somebody,
    mode_check,
    next_attempt,
    ours_to_ship,
)
from exactsend.engine.plan.ownership import Candidates, candidates_read, correction
from exactsend.engine.plan.preflight import check_purchase, unchecked
from exactsend.engine.plan.service_points import check_point
from exactsend.engine.plan.shipment_diff import differing_from_wanted
from exactsend.engine.plan.unreadable import delivery_unread, unread_for_delivery
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment
from exactsend.trade.fingerprint import content_fingerprint, request_fingerprint
from exactsend.trade.shipment_request import LabelRequest, shipment_request


def plan_labels(snapshot: Snapshot) -> Plan:
    """One action for every delivery that was read or found deleted, oldest first."""
    actions: dict[DeliveryId, Action] = {}
    for delivery in sorted(snapshot.deliveries.values(), key=lambda due: due.delivery_number):
        key, unread = DeliveryId(delivery.entry_id), unread_for_delivery(snapshot, delivery)
        if unread is None:
            actions[key] = decide_delivery(snapshot, delivery)
        elif unread.why.is_its_own:
            actions[key] = delivery_unread(snapshot, key, unread.what, unread.why)
    actions |= _contested(snapshot, actions)
    actions |= {key: decide_gone(snapshot, key) for key in sorted(snapshot.gone_deliveries)}
    own = {key: why for key, why in snapshot.unread_deliveries.items() if why.is_its_own}
    actions |= {key: delivery_unread(snapshot, key, "", why) for key, why in own.items()}
    return Plan(tuple(actions.values()), decided=tuple(f"d:{delivery}" for delivery in actions))


def decide_delivery(snapshot: Snapshot, delivery: GoodsDelivery) -> Action:
    """Decide about one delivery."""
    known = snapshot.records.delivery(DeliveryId(delivery.entry_id))
    if not snapshot.orders_of(delivery):
        return decide_without_orders(snapshot, delivery, known)
    case = case_of(snapshot, delivery, known)
    if case.record.label is not None and not _asks_for_another(case):
        return decide_labelled(replace(case, record=with_settled_attempt(snapshot, case.record)))
    if not _asks_for_another(case) and (found := _found_by_reference(case)) is not None:
        return (
            found  # before all other checks: a restored ledger lacks what this program has written since (S4)
        )
    if reason := _not_ours(case):
        return exclude(case, reason)
    if not is_settled(snapshot, case.record):
        return record_decision(
            case, with_settling_restarted(snapshot, case.record), "label_unknown", is_news=True
        )
    case = replace(case, record=with_settled_attempt(snapshot, case.record))
    if not _asks_for_another(case):
        candidates = candidates_read(snapshot, case.consignment, case.record)
        if (adopted := _adopt_or_hold(case, candidates)) is not None:
            return adopted
    if reason := reason_of([closed_check(case)]):
        return exclude(case, reason)
    if reason := reason_of([mode_check(case)]):
        return wait_for_label(case, reason)
    return _buy_or_hold(case)


def _contested(snapshot: Snapshot, actions: Mapping[DeliveryId, Action]) -> dict[DeliveryId, Action]:
    """Hold deliveries that would adopt the same label: a person must say whose it is (S4)."""
    takers = {
        key: action
        for key, action in actions.items()
        if isinstance(action, AdoptShipment) and not action.found_by_reference
    }
    times = Counter(action.shipment.id for action in takers.values())
    return {
        key: hold_delivery(
            case_of(snapshot, snapshot.deliveries[key], snapshot.records.delivery(key)),
            contested(action.subject, action.shipment),
        )
        for key, action in takers.items()
        if times[action.shipment.id] > 1
    }


# ── whether it is ours to ship ───────────────────────────────────────────────────────────────────


def _not_ours(case: DeliveryCase) -> str:
    """Why a delivery without a label of ours is not ours to ship; empty if it is."""
    if case.record.label is not None or case.record.open_attempt is not None:
        return ""
    return reason_of(ours_to_ship(case))


# ── somebody else's, or our own that was lost ────────────────────────────────────────────────────


def _found_by_reference(case: DeliveryCase) -> Action | None:
    """Adopt the shipment of an earlier run that died between the call and recording its answer, found by its reference."""
    shipment = found_again(case)
    if shipment is None:
        return None
    return AdoptShipment(
        subject=case.subject,
        delivery_id=DeliveryId(case.delivery.entry_id),
        record=case.record,
        shipment=shipment,
        content=content_of(case),
        found_by_reference=True,
        differing=_differing(case, shipment),
    )


def _differing(case: DeliveryCase, shipment: Shipment) -> tuple[str, ...]:
    """How our own shipment differs from what is wanted now; empty if it was bought with this request."""
    try:
        request = label_request(case)
    except Held:
        return ()
    fingerprint = request_fingerprint(case.snapshot.fingerprint_key, request.body)
    return differing_from_wanted(case.snapshot, case.record, request.body, fingerprint, shipment)


def _adopt_or_hold(case: DeliveryCase, candidates: Candidates) -> Action | None:
    if (problem := label_of_somebody(case, candidates)) is not None:
        return hold_delivery(case, problem)
    if not candidates.fitting:
        return None
    (shipment,) = candidates.fitting
    return AdoptShipment(
        subject=case.subject,
        delivery_id=DeliveryId(case.delivery.entry_id),
        record=case.record,
        shipment=shipment,
        content=content_of(case),
        corrected=correction(case.snapshot, case.consignment, shipment),
    )


# ── buying ───────────────────────────────────────────────────────────────────────────────────────


def _asks_for_another(case: DeliveryCase) -> bool:
    return (requested := is_requested(case)) is not None and requested.another is not None


def _buy_or_hold(case: DeliveryCase) -> Action:
    if is_taken(case):
        return hold_delivery(case, taken_in_panel(case.subject))
    if is_in_doubt(case):
        return hold_delivery(case, record_damaged(case.subject))
    try:
        request = label_request(case)
    except Held as reason:
        return hold_delivery(case, reason.problem)
    fingerprint = request_fingerprint(case.snapshot.fingerprint_key, request.body)
    if (refusal := _another_attempt_refused(case, fingerprint)) is not None:
        return refusal
    purchase = purchase_of(case, request)
    try:
        check_purchase(case.snapshot, purchase)
    except Held as reason:
        return hold_delivery(case, reason.problem)
    return purchase


def purchase_of(case: DeliveryCase, request: LabelRequest) -> BuyLabel:
    """The purchase for this request."""
    purchase = BuyLabel(
        subject=case.subject,
        delivery_id=DeliveryId(case.delivery.entry_id),
        record=case.record,
        consignment=case.consignment,
        request=request,
        fingerprint=request_fingerprint(case.snapshot.fingerprint_key, request.body),
        content=content_of(case),
        parcels=len(parcels) if isinstance(parcels := request.body.get("parcels"), list) else 1,
        another=requested.another if (requested := is_requested(case)) else None,
    )
    return replace(purchase, unchecked=unchecked(case.snapshot, purchase))


def label_request(case: DeliveryCase) -> LabelRequest:
    """The request that would buy the label now.

    Raises:
        Held: it can't be made; the problem says why.
    """
    check_point(case.snapshot, case.consignment)
    return shipment_request(
        case.consignment,
        case.snapshot.policy,
        reference=label_reference(
            case.snapshot.identity.division, case.record.delivery_id, next_attempt(case)
        ),
        sender=case.snapshot.sender_of(case.consignment),
    )


def _another_attempt_refused(case: DeliveryCase, fingerprint: str) -> Action | None:
    """The decision if no further attempt is allowed; None if it is (S6)."""
    check = attempts_check(case, fingerprint)
    if check.passed:
        return None
    if check.problem is not None and check.problem.code is Code.LABEL_CANCELLED:
        return hold_delivery(case, check.problem)
    return record_decision(case, case.record, check.reason, case.record.problems.get("label"))


def content_now(snapshot: Snapshot, delivery: DeliveryId) -> str:
    """The fingerprint of a delivery's current data in Exact; empty if it was not read."""
    found = snapshot.deliveries.get(delivery)
    if found is None or not snapshot.orders_of(found):
        return ""
    return content_fingerprint(snapshot.fingerprint_key, consignment_of_delivery(snapshot, found))
