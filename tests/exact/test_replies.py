"""How Exact's responses are read."""

from datetime import datetime

import pytest

from exactsend.errors import Unreadable
from exactsend.exact import endpoints, replies, wire
from exactsend.exact.models import Stream
from exactsend.http.messages import Call, Reply
from tests.script import Answer, says

DIVISION = 1234567
ID = "8b3f0a5e-0000-4000-8000-00000000000a"
PARENT = "8b3f0a5e-0000-4000-8000-00000000000b"
ORDER: dict[str, object] = {
    "OrderID": ID,
    "OrderNumber": 4711,
    "Status": 12,
    "ApprovalStatus": 2,
    "Division": DIVISION,
}
DELIVERY: dict[str, object] = {
    "EntryID": ID,
    "DeliveryNumber": 20001,
    "TrackingNumber": None,
    "Remarks": None,
    "Document": None,
    "Division": DIVISION,
}
ASKED = Call("GET", "/api/v1/1234567/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")


def reply(answer: Answer) -> Reply:
    return answer.to(ASKED, "Exact")


def d(inner: object) -> Reply:
    return reply(says({"d": inner}))


NO_VERSIONS: list[object] = [None, "", "x", 0, -1, "-7", 1.5, True, [], 2**63]


@pytest.mark.parametrize("timestamp", ["5000123", 5000123])
def test_a_changed_line_names_the_order_that_it_belongs_to(timestamp: str | int) -> None:
    row = {"Timestamp": timestamp, "ID": ID.upper(), "OrderID": PARENT.upper()}

    ((change,), _) = replies.read_changes(d({"results": [row]}), Stream.ORDER_LINES)

    assert (change.timestamp, change.id, change.parent) == (5000123, ID, PARENT)


def test_rows_are_counted_with_a_filter_that_all_of_them_pass() -> None:
    call = wire.count(endpoints.ACCOUNTS, DIVISION)

    assert call.path == "/api/v1/1234567/crm/Accounts/$count"
    assert call.query == {"$filter": "Created ge datetime'1900-01-01T00:00:00'"}
    assert replies.read_count(Reply(200, {}, b"8000", call)) == 8000


def test_a_count_that_is_no_number_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        replies.read_count(Reply(200, {}, b"<html>", wire.count(endpoints.ACCOUNTS, DIVISION)))


def test_a_changed_delivery_belongs_to_itself_and_says_what_it_is_now() -> None:
    row = DELIVERY | {"Timestamp": 1, "TrackingNumber": "3S1"}

    ((change,), _) = replies.read_changes(d([row]), Stream.DELIVERIES)

    assert (change.id, change.parent) == (ID, ID)
    assert change.delivery is not None
    assert change.delivery.tracking_number == "3S1"


def test_rows_that_name_no_record_hide_no_others() -> None:
    sound = {"Timestamp": 7, "ID": ID, "OrderID": PARENT}
    rows = [{"Timestamp": 8, "ID": ID}, sound, {"Timestamp": 9, "ID": None, "OrderID": PARENT}]

    found, nameless = replies.read_changes(d(rows), Stream.ORDER_LINES)

    assert [(change.timestamp, change.parent) for change in found] == [(7, PARENT), (0, PARENT)]
    assert [str(row) for row in nameless] == [f"the row with ID {ID} has no usable OrderID"]


@pytest.mark.parametrize(
    ("stream", "row", "why"),
    [
        (
            Stream.ORDER_LINES,
            {"Timestamp": "soon"},
            "a row of SalesOrderLines has no usable ID, OrderID, Timestamp",
        ),
        (Stream.ORDER_LINES, None, "a row is no object"),
        (Stream.ORDERS, {"Timestamp": 5, "OrderNumber": 4711}, "order 4711 has no usable OrderID"),
        (
            Stream.DELIVERIES,
            {"Timestamp": 5, "DeliveryNumber": "20001"},
            "delivery 20001 has no usable EntryID",
        ),
    ],
)
def test_a_row_that_names_no_record_is_called_by_its_number_where_it_has_one(
    stream: Stream, row: object, why: str
) -> None:
    found, nameless = replies.read_changes(d([row]), stream)

    assert found == []
    assert [str(candidate) for candidate in nameless] == [why]


@pytest.mark.parametrize(
    ("stream", "row"),
    [
        (Stream.ORDERS, ORDER | {"OrderNumber": None}),
        (Stream.DELIVERIES, {name: value for name, value in DELIVERY.items() if name != "TrackingNumber"}),
        (Stream.DELIVERY_LINES, {"ID": ID, "EntryID": PARENT, "QuantityDelivered": None}),
    ],
)
def test_a_change_is_known_though_what_is_read_along_can_not_be_read(
    stream: Stream, row: dict[str, object]
) -> None:
    ((change,), _) = replies.read_changes(d([row | {"Timestamp": 0}]), stream)

    assert (change.timestamp, change.id) == (0, ID)
    assert (change.order, change.delivery, change.delivery_line) == (None, None, None)


@pytest.mark.parametrize("version", ["5000123", 5000123])
def test_a_row_version_is_text_or_number(version: str | int) -> None:
    assert replies.read_row_version(d([{"TimeStampAsBigInt": version}])) == 5000123


@pytest.mark.parametrize(
    "inner",
    [
        None,
        {},
        [],
        {"results": []},
        {"results": None},
        [{}],
        ["5000123"],
        *([{"TimeStampAsBigInt": odd}] for odd in NO_VERSIONS),
    ],
)
def test_an_answer_without_a_row_version_names_none(inner: object) -> None:
    assert replies.read_row_version(d(inner)) is None


def test_of_two_row_versions_the_earlier_one_counts() -> None:
    assert replies.read_row_version(d([{"TimeStampAsBigInt": 9}, {"TimeStampAsBigInt": "8"}, {}])) == 8


@pytest.mark.parametrize("answer", [Answer(b""), says({}), says([]), says({"error": {}}), says({"d": 7})])
def test_what_is_no_answer_says_nothing_of_row_versions(answer: Answer) -> None:
    with pytest.raises(Unreadable):
        replies.read_row_version(reply(answer))


@pytest.mark.parametrize(
    "written", ["2026-11-23T10:15:00", "2026-11-23T10:15:00.0000000", "/Date(1795428900000)/"]
)
def test_exacts_clock_is_read_without_a_zone(written: str) -> None:
    now = replies.read_wall_time(d({"results": [{"CurrentDivision": DIVISION, "ServerTime": written}]}))

    assert now == datetime(2026, 11, 23, 10, 15)  # noqa: DTZ001 - wall time
