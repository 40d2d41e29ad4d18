"""The errors that a person can accept by hand, and the records afterwards. Pure."""

from collections.abc import Collection, Sequence

from exactsend.domain.ids import ShipmentId
from exactsend.domain.loaded_records import RecordLookup
from exactsend.domain.problems import Code
from exactsend.domain.records import (
    Cancellation,
    DeliveryRecord,
    LabelRecord,
    OrderRecord,
    ProblemRecord,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.engine.plan.poll_results import label_with
from exactsend.sendcloud.models import Shipment

ACCEPTABLE = frozenset(
    {
        Code.DIFFERS_FROM_DELIVERY,
        Code.CHANGED_AFTER_LABEL,
        Code.CANCELLED_AFTER_LABEL,
        Code.CANCELLATION_FAILED,
        Code.DOUBLE_LABEL,
        Code.LABEL_CANCELLED,
        Code.TAKEN_IN_PANEL,
        Code.RECORD_DAMAGED,
        Code.LABELLED_ELSEWHERE,
        Code.LABEL_AMBIGUOUS,
        Code.TRACKING_TRUNCATED,
        Code.TRACKING_TAKEN,
    }
)
"""The codes that ``labels accept`` closes. Others are corrected where they come from."""
NEEDS_SHIPMENT = frozenset({Code.LABELLED_ELSEWHERE, Code.LABEL_AMBIGUOUS})
"""Closing these takes over a shipment, so the person must name it."""
TAKES_SHIPMENT = NEEDS_SHIPMENT | {Code.TAKEN_IN_PANEL, Code.LABEL_CANCELLED}
"""A delivery with one of these can take over the shipment that a person names."""
CLOSED = "closed_by_person"


def acceptable_problems(record: DeliveryRecord) -> list[ProblemRecord]:
    """The errors of a delivery that a person can accept."""
    return [problem for problem in record.problems.values() if problem.code in ACCEPTABLE]


def accepted(
    record: DeliveryRecord, problem: ProblemRecord, *, content: str, live: tuple[ShipmentId, ...]
) -> DeliveryRecord:
    """The delivery after a person accepted one of its errors.

    Args:
        record: its record.
        problem: the accepted error.
        content: the fingerprint of Exact's current data; empty if the delivery is gone.
        live: the live shipments with its numbers that belong to it or to no delivery.
    """
    closed = record.without_problem(problem.stage)
    label = record.label
    match problem.code:
        case Code.DIFFERS_FROM_DELIVERY if label:
            return closed.replace(label=label.replace(accepted=True, content=content or label.content))
        case Code.CHANGED_AFTER_LABEL if label:
            return closed.replace(label=label.replace(content=content or label.content))
        case Code.CANCELLED_AFTER_LABEL if label:
            return closed.replace(label=label.replace(closed_as_gone=True))
        case Code.CANCELLATION_FAILED if label:
            return closed.replace(label=label.replace(cancellation=Cancellation.GIVEN_UP))
        case Code.DOUBLE_LABEL if label:
            return closed.replace(
                label=label.replace(beside=tuple(shipment for shipment in live if shipment != label.shipment))
            )
        case Code.LABEL_CANCELLED | Code.TAKEN_IN_PANEL | Code.RECORD_DAMAGED:
            return closed.replace(excluded=CLOSED)
        case Code.TRACKING_TRUNCATED | Code.TRACKING_TAKEN if label:
            arrived = record.writeback.replace(
                done=True, shipment=label.shipment, numbers=label.tracking_numbers, attached=label.parcels
            )
            return closed.replace(writeback=arrived)
        case _:
            return closed


def accepted_of_order(record: OrderRecord, problem: ProblemRecord, *, content: str) -> OrderRecord:
    """The order after a person accepted what was reported about the label made for it by hand.

    Args:
        record: its record.
        problem: the accepted error.
        content: the fingerprint of Exact's current data; empty if the order is gone.
    """
    hand = record.by_hand
    if hand is not None and problem.code is Code.CANCELLED_AFTER_LABEL:
        hand = hand.replace(closed_as_gone=True)
    elif hand is not None:
        hand = hand.replace(content=content or hand.content)
    return record.replace(by_hand=hand, problem=None, excluded="labelled_before_delivery")


def with_shipment_taken_over(
    record: DeliveryRecord, shipment: Shipment, *, content: str
) -> tuple[DeliveryRecord, ShipmentRecord]:
    """The delivery with a shipment that a person named as its label, and that belongs to it from now on."""
    label = LabelRecord(
        shipment=ShipmentId(shipment.id),
        how="adopted",
        at=shipment.announced_at or record.seen_at,
        content=content,
        accepted=True,
    )
    owned = ShipmentRecord(
        shipment=ShipmentId(shipment.id),
        number=shipment.order_number,
        reference=shipment.external_reference_id,
        state="live",
        owner=record.delivery_id,
    )
    return record.with_label(label_with(label, shipment)), owned


def without_label(record: DeliveryRecord, shipment: ShipmentId) -> DeliveryRecord:
    """A deleted delivery whose label became another's: nothing about it needs to be reported or cancelled."""
    without = record.replace(gone=True)
    if record.label is not None and record.label.shipment == shipment:
        without = without.replace(label=None, writeback=WritebackRecord(), problems={})
    return without


def closable(
    found: Sequence[DeliveryRecord], code: str | None, *, with_shipment: bool
) -> list[tuple[DeliveryRecord, ProblemRecord | None]]:
    """The deliveries, each with the error to close, that a person may mean by a number.

    Args:
        found: the deliveries with the number.
        code: the error's code, if given.
        with_shipment: a shipment was named, to become the label; then the delivery may have no error.
    """
    chosen = [
        (record, problem)
        for record in found
        for problem in acceptable_problems(record)
        if (code is None or problem.code == code)
        and (not with_shipment or (problem.code in TAKES_SHIPMENT and record.label is None))
    ]
    if chosen or not with_shipment or code is not None:
        return list(chosen)
    return [(record, None) for record in found if record.label is None and not record.gone]


def live_shipments(records: RecordLookup, record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """A delivery's own live shipments, as recorded."""
    return tuple(
        sorted(
            shipment.shipment
            for shipment in _under_its_numbers(records, record)
            if shipment.state == "live" and shipment.owner == record.delivery_id
        )
    )


def shipments_beside(records: RecordLookup, record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """The live shipments with a delivery's numbers that belong to it or to no delivery: those that ``double_label`` reports."""
    return tuple(
        sorted(
            shipment.shipment
            for shipment in _under_its_numbers(records, record)
            if shipment.state == "live" and shipment.owner in {None, record.delivery_id}
        )
    )


def _under_its_numbers(records: RecordLookup, record: DeliveryRecord) -> Collection[ShipmentRecord]:
    numbers = {record.incoming_number, *(str(number) for number in record.order_numbers)}
    return {
        shipment.shipment: shipment
        for number in numbers
        if number
        for shipment in records.shipments_with_number(number)
    }.values()
