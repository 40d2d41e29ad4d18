"""What can be refused for good: an endpoint, one record, a filter, a field."""

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.refusals import Refusals
from tests.sandbox.exact.shop import Exact, message

ORDERS = "salesorder/SalesOrders"
DELIVERIES = "salesorder/GoodsDeliveries"
DELIVERY_LINES = "salesorder/GoodsDeliveryLines"
HEADERS = "sync/SalesOrder/SalesOrderHeaders"
WORDS = "Invalid: Item []"


@pytest.fixture
def refusals(exact: Exact) -> Refusals:
    return exact.world.exact.refusals


def orders(exact: Exact, condition: str) -> int:
    return exact.get(ORDERS, select="OrderNumber", filter=condition).status_code


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_endpoint_can_be_refused_while_the_others_answer(
    exact: Exact, refusals: Refusals, status: int
) -> None:
    refusals.refuse("crm/Accounts", status=status, sentence=WORDS)

    refused = exact.get("crm/Accounts", select="ID", filter="Code ne null")

    assert (refused.status_code, message(refused)) == (status, WORDS)
    assert exact.get("crm/Contacts", select="ID").status_code == 200
    assert exact.get("bulk/CRM/Accounts", select="ID", filter="Code ne null").status_code == 200


def test_every_endpoint_can_be_refused_for_one_method(exact: Exact, refusals: Refusals) -> None:
    refusals.refuse("*", method="POST", status=403, sentence="Forbidden")

    assert exact.ask("POST", "documents/Documents", json={}).status_code == 403
    assert orders(exact, "Status eq 12") == 200


@pytest.mark.parametrize(
    "path",
    [
        "current/Me",
        f"{starting_worlds.DIVISION}/read/sync/Sync/SyncTimestamp",
        f"{starting_worlds.DIVISION}/system/Divisions",
    ],
)
def test_what_is_no_table_can_be_refused_too(exact: Exact, refusals: Refusals, path: str) -> None:
    refusals.refuse(path.removeprefix(f"{starting_worlds.DIVISION}/"), status=403, sentence="Forbidden")

    assert exact.call("GET", f"/api/v1/{path}", headers=exact.headers).status_code == 403


def test_a_refusal_can_end_after_some_times_or_be_lifted(exact: Exact, refusals: Refusals) -> None:
    refusals.refuse(ORDERS, status=500, sentence=WORDS, times=2)
    assert [orders(exact, "Status eq 12") for _ in range(3)] == [500, 500, 200]

    refusals.refuse(ORDERS, status=500, sentence=WORDS)
    assert orders(exact, "Status eq 12") == 500
    refusals.lift()
    assert orders(exact, "Status eq 12") == 200


def test_a_listing_that_holds_a_refused_record_is_refused_whole(exact: Exact, refusals: Refusals) -> None:
    refusals.refuse(ORDERS, key=exact.office.order_id(4713), status=500, sentence=WORDS)

    assert orders(exact, "OrderNumber ge 4712 and OrderNumber le 4714") == 500
    assert orders(exact, "OrderNumber eq 4713") == 500
    assert orders(exact, f"OrderID eq guid'{exact.office.order_id(4713)}'") == 500
    assert orders(exact, "OrderNumber eq 4712 or OrderNumber eq 4714") == 200
    assert exact.get(f"{ORDERS}(guid'{exact.office.order_id(4713)}')").status_code == 500
    assert exact.get(f"{ORDERS}(guid'{exact.office.order_id(4712)}')").status_code == 200


def test_a_record_refused_at_one_endpoint_is_shown_by_the_others(exact: Exact, refusals: Refusals) -> None:
    key = exact.office.order_id(4713)
    everywhere = {"select": "OrderNumber", "filter": "Timestamp gt 1L"}

    refusals.refuse(ORDERS, key=key, status=500, sentence=WORDS)
    assert exact.get(HEADERS, **everywhere).status_code == 200

    refusals.refuse("*", key=key, status=500, sentence=WORDS)
    assert exact.get(HEADERS, **everywhere).status_code == 500


def test_only_the_page_with_the_refused_record_is_refused(exact: Exact, refusals: Refusals) -> None:
    for _ in range(60):
        exact.office.place_order("Sanne de Boer", [("MUG", 1, 12.5)])
    refusals.refuse(ORDERS, key=exact.office.order_id(4775), status=500, sentence=WORDS)

    page = exact.get(ORDERS, select="OrderNumber", filter="Status gt 0")

    assert page.status_code == 200
    assert exact.call("GET", page.get_json()["d"]["__next"], headers=exact.headers).status_code == 500


