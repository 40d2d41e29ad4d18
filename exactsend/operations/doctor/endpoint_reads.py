"""Minimal reads by which doctor tests whether Exact's endpoints answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exactsend.exact import wire
from exactsend.exact.models import Stream
from exactsend.exact.odata import Row
from exactsend.exact.wire import BY_DATE, Endpoint
from exactsend.operations.doctor.checks import CheckContext


@dataclass(frozen=True)
class EndpointRead:
    """An endpoint that runs read, and a minimal read of it."""

    endpoint: str
    read: Callable[[CheckContext], object]
    fallback: "EndpointRead | None" = None
    """What runs read when this is refused."""


def _rows(endpoint: Endpoint[Row], *, key: str = "ID") -> EndpointRead:
    return EndpointRead(endpoint.path, lambda context: context.exact.glimpse(endpoint, key=key))


def _count(endpoint: Endpoint[Row]) -> EndpointRead:
    return EndpointRead(f"{endpoint.path}/$count", lambda context: context.exact.count(endpoint))


def _stream(stream: Stream) -> EndpointRead:
    return EndpointRead(
        wire.stream_path(stream),
        lambda context: list(context.exact.changes(stream, after=_NO_SUCH_VERSION)),
        _by_date(stream),
    )


def _by_date(stream: Stream) -> EndpointRead | None:
    """What runs read when the stream is refused; None if its rows have no date of change."""
    listing = wire.listing_by_date(stream)
    if listing is None:
        return None
    return EndpointRead(
        f"{listing}{BY_DATE}",
        lambda context: list(
            context.exact.changes_by_date(stream, since=context.now.replace(tzinfo=None) + _AHEAD)
        ),
    )


_NO_SUCH_VERSION = 2**62
_AHEAD = timedelta(days=366)

ENDPOINT_READS: Mapping[str, tuple[EndpointRead, ...]] = {
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
        EndpointRead(
            wire.SYNC_TIMESTAMP.path,
            lambda context: context.exact.row_version_at(Stream.ORDERS, context.now.replace(tzinfo=None)),
        ),
        EndpointRead(
            wire.DELETED.path, lambda context: list(context.exact.deletions(after=_NO_SUCH_VERSION))
        ),
    ),
}
"""The endpoints that runs read, by the right they need."""

BY_ENDPOINT: Mapping[str, EndpointRead] = {
    either.endpoint: either
    for reads in ENDPOINT_READS.values()
    for endpoint_read in reads
    for either in (endpoint_read, endpoint_read.fallback)
    if either is not None
}
"""The same reads and their fallbacks, by endpoint."""
