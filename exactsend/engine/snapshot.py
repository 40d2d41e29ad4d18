"""What one run knows when it decides: both sides as they were read, and the ledger. No I/O of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from exactsend.domain.ids import DeliveryId, Division, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.loaded_records import LoadedRecords
from exactsend.domain.policy import Policy
from exactsend.domain.preflight import Preflight
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.exact.query_results import UnreadableRow
from exactsend.sendcloud.models import SenderAddress, ServicePoint, Shipment, StoredOrder
from exactsend.trade.consignment import Consignment, Directory
from exactsend.trade.sender import Area, sender_area


@dataclass(frozen=True)
class Identity:
    """Which division and which integration a run works for."""

    division: Division
    integration: int
    country: str = ""
    """The division's own country: where parcels leave from, unless a sender address says otherwise."""
    currency: str = "EUR"
    called: str = ""
    """What the configuration calls the division, where it has several: then a command line must name it."""


@dataclass(frozen=True)
class PointCheck:
    """What Sendcloud answered about a service point; None where it did not answer."""

    point: ServicePoint | None = None
    available: bool = False
    answered: bool = True


@dataclass(frozen=True)
class Ask:
    """What a person asked for in so many words: a label for this delivery, now."""

    another: int | None = None
    """The attempt's number, where a live label exists already."""


class Left(NamedTuple):
    """How many deliveries and orders are left for the next run, since this one has not the calls to finish them."""

    deliveries: int = 0
    orders: int = 0


@dataclass(frozen=True)
class Snapshot:
    """Everything that one run decides on. What is absent was not asked for; what is gone is named as gone."""

    now: datetime
    identity: Identity
    policy: Policy
    records: LoadedRecords
    """What the ledger knows of all that is decided on, as it was when it was loaded last."""
    fingerprint_key: bytes
    orders: Mapping[OrderId, SalesOrder] = field(default_factory=dict)
    gone_orders: frozenset[OrderId] = frozenset()
    """Asked for by id, missing from an answer that was otherwise sound (S16)."""
    deliveries: Mapping[DeliveryId, GoodsDelivery] = field(default_factory=dict)
    gone_deliveries: frozenset[DeliveryId] = frozenset()
    directory: Directory = field(default_factory=Directory)
    shipments: Mapping[ShipmentId, Shipment] = field(default_factory=dict)
    """Shipments of this integration as read in this run."""
    references: Mapping[Reference, Shipment | None] = field(default_factory=dict)
    """Looked up by reference in this run; None: Sendcloud has none."""
    stored: Mapping[IncomingRef, StoredOrder | None] = field(default_factory=dict)
    """Our entries as looked up in this run; None: not there."""
    senders: Mapping[int, SenderAddress] = field(default_factory=dict)
    points: Mapping[str, PointCheck] = field(default_factory=dict)
    preflight: Preflight = field(default_factory=Preflight)
    untracked: frozenset[str] = frozenset()
    """Shipping options whose labels are not tracked, as far as it was told."""
    asked: Mapping[DeliveryId, Ask] = field(default_factory=dict)
    unread_orders: Mapping[OrderId, UnreadableRow] = field(default_factory=dict)
    """Asked for by id, or to be asked for later, and not read in this run."""
    unread_numbers: Mapping[int, UnreadableRow] = field(default_factory=dict)
    """The same of orders that deliveries cover, by number."""
    unread_deliveries: Mapping[DeliveryId, UnreadableRow] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The visible numbers of what is due, by id, as far as streams or records have them: to read several in one call, and for what can't be read."""
    left: Left = field(default_factory=Left)
    """What is due and was not taken up in this run."""
    is_polled: bool = True
    """Sendcloud's shipments were walked through; otherwise nothing may be written there (S7)."""

    def with_shipment(self, shipment: Shipment) -> "Snapshot":
        """The same with one shipment as it is now."""
        return replace(self, shipments={**self.shipments, ShipmentId(shipment.id): shipment})

    def sender_of(self, consignment: Consignment) -> Area:
        """Where a parcel leaves from, as far as customs are concerned."""
        addresses = tuple(self.senders.values())
        return sender_area(consignment, self.policy, addresses, division_country=self.identity.country)

    def orders_of(self, delivery: GoodsDelivery) -> tuple[SalesOrder, ...]:
        """The orders whose lines a delivery covers, lowest number first."""
        numbers = {line.sales_order_number for line in delivery.goods_delivery_lines or ()}
        found = [order for order in self.orders.values() if order.order_number in numbers]
        return tuple(sorted(found, key=lambda order: order.order_number))
