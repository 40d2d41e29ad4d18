"""Reads Exact's replies as models, or raises an error. Pure."""

from datetime import datetime

from exactsend.exact.endpoints import STREAMS
from exactsend.exact.fields import guid_of
from exactsend.exact.models import Change, GoodsDelivery, GoodsDeliveryLine, Me, SalesOrder, Stream
from exactsend.exact.odata import Row, bad_row, read_one, read_row, values
from exactsend.http.json_values import whole
from exactsend.http.messages import BadRow, Json, JsonObject, Reply


def read_count(reply: Reply) -> int:
    """The number of rows."""
    try:
        return int(reply.body.decode("utf-8-sig"))
    except ValueError as cause:
        raise reply.unreadable("it has no number of rows") from cause


def read_changes(reply: Reply, stream: Stream, *, by_date: bool = False) -> tuple[list[Change], list[BadRow]]:
    """The changes on one page of a stream, and the rows that identify no record.

    ``by_date``: the page is of the stream's listing, which has no row versions. A row that lacks its row version but identifies
    its record is a change without details, so that the record is read.

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
    """One row of a stream. If its details can't be read, they are omitted; then the record is read."""
    if not isinstance(row, dict):
        return BadRow("", "a row", "is no object")
    _, keys = STREAMS[stream]
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
            order=_partial_record(SalesOrder, row) if stream is Stream.ORDERS else None,
            delivery=_partial_record(GoodsDelivery, row) if stream is Stream.DELIVERIES else None,
            delivery_line=_partial_record(GoodsDeliveryLine, row)
            if stream is Stream.DELIVERY_LINES
            else None,
        )
    wrong = [name for name, value in zip(keys, (own, parent), strict=False) if not value]
    wrong += ["Timestamp"] if timestamp is None else []
    why = f"has no usable {', '.join(wrong)}"
    if stream in {Stream.ORDERS, Stream.DELIVERIES}:
        return bad_row(SalesOrder if stream is Stream.ORDERS else GoodsDelivery, row, why)
    named = f"the row with {keys[0]} {own}" if own else f"a row of {stream}"
    return BadRow(own or "", named, why, parent=parent or "")


def _partial_record(model: type[Row], row: JsonObject) -> Row | None:
    found = read_row(model, row)
    return None if isinstance(found, BadRow) else found


def read_row_version(reply: Reply) -> int | None:
    """The row version; None if Exact has none: an empty list, null, or a row without a value.

    Raises:
        Unreadable: the response has another form, which proves nothing.
    """
    document = reply.json()
    inner = document.get("d", ...) if isinstance(document, dict) else document
    found = [] if inner in (None, {}, {"results": None}) else values(reply)
    versions = [whole(row.get("TimeStampAsBigInt")) for row in found if isinstance(row, dict)]
    return min((version for version in versions if version is not None and version > 0), default=None)


def read_user_right(reply: Reply) -> bool:
    """Whether the user has the right. Exact sends ``{"d": true}``; picqer/exact-php-client expects ``{"d": {"UserHasRights": true}}``."""
    match reply.json():
        case {"d": bool(has_it)} | {"d": {"UserHasRights": bool(has_it)}}:
            return has_it
    raise reply.unreadable("it is neither true nor false")


def read_wall_time(reply: Reply) -> datetime:
    """The time by Exact's own clock, without a zone."""
    now = read_one(reply, Me).server_time
    if now is None:
        raise reply.unreadable("ServerTime is missing")
    return now.replace(tzinfo=None)
