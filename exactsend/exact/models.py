"""Exact's records, the fields that are used and no others. Mirrors the vendor; decides nothing.

Field names are Exact's own, written with underscores; ``exact_name`` is the rule between the two.
Source: Exact, REST API reference (one page per entity).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue

from exactsend.exact.fields import Entity, Guid, Number, Text, WallTime, read_lines, read_text

OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45
"""SalesOrders.Status."""
APPROVED = (1, 2)
"""SalesOrders.ApprovalStatus: approved by itself, approved by a person."""
VISIT, POSTAL, INVOICE, DELIVERY = 1, 2, 3, 4
"""Addresses.Type."""
DELETED_ORDER, DELETED_DELIVERY = 32, 16
"""sync/Deleted.EntityType."""


class Stream(StrEnum):
    """Exact's sync endpoints that are watched, by the name that SyncTimestamp knows them under."""

    ORDERS = "SalesOrderHeaders"
    ORDER_LINES = "SalesOrderLines"
    DELIVERIES = "GoodsDeliveries"
    DELIVERY_LINES = "GoodsDeliveryLines"
    ACCOUNTS = "Accounts"
    CONTACTS = "Contacts"
    ADDRESSES = "Addresses"
    ITEMS = "Items"
    DELETED = "Deleted"


class OfDivision(Entity):
    """A record that says which division it belongs to; the reader compares that with the one that was asked."""

    division: int | None = None


class WithFreeFields(OfDivision):
    """A record whose fields the configuration may name: what was selected beyond the known fields is kept."""

    model_config = ConfigDict(extra="allow")

    def text(self, field: str) -> str:
        """The trimmed text of ``field``, named as Exact names it; empty where Exact gave none."""
        for name, info in type(self).model_fields.items():
            if info.alias == field:
                return str(read_text(getattr(self, name)))
        extra: dict[str, JsonValue] = self.model_extra or {}
        return str(read_text(extra.get(field)))


class SalesOrderLine(Entity):
    """salesorder/SalesOrderLines."""

    id: Guid
    order_id: Guid
    line_number: int = 0
    item: Guid | None = None
    item_code: Text = ""
    item_description: Text = ""
    description: Text = ""
    quantity: Number
    quantity_delivered: Number | None = None
    unit_code: Text = ""
    net_price: Number | None = None
    amount_dc: Number | None = None
    amount_fc: Number | None = None
    """Line amount without VAT, after discount, in the order's currency (its name in Exact: AmountFC)."""
    use_drop_shipment: int | None = None


class SalesOrder(WithFreeFields):
    """salesorder/SalesOrders."""

    order_id: Guid
    order_number: int
    status: int
    approval_status: int | None = None
    order_date: WallTime | None = None
    created: WallTime | None = None
    modified: WallTime | None = None
    ordered_by: Guid | None = None
    ordered_by_contact_person: Guid | None = None
    deliver_to: Guid | None = None
    deliver_to_contact_person: Guid | None = None
    delivery_address: Guid | None = None
    shipping_method: Guid | None = None
    warehouse_code: Text = ""
    your_ref: Text = ""
    description: Text = ""
    remarks: Text = ""
    currency: Text = ""
    amount_dc: Number | None = None
    amount_fc: Number | None = None
    amount_fc_excl_vat: Number | None = Field(default=None, alias="AmountFCExclVat")
    sales_order_lines: Annotated[tuple[SalesOrderLine, ...] | None, BeforeValidator(read_lines)] = None


class GoodsDeliveryLine(Entity):
    """salesorder/GoodsDeliveryLines. A line split over storage locations repeats its ``id``: add up."""

    id: Guid
    entry_id: Guid
    line_number: int = 0
    item: Guid | None = None
    item_code: Text = ""
    item_description: Text = ""
    description: Text = ""
    quantity_delivered: Number
    sales_order_line_id: Guid | None = None
    sales_order_number: int | None = None
    unit_code: Annotated[str, BeforeValidator(read_text)] = Field(default="", alias="Unitcode")


