"""Exact's REST API as values: questions as calls, replies as models or an error. Pure: nothing is sent or decided here.

Each question names the vendor's page. What they have in common: Exact, knowledge base: "OData query options", "API limits",
"REST restrictions".
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Generic

from exactsend.exact.fields import Entity, guid_of
from exactsend.exact.models import (
    APPROVED,
    DELIVERY,
    VISIT,
    Account,
    Address,
    CatalogueItem,
    Change,
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
from exactsend.exact.odata import (
    JsonObject,
    Row,
    bad_row,
    field_names,
    guid,
    moment,
    read_one,
    read_row,
    text,
    values,
)
from exactsend.http.json_values import whole
from exactsend.http.messages import BadRow, Call, Json, Reply

LONGEST_URL = 6_000
"""Characters, as they go over the wire."""
ROOM_FOR_HOST = 200
"""Of these, what is kept free for scheme and host."""
LONGEST_CHAIN = 15
"""Terms of one ``or`` chain. Exact names no number; the framework behind it stops at 100 nodes of a filter."""
PAGE = 60
"""Rows of one page of a listing. Source: Exact, knowledge base, "API limits"."""
NOBODY = "00000000-0000-0000-0000-000000000000"
"""A key that no record has."""
MISCELLANEOUS = 55
"""Documents.Type."""


@dataclass(frozen=True)
class Endpoint(Generic[Row]):
    """One of Exact's listings: its path below the division, what a row reads as, and which lines come with it."""

    path: str
    model: type[Row]
    expand: Mapping[str, type[Entity]] = field(default_factory=dict)
    key: str = "ID"
    """The field that names a row."""
    lines_apart: tuple[str, ...] = ()
    """Collections of the model that are not asked for here."""

    @property
    def identity(self) -> str:
        """The attribute of the model that names a row."""
        return next(name for name, info in self.model.model_fields.items() if info.alias == self.key)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """What is selected: the fields that the models read and no others."""
        lines = [f"{name}/{field}" for name, model in self.expand.items() for field in _fields_of(model)]
        nested = (*self.expand, *self.lines_apart)
        return (*(field for field in _fields_of(self.model) if field not in nested), *lines)


def _fields_of(model: type[Entity]) -> list[str]:
    return [str(info.alias) for info in model.model_fields.values()]


SALES_ORDERS = Endpoint(
    "salesorder/SalesOrders", SalesOrder, {"SalesOrderLines": SalesOrderLine}, key="OrderID"
)
BULK_ORDERS = Endpoint(
    "bulk/SalesOrder/SalesOrders", SalesOrder, key="OrderID", lines_apart=("SalesOrderLines",)
)
"""Lines can be expanded here, but the vendor's list of their fields lacks QuantityDelivered."""
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


