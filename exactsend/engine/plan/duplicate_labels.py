"""Live labels beside the delivery's own: which are certainly duplicates, and which may be (S6). Pure.

Certain are those with the incoming order's number that go to the delivery's door or its label's: they become the
delivery's. Others are reported too, because they may cost money, but belong to no delivery (S4): a person must decide.
"""

from collections.abc import Iterator, Sequence

from exactsend.domain.ids import OrderId, ShipmentId
from exactsend.domain.problems import Code, Problem
from exactsend.engine.plan.accepted_errors import live_shipments
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.consignments import is_delivered
from exactsend.engine.plan.delivery_case import DeliveryCase
from exactsend.engine.plan.destinations import Direction, address_direction, is_return, shipment_direction
from exactsend.engine.plan.ownership import label_numbers, owner_of
from exactsend.sendcloud.models import Shipment


def live_labels(case: DeliveryCase) -> list[ShipmentId]:
    """The delivery's live shipments, without those that a person knows of."""
    known_of = case.record.label.beside if case.record.label else ()
    return [
        shipment
        for shipment in live_shipments(case.snapshot.records, case.record)
        if shipment not in known_of
    ]


def second_labels(case: DeliveryCase) -> list[Shipment]:
    """Certain duplicates, by number and address, that are not recorded as the delivery's yet."""
    return [
        shipment
        for shipment in _unowned_labels(case)
        if shipment.order_number == case.record.incoming_number
        and _direction(case, shipment) is Direction.SAME
    ]


def doubtful_labels(case: DeliveryCase) -> list[Shipment]:
    """Possible duplicates of no delivery: they have its number, or that of an order that only it delivers."""
    return [
        shipment
        for shipment in _unowned_labels(case)
        if owner_of(case.snapshot, shipment) is None and _may_be_second(case, shipment)
    ]


def _unowned_labels(case: DeliveryCase) -> Iterator[Shipment]:
    """Live shipments with one of its numbers that belong to no other delivery and were not accepted."""
    label = case.record.label
    known = {*live_labels(case), *((label.shipment, *label.beside) if label else ())}
    mine = {None, case.record.delivery_id}
    for shipment in case.snapshot.shipments.values():
        is_under_its_number = shipment.order_number in label_numbers(case.consignment)
        if (
            is_under_its_number
            and shipment.is_live
            and shipment.id not in known
            and owner_of(case.snapshot, shipment) in mine
        ):
            yield shipment


def _may_be_second(case: DeliveryCase, shipment: Shipment) -> bool:
    """Whether it may be a duplicate, wherever it goes: a person may have corrected the address."""
    if is_return(case.snapshot, shipment) or _is_return(case, shipment):
        return False
    if shipment.order_number == case.record.incoming_number:
        return True
    return _is_wholly_its_own(case, shipment.order_number)


def _direction(case: DeliveryCase, shipment: Shipment) -> Direction:
    """Where it goes, compared with the delivery's door, and with its label's if Exact's address is unreadable or has changed."""
    direction = shipment_direction(case.snapshot, case.consignment, shipment)
    label = _label_of(case)
    if label is None or not label.to_address.country_code or direction is Direction.SAME:
        return direction
    beside_label = address_direction(
        shipment.to_address, label.to_address.country_code, label.to_address.postal_code
    )
    return beside_label if beside_label is Direction.SAME or direction is Direction.UNKNOWN else direction


def _is_return(case: DeliveryCase, shipment: Shipment) -> bool:
    """Whether it comes from the delivery's door and does not go there.

    If the label came from there too, shop and customer can't be told apart.
    """
    label = _label_of(case)
    if _direction(case, shipment) is Direction.SAME:
        return False
    return _comes_from_there(case, shipment) and not (label and _comes_from_there(case, label))


def _comes_from_there(case: DeliveryCase, shipment: Shipment) -> bool:
    turned = shipment.model_copy(update={"to_address": shipment.from_address})
    return _direction(case, turned) is Direction.SAME


def _label_of(case: DeliveryCase) -> Shipment | None:
    """The delivery's own label, if it was read."""
    return case.snapshot.shipments.get(case.record.label.shipment) if case.record.label else None


def _is_wholly_its_own(case: DeliveryCase, number: str) -> bool:
    """Whether only this delivery delivers, and will deliver, the order with this number."""
    records = case.snapshot.records
    for order in case.consignment.orders:
        if str(order.order_number) == number:
            covering = set(records.deliveries_of(OrderId(order.order_id)))
            # A delivery without a record was read in this run and is decided about later.
            gone = {
                delivery
                for delivery in covering
                if (known := records.delivery(delivery)) is not None and known.gone
            }
            return is_delivered(case.snapshot, order) and covering - gone <= {case.record.delivery_id}
    return False


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def double_label(subject: Subject, live: Sequence[ShipmentId]) -> Problem:
    """S6: two live shipments for one delivery."""
    return Problem(
        Code.DOUBLE_LABEL,
        {
            "name": subject.name,
            "ids": " and ".join(live),
            "cancel": subject.by_hand("cancel"),
            "terms": refund_terms(),
        },
    )


def perhaps_double_label(subject: Subject, doubtful: Sequence[Shipment]) -> Problem:
    """S6: a possible second live shipment. ``labels cancel`` does not accept it, because it belongs to no delivery."""
    return Problem(
        Code.DOUBLE_LABEL,
        {
            "name": subject.name,
            "ids": " and ".join(shipment.id for shipment in doubtful),
            "accept": subject.by_hand("accept"),
            "terms": refund_terms(doubtful[0].carrier.code if doubtful[0].carrier else ""),
        },
        variant="perhaps",
    )
