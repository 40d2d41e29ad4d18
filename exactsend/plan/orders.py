"""What to do about each sales order that was read: bring its entry, keep it up to date, withdraw it, or say why not (S1, T1). Pure."""

from datetime import date, datetime, timedelta

from exactsend.domain.ids import IncomingRef, OrderId, order_incoming_ref
from exactsend.domain.policy import OrdersPolicy
from exactsend.domain.problems import Held, Problem
from exactsend.domain.records import IncomingRecord, IncomingState, OrderRecord
from exactsend.exact.models import CANCELLED, COMPLETE, OPEN, PARTIAL, SalesOrder
from exactsend.facts import Consignment
from exactsend.mapping.fingerprint import request_fingerprint
from exactsend.mapping.incoming import incoming_order
from exactsend.mapping.method import NotShipped, incoming_choice
from exactsend.plan.actions import (
    Action,
    Kind,
    Plan,
    PushIncoming,
    Remember,
    Subject,
    WithdrawIncoming,
    problem_record,
)
from exactsend.plan.consignments import consignment_of_order, is_delivered, order_subject, watch_of
from exactsend.snapshot import Snapshot

APPROVED = frozenset({1, 2})
"""SalesOrders.ApprovalStatus: approved automatically, approved."""
_STATUS_NAMES = {OPEN: "open", PARTIAL: "partial"}


def plan_orders(snapshot: Snapshot) -> Plan:
    """One action for every order that was read or found gone."""
    actions = [decide_order(snapshot, order) for order in snapshot.orders.values()]
    actions += [_gone(snapshot, order) for order in sorted(snapshot.gone_orders)]
    decided = [f"o:{order}" for order in (*snapshot.orders, *snapshot.gone_orders)]
    return Plan(tuple(actions), decided=tuple(decided))


def decide_order(snapshot: Snapshot, order: SalesOrder) -> Action:
    """What to do about one order's entry."""
    known = snapshot.memory.order(OrderId(order.order_id))
    incoming = snapshot.memory.incoming(_ref(snapshot, order))
    if is_delivered(snapshot, order):
        # Whatever becomes of the order, the entry now follows the delivery: sync-deliveries decides.
        return _in_step(snapshot, order, known, "delivered")
    if reason := evidence_against(order):
        return _withdraw_or_exclude(snapshot, order, incoming, reason)
    if incoming is not None and incoming.state is IncomingState.TAKEN_IN_PANEL:
        return _in_step(snapshot, order, known, "taken_in_panel")
    if has_shipment(snapshot, str(order.order_number)):
        return _in_step(snapshot, order, known, "labelled_before_delivery")
    if reason := _outside(snapshot, order, incoming):
        return _withdraw_or_exclude(snapshot, order, incoming, reason)
    return _push(snapshot, order, known, incoming)


def evidence_against(order: SalesOrder) -> str:
    """Why an order that was read must not stand among the incoming orders; empty where nothing speaks against it (S16)."""
    if reason := evidence_against_header(order):
        return reason
    if order.status == COMPLETE and not _all_delivered(order):
        return "complete"
    return ""


def evidence_against_header(order: SalesOrder) -> str:
    """The same as far as the order's header tells."""
    if order.status == CANCELLED:
        return "cancelled"
    if order.approval_status is not None and order.approval_status not in APPROVED:
        return "not_approved"
    return ""


def has_shipment(snapshot: Snapshot, number: str) -> bool:
    """Whether a live shipment that belongs to no delivery bears this number: then nothing is upserted (S7)."""
    return any(
        one.state == "live" and one.owner is None for one in snapshot.memory.shipments_with_number(number)
    )


def _all_delivered(order: SalesOrder) -> bool:
    lines = order.sales_order_lines or ()
    return all((line.quantity_delivered or 0) >= line.quantity for line in lines if line.quantity > 0)


def _outside(snapshot: Snapshot, order: SalesOrder, incoming: IncomingRecord | None) -> str:
    """Why an order that is approved and alive is not sent: start dates always count, the window only before the first push."""
    policy = snapshot.policy.orders
    day = order.order_date.date() if order.order_date else None
    if day and policy.start_date and day < policy.start_date:
        return "before_start_date"
    if _is_not_shipped(snapshot, order):
        return "method_none"
    if incoming is not None:
        return ""
    return outside_first_push(order, policy, snapshot.now)


def outside_first_push(order: SalesOrder, policy: OrdersPolicy, now: datetime) -> str:
    """Why an order that never had an entry gets none by its date or status (T1); empty where it may."""
    if order.order_date and order.order_date.date() < first_day(policy, now):
        return "too_old"
    if _STATUS_NAMES.get(order.status) not in policy.statuses:
        return "status"
    return ""


def may_be_pushed_first(order: SalesOrder, policy: OrdersPolicy, now: datetime) -> bool:
    """Whether an order that was never seen is worth reading whole, by its header alone."""
    return not evidence_against_header(order) and not outside_first_push(order, policy, now)


