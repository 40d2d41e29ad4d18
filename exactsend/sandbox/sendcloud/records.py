"""Orders, shipments and parcels as Sendcloud keeps them.

Frozen: a change makes a new version, so that the world can still show what was true a while ago.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Self

from exactsend.sandbox.json_tree import JsonObject, branch, branches, text, whole
from exactsend.sandbox.sendcloud.catalogue import ShippingOption
from exactsend.sandbox.sendcloud.statuses import ANNOUNCING, DEAD, SHIPPED


@dataclass(frozen=True, kw_only=True)
class Order:
    """One version of an order of the Orders API."""

    pk: int
    """Sendcloud's id."""
    body: JsonObject
    created_at: datetime
    modified_at: datetime
    visible_at: datetime
    """Orders are saved asynchronously; before this moment reads find the version before."""
    is_shipped: bool = False
    """A label was made from it, so it no longer stands among the incoming orders."""
    is_gone: bool = False
    """Shipped, and no longer readable by the API either."""

    @property
    def order_id(self) -> str:
        """The shop's id."""
        return text(self.body, "order_id")

    @property
    def order_number(self) -> str:
        """The number that people see."""
        return text(self.body, "order_number")

    @property
    def integration_id(self) -> int:
        """The integration that it belongs to."""
        return whole(self.body, "order_details", "integration", "id") or 0

    @property
    def shipping_address(self) -> JsonObject:
        """Where it is to go."""
        return branch(self.body, "shipping_address")

    @property
    def quantities(self) -> dict[str, int]:
        """How many of each item, by its SKU or else its name."""
        items = branches(self.body, "order_details", "order_items")
        return {text(item, "sku") or text(item, "name"): whole(item, "quantity") or 0 for item in items}

    @property
    def key(self) -> tuple[int, str]:
        """What decides whether a POST updates or creates."""
        return self.integration_id, self.order_id


@dataclass(frozen=True, kw_only=True)
class StoredParcel:
    """One box of a shipment."""

    parcel_id: int
    body: JsonObject
    """Weight, dimensions, items and the rest as they were sent."""
    status: str = ANNOUNCING
    tracking_number: str = ""
    tracking_url: str | None = None
    announced_at: datetime | None = None
    documents: tuple[str, ...] = ()
    """The kinds that exist: ``label``, ``customs-declaration``."""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One version of a shipment."""

    shipment_id: str
    user_id: int
    integration_id: int
    option: ShippingOption
    contract_id: int | None
    to_address: JsonObject
    from_address: JsonObject
    details: JsonObject
    """The rest of the request: reference, total_order_price, customs_information, label_details and so on."""
    parcels: tuple[StoredParcel, ...]
    created_at: datetime
    updated_at: datetime
    order_number: str = ""
    external_reference_id: str | None = None
    errors: tuple[JsonObject, ...] = ()
    applied_rules: tuple[JsonObject, ...] = ()
    made_by: str = "api"
    """``api``, ``panel`` or the name of another app."""

    @property
    def status(self) -> str:
        """Its parcels' status; they move together here."""
        return self.parcels[0].status

    @property
    def tracking_number(self) -> str:
        """The first parcel's tracking number, empty without one."""
        return self.parcels[0].tracking_number

    @property
    def is_live(self) -> bool:
        """Neither failed nor cancelled, nor without a label: it may travel and it costs money."""
        return self.status not in DEAD

    @property
    def is_with_carrier(self) -> bool:
        """Whether the carrier has it."""
        return self.status in SHIPPED

    @property
    def has_label(self) -> bool:
        """Whether a label can be printed."""
        return "label" in self.parcels[0].documents

    @property
    def price(self) -> Decimal:
        """What its labels cost together, with the fee for each of them."""
        return (self.option.price + self.option.label_fee) * len(self.parcels)

    def with_status(self, status: str, now: datetime) -> Self:
        """The same shipment, all parcels at that status."""
        return replace(
            self, parcels=tuple(replace(parcel, status=status) for parcel in self.parcels), updated_at=now
        )
