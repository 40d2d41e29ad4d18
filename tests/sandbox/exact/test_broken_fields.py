"""Fields of one record that are shown wrongly."""

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.broken_fields import How
from exactsend.sandbox.json_tree import Json
from tests.sandbox.exact.shop import Exact

ORDERS = "salesorder/SalesOrders"


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("null", None),
        ("no number", "no number"),
        (4713.5, 4713.5),
        (True, True),
        ({"results": []}, {"results": []}),
        (lambda number: [number], [4713]),
    ],
)
def test_a_field_of_one_record_is_shown_as_was_asked(exact: Exact, how: How, shown: Json) -> None:
    exact.world.exact.broken_fields.break_field(
        "SalesOrders", exact.office.order_id(4713), "OrderNumber", how
    )

    rows = exact.rows(ORDERS, select="OrderNumber", filter="OrderNumber ge 4713 and OrderNumber le 4714")

    assert [row["OrderNumber"] for row in rows] == [shown, 4714]


@pytest.mark.parametrize(
    ("entity", "condition"),
    [
        (ORDERS, "OrderNumber eq 4713"),
        ("bulk/SalesOrder/SalesOrders", "OrderNumber eq 4713"),
        ("sync/SalesOrder/SalesOrderHeaders", "Timestamp gt 1L"),
    ],
)
def test_a_field_can_be_missing_wherever_the_record_is_shown(
    exact: Exact, entity: str, condition: str
) -> None:
    key = exact.office.order_id(4713)
    exact.world.exact.broken_fields.break_field("SalesOrders", key, "OrderNumber", "missing")

    rows = exact.rows(entity, select="OrderID,OrderNumber", filter=condition)

    assert ["OrderNumber" in row for row in rows if row["OrderID"] == key] == [False]
    assert all("OrderNumber" in row for row in rows if row["OrderID"] != key)


def test_a_field_of_an_expanded_line_can_be_wrong_also_where_its_id_is_shown_twice(exact: Exact) -> None:
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})
    exact.office.split_delivery_line(number, "MUG", "B-02", 2)
    key = exact.office.delivery_lines(number)[0].key
    exact.world.exact.broken_fields.break_field("GoodsDeliveryLines", key, "QuantityDelivered", "six")

    (row,) = exact.rows(
        "salesorder/GoodsDeliveries",
        select="EntryID,GoodsDeliveryLines/QuantityDelivered",
        expand="GoodsDeliveryLines",
        filter=f"DeliveryNumber eq {number}",
    )

    assert [line["QuantityDelivered"] for line in row["GoodsDeliveryLines"]["results"]] == ["six", "six"]


def test_a_mended_field_is_right_again(exact: Exact) -> None:
    broken = exact.world.exact.broken_fields
    broken.break_field("SalesOrders", exact.office.order_id(4713), "OrderNumber", "null")
    broken.mend()

    assert exact.rows(ORDERS, select="OrderNumber", filter="OrderNumber eq 4713")[0]["OrderNumber"] == 4713
