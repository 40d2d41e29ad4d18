"""What people do in Exact by hand, and what moves by it."""

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.office.orders import CANCELLED, COMPLETE, OPEN, PARTIAL
from tests.sandbox.exact.shop import Exact

HEADERS = "sync/SalesOrder/SalesOrderHeaders"
LINES = "sync/SalesOrder/SalesOrderLines"


def test_a_partial_delivery_leaves_the_order_partly_open(exact: Exact) -> None:
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})

    line = exact.office.order_line(starting_worlds.IN_TWO_PARTS, "MUG")
    assert exact.office.order(starting_worlds.IN_TWO_PARTS)["Status"] == PARTIAL
    assert (line["QuantityDelivered"], line["DeliveryStatus"]) == (6.0, PARTIAL)
    assert len(exact.office.delivery_lines(number)) == 1


def test_the_rest_completes_the_order(exact: Exact) -> None:
    exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS)

    delivered = [line["QuantityDelivered"] for line in exact.office.delivery_lines(number)]
    assert delivered == [4.0, 2.0]
    assert exact.office.order(starting_worlds.IN_TWO_PARTS)["Status"] == COMPLETE


def test_one_delivery_can_cover_several_orders(exact: Exact) -> None:
    number = exact.office.deliver([starting_worlds.IN_TWO_PARTS, starting_worlds.COLLECTED])

    assert exact.office.orders_of(number) == [starting_worlds.IN_TWO_PARTS, starting_worlds.COLLECTED]


@pytest.mark.parametrize("order", [starting_worlds.UNAPPROVED, starting_worlds.CANCELLED])
def test_an_order_that_is_not_approved_can_not_be_delivered(exact: Exact, order: int) -> None:
    with pytest.raises(ValueError, match="not approved"):
        exact.office.deliver(order)


def test_nothing_is_delivered_twice(exact: Exact) -> None:
    exact.office.deliver(starting_worlds.DOMESTIC)

    with pytest.raises(ValueError, match="nothing left"):
        exact.office.deliver(starting_worlds.DOMESTIC)


def test_a_deleted_delivery_opens_the_order_again(exact: Exact) -> None:
    exact.office.delete_delivery(exact.office.deliver(starting_worlds.DOMESTIC))

    assert exact.office.order(starting_worlds.DOMESTIC)["Status"] == OPEN
    types = exact.rows("sync/Deleted", select="EntityType", filter="Timestamp gt 1L")
    assert sorted(row["EntityType"] for row in types) == [16, 17, 17]


def test_a_changed_line_moves_the_line_only(exact: Exact) -> None:
    key = exact.office.order_id(4711)
    line = exact.office.order_line(4711, "MUG").key
    before = exact.version(HEADERS, key), exact.version(LINES, line)

    exact.office.change_quantity(4711, "MUG", 5)

    assert exact.version(HEADERS, key) == before[0]
    assert exact.version(LINES, line) > before[1]


def test_approval_can_be_given_and_taken_back(exact: Exact) -> None:
    exact.office.approve_order(starting_worlds.UNAPPROVED)
    exact.office.unapprove_order(starting_worlds.DOMESTIC)

    approved = "ApprovalStatus eq 2 and (OrderNumber eq 4711 or OrderNumber eq 4717)"
    rows = exact.rows("salesorder/SalesOrders", select="OrderNumber", filter=approved)
    assert [row["OrderNumber"] for row in rows] == [starting_worlds.UNAPPROVED]


def test_a_cancelled_order_is_cancelled_with_its_lines(exact: Exact) -> None:
    exact.office.cancel_order(4712)

    assert exact.office.order(4712)["Status"] == CANCELLED
    assert {line["DeliveryStatus"] for line in exact.office.order_lines(4712)} == {CANCELLED}


def test_a_corrected_address_moves_neither_order_nor_delivery(exact: Exact) -> None:
    order = exact.office.order(starting_worlds.NO_HOUSE_NUMBER)
    before = exact.version(HEADERS, order.key)

    exact.office.correct_address(order.text("DeliveryAddress"), AddressLine1="Dorpsstraat 8")

    assert exact.version(HEADERS, order.key) == before
    filter_ = f"ID eq guid'{order.text('DeliveryAddress')}'"
    rows = exact.rows("crm/Addresses", select="AddressLine1", filter=filter_)
    assert rows == [{"__metadata": rows[0]["__metadata"], "AddressLine1": "Dorpsstraat 8"}]


def test_a_moved_division_has_other_lower_row_versions(exact: Exact) -> None:
    key = exact.office.order_id(4711)
    before = exact.version(HEADERS, key)

    exact.office.move_division()

    assert exact.version(HEADERS, key) < before
    assert exact.rows("system/Divisions", select="DivisionMoveDate", top="1")[0]["DivisionMoveDate"]


def test_a_name_that_nobody_bears_is_an_error(exact: Exact) -> None:
    with pytest.raises(LookupError):
        exact.office.deliver(9999)


def test_the_second_division_has_its_own_orders(exact: Exact) -> None:
    office = exact.office.in_division(starting_worlds.SECOND_DIVISION)

    assert office.order_numbers() == []
    assert exact.office.order_numbers() == list(range(4711, 4721))


def headers(exact: Exact) -> dict[int, int]:
    """Row versions by order number, in the order of sync."""
    rows = exact.rows(HEADERS, select="OrderNumber,Timestamp", filter="Timestamp gt 1L")
    return {row["OrderNumber"]: int(row["Timestamp"]) for row in rows}


def test_a_restored_back_up_takes_back_what_was_done_since(exact: Exact) -> None:
    exact.office.edit_order(4712, YourRef="before")
    before, back_up = headers(exact), exact.office.back_up()

    exact.office.edit_order(4712, YourRef="after")
    number = exact.office.deliver(starting_worlds.DOMESTIC)
    exact.office.delete_order(4717)
    exact.office.restore(back_up)

    assert list(headers(exact).items()) == list(before.items())
    assert exact.office.order(4712)["YourRef"] == "before"
    assert exact.office.order(starting_worlds.DOMESTIC)["Status"] == OPEN
    assert number not in exact.office.delivery_numbers()
    assert exact.rows("sync/Deleted", select="EntityKey", filter="Timestamp gt 1L") == []


def test_after_a_restored_back_up_row_versions_and_numbers_are_given_again_and_ids_are_not(
    exact: Exact,
) -> None:
    back_up = exact.office.back_up()

    def placed() -> tuple[int, int, str]:
        number = exact.office.place_order("Sanne de Boer", [("MUG", 1, 12.5)])
        return number, headers(exact)[number], exact.office.order_id(number)

    first = placed()
    exact.office.restore(back_up)
    second = placed()

    assert first[:2] == second[:2]
    assert first[2] != second[2]


def test_a_back_up_can_be_restored_twice(exact: Exact) -> None:
    back_up = exact.office.back_up()
    for _ in range(2):
        exact.office.edit_order(4712, YourRef="changed")
        exact.office.restore(back_up)

        assert exact.office.order(4712)["YourRef"] is None


def test_a_line_whose_id_is_shown_twice_survives_a_back_up(exact: Exact) -> None:
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})
    exact.office.split_delivery_line(number, "MUG", "B-02", 2)
    key = exact.office.delivery_lines(number)[0].key

    exact.office.restore(exact.office.back_up())

    rows = exact.rows("salesorder/GoodsDeliveryLines", select="ID", filter=f"ID eq guid'{key}'")
    assert [row["ID"] for row in rows] == [key, key]
