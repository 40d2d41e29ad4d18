"""Builds the calls to Exact's REST API. Pure: sends nothing.

The comment above each function names the vendor's page. Sources for all of them: Exact, knowledge base: "OData query options",
"API limits", "REST restrictions".
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from exactsend.exact.endpoints import (
    BY_DATE,
    DELETED,
    DOCUMENT_ATTACHMENTS,
    DOCUMENTS,
    GOODS_DELIVERIES,
    GOODS_DELIVERY_LINES,
    LISTINGS_BY_DATE,
    ME,
    PAGE_ROWS,
    SALES_ORDER_LINES,
    SALES_ORDERS,
    STREAM_COLUMNS,
    STREAMS,
    SYNC_TIMESTAMP,
    SYNC_TIMESTAMP_KNOWS,
    USER_HAS_RIGHTS,
    Endpoint,
    sync_path,
)
from exactsend.exact.fields import NO_RECORD
from exactsend.exact.models import APPROVED, DELIVERY, VISIT, Stream
from exactsend.exact.odata import Row, field_names, guid, moment, text
from exactsend.http.messages import Call, JsonObject

MAX_URL_LENGTH = 6_000
"""Characters, as sent."""

ROOM_FOR_HOST = 200
"""The part of these that is reserved for scheme and host."""

MAX_OR_TERMS = 15
"""The most terms joined by ``or``. Exact documents no limit; the framework that it uses allows 100 nodes per filter."""

MISCELLANEOUS = 55
"""Documents.Type."""


def listing(
    endpoint: Endpoint[Row], division: int, where: str = "", *, extra_fields: Sequence[str] = ()
) -> Call:
    """The rows of an endpoint that match the filter ``where``. Exact, REST API reference: the endpoint's own page."""
    selected = dict.fromkeys((*endpoint.fields, *field_names(extra_fields)))
    query = {"$select": ",".join(selected), "$expand": ",".join(endpoint.expand), "$filter": where}
    return Call(
        "GET",
        f"/api/v1/{division}/{endpoint.path}",
        {name: value for name, value in query.items() if value},
        endpoint=endpoint.path,
        repeatable=True,
    )


def rows_with(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    literals: Sequence[str],
    *,
    also: str = "",
    extra_fields: Sequence[str] = (),
) -> Call:
    """The rows whose ``field`` is one of ``literals`` and that match ``also``. ``grouped`` limits the number of literals."""
    chain = " or ".join(f"{field} eq {literal}" for literal in literals)
    return listing(endpoint, division, f"({chain}) and {also}" if also else chain, extra_fields=extra_fields)


def grouped(literals: Iterable[str], call_for: Callable[[Sequence[str]], Call]) -> Iterator[list[str]]:
    """The literals in as few groups as possible, each short enough for one call.

    Args:
        literals: the literals to group.
        call_for: returns the call for a group.
    """
    group: list[str] = []
    for literal in dict.fromkeys(literals):
        if group and (len(group) == MAX_OR_TERMS or _is_too_long(call_for([*group, literal]))):
            yield group
            group = []
        group.append(literal)
    if group:
        yield group


def calls_with(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    literals: Iterable[str],
    *,
    also: str = "",
    extra_fields: Sequence[str] = (),
) -> Iterator[Call]:
    """The calls for the rows whose ``field`` is one of ``literals`` and that match ``also``: as few as possible."""

    def call_for(group: Sequence[str]) -> Call:
        return rows_with(endpoint, division, field, group, also=also, extra_fields=extra_fields)

    return map(call_for, grouped(literals, call_for))


def rows_in_range(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    number_range: tuple[int, int],
    *,
    extra_fields: Sequence[str] = (),
) -> Call:
    """The rows whose number is in a range. The call has its own name, since only it may be refused."""
    first, last = number_range
    call = listing(endpoint, division, f"{field} ge {first} and {field} le {last}", extra_fields=extra_fields)
    return replace(call, endpoint=f"{endpoint.path}?{field}")


