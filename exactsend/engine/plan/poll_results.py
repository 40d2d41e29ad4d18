"""Evaluates polled shipments: whose each one is, and which deliveries must be decided about again. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from exactsend.domain.ids import DeliveryId, Division, Reference, ShipmentId, parse_reference
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_reader import RecordReader
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    Cancellation,
    DeliveryRecord,
    LabelRecord,
    Record,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.engine.plan.applied_rules import rules_of
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.parcels import LABEL


@dataclass
class PollResult:
    """The changed records and todo keys after a poll."""

    records: dict[str, Record] = field(default_factory=dict)
    todo: list[str] = field(default_factory=list)


def shipment_state(shipment: Shipment) -> Literal["live", "failed", "cancelled"]:
    """A shipment's state. Failed and cancelled are certain; every other status counts as live, unknown ones too (S5)."""
    return "failed" if shipment.is_failed else "cancelled" if shipment.is_cancelled else "live"


def evaluate_poll(records: RecordReader, division: Division, shipments: Iterable[Shipment]) -> PollResult:
    """Evaluate shipments of this integration against the records."""
    poll_result = PollResult()
    waiting: dict[str, list[DeliveryId]] = {}
    for record in records.open_deliveries():
        for number in {record.incoming_number, *(str(number) for number in record.order_numbers)}:
            waiting.setdefault(number, []).append(record.delivery_id)
    shipments = tuple(shipments)
    for number, labelled in _labelled_under(records, division, shipments).items():
        waiting.setdefault(number, []).extend(labelled)
    for shipment in shipments:
        _evaluate_shipment(records, division, shipment, waiting, poll_result)
    return poll_result


def _labelled_under(
    records: RecordReader, division: Division, shipments: Iterable[Shipment]
) -> dict[str, list[DeliveryId]]:
    """The labelled deliveries of which an unowned shipment may be a duplicate, by their numbers (S6)."""
    strangers = {
        shipment.order_number
        for shipment in shipments
        if shipment.order_number and _is_new_and_unowned(records, division, shipment)
    }
    if not strangers:
        return {}
    found: dict[str, list[DeliveryId]] = {}
    for record in records.deliveries_with_numbers({number.partition("/")[0] for number in strangers}):
        numbers = {record.incoming_number, *(str(number) for number in record.order_numbers)}
        for number in numbers & strangers if record.label else ():
            found.setdefault(number, []).append(record.delivery_id)
    return found


def _is_new_and_unowned(records: RecordReader, division: Division, shipment: Shipment) -> bool:
    known = records.shipment(ShipmentId(shipment.id))
    owner = known.owner if known else named_owner(division, shipment)
    return owner is None and shipment_record(shipment, owner) != known


def _evaluate_shipment(
    records: RecordReader,
    division: Division,
    shipment: Shipment,
    waiting: dict[str, list[DeliveryId]],
    poll_result: PollResult,
) -> None:
    known = records.shipment(ShipmentId(shipment.id))
    record = shipment_record(shipment, known.owner if known else named_owner(division, shipment))
    if record != known:
        poll_result.records[f"s:{shipment.id}"] = record
    if record.owner is None:
        if record != known and (known is not None or record.state == "live"):
            owners = [
                sibling.owner
                for sibling in records.shipments_with_number(shipment.order_number)
                if sibling.owner
            ]
            concerned = [*waiting.get(shipment.order_number, []), *owners]
            poll_result.todo += [todo_delivery(delivery) for delivery in dict.fromkeys(concerned)]
            poll_result.todo += [
                todo_order(order.order_id) for order in records.orders_with_numbers({shipment.order_number})
            ]
        return
    _evaluate_owned_shipment(
        records, record.owner, shipment, changed=record != known, poll_result=poll_result
    )


def shipment_record(shipment: Shipment, owner: DeliveryId | None) -> ShipmentRecord:
    """A shipment's record."""
    return ShipmentRecord(
        shipment=ShipmentId(shipment.id),
        number=shipment.order_number,
        reference=shipment.external_reference_id,
        state=shipment_state(shipment),
        owner=owner,
    )


def named_owner(division: Division, shipment: Shipment) -> DeliveryId | None:
    """The delivery that our reference names; None for other references."""
    parsed = parse_reference(shipment.external_reference_id)
    return parsed[1] if parsed and parsed[0] == division else None


