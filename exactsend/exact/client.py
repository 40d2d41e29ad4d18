"""One Exact division: what is read from it and written to it, over a transport.

``wire`` builds the calls, and ``replies`` reads the responses. Orders and deliveries always have their lines: lines that did
not come with them are read separately, or the query fails.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from exactsend.errors import ApiError
from exactsend.exact import endpoints, odata, replies, wire
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.line_reader import LineReader
from exactsend.exact.models import (
    Account,
    Address,
    CatalogueItem,
    Change,
    Contact,
    Deletion,
    Document,
    DocumentAttachment,
    GoodsDelivery,
    Item,
    Me,
    ReachableDivision,
    SalesOrder,
    ShippingMethod,
    Stream,
    Warehouse,
)
from exactsend.exact.odata import Row
from exactsend.exact.page_reader import PageReader
from exactsend.exact.query_results import OrdersBy, ReadRows, UnreadableRow
from exactsend.exact.refused_groups import SEVERAL
from exactsend.exact.row_reader import KeyQuery, KnownNumbers, RowReader
from exactsend.exact.sync_reader import SyncReader
from exactsend.http.messages import Call, Reply, Sender, walk

_NO_NUMBERS: Mapping[str, int] = MappingProxyType({})


class ExactClient:
    """One division of Exact."""

    def __init__(
        self, sender: Sender, division: int, refusals_left: Callable[[str], int] = lambda _endpoint: 4
    ) -> None:
        self._sender = sender
        self._division = division
        self._pages = PageReader(sender, division)
        self._listings = SyncReader(sender, division, self._pages)
        self._rows = RowReader(sender, division, self._pages, self._listings, refusals_left)
        self._lines = LineReader(sender, division, self._pages, self._listings, self._rows)
        self._me: Reply | None = None

    def avoid(self, endpoints: Iterable[str]) -> None:
        """Do not use these endpoints if there is another orders_by, since they were refused recently."""
        self._pages.avoided |= frozenset(endpoints)

    def done_without(self) -> list[ApiError]:
        """Refusals since the last call of this method that another way of reading made up for."""
        refused, self._pages.done_without = self._pages.done_without, []
        return refused

    def know_sizes(self, sizes: Mapping[str, int]) -> None:
        """Set the known sizes of listings, by path, so that they are not counted again."""
        self._listings.sizes.update(sizes)

    def sizes(self) -> dict[str, int]:
        """How many rows listings have, by path, as far as known."""
        return dict(self._listings.sizes)

    def wall_time(self) -> datetime:
        """Exact's own clock at the first call, in the zoneless wall time of its records."""
        return replies.read_wall_time(self._who_am_i())

    def _who_am_i(self) -> Reply:
        if self._me is None:
            self._me = self._sender.send(wire.me())
        return self._me

    def server_date(self) -> datetime:
        """Exact's own clock, in UTC."""
        return self._sender.send(wire.me()).server_date()

    def require_access(
        self, endpoint: Endpoint[Row], *, key: str = "ID", extra_fields: Sequence[str] = ()
    ) -> None:
        """Check that a listing may be read and has these fields. Reads no rows.

        Raises:
            Forbidden: it may not be read.
            Refused: it lacks one of the fields.
        """
        self._sender.send(wire.access_check(endpoint, self._division, key, extra_fields))

    def count(self, endpoint: Endpoint[Row]) -> int:
        """How many rows a listing has."""
        return replies.read_count(self._sender.send(wire.count(endpoint, self._division)))

    def user_has_right(self, endpoint: str, action: str) -> bool:
        """Whether, according to Exact, the user who signed in has the right to this action on an endpoint."""
        return replies.read_user_right(
            self._sender.send(wire.user_has_right(self._division, endpoint, action))
        )

    def divisions(self) -> list[ReachableDivision]:
        """All divisions that the sign-in can reach."""
        return self._divisions("")

    def division(self, *, plainly: bool = False) -> ReachableDivision | None:
        """This division as the sign-in sees it; None if it can't be reached.

        ``plainly`` lists all divisions without ``current/Me``, for when the usual query is refused.
        """
        found = (
            self._divisions("", self._division) if plainly else self._divisions(f"Code eq {self._division}")
        )
        return next((division for division in found if division.code == self._division), None)

    def orders_since(
        self,
        first_day: date,
        *,
        statuses: Sequence[int],
        extra_fields: Sequence[str] = (),
        orders_by: OrdersBy = OrdersBy.BULK,
    ) -> ReadRows[SalesOrder]:
        """Approved orders dated ``first_day`` or later with one of ``statuses``, with their lines.

        Other ways use plainer filters; then there may be more orders than that.
        """
        endpoint, call = self._orders_since(first_day, statuses, extra_fields, orders_by)
        rows, bad = self._pages.read(call, endpoint)
        self._pages.report_unidentified(call, [row for row in bad if not row.id])
        unread = {row.id: UnreadableRow(row.why) for row in bad if row.id}
        return self._lines.with_recent_lines(ReadRows(tuple(rows), unread))

    def orders(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = _NO_NUMBERS,
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[SalesOrder]:
        """These orders, with their lines. ``numbers``: their visible numbers, as far as known; it saves calls."""
        return self._rows.by_key(
            KeyQuery(
                endpoints.SALES_ORDERS,
                "OrderID",
                lambda order: order.order_id,
                extra_fields=extra_fields,
                complete=self._lines.with_lines,
            ),
            ids,
            apart=apart,
            known=KnownNumbers("OrderNumber", numbers),
        )

    def orders_by_number(
        self, numbers: Sequence[int], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[SalesOrder]:
        """The orders with these visible numbers."""
        return self._rows.by_key(
            KeyQuery(
                endpoints.SALES_ORDERS,
                "OrderNumber",
                lambda order: str(order.order_number),
                literal=str,
                extra_fields=extra_fields,
                complete=self._lines.with_lines,
            ),
            [str(number) for number in numbers],
            apart=apart,
            known=KnownNumbers("OrderNumber", {str(number): number for number in numbers}),
        )

    def deliveries(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = _NO_NUMBERS,
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[GoodsDelivery]:
        """These deliveries, with their lines. ``numbers``: as for ``orders``."""
        query = KeyQuery(
            endpoints.GOODS_DELIVERIES,
            "EntryID",
            lambda delivery: delivery.entry_id,
            complete=self._lines.with_delivery_lines,
        )
        return self._rows.by_key(query, ids, apart=apart, known=KnownNumbers("DeliveryNumber", numbers))

    def deliveries_by_number(self, numbers: Sequence[int]) -> ReadRows[GoodsDelivery]:
        """The deliveries with these visible numbers."""
        query = KeyQuery(
            endpoints.GOODS_DELIVERIES,
            "DeliveryNumber",
            lambda delivery: str(delivery.delivery_number),
            literal=str,
            complete=self._lines.with_delivery_lines,
        )
        return self._rows.by_key(query, [str(number) for number in numbers])

    def deliveries_of_order(self, number: int) -> ReadRows[GoodsDelivery]:
        """The deliveries with lines of the order that has this visible number."""
        calls = self._pages.calls_with(endpoints.GOODS_DELIVERY_LINES, "SalesOrderNumber", [str(number)])
        lines = self._pages.rows(calls, endpoints.GOODS_DELIVERY_LINES)
        return self.deliveries(sorted({line.entry_id for line in lines if line.sales_order_number == number}))

    def accounts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Account]:
        """These accounts."""
        return self._rows.by_id(endpoints.ACCOUNTS, ids, key_of=lambda account: account.id, apart=apart)

    def contacts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Contact]:
        """These contact persons."""
        return self._rows.by_id(endpoints.CONTACTS, ids, key_of=lambda contact: contact.id, apart=apart)

    def addresses(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Address]:
        """These addresses."""
        return self._rows.by_id(endpoints.ADDRESSES, ids, key_of=lambda address: address.id, apart=apart)

    def main_addresses_of(
        self, accounts: Sequence[str], *, apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Address]:
        """The main delivery and visiting addresses (types 4 and 1) of these accounts."""
        query = KeyQuery(
            endpoints.ADDRESSES,
            "Account",
            lambda address: address.account or "",
            condition=wire.MAIN_ADDRESSES,
        )
        return self._rows.by_key(query, accounts, apart=apart)

    def items(
        self, ids: Sequence[str], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Item]:
        """These items."""
        return self._rows.by_id(
            endpoints.ITEMS, ids, key_of=lambda item: item.id, extra_fields=extra_fields, apart=apart
        )

    def catalogue(self, *, extra_fields: Sequence[str] = ()) -> list[CatalogueItem]:
        """All items, a thousand in one call."""
        call = wire.rows_after(endpoints.CATALOGUE, self._division, 1, extra_fields)
        return list({item.id: item for item in self._pages.rows([call], endpoints.CATALOGUE)}.values())

    def shipping_methods(self) -> list[ShippingMethod]:
        """All shipping methods."""
        return self._pages.every(endpoints.SHIPPING_METHODS)

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""
        return self._pages.every(endpoints.WAREHOUSES)

    def changes(self, stream: Stream, *, after: int) -> Iterator[Change]:
        """What changed in ``stream`` after a row version, in Exact's order.

        Raises:
            Unreadable: a row does not identify its record, so it is unknown what changed.
        """
        for reply in walk(self._sender, wire.changes(self._division, stream, after), odata.next_link):
            found, nameless = replies.read_changes(reply, stream)
            if nameless:
                raise reply.unreadable(str(nameless[0]))
            yield from found

    def changes_by_date(
        self, stream: Stream, *, since: datetime, until: datetime | None = None
    ) -> Iterator[Change]:
        """What changed at or after a wall time, and before ``until`` if given; without row versions.

        A few rows that do not identify a record are skipped and reported by ``done_without``.

        Raises:
            KeyError: the rows of this stream have no date of change.
            Unreadable: there are several rows, and none identifies a record.
        """
        call = wire.changes_by_date(self._division, stream, since, until)
        for reply in walk(self._sender, call, odata.next_link):
            found, nameless = replies.read_changes(reply, stream, by_date=True)
            if len(nameless) >= SEVERAL and not found:
                raise reply.unreadable(str(nameless[0]))
            self._pages.report_unidentified(call, nameless)
            yield from found

    def first_page_of_changes(self, stream: Stream, *, after: int) -> tuple[list[Change], bool]:
        """The first page of what changed after a row version, and whether that is all.

        Raises:
            Unreadable: none of its rows identifies its record.
        """
        reply = self._sender.send(wire.changes(self._division, stream, after))
        found, nameless = replies.read_changes(reply, stream)
        if nameless and not found:
            raise reply.unreadable(str(nameless[0]))
        return found, odata.next_link(reply) is None

    def deletions(self, *, after: int) -> list[Deletion]:
        """What was deleted after a row version.

        Raises:
            Unreadable: a row does not say what was deleted.
        """
        return list(self._pages.strict_rows([wire.deletions(self._division, after)], endpoints.DELETED))

    def row_version_at(self, stream: Stream, moment: datetime, *, unlisted: bool = False) -> int | None:
        """The row version of the first row modified at or after ``moment`` (wall time); None if no row is that new.

        ``unlisted`` also allows streams that the vendor's page does not list.
        """
        call = wire.row_version_at(self._division, stream, moment, unlisted=unlisted)
        return replies.read_row_version(self._sender.send(call))

    def update_delivery(self, call: Call) -> None:
        """Send ``wire.update_delivery``."""
        self._sender.send(call)

    def documents_with_subject(self, subject: str) -> list[Document]:
        """Documents with exactly this subject."""
        call = wire.listing(endpoints.DOCUMENTS, self._division, f"Subject eq {odata.text(subject)}")
        return [
            row for row in self._pages.rows([call], endpoints.DOCUMENTS) if row.subject == subject.strip()
        ]

    def create_document(self, call: Call) -> Document:
        """Send ``wire.create_document``. Not idempotent: after any doubt, look for its subject."""
        return odata.read_one(self._sender.send(call), Document, division=self._division)

    def attachments(self, document: str) -> list[DocumentAttachment]:
        """The attachments of a document."""
        where = f"Document eq {odata.guid(document)}"
        call = wire.listing(endpoints.DOCUMENT_ATTACHMENTS, self._division, where)
        found = self._pages.rows([call], endpoints.DOCUMENT_ATTACHMENTS)
        return [attachment for attachment in found if attachment.document == document.lower()]

    def attach(self, call: Call) -> DocumentAttachment:
        """Send ``wire.attach``. Not idempotent: after any doubt, look at what is attached."""
        return odata.read_one(self._sender.send(call), DocumentAttachment, division=self._division)

    def _divisions(self, where: str, seen_from: int | None = None) -> list[ReachableDivision]:
        base = seen_from or odata.read_one(self._who_am_i(), Me).current_division
        found = self._pages.rows([wire.listing(endpoints.DIVISIONS, base, where)], endpoints.DIVISIONS)
        return list({division.code: division for division in found}.values())

    def _orders_since(
        self, first_day: date, statuses: Sequence[int], extra_fields: Sequence[str], orders_by: OrdersBy
    ) -> tuple[Endpoint[SalesOrder], Call]:
        if orders_by is OrdersBy.STATUS:
            call = wire.orders_with_status(self._division, statuses, extra_fields)
            return endpoints.SALES_ORDERS, call
        endpoint = endpoints.BULK_ORDERS if orders_by is OrdersBy.BULK else endpoints.SALES_ORDERS
        return endpoint, wire.orders_since(endpoint, self._division, first_day, statuses, extra_fields)
