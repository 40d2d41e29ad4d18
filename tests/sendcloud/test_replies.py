"""How Sendcloud's responses are read."""

from datetime import UTC, datetime

import pytest

from exactsend.errors import Unreadable
from exactsend.http.messages import Call, Reply
from exactsend.sendcloud import replies
from exactsend.sendcloud.models import AuthMetadata, Shipment
from tests.script import Answer, says

REFERENCE = "exact-1234567-8b3f0a5e-0000-4000-8000-00000000000a-1"
NEXT = "https://panel.sendcloud.sc/api/v3/shipments/?cursor=cD0yNTM1NDIyODI%3D"
PARCEL: dict[str, object] = {"id": 1, "status": {"code": "READY_TO_SEND", "message": "Ready to send"}}
SHIPMENT: dict[str, object] = {
    "id": "a",
    "order_number": "4711",
    "external_reference_id": None,
    "parcels": [PARCEL],
}
PREVIOUS = "https://panel.sendcloud.sc/api/v3/shipments/?cursor=cj0xJnA9MjUzNTQyMzM3"


def reply(answer: Answer) -> Reply:
    return answer.to(Call("GET", "/shipments", endpoint="shipments"), "Sendcloud")


def test_a_resource_stands_under_data() -> None:
    read = replies.read(reply(says({"data": {"user_id": 1, "integration_id": 17}})), AuthMetadata)

    assert (read.user_id, read.integration_id) == ("1", 17)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b""),
        Answer(b"<html>gateway</html>"),
        says([]),
        says({}),
        says({"data": None}),
        says({"data": {}}),
        says({"errors": [{"status": "500"}]}),
    ],
)
def test_what_is_no_list_is_unreadable_and_never_an_absence(answer: Answer) -> None:
    with pytest.raises(Unreadable):
        replies.read_list(reply(answer), Shipment)


def test_one_bad_row_spoils_the_list_and_is_named_without_its_content() -> None:
    rows = [SHIPMENT, SHIPMENT | {"parcels": [PARCEL | {"id": "Jan Jansen"}]}]

    with pytest.raises(Unreadable, match="row 2 has no usable id in row 1 of parcels") as refused:
        replies.read_list(reply(says({"data": rows})), Shipment)

    assert "Jansen" not in refused.value.message


def test_one_bad_row_leaves_the_others_to_be_read() -> None:
    unknown = {name: value for name, value in SHIPMENT.items() if name != "order_number"}
    another = SHIPMENT | {"id": "C", "parcels": [{"id": 1}], "external_reference_id": REFERENCE}

    good, bad = replies.read_each(reply(says({"data": [unknown, another, SHIPMENT, "x"]})), Shipment)

    assert [shipment.id for shipment in good] == ["a"]
    assert [(row.id, row.number, row.reference, str(row)) for row in bad] == [
        ("a", "", "", "row 1 has no usable order_number"),
        ("C", "4711", REFERENCE, "row 2 has no usable status in row 1 of parcels"),
        ("", "", "", "row 4 is no object"),
    ]


@pytest.mark.parametrize(
    ("header", "link"),
    [
        (f'<{NEXT}>; rel="next"', NEXT),
        (f'<{PREVIOUS}>; rel="prev", <{NEXT}>; rel="next"', NEXT),
        (f'<{NEXT}>; title="a, b; c"; rel=next', NEXT),
        (f'<{PREVIOUS}>; rel="prev"', None),
        ("", None),
    ],
)
def test_a_listing_goes_on_where_its_link_header_says(header: str, link: str | None) -> None:
    assert replies.next_link(reply(says({"data": []}, link=header))) == link


def test_a_reply_without_links_is_the_last() -> None:
    assert replies.next_link(reply(says({"data": []}))) is None


def test_the_servers_clock_is_its_date_header() -> None:
    date = reply(says({}, date="Mon, 23 Nov 2026 10:15:00 GMT")).server_date()

    assert date == datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("answer", [says({}), says({}, date="now")])
def test_a_reply_without_a_date_tells_no_time(answer: Answer) -> None:
    with pytest.raises(Unreadable):
        reply(answer).server_date()


@pytest.mark.parametrize("status", [200, 201, 409])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_purchase_is_read_wrapped_or_bare(status: int, *, wrapped: bool) -> None:
    shipment = {"id": "a", "external_reference_id": REFERENCE}
    answer = says({"data": shipment} if wrapped else shipment, status)

    assert replies.read_announced(reply(answer), REFERENCE).id == "a"


def test_a_new_shipment_need_not_repeat_the_reference() -> None:
    assert replies.read_announced(reply(says({"data": {"id": "a"}}, 201)), REFERENCE).id == "a"


@pytest.mark.parametrize(
    "answer",
    [
        says({"data": {"id": "a"}}, 409),
        says({"data": SHIPMENT | {"parcels": [{"id": 1}]}}, 201),
        says({"data": {"id": "a", "external_reference_id": "another"}}, 201),
        says({"errors": [{"status": "409", "code": "invalid"}]}, 409),
        says({"data": None}, 201),
        says({"data": [{"id": "a"}]}, 201),
        Answer(b"", 201),
    ],
)
def test_a_purchase_that_may_be_anothers_is_unreadable(answer: Answer) -> None:
    with pytest.raises(Unreadable):
        replies.read_announced(reply(answer), REFERENCE)


def test_only_a_pdf_is_a_label() -> None:
    assert replies.read_pdf(reply(Answer(b"%PDF-1.4"))) == b"%PDF-1.4"
    with pytest.raises(Unreadable):
        replies.read_pdf(reply(Answer(b"<html>")))


@pytest.mark.parametrize("status", ["cancelled", "queued"])
def test_a_cancellation_says_what_became_of_it(status: str) -> None:
    assert replies.read_cancellation(reply(says({"data": {"status": status, "message": "…"}}))) == status


@pytest.mark.parametrize("inner", [None, {}, {"status": "perhaps"}])
def test_any_other_answer_cancels_nothing(inner: object) -> None:
    with pytest.raises(Unreadable):
        replies.read_cancellation(reply(says({"data": inner})))


@pytest.mark.parametrize("inner", [{}, {"is_available": None}, {"is_available": "yes"}])
def test_an_availability_is_yes_or_no_and_nothing_else(inner: object) -> None:
    with pytest.raises(Unreadable):
        replies.read_availability(reply(says({"data": inner})))
