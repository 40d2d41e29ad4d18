"""What may be written in Exact, and what moves by it."""

import base64
from typing import Any

import pytest

from exactsend.sandbox import starting_worlds
from tests.sandbox.exact.shop import Exact, message

DELIVERIES = "salesorder/GoodsDeliveries"
SYNC_DELIVERIES = "sync/SalesOrder/GoodsDeliveries"
SYNC_LINES = "sync/SalesOrder/GoodsDeliveryLines"


@pytest.fixture
def delivery(exact: Exact) -> int:
    return exact.office.deliver(starting_worlds.DOMESTIC)


def put(exact: Exact, delivery: int, **changes: object) -> int:
    key = exact.office.delivery_id(delivery)
    return exact.ask("PUT", f"{DELIVERIES}(guid'{key}')", json=changes).status_code


def post_document(exact: Exact, **values: object) -> dict[str, Any]:
    answer = exact.ask("POST", "documents/Documents", json={"Subject": "s", "Type": 55, **values})
    assert answer.status_code == 201
    return dict(answer.get_json()["d"])


def attach(exact: Exact, document: str, name: str, content: bytes) -> int:
    body = {"Document": document, "FileName": name, "Attachment": base64.b64encode(content).decode()}
    return exact.ask("POST", "documents/DocumentAttachments", json=body).status_code


def test_a_tracking_number_goes_onto_the_delivery(exact: Exact, delivery: int) -> None:
    assert put(exact, delivery, TrackingNumber="3SABC", Remarks="on its way") == 204

    assert exact.office.tracking(delivery) == "3SABC"
    assert exact.office.remarks(delivery) == "on its way"


def test_what_is_not_sent_stays_and_remarks_are_replaced_whole(exact: Exact, delivery: int) -> None:
    exact.office.edit_delivery(delivery, Remarks="ring twice", TrackingNumber="3S1")

    put(exact, delivery, Remarks="new")

    assert (exact.office.remarks(delivery), exact.office.tracking(delivery)) == ("new", "3S1")


@pytest.mark.parametrize("moves_lines", [False, True])
def test_a_write_moves_the_row_version_of_the_header(
    exact: Exact, delivery: int, *, moves_lines: bool
) -> None:
    exact.world.exact.behaviour.header_change_moves_lines = moves_lines
    key, line = exact.office.delivery_id(delivery), exact.office.delivery_lines(delivery)[0].key
    before = exact.version(SYNC_DELIVERIES, key), exact.version(SYNC_LINES, line)

    put(exact, delivery, TrackingNumber="3SABC")

    assert exact.version(SYNC_DELIVERIES, key) > before[0]
    assert (exact.version(SYNC_LINES, line) > before[1]) is moves_lines


@pytest.mark.parametrize(
    "changes",
    [
        {"TrackingNo": "3S"},
        {"TrackingNumber": 3},
        {"Document": "not-a-guid"},
        {"DeliveryNumber": "20001"},
    ],
)
def test_a_malformed_body_is_refused(exact: Exact, delivery: int, changes: dict[str, object]) -> None:
    assert put(exact, delivery, **changes) == 400


NOTHING = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Document": NOTHING}, f"Invalid: Document [{NOTHING}]"),
        (
            {"GoodsDeliveryLines": [{"ID": NOTHING, "Notes": "x"}]},
            f"Invalid: Goods delivery line [{NOTHING}]",
        ),
    ],
)
def test_a_reference_to_nothing_is_refused_with_500_and_a_sentence(
    exact: Exact, delivery: int, changes: dict[str, object], sentence: str
) -> None:
    path = f"{DELIVERIES}(guid'{exact.office.delivery_id(delivery)}')"

    refused = exact.ask("PUT", path, json=changes)

    assert (refused.status_code, message(refused)) == (500, sentence)


def test_a_field_that_may_not_be_written_is_dropped_silently(exact: Exact, delivery: int) -> None:
    assert put(exact, delivery, Description="x", TrackingNumber="3S") == 204

    assert exact.office.delivery(delivery)["Description"] is None


def test_by_choice_a_field_that_may_not_be_written_is_refused(exact: Exact, delivery: int) -> None:
    exact.world.exact.behaviour.read_only_fields_refused = True

    assert put(exact, delivery, Description="x", TrackingNumber="3S") == 500
    assert exact.office.tracking(delivery) == ""


