"""Decides whose a shipment is: which may be adopted, and which stop a purchase because they may be the delivery's (S2, S4). Pure.

A different address never makes a live shipment with a delivery's number somebody else's. Only returns and other
existing deliveries' labels don't stop a purchase.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from exactsend.domain.ids import (
    DeliveryId,
    Division,
    OrderId,
    ShipmentId,
    order_incoming_ref,
    parse_reference,
)
from exactsend.domain.loaded_records import RecordLookup
from exactsend.domain.records import DeliveryRecord, IncomingRecord
from exactsend.engine.plan.destinations import (
    Direction,
    corrected_fields,
    is_return,
    shipment_direction,
    town_in_exact,
)
from exactsend.engine.plan.label_problems import corrected_in_panel
from exactsend.engine.plan.poll_results import named_owner
from exactsend.engine.snapshot import Snapshot
from exactsend.sendcloud.models import Shipment
from exactsend.trade.consignment import Consignment
from exactsend.trade.fingerprint import address_fingerprints


@dataclass(frozen=True)
class Candidates:
    """Live shipments that may be a delivery's label."""

    fitting: tuple[Shipment, ...] = ()
    """As certain as S4 requires: a single one is adopted."""
    elsewhere: tuple[Shipment, ...] = ()
    """Less certain: they stop a purchase, and only a person can take one over."""


def label_numbers(consignment: Consignment) -> tuple[str, ...]:
    """The numbers that a label for the consignment may have."""
    numbers = [consignment.incoming_number, *(str(order.order_number) for order in consignment.orders)]
    return tuple(dict.fromkeys(numbers))


def candidates_read(snapshot: Snapshot, consignment: Consignment, record: DeliveryRecord) -> Candidates:
    """The candidates among the shipments read in this run, which are all of this integration."""
    shipments = tuple(snapshot.shipments.values())
    return candidates(snapshot, consignment, record, shipments, {shipment.id for shipment in shipments})


def candidates(
    snapshot: Snapshot,
    consignment: Consignment,
    record: DeliveryRecord,
    shipments: Iterable[Shipment],
    of_this_integration: set[str],
) -> Candidates:
    """Which of these shipments may be adopted, and which may still be the delivery's.

    Args:
        snapshot: the run's input.
        consignment: the delivery with its orders.
        record: the delivery's record.
        shipments: with whatever numbers.
        of_this_integration: the ids of those of this division's integration.
    """
    numbers = label_numbers(consignment)
    left_behind = labels_left_behind(snapshot, record)
    in_integration = [
        shipment
        for shipment in shipments
        if shipment.is_live
        and (shipment.order_number in numbers or shipment.id in left_behind)
        and not _is_owned_by_another(snapshot, shipment, record.delivery_id)
        and not is_return(snapshot, shipment)
    ]
    fitting = [
        shipment
        for shipment in in_integration
        if shipment.id in of_this_integration
        and shipment.order_number == consignment.incoming_number
        and owner_of(snapshot, shipment) in {None, record.delivery_id}
        and _is_certainly_its(snapshot, consignment, record, shipment)
    ]
    return Candidates(
        tuple(fitting), tuple(shipment for shipment in in_integration if shipment not in fitting)
    )


def _is_certainly_its(
    snapshot: Snapshot, consignment: Consignment, record: DeliveryRecord, shipment: Shipment
) -> bool:
    """Whether it goes to the delivery's address, or a person made it from its incoming order and corrected the address (S4)."""
    if shipment_direction(snapshot, consignment, shipment) is Direction.SAME:
        return True
    incoming_order = snapshot.records.incoming(record.incoming) if record.incoming else None
    return incoming_order is not None and is_made_from(snapshot.fingerprint_key, incoming_order, shipment)


def is_made_from(key: bytes, incoming_order: IncomingRecord, shipment: Shipment) -> bool:
    """Whether a label was certainly made from our incoming order, wherever it goes.

    It is younger than when the incoming order was seen stored, has no program's reference, and has the incoming order's
    name, e-mail, phone or street.
    """
    made = shipment.announced_at
    if (
        incoming_order.stored_at is None
        or made is None
        or made < incoming_order.stored_at
        or shipment.external_reference_id
    ):
        return False
    found = address_fingerprints(key, shipment.to_address)
    return any(found.get(part) == known for part, known in incoming_order.recipient.items())


