"""Decides about incoming orders that deliveries own (S1). Pure. Runs after the labels are decided.

A delivery without a live label has an incoming order, one with a label has none.
"""

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, order_incoming_ref
from exactsend.domain.problems import Held
from exactsend.domain.records import OPEN_ATTEMPT, DeliveryRecord, IncomingRecord, IncomingState
from exactsend.engine.plan.accepted_errors import CLOSED
from exactsend.engine.plan.actions import Action, Plan, PushIncoming, Subject, WithdrawIncoming
from exactsend.engine.plan.consignments import (
    consignment_of_delivery,
    delivery_subject,
    incoming_order_body,
    is_delivered,
    recipient_parts,
)
from exactsend.engine.plan.order_rules import has_shipment
from exactsend.engine.plan.unreadable import unread_for_delivery
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.trade.fingerprint import request_fingerprint


def plan_incoming_orders(snapshot: Snapshot) -> Plan:
    """The actions for the incoming orders of deliveries and delivered orders that were read."""
    actions: list[Action] = []
    for delivery in snapshot.deliveries.values():
        record = snapshot.records.delivery(DeliveryId(delivery.entry_id))
        # A delivery named by a person before any run decided about it has none yet: the next run adds it.
        is_read = snapshot.orders_of(delivery) and unread_for_delivery(snapshot, delivery) is None
        if record is not None and record.incoming is not None and is_read:
            actions += _of_delivery(snapshot, delivery, record)
    for gone in sorted(snapshot.gone_deliveries):
        actions += _of_deleted_delivery(snapshot, gone)
    # Two deliveries of one order plan the same withdrawal: keep one.
    once = {
        action.ref: action
        for action in reversed(actions)
        if isinstance(action, PushIncoming | WithdrawIncoming)
    }
    return Plan(tuple(reversed(once.values())))


def plan_withdrawals(snapshot: Snapshot) -> Plan:
    """Withdraw again what a lookup found after its withdrawal: the DELETE may have come before Sendcloud stored the order (S7)."""
    found = []
    for ref, stored in snapshot.stored.items():
        incoming_order = snapshot.records.incoming(IncomingRef(ref))
        if (
            stored is not None
            and incoming_order is not None
            and _was_withdrawn_earlier(snapshot, incoming_order)
        ):
            subject = Subject(
                order_id=incoming_order.order,
                delivery_id=incoming_order.delivery,
                order_numbers=_numbers(incoming_order),
            )
            found.append(WithdrawIncoming(subject, ref, "still_there"))
    return Plan(tuple(found))


def _was_withdrawn_earlier(snapshot: Snapshot, incoming_order: IncomingRecord) -> bool:
    """Whether it was withdrawn in an earlier run and still exists. Refused withdrawals wait for their pause."""
    rests = incoming_order.problem is not None and not incoming_order.problem.is_due(snapshot.now)
    return (
        incoming_order.state is IncomingState.WITHDRAWING
        and incoming_order.changed_at < snapshot.now
        and not rests
    )


def _of_delivery(snapshot: Snapshot, delivery: GoodsDelivery, record: DeliveryRecord) -> list[Action]:
    subject = delivery_subject(snapshot, delivery)
    actions: list[Action] = []
    own = snapshot.records.incoming(record.incoming) if record.incoming else None
    if reason := _needs_no_incoming_order(record):
        actions += _withdraw(own, subject, reason)
    elif wants_incoming_order(snapshot, record):
        actions += _push(snapshot, delivery, record, own)
    actions += _of_delivered_orders(snapshot, delivery, record)
    return actions


def _needs_no_incoming_order(record: DeliveryRecord) -> str:
    if record.label is not None:
        return "labelled"
    if record.excluded in {"method_none", "has_tracking_number", "no_goods", CLOSED}:
        return record.excluded
    return ""


