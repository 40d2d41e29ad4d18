"""Loads the records that a decision needs, archived ones included, so that deciding needs no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from exactsend.domain.ids import (
    DeliveryId,
    Division,
    IncomingRef,
    OrderId,
    ShipmentId,
    delivery_incoming_ref,
    order_incoming_ref,
)
from exactsend.domain.loaded_records import LoadedRecords
from exactsend.domain.record_reader import RecordReader
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, ShipmentRecord
from exactsend.engine.plan.poll_results import named_owner
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.sendcloud.models import Shipment


def with_records(reader: RecordReader, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the current records for all its decisions."""
    loader = _RecordLoader(reader, snapshot.identity.division)
    for key, order in snapshot.orders.items():
        loader.load_order(key, number=order.order_number)
    for key in (*snapshot.gone_orders, *snapshot.unread_orders):
        loader.load_order(key)
    for delivery in snapshot.deliveries.values():
        loader.load_read_delivery(delivery, snapshot.orders_of(delivery))
    for gone in (*snapshot.gone_deliveries, *snapshot.unread_deliveries):
        loader.load_delivery(gone)
    for ref in snapshot.stored:
        loader.load_incoming_order(ref)
    found = (shipment for shipment in snapshot.references.values() if shipment is not None)
    loader.load_shipments([*snapshot.shipments.values(), *found])
    return replace(snapshot, records=loader.loaded(_open_deliveries(reader, loader)))


def records_for_purchase(
    reader: RecordReader, division: Division, record: DeliveryRecord, shipments: Iterable[Shipment]
) -> LoadedRecords:
    """The records for the verdict on one purchase.

    Args:
        reader: the ledger's records.
        division: Exact's division number.
        record: the delivery.
        shipments: those that the check before the purchase found.
    """
    loader = _RecordLoader(reader, division)
    loader.load_covered(record)
    loader.load_shipments(shipments)
    return loader.loaded(())


def _open_deliveries(reader: RecordReader, loader: "_RecordLoader") -> list[DeliveryRecord]:
    """All open deliveries. If a cancelled label still shows in Exact, also the shipments that may have replaced it."""
    records = reader.open_deliveries()
    for record in records:
        if record.shows_cancelled:
            loader.load_numbers_of(record)
    return records


class _RecordLoader:
    """Loads records and the records they refer to, each once."""

    def __init__(self, reader: RecordReader, division: Division) -> None:
        self._reader = reader
        self._division = division
        self._orders: dict[OrderId, OrderRecord | None] = {}
        self._deliveries: dict[DeliveryId, DeliveryRecord | None] = {}
        self._entries: dict[IncomingRef, IncomingRecord | None] = {}
        self._shipments: dict[ShipmentId, ShipmentRecord | None] = {}
        self._by_number: dict[str, Sequence[ShipmentRecord]] = {}
        self._by_order: dict[OrderId, Sequence[DeliveryId]] = {}
        self._damaged: set[DeliveryId] = set()

    def loaded(self, open_deliveries: Sequence[DeliveryRecord]) -> LoadedRecords:
        """All records loaded so far."""
        return LoadedRecords(
            orders=self._orders,
            deliveries=self._deliveries,
            incoming_orders=self._entries,
            shipments=self._shipments,
            shipments_by_number=self._by_number,
            deliveries_by_order=self._by_order,
            open_deliveries=tuple(open_deliveries),
            damaged_deliveries=frozenset(self._damaged),
            schedule=self._reader.schedule,
            purchases=self._reader.purchases,
        )

    def load_order(self, key: OrderId, *, number: int | None = None) -> None:
        """Load an order with its incoming order, the deliveries that cover it, and the shipments with its number."""
        if key not in self._orders:
            record = self._orders[key] = self._reader.order(key)
            self.load_incoming_order(order_incoming_ref(self._division, key))
            self._by_order[key] = self._reader.deliveries_of(key)
            for delivery in self._by_order[key]:
                self._load_record_of(delivery)
            if record is not None:
                self._load_number(str(record.number))
                if record.by_hand is not None:
                    self._load_shipment(record.by_hand.shipment)
        if number is not None:
            self._load_number(str(number))

    def load_read_delivery(self, delivery: GoodsDelivery, orders: Iterable[SalesOrder]) -> None:
        """Load a delivery read from Exact, with the shipments of every number its label can have."""
        self.load_delivery(DeliveryId(delivery.entry_id))
        for order in orders:
            self.load_order(OrderId(order.order_id), number=order.order_number)
            self._load_number(f"{order.order_number}/{delivery.delivery_number}")

    def load_delivery(self, key: DeliveryId) -> None:
        """Load a delivery with its orders, its incoming order, and the shipments with its numbers."""
        record = self._load_record_of(key)
        self.load_incoming_order(delivery_incoming_ref(self._division, key))
        if record is not None:
            self.load_covered(record)
        elif self._reader.is_in_doubt(key):
            self._damaged.add(key)

    def load_covered(self, record: DeliveryRecord) -> None:
        """Load what a delivery's record refers to: orders, incoming order, and the shipments with its numbers."""
        if record.incoming is not None:
            self.load_incoming_order(record.incoming)
        for order in record.order_ids:
            self.load_order(order)
        self.load_numbers_of(record)

    def load_numbers_of(self, record: DeliveryRecord) -> None:
        """Load the shipments with a delivery's numbers."""
        for number in {record.incoming_number, *map(str, record.order_numbers)}:
            self._load_number(number)

    def load_incoming_order(self, ref: IncomingRef) -> None:
        """Load an incoming order, with the delivery that owns it."""
        if ref not in self._entries:
            incoming_order = self._entries[ref] = self._reader.incoming(ref)
            if incoming_order is not None and incoming_order.delivery is not None:
                self._load_record_of(incoming_order.delivery)

    def load_shipments(self, shipments: Iterable[Shipment]) -> None:
        """Load shipments read from Sendcloud, with the deliveries that own them."""
        for shipment in shipments:
            self._load_shipment(ShipmentId(shipment.id))
            if (owner := named_owner(self._division, shipment)) is not None:
                self._load_record_of(owner)

    def _load_record_of(self, delivery: DeliveryId) -> DeliveryRecord | None:
        if delivery not in self._deliveries:
            self._deliveries[delivery] = self._reader.delivery(delivery)
        return self._deliveries[delivery]

    def _load_shipment(self, key: ShipmentId) -> None:
        if key not in self._shipments:
            record = self._shipments[key] = self._reader.shipment(key)
            if record is not None and record.owner is not None:
                self._load_record_of(record.owner)

    def _load_number(self, number: str) -> None:
        if number and number not in self._by_number:
            self._by_number[number] = self._reader.shipments_with_number(number)
            for shipment in self._by_number[number]:
                self._shipments.setdefault(shipment.shipment, shipment)
                if shipment.owner is not None:
                    self._load_record_of(shipment.owner)
