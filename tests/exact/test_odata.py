"""Exact's OData: literals for filters, the shapes of responses, rows."""

from datetime import datetime

import pytest

from exactsend.errors import Unreadable
from exactsend.exact import odata
from exactsend.exact.models import Account, Deletion, SalesOrder
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
ASKED = Call("GET", "/api/v1/1234567/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")


def reply(answer: Answer) -> Reply:
    return answer.to(ASKED, "Exact")


def d(inner: object) -> Reply:
    return reply(says({"d": inner}))


def test_quotes_in_a_text_are_doubled() -> None:
    assert odata.text("d'Artagnan's") == "'d''Artagnan''s'"


def test_a_wall_time_is_spelled_without_fractions() -> None:
    assert odata.moment(datetime(2026, 1, 31, 13, 0, 5, 999)) == "datetime'2026-01-31T13:00:05'"  # noqa: DTZ001 - wall time


def test_what_is_no_guid_never_gets_into_a_url() -> None:
    with pytest.raises(ValueError, match="no GUID"):
        odata.guid("x' or true or '")


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


def test_a_deletion_says_what_was_deleted() -> None:
    row = {"Timestamp": "7", "EntityKey": ID, "EntityType": 16}

    (deletion,) = odata.read(d({"results": [row]}), Deletion)

    assert (deletion.timestamp, deletion.entity_key, deletion.entity_type) == (7, ID, 16)
