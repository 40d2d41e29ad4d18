"""The shapes in which Exact was seen to write dates, lists, numbers and expanded lines, each a switch."""

from typing import Any, Literal

import pytest

from exactsend.sandbox.exact.behaviour import ExactBehaviour
from tests.sandbox.exact.shop import Exact

ORDERS = "salesorder/SalesOrders"
HEADERS = "sync/SalesOrder/SalesOrderHeaders"


@pytest.fixture
def behaviour(exact: Exact) -> ExactBehaviour:
    return exact.world.exact.behaviour


def created_as_text(exact: Exact) -> str:
    answer = exact.get(ORDERS, select="Created,OrderDate", filter="OrderNumber eq 4711").get_data(
        as_text=True
    )
    return answer.partition('"Created": ')[2].partition("}")[0]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("escaped", r'"\/Date(1795429800000)\/", "OrderDate": "\/Date(1795392000000)\/"'),
        ("plain", '"/Date(1795429800000)/", "OrderDate": "/Date(1795392000000)/"'),
        ("iso", '"2026-11-23T10:30:00", "OrderDate": "2026-11-23T00:00:00"'),
    ],
)
def test_dates_are_written_in_three_ways(
    exact: Exact, behaviour: ExactBehaviour, form: Literal["escaped", "plain", "iso"], text: str
) -> None:
    behaviour.date_form = form

    assert created_as_text(exact) == text


def test_a_created_record_has_such_dates_too(exact: Exact, behaviour: ExactBehaviour) -> None:
    behaviour.date_form = "iso"

    made = exact.ask("POST", "documents/Documents", json={"Subject": "s", "Type": 55}).get_json()["d"]

    assert made["Created"] == "2026-11-23T10:30:00"


@pytest.mark.parametrize(
    ("form", "shapes"), [("either", [list, dict]), ("bare", [list] * 2), ("results", [dict] * 2)]
)
def test_a_listing_is_a_bare_list_or_has_results(
    exact: Exact, behaviour: ExactBehaviour, form: Literal["either", "bare", "results"], shapes: list[type]
) -> None:
    behaviour.list_form = form
    options = {"select": "OrderNumber", "filter": "OrderNumber eq 4711"}

    found = [exact.get(ORDERS, **options, **top).get_json()["d"] for top in ({"top": "1"}, {})]

    assert [type(listed) for listed in found] == shapes
    assert [len(listed if isinstance(listed, list) else listed["results"]) for listed in found] == [1, 1]


@pytest.mark.parametrize("form", ["either", "bare", "results"])
def test_a_listing_with_a_next_page_always_has_results(
    exact: Exact, behaviour: ExactBehaviour, form: Literal["either", "bare", "results"]
) -> None:
    behaviour.list_form = form
    for _ in range(60):
        exact.office.place_order("Sanne de Boer", [("MUG", 1, 12.5)])

    page = exact.get(ORDERS, select="OrderNumber", filter="OrderNumber gt 1").get_json()["d"]

    assert (len(page["results"]), "__next" in page) == (60, True)


def numbers(exact: Exact) -> tuple[object, ...]:
    (row,) = exact.rows(
        ORDERS,
        select="OrderNumber,SalesOrderLines/Quantity",
        expand="SalesOrderLines",
        filter="OrderNumber eq 4711",
    )
    first: dict[str, Any] = row["SalesOrderLines"]["results"][0]
    return row["OrderNumber"], first["Quantity"]


def test_numbers_are_numbers_and_row_versions_text(exact: Exact) -> None:
    assert numbers(exact) == (4711, 4.0)
    assert isinstance(exact.rows(HEADERS, select="Timestamp", filter="Timestamp gt 1L")[0]["Timestamp"], str)


def test_by_choice_every_number_is_text(exact: Exact, behaviour: ExactBehaviour) -> None:
    behaviour.numbers_as_text = True

    assert numbers(exact) == ("4711", "4.0")


def test_by_choice_row_versions_are_numbers(exact: Exact, behaviour: ExactBehaviour) -> None:
    behaviour.int64_as_text = False

    assert isinstance(exact.rows(HEADERS, select="Timestamp", filter="Timestamp gt 1L")[0]["Timestamp"], int)


@pytest.mark.parametrize("as_numbers", [False, True])
def test_a_boolean_is_one_or_by_choice_a_number(
    exact: Exact, behaviour: ExactBehaviour, *, as_numbers: bool
) -> None:
    behaviour.booleans_as_numbers = as_numbers

    (row,) = exact.rows("system/Divisions", select="Current", filter="Current eq true")

    assert type(row["Current"]) is (int if as_numbers else bool)
    assert row["Current"] == 1


@pytest.fixture
def long_order(exact: Exact) -> int:
    """An order with 130 lines, among others."""
    exact.office.place_order("Sanne de Boer", [("MUG", 1, 1.0)] * 70)
    return exact.office.place_order("Sanne de Boer", [("MUG", quantity, 1.0) for quantity in range(1, 131)])


def expanded(exact: Exact, number: int) -> dict[str, Any]:
    select, condition = "OrderID,SalesOrderLines/Quantity", f"OrderNumber eq {number}"
    (row,) = exact.rows(ORDERS, select=select, expand="SalesOrderLines", filter=condition)
    return dict(row["SalesOrderLines"])


def test_expanded_lines_stop_at_sixty_and_a_link_inside_leads_to_the_rest(
    exact: Exact, long_order: int
) -> None:
    lines = expanded(exact, long_order)
    pages = [lines]
    while "__next" in pages[-1]:
        pages.append(exact.call("GET", pages[-1]["__next"], headers=exact.headers).get_json()["d"])

    assert f"SalesOrders(guid'{exact.office.order_id(long_order)}')/SalesOrderLines" in lines["__next"]
    assert [len(page["results"]) for page in pages] == [60, 60, 10]
    assert [line["Quantity"] for page in pages for line in page["results"]] == list(range(1, 131))


def test_sixty_expanded_lines_have_no_link(exact: Exact) -> None:
    number = exact.office.place_order("Sanne de Boer", [("MUG", 1, 1.0)] * 60)

    assert "__next" not in expanded(exact, number)


def test_the_lines_of_a_long_order_can_be_read_by_its_id(exact: Exact, long_order: int) -> None:
    key = exact.office.order_id(long_order)
    entity, options = "salesorder/SalesOrderLines", {"select": "ID", "filter": f"OrderID eq guid'{key}'"}

    page = exact.get(entity, **options).get_json()["d"]
    rest = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]

    assert (len(page["results"]), len(rest["results"]), "__next" in rest) == (60, 60, True)


def test_by_choice_expanded_lines_stop_elsewhere(
    exact: Exact, behaviour: ExactBehaviour, long_order: int
) -> None:
    behaviour.expanded_lines = 1000

    assert len(expanded(exact, long_order)["results"]) == 130


def test_a_deferred_link_pages_through_its_own_lines(exact: Exact, long_order: int) -> None:
    row = exact.rows(ORDERS, select="SalesOrderLines", filter=f"OrderNumber eq {long_order}")[0]
    uri = row["SalesOrderLines"]["__deferred"]["uri"]

    page = exact.call("GET", uri, query={"$select": "Quantity"}, headers=exact.headers).get_json()["d"]
    rest = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]["results"]

    assert [line["Quantity"] for line in rest] == list(range(61, 121))
    assert rest[0].keys() == {"__metadata", "Quantity"}
