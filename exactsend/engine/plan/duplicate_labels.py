"""Live labels beside the one that a delivery has: which are surely one too many, and which only seem so (S6). Pure.

Sure is what bears the number of the delivery's entry and goes to its door, or to that of its label: it is the delivery's from then on.
The rest is told as well, wherever it goes, since it may be money, but stays nobody's (S4): a person must look.
"""

from collections.abc import Iterator, Sequence

from exactsend.domain.ids import OrderId, ShipmentId
from exactsend.domain.problems import Code, Problem
from exactsend.engine.plan.acceptance import live_shipments
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.consignments import is_delivered
from exactsend.engine.plan.delivery_case import DeliveryCase
from exactsend.engine.plan.destinations import Direction, direction, heading, is_return
from exactsend.engine.plan.ownership import numbers_of, owner_of
from exactsend.sendcloud.models import Shipment


def live_of(case: DeliveryCase) -> list[ShipmentId]:
    """The live shipments that belong to this delivery, but for those that a person knows of."""
    known_of = case.record.label.beside if case.record.label else ()
    return [
        shipment
        for shipment in live_shipments(case.snapshot.records, case.record)
        if shipment not in known_of
    ]


def second_labels(case: DeliveryCase) -> list[Shipment]:
    """Those that somebody made for it, as the number and the address say, and that are not remembered as its own yet."""
    return [
        shipment
        for shipment in _beside(case)
        if shipment.order_number == case.record.incoming_number and _goes(case, shipment) is Direction.SAME
    ]


def doubtful_labels(case: DeliveryCase) -> list[Shipment]:
    """Those of nobody that may be one too many: they bear its number or that of an order which it alone delivers."""
    return [
        shipment
        for shipment in _beside(case)
        if owner_of(case.snapshot, shipment) is None and _may_be_second(case, shipment)
    ]


def _beside(case: DeliveryCase) -> Iterator[Shipment]:
    """Live shipments under one of its numbers that are no other delivery's, and that nobody was told of."""
    label = case.record.label
    known = {*live_of(case), *((label.shipment, *label.beside) if label else ())}
    mine = {None, case.record.delivery_id}
    for shipment in case.snapshot.shipments.values():
        is_under_its_number = shipment.order_number in numbers_of(case.consignment)
        if (
            is_under_its_number
            and shipment.is_live
            and shipment.id not in known
            and owner_of(case.snapshot, shipment) in mine
        ):
            yield shipment


def _may_be_second(case: DeliveryCase, shipment: Shipment) -> bool:
    """Wherever it goes: a person may have corrected the address."""
    if is_return(case.snapshot, shipment) or _is_return(case, shipment):
        return False
    if shipment.order_number == case.record.incoming_number:
        return True
    return _is_wholly_its_own(case, shipment.order_number)


def _goes(case: DeliveryCase, shipment: Shipment) -> Direction:
    """Where it goes, beside the delivery's door; and beside that of its label, where Exact's address is unreadable or another by now."""
    here = direction(case.snapshot, case.consignment, shipment)
    label = _label_of(case)
    if label is None or not label.to_address.country_code or here is Direction.SAME:
        return here
    beside_label = heading(shipment.to_address, label.to_address.country_code, label.to_address.postal_code)
    return beside_label if beside_label is Direction.SAME or here is Direction.UNKNOWN else here


def _is_return(case: DeliveryCase, shipment: Shipment) -> bool:
    """Whether it comes from the delivery's door and does not go there.

    Where the label came from there too, shop and customer can't be told apart.
    """
    label = _label_of(case)
    if _goes(case, shipment) is Direction.SAME:
        return False
    return _comes_from_there(case, shipment) and not (label and _comes_from_there(case, label))


def _comes_from_there(case: DeliveryCase, shipment: Shipment) -> bool:
    turned = shipment.model_copy(update={"to_address": shipment.from_address})
    return _goes(case, turned) is Direction.SAME


def _label_of(case: DeliveryCase) -> Shipment | None:
    """The delivery's own label, where it was read."""
    return case.snapshot.shipments.get(case.record.label.shipment) if case.record.label else None


def _is_wholly_its_own(case: DeliveryCase, number: str) -> bool:
    """Whether an order's number can mean nothing but this delivery: no other delivers of that order, and none will."""
    records = case.snapshot.records
    for order in case.consignment.orders:
        if str(order.order_number) == number:
            covering = set(records.deliveries_of(OrderId(order.order_id)))
            # One that is not remembered yet was read in this run, and is decided about later.
            gone = {
                delivery
                for delivery in covering
                if (known := records.delivery(delivery)) is not None and known.gone
            }
            return is_delivered(case.snapshot, order) and covering - gone <= {case.record.delivery_id}
    return False


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def double_label(subject: Subject, lives: Sequence[ShipmentId]) -> Problem:
    """S6: two live shipments on one delivery."""
    return Problem(
        Code.DOUBLE_LABEL,
        {
            "name": subject.name,
            "ids": " and ".join(lives),
            "cancel": subject.by_hand("cancel"),
            "terms": refund_terms(),
        },
    )


def perhaps_double_label(subject: Subject, doubtful: Sequence[Shipment]) -> Problem:
    """S6: what may be a second live shipment. ``labels cancel`` does not take it, since it is nobody's."""
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
