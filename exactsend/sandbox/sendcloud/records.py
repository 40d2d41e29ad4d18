"""Orders, shipments and parcels as Sendcloud stores them.

They are frozen: a change makes a new version, so that the world can still show earlier states.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Self

from exactsend.sandbox.json_tree import JsonObject, object_at, objects_at, text, whole_number
from exactsend.sandbox.sendcloud.catalogue import ShippingOption
from exactsend.sandbox.sendcloud.statuses import ANNOUNCING, DEAD, SHIPPED


@dataclass(frozen=True, kw_only=True)
class Order:
    """A version of an order of the Orders API."""

    pk: int
    """Sendcloud's id."""
    body: JsonObject
    created_at: datetime
    modified_at: datetime
    visible_at: datetime
    """Orders are saved asynchronously; until this time, reads show the previous version."""
    is_shipped: bool = False
    """A label was made from it, so it is no longer an incoming order."""
    is_gone: bool = False
    """Shipped, and the API no longer shows it."""

    @property
    def order_id(self) -> str:
        """The shop's id."""
        return text(self.body, "order_id")

    @property
    def order_number(self) -> str:
        """The order number that people see."""
        return text(self.body, "order_number")

    @property
    def integration_id(self) -> int:
        """The id of its integration."""
        return whole_number(self.body, "order_details", "integration", "id") or 0

    @property
    def shipping_address(self) -> JsonObject:
        """The delivery address."""
        return object_at(self.body, "shipping_address")

    @property
    def quantities(self) -> dict[str, int]:
        """The quantity of each item, by SKU or, without one, by name."""
        items = objects_at(self.body, "order_details", "order_items")
        return {
            text(item, "sku") or text(item, "name"): whole_number(item, "quantity") or 0 for item in items
        }

    @property
    def key(self) -> tuple[int, str]:
        """A POST with the key of an existing order updates it."""
        return self.integration_id, self.order_id


@dataclass(frozen=True, kw_only=True)
class StoredParcel:
    """A parcel of a shipment."""

    parcel_id: int
    body: JsonObject
    """The parcel as it was sent: weight, dimensions, items and so on."""
    status: str = ANNOUNCING
    tracking_number: str = ""
    tracking_url: str | None = None
    announced_at: datetime | None = None
    documents: tuple[str, ...] = ()
    """The kinds of its documents: ``label``, ``customs-declaration``."""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """A version of a shipment."""

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
        """The status of its parcels, which is always the same."""
        return self.parcels[0].status

    @property
    def tracking_number(self) -> str:
        """The first parcel's tracking number; empty when there is none."""
        return self.parcels[0].tracking_number

    @property
    def is_live(self) -> bool:
        """Whether it has a label that may be used and is charged: not failed, cancelled or made without one."""
        return self.status not in DEAD

    @property
    def is_with_carrier(self) -> bool:
        """Whether the carrier has the parcels."""
        return self.status in SHIPPED

    @property
    def has_label(self) -> bool:
        """Whether a label can be printed."""
        return "label" in self.parcels[0].documents

    @property
    def price(self) -> Decimal:
        """The price of all its labels, with the fee for each."""
        return (self.option.price + self.option.label_fee) * len(self.parcels)

    def with_status(self, status: str, now: datetime) -> Self:
        """The shipment with this status on all parcels."""
        return replace(
            self, parcels=tuple(replace(parcel, status=status) for parcel in self.parcels), updated_at=now
        )
