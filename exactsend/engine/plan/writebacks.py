"""Decides which deliveries get their tracking now: those whose label is tracked and not fully written to Exact (S12). Pure.

And those whose number is removed from Exact because the label was cancelled (S14).
"""

from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.accepted_errors import live_shipments
from exactsend.engine.plan.actions import Action, Plan, RemoveTracking, Subject, WriteBack
from exactsend.engine.snapshot import Snapshot
from exactsend.sendcloud.models import Shipment

UNTRACKED = frozenset({"sendcloud:letter"})
"""Options known to have no tracking, although their labels have numbers and tracking URLs.

Source: a public answer of Sendcloud to a purchase, and one to ``POST /shipping-options``, September 2026.
"""


def plan_writebacks(snapshot: Snapshot) -> Plan:
    """One action for every open delivery whose tracked label is not written back, or was written back and is cancelled."""
    actions: list[Action] = []
    for known in snapshot.records.open_deliveries:
        shipment = snapshot.shipments.get(known.label.shipment) if known.label else None
        record = _with_its_option(snapshot, known, shipment)
        subject = subject_of(record, division=snapshot.identity.called)
        if shipment is not None and is_due(snapshot, record, shipment):
            delivery = snapshot.deliveries.get(record.delivery_id)
            actions.append(WriteBack(subject, record.delivery_id, record, shipment, delivery))
        elif must_remove_tracking(snapshot, record):
            actions.append(RemoveTracking(subject, record.delivery_id, record))
    return Plan(tuple(actions))


def must_remove_tracking(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether a number that we wrote, or were about to write, is still in Exact although its label is cancelled."""
    if record.open_attempt is not None or not record.shows_cancelled or _rests(snapshot, record):
        return False
    return not live_shipments(snapshot.records, record)


def _rests(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    problem = record.problems.get("writeback")
    return problem is not None and not problem.is_due(snapshot.now)


def is_due(snapshot: Snapshot, record: DeliveryRecord, shipment: Shipment) -> bool:
    """Whether something of this label must be written to Exact now."""
    label, written = record.label, record.writeback
    if label is None or record.gone or (label.differs and not label.accepted) or _rests(snapshot, record):
        return False
    if not (shipment.is_on_its_way if label.untracked else shipment.is_tracked):
        return False
    numbers = () if label.untracked else shipment.tracking_numbers
    if written.shipment != label.shipment or set(written.numbers) != set(numbers):
        return True
    wants_label = snapshot.policy.labels.attach_to_delivery and shipment.is_printable
    return wants_label and not {parcel.id for parcel in shipment.parcels} <= set(written.attached)


def options_to_know(snapshot: Snapshot) -> dict[str, Shipment]:
    """The shipping options of the labels to be written back, each with one of the labels."""
    found: dict[str, Shipment] = {}
    for record in snapshot.records.open_deliveries:
        shipment = snapshot.shipments.get(record.label.shipment) if record.label else None
        if shipment is None or record.is_written_back or not shipment.is_on_its_way:
            continue
        if (option := shipment.shipping_option.shipping_option_code) and option not in UNTRACKED:
            found.setdefault(option, shipment)
    return found


def _with_its_option(snapshot: Snapshot, record: DeliveryRecord, shipment: Shipment | None) -> DeliveryRecord:
    """The delivery, with its label marked untracked if its option is."""
    option = shipment.shipping_option.shipping_option_code if shipment else ""
    if record.label is None or option not in UNTRACKED | snapshot.untracked:
        return record
    return record.replace(label=record.label.replace(untracked=True))


def subject_of(record: DeliveryRecord, *, division: str = "") -> Subject:
    """A known delivery as an action's subject."""
    return Subject(
        delivery_id=record.delivery_id,
        order_numbers=record.order_numbers,
        delivery_number=record.number,
        division=division,
    )
