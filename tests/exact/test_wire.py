"""Exact's protocol: what is asked word for word, and what its answers read as."""

import re
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.errors import ConfigError, Unreadable
from exactsend.exact import endpoints, odata, replies, wire
from exactsend.exact.models import Account, Deletion, SalesOrder, Stream
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
HOST = "https://start.exactonline.co.uk"
ASKED = Call("GET", "/api/v1/1234567/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")


def reply(answer: Answer) -> Reply:
    return answer.to(ASKED, "Exact")


def d(inner: object) -> Reply:
    return reply(says({"d": inner}))


# Asking


def test_orders_are_asked_for_whole_and_field_by_field() -> None:
    call = wire.listing(endpoints.SALES_ORDERS, DIVISION, "OrderNumber eq 4711")

    assert call.path == "/api/v1/1234567/salesorder/SalesOrders"
    assert call.query["$expand"] == "SalesOrderLines"
    assert call.query["$filter"] == "OrderNumber eq 4711"
    assert {"OrderID", "Division", "SalesOrderLines/ID"} <= set(call.query["$select"].split(","))
    assert "SalesOrderLines" not in call.query["$select"].split(",")


def test_a_small_list_is_asked_for_without_a_filter() -> None:
    call = wire.listing(endpoints.WAREHOUSES, DIVISION)

    assert call.query == {"$select": "ID,Code,Description"}


def test_a_field_of_the_configurations_choice_is_selected_once() -> None:
    call = wire.listing(endpoints.ITEMS, DIVISION, extra_fields=["FreeTextField_02", "StatisticalCode"])

    selected = call.query["$select"].split(",")
    assert (selected.count("FreeTextField_02"), selected.count("StatisticalCode")) == (1, 1)


@pytest.mark.parametrize("name", ["", "Your Ref", "a,b", "YourRef&$top=1", "Items/ID", "1st", "é"])
def test_what_can_be_no_field_never_gets_into_a_url(name: str) -> None:
    with pytest.raises(ConfigError):
        wire.listing(endpoints.SALES_ORDERS, DIVISION, extra_fields=[name])


def test_orders_since_a_day_are_the_approved_ones_in_a_wanted_status() -> None:
    call = wire.orders_since(endpoints.BULK_ORDERS, DIVISION, date(2026, 11, 1), [12, 20])

    assert call.query["$filter"] == (
        "OrderDate ge datetime'2026-11-01T00:00:00' and (Status eq 12 or Status eq 20)"
        " and (ApprovalStatus eq 1 or ApprovalStatus eq 2)"
    )


def test_a_condition_on_all_rows_stands_outside_the_chain() -> None:
    (call,) = wire.calls_with(
        endpoints.ADDRESSES, DIVISION, "Account", [odata.guid(ID)], also=wire.MAIN_ADDRESSES
    )

    assert call.query["$filter"] == f"(Account eq guid'{ID}') and Main eq true and (Type eq 4 or Type eq 1)"


def test_quotes_in_a_text_are_doubled() -> None:
    assert odata.text("d'Artagnan's") == "'d''Artagnan''s'"


def test_a_wall_time_is_spelled_without_fractions() -> None:
    assert odata.moment(datetime(2026, 1, 31, 13, 0, 5, 999)) == "datetime'2026-01-31T13:00:05'"  # noqa: DTZ001 - wall time


def test_what_is_no_guid_never_gets_into_a_url() -> None:
    with pytest.raises(ValueError, match="no GUID"):
        odata.guid("x' or true or '")


@given(
    ids=st.lists(st.uuids(), max_size=80),
    extra=st.lists(st.from_regex(r"[A-Z][A-Za-z_0-9]{20,58}", fullmatch=True), max_size=40),
)
def test_chains_name_every_id_once_and_no_url_is_too_long(ids: list[UUID], extra: list[str]) -> None:
    literals = [odata.guid(str(identifier)) for identifier in ids]

    calls = list(wire.calls_with(endpoints.SALES_ORDERS, DIVISION, "OrderID", literals, extra_fields=extra))

    named = [re.findall(r"guid'[^']+'", call.query["$filter"]) for call in calls]
    assert [row for chain in named for row in chain] == list(dict.fromkeys(literals))
    assert all(len(HOST + call.target) <= wire.MAX_URL_LENGTH for call in calls)
    assert all(1 <= len(chain) <= wire.MAX_OR_TERMS for chain in named)