_STREAMS: Mapping[Stream, tuple[str, tuple[str, ...]]] = {
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
"""Where each stream is read, and which fields name the row (first) and the record that it belongs to (last)."""


SYNC_TIMESTAMP_KNOWS = frozenset(
    {Stream.ORDERS, Stream.ORDER_LINES, Stream.DELIVERIES, Stream.DELIVERY_LINES}
)
"""The streams whose beginning can be asked for; what it answers to other names is not known.

Source: Exact, REST API reference, Sync/SyncTimestamp: the list under ``endPoint`` (read 2026-11-30).
"""
_BY_DATE: Mapping[Stream, str] = {
    Stream.ORDERS: "salesorder/SalesOrders",
    Stream.DELIVERIES: "salesorder/GoodsDeliveries",
    Stream.DELIVERY_LINES: "salesorder/GoodsDeliveryLines",
    Stream.ACCOUNTS: "crm/Accounts",
    Stream.CONTACTS: "crm/Contacts",
    Stream.ADDRESSES: "crm/Addresses",
    Stream.ITEMS: "logistics/Items",
}
"""The listings that tell the date on which a row was changed. Lines of orders have none (Exact, REST API reference, SalesOrderLines)."""

_TWINS: Mapping[str, str] = {
    "salesorder/SalesOrderLines": "sync/SalesOrder/SalesOrderLines",
    "crm/Accounts": "sync/CRM/Accounts",
    "crm/Contacts": "sync/CRM/Contacts",
    "crm/Addresses": "sync/CRM/Addresses",
    "logistics/Items": "sync/Logistics/Items",
}
"""Listings that can also be read whole, a thousand rows in one call."""
ROWS_OF_A_TWIN = 1_000

_READ_ALONG: Mapping[Stream, tuple[str, ...]] = {
    Stream.ORDERS: ("OrderID", "Division", "OrderNumber", "Status", "ApprovalStatus", "OrderDate"),
    Stream.DELIVERIES: tuple(field for field in GOODS_DELIVERIES.fields if "/" not in field),
    Stream.DELIVERY_LINES: (
        *("ID", "EntryID", "SalesOrderLineID", "SalesOrderNumber"),
        *("Item", "Description", "QuantityDelivered", "Unitcode"),
    ),
}
"""What is read with a change: enough to pass over what is none of our business, and the echo of our own writing."""

# Asking


def listing(
    endpoint: Endpoint[Row], division: int, where: str = "", *, extra_fields: Sequence[str] = ()
) -> Call:
    """The rows of an endpoint for which ``where`` holds. Exact, REST API reference: the endpoint's own page."""
    selected = dict.fromkeys((*endpoint.fields, *field_names(extra_fields)))
    query = {"$select": ",".join(selected), "$expand": ",".join(endpoint.expand), "$filter": where}
    return Call(
        "GET",
        f"/api/v1/{division}/{endpoint.path}",
        {name: value for name, value in query.items() if value},
        endpoint=endpoint.path,
        repeatable=True,
    )


def any_of(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    literals: Sequence[str],
    *,
    also: str = "",
    extra_fields: Sequence[str] = (),
) -> Call:
    """The rows whose ``field`` is one of ``literals`` and for which ``also`` holds. Not longer than ``chains`` says."""
    chain = " or ".join(f"{field} eq {literal}" for literal in literals)
    return listing(endpoint, division, f"({chain}) and {also}" if also else chain, extra_fields=extra_fields)


def chains(literals: Iterable[str], asked: Callable[[Sequence[str]], Call]) -> Iterator[list[str]]:
    """The literals in as few groups as may be, each short enough for one call.

    Args:
        literals: what is asked for.
        asked: the call for a group of them.
    """
    chain: list[str] = []
    for literal in dict.fromkeys(literals):
        if chain and (len(chain) == LONGEST_CHAIN or _is_too_long(asked([*chain, literal]))):
            yield chain
            chain = []
        chain.append(literal)
    if chain:
        yield chain


def chained(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    literals: Iterable[str],
    *,
    also: str = "",
    extra_fields: Sequence[str] = (),
) -> Iterator[Call]:
    """The rows whose ``field`` is one of ``literals`` and for which ``also`` holds, in as few calls as may be."""

    def asked(group: Sequence[str]) -> Call:
        return any_of(endpoint, division, field, group, also=also, extra_fields=extra_fields)

    return map(asked, chains(literals, asked))


def between(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    span: tuple[int, int],
    *,
    extra_fields: Sequence[str] = (),
) -> Call:
    """The rows whose number lies within a span. Has a name of its own: it may be refused although the listing is not."""
    where = f"{field} ge {span[0]} and {field} le {span[1]}"
    asked = listing(endpoint, division, where, extra_fields=extra_fields)
    return replace(asked, endpoint=f"{endpoint.path}?{field}")


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Spans of numbers that one page holds, each with more of these numbers than one chain takes."""
    rest = sorted(set(numbers))
    while rest:
        near = [number for number in rest if number < rest[0] + PAGE]
        if len(near) > LONGEST_CHAIN:
            yield near[0], near[-1]
            rest = rest[len(near) :]
        else:
            rest = rest[1:]


def in_one_call(numbers: Sequence[int]) -> int:
    """How many of these can be read in one call, from the first one on: a chain of them, or all that lie close together."""
    for place in range(LONGEST_CHAIN, len(numbers)):
        if max(numbers[: place + 1]) - min(numbers[: place + 1]) >= PAGE:
            return place
    return len(numbers)


def _is_too_long(call: Call) -> bool:
    return len(call.target) > LONGEST_URL - ROOM_FOR_HOST


def nobody(endpoint: Endpoint[Row], division: int, extra_fields: Sequence[str] = ()) -> Call:
    """The very question for rows, asked for one that no listing has: whether the listing answers at all, with all its fields."""
    return listing(endpoint, division, f"{endpoint.key} eq {guid(NOBODY)}", extra_fields=extra_fields)


def no_lines(path: str, division: int) -> Call | None:
    """The same for the listing of lines with this path; None where it is none."""
    match path:
        case SALES_ORDER_LINES.path:
            return nobody(SALES_ORDER_LINES, division)
        case GOODS_DELIVERY_LINES.path:
            return nobody(GOODS_DELIVERY_LINES, division)
        case _:
            return None


# Exact, knowledge base: OData query options
def glimpse(endpoint: Endpoint[Row], division: int, key: str, extra_fields: Sequence[str] = ()) -> Call:
    """Whether a listing may be read, and has these fields: asks for a row that no listing has, so nothing is read."""
    query = {"$select": ",".join((key, *field_names(extra_fields))), "$filter": f"{key} eq {guid(NOBODY)}"}
    return Call("GET", f"/api/v1/{division}/{endpoint.path}", query, endpoint=endpoint.path, repeatable=True)


# Exact, knowledge base: OData query options
def count(endpoint: Endpoint[Row], division: int) -> Call:
    """How many rows a listing has. Some listings demand a filter: every row was created some day."""
    path = f"{endpoint.path}/$count"
    query = {"$filter": f"Created ge {moment(date(1900, 1, 1))}"}
    return Call(
        "GET", f"/api/v1/{division}/{path}", query, accept="text/plain", endpoint=path, repeatable=True
    )


def has_twin(endpoint: Endpoint[Row]) -> bool:
    """Whether a listing can be read whole."""
    return endpoint.path in _TWINS


def twin(endpoint: Endpoint[Row]) -> str:
    """The path under which a listing can be read whole."""
    return _TWINS[endpoint.path]


# Exact, REST API reference: the Sync pages; knowledge base: API types
def rows_past(endpoint: Endpoint[Row], division: int, version: int, extra_fields: Sequence[str] = ()) -> Call:
    """The rows past a row version, all past 1, a thousand in one call: the sync twin of a listing."""
    fields = (*endpoint.fields, *field_names(extra_fields))
    return _past(division, _TWINS[endpoint.path], tuple(dict.fromkeys(("Timestamp", *fields))), version)


# Exact, REST API reference: SystemSystemMe
def me() -> Call:
    """Who is signed in, where, and what time it is there: the one question without a division."""
    return Call(
        "GET",
        f"/api/v1/{ME.path}",
        {"$select": ",".join(ME.fields)},
        endpoint=ME.path,
        repeatable=True,
    )


# Exact, REST API reference: BulkSalesOrderSalesOrders, SalesOrderSalesOrders
def orders_since(
    endpoint: Endpoint[Row],
    division: int,
    first_day: date,
    statuses: Sequence[int],
    extra_fields: Sequence[str] = (),
) -> Call:
    """Approved orders dated ``first_day`` or later with one of ``statuses``."""
    approved = " or ".join(f"ApprovalStatus eq {status}" for status in APPROVED)
    where = f"OrderDate ge {moment(first_day)} and {_any_status(statuses)} and ({approved})"
    return listing(endpoint, division, where, extra_fields=extra_fields)


# Exact, REST API reference: SalesOrderSalesOrders
def orders_with_status(division: int, statuses: Sequence[int], extra_fields: Sequence[str] = ()) -> Call:
    """Orders of whatever age with one of ``statuses``: the plainest question, where others are refused."""
    return listing(SALES_ORDERS, division, _any_status(statuses), extra_fields=extra_fields)


def _any_status(statuses: Sequence[int]) -> str:
    return "({})".format(" or ".join(f"Status eq {status}" for status in statuses))


# Exact, REST API reference: CRMAddresses
MAIN_ADDRESSES = f"Main eq true and (Type eq {DELIVERY} or Type eq {VISIT})"
"""The filter for main delivery and visiting addresses."""


# Exact, REST API reference: the Sync pages; knowledge base: API types
def changes(division: int, stream: Stream, after: int) -> Call:
    """Which rows of a stream have a row version past ``after``."""
    path, keys = _STREAMS[stream]
    return _past(division, path, ("Timestamp", *_READ_ALONG.get(stream, keys)), after)


# Exact, knowledge base: OData query options; the pages of the listings
def changes_by_date(division: int, stream: Stream, since: datetime, until: datetime | None = None) -> Call:
    """Which rows were changed at or after a wall time: where the stream itself is refused, or has no known beginning.

    With ``until`` those that were changed before that.

    Raises:
        KeyError: its rows tell no date of change.
    """
    path, (_, keys) = _BY_DATE[stream], _STREAMS[stream]
    query = {
        "$select": ",".join(_READ_ALONG.get(stream, keys)),
        "$filter": f"Modified ge {moment(since)}" + (f" and Modified lt {moment(until)}" if until else ""),
    }
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path + BY_DATE, repeatable=True)


def stream_path(stream: Stream) -> str:
    """The path below the division under which a stream is read."""
    return _STREAMS[stream][0]


def listing_by_date(stream: Stream) -> str | None:
    """The path of the listing in which a stream's changes are found by their date; None where it tells none."""
    return _BY_DATE.get(stream)


BY_DATE = "?Modified"
"""What the name of a listing bears where it is filtered by the date of change: that may be refused although the listing is not."""


# Exact, REST API reference: SyncDeleted
def deletions(division: int, after: int) -> Call:
    """What was deleted past the row version ``after``."""
    return _past(division, DELETED.path, DELETED.fields, after)


def _past(division: int, path: str, fields: Sequence[str], after: int) -> Call:
    query = {"$select": ",".join(fields), "$filter": f"Timestamp gt {after}L"}
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path, repeatable=True)


