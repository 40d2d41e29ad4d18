"""Reads Exact's replies as models, or raises an error. Pure."""

from datetime import datetime

from exactsend.exact.endpoints import STREAMS
from exactsend.exact.fields import guid_of
from exactsend.exact.models import Change, GoodsDelivery, GoodsDeliveryLine, Me, SalesOrder, Stream
from exactsend.exact.odata import JsonObject, Row, bad_row, read_one, read_row, values
from exactsend.http.json_values import whole
from exactsend.http.messages import BadRow, Json, Reply


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
