"""Reads the lines of orders and deliveries that came without them, so that every order and delivery is complete."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from exactsend.exact import endpoints, odata, replies, wire
from exactsend.exact.models import GoodsDelivery, GoodsDeliveryLine, SalesOrder, SalesOrderLine, Stream
from exactsend.exact.page_reader import PageReader
from exactsend.exact.query_results import ReadRows
from exactsend.exact.row_reader import KeyQuery, RowReader
from exactsend.exact.sync_reader import FEW_CALLS, SyncReader
from exactsend.http.messages import Sender

LINES_MAY_BE_OLDER = timedelta(days=1)
"""How long before its order's creation a line may have got its row version."""


class LineReader:
    """Reads the order and delivery lines of one division."""

    def __init__(
        self, sender: Sender, division: int, pages: PageReader, listings: SyncReader, rows: RowReader
    ) -> None:
        self._sender = sender
        self._division = division
        self._pages = pages
        self._listings = listings
        self._rows = rows

    def with_lines(self, orders: Sequence[SalesOrder]) -> list[SalesOrder]:
        """The orders of a page, with the lines that are missing."""
        bare = [order.order_id for order in orders if order.sales_order_lines is None]
        calls = self._pages.calls_with(endpoints.SALES_ORDER_LINES, "OrderID", map(odata.guid, bare))
        lines = lines_by_order(bare, self._pages.strict_rows(calls, endpoints.SALES_ORDER_LINES))
        return [_with_lines_of(order, lines) for order in orders]

    def with_recent_lines(self, read: ReadRows[SalesOrder]) -> ReadRows[SalesOrder]:
        """The orders of the last weeks, with the lines that are missing. Those whose lines can't be read are unread."""
        orders = {order.order_id: order for order in read.rows}
        found = self._recent_lines([order for order in read.rows if order.sales_order_lines is None])
        unread = {**read.unread, **found.unread}
        lines = lines_by_order(orders, found.rows)
        complete = (_with_lines_of(order, lines) for key, order in orders.items() if key not in unread)
        return ReadRows(tuple(complete), unread)

    def with_delivery_lines(self, deliveries: Sequence[GoodsDelivery]) -> list[GoodsDelivery]:
        """The deliveries of a page, with the lines that are missing. Repeated ids are parts of one line."""
        bare = [delivery.entry_id for delivery in deliveries if delivery.goods_delivery_lines is None]
        calls = self._pages.calls_with(endpoints.GOODS_DELIVERY_LINES, "EntryID", map(odata.guid, bare))
        lines = list(self._pages.strict_rows(calls, endpoints.GOODS_DELIVERY_LINES))
        return [_with_lines_of_delivery(delivery, lines) for delivery in deliveries]

    def _recent_lines(self, orders: Sequence[SalesOrder]) -> ReadRows[SalesOrderLine]:
        """The lines of recent orders: from the stream of lines if that takes fewer calls, the rest by order."""
        ids = [order.order_id for order in orders]
        streamed = self._streamed_lines(orders, ids)
        lines = lines_by_order(ids, streamed)
        query = KeyQuery(endpoints.SALES_ORDER_LINES, "OrderID", lambda line: line.order_id)
        found = self._rows.by_key(query, [order for order in ids if not lines[order]])
        return ReadRows((*streamed, *found.rows), found.unread)

    def _streamed_lines(self, orders: Sequence[SalesOrder], ids: Sequence[str]) -> Sequence[SalesOrderLine]:
        created = [order.created for order in orders if order.created]
        calls = self._pages.calls_with(endpoints.SALES_ORDER_LINES, "OrderID", map(odata.guid, ids))
        needed_calls = len(list(calls))
        if needed_calls <= FEW_CALLS or len(created) < len(orders):
            return ()
        start = self._pages.optional(
            endpoints.SYNC_TIMESTAMP.path, lambda: self._row_version_at(min(created) - LINES_MAY_BE_OLDER)
        )
        if start is None:
            return ()
        return self._listings.lines_after(endpoints.SALES_ORDER_LINES, start - 1, max_calls=needed_calls // 2)

    def _row_version_at(self, moment: datetime) -> int | None:
        call = wire.row_version_at(self._division, Stream.ORDER_LINES, moment)
        return replies.read_row_version(self._sender.send(call))


def lines_by_order(
    orders: Iterable[str], lines: Iterable[SalesOrderLine]
) -> dict[str, tuple[SalesOrderLine, ...]]:
    """The lines of each order, without duplicates."""
    by_order: dict[str, dict[str, SalesOrderLine]] = {order: {} for order in orders}
    for line in lines:
        if line.order_id in by_order:
            by_order[line.order_id][line.id] = line
    return {order: tuple(by_id.values()) for order, by_id in by_order.items()}


def _with_lines_of(order: SalesOrder, lines: dict[str, tuple[SalesOrderLine, ...]]) -> SalesOrder:
    if order.sales_order_lines is not None:
        return order
    return order.model_copy(update={"sales_order_lines": lines[order.order_id]})


def _with_lines_of_delivery(delivery: GoodsDelivery, lines: Iterable[GoodsDeliveryLine]) -> GoodsDelivery:
    if delivery.goods_delivery_lines is not None:
        return delivery
    own = tuple(line for line in lines if line.entry_id == delivery.entry_id)
    return delivery.model_copy(update={"goods_delivery_lines": own})
