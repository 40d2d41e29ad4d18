"""The GET requests of a run to Exact, each for a few rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from exactsend.domain.policy import Policy
from exactsend.engine.gather.details import item_fields, order_fields
from exactsend.exact import endpoints, odata, replies, wire
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.fields import NO_RECORD, guid_of
from exactsend.exact.models import OPEN, Change, Deletion, RowVersion, Stream
from exactsend.exact.odata import Row
from exactsend.http.messages import Call, Json
from exactsend.operations.shapes.expected_fields import fields_of
from exactsend.operations.shapes.reader import ROWS_CHANGED_WITHIN, ROWS_OF_LISTING, Reader

CHANGES_WITHIN = timedelta(days=30)
"""How long ago the oldest requested changes of a stream are. It is short: streams return up to a thousand rows a page."""

_STREAMS: Mapping[Stream, Endpoint[Any]] = {
    Stream.ORDERS: endpoints.SALES_ORDERS,
    Stream.ORDER_LINES: endpoints.SALES_ORDER_LINES,
    Stream.DELIVERIES: endpoints.GOODS_DELIVERIES,
    Stream.DELIVERY_LINES: endpoints.GOODS_DELIVERY_LINES,
    Stream.ACCOUNTS: endpoints.ACCOUNTS,
    Stream.CONTACTS: endpoints.CONTACTS,
    Stream.ADDRESSES: endpoints.ADDRESSES,
    Stream.ITEMS: endpoints.ITEMS,
}
"""The endpoint whose model reads the rows of a stream."""


def read_exact(reader: Reader, division: int, policy: Policy, now: datetime) -> None:
    """Send Exact every GET request that a run makes."""
    requests = _ExactRequests(reader, division, now.replace(tzinfo=None))
    requests.rows(endpoints.ME, wire.me())
    requests.rows(endpoints.DIVISIONS, wire.listing(endpoints.DIVISIONS, division, f"Code eq {division}"))
    reader.ask(
        endpoints.USER_HAS_RIGHTS,
        wire.user_has_right(division, endpoints.GOODS_DELIVERIES.path, "GET"),
        replies.read_user_right,
    )
    requests.streams()
    bulk = wire.orders_since(
        endpoints.BULK_ORDERS,
        division,
        (now - ROWS_CHANGED_WITHIN).date(),
        [OPEN],
        order_fields(policy),
    )
    requests.rows(endpoints.BULK_ORDERS, bulk)
    orders = requests.recent(endpoints.SALES_ORDERS, order_fields(policy))
    requests.of_parents(endpoints.SALES_ORDER_LINES, "OrderID", _ids(orders, "OrderID"))
    deliveries = requests.recent(endpoints.GOODS_DELIVERIES)
    requests.of_parents(endpoints.GOODS_DELIVERY_LINES, "EntryID", _ids(deliveries, "EntryID"))
    parties: tuple[Endpoint[Any], ...] = (
        endpoints.ACCOUNTS,
        endpoints.CONTACTS,
        endpoints.ADDRESSES,
    )
    for listing in parties:
        requests.recent(listing)
        requests.count(listing)
    requests.recent(endpoints.ITEMS, item_fields(policy))
    requests.count(endpoints.ITEMS)
    settings: tuple[Endpoint[Any], ...] = (endpoints.SHIPPING_METHODS, endpoints.WAREHOUSES)
    for whole in settings:
        requests.rows(whole, _limited(wire.listing(whole, division)))
    documents = _ids(deliveries, "Document")
    requests.of_parents(endpoints.DOCUMENTS, "ID", documents)
    requests.of_parents(endpoints.DOCUMENT_ATTACHMENTS, "Document", documents)


@dataclass(frozen=True)
class _ExactRequests:
    """The kinds of requests to Exact."""

    reader: Reader
    division: int
    now: datetime
    """Wall time."""

    def rows(self, endpoint: Endpoint[Row], call: Call) -> list[Json]:
        return self.reader.rows(endpoint.path, call, endpoint.model, odata.values)

    def recent(self, endpoint: Endpoint[Row], extra_fields: Sequence[str] = ()) -> list[Json]:
        where = f"Modified ge {odata.moment(self.now - ROWS_CHANGED_WITHIN)}"
        return self.rows(
            endpoint, _limited(wire.listing(endpoint, self.division, where, extra_fields=extra_fields))
        )

    def of_parents(self, endpoint: Endpoint[Row], field: str, ids: Sequence[str]) -> None:
        """The rows of some records, as a run requests them; without records, the request is sent for an id that does not exist."""
        some = [odata.guid(key) for key in ids[:ROWS_OF_LISTING]] or [odata.guid(NO_RECORD)]
        self.rows(endpoint, wire.rows_with(endpoint, self.division, field, some))

    def count(self, endpoint: Endpoint[Row]) -> None:
        call = wire.count(endpoint, self.division)
        self.reader.ask(f"{endpoint.path}/$count", call, replies.read_count)

    def streams(self) -> None:
        """Each stream, from the row version of a month ago if Exact returns one."""
        since = wire.row_version_at(self.division, Stream.ORDERS, self.now - CHANGES_WITHIN)
        first = self.rows(endpoints.SYNC_TIMESTAMP, since)
        versions = [
            RowVersion.model_validate(value).time_stamp_as_big_int
            for value in first
            if isinstance(value, dict)
        ]
        after = max(1, (versions[0] or 2) - 1) if versions else 1
        extra = {"Timestamp": fields_of(Change)["Timestamp"]}
        for stream, endpoint in _STREAMS.items():
            is_read_whole = endpoints.has_sync_path(endpoint)
            call = (
                wire.rows_after(endpoint, self.division, after)
                if is_read_whole
                else wire.changes(self.division, stream, after)
            )
            self.reader.rows(endpoints.stream_path(stream), call, endpoint.model, odata.values, extra)
        self.reader.rows(endpoints.DELETED.path, wire.deletions(self.division, after), Deletion, odata.values)


def _limited(call: Call) -> Call:
    return replace(call, query={**call.query, "$top": str(ROWS_OF_LISTING)})


def _ids(rows: Iterable[Json], name: str) -> list[str]:
    found = [guid_of(row.get(name)) for row in rows if isinstance(row, dict)]
    return [key for key in dict.fromkeys(found) if key and key != NO_RECORD]
