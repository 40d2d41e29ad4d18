"""What a person's word closes: errors that nothing but a person can close, and how the records are afterwards. Pure."""

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
"""The codes that ``labels accept`` closes. All others are cured where they come from."""
NEEDS_SHIPMENT = frozenset({Code.LABELLED_ELSEWHERE, Code.LABEL_AMBIGUOUS})
"""To close these means to take a shipment over: it must be known which."""
TAKES_SHIPMENT = NEEDS_SHIPMENT | {Code.TAKEN_IN_PANEL, Code.LABEL_CANCELLED}
"""Where a person names a shipment, it becomes the label of a delivery with one of these."""
CLOSED = "closed_by_person"


def acceptable_problems(record: DeliveryRecord) -> list[ProblemRecord]:
    """The errors of a delivery that a person's word closes."""
    return [problem for problem in record.problems.values() if problem.code in ACCEPTABLE]


def accepted(
    record: DeliveryRecord, problem: ProblemRecord, *, content: str, lives: tuple[ShipmentId, ...]
) -> DeliveryRecord:
    """The delivery after a person has closed one of its errors.

    Args:
        record: as it is remembered.
        problem: what is closed.
        content: the fingerprint of what Exact says now; empty where the delivery is gone.
        lives: the live shipments under its numbers that are its own or nobody's.
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
                label=label.replace(
                    beside=tuple(shipment for shipment in lives if shipment != label.shipment)
                )
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
    """The order after a person has closed what was told of the label that was made for it by hand.

    Args:
        record: as it is remembered.
        problem: what is closed.
        content: the fingerprint of what Exact says now; empty where the order is gone.
    """
    hand = record.by_hand
    if hand is not None and problem.code is Code.CANCELLED_AFTER_LABEL:
        hand = hand.replace(closed_as_gone=True)
    elif hand is not None:
        hand = hand.replace(content=content or hand.content)
    return record.replace(by_hand=hand, problem=None, excluded="labelled_before_delivery")


def taken_over(
    record: DeliveryRecord, shipment: Shipment, *, content: str
) -> tuple[DeliveryRecord, ShipmentRecord]:
    """The delivery with a shipment that a person says is its label, and whose it is from now on."""
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


def left_without(record: DeliveryRecord, shipment: ShipmentId) -> DeliveryRecord:
    """A delivery that is gone, once its label has become another's: nothing of it is to be told or cancelled any more."""
    without = record.replace(gone=True)
    if record.label is not None and record.label.shipment == shipment:
        without = without.replace(label=None, writeback=WritebackRecord(), problems={})
    return without


def closable(
    found: Sequence[DeliveryRecord], code: str | None, *, with_shipment: bool
) -> list[tuple[DeliveryRecord, ProblemRecord | None]]:
    """What a person may mean who closes an error under a number: deliveries with the error that is closed.

    Args:
        found: the deliveries that bear the number.
        code: the error's, where it was named.
        with_shipment: a shipment was named, which is to become the label of a delivery; that one may have no error.
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
    """The live shipments that belong to a delivery, as they are remembered."""
    return tuple(
        sorted(
            shipment.shipment
            for shipment in _under_its_numbers(records, record)
            if shipment.state == "live" and shipment.owner == record.delivery_id
        )
    )


def shipments_beside(records: RecordLookup, record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """The live shipments under a delivery's numbers that are its own or nobody's: what a person has seen who closes ``double_label``."""
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
