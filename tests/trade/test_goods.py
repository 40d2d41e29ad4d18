from decimal import Decimal

from exactsend.exact.models import GoodsDeliveryLine, SalesOrderLine
from exactsend.trade.goods import covers_in_full, delivery_goods, order_goods
from tests.trade.builders import a_delivery, a_directory, a_line, an_item, an_order

DIRECTORY = a_directory()


def delivered(quantity: int, *, row: str = "row-1", of: str = "line-1") -> GoodsDeliveryLine:
    return GoodsDeliveryLine(
        id=row, entry_id="del", item="itm", quantity_delivered=Decimal(quantity), sales_order_line_id=of
    )


def quantities(*lines: SalesOrderLine) -> list[Decimal]:
    return [goods.quantity for goods in order_goods(an_order(sales_order_lines=lines), DIRECTORY)]


def test_an_order_still_holds_what_is_not_delivered() -> None:
    assert quantities(a_line(quantity=5, quantity_delivered=3)) == [2]


def test_trade_ins_drop_shipments_and_what_is_delivered_are_left_out() -> None:
    assert not quantities(
        a_line(quantity=-1),
        a_line(quantity=0),
        a_line(use_drop_shipment=1),
        a_line(quantity=2, quantity_delivered=2),
    )


def test_a_service_is_left_out_and_a_weighed_item_without_stock_is_not() -> None:
    service = an_item(id="srv", is_stock_item=0, gross_weight=None)
    made_to_order = an_item(id="mto", is_stock_item=0, gross_weight=1)
    order = an_order(sales_order_lines=(a_line(id="a", item="srv"), a_line(id="b", item="mto")))

    goods = order_goods(order, a_directory(service, made_to_order))

    assert [candidate.line_id for candidate in goods] == ["b"]


def test_a_line_split_over_storage_locations_counts_once_with_all_its_pieces() -> None:
    delivery = a_delivery(goods_delivery_lines=(delivered(1), delivered(4)))

    (goods,) = delivery_goods(delivery, [an_order()], DIRECTORY)

    assert goods.quantity == 5
    assert goods.order_line == a_line()


def test_a_delivery_of_all_goods_covers_the_order() -> None:
    assert covers_in_full(
        a_delivery(goods_delivery_lines=(delivered(1), delivered(1))), an_order(), DIRECTORY
    )


def test_a_delivery_of_a_part_does_not() -> None:
    assert not covers_in_full(a_delivery(goods_delivery_lines=(delivered(1),)), an_order(), DIRECTORY)


def test_a_delivery_with_something_of_another_order_does_not() -> None:
    lines = (delivered(2), delivered(1, row="row-2", of="line-of-4712"))

    assert not covers_in_full(a_delivery(goods_delivery_lines=lines), an_order(), DIRECTORY)


def test_services_need_not_be_delivered_to_cover_the_order() -> None:
    service = an_item(id="srv", is_stock_item=0, gross_weight=None)
    order = an_order(sales_order_lines=(a_line(), a_line(id="line-2", item="srv")))

    assert covers_in_full(a_delivery(goods_delivery_lines=(delivered(2),)), order, a_directory(service))


def test_lines_that_were_not_read_cover_nothing() -> None:
    assert not covers_in_full(
        a_delivery(goods_delivery_lines=()), an_order(sales_order_lines=None), DIRECTORY
    )
