"""Decides about each sales order that was read: push, update or withdraw its incoming order, or say why not (S1, T1). Pure.

``order_rules`` has the checks.
"""

from exactsend.domain.ids import IncomingRef, OrderId, order_incoming_ref
from exactsend.domain.problems import Held, Problem
from exactsend.domain.records import IncomingRecord, IncomingState, OrderRecord
from exactsend.engine.plan.actions import (
    Action,
    ActionKind,
    Plan,
    PushIncoming,
    RecordDecision,
    Subject,
    WithdrawIncoming,
    problem_record,
)
from exactsend.engine.plan.checks import reason_of
from exactsend.engine.plan.consignments import (
    consignment_of_order,
    incoming_order_body,
    order_subject,
    recipient_parts,
    watch_of,
)
from exactsend.engine.plan.hand_labels import gone_after_hand_label, with_hand_label
from exactsend.engine.plan.order_rules import evidence_against, incoming_order_of, order_checks
from exactsend.engine.plan.unreadable import order_unread, unread_for_order
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import SalesOrder
from exactsend.trade.consignment import Consignment
from exactsend.trade.fingerprint import request_fingerprint

FOLLOWS_ANOTHER = frozenset({"delivered", "taken_in_panel", "labelled_before_delivery"})
"""Reasons to leave an incoming order unchanged: it follows a delivery, a person or a label, no longer the order."""


def plan_orders(snapshot: Snapshot) -> Plan:
    """One action for every order that was read or found deleted."""
    actions: dict[OrderId, Action] = {}
    for key, order in snapshot.orders.items():
        unread = None if evidence_against(order) else unread_for_order(snapshot, order)
        if unread is None:
            actions[key] = decide_order(snapshot, order)
        elif unread.why.is_its_own:
            actions[key] = order_unread(snapshot, key, unread.what, unread.why)
    actions |= {key: _gone(snapshot, key) for key in sorted(snapshot.gone_orders)}
    own = {key: why for key, why in snapshot.unread_orders.items() if why.is_its_own}
    actions |= {key: order_unread(snapshot, key, "", why) for key, why in own.items()}
    return Plan(tuple(actions.values()), decided=tuple(f"o:{order}" for order in actions))


def decide_order(snapshot: Snapshot, order: SalesOrder) -> Action:
    """Decide about one order's incoming order: the first failed check is the reason; if none fails it is sent."""
    reason = reason_of(order_checks(snapshot, order))
    if not reason:
        return _push(snapshot, order)
    if reason in FOLLOWS_ANOTHER:
        return _without_push(snapshot, order, reason)
    return _withdraw_or_exclude(snapshot, order, reason)


def _push(snapshot: Snapshot, order: SalesOrder) -> Action:
    consignment, ref = consignment_of_order(snapshot, order), _ref(snapshot, order)
    known, incoming = snapshot.records.order(OrderId(order.order_id)), incoming_order_of(snapshot, order)
    try:
        body = incoming_order_body(snapshot, consignment, ref)
    except Held as held:
        return _held(snapshot, order, known, consignment, held.problem)
    fingerprint = request_fingerprint(snapshot.fingerprint_key, body)
    record = _record(snapshot, order, known).replace(
        excluded="", problem=None, settled=False, watch=watch_of(consignment)
    )
    if (
        incoming is not None
        and incoming.is_incoming
        and incoming.fingerprint == fingerprint
        and not _is_pushing(incoming)
    ):
        return _remember(order_subject(order), known, record, "in_step")
    problem = known.problem if known else None
    if (
        incoming is not None
        and incoming.refused == fingerprint
        and problem
        and not problem.is_due(snapshot.now)
    ):
        return _remember(order_subject(order), known, record.replace(problem=problem), problem.code)
    return PushIncoming(
        subject=order_subject(order),
        ref=ref,
        number=consignment.incoming_number,
        body=body,
        fingerprint=fingerprint,
        order=record,
        watch=record.watch,
        is_new=incoming is None or not incoming.is_incoming,
        recipient=recipient_parts(snapshot, consignment),
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
    record = _record(snapshot, order, known).replace(
        problem=seen, excluded="", settled=False, watch=watch_of(consignment)
    )
    return RecordDecision(
        subject=order_subject(order),
        kind=ActionKind.ORDER_PUSH,
        reason=problem.code,
        records=(record,),
        problem=seen,
        is_news=not seen.is_same_as(before),
    )


def _withdraw_or_exclude(snapshot: Snapshot, order: SalesOrder, reason: str) -> Action:
    known, incoming = snapshot.records.order(OrderId(order.order_id)), incoming_order_of(snapshot, order)
    record = _record(snapshot, order, known).replace(
        excluded=reason, problem=None, settled=reason in {"cancelled", "complete"}
    )
    record = with_hand_label(snapshot, order, known, record, reason)
    if incoming is not None and incoming.is_incoming and incoming.delivery is None:
        return WithdrawIncoming(subject=order_subject(order), ref=incoming.ref, reason=reason, order=record)
    return _remember(order_subject(order), known, record, reason)


def _without_push(snapshot: Snapshot, order: SalesOrder, reason: str) -> Action:
    known = snapshot.records.order(OrderId(order.order_id))
    settled = reason == "delivered"
    excluded = "" if settled else reason
    record = _record(snapshot, order, known).replace(settled=settled, excluded=excluded, problem=None)
    if reason == "labelled_before_delivery":
        record = record.replace(watch=watch_of(consignment_of_order(snapshot, order)))
    return _remember(
        order_subject(order), known, with_hand_label(snapshot, order, known, record, reason), reason
    )


def _remember(
    subject: Subject, known: OrderRecord | None, record: OrderRecord, reason: str
) -> RecordDecision:
    """Record the decision. Problems with a label made by hand are reported."""
    changed = known is None or record != known
    records = (record,) if changed else ()
    problem = record.problem
    if problem is None or problem.stage != "label":
        return RecordDecision(subject=subject, kind=ActionKind.ORDER_PUSH, reason=reason, records=records)
    is_news = not problem.is_same_as(known.problem if known else None)
    return RecordDecision(subject, ActionKind.LABEL_WATCH, problem.code, records, problem, is_news=is_news)


def _gone(snapshot: Snapshot, order: OrderId) -> Action:
    known = snapshot.records.order(order)
    subject = Subject(order_id=order, order_numbers=(known.number,) if known else ())
    ref = order_incoming_ref(snapshot.identity.division, order)
    incoming = snapshot.records.incoming(ref)
    record = known.replace(settled=True, excluded="deleted", problem=None) if known else None
    if known is not None and record is not None:
        record = gone_after_hand_label(snapshot, known, record)
    if incoming is not None and incoming.is_incoming and incoming.delivery is None:
        return WithdrawIncoming(subject=subject, ref=ref, reason="deleted", order=record)
    if record is None:
        return RecordDecision(subject=subject, kind=ActionKind.ORDER_PUSH, reason="deleted")
    return _remember(subject, known, record, "deleted")


def _record(snapshot: Snapshot, order: SalesOrder, known: OrderRecord | None) -> OrderRecord:
    if known is not None:
        return known.replace(number=order.order_number)  # unknown as long as the order could not be read
    return OrderRecord(order_id=OrderId(order.order_id), number=order.order_number, seen_at=snapshot.now)


def _ref(snapshot: Snapshot, order: SalesOrder) -> IncomingRef:
    return order_incoming_ref(snapshot.identity.division, OrderId(order.order_id))
