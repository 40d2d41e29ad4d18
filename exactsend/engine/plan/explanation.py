"""Explains an order or a delivery: Exact's data, every check with what it found, and what would be sent. Pure.

Uses the checks of ``labels`` and ``orders``, all of them instead of up to the first that fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from exactsend.domain.ids import DeliveryId, OrderId, order_incoming_ref
from exactsend.domain.records import AttemptState
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.checks import Check
from exactsend.engine.plan.consignments import (
    consignment_of_order,
    delivery_subject,
    incoming_order_body,
    order_subject,
)
from exactsend.engine.plan.delivery_case import DeliveryCase, case_of
from exactsend.engine.plan.gone_deliveries import with_settled_attempt
from exactsend.engine.plan.label_rules import attempts_check, label_checks, limit_check
from exactsend.engine.plan.order_rules import (
    delivered_text,
    incoming_order_of,
    order_checks,
    status_with_name,
)
from exactsend.engine.plan.request_checks import purchase_check, sendable_incoming_order, sendable_label
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.trade.amounts import bounded, plain
from exactsend.trade.fingerprint import request_fingerprint
from exactsend.trade.recipient import Recipient
from exactsend.trade.shipping_option import shipping_method_codes


@dataclass(frozen=True)
class Explanation:
    """One order or delivery in both services. Contains personal data: shown to the person who asks, never stored."""

    subject: Subject
    says: tuple[tuple[str, str], ...]
    """Exact's data, by Exact's field names; no personal data."""
    checks: tuple[Check, ...] = ()
    to: Recipient | None = None
    """The recipient; None if unknown."""
    request: Json = None
    """The body that would be sent; None if it can't be made."""
    is_as_sent: bool | None = None
    """Whether it equals what was sent last; None if nothing was sent, or no body can be made."""
    shipment: Shipment | None = None
    """Its label's current state at Sendcloud."""


def explain_all(snapshot: Snapshot) -> tuple[Explanation, ...]:
    """Explain everything that was read, orders first."""
    orders = sorted(snapshot.orders.values(), key=lambda order: order.order_number)
    deliveries = sorted(snapshot.deliveries.values(), key=lambda delivery: delivery.delivery_number)
    return (
        *(explain_order(snapshot, order) for order in orders),
        *(explain_delivery(snapshot, delivery) for delivery in deliveries),
    )


def explain_order(snapshot: Snapshot, order: SalesOrder) -> Explanation:
    """Explain why an order is or isn't among the incoming orders."""
    consignment, incoming_order = consignment_of_order(snapshot, order), incoming_order_of(snapshot, order)
    ref = order_incoming_ref(snapshot.identity.division, OrderId(order.order_id))
    explanation = Explanation(
        order_subject(order), tuple(_order_says(snapshot, order)), tuple(order_checks(snapshot, order))
    )
    if not consignment.goods:
        return explanation
    sendable = sendable_incoming_order(
        snapshot, consignment, lambda: incoming_order_body(snapshot, consignment, ref)
    )
    sent = incoming_order.fingerprint if incoming_order else ""
    return replace(
        explanation,
        checks=(*explanation.checks, *sendable.checks),
        to=sendable.to,
        request=sendable.body,
        is_as_sent=_is_as_sent(snapshot, sendable.body, sent),
    )


def explain_delivery(snapshot: Snapshot, delivery: GoodsDelivery) -> Explanation:
    """Explain why a delivery has or hasn't its label."""
    explanation = Explanation(delivery_subject(snapshot, delivery), tuple(_delivery_says(delivery)))
    if not snapshot.orders_of(delivery):
        return explanation
    case = case_of(snapshot, delivery, snapshot.records.delivery(DeliveryId(delivery.entry_id)))
    rules = tuple(label_checks(case))
    case = replace(case, record=with_settled_attempt(snapshot, case.record))
    sendable, label = sendable_label(case), case.record.label
    purchase = () if label else (*sendable.checks, *_of_the_purchase(case, sendable.body))
    return replace(
        explanation,
        checks=(*rules, *purchase),
        to=sendable.to,
        request=sendable.body,
        is_as_sent=_is_as_sent(snapshot, sendable.body, _bought_with(case)),
        shipment=snapshot.shipments.get(label.shipment) if label else None,
    )


def _of_the_purchase(case: DeliveryCase, body: dict[str, Json] | None) -> Iterator[Check]:
    if body is not None:
        yield attempts_check(case, request_fingerprint(case.snapshot.fingerprint_key, body))
        if case.snapshot.policy.labels.create_automatically:
            yield purchase_check(case)
        yield limit_check(case, parcels=1)


def _bought_with(case: DeliveryCase) -> str:
    """The fingerprint of the last attempt's request. Attempts that never arrived don't count."""
    made = [attempt for attempt in case.record.attempts if attempt.state is not AttemptState.NOT_SENT]
    return made[-1].fingerprint if made else ""


def _is_as_sent(snapshot: Snapshot, body: dict[str, Json] | None, sent: str) -> bool | None:
    if body is None or not sent:
        return None
    return request_fingerprint(snapshot.fingerprint_key, body) == sent


# ── what Exact says ──────────────────────────────────────────────────────────────────────────────


def _order_says(snapshot: Snapshot, order: SalesOrder) -> Iterator[tuple[str, str]]:
    yield "Status", status_with_name(order)
    yield "ApprovalStatus", "" if order.approval_status is None else str(order.approval_status)
    yield "OrderDate", f"{order.order_date:%Y-%m-%d}" if order.order_date else ""
    yield "ShippingMethod", " ".join(shipping_method_codes(consignment_of_order(snapshot, order)))
    yield "WarehouseCode", order.warehouse_code
    yield "QuantityDelivered", delivered_text(order)


def _delivery_says(delivery: GoodsDelivery) -> Iterator[tuple[str, str]]:
    yield "Created", f"{delivery.created:%Y-%m-%d %H:%M}" if delivery.created else ""
    yield "ShippingMethodCode", delivery.shipping_method_code
    yield "WarehouseCode", delivery.warehouse_code
    yield "TrackingNumber", delivery.tracking_number
    for line in delivery.goods_delivery_lines or ():
        yield "GoodsDeliveryLine", f"{plain(bounded(line.quantity_delivered))} {line.item_code}".strip()
