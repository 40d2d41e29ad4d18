"""The checks that decide whether an order is among the incoming orders, in order (S1, S16, T1). Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from exactsend.domain.ids import OrderId, order_incoming_ref
from exactsend.domain.policy import OrdersPolicy
from exactsend.domain.problems import Held
from exactsend.domain.records import IncomingRecord, IncomingState
from exactsend.engine.plan.checks import Check, Rule, reason_of
from exactsend.engine.plan.consignments import consignment_of_order, is_delivered
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import CANCELLED, COMPLETE, OPEN, PARTIAL, SalesOrder
from exactsend.trade.amounts import bounded, plain
from exactsend.trade.consignment import Consignment
from exactsend.trade.shipping_option import NotShipped, Option, incoming_choice, shipping_method_codes

APPROVED = frozenset({1, 2})
"""SalesOrders.ApprovalStatus: approved automatically, approved."""
STATUS_NAMES = {OPEN: "open", PARTIAL: "partial", COMPLETE: "complete", CANCELLED: "cancelled"}
"""SalesOrders.Status by its name in the configuration and in messages."""


def order_checks(snapshot: Snapshot, order: SalesOrder) -> Iterator[Check]:
    """Every check of an order except those of its body.

    Once it is delivered, only that check counts: its incoming order follows the delivery.
    """
    delivered = is_delivered(snapshot, order)
    yield Check(Rule.NOT_DELIVERED, passed=not delivered, reason="delivered", found=delivered_text(order))
    if delivered:
        return
    yield from evidence_checks(order)
    incoming = incoming_order_of(snapshot, order)
    yield Check(
        Rule.NOT_TAKEN_IN_PANEL,
        passed=incoming is None or incoming.state is not IncomingState.TAKEN_IN_PANEL,
        reason="taken_in_panel",
        found=incoming.state.value if incoming else "",
    )
    yield Check(
        Rule.NO_LABEL,
        passed=not has_shipment(snapshot, str(order.order_number)),
        reason="labelled_before_delivery",
    )
    yield _start_date(order, snapshot.policy.orders)
    consignment = consignment_of_order(snapshot, order)
    yield method_check(snapshot, consignment)
    if incoming is None:
        yield from first_push_checks(order, snapshot.policy.orders, snapshot.now)
    yield goods_check(consignment)


def incoming_order_of(snapshot: Snapshot, order: SalesOrder) -> IncomingRecord | None:
    """The record of the order's own incoming order."""
    return snapshot.records.incoming(order_incoming_ref(snapshot.identity.division, OrderId(order.order_id)))


# ── whether it is alive ──────────────────────────────────────────────────────────────────────────


def evidence_against(order: SalesOrder) -> str:
    """Why an order must not be among the incoming orders; empty if nothing forbids it (S16)."""
    return reason_of(evidence_checks(order))


def evidence_checks(order: SalesOrder) -> Iterator[Check]:
    """The checks that can forbid it."""
    yield from _header_checks(order)
    yield Check(
        Rule.NOT_COMPLETE,
        passed=order.status != COMPLETE or _all_delivered(order),
        reason="complete",
        found=status_with_name(order),
    )


def _header_checks(order: SalesOrder) -> Iterator[Check]:
    """The same checks for the order's header alone."""
    yield Check(
        Rule.NOT_CANCELLED,
        passed=order.status != CANCELLED,
        reason="cancelled",
        found=status_with_name(order),
    )
    yield Check(
        Rule.APPROVAL,
        passed=order.approval_status is None or order.approval_status in APPROVED,
        reason="not_approved",
        found="" if order.approval_status is None else str(order.approval_status),
        wanted="1, 2",
    )


def status_with_name(order: SalesOrder) -> str:
    """The order's status with its name."""
    return f"{order.status} {STATUS_NAMES.get(order.status, '')}".strip()


def delivered_text(order: SalesOrder) -> str:
    """How much is delivered, in the lines' units."""
    lines = [line for line in order.sales_order_lines or () if line.quantity > 0]
    delivered = sum((line.quantity_delivered or Decimal(0) for line in lines), Decimal(0))
    ordered = sum((line.quantity for line in lines), Decimal(0))
    return f"{plain(bounded(delivered))} of {plain(bounded(ordered))}"


def _all_delivered(order: SalesOrder) -> bool:
    lines = order.sales_order_lines or ()
    return all((line.quantity_delivered or 0) >= line.quantity for line in lines if line.quantity > 0)


def has_shipment(snapshot: Snapshot, number: str) -> bool:
    """Whether a live shipment of no delivery has this number: then nothing is pushed (S7)."""
    return any(
        shipment.state == "live" and shipment.owner is None
        for shipment in snapshot.records.shipments_with_number(number)
    )


# ── whether it is sent ───────────────────────────────────────────────────────────────────────────


def first_push_checks(order: SalesOrder, policy: OrdersPolicy, now: datetime) -> Iterator[Check]:
    """The checks that apply until an order has an incoming order: its date and status (T1)."""
    first, day = first_day(policy, now), _day_of(order)
    yield Check(
        Rule.ORDER_DATE,
        passed=day is None or day >= first,
        reason="too_old",
        found=str(day or ""),
        wanted=str(first),
    )
    yield Check(
        Rule.STATUS,
        passed=STATUS_NAMES.get(order.status) in policy.statuses,
        reason="status",
        found=status_with_name(order),
        wanted=", ".join(policy.statuses),
    )


def may_be_pushed_first(order: SalesOrder, policy: OrdersPolicy, now: datetime) -> bool:
    """Whether an unknown order must be read whole, by its header alone."""
    return not reason_of([*_header_checks(order), *first_push_checks(order, policy, now)])


def first_day(policy: OrdersPolicy, now: datetime) -> date:
    """The oldest order date of the first push."""
    look_back = (now - timedelta(days=policy.look_back_days)).date()
    return max(look_back, policy.start_date or look_back)


def _start_date(order: SalesOrder, policy: OrdersPolicy) -> Check:
    day, start = _day_of(order), policy.start_date
    return Check(
        Rule.START_DATE,
        passed=day is None or start is None or day >= start,
        reason="before_start_date",
        found=str(day or ""),
        wanted=str(start or ""),
    )


def _day_of(order: SalesOrder) -> date | None:
    return order.order_date.date() if order.order_date else None


# ── of orders and deliveries alike ───────────────────────────────────────────────────────────────


def method_check(snapshot: Snapshot, consignment: Consignment) -> Check:
    """Whether its shipping method is shipped. Other problems with it belong to the request."""
    codes = ", ".join(shipping_method_codes(consignment))
    try:
        choice = incoming_choice(consignment, snapshot.policy)
    except Held:
        return Check(Rule.METHOD, passed=True, reason="method_none", found=codes)
    chosen = choice.code if isinstance(choice, Option) else ""
    return Check(
        Rule.METHOD,
        passed=not isinstance(choice, NotShipped),
        reason="method_none",
        found=" → ".join(part for part in (codes, chosen) if part),
    )


def goods_check(consignment: Consignment) -> Check:
    """Whether any of its goods go into a parcel."""
    return Check(
        Rule.GOODS, passed=bool(consignment.goods), reason="no_goods", found=str(len(consignment.goods))
    )