# Exact, REST API reference: SyncSyncSyncTimestamp
def row_version_at(division: int, stream: Stream, at: datetime, *, unlisted: bool = False) -> Call:
    """The row version of the first row of a stream that was modified at or after a wall time.

    Args:
        division: where.
        stream: of which stream.
        at: since when.
        unlisted: ask although the vendor's page does not list this stream. Only a probe does.

    Raises:
        ValueError: the vendor's page does not list this stream.
    """
    if stream not in SYNC_TIMESTAMP_KNOWS and not unlisted:
        raise ValueError(f"SyncTimestamp does not know {stream}")
    path = SYNC_TIMESTAMP.path
    query = {"modified": moment(at), "endPoint": text(stream)}
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path, repeatable=True)


# Exact, REST API reference: UsersUserHasRights; knowledge base: "Tips and Tricks", "Check rights before use" (read 2026-11-30)
def user_has_right(division: int, endpoint: str, action: str) -> Call:
    """Whether the user who signed in has the right to GET, POST, PUT or DELETE at an endpoint, named ``service/Endpoint``."""
    query = {"endpoint": text(endpoint), "action": text(action)}
    path = USER_HAS_RIGHTS
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path, repeatable=True)


# Exact, REST API reference: SalesOrderGoodsDeliveries
def update_delivery(division: int, delivery: str, changes: JsonObject) -> Call:
    """Write these fields of a delivery. The same values twice change nothing, so it may be repeated."""
    path = GOODS_DELIVERIES.path
    return Call(
        "PUT", f"/api/v1/{division}/{path}({guid(delivery)})", body=changes, endpoint=path, repeatable=True
    )


