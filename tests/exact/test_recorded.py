"""Recorded answers of Exact, each read as it is meant. Skipped where they are not at hand; ``test_shapes`` has the same shapes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exactsend.errors import Broken, Forbidden, LoginNeeded, Refused, Unreadable
from exactsend.exact import odata, replies
from exactsend.exact.models import Account, GoodsDelivery, Item, Me, SalesOrder, Stream
from exactsend.exact.token_endpoint import NotExpired, SpentToken, token_error
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.exact_limits import ExactAllowance
from exactsend.http.error_replies import error_for
from exactsend.http.messages import Call, Reply
from tests import published_answers

CALL = Call("GET", "/api/v1/1234567/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")
CREATED_LATER = {"ApprovalStatus": 2, "Division": 1, "QuantityDelivered": None, "UseDropShipment": None}
"""Evidence that was not selected in a recorded answer: with it the rest is seen to be readable."""


def reply(document: object, status: int = 200) -> Reply:
    body = document if isinstance(document, str) else json.dumps(document)
    return Reply(status, {}, body.encode(), CALL, "Exact")


def rows(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    inner = document["d"]
    found: list[dict[str, Any]] = inner.get("results", [inner]) if isinstance(inner, dict) else inner
    return found


def accounts(document: Any) -> None:  # noqa: ANN401 - likewise
    read = odata.read(reply(document), Account)

    assert [(account.code, account.country, account.city) for account in read] == [
        (row["Code"].strip(), row["Country"].strip(), row["City"] or "") for row in rows(document)
    ]


def items(document: Any) -> None:  # noqa: ANN401 - likewise
    read = odata.read(reply(document), Item)

    assert [(item.code, item.unit, item.is_stock_item, item.net_weight) for item in read] == [
        (row["Code"], row.get("Unit", "").strip(), row.get("IsStockItem"), None) for row in rows(document)
    ]


def me(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    read = odata.read_one(reply(document), Me)

    assert (read.current_division, read.server_utc_offset) == (
        row["CurrentDivision"],
        row.get("ServerUtcOffset"),
    )
    if "ServerTime" in row:
        assert replies.read_wall_time(reply(document)) == datetime.fromisoformat(row["ServerTime"])
    else:
        with pytest.raises(Unreadable, match="ServerTime"):
            replies.read_wall_time(reply(document))


def a_new_delivery(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    (unread,) = odata.read_each(reply(document), GoodsDelivery)[1]
    read = odata.read_one(reply({"d": row | CREATED_LATER}), GoodsDelivery)

    assert unread.why == "has no usable Division"
    assert (read.tracking_number, read.remarks, read.document, read.goods_delivery_lines) == (
        row["TrackingNumber"],
        row["Remarks"],
        None,
        None,
    )
    assert read.delivery_date == datetime(1970, 1, 1) + timedelta(milliseconds=int(row["DeliveryDate"][6:-2]))  # noqa: DTZ001 - wall time


def a_delivery_of_ids(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    (unread,) = odata.read_each(reply(document), GoodsDelivery)[1]

    assert unread.id == row["EntryID"]
    assert "TrackingNumber" in unread.why
    assert "QuantityDelivered in row 3 of GoodsDeliveryLines" in unread.why


def an_order_with_a_line(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    (unread,) = odata.read_each(reply(document), SalesOrder)[1]
    whole = row | CREATED_LATER | {"OrderID": row["SalesOrderLines"]["results"][0]["ID"]}
    line = row["SalesOrderLines"]["results"][0] | {"UseDropShipment": 0, "OrderID": whole["OrderID"]}
    whole |= {"OrderNumber": 1, "Status": 12, "SalesOrderLines": {"results": [line]}}
    read = odata.read_one(reply({"d": whole}), SalesOrder)

    assert (unread.id, unread.name) == ("", "a row")
    assert "OrderID, OrderID in row 1 of SalesOrderLines, OrderNumber, Status" in unread.why
    assert [candidate.quantity for candidate in read.sales_order_lines or ()] == [line["Quantity"]]


def lines_that_go_on(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    (unread,) = odata.read_each(reply(document), SalesOrder)[1]
    read = odata.read_one(reply({"d": row | CREATED_LATER}), SalesOrder)

    assert str(unread) == f"order {row['OrderNumber']} has no usable ApprovalStatus, Division"
    assert read.sales_order_lines is None


def a_row_of_a_stream(document: Any) -> None:  # noqa: ANN401 - likewise
    (row,) = rows(document)
    ((change,), _) = replies.read_changes(reply(document), Stream.DELIVERIES)

    assert (change.timestamp, change.id) == (int(row["Timestamp"]), row["EntryID"])
    assert change.delivery is not None
    assert change.delivery.tracking_number == row["TrackingNumber"]
    assert odata.next_link(reply(document)) == document["d"]["__next"]


def a_row_version(document: Any) -> None:  # noqa: ANN401 - likewise
    assert replies.read_row_version(reply(document)) == int(rows(document)[0]["TimeStampAsBigInt"])


def refusals(document: Any) -> None:  # noqa: ANN401 - likewise
    kinds = {403: Forbidden, 400: Refused, 500: Broken}
    for row in document:
        if row["status"] == 429:
            _a_minute_that_is_used_up({name.lower(): value for name, value in row["headers"].items()})
            continue
        error = error_for(reply(row["body"], row["status"]))
        assert isinstance(error, kinds[row["status"]])
        assert error.said == row["body"]["error"]["message"]["value"].rstrip(" .")


def _a_minute_that_is_used_up(headers: dict[str, str]) -> None:
    reset = datetime.fromtimestamp(int(headers["x-ratelimit-minutely-reset"]) / 1000, UTC)
    allowance = ExactAllowance(CallCounters.load(None), max_calls_per_day=100)

    allowance.after(CALL, 429, headers, reset - timedelta(seconds=30))

    assert timedelta(0) < allowance.before(CALL, reset - timedelta(seconds=30)) <= timedelta(minutes=1)


def answers_of_the_token_endpoint(document: Any) -> None:  # noqa: ANN401 - likewise
    meant = [NotExpired, SpentToken, LoginNeeded, Broken, Broken]

    assert [type(token_error(reply(row["body"], row["status"]))) for row in document] == meant


READ: dict[str, Callable[[Any], None]] = {
    "account_nl_2014.json": accounts,
    "accounts_vendor_sdk.json": accounts,
    "error_bodies.json": refusals,
    "expanded_lines_with_next.json": lines_that_go_on,
    "goods_delivery_created.json": a_new_delivery,
    "goods_delivery_expanded_ids.json": a_delivery_of_ids,
    "item_be_bare_list.json": items,
    "item_com_bulk_2022.json": items,
    "item_nl_2024_escaped_slashes.json": items,
    "items_be_results.json": items,
    "me_2025.json": me,
    "me_vendor_faq.json": me,
    "sales_order_expanded.json": an_order_with_a_line,
    "sync_goods_delivery.json": a_row_of_a_stream,
    "sync_timestamp_vendor_fields.json": a_row_version,
    "token_errors.json": answers_of_the_token_endpoint,
}


@pytest.mark.parametrize("name", READ)
def test_a_recorded_answer_is_read_as_it_is_meant(name: str) -> None:
    READ[name](published_answers.document("exact", name))


def test_every_recorded_answer_is_read() -> None:
    assert set(published_answers.names("exact")) <= READ.keys()
