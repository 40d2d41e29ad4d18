"""The calls to Exact, word for word."""

import re
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.errors import ConfigError
from exactsend.exact import endpoints, odata, wire
from exactsend.exact.models import Stream

DIVISION = 1234567
ID = "8b3f0a5e-0000-4000-8000-00000000000a"
HOST = "https://start.exactonline.co.uk"


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


@pytest.mark.parametrize(
    "stream", [Stream.ACCOUNTS, Stream.CONTACTS, Stream.ADDRESSES, Stream.ITEMS, Stream.DELETED]
)
def test_row_versions_are_never_asked_for_streams_that_the_vendor_does_not_list(stream: Stream) -> None:
    with pytest.raises(ValueError, match="SyncTimestamp"):
        wire.row_version_at(DIVISION, stream, datetime(2026, 11, 1))  # noqa: DTZ001 - wall time