def first_day(policy: OrdersPolicy, now: datetime) -> date:
    """The oldest order date of a first push."""
    look_back = (now - timedelta(days=policy.look_back_days)).date()
    return max(look_back, policy.start_date or look_back)


def _is_not_shipped(snapshot: Snapshot, order: SalesOrder) -> bool:
    try:
        return isinstance(incoming_choice(consignment_of_order(snapshot, order), snapshot.policy), NotShipped)
    except Held:
        return False


def _push(
    snapshot: Snapshot, order: SalesOrder, known: OrderRecord | None, incoming: IncomingRecord | None
) -> Action:
    consignment = consignment_of_order(snapshot, order)
    if not consignment.goods:
        return _withdraw_or_exclude(snapshot, order, incoming, "no_goods")
    ref = _ref(snapshot, order)
    try:
        body = incoming_order(
            consignment,
            snapshot.policy,
            ref=ref,
            integration=snapshot.identity.integration,
            sender=snapshot.sender_of(consignment),
        )
    except Held as held:
        return _held(snapshot, order, known, consignment, held.problem)
    fingerprint = request_fingerprint(snapshot.fingerprint_key, body)
    record = _record(snapshot, order, known).but(
        excluded="", problem=None, settled=False, watch=watch_of(consignment)
    )
    if (
        incoming is not None
        and incoming.stands
        and incoming.fingerprint == fingerprint
        and not _is_pushing(incoming)
    ):
        return _remember(order, known, record, "in_step")
    problem = known.problem if known else None
    if (
        incoming is not None
        and incoming.refused == fingerprint
        and problem
        and not problem.is_due(snapshot.now)
    ):
        return _remember(order, known, record.but(problem=problem), problem.code)
    return PushIncoming(
        subject=order_subject(order),
        ref=ref,
        number=consignment.incoming_number,
        body=body,
        fingerprint=fingerprint,
        order=record,
        watch=record.watch,
    )


def _is_pushing(incoming: IncomingRecord) -> bool:
    return incoming.state is IncomingState.PUSHING


def _held(
    snapshot: Snapshot,
    order: SalesOrder,
    known: OrderRecord | None,
    consignment: Consignment,
    problem: Problem,
) -> Action:
    before = known.problem if known else None
    seen = problem_record("order", problem, at=snapshot.now, before=before)
    record = _record(snapshot, order, known).but(
        problem=seen, excluded="", settled=False, watch=watch_of(consignment)
    )
    return Remember(
        subject=order_subject(order),
        kind=Kind.ORDER_PUSH,
        reason=problem.code,
        records=(record,),
        problem=seen,
        is_news=not seen.is_same_as(before),
    )


def _withdraw_or_exclude(
    snapshot: Snapshot, order: SalesOrder, incoming: IncomingRecord | None, reason: str
) -> Action:
    known = snapshot.memory.order(OrderId(order.order_id))
    record = _record(snapshot, order, known).but(
        excluded=reason, problem=None, settled=reason in {"cancelled", "complete"}
    )
    if incoming is not None and incoming.stands and incoming.delivery is None:
        return WithdrawIncoming(subject=order_subject(order), ref=incoming.ref, reason=reason, order=record)
    return _remember(order, known, record, reason)


def _in_step(snapshot: Snapshot, order: SalesOrder, known: OrderRecord | None, reason: str) -> Action:
    settled = reason == "delivered"
    excluded = "" if settled else reason
    record = _record(snapshot, order, known).but(settled=settled, excluded=excluded, problem=None)
    return _remember(order, known, record, reason)


def _remember(order: SalesOrder, known: OrderRecord | None, record: OrderRecord, reason: str) -> Remember:
    changed = known is None or record != known
    return Remember(
        subject=order_subject(order),
        kind=Kind.ORDER_PUSH,
        reason=reason,
        records=(record,) if changed else (),
    )


def _gone(snapshot: Snapshot, order: OrderId) -> Action:
    known = snapshot.memory.order(order)
    subject = Subject(order_id=order, order_numbers=(known.number,) if known else ())
    ref = order_incoming_ref(snapshot.identity.division, order)
    incoming = snapshot.memory.incoming(ref)
    record = known.but(settled=True, excluded="deleted", problem=None) if known else None
    if incoming is not None and incoming.stands and incoming.delivery is None:
        return WithdrawIncoming(subject=subject, ref=ref, reason="deleted", order=record)
    return Remember(
        subject=subject, kind=Kind.ORDER_PUSH, reason="deleted", records=(record,) if record else ()
    )


def _record(snapshot: Snapshot, order: SalesOrder, known: OrderRecord | None) -> OrderRecord:
    return known or OrderRecord(
        order_id=OrderId(order.order_id), number=order.order_number, seen_at=snapshot.now
    )


def _ref(snapshot: Snapshot, order: SalesOrder) -> IncomingRef:
    return order_incoming_ref(snapshot.identity.division, OrderId(order.order_id))
