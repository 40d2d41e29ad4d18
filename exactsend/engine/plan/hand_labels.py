"""Undelivered orders with a label made by hand: reports what changes in Exact afterwards (S14). Pure."""

from exactsend.domain.ids import OrderId
from exactsend.domain.loaded_records import RecordLookup
from exactsend.domain.problems import Code, Problem, Values
from exactsend.domain.records import HandLabel, OrderRecord, ProblemRecord, ShipmentRecord
from exactsend.engine.plan.actions import Subject, problem_record
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.consignments import consignment_of_order, order_subject
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import SalesOrder
from exactsend.trade.fingerprint import changed_fields, content_fingerprint, is_same_content

_AGAINST = frozenset({"cancelled", "not_approved"})
"""Reasons not to send an order's goods."""


def label_of_nobody(records: RecordLookup, number: str) -> ShipmentRecord | None:
    """The live label with an order's number that belongs to no delivery; None if there is none."""
    return next(
        (
            shipment
            for shipment in records.shipments_with_number(number)
            if shipment.state == "live" and shipment.owner is None
        ),
        None,
    )


def content_of_order(snapshot: Snapshot, order: OrderId) -> str:
    """The fingerprint of an order's current data in Exact; empty if it was not read."""
    found = snapshot.orders.get(order)
    if found is None:
        return ""
    return content_fingerprint(snapshot.fingerprint_key, consignment_of_order(snapshot, found))


def with_hand_label(
    snapshot: Snapshot, order: SalesOrder, known: OrderRecord | None, record: OrderRecord, reason: str
) -> OrderRecord:
    """The order's record with its label made by hand and what is wrong with it.

    Args:
        snapshot: the run's input.
        order: as read.
        known: its previous record.
        record: its new record without the label.
        reason: the decision about its incoming order.
    """
    before = known.problem if known else None
    found = label_of_nobody(snapshot.records, str(order.order_number))
    if found is None:
        return _without_one(snapshot, known, record, before)
    content = content_fingerprint(snapshot.fingerprint_key, consignment_of_order(snapshot, order))
    hand = known.by_hand if known else None
    if hand is None or hand.shipment != found.shipment:
        hand = HandLabel(shipment=found.shipment, content=content)
    record, subject = record.replace(by_hand=hand), order_subject(order, division=snapshot.identity.called)
    if reason in _AGAINST:
        problem = None if hand.closed_as_gone else cancelled_after_hand_label(subject)
    elif _is_delivered_in_part(order):
        return _with_open_problem(record, before)
    elif is_same_content(hand.content, content):
        problem = None
    else:
        problem = changed_after_hand_label(subject, changed_fields(hand.content, content))
    return _with_problem(snapshot, record, problem, before)


def gone_after_hand_label(snapshot: Snapshot, known: OrderRecord, record: OrderRecord) -> OrderRecord:
    """The same for an order deleted in Exact."""
    hand, found = known.by_hand, label_of_nobody(snapshot.records, str(known.number))
    if hand is None or found is None or hand.closed_as_gone:
        return record
    subject = Subject(
        order_id=OrderId(known.order_id), order_numbers=(known.number,), division=snapshot.identity.called
    )
    return _with_problem(snapshot, record, cancelled_after_hand_label(subject), known.problem)


def _without_one(
    snapshot: Snapshot, known: OrderRecord | None, record: OrderRecord, before: ProblemRecord | None
) -> OrderRecord:
    """The record after the label was cancelled or became a delivery's: problems reported and not accepted stay."""
    hand = known.by_hand if known else None
    if hand is None:
        return record
    owned = snapshot.records.shipment(hand.shipment)
    if owned is None or owned.state != "live":
        return record.replace(by_hand=None)
    return _with_open_problem(record, before)


def _with_open_problem(record: OrderRecord, before: ProblemRecord | None) -> OrderRecord:
    """The record with the problem that a person has not accepted."""
    if before is None or before.stage != "label":
        return record
    return record.replace(problem=before, excluded="", settled=False)


def _with_problem(
    snapshot: Snapshot, record: OrderRecord, problem: Problem | None, before: ProblemRecord | None
) -> OrderRecord:
    if problem is None:
        return record
    seen = problem_record("label", problem, at=snapshot.now, before=before)
    return record.replace(problem=seen, excluded="", settled=False)


def _is_delivered_in_part(order: SalesOrder) -> bool:
    """Whether it is partly delivered: then what is left to deliver differs although nothing was changed."""
    return any((line.quantity_delivered or 0) > 0 for line in order.sales_order_lines or ())


def cancelled_after_hand_label(subject: Subject) -> Problem:
    """S14: an order with a label made by hand was cancelled, unapproved or deleted in Exact."""
    return Problem(
        Code.CANCELLED_AFTER_LABEL,
        {"name": subject.name, "terms": refund_terms(), "accept": subject.by_hand("accept")},
        variant="by_hand",
    )


def changed_after_hand_label(subject: Subject, fields: tuple[str, ...]) -> Problem:
    """S14: an order with a label made by hand has changed in Exact."""
    values: Values = {"name": subject.name, "terms": refund_terms(), "accept": subject.by_hand("accept")}
    if not fields:
        return Problem(Code.CHANGED_AFTER_LABEL, values, variant="by_hand_field_unknown")
    named = {"fields": ", ".join(fields), "field": fields[0]}
    return Problem(Code.CHANGED_AFTER_LABEL, {**values, **named}, variant="by_hand")
