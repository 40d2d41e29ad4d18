"""The questions by which doctor finds out whether Exact's endpoints answer: each brings next to nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exactsend.exact import wire
from exactsend.exact.models import Stream
from exactsend.exact.odata import Row
from exactsend.exact.wire import BY_DATE, Endpoint
from exactsend.operations.doctor.checks import CheckContext


@dataclass(frozen=True)
class Reading:
    """An endpoint that runs read, and a question to it that brings next to nothing."""

    endpoint: str
    ask: Callable[[CheckContext], object]
    instead: "Reading | None" = None
    """What runs ask where this is refused."""


def _rows(endpoint: Endpoint[Row], *, key: str = "ID") -> Reading:
    return Reading(endpoint.path, lambda case: case.exact.glimpse(endpoint, key=key))


def _count(endpoint: Endpoint[Row]) -> Reading:
    return Reading(f"{endpoint.path}/$count", lambda case: case.exact.count(endpoint))


def _stream(stream: Stream) -> Reading:
    return Reading(
        wire.stream_path(stream),
        lambda case: list(case.exact.changes(stream, after=_NO_SUCH_VERSION)),
        _by_date(stream),
    )


def _by_date(stream: Stream) -> Reading | None:
    """What runs ask where the stream is refused; None where its rows tell no date of change."""
    listing = wire.listing_by_date(stream)
    if listing is None:
        return None
    return Reading(
        f"{listing}{BY_DATE}",
        lambda case: list(case.exact.changes_by_date(stream, since=case.now.replace(tzinfo=None) + _AHEAD)),
    )


_NO_SUCH_VERSION = 2**62
_AHEAD = timedelta(days=366)

READINGS: Mapping[str, tuple[Reading, ...]] = {
    "Sales orders": (
        _rows(wire.SALES_ORDERS, key="OrderID"),
        _rows(wire.SALES_ORDER_LINES),
        _rows(wire.SHIPPING_METHODS),
        _stream(Stream.ORDERS),
        _stream(Stream.ORDER_LINES),
        _rows(wire.BULK_ORDERS, key="OrderID"),
    ),
    "Logistics wms": (
        _rows(wire.GOODS_DELIVERIES, key="EntryID"),
        _rows(wire.GOODS_DELIVERY_LINES),
        _stream(Stream.DELIVERIES),
        _stream(Stream.DELIVERY_LINES),
    ),
    "Crm accounts": (
        _rows(wire.ACCOUNTS),
        _rows(wire.CONTACTS),
        _rows(wire.ADDRESSES),
        _stream(Stream.ACCOUNTS),
        _stream(Stream.CONTACTS),
        _stream(Stream.ADDRESSES),
        _count(wire.ACCOUNTS),
        _count(wire.CONTACTS),
        _count(wire.ADDRESSES),
    ),
    "Logistics items": (
        _rows(wire.ITEMS),
        _stream(Stream.ITEMS),
        _count(wire.ITEMS),
    ),
    "Logistics inventory": (_rows(wire.WAREHOUSES),),
    "Organization documents": (_rows(wire.DOCUMENTS), _rows(wire.DOCUMENT_ATTACHMENTS)),
    "Organization administration": (
        Reading(
            wire.SYNC_TIMESTAMP.path,
            lambda case: case.exact.row_version_at(Stream.ORDERS, case.now.replace(tzinfo=None)),
        ),
        Reading(wire.DELETED.path, lambda case: list(case.exact.deletions(after=_NO_SUCH_VERSION))),
    ),
}
"""What each right lets runs read."""

ANY_TIME: Mapping[str, Reading] = {
    candidate.endpoint: candidate
    for readings in READINGS.values()
    for reading in readings
    for candidate in (reading, reading.instead)
    if candidate is not None
}
"""Every one of these questions, by its endpoint."""