def _evaluate_owned_shipment(
    records: RecordReader, owner: DeliveryId, shipment: Shipment, *, changed: bool, poll_result: PollResult
) -> None:
    delivery = poll_result.records.get(f"d:{owner}") or records.delivery(owner)
    if not isinstance(delivery, DeliveryRecord):
        # Bought by us without a record: the ledger was lost. S2 finds it; the delivery's decision handles it.
        if changed:
            poll_result.todo.append(todo_delivery(owner))
        return
    updated = with_shipment(delivery, shipment)
    if updated != delivery:
        poll_result.records[f"d:{owner}"] = updated
    is_surprise = shipment.is_live and (delivery.label is None or delivery.label.shipment != shipment.id)
    was_lost = delivery.label is not None and updated.label is None
    if (
        was_lost
        or _has_failed_cancellation(updated) is not _has_failed_cancellation(delivery)
        or (is_surprise and (changed or delivery.open_attempt is not None))
        or (changed and delivery.problems.get("label") is not None)
    ):
        poll_result.todo.append(todo_delivery(owner))


def _has_failed_cancellation(delivery: DeliveryRecord) -> bool:
    return delivery.label is not None and delivery.label.cancellation is Cancellation.FAILED


def with_shipment(delivery: DeliveryRecord, shipment: Shipment) -> DeliveryRecord:
    """The delivery with its shipment's current state: tracked, printable, cancelled."""
    if shipment.is_cancelled:
        delivery = _with_attempt_state(delivery, shipment, AttemptState.CANCELLED)
    label = delivery.label
    if label is None or label.shipment != shipment.id:
        return delivery
    if shipment.is_cancelled:
        written = _written(delivery.writeback, label)
        return delivery.replace(label=None, writeback=written).without_problem("writeback")
    if shipment.is_failed:
        # Announced late and refused: decided about like a lost answer.
        for attempt in delivery.attempts:
            if attempt.shipment == shipment.id:
                delivery = delivery.with_attempt(attempt.replace(state=AttemptState.UNKNOWN))
        return delivery.replace(label=None).without_problem("writeback")
    return delivery.replace(label=label_with(label, shipment))


def _written(writeback: WritebackRecord, label: LabelRecord) -> WritebackRecord:
    """The write-back of a cancelled label: a run may have written its number and died before recording that."""
    if label.untracked or (writeback.shipment == label.shipment and writeback.numbers):
        return writeback
    return writeback.replace(
        tracking=writeback.tracking or ", ".join(label.tracking_numbers),
        numbers=writeback.numbers or label.tracking_numbers,
    )


def label_with(label: LabelRecord, shipment: Shipment) -> LabelRecord:
    """The label with its shipment's current state."""
    return label.replace(
        parcels=tuple(parcel.id for parcel in shipment.parcels),
        tracking_numbers=shipment.tracking_numbers,
        carrier=shipment.carrier.code if shipment.carrier else label.carrier,
        printable=shipment.is_printable,
        tracked=shipment.is_tracked,
        papers=tuple(kind for kind in shipment.document_kinds if kind != LABEL),
        moved=label.moved or shipment.has_moved,
        rules=rules_of(shipment) or label.rules,
        cancellation=label.cancellation.seen(
            under_way=shipment.is_being_cancelled, failed=shipment.is_cancellation_failed
        ),
    )


def _with_attempt_state(delivery: DeliveryRecord, shipment: Shipment, state: AttemptState) -> DeliveryRecord:
    made = [attempt for attempt in delivery.attempts if attempt.shipment == shipment.id]
    for attempt in made:
        delivery = delivery.with_attempt(attempt.replace(state=state))
    if made or delivery.label is None or delivery.label.shipment != shipment.id:
        return delivery
    # Adopted and then cancelled: counts as an attempt, so that no other starts automatically.
    number = max((attempt.number for attempt in delivery.attempts), default=0) + 1
    return delivery.with_attempt(
        Attempt(
            number=number,
            reference=Reference(shipment.external_reference_id),
            fingerprint="",
            state=state,
            at=delivery.label.at,
            shipment=delivery.label.shipment,
        )
    )