def test_where_many_fields_are_selected_the_chains_are_shorter() -> None:
    extra = [f"FreeTextField_{number:045}" for number in range(75)]
    literals = [odata.guid(ID.replace("a", digit)) for digit in "0123456789bcdef"]

    calls = list(wire.calls_with(endpoints.SALES_ORDERS, DIVISION, "OrderID", literals, extra_fields=extra))

    assert len(calls) > 1
    assert all(len(HOST + call.target) <= wire.MAX_URL_LENGTH for call in calls)


def test_sixteen_ids_take_two_calls() -> None:
    calls = list(wire.calls_with(endpoints.ACCOUNTS, DIVISION, "ID", [str(n) for n in range(16)]))

    assert [call.query["$filter"].count(" eq ") for call in calls] == [15, 1]


@pytest.mark.parametrize(
    ("stream", "path", "fields"),
    [
        (
            Stream.ORDERS,
            "sync/SalesOrder/SalesOrderHeaders",
            "Timestamp,OrderID,Division,OrderNumber,Status,ApprovalStatus,OrderDate",
        ),
        (
            Stream.DELIVERY_LINES,
            "sync/SalesOrder/GoodsDeliveryLines",
            "Timestamp,ID,EntryID,SalesOrderLineID,SalesOrderNumber,Item,Description,QuantityDelivered,Unitcode",
        ),
        (Stream.ITEMS, "sync/Logistics/Items", "Timestamp,ID"),
    ],
)
def test_a_stream_is_asked_for_row_versions_keys_and_what_tells_whether_it_matters(
    stream: Stream, path: str, fields: str
) -> None:
    call = wire.changes(DIVISION, stream, 5_000_123)

    assert call.path == f"/api/v1/1234567/{path}"
    assert call.query == {"$select": fields, "$filter": "Timestamp gt 5000123L"}


def test_every_stream_can_be_asked() -> None:
    assert all(wire.changes(DIVISION, stream, 1).endpoint.startswith("sync/") for stream in Stream)


def test_a_moment_is_turned_into_a_row_version_by_exact() -> None:
    call = wire.row_version_at(DIVISION, Stream.DELIVERIES, datetime(2026, 11, 1, 8, 30))  # noqa: DTZ001 - wall time

    assert call.path == "/api/v1/1234567/read/sync/Sync/SyncTimestamp"
    assert call.query == {"modified": "datetime'2026-11-01T08:30:00'", "endPoint": "'GoodsDeliveries'"}


def test_tracking_is_put_onto_the_delivery_by_key_and_may_be_repeated() -> None:
    call = wire.update_delivery(DIVISION, ID, {"TrackingNumber": "3S1"})

    assert (call.method, call.repeatable) == ("PUT", True)
    assert call.path == f"/api/v1/1234567/salesorder/GoodsDeliveries(guid'{ID}')"
    assert call.endpoint == "salesorder/GoodsDeliveries"


def test_what_makes_something_new_is_never_repeated() -> None:
    made = [
        wire.create_document(DIVISION, "label", None, None),
        wire.attach(DIVISION, ID, "label.pdf", b"%PDF"),
    ]

    assert [(call.method, call.repeatable) for call in made] == [("POST", False), ("POST", False)]


def test_a_document_says_only_what_is_known() -> None:
    assert wire.create_document(DIVISION, "label", None, 4711).body == {
        "Subject": "label",
        "Type": 55,
        "SalesOrderNumber": 4711,
    }


def test_a_file_is_attached_as_base64() -> None:
    assert wire.attach(DIVISION, ID, "label.pdf", b"%PDF").body == {
        "Document": ID,
        "FileName": "label.pdf",
        "Attachment": "JVBERg==",
    }


# Reading


