"""Exact's REST API as values: questions as calls, replies as models or an error. Pure: nothing is sent or decided here.

Each question names the vendor's page. What they have in common: Exact, knowledge base: "OData query options", "API limits",
"REST restrictions".
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
from exactsend.exact.odata import JsonObject, Row, field_names, guid, moment, text
from exactsend.http.messages import Call

MAX_URL_LENGTH = 6_000
"""Characters, as they go over the wire."""

ROOM_FOR_HOST = 200
"""Of these, what is kept free for scheme and host."""

MAX_OR_TERMS = 15
"""Terms of one ``or`` chain. Exact names no number; the framework behind it stops at 100 nodes of a filter."""


MISCELLANEOUS = 55
"""Documents.Type."""


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


def rows_with(
    endpoint: Endpoint[Row],
    division: int,
    field: str,
    literals: Sequence[str],
    *,
    also: str = "",
    extra_fields: Sequence[str] = (),
) -> Call:
    """The rows whose ``field`` is one of ``literals`` and for which ``also`` holds. Not longer than ``grouped`` says."""
    chain = " or ".join(f"{field} eq {literal}" for literal in literals)
    return listing(endpoint, division, f"({chain}) and {also}" if also else chain, extra_fields=extra_fields)


def grouped(literals: Iterable[str], asked: Callable[[Sequence[str]], Call]) -> Iterator[list[str]]:
    """The literals in as few groups as may be, each short enough for one call.

    Args:
        literals: what is asked for.
        asked: the call for a group of them.
    """
    chain: list[str] = []
    for literal in dict.fromkeys(literals):
        if chain and (len(chain) == MAX_OR_TERMS or _is_too_long(asked([*chain, literal]))):
            yield chain
            chain = []
        chain.append(literal)
    if chain:
        yield chain


def calls_with(
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
        return rows_with(endpoint, division, field, group, also=also, extra_fields=extra_fields)

    return map(asked, grouped(literals, asked))


def rows_in_range(
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


def number_ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Spans of numbers that one page holds, each with more of these numbers than one chain takes."""
    rest = sorted(set(numbers))
    while rest:
        near = [number for number in rest if number < rest[0] + PAGE_ROWS]
        if len(near) > MAX_OR_TERMS:
            yield near[0], near[-1]
            rest = rest[len(near) :]
        else:
            rest = rest[1:]


def count_in_one_call(numbers: Sequence[int]) -> int:
    """How many of these can be read in one call, from the first one on: a chain of them, or all that lie close together."""
    for place in range(MAX_OR_TERMS, len(numbers)):
        if max(numbers[: place + 1]) - min(numbers[: place + 1]) >= PAGE_ROWS:
            return place
    return len(numbers)


def _is_too_long(call: Call) -> bool:
    return len(call.target) > MAX_URL_LENGTH - ROOM_FOR_HOST


def query_for_no_rows(endpoint: Endpoint[Row], division: int, extra_fields: Sequence[str] = ()) -> Call:
    """The very question for rows, asked for one that no listing has: whether the listing answers at all, with all its fields."""
    return listing(endpoint, division, f"{endpoint.key} eq {guid(NO_RECORD)}", extra_fields=extra_fields)


def line_query_for_no_rows(path: str, division: int) -> Call | None:
    """The same for the listing of lines with this path; None where it is none."""
    match path:
        case SALES_ORDER_LINES.path:
            return query_for_no_rows(SALES_ORDER_LINES, division)
        case GOODS_DELIVERY_LINES.path:
            return query_for_no_rows(GOODS_DELIVERY_LINES, division)
        case _:
            return None


# Exact, knowledge base: OData query options
def access_check(endpoint: Endpoint[Row], division: int, key: str, extra_fields: Sequence[str] = ()) -> Call:
    """Whether a listing may be read, and has these fields: asks for a row that no listing has, so nothing is read."""
    query = {"$select": ",".join((key, *field_names(extra_fields))), "$filter": f"{key} eq {guid(NO_RECORD)}"}
    return Call("GET", f"/api/v1/{division}/{endpoint.path}", query, endpoint=endpoint.path, repeatable=True)


# Exact, knowledge base: OData query options
def count(endpoint: Endpoint[Row], division: int) -> Call:
    """How many rows a listing has. Some listings demand a filter: every row was created some day."""
    path = f"{endpoint.path}/$count"
    query = {"$filter": f"Created ge {moment(date(1900, 1, 1))}"}
    return Call(
        "GET", f"/api/v1/{division}/{path}", query, accept="text/plain", endpoint=path, repeatable=True
    )


# Exact, REST API reference: the Sync pages; knowledge base: API types
def rows_after(
    endpoint: Endpoint[Row], division: int, version: int, extra_fields: Sequence[str] = ()
) -> Call:
    """The rows past a row version, all past 1, a thousand in one call: the sync sync_path of a listing."""
    fields = (*endpoint.fields, *field_names(extra_fields))
    return _rows_after(division, sync_path(endpoint), tuple(dict.fromkeys(("Timestamp", *fields))), version)


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
    path, keys = STREAMS[stream]
    return _rows_after(division, path, ("Timestamp", *STREAM_COLUMNS.get(stream, keys)), after)


# Exact, knowledge base: OData query options; the pages of the listings
def changes_by_date(division: int, stream: Stream, since: datetime, until: datetime | None = None) -> Call:
    """Which rows were changed at or after a wall time: where the stream itself is refused, or has no known beginning.

    With ``until`` those that were changed before that.

    Raises:
        KeyError: its rows tell no date of change.
    """
    path, (_, keys) = LISTINGS_BY_DATE[stream], STREAMS[stream]
    query = {
        "$select": ",".join(STREAM_COLUMNS.get(stream, keys)),
        "$filter": f"Modified ge {moment(since)}" + (f" and Modified lt {moment(until)}" if until else ""),
    }
    return Call("GET", f"/api/v1/{division}/{path}", query, endpoint=path + BY_DATE, repeatable=True)


# Exact, REST API reference: SyncDeleted
def deletions(division: int, after: int) -> Call:
    """What was deleted past the row version ``after``."""
    return _rows_after(division, DELETED.path, DELETED.fields, after)


def _rows_after(division: int, path: str, fields: Sequence[str], after: int) -> Call:
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
