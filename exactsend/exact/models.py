"""Exact's records: the fields that are used, and no others. Mirrors the vendor; decides nothing.

Field names are Exact's own in snake case; ``exact_name`` converts them. A field's type says what happens if it is missing
(``fields``): most fields may be, evidence may not (S17).
Source: Exact, REST API reference (one page per entity). The reference has few lengths; those of addresses and orders come from
published clients (docs/exact.md).
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue

from exactsend.exact.fields import (
    Entity,
    Guid,
    NullableFlag,
    NullableGuid,
    NullableNumber,
    NullableText,
    NullableVerbatim,
    NullableWhole,
    Number,
    OptionalFlag,
    OptionalGuid,
    OptionalMoment,
    OptionalNumber,
    OptionalWhole,
    Text,
    Whole,
    read_lines,
    read_text,
)
from exactsend.http.json_values import AtMost

OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45
"""SalesOrders.Status."""
APPROVED = (1, 2)
"""SalesOrders.ApprovalStatus: approved by itself, approved by a person."""
VISIT, POSTAL, INVOICE, DELIVERY = 1, 2, 3, 4
"""Addresses.Type."""
DELETED_ORDER, DELETED_DELIVERY = 32, 16
"""sync/Deleted.EntityType."""


class Stream(StrEnum):
    """Exact's sync endpoints that are read for changes, by the names that SyncTimestamp has for them."""

    ORDERS = "SalesOrderHeaders"
    ORDER_LINES = "SalesOrderLines"
    DELIVERIES = "GoodsDeliveries"
    DELIVERY_LINES = "GoodsDeliveryLines"
    ACCOUNTS = "Accounts"
    CONTACTS = "Contacts"
    ADDRESSES = "Addresses"
    ITEMS = "Items"
    DELETED = "Deleted"


class DivisionRecord(Entity):
    """A record that has the code of its division. The reader compares it with the division of the call."""

    division: OptionalWhole = None


class ConfigurableRecord(DivisionRecord):
    """A record from which the configuration may name further fields, so all selected fields are kept."""

    model_config = ConfigDict(extra="allow")

    def text(self, field: str) -> str:
        """The trimmed text of a field, by Exact's name; empty if there is none."""
        for name, info in type(self).model_fields.items():
            if info.alias == field:
                return str(read_text(getattr(self, name)))
        extra: dict[str, JsonValue] = self.model_extra or {}
        return str(read_text(extra.get(field)))


class SalesOrderLine(Entity):
    """salesorder/SalesOrderLines."""

    parent_key: ClassVar[str] = "OrderID"

    id: Guid
    order_id: Guid
    item: OptionalGuid = None
    item_code: Text = ""
    item_description: Text = ""
    description: Text = ""
    quantity: Number
    quantity_delivered: NullableNumber
    unit_code: Text = ""
    net_price: OptionalNumber = None
    amount_dc: OptionalNumber = None
    amount_fc: OptionalNumber = None
    """The amount of the line after discount, without VAT, in the order's currency (AmountFC)."""
    use_drop_shipment: NullableFlag


class SalesOrder(ConfigurableRecord):
    """salesorder/SalesOrders."""

    own_key: ClassVar[str] = "OrderID"
    number_key: ClassVar[str] = "OrderNumber"
    noun: ClassVar[str] = "order"

    division: NullableWhole
    order_id: Guid
    order_number: Whole
    status: Whole
    approval_status: NullableWhole
    order_date: OptionalMoment = None
    created: OptionalMoment = None
    modified: OptionalMoment = None
    ordered_by: OptionalGuid = None
    ordered_by_contact_person: OptionalGuid = None
    deliver_to: OptionalGuid = None
    deliver_to_contact_person: OptionalGuid = None
    delivery_address: OptionalGuid = None
    shipping_method: OptionalGuid = None
    warehouse_code: Text = ""
    your_ref: Annotated[Text, AtMost(40)] = ""
    description: Annotated[Text, AtMost(60)] = ""
    remarks: Text = ""
    currency: Text = ""
    amount_dc: OptionalNumber = None
    amount_fc: OptionalNumber = None
    amount_fc_excl_vat: OptionalNumber = Field(default=None, alias="AmountFCExclVat")
    sales_order_lines: Annotated[tuple[SalesOrderLine, ...] | None, BeforeValidator(read_lines)] = None


