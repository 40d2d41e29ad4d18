"""What of a request and of its answer the ledger keeps (S15): what is known to say nothing of a person, and nothing else."""

import json

import pytest

from exactsend.errors import FieldProblem, Refused, Terminated, Unanswered
from exactsend.http.messages import Call, Json, Reply
from exactsend.trade.request_masking import MAX_ROWS, answer_kept, request_kept


def kept(body: Json) -> Json:
    return request_kept(Call("POST", "/orders", body=body))


def came_back(document: object, status: int = 201, request: Json = None) -> dict[str, Json]:
    call = Call("POST", "/orders", body=request)
    return answer_kept(call, Reply(status, {}, json.dumps(document).encode(), call, "Sendcloud"))


def test_ids_numbers_and_codes_stay_and_whatever_names_a_person_goes() -> None:
    body: Json = {
        "order_number": "4711",
        "to_address": {
            "name": "Jan",
            "address_line_1": "Dam 1",
            "postal_code": "1012 AB",
            "city": "Ede",
            "country_code": "NL",
        },
        "ship_with": {"properties": {"shipping_option_code": "postnl:standard", "contract_id": 517}},
    }

    assert kept(body) == {
        "order_number": "4711",
        "to_address": {
            "name": "<name>", "address_line_1": "<address_line_1>", "postal_code": "<postal_code>", "city": "<city>",
            "country_code": "NL",
        },
        "ship_with": {"properties": {"shipping_option_code": "postnl:standard", "contract_id": 517}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "field", ["description", "name", "sku", "message", "Remarks", "Description", "YourRef"]
)
def test_free_text_may_name_somebody(field: str) -> None:
    assert kept({"items": [{field: "for Mrs Jansen", "quantity": 2}]}) == {
        "items": [{field: f"<{field}>", "quantity": 2}]
    }


def test_a_field_that_is_not_known_may_hold_anything() -> None:
    assert kept({"something_new": "Jan", "another": 5, "third": True}) == {
        "something_new": "<something_new>",
        "another": "<another>",
        "third": "<third>",
    }


def test_a_field_that_is_not_there_shows_as_such() -> None:
    assert kept({"name": "", "email": None}) == {"name": "", "email": None}


@pytest.mark.parametrize("value", ["jan@bakker.example", "https://track.example/3S"])
def test_neither_an_email_address_nor_a_link_is_kept_in_any_field(value: str) -> None:
    assert kept({"order_number": value}) == {"order_number": "<order_number>"}


def test_tax_numbers_go_whole() -> None:
    assert kept({"tax_numbers": {"receiver": [{"name": "VAT", "country_code": "NL", "value": "NL1"}]}}) == {
        "tax_numbers": "<tax_numbers>"
    }


def test_of_a_file_the_size_is_kept() -> None:
    assert kept({"FileName": "label-7.pdf", "Attachment": "JVBERi0xLjQ="}) == {
        "FileName": "label-7.pdf",
        "Attachment": "<8 bytes>",
    }


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("exactsend exact-1-986edba7-5d8a-5094-a1dc-721f9c8fc135-1", "as it is"),
        ("exactsend 5061", "as it is"),
        ("exactsend parcel of Mrs Jansen", "<Subject>"),
        ("Mrs Jansen", "<Subject>"),
    ],
)
def test_a_documents_subject_stays_where_it_is_a_reference_of_ours(subject: str, shown: str) -> None:
    assert kept({"Subject": subject}) == {"Subject": subject if shown == "as it is" else shown}


def test_a_list_without_end_is_cut() -> None:
    rows = kept({"order_items": [{"quantity": place} for place in range(MAX_ROWS + 3)]})

    assert isinstance(rows, dict)
    items = rows["order_items"]
    assert isinstance(items, list)
    assert len(items) == MAX_ROWS + 1
    assert items[-1] == "… and 3 more"


