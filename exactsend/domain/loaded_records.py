"""Records as a value: those that one decision needs, read before it is made. Reads nothing and writes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, ShipmentId
from exactsend.domain.records import (
    DeliveryRecord,
    IncomingRecord,
    OrderRecord,
    Purchases,
    Schedule,
    ShipmentRecord,
)

K = TypeVar("K")
V = TypeVar("V")


class RecordLookup(Protocol):
    """Finds records by their keys: in the ledger, or among those that were loaded."""

    def order(self, order: OrderId) -> OrderRecord | None:
        """An order; None: the ledger has no record of it."""

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """A delivery."""

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """One of our entries."""

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """A shipment."""

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """The shipments that polls have shown under an order number."""

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries that cover an order."""


class RecordNotLoadedError(LookupError):
    """A decision asks for a record that was not loaded for it. That it is not there would be a guess, so the run stops."""


@dataclass(frozen=True)
class LoadedRecords:
    """The records that were loaded. A key with None was looked for, and the ledger has no such record."""

    orders: Mapping[OrderId, OrderRecord | None] = field(default_factory=dict)
    deliveries: Mapping[DeliveryId, DeliveryRecord | None] = field(default_factory=dict)
    entries: Mapping[IncomingRef, IncomingRecord | None] = field(default_factory=dict)
    shipments: Mapping[ShipmentId, ShipmentRecord | None] = field(default_factory=dict)
    shipments_by_number: Mapping[str, Sequence[ShipmentRecord]] = field(default_factory=dict)
    deliveries_by_order: Mapping[OrderId, Sequence[DeliveryId]] = field(default_factory=dict)
    open_deliveries: Sequence[DeliveryRecord] = ()
    """Deliveries that a later run may have to look at again."""
    damaged_deliveries: Collection[DeliveryId] = frozenset()
    """Deliveries with a record that can't be read: nobody knows whether they have a label."""
    schedule: Schedule = field(default_factory=Schedule)
    purchases: Purchases = field(default_factory=Purchases)

    def order(self, order: OrderId) -> OrderRecord | None:
        """An order; None: the ledger has no record of it.

        Raises:
            RecordNotLoadedError: it was not loaded. Every query here raises it.
        """
        return _of(self.orders, order)

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """A delivery."""
        return _of(self.deliveries, delivery)

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """One of our entries."""
        return _of(self.entries, ref)

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """A shipment."""
        return _of(self.shipments, shipment)

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """The shipments that polls have shown under an order number."""
        return [*_of(self.shipments_by_number, number)]

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries that cover an order."""
        return [*_of(self.deliveries_by_order, order)]


def _of(loaded: Mapping[K, V], key: K) -> V:
    if key not in loaded:
        raise RecordNotLoadedError(f"{key} was not loaded")
    return loaded[key]
