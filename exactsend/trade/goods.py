"""The goods in the parcel (T1): an order's undelivered lines, or a delivery's lines.

Without drop shipments, zero and negative quantities (trade-ins) and services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from exactsend.exact.models import GoodsDelivery, GoodsDeliveryLine, Item, SalesOrder, SalesOrderLine
from exactsend.trade.amounts import bounded, positive
from exactsend.trade.consignment import Directory, Goods


def order_goods(order: SalesOrder, directory: Directory) -> tuple[Goods, ...]:
    """An order's undelivered goods."""
    return tuple(
        _of_order_line(line, remaining, directory)
        for line in _goods_lines(order, directory)
        if (remaining := positive(bounded(line.quantity) - bounded(line.quantity_delivered or Decimal(0))))
    )


def delivery_goods(
    delivery: GoodsDelivery, orders: Sequence[SalesOrder], directory: Directory
) -> tuple[Goods, ...]:
    """A delivery's goods. A line split over storage locations counts once, with its full quantity (T8)."""
    order_lines = {line.id: line for order in orders for line in order.sales_order_lines or ()}
    found: dict[str, Goods] = {}
    for line in delivery.goods_delivery_lines or ():
        goods = _of_delivery_line(line, order_lines, directory)
        if (known := found.get(goods.line_id)) is not None:
            goods = replace(known, quantity=known.quantity + goods.quantity)
        found[goods.line_id] = goods
    return tuple(goods for goods in found.values() if goods.quantity > 0 and _is_shipped(goods))


def covers_in_full(delivery: GoodsDelivery, order: SalesOrder, directory: Directory) -> bool:
    """Whether this delivery delivers all goods of the order, and nothing of another (S1)."""
    if order.sales_order_lines is None:
        return False
    own_lines = {line.id for line in order.sales_order_lines}
    delivered: dict[str, Decimal] = {}
    for line in delivery.goods_delivery_lines or ():
        ordered = line.sales_order_line_id or ""
        if ordered not in own_lines:
            return False
        delivered[ordered] = delivered.get(ordered, Decimal(0)) + bounded(line.quantity_delivered)
    return all(delivered.get(line.id, 0) >= bounded(line.quantity) for line in _goods_lines(order, directory))


def is_service(item: Item) -> bool:
    """Whether nothing can be put into a parcel: neither a stock item nor of any weight (T1). In doubt it is goods."""
    weighs = positive(item.gross_weight) is not None or positive(item.net_weight) is not None
    return item.is_stock_item is False and not weighs


def _goods_lines(order: SalesOrder, directory: Directory) -> list[SalesOrderLine]:
    """The lines of an order that are goods, delivered or not."""
    return [
        line
        for line in order.sales_order_lines or ()
        if positive(line.quantity) and _is_shipped(_of_order_line(line, line.quantity, directory))
    ]


def _of_order_line(line: SalesOrderLine, quantity: Decimal, directory: Directory) -> Goods:
    return Goods(
        line_id=line.id,
        quantity=quantity,
        description=line.description or line.item_description or line.item_code,
        unit_code=line.unit_code,
        item=directory.items.get(line.item or ""),
        order_line=line,
    )


def _of_delivery_line(
    line: GoodsDeliveryLine, order_lines: Mapping[str, SalesOrderLine], directory: Directory
) -> Goods:
    order_line = order_lines.get(line.sales_order_line_id or "")
    return Goods(
        line_id=line.sales_order_line_id or line.id,
        quantity=bounded(line.quantity_delivered),
        description=line.description or line.item_description or line.item_code,
        unit_code=line.unit_code,
        item=directory.items.get(line.item or ""),
        order_line=order_line,
    )


def _is_shipped(goods: Goods) -> bool:
    """Whether it goes into the parcel: neither sent by the supplier nor a service. An unread item counts as goods, to be safe."""
    if goods.order_line is not None and goods.order_line.use_drop_shipment:
        return False
    return goods.item is None or not is_service(goods.item)
