"""The shapes that live answers of Exact were seen in, with values of our own: padded codes, three kinds of lists, odd dates."""

import json
from datetime import datetime

import pytest

from exactsend.errors import Unreadable
from exactsend.exact import odata, replies
from exactsend.exact.models import Account, CatalogueItem, GoodsDelivery, Item, Me, SalesOrder, Stream
from exactsend.http.messages import Call, Reply

DIVISION = 1234567
ID = "11111111-2222-4333-8444-000000000001"
OTHER = "11111111-2222-4333-8444-000000000002"
NOBODY = "00000000-0000-0000-0000-000000000000"
HOST = "https://start.exactonline.nl/api/v1/1234567"
METADATA = {"uri": f"{HOST}/x(guid'{ID}')", "type": "Exact.Web.Api.Models.X"}
DEFERRED = {"__deferred": {"uri": f"{HOST}/x(guid'{ID}')/Lines"}}


def reply(document: object) -> Reply:
    body = document if isinstance(document, str) else json.dumps(document)
    return Reply(200, {}, body.encode(), Call("GET", "/x", endpoint="x"), "Exact")


def results(*rows: dict[str, object]) -> Reply:
    return reply({"d": {"results": [{"__metadata": METADATA, **row} for row in rows]}})


def test_an_account_has_a_padded_code_nulls_and_collections_that_did_not_come() -> None:
    row: dict[str, object] = {
        "ID": ID,
        "Code": "                77",
        "Country": "BE ",
        "Email": None,
        "IsAccountant": 0,
        "Blocked": False,
        "Created": "/Date(1700000000000)/",
        "Division": DIVISION,
        "BankAccounts": DEFERRED,
    }

    (account,) = odata.read(results(row), Account, division=DIVISION)

    assert (account.code, account.country, account.email, account.eori_number) == ("77", "BE", "", "")


@pytest.mark.parametrize("wrap", [lambda row: [row], lambda row: {"results": [row]}])
def test_an_item_comes_in_a_bare_list_or_in_results(wrap: object) -> None:
    assert callable(wrap)
    row = {
        "ID": NOBODY,
        "Code": "P-1",
        "Unit": "box     ",
        "IsStockItem": True,
        "IsSalesItem": False,
        "IsTime": 0,
    }

    (item,) = odata.read(reply({"d": wrap(row)}), CatalogueItem)

    assert (item.code, item.unit, item.is_stock_item, item.is_sales_item) == ("P-1", "box", True, False)
    assert (item.gross_weight, item.statistical_code) == (None, "")


def test_dates_may_have_escaped_slashes() -> None:
    body = f'{{"d":{{"results":[{{"ID":"{ID}","EndDate":"\\/Date(1700000000000)\\/"}}]}}}}'

    (item,) = odata.read(reply(body), CatalogueItem)

    assert item.end_date == datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001 - wall time


def test_an_item_of_the_bulk_listing_has_nulls_for_all_that_customs_want() -> None:
    row: dict[str, object] = {
        "ID": ID,
        "Unit": "kg      ",
        "GrossWeight": None,
        "NetWeight": None,
        "NetWeightUnit": None,
        "StatisticalCode": None,
    }

    (item,) = odata.read(results(row), Item)

    assert (item.unit, item.gross_weight, item.net_weight, item.net_weight_unit) == ("kg", None, None, "")


def test_who_is_signed_in_comes_with_wall_time_and_numbers_as_text() -> None:
    row: dict[str, object] = {
        "CurrentDivision": DIVISION,
        "UserID": ID,
        "EmployeeID": NOBODY,
        "Legislation": "3",
        "ServerTime": "2026-01-31T08:09:10",
        "ServerUtcOffset": 3600,
    }

    assert odata.read_one(results(row), Me).server_utc_offset == 3600
    assert replies.read_wall_time(results(row)) == datetime(2026, 1, 31, 8, 9, 10)  # noqa: DTZ001 - wall time


def test_who_is_signed_in_may_come_with_the_division_alone() -> None:
    row: dict[str, object] = {"CurrentDivision": DIVISION}

    assert odata.read_one(results(row), Me).server_time is None
    with pytest.raises(Unreadable, match="ServerTime is missing"):
        replies.read_wall_time(results(row))


