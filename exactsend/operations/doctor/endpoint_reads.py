"""Minimal reads by which doctor tests whether Exact's endpoints answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exactsend.exact import endpoints
from exactsend.exact.endpoints import BY_DATE, Endpoint
from exactsend.exact.models import Stream
from exactsend.exact.odata import Row
from exactsend.operations.doctor.checks import CheckContext


@dataclass(frozen=True)
class EndpointRead:
    """An endpoint that runs read, and a minimal read of it."""

    endpoint: str
    read: Callable[[CheckContext], object]
    fallback: "EndpointRead | None" = None
    """What runs read when this is refused."""


def _rows(endpoint: Endpoint[Row], *, key: str = "ID") -> EndpointRead:
    return EndpointRead(endpoint.path, lambda context: context.exact.require_access(endpoint, key=key))


def _count(endpoint: Endpoint[Row]) -> EndpointRead:
    return EndpointRead(f"{endpoint.path}/$count", lambda context: context.exact.count(endpoint))


def _stream(stream: Stream) -> EndpointRead:
    return EndpointRead(
        endpoints.stream_path(stream),
        lambda context: list(context.exact.changes(stream, after=_NO_SUCH_VERSION)),
        _by_date(stream),
    )


def _by_date(stream: Stream) -> EndpointRead | None:
    """What runs read when the stream is refused; None if its rows have no date of change."""
    listing = endpoints.listing_by_date(stream)
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
        _rows(endpoints.SALES_ORDERS, key="OrderID"),
        _rows(endpoints.SALES_ORDER_LINES),
        _rows(endpoints.SHIPPING_METHODS),
        _stream(Stream.ORDERS),
        _stream(Stream.ORDER_LINES),
        _rows(endpoints.BULK_ORDERS, key="OrderID"),
    ),
    "Logistics wms": (
        _rows(endpoints.GOODS_DELIVERIES, key="EntryID"),
        _rows(endpoints.GOODS_DELIVERY_LINES),
        _stream(Stream.DELIVERIES),
        _stream(Stream.DELIVERY_LINES),
    ),
    "Crm accounts": (
        _rows(endpoints.ACCOUNTS),
        _rows(endpoints.CONTACTS),
        _rows(endpoints.ADDRESSES),
        _stream(Stream.ACCOUNTS),
        _stream(Stream.CONTACTS),
        _stream(Stream.ADDRESSES),
        _count(endpoints.ACCOUNTS),
        _count(endpoints.CONTACTS),
        _count(endpoints.ADDRESSES),
    ),
    "Logistics items": (
        _rows(endpoints.ITEMS),
        _stream(Stream.ITEMS),
        _count(endpoints.ITEMS),
    ),
    "Logistics inventory": (_rows(endpoints.WAREHOUSES),),
    "Organization documents": (_rows(endpoints.DOCUMENTS), _rows(endpoints.DOCUMENT_ATTACHMENTS)),
    "Organization administration": (
        EndpointRead(
            endpoints.SYNC_TIMESTAMP.path,
            lambda context: context.exact.row_version_at(Stream.ORDERS, context.now.replace(tzinfo=None)),
        ),
        EndpointRead(
            endpoints.DELETED.path, lambda context: list(context.exact.deletions(after=_NO_SUCH_VERSION))
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