# Exact, REST API reference: DocumentsDocuments
def create_document(division: int, subject: str, account: str | None, order_number: int | None) -> Call:
    """A new document. Not idempotent."""
    body: JsonObject = {"Subject": subject, "Type": MISCELLANEOUS}
    if account is not None:
        body["Account"] = account
    if order_number is not None:
        body["SalesOrderNumber"] = order_number
    return Call("POST", f"/api/v1/{division}/{DOCUMENTS.path}", body=body, endpoint=DOCUMENTS.path)


# Exact, REST API reference: DocumentsDocumentAttachments
def attach(division: int, document: str, file_name: str, content: bytes) -> Call:
    """Attach a file to a document. Not idempotent."""
    path = DOCUMENT_ATTACHMENTS.path
    encoded = base64.b64encode(content).decode("ascii")
    body: JsonObject = {"Document": document, "FileName": file_name, "Attachment": encoded}
    return Call("POST", f"/api/v1/{division}/{path}", body=body, endpoint=path)


# Reading


def read_count(reply: Reply) -> int:
    """The number of rows."""
    try:
        return int(reply.body.decode("utf-8-sig"))
    except ValueError as cause:
        raise reply.unreadable("its count is no number") from cause


def read_changes(reply: Reply, stream: Stream, *, by_date: bool = False) -> tuple[list[Change], list[BadRow]]:
    """The changes of one page of a stream, or of its listing ``by_date``, which has no row versions; and the rows that name no record.

    A row without a row version is a change all the same if it says what record it belongs to: that is read whole.

    Raises:
        Unreadable: it is no list of rows.
    """
    found: list[Change] = []
    nameless: list[BadRow] = []
    for row in values(reply):
        versioned = {**row, "Timestamp": 0} if by_date and isinstance(row, dict) else row
        match _read_change(versioned, stream):
            case BadRow(parent="") as unread:
                nameless.append(unread)
            case BadRow(parent=parent):
                found.append(Change(timestamp=0, parent=parent))
            case change:
                found.append(change)
    return found, nameless