class GoodsDelivery(OfDivision):
    """salesorder/GoodsDeliveries."""

    entry_id: Guid
    delivery_number: int
    created: WallTime | None = None
    modified: WallTime | None = None
    delivery_date: WallTime | None = None
    delivery_account: Guid | None = None
    delivery_contact: Guid | None = None
    delivery_address: Guid | None = None
    shipping_method: Guid | None = None
    shipping_method_code: Text = ""
    warehouse_code: Text = ""
    tracking_number: Text = ""
    remarks: Annotated[str, BeforeValidator(lambda value: "" if value is None else value)] = ""
    """As it stands: it is read to be written back, so nothing is trimmed."""
    document: Guid | None = None
    goods_delivery_lines: Annotated[tuple[GoodsDeliveryLine, ...] | None, BeforeValidator(read_lines)] = None


class Account(OfDivision):
    """crm/Accounts."""

    id: Guid
    code: Text = ""
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    address_line1: Text = ""
    address_line2: Text = ""
    address_line3: Text = ""
    postcode: Text = ""
    city: Text = ""
    state: Text = ""
    country: Text = ""
    vat_number: Text = ""
    eori_number: Text = ""
    shipping_method: Guid | None = None


class Contact(OfDivision):
    """crm/Contacts."""

    id: Guid
    account: Guid | None = None
    full_name: Text = ""
    email: Text = ""
    business_email: Text = ""
    phone: Text = ""
    mobile: Text = ""
    business_phone: Text = ""
    business_mobile: Text = ""
    address_street: Text = ""
    address_street_number: Text = ""
    address_street_number_suffix: Text = ""
    postcode: Text = ""
    city: Text = ""
    country: Text = ""


class Address(OfDivision):
    """crm/Addresses. The house number stands inside the first line; there is no e-mail."""

    id: Guid
    account: Guid | None = None
    contact: Guid | None = None
    contact_name: Text = ""
    account_name: Text = ""
    type: int | None = None
    main: bool | None = None
    address_line1: Text = ""
    address_line2: Text = ""
    address_line3: Text = ""
    postcode: Text = ""
    city: Text = ""
    state: Text = ""
    country: Text = ""
    phone: Text = ""


class Item(WithFreeFields):
    """logistics/Items."""

    id: Guid
    code: Text = ""
    description: Text = ""
    barcode: Text = ""
    gross_weight: Number | None = None
    net_weight: Number | None = None
    net_weight_unit: Text = ""
    statistical_code: Text = ""
    unit: Text = ""
    is_stock_item: bool | None = None


class CatalogueItem(Item):
    """logistics/Items once more, with what tells whether the item is sold."""

    is_sales_item: bool | None = None
    end_date: WallTime | None = None


class ShippingMethod(Entity):
    """sales/ShippingMethods."""

    id: Guid
    code: Text = ""
    description: Text = ""
    active: bool | None = None


class Warehouse(Entity):
    """inventory/Warehouses."""

    id: Guid
    code: Text = ""
    description: Text = ""


class Document(Entity):
    """documents/Documents."""

    id: Guid
    subject: Text = ""


class DocumentAttachment(Entity):
    """documents/DocumentAttachments, without the file itself."""

    id: Guid
    document: Guid
    file_name: Text = ""


class ReachableDivision(Entity):
    """system/Divisions: one that the signed-in user may use and has granted to the app."""

    code: int
    hid: Text = ""
    description: Text = ""
    country: Text = ""
    currency: Text = ""
    status: int | None = None
    blocking_status: int | None = None
    division_move_date: WallTime | None = None


class Me(Entity):
    """current/Me."""

    user_id: Guid | None = None
    current_division: int
    server_time: WallTime | None = None
    server_utc_offset: int | None = None


class Change(Entity):
    """One row of a sync endpoint: which record changed and its row version."""

    timestamp: int
    id: Guid = ""
    parent: Guid
    """The record that it belongs to: OrderID or EntryID for lines and headers; the id itself for the rest."""
    order: SalesOrder | None = None
    """Number, states and date of the order, where the stream is that of orders."""
    delivery: GoodsDelivery | None = None
    """The delivery without its lines, where the stream is that of deliveries."""
    delivery_line: GoodsDeliveryLine | None = None
    """What it delivers of what, where the stream is that of delivery lines."""


class Deletion(Entity):
    """One row of sync/Deleted."""

    timestamp: int
    entity_key: Guid
    entity_type: int


class RowVersion(Entity):
    """read/sync/Sync/SyncTimestamp: the row version that a moment corresponds to."""

    time_stamp_as_big_int: int | None = None
