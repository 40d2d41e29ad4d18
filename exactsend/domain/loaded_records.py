"""The records that one decision needs, loaded beforehand. Reads and writes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from exactsend.domain.division_records import Purchases, Schedule
from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, ShipmentId
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, ShipmentRecord

K = TypeVar("K")
V = TypeVar("V")


class RecordLookup(Protocol):
    """Finds records by key: in the ledger, or among loaded ones."""

    def order(self, order: OrderId) -> OrderRecord | None:
        """An order's record; None if the ledger has none."""

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """A delivery's record."""

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """An incoming order's record."""

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """A shipment's record."""

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """The polled shipments with an order number."""

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries of an order."""


class RecordNotLoadedError(LookupError):
    """A decision needs a record that was not loaded. Assuming that there is none would be a guess, so the run stops."""


@dataclass(frozen=True)
class LoadedRecords:
    """The loaded records. None for a key: the ledger has no such record."""

    orders: Mapping[OrderId, OrderRecord | None] = field(default_factory=dict)
    deliveries: Mapping[DeliveryId, DeliveryRecord | None] = field(default_factory=dict)
    incoming_orders: Mapping[IncomingRef, IncomingRecord | None] = field(default_factory=dict)
    shipments: Mapping[ShipmentId, ShipmentRecord | None] = field(default_factory=dict)
    shipments_by_number: Mapping[str, Sequence[ShipmentRecord]] = field(default_factory=dict)
    deliveries_by_order: Mapping[OrderId, Sequence[DeliveryId]] = field(default_factory=dict)
    open_deliveries: Sequence[DeliveryRecord] = ()
    """Deliveries that a later run may have to decide about again."""
    damaged_deliveries: Collection[DeliveryId] = frozenset()
    """Deliveries with an unreadable record: it is unknown whether they have a label."""
    schedule: Schedule = field(default_factory=Schedule)
    purchases: Purchases = field(default_factory=Purchases)

    def order(self, order: OrderId) -> OrderRecord | None:
        """An order's record; None if the ledger has none.

        Raises:
            RecordNotLoadedError: it was not loaded. All methods here raise it.
        """
        return _of(self.orders, order)

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """A delivery's record."""
        return _of(self.deliveries, delivery)

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """An incoming order's record."""
        return _of(self.incoming_orders, ref)

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """A shipment's record."""
        return _of(self.shipments, shipment)

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """The polled shipments with an order number."""
        return [*_of(self.shipments_by_number, number)]

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries of an order."""
        return [*_of(self.deliveries_by_order, order)]


def _of(loaded: Mapping[K, V], key: K) -> V:
    if key not in loaded:
        raise RecordNotLoadedError(f"{key} was not loaded")
    return loaded[key]
