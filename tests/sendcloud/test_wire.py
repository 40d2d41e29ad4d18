"""Sendcloud's protocol: what is asked word for word, and what its answers read as."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from exactsend.errors import FieldProblem, Unreadable
from exactsend.http.messages import Call, Reply
from exactsend.sendcloud import wire
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


# Asking


def test_shipments_are_asked_for_a_hundred_at_a_time() -> None:
    call = wire.shipments(order_number="4711")

    assert (call.path, call.query) == ("/shipments", {"order_number": "4711", "page_size": "100"})
    assert call.repeatable


def test_orders_are_asked_for_within_their_integration() -> None:
    call = wire.orders(17, order_id="exact-1-o-2")

    assert call.query == {"integration": "17", "order_id": "exact-1-o-2", "page_size": "200"}


def test_a_moment_is_sent_in_utc_with_a_z() -> None:
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1)))

    assert wire.iso(moment) == "2026-11-23T11:00:00Z"


def test_a_moment_without_a_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        wire.iso(datetime(2026, 11, 23))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    ("with_rules", "path"),
    [(False, "/shipments/announce"), (True, "/shipments/announce-with-shipping-rules")],
)
def test_a_purchase_waits_long_is_never_repeated_and_welcomes_a_conflict(
    path: str, *, with_rules: bool
) -> None:
    call = wire.announce({"external_reference_id": REFERENCE}, with_rules=with_rules)

    assert (call.method, call.path) == ("POST", path)
    assert (call.repeatable, call.timeout_seconds, call.accepted_statuses) == (False, 120.0, frozenset({409}))


def test_nothing_is_bought_without_a_reference() -> None:
    with pytest.raises(ValueError, match="reference"):
        wire.announce({"order_number": "4711"}, with_rules=False)


def test_orders_are_pushed_as_a_bare_list() -> None:
    call = wire.push_orders([{"order_id": "a"}])

    assert (call.path, call.body, call.repeatable) == ("/orders", [{"order_id": "a"}], False)


def test_an_id_can_not_lead_to_another_path() -> None:
    assert wire.shipment("../orders?x=1").path == "/shipments/..%2Forders%3Fx%3D1"
    assert wire.delete_order("1/2").path == "/orders/1%2F2"


def test_a_label_is_asked_for_as_pdf() -> None:
    call = wire.parcel_pdf(383707309, "label")

    assert (call.path, call.accept) == ("/parcels/383707309/documents/label", "application/pdf")


# Reading


def test_a_resource_stands_under_data() -> None:
    read = wire.read(reply(says({"data": {"user_id": 1, "integration_id": 17}})), AuthMetadata)

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
        wire.read_list(reply(answer), Shipment)


def test_one_bad_row_spoils_the_list_and_is_named_without_its_content() -> None:
    rows = [SHIPMENT, SHIPMENT | {"parcels": [PARCEL | {"id": "Jan Jansen"}]}]

    with pytest.raises(Unreadable, match="row 2 has no usable id in row 1 of parcels") as refused:
        wire.read_list(reply(says({"data": rows})), Shipment)

    assert "Jansen" not in refused.value.message


def test_one_bad_row_leaves_the_others_to_be_read() -> None:
    unknown = {name: value for name, value in SHIPMENT.items() if name != "order_number"}
    another = SHIPMENT | {"id": "C", "parcels": [{"id": 1}], "external_reference_id": REFERENCE}

    good, bad = wire.read_each(reply(says({"data": [unknown, another, SHIPMENT, "x"]})), Shipment)

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
    assert wire.next_link(reply(says({"data": []}, link=header))) == link


def test_a_reply_without_links_is_the_last() -> None:
    assert wire.next_link(reply(says({"data": []}))) is None


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

    assert wire.read_announced(reply(answer), REFERENCE).id == "a"


def test_a_new_shipment_need_not_repeat_the_reference() -> None:
    assert wire.read_announced(reply(says({"data": {"id": "a"}}, 201)), REFERENCE).id == "a"


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
        wire.read_announced(reply(answer), REFERENCE)


def test_only_a_pdf_is_a_label() -> None:
    assert wire.read_pdf(reply(Answer(b"%PDF-1.4"))) == b"%PDF-1.4"
    with pytest.raises(Unreadable):
        wire.read_pdf(reply(Answer(b"<html>")))


@pytest.mark.parametrize("status", ["cancelled", "queued"])
def test_a_cancellation_says_what_became_of_it(status: str) -> None:
    assert wire.read_cancellation(reply(says({"data": {"status": status, "message": "…"}}))) == status


@pytest.mark.parametrize("inner", [None, {}, {"status": "perhaps"}])
def test_any_other_answer_cancels_nothing(inner: object) -> None:
    with pytest.raises(Unreadable):
        wire.read_cancellation(reply(says({"data": inner})))


@pytest.mark.parametrize("inner", [{}, {"is_available": None}, {"is_available": "yes"}])
def test_an_availability_is_yes_or_no_and_nothing_else(inner: object) -> None:
    with pytest.raises(Unreadable):
        wire.read_availability(reply(says({"data": inner})))


@pytest.mark.parametrize(
    ("pointer", "index"),
    [
        ("/data/attributes/[1]/order_details/integration", 1),
        ("/data/attributes/[12]/order_details/order_items/0/quantity", 12),
        ("/data/attributes/[3]", 3),
        ("/data/attributes/", None),
        ("/data", None),
        ("", None),
    ],
)
def test_a_pointer_names_its_culprit(pointer: str, index: int | None) -> None:
    assert wire.culprit_index(pointer) == index


def test_still_processing_is_no_fault_of_the_order() -> None:
    waiting = "We are still processing a previous request. Please try again in a moment."

    assert wire.is_still_processing(FieldProblem("/data", waiting, "invalid"))
    assert not wire.is_still_processing(FieldProblem("/data", "Field required", "invalid"))
