"""Exact's endpoints: their paths, the models of their rows, and the fields that are selected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic

from exactsend.exact.fields import Entity
from exactsend.exact.models import (
    Account,
    Address,
    CatalogueItem,
    Contact,
    Deletion,
    Document,
    DocumentAttachment,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    Me,
    ReachableDivision,
    RowVersion,
    SalesOrder,
    SalesOrderLine,
    ShippingMethod,
    Stream,
    Warehouse,
)
from exactsend.exact.odata import Row

PAGE_ROWS = 60
"""The number of rows on one page of a listing. Source: Exact, knowledge base, "API limits"."""


@dataclass(frozen=True)
class Endpoint(Generic[Row]):
    """One of Exact's endpoints: its path below the division, the model of its rows, and the lines that are expanded."""

    path: str
    model: type[Row]
    expand: Mapping[str, type[Entity]] = field(default_factory=dict)
    key: str = "ID"
    """The field that identifies a row."""
    without_lines: tuple[str, ...] = ()
    """Collections of the model that are not selected."""

    @property
    def identity(self) -> str:
        """The attribute of the model that identifies a row."""
        return next(name for name, info in self.model.model_fields.items() if info.alias == self.key)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The selected fields: exactly those that the models read."""
        lines = [f"{name}/{field}" for name, model in self.expand.items() for field in _fields_of(model)]
        nested = (*self.expand, *self.without_lines)
        return (*(field for field in _fields_of(self.model) if field not in nested), *lines)


def _fields_of(model: type[Entity]) -> list[str]:
    return [str(info.alias) for info in model.model_fields.values()]


SALES_ORDERS = Endpoint(
    "salesorder/SalesOrders", SalesOrder, {"SalesOrderLines": SalesOrderLine}, key="OrderID"
)

BULK_ORDERS = Endpoint(
    "bulk/SalesOrder/SalesOrders", SalesOrder, key="OrderID", without_lines=("SalesOrderLines",)
)
"""Lines are not expanded here, since the vendor's list of their fields lacks QuantityDelivered."""

SALES_ORDER_LINES = Endpoint("salesorder/SalesOrderLines", SalesOrderLine)

GOODS_DELIVERIES = Endpoint(
    "salesorder/GoodsDeliveries", GoodsDelivery, {"GoodsDeliveryLines": GoodsDeliveryLine}, key="EntryID"
)

GOODS_DELIVERY_LINES = Endpoint("salesorder/GoodsDeliveryLines", GoodsDeliveryLine)

ACCOUNTS = Endpoint("crm/Accounts", Account)

CONTACTS = Endpoint("crm/Contacts", Contact)

ADDRESSES = Endpoint("crm/Addresses", Address)

ITEMS = Endpoint("logistics/Items", Item)

CATALOGUE = Endpoint("logistics/Items", CatalogueItem)

SHIPPING_METHODS = Endpoint("sales/ShippingMethods", ShippingMethod)

WAREHOUSES = Endpoint("inventory/Warehouses", Warehouse)

DOCUMENTS = Endpoint("documents/Documents", Document)

DOCUMENT_ATTACHMENTS = Endpoint("documents/DocumentAttachments", DocumentAttachment)

DIVISIONS = Endpoint("system/Divisions", ReachableDivision)

ME = Endpoint("current/Me", Me)

SYNC_TIMESTAMP = Endpoint("read/sync/Sync/SyncTimestamp", RowVersion)

DELETED = Endpoint("sync/Deleted", Deletion)

USER_HAS_RIGHTS = "users/UserHasRights"

STREAMS: Mapping[Stream, tuple[str, tuple[str, ...]]] = {
    Stream.ORDERS: ("sync/SalesOrder/SalesOrderHeaders", ("OrderID",)),
    Stream.ORDER_LINES: ("sync/SalesOrder/SalesOrderLines", ("ID", "OrderID")),
    Stream.DELIVERIES: ("sync/SalesOrder/GoodsDeliveries", ("EntryID",)),
    Stream.DELIVERY_LINES: ("sync/SalesOrder/GoodsDeliveryLines", ("ID", "EntryID")),
    Stream.ACCOUNTS: ("sync/CRM/Accounts", ("ID",)),
    Stream.CONTACTS: ("sync/CRM/Contacts", ("ID",)),
    Stream.ADDRESSES: ("sync/CRM/Addresses", ("ID",)),
    Stream.ITEMS: ("sync/Logistics/Items", ("ID",)),
    Stream.DELETED: ("sync/Deleted", ("EntityKey",)),
}
"""The path of each stream, and the fields that identify the row (first) and the record that it belongs to (last)."""

SYNC_TIMESTAMP_KNOWS = frozenset(
    {Stream.ORDERS, Stream.ORDER_LINES, Stream.DELIVERIES, Stream.DELIVERY_LINES}
)
"""The streams that SyncTimestamp has row versions for; its response to other names is unknown.

Source: Exact, REST API reference, Sync/SyncTimestamp: the list under ``endPoint`` (read 2026-11-30).
"""

LISTINGS_BY_DATE: Mapping[Stream, str] = {
    Stream.ORDERS: "salesorder/SalesOrders",
    Stream.DELIVERIES: "salesorder/GoodsDeliveries",
    Stream.DELIVERY_LINES: "salesorder/GoodsDeliveryLines",
    Stream.ACCOUNTS: "crm/Accounts",
    Stream.CONTACTS: "crm/Contacts",
    Stream.ADDRESSES: "crm/Addresses",
    Stream.ITEMS: "logistics/Items",
}
"""The listings whose rows have the time of the last change. Order lines have none (Exact, REST API reference, SalesOrderLines)."""

_SYNC_PATHS: Mapping[str, str] = {
    "salesorder/SalesOrderLines": "sync/SalesOrder/SalesOrderLines",
    "crm/Accounts": "sync/CRM/Accounts",
    "crm/Contacts": "sync/CRM/Contacts",
    "crm/Addresses": "sync/CRM/Addresses",
    "logistics/Items": "sync/Logistics/Items",
}
"""The sync endpoints of listings, which return a thousand rows per call."""

ROWS_PER_SYNC_PAGE = 1_000

STREAM_COLUMNS: Mapping[Stream, tuple[str, ...]] = {
    Stream.ORDERS: ("OrderID", "Division", "OrderNumber", "Status", "ApprovalStatus", "OrderDate"),
    Stream.DELIVERIES: tuple(field for field in GOODS_DELIVERIES.fields if "/" not in field),
    Stream.DELIVERY_LINES: (
        *("ID", "EntryID", "SalesOrderLineID", "SalesOrderNumber"),
        *("Item", "Description", "QuantityDelivered", "Unitcode"),
    ),
}
"""The fields read with a change: enough to ignore irrelevant changes and those that we made ourselves."""


def has_sync_path(endpoint: Endpoint[Row]) -> bool:
    """Whether a listing has a sync endpoint."""
    return endpoint.path in _SYNC_PATHS


def sync_path(endpoint: Endpoint[Row]) -> str:
    """The path of a listing's sync endpoint."""
    return _SYNC_PATHS[endpoint.path]


def stream_path(stream: Stream) -> str:
    """The path of a stream below the division."""
    return STREAMS[stream][0]


def listing_by_date(stream: Stream) -> str | None:
    """The path of the listing that can be filtered by the time of the last change, instead of a stream; None if there is none."""
    return LISTINGS_BY_DATE.get(stream)


BY_DATE = "?Modified"
"""Added to a listing's name when it is filtered by the time of the last change, since only that may be refused."""