def test_a_batch_of_orders_is_never_cut() -> None:
    assert kept([{"order_id": str(place)} for place in range(100)]) == [
        {"order_id": str(place)} for place in range(100)
    ]


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def test_of_an_answer_ids_and_codes_stay() -> None:
    shipment = {
        "id": "5e", "to_address": {"name": "Jan"}, "errors": [],
        "parcels": [{"id": 7, "tracking_number": "3S", "tracking_url": "https://x.example", "status": {"code": "OK", "message": "Jan"}}],
    }  # fmt: skip

    assert came_back({"data": shipment}) == {
        "status": 201,
        "id": "5e",
        "parcels": [{"id": 7, "tracking_number": "3S", "status": {"code": "OK"}}],
    }


def test_of_a_batch_each_orders_id_stays() -> None:
    assert came_back(
        {"data": [{"id": 5, "order_id": "exact-1-o-2", "customer_details": {"name": "Jan"}}]}
    ) == {
        "status": 201,
        "data": [{"id": 5, "order_id": "exact-1-o-2"}],
    }


def test_what_became_of_a_cancellation_stays() -> None:
    assert came_back({"data": {"status": "queued", "message": "Jan"}}, 202) == {
        "status": 202,
        "result": "queued",
    }


def test_a_carriers_words_are_masked_by_what_was_sent_free_text_and_links_too() -> None:
    request: Json = {
        "to_address": {"name": "Jan Bakker"},
        "parcels": [{"parcel_items": [{"description": "Ring for Eva"}]}],
    }
    failed = {
        "id": "5e",
        "errors": [{"code": "no", "detail": "jan bakker: Ring for Eva, https://x.example/?who=jan"}],
    }

    assert came_back({"data": failed}, request=request)["errors"] == [
        {"code": "no", "detail": "<name>: <description>, <url>"}
    ]


@pytest.mark.parametrize("body", [b"", b"<html>Jan Bakker</html>", b"[" * 100_000, b'"Jan Bakker"', b"null"])
def test_an_answer_that_can_not_be_read_is_no_more_than_its_status(body: bytes) -> None:
    call = Call("POST", "/orders")

    assert answer_kept(call, Reply(200, {}, body, call)) == {"status": 200}


def test_a_number_that_json_can_not_say_does_not_keep_the_answer_from_being_written_down() -> None:
    call = Call("POST", "/orders")
    reply = Reply(201, {}, b'{"data": {"id": NaN, "parcels": [{"id": 1e999}]}}', call)

    assert json.dumps(answer_kept(call, reply), allow_nan=False)


def test_an_answer_without_end_is_cut() -> None:
    endless = {"data": [{"id": "x" * 1_000}] * 5_000}
    refused = Refused("no", problems=[FieldProblem("", "bad")] * 5_000, http_status=400)

    assert len(json.dumps(came_back(endless))) < 5_000
    assert len(json.dumps(answer_kept(Call("POST", "/orders"), refused))) < 1_000


def test_a_refusal_tells_where_and_what_without_the_person() -> None:
    call = Call("POST", "/orders", body=[{"customer_details": {"email": "jan@bakker.example"}}])
    refused = Refused(
        "Sendcloud refused",
        problems=[FieldProblem("/data/[0]/email", "jan@bakker.example bounces", "invalid")],
        http_status=400,
    )

    assert answer_kept(call, refused) == {
        "status": 400,
        "error": "refused",
        "errors": [{"code": "invalid", "pointer": "/data/[0]/email", "detail": "<email> bounces"}],
    }


def test_a_call_that_was_given_up_in_a_pause_is_no_answer_either() -> None:
    assert answer_kept(Call("DELETE", "/orders/5"), Terminated("terminated"))["error"] == "terminated"


def test_no_answer_has_no_status() -> None:
    assert answer_kept(Call("POST", "/orders"), Unanswered("Sendcloud timed out")) == {
        "status": None,
        "error": "unanswered",
        "message": "Sendcloud timed out",
    }
