"""Decides about deliveries that were deleted in Exact or lack their order, and settles purchases without an answer. Pure."""

from datetime import timedelta

from exactsend.domain.ids import DeliveryId, ShipmentId, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import AttemptState, DeliveryRecord
from exactsend.engine.plan.actions import (
    Action,
    ActionKind,
    AdoptShipment,
    RecordDecision,
    Subject,
    problem_record,
)
from exactsend.engine.plan.after_label import cancelled_after_label
from exactsend.engine.plan.ownership import owner_of
from exactsend.engine.plan.poll_results import shipment_state
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment
from exactsend.system.elapsed import is_in_future


def own_shipments(snapshot: Snapshot, delivery: DeliveryId) -> list[Shipment]:
    """Shipments read in this run that have a reference of this delivery and were not given to another by a person."""
    read = {
        shipment.id: shipment
        for shipment in (*snapshot.shipments.values(), *snapshot.references.values())
        if shipment
    }
    mine = (snapshot.identity.division, delivery)
    return [
        shipment
        for shipment in read.values()
        if (parsed := parse_reference(shipment.external_reference_id))
        and parsed[:2] == mine
        and owner_of(snapshot, shipment) == delivery
    ]


def is_settled(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether no attempt is open, or its lookup found nothing long enough after it was made (S3)."""
    if (attempt := record.open_attempt) is None:
        return True
    settle = timedelta(minutes=snapshot.policy.labels.settle_minutes)
    is_old = attempt.age(snapshot.now) >= settle and not _is_pausing(snapshot, record)
    return attempt.reference in snapshot.references and is_old


def _is_pausing(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether the next try waits because Sendcloud refused several times. A person's request doesn't wait (S13)."""
    problem = record.problems.get("label")
    is_unknown = problem is not None and problem.code == Code.LABEL_UNKNOWN and problem.attempts > 1
    is_due = problem is None or problem.is_due(snapshot.now)
    return is_unknown and not is_due and record.delivery_id not in snapshot.asked


def with_settling_restarted(snapshot: Snapshot, record: DeliveryRecord) -> DeliveryRecord:
    """The record whose open attempt waits from now on, if its time turns out to be in the future."""
    attempt = record.open_attempt
    if attempt is None or attempt.noticed is not None or not is_in_future(attempt.at, snapshot.now):
        return record
    return record.with_attempt(attempt.replace(noticed=snapshot.now))


def with_settled_attempt(snapshot: Snapshot, record: DeliveryRecord) -> DeliveryRecord:
    """The record with its open attempt closed by the lookup: if nothing was made by then, the reference is free (S3)."""
    attempt = record.open_attempt
    if attempt is None or not is_settled(snapshot, record):
        return record
    found = snapshot.references[attempt.reference]
    if found is None:
        return record.with_attempt(attempt.replace(state=AttemptState.NOT_SENT))
    return record.with_attempt(
        attempt.replace(state=AttemptState(shipment_state(found)), shipment=ShipmentId(found.id))
    )


def decide_gone(snapshot: Snapshot, delivery: DeliveryId) -> Action:
    """Decide about a deleted delivery: nothing is bought, and a bought label is reported."""
    known = snapshot.records.delivery(delivery)
    if known is None:
        return RecordDecision(
            subject=Subject(delivery_id=delivery), kind=ActionKind.LABEL_WATCH, reason="deleted"
        )
    subject = Subject(
        delivery_id=delivery,
        order_numbers=known.order_numbers,
        delivery_number=known.number,
        division=snapshot.identity.called,
    )
    record, problem = known.replace(gone=True, problems={}), None
    paid = next((shipment for shipment in own_shipments(snapshot, delivery) if shipment.is_live), None)
    if known.label is None and paid is not None:
        return AdoptShipment(subject, delivery, record, paid, content="", found_by_reference=True)
    if not is_settled(snapshot, known):
        waiting = with_settling_restarted(snapshot, record)
        return RecordDecision(subject, ActionKind.LABEL_BUY, "label_unknown", (waiting,), is_news=True)
    record = with_settled_attempt(snapshot, record)
    if known.label is not None and not known.label.closed_as_gone:
        before = known.problems.get("label")
        problem = problem_record(
            "label", cancelled_after_label(subject, known.label.carrier), at=snapshot.now, before=before
        )
        record = record.with_problem(problem)
    return RecordDecision(
        subject,
        ActionKind.LABEL_WATCH,
        "deleted",
        (record,) if record != known else (),
        problem,
        is_news=record != known,
    )


def decide_without_orders(
    snapshot: Snapshot, delivery: GoodsDelivery, known: DeliveryRecord | None
) -> Action:
    """Decide about a delivery whose order can't be read: nothing is bought."""
    subject = Subject(
        delivery_id=DeliveryId(delivery.entry_id),
        delivery_number=delivery.delivery_number,
        division=snapshot.identity.called,
    )
    record = known or DeliveryRecord(
        delivery_id=DeliveryId(delivery.entry_id), number=delivery.delivery_number, seen_at=snapshot.now
    )
    record = record.replace(number=delivery.delivery_number)
    before = record.problems.get("label")
    problem = Problem(Code.ORDER_UNREADABLE, {"name": subject.name})
    if record.label is not None:
        if record.label.closed_as_gone:
            return RecordDecision(subject, ActionKind.LABEL_WATCH, "labelled")
        problem = cancelled_after_label(subject, record.label.carrier)
    seen = problem_record("label", problem, at=snapshot.now, before=before)
    return RecordDecision(
        subject,
        ActionKind.LABEL_BUY,
        problem.code,
        (record.with_problem(seen),),
        seen,
        is_news=not seen.is_same_as(before),
    )