def _read_change(row: Json, stream: Stream) -> Change | BadRow:
    """One row of a stream. What is read along with it is left out where it can't be read: then its record is read whole."""
    if not isinstance(row, dict):
        return BadRow("", "a row", "is no object")
    _, keys = _STREAMS[stream]
    timestamp, own, parent = (
        whole(row.get("Timestamp")),
        guid_of(row.get(keys[0])),
        guid_of(row.get(keys[-1])),
    )
    if timestamp is not None and own and parent:
        return Change(
            timestamp=timestamp,
            id=own,
            parent=parent,
            order=_along(SalesOrder, row) if stream is Stream.ORDERS else None,
            delivery=_along(GoodsDelivery, row) if stream is Stream.DELIVERIES else None,
            delivery_line=_along(GoodsDeliveryLine, row) if stream is Stream.DELIVERY_LINES else None,
        )
    wrong = [name for name, value in zip(keys, (own, parent), strict=False) if not value]
    wrong += ["Timestamp"] if timestamp is None else []
    why = f"has no usable {', '.join(wrong)}"
    if stream in {Stream.ORDERS, Stream.DELIVERIES}:
        return bad_row(SalesOrder if stream is Stream.ORDERS else GoodsDelivery, row, why)
    named = f"the row with {keys[0]} {own}" if own else f"a row of {stream}"
    return BadRow(own or "", named, why, parent=parent or "")


def _along(model: type[Row], row: JsonObject) -> Row | None:
    found = read_row(model, row)
    return None if isinstance(found, BadRow) else found


def read_row_version(reply: Reply) -> int | None:
    """The row version; None where Exact names none: an empty list, null, or a row without a value.

    Raises:
        Unreadable: it is something else, so nothing is known of row versions.
    """
    document = reply.json()
    inner = document.get("d", ...) if isinstance(document, dict) else document
    found = [] if inner in (None, {}, {"results": None}) else values(reply)
    versions = [whole(row.get("TimeStampAsBigInt")) for row in found if isinstance(row, dict)]
    return min((version for version in versions if version is not None and version > 0), default=None)


def read_has_right(reply: Reply) -> bool:
    """Whether the user has the right: seen as ``{"d": true}``, and read by picqer/exact-php-client as ``{"d": {"UserHasRights": true}}``."""
    match reply.json():
        case {"d": bool(has_it)} | {"d": {"UserHasRights": bool(has_it)}}:
            return has_it
    raise reply.unreadable("it says neither true nor false")


def read_wall_time(reply: Reply) -> datetime:
    """Exact's own clock, without a zone."""
    now = read_one(reply, Me).server_time
    if now is None:
        raise reply.unreadable("ServerTime is missing")
    return now.replace(tzinfo=None)