def correction(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> str:
    """What a person corrected in the panel before making the label, as a sentence; empty if it goes to Exact's address."""
    if shipment_direction(snapshot, consignment, shipment) is Direction.SAME:
        return ""
    fields = corrected_fields(snapshot, consignment, shipment)
    return corrected_in_panel(fields, shipment, town_in_exact(snapshot, consignment))


# ── owners ───────────────────────────────────────────────────────────────────────────────────────


def _is_owned_by_another(snapshot: Snapshot, shipment: Shipment, delivery: DeliveryId) -> bool:
    """Whether it is another existing delivery's label. A delivery that was deleted in Exact, and perhaps made again, needs none."""
    owner = owner_of(snapshot, shipment)
    if owner is None:
        return is_of_another_division(snapshot, shipment)
    if owner == delivery:
        return False
    record = snapshot.records.delivery(owner)
    # An owner without a record is uncertain: it was deleted, or a new ledger has not reached it yet.
    return record is not None and not is_gone(snapshot, record)


def owner_of(snapshot: Snapshot, shipment: Shipment) -> DeliveryId | None:
    """The delivery that owns a shipment: by its record, else by our reference."""
    known = snapshot.records.shipment(ShipmentId(shipment.id))
    return known.owner if known is not None else named_owner(snapshot.identity.division, shipment)


def is_of_another_division(snapshot: Snapshot, shipment: Shipment) -> bool:
    """Whether our reference names another division's delivery. Two divisions may use the same order numbers."""
    parsed = parse_reference(shipment.external_reference_id)
    return parsed is not None and parsed[0] != snapshot.identity.division


def is_gone(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether Exact has deleted a delivery, as far as is known from this run or before (S16)."""
    if record.delivery_id in snapshot.gone_deliveries:
        return True
    return record.gone and record.delivery_id not in snapshot.deliveries


# ── deliveries of the same orders ────────────────────────────────────────────────────────────────


def siblings_of(records: RecordLookup, record: DeliveryRecord) -> list[DeliveryRecord]:
    """Other deliveries of the same orders with a label, or with a purchase whose answer is unknown."""
    keys = {key: None for order in record.order_ids for key in records.deliveries_of(OrderId(order))}
    found = [records.delivery(key) for key in keys if key != record.delivery_id]
    return [
        delivery
        for delivery in found
        if delivery is not None and (delivery.label is not None or delivery.open_attempt is not None)
    ]


def labels_left_behind(snapshot: Snapshot, record: DeliveryRecord) -> set[ShipmentId]:
    """The labels of deleted deliveries of the same orders: this delivery may be one of them, made again."""
    return {
        sibling.label.shipment
        for sibling in siblings_of(snapshot.records, record)
        if sibling.label is not None and is_gone(snapshot, sibling)
    }


def may_be_made_again(snapshot: Snapshot, record: DeliveryRecord) -> bool:
    """Whether a delivery of its orders was deleted in Exact while it is unknown whether that one has a label."""
    return any(
        sibling.label is None and sibling.open_attempt is not None and is_gone(snapshot, sibling)
        for sibling in siblings_of(snapshot.records, record)
    )


def incoming_orders_of(
    records: RecordLookup, division: Division, record: DeliveryRecord
) -> list[IncomingRecord]:
    """The incoming orders from which this delivery's label can have been made: its own, and its orders'."""
    own = [record.incoming] if record.incoming else []
    refs = dict.fromkeys([*own, *(order_incoming_ref(division, order) for order in record.order_ids)])
    return [incoming_order for ref in refs if (incoming_order := records.incoming(ref)) is not None]


def incoming_orders_given_back(
    records: RecordLookup, division: Division, record: DeliveryRecord, shipment: Shipment
) -> list[IncomingRecord]:
    """The records of incoming orders that somebody made this label from, now that the delivery owns it: they stop nothing."""
    return [
        incoming_order.given_back()
        for incoming_order in incoming_orders_of(records, division, record)
        if incoming_order.is_taken and incoming_order.number == shipment.order_number
    ]