DELIVERY: dict[str, object] = {
    "__metadata": METADATA,
    "EntryID": ID,
    "DeliveryNumber": 305,
    "DeliveryAccountCode": "                 9",
    "DeliveryDate": "/Date(1700006400000)/",
    "Document": None,
    "Remarks": "for order 91",
    "ShippingMethodCode": "AIR ",
    "TrackingNumber": "TN-1",
    "GoodsDeliveryLines": DEFERRED,
}


def test_what_was_made_is_one_row_alone_and_lacks_its_division() -> None:
    (unread,) = odata.read_each(reply({"d": DELIVERY}), GoodsDelivery)[1]
    delivery = odata.read_one(reply({"d": DELIVERY | {"Division": DIVISION}}), GoodsDelivery)

    assert str(unread) == "delivery 305 has no usable Division"
    assert (delivery.shipping_method_code, delivery.goods_delivery_lines) == ("AIR", None)
    assert delivery.delivery_date == datetime(2023, 11, 15)  # noqa: DTZ001 - wall time


def test_a_delivery_of_which_ids_alone_were_selected_is_no_delivery() -> None:
    row: dict[str, object] = {"EntryID": ID, "GoodsDeliveryLines": {"results": [{"ID": OTHER}]}}

    (unread,) = odata.read_each(results(row), GoodsDelivery)[1]

    assert unread.why == (
        "has no usable DeliveryNumber, Division, Document, EntryID in row 1 of GoodsDeliveryLines,"
        " QuantityDelivered in row 1 of GoodsDeliveryLines, Remarks, TrackingNumber"
    )


LINE: dict[str, object] = {
    "ID": OTHER,
    "Item": OTHER,
    "ItemCode": "CAP",
    "Quantity": 3,
    "QuantityDelivered": 0,
}


def test_an_order_without_its_own_id_is_no_order() -> None:
    row = {"ApprovalStatus": 2, "SalesOrderLines": {"results": [LINE]}}

    (unread,) = odata.read_each(results(row), SalesOrder)[1]

    assert (unread.id, unread.name) == ("", "a row")
    assert "UseDropShipment in row 1 of SalesOrderLines" in unread.why


def test_lines_that_go_on_elsewhere_are_not_read() -> None:
    line = LINE | {"OrderID": ID, "UseDropShipment": 0}
    lines = {"results": [line] * 60, "__next": f"{HOST}/x(guid'{ID}')/Lines?$skiptoken=guid'{OTHER}'"}
    row = {"OrderID": ID, "OrderNumber": 91, "Status": 12, "ApprovalStatus": 2, "Division": DIVISION}

    (cut,) = odata.read(results(row | {"SalesOrderLines": lines}), SalesOrder)
    (whole,) = odata.read(results(row | {"SalesOrderLines": {"results": [line]}}), SalesOrder)

    assert (cut.sales_order_lines, len(whole.sales_order_lines or ())) == (None, 1)


def test_a_row_of_a_stream_has_its_row_version_as_text_and_a_link_with_spaces() -> None:
    link = f"{HOST}/sync/x?$select=Timestamp,EntryID&$filter=Timestamp gt 5L&$skiptoken=8888888888L"
    row = DELIVERY | {"Timestamp": "8888888888", "Division": DIVISION, "Modified": "/Date(1700000000123)/"}
    page = reply({"d": {"results": [row], "__next": link}})

    ((change,), _) = replies.read_changes(page, Stream.DELIVERIES)

    assert (change.timestamp, odata.next_link(page)) == (8_888_888_888, link)
    assert change.delivery is not None
    assert change.delivery.modified == datetime(2023, 11, 14, 22, 13, 20, 123_000)  # noqa: DTZ001 - wall time


def test_a_row_version_stands_beside_its_moment_and_its_endpoint() -> None:
    row = {"Modified": "/Date(1700000000000)/", "API": "SalesOrderLines", "TimeStampAsBigInt": "7777777777"}

    assert replies.read_row_version(reply({"d": [row]})) == 7_777_777_777
    assert replies.read_row_version(reply({"d": row})) == 7_777_777_777
