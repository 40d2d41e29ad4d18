"""The questions asked of one Exact division, and the things written there, over a transport.

Glue: ``wire`` knows the protocol, the transport knows the network, and what the answers mean is decided elsewhere. An order or
a delivery is always whole: its lines were read with it, or are asked for, or the question fails.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from exactsend.errors import ApiError
from exactsend.exact import odata, wire
from exactsend.exact.found import OrdersBy, ReadRows, UnreadableRow
from exactsend.exact.listing import FEW_CALLS, SEVERAL, Listing, Numbered
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
    SalesOrderLine,
    ShippingMethod,
    Stream,
    Warehouse,
)
from exactsend.exact.odata import Row
from exactsend.exact.wire import Endpoint
from exactsend.http.messages import Call, Reply, Sender, walk

_NOT_KNOWN: Mapping[str, int] = MappingProxyType({})
LINES_MAY_BE_OLDER = timedelta(days=1)
"""How long before its order a line may have got its row version."""


class ExactClient:
    """One division of Exact."""

    def __init__(
        self, sender: Sender, division: int, refusals_left: Callable[[str], int] = lambda _endpoint: 4
    ) -> None:
        self._sender = sender
        self._division = division
        self._listing = Listing(sender, division, refusals_left)
        self._me: Reply | None = None

    def avoid(self, endpoints: Iterable[str]) -> None:
        """Ask these no more where there is another way: they were refused of late."""
        self._listing.avoided |= frozenset(endpoints)

    def done_without(self) -> list[ApiError]:
        """Refusals that were got round since the last time this was asked."""
        refused, self._listing.done_without = self._listing.done_without, []
        return refused

    def know_sizes(self, sizes: Mapping[str, int]) -> None:
        """How many rows listings have, by path: told of late, and not to be counted again."""
        self._listing.sizes.update(sizes)

    def sizes(self) -> dict[str, int]:
        """The same, as far as it is known now."""
        return dict(self._listing.sizes)

    def wall_time(self) -> datetime:
        """Exact's own clock at the first question, as the wall time it stamps records with (no zone)."""
        return wire.read_wall_time(self._who_am_i())

    def _who_am_i(self) -> Reply:
        if self._me is None:
            self._me = self._sender.send(wire.me())
        return self._me

    def server_date(self) -> datetime:
        """Exact's own clock, in UTC."""
        return self._sender.send(wire.me()).server_date()

    def glimpse(self, endpoint: Endpoint[Row], *, key: str = "ID", extra_fields: Sequence[str] = ()) -> None:
        """Ask a listing for nothing: it answers where it may be read and has these fields.

        Raises:
            Forbidden: it may not be read.
            Refused: it lacks one of the fields.
        """
        self._sender.send(wire.glimpse(endpoint, self._division, key, extra_fields))

    def count(self, endpoint: Endpoint[Row]) -> int:
        """How many rows a listing has."""
        return wire.read_count(self._sender.send(wire.count(endpoint, self._division)))

    def user_has_right(self, endpoint: str, action: str) -> bool:
        """Whether Exact says that the user who signed in has the right to this action at an endpoint."""
        return wire.read_has_right(self._sender.send(wire.user_has_right(self._division, endpoint, action)))

    def divisions(self) -> list[ReachableDivision]:
        """All divisions that the sign-in can reach."""
        return self._divisions("")

    def division(self, *, plainly: bool = False) -> ReachableDivision | None:
        """This division as the sign-in sees it; None when it can't be reached.

        ``plainly`` asks for all divisions, and without ``current/Me``: where the usual question is refused.
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
        way: OrdersBy = OrdersBy.BULK,
    ) -> ReadRows[SalesOrder]:
        """Approved orders dated ``first_day`` or later with one of ``statuses``, whole with their lines.

        With ``way`` the same is asked with ever plainer filters; then more come than that.
        """
        endpoint, call = self._orders_since(first_day, statuses, extra_fields, way)
        rows, bad = self._listing.read(call, endpoint)
        self._listing.pass_over(call, [row for row in bad if not row.id])
        found = {row.order_id: row for row in rows}
        lines = self._lines_of_many([row for row in rows if row.sales_order_lines is None])
        unread = {**{row.id: UnreadableRow(row.why) for row in bad if row.id}, **lines.unread}
        by_order = _lines_by_order(found, lines.rows)
        whole = (
            order.model_copy(update={"sales_order_lines": by_order[key]})
            if order.sales_order_lines is None
            else order
            for key, order in found.items()
            if key not in unread
        )
        return ReadRows(tuple(whole), unread)

    def orders(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = _NOT_KNOWN,
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[SalesOrder]:
        """These orders, whole with their lines. ``numbers``: which of them bear which, as far as it is known; it saves calls."""
        return self._listing.of(
            wire.SALES_ORDERS,
            "OrderID",
            ids,
            key_of=lambda order: order.order_id,
            extra_fields=extra_fields,
            apart=apart,
            whole=self._with_lines,
            numbered=Numbered("OrderNumber", numbers),
        )

    def orders_by_number(
        self, numbers: Sequence[int], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[SalesOrder]:
        """The same by visible number."""
        return self._listing.of(
            wire.SALES_ORDERS,
            "OrderNumber",
            [str(number) for number in numbers],
            literal=str,
            key_of=lambda order: str(order.order_number),
            extra_fields=extra_fields,
            apart=apart,
            whole=self._with_lines,
            numbered=Numbered("OrderNumber", {str(number): number for number in numbers}),
        )

    def deliveries(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = _NOT_KNOWN,
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[GoodsDelivery]:
        """These deliveries, whole with their lines. ``numbers``: as of ``orders``."""
        return self._listing.of(
            wire.GOODS_DELIVERIES,
            "EntryID",
            ids,
            key_of=lambda delivery: delivery.entry_id,
            apart=apart,
            whole=self._with_delivery_lines,
            numbered=Numbered("DeliveryNumber", numbers),
        )

    def deliveries_by_number(self, numbers: Sequence[int]) -> ReadRows[GoodsDelivery]:
        """The same by visible number."""
        return self._listing.of(
            wire.GOODS_DELIVERIES,
            "DeliveryNumber",
            [str(number) for number in numbers],
            literal=str,
            key_of=lambda delivery: str(delivery.delivery_number),
            whole=self._with_delivery_lines,
        )

    def deliveries_of_order(self, number: int) -> ReadRows[GoodsDelivery]:
        """The deliveries that bring something of the order with this visible number."""
        calls = self._listing.chained(wire.GOODS_DELIVERY_LINES, "SalesOrderNumber", [str(number)])
        lines = self._listing.rows(calls, wire.GOODS_DELIVERY_LINES)
        return self.deliveries(sorted({line.entry_id for line in lines if line.sales_order_number == number}))

    def accounts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Account]:
        """These accounts."""
        return self._listing.by_id(wire.ACCOUNTS, ids, key_of=lambda account: account.id, apart=apart)

    def contacts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Contact]:
        """These contact persons."""
        return self._listing.by_id(wire.CONTACTS, ids, key_of=lambda contact: contact.id, apart=apart)

    def addresses(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Address]:
        """These addresses."""
        return self._listing.by_id(wire.ADDRESSES, ids, key_of=lambda address: address.id, apart=apart)

    def main_addresses_of(
        self, accounts: Sequence[str], *, apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Address]:
        """The main delivery and visiting addresses (types 4 and 1) of these accounts."""
        return self._listing.of(
            wire.ADDRESSES,
            "Account",
            accounts,
            key_of=lambda address: address.account or "",
            also=wire.MAIN_ADDRESSES,
            apart=apart,
        )

    def items(
        self, ids: Sequence[str], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Item]:
        """These items."""
        return self._listing.by_id(
            wire.ITEMS, ids, key_of=lambda item: item.id, extra_fields=extra_fields, apart=apart
        )

    def catalogue(self, *, extra_fields: Sequence[str] = ()) -> list[CatalogueItem]:
        """All items there are, a thousand in one call."""
        call = wire.rows_past(wire.CATALOGUE, self._division, 1, extra_fields)
        return list({item.id: item for item in self._listing.rows([call], wire.CATALOGUE)}.values())

    def shipping_methods(self) -> list[ShippingMethod]:
        """All shipping methods."""
        return self._listing.every(wire.SHIPPING_METHODS)

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""
        return self._listing.every(wire.WAREHOUSES)

    def changes(self, stream: Stream, *, after: int) -> Iterator[Change]:
        """What changed in ``stream`` past the row version ``after``, in the order that Exact gives.

        Raises:
            Unreadable: a row does not name its record, so what changed is not known.
        """
        for reply in walk(self._sender, wire.changes(self._division, stream, after), odata.next_link):
            found, nameless = wire.read_changes(reply, stream)
            if nameless:
                raise reply.unreadable(str(nameless[0]))
            yield from found

    def changes_by_date(
        self, stream: Stream, *, since: datetime, until: datetime | None = None
    ) -> Iterator[Change]:
        """What changed at or after a wall time, and before another where one is given; without row versions.

        A few rows that name no record are passed over, which ``done_without`` reports.

        Raises:
            KeyError: of what this stream tells, no date of change is known.
            Unreadable: several rows name no record, and none does.
        """
        call = wire.changes_by_date(self._division, stream, since, until)
        for reply in walk(self._sender, call, odata.next_link):
            found, nameless = wire.read_changes(reply, stream, by_date=True)
            if len(nameless) >= SEVERAL and not found:
                raise reply.unreadable(str(nameless[0]))
            self._listing.pass_over(call, nameless)
            yield from found

    def a_page_of_changes(self, stream: Stream, *, after: int) -> tuple[list[Change], bool]:
        """The first page of what changed past a row version, and whether that is all.

        Raises:
            Unreadable: none of its rows names its record.
        """
        reply = self._sender.send(wire.changes(self._division, stream, after))
        found, nameless = wire.read_changes(reply, stream)
        if nameless and not found:
            raise reply.unreadable(str(nameless[0]))
        return found, odata.next_link(reply) is None

    def deletions(self, *, after: int) -> list[Deletion]:
        """What was deleted past the row version ``after``.

        Raises:
            Unreadable: a row does not say what was deleted.
        """
        return list(self._listing.strictly([wire.deletions(self._division, after)], wire.DELETED))

    def row_version_at(self, stream: Stream, moment: datetime, *, unlisted: bool = False) -> int | None:
        """The row version of the first row modified at or after ``moment`` (wall time); None where no row is that new.

        ``unlisted`` asks for a stream too that the vendor's page does not list.
        """
        call = wire.row_version_at(self._division, stream, moment, unlisted=unlisted)
        return wire.read_row_version(self._sender.send(call))

    def update_delivery(self, call: Call) -> None:
        """Send ``wire.update_delivery``."""
        self._sender.send(call)

    def documents_with_subject(self, subject: str) -> list[Document]:
        """Documents that bear exactly this subject."""
        call = wire.listing(wire.DOCUMENTS, self._division, f"Subject eq {odata.text(subject)}")
        return [row for row in self._listing.rows([call], wire.DOCUMENTS) if row.subject == subject.strip()]

    def create_document(self, call: Call) -> Document:
        """Send ``wire.create_document``. Not idempotent: after any doubt, look for its subject."""
        return odata.read_one(self._sender.send(call), Document, division=self._division)

    def attachments(self, document: str) -> list[DocumentAttachment]:
        """What is attached to a document."""
        where = f"Document eq {odata.guid(document)}"
        call = wire.listing(wire.DOCUMENT_ATTACHMENTS, self._division, where)
        found = self._listing.rows([call], wire.DOCUMENT_ATTACHMENTS)
        return [attachment for attachment in found if attachment.document == document.lower()]

    def attach(self, call: Call) -> DocumentAttachment:
        """Send ``wire.attach``. Not idempotent: after any doubt, look at what is attached."""
        return odata.read_one(self._sender.send(call), DocumentAttachment, division=self._division)

    def _divisions(self, where: str, here: int | None = None) -> list[ReachableDivision]:
        here = here or odata.read_one(self._who_am_i(), Me).current_division
        found = self._listing.rows([wire.listing(wire.DIVISIONS, here, where)], wire.DIVISIONS)
        return list({division.code: division for division in found}.values())

    def _orders_since(
        self, first_day: date, statuses: Sequence[int], extra_fields: Sequence[str], way: OrdersBy
    ) -> tuple[Endpoint[SalesOrder], Call]:
        if way is OrdersBy.STATUS:
            call = wire.orders_with_status(self._division, statuses, extra_fields)
            return wire.SALES_ORDERS, call
        endpoint = wire.BULK_ORDERS if way is OrdersBy.BULK else wire.SALES_ORDERS
        return endpoint, wire.orders_since(endpoint, self._division, first_day, statuses, extra_fields)

    def _with_lines(self, orders: Sequence[SalesOrder]) -> list[SalesOrder]:
        """The orders of a page; lines that did not come with theirs are asked for."""
        bare = [order.order_id for order in orders if order.sales_order_lines is None]
        lines = _lines_by_order(bare, self._order_lines(bare))
        return [
            order.model_copy(update={"sales_order_lines": lines[order.order_id]})
            if order.sales_order_lines is None
            else order
            for order in orders
        ]

    def _order_lines(self, orders: Sequence[str]) -> Iterator[SalesOrderLine]:
        calls = self._listing.chained(wire.SALES_ORDER_LINES, "OrderID", map(odata.guid, orders))
        return self._listing.strictly(calls, wire.SALES_ORDER_LINES)

    def _lines_of_many(self, orders: Sequence[SalesOrder]) -> ReadRows[SalesOrderLine]:
        """The lines of orders that are all of late: from the stream of lines, where that takes fewer calls than asking by order."""
        ids = [order.order_id for order in orders]
        streamed = self._late_lines(orders, ids)
        by_order = _lines_by_order(ids, streamed)
        found = self._listing.of(
            wire.SALES_ORDER_LINES,
            "OrderID",
            [order for order in ids if not by_order[order]],
            key_of=lambda line: line.order_id,
        )
        return ReadRows((*streamed, *found.rows), found.unread)

    def _late_lines(self, orders: Sequence[SalesOrder], ids: Sequence[str]) -> Sequence[SalesOrderLine]:
        created = [order.created for order in orders if order.created]
        chain = len(list(self._listing.chained(wire.SALES_ORDER_LINES, "OrderID", map(odata.guid, ids))))
        if chain <= FEW_CALLS or len(created) < len(orders):
            return ()
        start = self._listing.saving(
            wire.SYNC_TIMESTAMP.path,
            lambda: self.row_version_at(Stream.ORDER_LINES, min(created) - LINES_MAY_BE_OLDER),
        )
        if start is None:
            return ()
        return self._listing.lines_past(wire.SALES_ORDER_LINES, start - 1, most_calls=chain // 2)

    def _with_delivery_lines(self, deliveries: Sequence[GoodsDelivery]) -> list[GoodsDelivery]:
        """The deliveries of a page; lines that did not come with theirs are asked for. Repeated ids are parts of one line."""
        bare = [delivery.entry_id for delivery in deliveries if delivery.goods_delivery_lines is None]
        calls = self._listing.chained(wire.GOODS_DELIVERY_LINES, "EntryID", map(odata.guid, bare))
        lines = list(self._listing.strictly(calls, wire.GOODS_DELIVERY_LINES))
        return [
            delivery.model_copy(
                update={"goods_delivery_lines": tuple(x for x in lines if x.entry_id == delivery.entry_id)}
            )
            if delivery.goods_delivery_lines is None
            else delivery
            for delivery in deliveries
        ]


def _lines_by_order(
    orders: Iterable[str], lines: Iterable[SalesOrderLine]
) -> dict[str, tuple[SalesOrderLine, ...]]:
    found: dict[str, dict[str, SalesOrderLine]] = {order: {} for order in orders}
    for line in lines:
        if line.order_id in found:
            found[line.order_id][line.id] = line
    return {order: tuple(by_id.values()) for order, by_id in found.items()}
