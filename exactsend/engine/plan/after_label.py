"""Decides about labelled deliveries: nothing is sent to Sendcloud, problems are reported (S6, S14). Pure."""

from collections.abc import Sequence
from dataclasses import replace

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code, Problem, Values
from exactsend.domain.records import Cancellation, DeliveryRecord
from exactsend.engine.plan.actions import Action, RecordDecision, Subject
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.delivery_case import DeliveryCase, content_of, hold_delivery, record_decision
from exactsend.engine.plan.duplicate_labels import (
    double_label,
    doubtful_labels,
    live_labels,
    perhaps_double_label,
    second_labels,
)
from exactsend.engine.plan.order_rules import evidence_against
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.sendcloud.models import Shipment
from exactsend.trade.fingerprint import changed_fields, is_same_content


def decide_labelled(case: DeliveryCase) -> Action:
    """Decide about a delivery with a live label. It is not changed at Sendcloud; problems are reported (S14)."""
    label = case.record.label
    assert label is not None
    if added := second_labels(case):
        return _with_second_label(case, added)
    if len(live := live_labels(case)) > 1:
        return hold_delivery(case, double_label(case.subject, live))
    if label.differs and not label.accepted:
        return record_decision(case, case.record, "differs_from_delivery", case.record.problems.get("label"))
    if label.cancellation is Cancellation.FAILED:
        return hold_delivery(case, cancellation_failed(case.subject))
    is_gone = any(
        evidence_against(order) in {"cancelled", "not_approved"} for order in case.consignment.orders
    )
    if is_gone and not label.closed_as_gone:
        return hold_delivery(case, cancelled_after_label(case.subject, label.carrier))
    if label.content and not is_same_content(label.content, content_of(case)):
        return hold_delivery(
            case,
            changed_after_label(case.subject, changed_fields(label.content, content_of(case)), label.carrier),
        )
    if doubtful := doubtful_labels(case):
        return hold_delivery(case, perhaps_double_label(case.subject, doubtful))
    return record_decision(case, _writable_again(case, case.record.without_problem("label")), "labelled")


def _writable_again(case: DeliveryCase, record: DeliveryRecord) -> DeliveryRecord:
    """The record without a problem whose cause is gone: a person emptied the tracking number in the way."""
    problem = record.problems.get("writeback")
    is_free = case.delivery.tracking_number in {"", record.writeback.tracking}
    if problem is not None and problem.code is Code.TRACKING_TAKEN and is_free:
        return record.without_problem("writeback")
    return record


def _with_second_label(case: DeliveryCase, added: Sequence[Shipment]) -> RecordDecision:
    """The record with a second label that somebody made: it belongs to this delivery now, and is reported."""
    action = hold_delivery(
        case,
        double_label(case.subject, [*live_labels(case), *(ShipmentId(shipment.id) for shipment in added)]),
    )
    owned = tuple(shipment_record(shipment, case.record.delivery_id) for shipment in added)
    return replace(action, records=(*action.records, *owned))


def cancellation_failed(subject: Subject) -> Problem:
    """A label whose requested cancellation the carrier refused."""
    return Problem(
        Code.CANCELLATION_FAILED,
        {"name": subject.name, "cancel": subject.by_hand("cancel"), "accept": subject.by_hand("accept")},
    )


def cancelled_after_label(subject: Subject, carrier: str = "") -> Problem:
    """S14: what was sent is cancelled or deleted in Exact."""
    return Problem(
        Code.CANCELLED_AFTER_LABEL,
        {
            "name": subject.name,
            "cancel": subject.by_hand("cancel"),
            "accept": subject.by_hand("accept"),
            "terms": refund_terms(carrier),
        },
    )


def changed_after_label(subject: Subject, fields: Sequence[str], carrier: str = "") -> Problem:
    """S14: what was sent has changed in Exact."""
    values: Values = {
        "name": subject.name,
        "cancel": subject.by_hand("cancel"),
        "accept": subject.by_hand("accept"),
        "terms": refund_terms(carrier),
    }
    if not fields:
        return Problem(Code.CHANGED_AFTER_LABEL, values, variant="field_unknown")
    return Problem(Code.CHANGED_AFTER_LABEL, {**values, "fields": ", ".join(fields), "field": fields[0]})