@pytest.mark.parametrize("inner", [{"results": [ORDER]}, [ORDER], ORDER])
def test_all_three_shapes_of_an_answer_are_read(inner: object) -> None:
    (order,) = odata.read(d(inner), SalesOrder, division=DIVISION)

    assert order.order_number == 4711


@pytest.mark.parametrize("inner", [{"results": []}, []])
def test_an_empty_list_is_an_answer(inner: object) -> None:
    assert odata.read(d(inner), SalesOrder) == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b""),
        Answer(b"<html>Object moved</html>"),
        says([]),
        says({}),
        says({"d": None}),
        says({"d": {"results": None}}),
        says({"d": ["4711"]}),
        says({"error": {"code": "", "message": {"lang": "", "value": "no"}}}),
    ],
)
def test_anything_else_is_unreadable_and_never_an_absence(answer: Answer) -> None:
    with pytest.raises(Unreadable, match="salesorder/SalesOrders"):
        odata.read(reply(answer), SalesOrder)


def test_a_row_of_another_division_is_refused() -> None:
    with pytest.raises(Unreadable, match="order 4711 belongs to division 9, not to 1234567"):
        odata.read(d([ORDER | {"Division": 9}]), SalesOrder, division=DIVISION)


def test_a_bad_row_is_named_by_number_and_field_without_its_content() -> None:
    with pytest.raises(Unreadable) as refused:
        odata.read(d([ORDER | {"Status": "Jan Jansen"}]), SalesOrder)

    assert "order 4711 has no usable Status" in refused.value.message
    assert "Jansen" not in refused.value.message
    assert refused.value.__cause__ is None


def test_one_bad_row_leaves_the_others_to_be_read() -> None:
    foreign = ORDER | {"OrderNumber": 4712, "Division": "9"}
    odd = ORDER | {"OrderNumber": 4713, "Status": {}}

    good, bad = odata.read_each(d([foreign, ORDER, odd, "4714"]), SalesOrder, division=DIVISION)

    assert [order.order_number for order in good] == [4711]
    assert [str(row) for row in bad] == [
        "order 4712 belongs to division 9, not to 1234567",
        "order 4713 has no usable Status",
        "a row is no object",
    ]


def test_a_division_that_can_not_be_read_is_no_other_division() -> None:
    good, bad = odata.read_each(d([{"ID": ID, "Division": [9]}]), Account, division=DIVISION)

    assert ([account.id for account in good], bad) == ([ID], [])


def test_one_row_is_wanted_and_two_came() -> None:
    with pytest.raises(Unreadable, match="2 rows"):
        odata.read_one(d([{"ID": ID}, {"ID": PARENT}]), Account)


def test_a_listing_goes_on_where_its_link_says() -> None:
    assert (
        odata.next_link(d({"results": [], "__next": "https://x/?$skiptoken=1"})) == "https://x/?$skiptoken=1"
    )
    assert odata.next_link(d({"results": []})) is None
    assert odata.next_link(d([])) is None


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


def test_a_deletion_says_what_was_deleted() -> None:
    row = {"Timestamp": "7", "EntityKey": ID, "EntityType": 16}

    (deletion,) = odata.read(d({"results": [row]}), Deletion)

    assert (deletion.timestamp, deletion.entity_key, deletion.entity_type) == (7, ID, 16)


@pytest.mark.parametrize("version", ["5000123", 5000123])
def test_a_row_version_is_text_or_number(version: str | int) -> None:
    assert replies.read_row_version(d([{"TimeStampAsBigInt": version}])) == 5000123


@pytest.mark.parametrize(
    "stream", [Stream.ACCOUNTS, Stream.CONTACTS, Stream.ADDRESSES, Stream.ITEMS, Stream.DELETED]
)
def test_row_versions_are_never_asked_for_streams_that_the_vendor_does_not_list(stream: Stream) -> None:
    with pytest.raises(ValueError, match="SyncTimestamp"):
        wire.row_version_at(DIVISION, stream, datetime(2026, 11, 1))  # noqa: DTZ001 - wall time


NO_VERSIONS: list[object] = [None, "", "x", 0, -1, "-7", 1.5, True, [], 2**63]


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