class GoodsDeliveryLine(Entity):
    """salesorder/GoodsDeliveryLines. Parts of a line that is split over storage locations have the same ``id``."""

    parent_key: ClassVar[str] = "EntryID"

    id: Guid
    entry_id: Guid
    item: OptionalGuid = None
    item_code: Text = ""
    item_description: Text = ""
    description: Text = ""
    quantity_delivered: Number
    sales_order_line_id: OptionalGuid = None
    sales_order_number: OptionalWhole = None
    unit_code: Text = Field(default="", alias="Unitcode")


class GoodsDelivery(DivisionRecord):
    """salesorder/GoodsDeliveries."""

    own_key: ClassVar[str] = "EntryID"
    number_key: ClassVar[str] = "DeliveryNumber"
    noun: ClassVar[str] = "delivery"

    division: NullableWhole
    entry_id: Guid
    delivery_number: Whole
    created: OptionalMoment = None
    modified: OptionalMoment = None
    delivery_date: OptionalMoment = None
    delivery_account: OptionalGuid = None
    delivery_contact: OptionalGuid = None
    delivery_address: OptionalGuid = None
    shipping_method: OptionalGuid = None
    shipping_method_code: Text = ""
    warehouse_code: Text = ""
    tracking_number: NullableText
    remarks: NullableVerbatim
    document: NullableGuid
    goods_delivery_lines: Annotated[tuple[GoodsDeliveryLine, ...] | None, BeforeValidator(read_lines)] = None


class Account(DivisionRecord):
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
    shipping_method: OptionalGuid = None


class Contact(DivisionRecord):
    """crm/Contacts."""

    id: Guid
    account: OptionalGuid = None
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


class Address(DivisionRecord):
    """crm/Addresses. The house number is part of the first line; there is no e-mail address."""

    id: Guid
    account: OptionalGuid = None
    contact: OptionalGuid = None
    contact_name: Text = ""
    account_name: Annotated[Text, AtMost(50)] = ""
    type: OptionalWhole = None
    main: OptionalFlag = None
    address_line1: Annotated[Text, AtMost(80)] = ""
    address_line2: Annotated[Text, AtMost(80)] = ""
    address_line3: Annotated[Text, AtMost(80)] = ""
    postcode: Text = ""
    city: Annotated[Text, AtMost(30)] = ""
    state: Text = ""
    country: Text = ""
    phone: Text = ""


class Item(ConfigurableRecord):
    """logistics/Items."""

    id: Guid
    code: Text = ""
    description: Annotated[Text, AtMost(60)] = ""
    gross_weight: OptionalNumber = None
    net_weight: OptionalNumber = None
    net_weight_unit: Text = ""
    statistical_code: Text = ""
    unit: Text = ""
    is_stock_item: OptionalFlag = None


class CatalogueItem(Item):
    """logistics/Items, with the fields that show whether the item is sold."""

    is_sales_item: OptionalFlag = None
    end_date: OptionalMoment = None


class ShippingMethod(Entity):
    """sales/ShippingMethods."""

    id: Guid
    code: Text = ""
    description: Text = ""
    active: OptionalFlag = None


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
    """documents/DocumentAttachments, without the file."""

    parent_key: ClassVar[str] = "Document"

    id: Guid
    document: Guid
    file_name: Text = ""


class ReachableDivision(Entity):
    """system/Divisions: a division that the signed-in user may use and has granted to the app."""

    own_key: ClassVar[str] = "Code"

    code: Whole
    description: Text = ""
    country: Text = ""
    currency: Text = ""
    status: OptionalWhole = None
    blocking_status: OptionalWhole = None
    division_move_date: OptionalMoment = None


class Me(Entity):
    """current/Me."""

    user_id: OptionalGuid = None
    current_division: Whole
    server_time: OptionalMoment = None
    server_utc_offset: OptionalWhole = None


class Change(Entity):
    """One row of a sync endpoint: the record that changed, and its row version."""

    timestamp: Whole
    """The row version; 0 if it is unknown."""
    id: Guid = ""
    parent: Guid
    """The id of the order or delivery for its header and lines; otherwise the row's own id."""
    order: SalesOrder | None = None
    """In the stream of orders: the order's number, statuses and date. None if they can't be read."""
    delivery: GoodsDelivery | None = None
    """In the stream of deliveries: the delivery without its lines. None if it can't be read."""
    delivery_line: GoodsDeliveryLine | None = None
    """In the stream of delivery lines: the line. None if it can't be read."""


class Deletion(Entity):
    """One row of sync/Deleted."""

    own_key: ClassVar[str] = "EntityKey"

    timestamp: Whole
    entity_key: Guid
    entity_type: Whole


class RowVersion(Entity):
    """read/sync/Sync/SyncTimestamp: the row version for a time."""

    time_stamp_as_big_int: OptionalWhole = None