def test_by_choice_long_texts_are_cut_silently(exact: Exact, delivery: int) -> None:
    exact.world.exact.behaviour.tracking_number_length = 5
    exact.world.exact.behaviour.remarks_length = 4

    assert put(exact, delivery, TrackingNumber="1234567", Remarks="123456") == 204

    assert (exact.office.tracking(delivery), exact.office.remarks(delivery)) == ("12345", "1234")


def test_lines_can_be_written_with_their_header(exact: Exact, delivery: int) -> None:
    line = exact.office.delivery_lines(delivery)[0]

    put(exact, delivery, GoodsDeliveryLines=[{"ID": line.key, "TrackingNumber": "3S"}])

    assert line["TrackingNumber"] == "3S"


def test_a_delivery_line_can_not_be_posted_alone(exact: Exact) -> None:
    assert exact.ask("POST", "salesorder/GoodsDeliveryLines", json={}).status_code == 403


@pytest.mark.parametrize(
    ("method", "entity"),
    [
        ("DELETE", DELIVERIES),
        ("PUT", "documents/DocumentAttachments"),
        ("POST", "sales/ShippingMethods"),
        ("POST", SYNC_DELIVERIES),
        ("PUT", DELIVERIES),
    ],
)
def test_a_method_that_is_not_offered_is_refused(exact: Exact, method: str, entity: str) -> None:
    assert exact.ask(method, entity, json={}).status_code == 405


def test_a_label_hangs_on_a_document_of_the_delivery(exact: Exact, delivery: int) -> None:
    document = post_document(exact, SalesOrderNumber=4711)["ID"]
    assert attach(exact, document, "label.pdf", b"%PDF-1") == 201
    assert attach(exact, document, "second.pdf", b"%PDF-2") == 201

    put(exact, delivery, Document=document)

    assert [file.content for file in exact.office.attachments(delivery)] == [b"%PDF-1", b"%PDF-2"]


def test_a_document_is_found_by_subject_and_its_attachments_by_document(exact: Exact) -> None:
    key = post_document(exact, Subject="exactsend R-1")["ID"]
    attach(exact, key, "label.pdf", b"%PDF")

    found = exact.rows("documents/Documents", select="ID", filter="Subject eq 'exactsend R-1'")
    files = exact.rows("documents/DocumentAttachments", filter=f"Document eq guid'{key}'")

    assert [row["ID"] for row in found] == [key]
    assert [(row["FileName"], row["FileSize"], row["Attachment"]) for row in files] == [
        ("label.pdf", 4.0, None)
    ]


@pytest.mark.parametrize("missing", ["Subject", "Type"])
def test_a_document_needs_subject_and_type(exact: Exact, missing: str) -> None:
    refused = exact.ask("POST", "documents/Documents", json={"Subject": "s", "Type": 55, missing: None})

    assert (refused.status_code, message(refused)) == (500, f"Mandatory: {missing}")


@pytest.mark.parametrize("kind", [10, 4242])
def test_not_every_type_of_document_can_be_made(exact: Exact, kind: int) -> None:
    refused = exact.ask("POST", "documents/Documents", json={"Subject": "s", "Type": kind})

    assert (refused.status_code, message(refused)) == (500, f"Invalid: Type [{kind}]")


def test_an_attachment_may_have_10_mb_before_base64(exact: Exact) -> None:
    document = post_document(exact)["ID"]

    assert attach(exact, document, "whole.pdf", bytes(10_000_000)) == 201
    assert attach(exact, document, "larger.pdf", bytes(10_000_001)) == 500


def test_an_attachment_must_be_base64(exact: Exact) -> None:
    body = {"Document": post_document(exact)["ID"], "FileName": "l.pdf", "Attachment": "%PDF"}

    assert exact.ask("POST", "documents/DocumentAttachments", json=body).status_code == 400


def test_an_attachment_can_be_deleted(exact: Exact) -> None:
    document = post_document(exact)["ID"]
    attach(exact, document, "label.pdf", b"%PDF")
    select = exact.rows("documents/DocumentAttachments", select="ID", filter=f"Document eq guid'{document}'")

    deleted = exact.ask("DELETE", f"documents/DocumentAttachments(guid'{select[0]['ID']}')")

    assert deleted.status_code == 204
    assert exact.office.attachments_of(document) == []


def test_reading_rights_do_not_allow_writing(exact: Exact, delivery: int) -> None:
    exact.office.set_right("Logistics wms", "read")

    assert exact.get(DELIVERIES, select="EntryID").status_code == 200
    assert put(exact, delivery, TrackingNumber="3S") == 403