def number_ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of numbers, each no larger than a page and with more of these numbers than ``MAX_OR_TERMS``."""
    rest = sorted(set(numbers))
    while rest:
        near = [number for number in rest if number < rest[0] + PAGE_ROWS]
        if len(near) > MAX_OR_TERMS:
            yield near[0], near[-1]
            rest = rest[len(near) :]
        else:
            rest = rest[1:]


def count_in_one_call(numbers: Sequence[int]) -> int:
    """How many of these numbers, counted from the first, one call can read: by ``or`` terms, or as a range of one page."""
    for place in range(MAX_OR_TERMS, len(numbers)):
        if max(numbers[: place + 1]) - min(numbers[: place + 1]) >= PAGE_ROWS:
            return place
    return len(numbers)


def _is_too_long(call: Call) -> bool:
    return len(call.target) > MAX_URL_LENGTH - ROOM_FOR_HOST


def query_for_no_rows(endpoint: Endpoint[Row], division: int, extra_fields: Sequence[str] = ()) -> Call:
    """The same query for a row that does not exist, to check that the endpoint responds to it, with all its fields."""
    return listing(endpoint, division, f"{endpoint.key} eq {guid(NO_RECORD)}", extra_fields=extra_fields)


def line_query_for_no_rows(path: str, division: int) -> Call | None:
    """The same for the listing of lines at this path; None if it is no listing of lines."""
    match path:
        case SALES_ORDER_LINES.path:
            return query_for_no_rows(SALES_ORDER_LINES, division)
        case GOODS_DELIVERY_LINES.path:
            return query_for_no_rows(GOODS_DELIVERY_LINES, division)
        case _:
            return None


# Exact, knowledge base: OData query options
def access_check(endpoint: Endpoint[Row], division: int, key: str, extra_fields: Sequence[str] = ()) -> Call:
    """Whether a listing may be read and has these fields. Queries a row that does not exist, so it reads nothing."""
    query = {"$select": ",".join((key, *field_names(extra_fields))), "$filter": f"{key} eq {guid(NO_RECORD)}"}
    return Call("GET", f"/api/v1/{division}/{endpoint.path}", query, endpoint=endpoint.path, repeatable=True)


# Exact, knowledge base: OData query options
def count(endpoint: Endpoint[Row], division: int) -> Call:
    """How many rows a listing has. Some listings require a filter, so this one matches every row."""
    path = f"{endpoint.path}/$count"
    query = {"$filter": f"Created ge {moment(date(1900, 1, 1))}"}
    return Call(
        "GET", f"/api/v1/{division}/{path}", query, accept="text/plain", endpoint=path, repeatable=True
    )


# Exact, REST API reference: the Sync pages; knowledge base: API types
def rows_after(
    endpoint: Endpoint[Row], division: int, version: int, extra_fields: Sequence[str] = ()
) -> Call:
    """The rows after a row version (after 1: all), a thousand per call, from the listing's sync endpoint."""
    fields = (*endpoint.fields, *field_names(extra_fields))
    return _rows_after(division, sync_path(endpoint), tuple(dict.fromkeys(("Timestamp", *fields))), version)


# Exact, REST API reference: SystemSystemMe
def me() -> Call:
    """Who is signed in, in which division, and the time there. The only call without a division."""
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
    """Orders of any age with one of ``statuses``: the simplest query, for when others are refused."""
    return listing(SALES_ORDERS, division, _any_status(statuses), extra_fields=extra_fields)


def _any_status(statuses: Sequence[int]) -> str:
    return "({})".format(" or ".join(f"Status eq {status}" for status in statuses))


# Exact, REST API reference: CRMAddresses
MAIN_ADDRESSES = f"Main eq true and (Type eq {DELIVERY} or Type eq {VISIT})"
"""The filter for main delivery and visiting addresses."""


# Exact, REST API reference: the Sync pages; knowledge base: API types
def changes(division: int, stream: Stream, after: int) -> Call:
    """The rows of a stream with a row version after ``after``."""
    path, keys = STREAMS[stream]
    return _rows_after(division, path, ("Timestamp", *STREAM_COLUMNS.get(stream, keys)), after)


# Exact, knowledge base: OData query options; the pages of the listings
def changes_by_date(division: int, stream: Stream, since: datetime, until: datetime | None = None) -> Call:
    """The rows that changed at or after a wall time (and before ``until``), for when the stream is refused or its start is unknown.

    Raises:
        KeyError: its rows do not have the time of the last change.
    """
    path, (_, keys) = LISTINGS_BY_DATE[stream], STREAMS[stream]
    query = {
        "$select": ",".join(STREAM_COLUMNS.get(stream, keys)),
        "$filter": f"Modified ge {moment(since)}" + (f" and Modified lt {moment(until)}" if until else ""),
    }
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path + BY_DATE, repeatable=True)


# Exact, REST API reference: SyncDeleted
def deletions(division: int, after: int) -> Call:
    """The records deleted after the row version ``after``."""
    return _rows_after(division, DELETED.path, DELETED.fields, after)


def _rows_after(division: int, path: str, fields: Sequence[str], after: int) -> Call:
    query = {"$select": ",".join(fields), "$filter": f"Timestamp gt {after}L"}
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path, repeatable=True)


# Exact, REST API reference: SyncSyncSyncTimestamp
def row_version_at(division: int, stream: Stream, at: datetime, *, unlisted: bool = False) -> Call:
    """The row version of the first row of a stream that was modified at or after a wall time.

    Args:
        division: the division's code.
        stream: the stream.
        at: the wall time.
        unlisted: allow streams that the vendor's page does not list. Only a probe does that.

    Raises:
        ValueError: the vendor's page does not list this stream.
    """
    if stream not in SYNC_TIMESTAMP_KNOWS and not unlisted:
        raise ValueError(f"SyncTimestamp has no row versions for {stream}")
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
    """Write these fields of a delivery. Writing them twice changes nothing, so it may be repeated."""
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
