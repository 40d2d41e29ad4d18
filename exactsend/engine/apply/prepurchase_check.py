"""Gathers everything that could forbid a purchase, right before it (S2). ``plan.purchase_verdict`` decides."""

from collections.abc import Collection, Iterable
from itertools import count

from exactsend.domain.ids import DeliveryId, ShipmentId, label_reference, parse_reference
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import DeliveryRecord, IncomingRecord
from exactsend.engine.apply.vanished_incoming_orders import is_absent
from exactsend.engine.plan.accepted_errors import live_shipments
from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.plan.ownership import incoming_orders_of, label_numbers, siblings_of
from exactsend.engine.plan.poll_results import named_owner
from exactsend.engine.plan.purchase_verdict import PurchaseEvidence
from exactsend.engine.run_context import RunContext
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment


def check_before_purchase(
    context: RunContext,
    action: BuyLabel,
    delivery: GoodsDelivery | None,
    *,
    gone: Collection[DeliveryId] = frozenset(),
) -> PurchaseEvidence:
    """Ask both services for everything that could forbid the purchase. No answer is an error, never "none".

    Args:
        context: the run.
        action: the purchase.
        delivery: as Exact has it now; None: it was deleted.
        gone: those of ``siblings_to_read`` that Exact no longer has.
    """
    numbers = label_numbers(action.consignment)
    listed = {
        shipment.id: shipment
        for number in numbers
        for shipment in context.sendcloud.shipments_with_number(number)
    }
    found = {
        key: shipment for key, shipment in listed.items() if not _is_other_divisions_label(context, shipment)
    }
    found |= _polled_shipments(context, action.record, numbers, found)
    found |= _labels_of_deleted(context, action.record, gone, found)
    attempts = _attempts(context, action.record, found.values())
    others = [shipment for shipment in found.values() if shipment.id not in {own.id for own in attempts}]
    return PurchaseEvidence(
        delivery=delivery,
        attempts=attempts,
        with_numbers=tuple(found.values()),
        of_this_integration=_of_this_integration(context, {shipment.order_number for shipment in others}),
        vanished=tuple(_vanished(context, action.record, found.values())),
        gone=frozenset(gone),
    )


def siblings_to_read(records: RecordStore, record: DeliveryRecord) -> list[DeliveryId]:
    """Labelled deliveries of the same orders, not known as deleted: if one is, this delivery may be the same one made again."""
    return [sibling.delivery_id for sibling in siblings_of(records, record) if not sibling.gone]


def _is_other_divisions_label(context: RunContext, shipment: Shipment) -> bool:
    """Whether it is another division's label by that division's ledger: two divisions of an account may use the same order numbers."""
    is_known = context.records.shipment(ShipmentId(shipment.id)) is not None or parse_reference(
        shipment.external_reference_id
    )
    return shipment.is_live and not is_known and context.is_other_divisions_label(shipment.id)


def _polled_shipments(
    context: RunContext, record: DeliveryRecord, numbers: Iterable[str], known: Collection[str]
) -> dict[str, Shipment]:
    """Live shipments with its numbers that a poll has shown. Sendcloud's list by number may lag behind."""
    found: dict[str, Shipment] = {}
    for known_shipment in (
        known_shipment
        for number in numbers
        for known_shipment in context.records.shipments_with_number(number)
    ):
        is_possible = known_shipment.state == "live" and known_shipment.owner in {None, record.delivery_id}
        if is_possible and known_shipment.shipment not in known:
            shipment = context.sendcloud.shipment(known_shipment.shipment)
            found |= {known_shipment.shipment: shipment} if shipment else {}
    return found


def _labels_of_deleted(
    context: RunContext, record: DeliveryRecord, gone: Collection[DeliveryId], known: Collection[str]
) -> dict[str, Shipment]:
    """The labels of deleted deliveries, in their current state."""
    found: dict[str, Shipment] = {}
    for sibling in siblings_of(context.records, record):
        is_gone = sibling.gone or sibling.delivery_id in gone
        for key in _labels_of(context, sibling) if is_gone else ():
            if key not in known and (shipment := context.sendcloud.shipment(key)) is not None:
                found[key] = shipment
    return found


def _labels_of(context: RunContext, record: DeliveryRecord) -> list[ShipmentId]:
    own = [record.label.shipment] if record.label else []
    return list(dict.fromkeys([*own, *live_shipments(context.records, record)]))


def _attempts(
    context: RunContext, record: DeliveryRecord, with_numbers: Iterable[Shipment]
) -> tuple[Shipment, ...]:
    """All earlier attempts, found by reference, number or record, each read by its id, because listings may be outdated (S6)."""
    found: dict[str, Shipment] = {}
    for number in count(1):
        shipment = context.sendcloud.shipment_with_reference(
            label_reference(context.identity.division, record.delivery_id, number)
        )
        if shipment is None:
            break
        found[shipment.id] = context.sendcloud.shipment(shipment.id) or shipment
    ours = [
        shipment.id
        for shipment in with_numbers
        if named_owner(context.identity.division, shipment) == record.delivery_id
    ]
    remembered = [attempt.shipment for attempt in record.attempts if attempt.shipment]
    for key in [name for name in dict.fromkeys((*remembered, *ours)) if name not in found]:
        if (shipment := context.sendcloud.shipment(key)) is not None:
            found[key] = shipment
    return tuple(found.values())


def _of_this_integration(context: RunContext, numbers: set[str]) -> frozenset[str]:
    integration = context.identity.integration
    found = (
        shipment
        for number in sorted(numbers)
        for shipment in context.sendcloud.shipments_with_number(number, integration=integration)
    )
    return frozenset(shipment.id for shipment in found)


def _vanished(
    context: RunContext, record: DeliveryRecord, with_numbers: Iterable[Shipment]
) -> Iterable[IncomingRecord]:
    """Vanished incoming orders of the delivery and its orders, as records (S7)."""
    live = {shipment.order_number for shipment in with_numbers if shipment.is_live}
    for incoming_order in incoming_orders_of(context.records, context.identity.division, record):
        if incoming_order.is_taken and not incoming_order.stands:
            yield incoming_order.taken_since(context.clock())
        elif incoming_order.was_seen and is_absent(context, incoming_order):
            yield incoming_order.seen_gone(context.clock(), is_labelled=incoming_order.number in live)