def wants_incoming_order(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether the delivery needs one: in manual mode at once, in automatic mode if its label failed, was refused or is held (S1).

    Never while a purchase is open (S7), nor for deliveries before the start date.
    """
    if record.excluded or record.gone or record.label is not None:
        return False
    if any(attempt.state in OPEN_ATTEMPT for attempt in record.attempts):
        return False
    return not snapshot.policy.labels.create_automatically or "label" in record.problems


def _push(
    snapshot: Snapshot, delivery: GoodsDelivery, record: DeliveryRecord, own: IncomingRecord | None
) -> list[Action]:
    assert record.incoming is not None
    if own is not None and own.state is IncomingState.TAKEN_IN_PANEL:
        return []
    if has_shipment(snapshot, record.incoming_number):
        return []
    consignment = consignment_of_delivery(snapshot, delivery)
    try:
        body = incoming_order_body(snapshot, consignment, record.incoming)
    except Held:
        # The label is held for the same reason and reports it: no incoming order can be made either.
        return []
    fingerprint = request_fingerprint(snapshot.fingerprint_key, body)
    if (
        own is not None
        and own.state in {IncomingState.PUSHED, IncomingState.STORED}
        and own.fingerprint == fingerprint
    ):
        return []
    problem = record.problems.get("order")
    if own is not None and own.refused == fingerprint and not (problem and problem.is_due(snapshot.now)):
        return []
    return [
        PushIncoming(
            subject=delivery_subject(snapshot, delivery),
            ref=record.incoming,
            number=record.incoming_number,
            body=body,
            fingerprint=fingerprint,
            is_new=own is None or not own.stands,
            recipient=recipient_parts(snapshot, consignment),
        )
    ]


def _of_delivered_orders(snapshot: Snapshot, delivery: GoodsDelivery, record: DeliveryRecord) -> list[Action]:
    """Withdraw the incoming orders of orders that several deliveries deliver: nothing of them is left.

    And the order's own, if the delivery took it over and now has one of its own.
    """
    actions: list[Action] = []
    for order in snapshot.orders_of(delivery):
        ref = order_incoming_ref(snapshot.identity.division, OrderId(order.order_id))
        incoming_order = snapshot.records.incoming(ref)
        if ref == record.incoming or incoming_order is None or _belongs_to_delivery(snapshot, incoming_order):
            continue
        if not is_delivered(snapshot, order) and incoming_order.delivery != record.delivery_id:
            continue
        subject = Subject(OrderId(order.order_id), record.delivery_id, (order.order_number,))
        actions += _withdraw(incoming_order, subject, "delivered")
    return actions


def _belongs_to_delivery(snapshot: Snapshot, incoming_order: IncomingRecord) -> bool:
    """Whether an order's incoming order belongs to a delivery that still delivers the order in full."""
    owner = snapshot.records.delivery(incoming_order.delivery) if incoming_order.delivery else None
    return owner is not None and owner.incoming == incoming_order.ref and not owner.gone


def _of_deleted_delivery(snapshot: Snapshot, delivery: DeliveryId) -> list[Action]:
    """Withdraw a deleted delivery's incoming order, unless its order has taken it back."""
    record = snapshot.records.delivery(delivery)
    incoming_order = snapshot.records.incoming(record.incoming) if record and record.incoming else None
    if (
        record is None
        or incoming_order is None
        or (incoming_order.order is not None and incoming_order.delivery != delivery)
    ):
        return []
    subject = Subject(delivery_id=delivery, order_numbers=record.order_numbers, delivery_number=record.number)
    return _withdraw(incoming_order, subject, "deleted")


def _withdraw(incoming_order: IncomingRecord | None, subject: Subject, reason: str) -> list[Action]:
    return (
        [WithdrawIncoming(subject, incoming_order.ref, reason)]
        if incoming_order is not None and incoming_order.stands
        else []
    )


def _numbers(incoming_order: IncomingRecord) -> tuple[int, ...]:
    order, _, _ = incoming_order.number.partition("/")
    return (int(order),) if order.isdigit() else ()
