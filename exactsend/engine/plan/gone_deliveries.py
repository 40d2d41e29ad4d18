"""Deliveries that can't be judged as they are: deleted in Exact, or without their order; and purchases whose answer was lost. Pure."""

from datetime import timedelta

from exactsend.domain.ids import DeliveryId, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import AttemptState, DeliveryRecord
from exactsend.engine.plan.actions import Action, ActionKind, AdoptShipment, Remember, Subject, problem_record
from exactsend.engine.plan.after_label import cancelled_after_label
from exactsend.engine.plan.ownership import owner_of
from exactsend.engine.plan.poll_results import state_of
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment
from exactsend.system.elapsed import lies_ahead


def own_shipments(snapshot: Snapshot, delivery: DeliveryId) -> list[Shipment]:
    """Shipments read in this run that bear a reference of this delivery, and that no person has given to another."""
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
    """Whether nothing is open, or the open attempt was looked up without finding it, and long enough after it was made (S3)."""
    if (attempt := record.open_attempt) is None:
        return True
    settle = timedelta(minutes=snapshot.policy.labels.settle_minutes)
    is_old = attempt.age(snapshot.now) >= settle and not _is_pausing(snapshot, record)
    return attempt.reference in snapshot.references and is_old


def _is_pausing(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether Sendcloud said no to it several times, so that the next try comes later; a person who asks for it does not wait (S13)."""
    problem = record.problems.get("label")
    is_unknown = problem is not None and problem.code == Code.LABEL_UNKNOWN and problem.attempts > 1
    is_due = problem is None or problem.is_due(snapshot.now)
    return is_unknown and not is_due and record.delivery_id not in snapshot.asked


def waiting_from_now(snapshot: Snapshot, record: DeliveryRecord) -> DeliveryRecord:
    """The record with its open attempt, which waits from now on where it is first seen that its moment lies ahead."""
    attempt = record.open_attempt
    if attempt is None or attempt.noticed is not None or not lies_ahead(attempt.at, snapshot.now):
        return record
    return record.with_attempt(attempt.replace(noticed=snapshot.now))


def settled(snapshot: Snapshot, record: DeliveryRecord) -> DeliveryRecord:
    """The record with its open attempt closed as the look-up tells: what was not made, by then, leaves its reference free (S3)."""
    attempt = record.open_attempt
    if attempt is None or not is_settled(snapshot, record):
        return record
    found = snapshot.references[attempt.reference]
    if found is None:
        return record.with_attempt(attempt.replace(state=AttemptState.NOT_SENT))
    return record.with_attempt(attempt.replace(state=AttemptState(state_of(found)), shipment=found.id))


def gone(snapshot: Snapshot, delivery: DeliveryId) -> Action:
    """A delivery that Exact no longer has: nothing is bought for it, and what was bought is told."""
    known = snapshot.records.delivery(delivery)
    if known is None:
        return Remember(subject=Subject(delivery_id=delivery), kind=ActionKind.LABEL_WATCH, reason="deleted")
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
        waiting = waiting_from_now(snapshot, record)
        return Remember(subject, ActionKind.LABEL_BUY, "label_unknown", (waiting,), is_news=True)
    record = settled(snapshot, record)
    if known.label is not None and not known.label.closed_as_gone:
        before = known.problems.get("label")
        problem = problem_record(
            "label", cancelled_after_label(subject, known.label.carrier), at=snapshot.now, before=before
        )
        record = record.with_problem(problem)
    return Remember(
        subject,
        ActionKind.LABEL_WATCH,
        "deleted",
        (record,) if record != known else (),
        problem,
        is_news=record != known,
    )


def without_orders(snapshot: Snapshot, delivery: GoodsDelivery, known: DeliveryRecord | None) -> Action:
    """A delivery whose order can't be read: it can't be judged, so nothing is bought."""
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
            return Remember(subject, ActionKind.LABEL_WATCH, "labelled")
        problem = cancelled_after_label(subject, record.label.carrier)
    seen = problem_record("label", problem, at=snapshot.now, before=before)
    return Remember(
        subject,
        ActionKind.LABEL_BUY,
        problem.code,
        (record.with_problem(seen),),
        seen,
        is_news=not seen.is_same_as(before),
    )