def test_an_expanded_line_that_is_refused_takes_its_delivery_with_it(
    exact: Exact, refusals: Refusals
) -> None:
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})
    exact.office.split_delivery_line(number, "MUG", "B-02", 2)
    key = exact.office.delivery_lines(number)[0].key
    refusals.refuse(DELIVERY_LINES, key=key, status=500, sentence=WORDS)
    options = {"select": "EntryID,GoodsDeliveryLines/ID", "filter": f"DeliveryNumber eq {number}"}

    assert exact.get(DELIVERIES, expand="GoodsDeliveryLines", **options).status_code == 500
    assert exact.get(DELIVERIES, select="EntryID", filter=options["filter"]).status_code == 200
    assert exact.get(DELIVERY_LINES, select="ID", filter=f"ID eq guid'{key}'").status_code == 500


def test_a_write_to_one_record_can_be_refused_while_it_can_be_read(exact: Exact, refusals: Refusals) -> None:
    numbers = [
        exact.office.deliver(order) for order in (starting_worlds.DOMESTIC, starting_worlds.IN_TWO_PARTS)
    ]
    keys = [exact.office.delivery_id(number) for number in numbers]
    refusals.refuse(DELIVERIES, method="PUT", key=keys[0].upper(), status=500, sentence="Verplicht: Serie")

    written = [
        exact.ask("PUT", f"{DELIVERIES}(guid'{key}')", json={"Remarks": "written"}).status_code
        for key in keys
    ]

    assert written == [500, 204]
    assert [exact.office.remarks(number) for number in numbers] == ["", "written"]
    assert len(exact.rows(DELIVERIES, select="EntryID")) == 2


def test_refusals_count_as_errors_except_500(exact: Exact, refusals: Refusals) -> None:
    refusals.refuse(ORDERS, status=500, sentence=WORDS, times=11)
    for _ in range(11):
        orders(exact, "Status eq 12")
    refusals.refuse(ORDERS, key=exact.office.order_id(4713), status=404, sentence=WORDS)
    assert orders(exact, "OrderNumber eq 4712") == 200

    for _ in range(11):
        orders(exact, "OrderNumber eq 4713")

    assert exact.get("crm/Addresses").headers["Reason"].startswith("BlockedKey")


def test_a_documented_filter_can_be_refused(exact: Exact, refusals: Refusals) -> None:
    refusals.refuse_filter(ORDERS, "Status")

    refused = exact.get(ORDERS, select="OrderNumber", filter="OrderNumber gt 1 and Status eq 12")

    assert refused.status_code == 400
    assert message(refused) == "Filtering on these fields is not supported: Status"
    assert exact.get(ORDERS, select="Status", filter="OrderNumber eq 4712").status_code == 200


def test_a_field_that_an_edition_lacks_can_be_neither_selected_nor_filtered(
    exact: Exact, refusals: Refusals
) -> None:
    refusals.lack_field(ORDERS, "WarehouseID")
    lines = {"select": "OrderNumber,SalesOrderLines/Notes", "filter": "OrderNumber eq 4712"}
    assert exact.get(ORDERS, expand="SalesOrderLines", **lines).status_code == 200
    refusals.lack_field("salesorder/SalesOrderLines", "Notes")

    selected = exact.get(ORDERS, select="OrderNumber,WarehouseID", filter="OrderNumber eq 4712")
    filtered = exact.get(ORDERS, select="OrderNumber", filter="WarehouseID ne null and OrderNumber eq 4712")
    expanded = exact.get(ORDERS, expand="SalesOrderLines", **lines)
    rest = exact.rows(ORDERS, filter="OrderNumber eq 4712")

    assert message(selected) == (
        "The property name 'WarehouseID' specified for type 'Exact.Web.Api.Models.salesorder.SalesOrders' is not valid."
    )
    assert [answer.status_code for answer in (selected, filtered, expanded)] == [400, 400, 400]
    assert "WarehouseID" not in rest[0]


def test_an_endpoint_that_there_is_not_can_not_be_refused(refusals: Refusals) -> None:
    with pytest.raises(ValueError, match="crm/Parcels"):
        refusals.refuse("crm/Parcels", status=403, sentence="Forbidden")
