"""A delivery that has its label: never touched at Sendcloud any more; what is wrong with it is told (S6, S14). Pure."""

from collections.abc import Sequence
from dataclasses import replace

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code, Problem, Values
from exactsend.domain.records import Cancellation, DeliveryRecord
from exactsend.engine.plan.actions import Action, Remember, Subject
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.delivery_case import DeliveryCase, content_of, held, remembered
from exactsend.engine.plan.duplicate_labels import (
    double_label,
    doubtful_labels,
    live_of,
    perhaps_double_label,
    second_labels,
)
from exactsend.engine.plan.order_rules import evidence_against
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.sendcloud.models import Shipment
from exactsend.trade.fingerprint import changed_fields, is_same_content


def labelled(case: DeliveryCase) -> Action:
    """A delivery with a live label is never touched at Sendcloud; what is wrong with it is told (S14)."""
    label = case.record.label
    assert label is not None
    if added := second_labels(case):
        return _told_of_second(case, added)
    if len(lives := live_of(case)) > 1:
        return held(case, double_label(case.subject, lives))
    if label.differs and not label.accepted:
        return remembered(case, case.record, "differs_from_delivery", case.record.problems.get("label"))
    if label.cancellation is Cancellation.FAILED:
        return held(case, cancellation_failed(case.subject))
    is_gone = any(
        evidence_against(order) in {"cancelled", "not_approved"} for order in case.consignment.orders
    )
    if is_gone and not label.closed_as_gone:
        return held(case, cancelled_after_label(case.subject, label.carrier))
    if label.content and not is_same_content(label.content, content_of(case)):
        return held(
            case,
            changed_after_label(case.subject, changed_fields(label.content, content_of(case)), label.carrier),
        )
    if doubtful := doubtful_labels(case):
        return held(case, perhaps_double_label(case.subject, doubtful))
    return remembered(case, _writable_again(case, case.record.without_problem("label")), "labelled")


def _writable_again(case: DeliveryCase, record: DeliveryRecord) -> DeliveryRecord:
    """A person emptied the tracking number that stood in the way: it is written now."""
    problem = record.problems.get("writeback")
    is_free = case.delivery.tracking_number in {"", record.writeback.tracking}
    if problem is not None and problem.code is Code.TRACKING_TAKEN and is_free:
        return record.without_problem("writeback")
    return record


def _told_of_second(case: DeliveryCase, added: Sequence[Shipment]) -> Remember:
    """Somebody made another label for it: from now on that is this delivery's, and one too many."""
    told = held(
        case, double_label(case.subject, [*live_of(case), *(ShipmentId(shipment.id) for shipment in added)])
    )
    owned = tuple(shipment_record(shipment, case.record.delivery_id) for shipment in added)
    return replace(told, records=(*told.records, *owned))


def cancellation_failed(subject: Subject) -> Problem:
    """A label that somebody asked to be cancelled, and that stays: the carrier did not agree."""
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
    """S14: what was sent says something else in Exact by now."""
    values: Values = {
        "name": subject.name,
        "cancel": subject.by_hand("cancel"),
        "accept": subject.by_hand("accept"),
        "terms": refund_terms(carrier),
    }
    if not fields:
        return Problem(Code.CHANGED_AFTER_LABEL, values, variant="field_unknown")
    return Problem(Code.CHANGED_AFTER_LABEL, {**values, "fields": ", ".join(fields), "field": fields[0]})
