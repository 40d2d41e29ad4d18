"""The questions asked of one Exact division, and the things written there, over a transport.

Glue: ``wire`` knows the protocol, the transport knows the network, and what the answers mean is decided elsewhere. An order or
a delivery is always whole: its lines were read with it, or are asked for, or the question fails.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from exactsend.calls import Call, Json, Reply, Sender, walk
from exactsend.errors import Unreadable
from exactsend.exact import odata, wire
from exactsend.exact.listing import FEW_CALLS, Listing
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
    GoodsDeliveryLine,
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

LINES_MAY_BE_OLDER = timedelta(days=1)
"""How long before its order a line may have got its row version."""


class ExactClient:
    """One division of Exact."""

    def __init__(self, sender: Sender, division: int) -> None:
        self._sender = sender
        self._division = division
        self._listing = Listing(sender, division)
        self._me: Reply | None = None

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

    def divisions(self) -> list[ReachableDivision]:
        """All divisions that the sign-in can reach."""
        return self._divisions("")

    def division(self) -> ReachableDivision | None:
        """This division as the sign-in sees it; None when it can't be reached."""
        found = self._divisions(f"Code eq {self._division}")
        return next((one for one in found if one.code == self._division), None)

    def orders_since(
        self, first_day: date, *, statuses: Sequence[int], extra_fields: Sequence[str] = ()
    ) -> Iterator[SalesOrder]:
        """Approved orders dated ``first_day`` or later with one of ``statuses``, whole with their lines."""
        call = wire.orders_since(self._division, first_day, statuses, extra_fields)
        found = {one.order_id: one for one in self._listing.rows([call], wire.BULK_ORDERS)}
        lines = self._lines_of_many(list(found.values()))
        for order in found.values():
            yield order.model_copy(update={"sales_order_lines": lines[order.order_id]})

    def orders(self, ids: Sequence[str], *, extra_fields: Sequence[str] = ()) -> list[SalesOrder]:
        """These orders, whole with their lines; those that are gone are missing."""
        calls = self._listing.chained(wire.SALES_ORDERS, "OrderID", map(odata.guid, ids), extra_fields)
        found = {order.order_id: order for order in self._orders(calls)}
        return _those(_none_but(ids, found, "orders"), ids)

    def orders_by_number(
        self, numbers: Sequence[int], *, extra_fields: Sequence[str] = ()
    ) -> list[SalesOrder]:
        """The same by visible number."""
        calls = self._listing.chained(wire.SALES_ORDERS, "OrderNumber", map(str, numbers), extra_fields)
        found = {order.order_id: order for order in self._orders(calls)}
        return [order for order in found.values() if order.order_number in numbers]

    def deliveries(self, ids: Sequence[str]) -> list[GoodsDelivery]:
        """These deliveries, whole with their lines; those that are gone are missing."""
        calls = self._listing.chained(wire.GOODS_DELIVERIES, "EntryID", map(odata.guid, ids))
        found = {delivery.entry_id: delivery for delivery in self._deliveries(calls)}
        return _those(_none_but(ids, found, "deliveries"), ids)

    def deliveries_by_number(self, numbers: Sequence[int]) -> list[GoodsDelivery]:
        """The same by visible number."""
        calls = self._listing.chained(wire.GOODS_DELIVERIES, "DeliveryNumber", map(str, numbers))
        found = {delivery.entry_id: delivery for delivery in self._deliveries(calls)}
        return [delivery for delivery in found.values() if delivery.delivery_number in numbers]

    def deliveries_of_order(self, number: int) -> list[GoodsDelivery]:
        """The deliveries that bring something of the order with this visible number."""
        calls = self._listing.chained(wire.GOODS_DELIVERY_LINES, "SalesOrderNumber", [str(number)])
        lines = self._listing.rows(calls, wire.GOODS_DELIVERY_LINES)
        return self.deliveries(sorted({one.entry_id for one in lines if one.sales_order_number == number}))

    def accounts(self, ids: Sequence[str]) -> list[Account]:
        """These accounts."""
        return _those({one.id: one for one in self._listing.by_id(wire.ACCOUNTS, ids)}, ids)

    def contacts(self, ids: Sequence[str]) -> list[Contact]:
        """These contact persons."""
        return _those({one.id: one for one in self._listing.by_id(wire.CONTACTS, ids)}, ids)

    def addresses(self, ids: Sequence[str]) -> list[Address]:
        """These addresses."""
        return _those({one.id: one for one in self._listing.by_id(wire.ADDRESSES, ids)}, ids)

    def main_addresses_of(self, accounts: Sequence[str]) -> list[Address]:
        """The main delivery and visiting addresses (types 4 and 1) of these accounts."""
        found = self._listing.rows(wire.main_addresses_of(self._division, accounts), wire.ADDRESSES)
        return list({address.id: address for address in found}.values())

    def items(self, ids: Sequence[str], *, extra_fields: Sequence[str] = ()) -> list[Item]:
        """These items."""
        return _those({one.id: one for one in self._listing.by_id(wire.ITEMS, ids, extra_fields)}, ids)

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
        """What changed in ``stream`` past the row version ``after``, in the order that Exact gives."""
        call = wire.changes(self._division, stream, after)
        for reply in walk(self._sender, call, odata.next_link):
            yield from wire.read_changes(reply, stream)

    def deletions(self, *, after: int) -> Iterator[Deletion]:
        """What was deleted past the row version ``after``."""
        return self._listing.rows([wire.deletions(self._division, after)], wire.DELETED)

    def row_version_at(self, stream: Stream, moment: datetime) -> int:
        """The row version from which changes after ``moment`` (wall time) are found."""
        return wire.read_row_version(self._sender.send(wire.row_version_at(self._division, stream, moment)))

    def update_delivery(self, delivery: str, changes: dict[str, Json]) -> None:
        """Write these fields of a goods delivery; the rest stays."""
        self._sender.send(wire.update_delivery(self._division, delivery, changes))

    def documents_with_subject(self, subject: str) -> list[Document]:
        """Documents that bear exactly this subject."""
        call = wire.listing(wire.DOCUMENTS, self._division, f"Subject eq {odata.text(subject)}")
        return [one for one in self._listing.rows([call], wire.DOCUMENTS) if one.subject == subject.strip()]

    def create_document(self, *, subject: str, account: str | None, order_number: int | None) -> Document:
        """A new document of the type "miscellaneous". Not idempotent: after any doubt, look for its subject."""
        reply = self._sender.send(wire.create_document(self._division, subject, account, order_number))
        return odata.read_one(reply, Document, division=self._division)

    def attachments(self, document: str) -> list[DocumentAttachment]:
        """What is attached to a document."""
        where = f"Document eq {odata.guid(document)}"
        call = wire.listing(wire.DOCUMENT_ATTACHMENTS, self._division, where)
        found = self._listing.rows([call], wire.DOCUMENT_ATTACHMENTS)
        return [one for one in found if one.document == document.lower()]

    def attach(self, document: str, *, file_name: str, content: bytes) -> DocumentAttachment:
        """Attach a file to a document. Not idempotent: after any doubt, look at what is attached."""
        reply = self._sender.send(wire.attach(self._division, document, file_name, content))
        return odata.read_one(reply, DocumentAttachment, division=self._division)

    def _divisions(self, where: str) -> list[ReachableDivision]:
        here = odata.read_one(self._who_am_i(), Me).current_division
        found = self._listing.rows([wire.listing(wire.DIVISIONS, here, where)], wire.DIVISIONS)
        return list({one.code: one for one in found}.values())

    def _orders(self, calls: Iterable[Call]) -> Iterator[SalesOrder]:
        for page in self._listing.pages(calls, wire.SALES_ORDERS):
            bare = [order.order_id for order in page if order.sales_order_lines is None]
            lines = self._order_lines(bare)
            for order in page:
                whole = order.sales_order_lines is not None
                yield (
                    order if whole else order.model_copy(update={"sales_order_lines": lines[order.order_id]})
                )

    def _lines_of_many(self, orders: Sequence[SalesOrder]) -> dict[str, tuple[SalesOrderLine, ...]]:
        """The lines of orders that are all of late: from the stream of lines, where that takes fewer calls than asking by order."""
        ids = [order.order_id for order in orders]
        created = [order.created for order in orders if order.created]
        chain = len(list(self._listing.chained(wire.SALES_ORDER_LINES, "OrderID", map(odata.guid, ids))))
        if chain <= FEW_CALLS or len(created) < len(orders):
            return self._order_lines(ids)
        start = self.row_version_at(Stream.ORDER_LINES, min(created) - LINES_MAY_BE_OLDER)
        streamed = self._listing.past(wire.SALES_ORDER_LINES, start, most_calls=chain // 2)
        by_order = _lines_by_order(ids, streamed or [])
        return by_order | self._order_lines([order for order in ids if not by_order[order]])

    def _order_lines(self, orders: Sequence[str]) -> dict[str, tuple[SalesOrderLine, ...]]:
        calls = self._listing.chained(wire.SALES_ORDER_LINES, "OrderID", map(odata.guid, orders))
        return _lines_by_order(orders, self._listing.rows(calls, wire.SALES_ORDER_LINES))

    def _deliveries(self, calls: Iterable[Call]) -> Iterator[GoodsDelivery]:
        for page in self._listing.pages(calls, wire.GOODS_DELIVERIES):
            bare = [delivery.entry_id for delivery in page if delivery.goods_delivery_lines is None]
            lines = self._delivery_lines(bare)
            for one in page:
                whole = one.goods_delivery_lines is not None
                yield one if whole else one.model_copy(update={"goods_delivery_lines": lines[one.entry_id]})

    def _delivery_lines(self, deliveries: Sequence[str]) -> dict[str, tuple[GoodsDeliveryLine, ...]]:
        """The lines of these deliveries, repeated ids and all: those are parts of one line."""
        calls = self._listing.chained(wire.GOODS_DELIVERY_LINES, "EntryID", map(odata.guid, deliveries))
        lines = list(self._listing.rows(calls, wire.GOODS_DELIVERY_LINES))
        return {entry: tuple(line for line in lines if line.entry_id == entry) for entry in deliveries}


def _lines_by_order(
    orders: Sequence[str], lines: Iterable[SalesOrderLine]
) -> dict[str, tuple[SalesOrderLine, ...]]:
    found: dict[str, dict[str, SalesOrderLine]] = {order: {} for order in orders}
    for line in lines:
        if line.order_id in found:
            found[line.order_id][line.id] = line
    return {order: tuple(by_id.values()) for order, by_id in found.items()}


def _those(found: dict[str, Row], ids: Sequence[str]) -> list[Row]:
    """What was asked for, in that order: no row twice, none that the filter let through by mistake."""
    asked = dict.fromkeys(id_.lower() for id_ in ids)
    return [found[id_] for id_ in asked if id_ in found]


def _none_but(ids: Sequence[str], found: dict[str, Row], what: str) -> dict[str, Row]:
    """What was found. Whoever is missing in a sound answer counts as gone (S16), so the answer must be sound.

    Raises:
        Unreadable: it holds others instead of some that were asked for; then it proves nothing.
    """
    asked = {id_.lower() for id_ in ids}
    if set(found) - asked and asked - set(found):
        raise Unreadable(f"Exact answered with {what} that were not asked for", api="Exact", method="GET")
    return found
