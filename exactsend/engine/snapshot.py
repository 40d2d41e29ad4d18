"""What one run knows when it decides: both services as read, and the ledger's records. No I/O."""

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
    """The division and the integration that a run works for."""

    division: Division
    integration: int
    country: str = ""
    """The division's country: where parcels leave from, unless a sender address says otherwise."""
    currency: str = "EUR"
    called: str = ""
    """The division's configured name, if several are configured: then command lines must name it."""


@dataclass(frozen=True)
class PointCheck:
    """Sendcloud's answer about a service point; None if there was none."""

    point: ServicePoint | None = None
    available: bool = False
    answered: bool = True


@dataclass(frozen=True)
class LabelRequested:
    """A person's explicit request for a delivery's label."""

    another: int | None = None
    """The number of the requested attempt, if the delivery already has a live label."""


class WorkLeft(NamedTuple):
    """How many deliveries and orders are left for the next run, because this one has too few calls for them."""

    deliveries: int = 0
    orders: int = 0


@dataclass(frozen=True)
class Snapshot:
    """All input of one run's decisions. Records that were not asked for are absent; those that no longer exist are listed as gone."""

    now: datetime
    identity: Identity
    policy: Policy
    records: LoadedRecords
    """The ledger's records for all decisions, as last loaded."""
    fingerprint_key: bytes
    orders: Mapping[OrderId, SalesOrder] = field(default_factory=dict)
    gone_orders: frozenset[OrderId] = frozenset()
    """Orders asked for by id and missing from an otherwise sound answer (S16)."""
    deliveries: Mapping[DeliveryId, GoodsDelivery] = field(default_factory=dict)
    gone_deliveries: frozenset[DeliveryId] = frozenset()
    directory: Directory = field(default_factory=Directory)
    shipments: Mapping[ShipmentId, Shipment] = field(default_factory=dict)
    """This integration's shipments read in this run."""
    references: Mapping[Reference, Shipment | None] = field(default_factory=dict)
    """Shipments looked up by reference in this run; None: Sendcloud has none."""
    stored: Mapping[IncomingRef, StoredOrder | None] = field(default_factory=dict)
    """Our incoming orders looked up in this run; None: Sendcloud has none."""
    senders: Mapping[int, SenderAddress] = field(default_factory=dict)
    points: Mapping[str, PointCheck] = field(default_factory=dict)
    preflight: Preflight = field(default_factory=Preflight)
    untracked: frozenset[str] = frozenset()
    """Shipping options known to have no tracking."""
    asked: Mapping[DeliveryId, LabelRequested] = field(default_factory=dict)
    unread_orders: Mapping[OrderId, UnreadableRow] = field(default_factory=dict)
    """Orders due now or later that could not be read in this run, by id."""
    unread_numbers: Mapping[int, UnreadableRow] = field(default_factory=dict)
    """Orders of deliveries that could not be read, by number."""
    unread_deliveries: Mapping[DeliveryId, UnreadableRow] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The numbers of what is due, by id, as far as streams or records have them: to read several in one call, and to name what can't be read."""
    left: WorkLeft = field(default_factory=WorkLeft)
    """What is due and was not processed in this run."""
    is_polled: bool = True
    """Whether Sendcloud's shipments were polled. If not, nothing may be written there (S7)."""

    def with_shipment(self, shipment: Shipment) -> "Snapshot":
        """The snapshot with one shipment in its current state."""
        return replace(self, shipments={**self.shipments, ShipmentId(shipment.id): shipment})

    def sender_of(self, consignment: Consignment) -> Area:
        """Where a parcel leaves from, for customs."""
        addresses = tuple(self.senders.values())
        return sender_area(consignment, self.policy, addresses, division_country=self.identity.country)

    def orders_of(self, delivery: GoodsDelivery) -> tuple[SalesOrder, ...]:
        """The orders of a delivery's lines, lowest number first."""
        numbers = {line.sales_order_number for line in delivery.goods_delivery_lines or ()}
        found = [order for order in self.orders.values() if order.order_number in numbers]
        return tuple(sorted(found, key=lambda order: order.order_number))
