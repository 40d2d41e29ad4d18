"""The shapes that live answers of Sendcloud were seen in, with values of our own."""

import json
from typing import Any

import pytest

from exactsend.errors import Refused
from exactsend.http.error_replies import error_for
from exactsend.http.messages import Call, Reply
from exactsend.sendcloud import refusals, replies
from exactsend.sendcloud.models import ServicePoint, Shipment
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.sendcloud.parcels import Parcel

REFERENCE = "exact-1234567-11111111-2222-4333-8444-000000000001-1"
PARCEL: dict[str, object] = {
    "id": 700000001,
    "status": {"code": "READY_TO_SEND", "message": "Ready to send"},
    "weight": {"value": "0.250", "unit": "kg"},
    "dimensions": {"width": "0", "length": "0", "height": "0", "unit": "cm"},
    "package_type": None,
    "parcel_items": [],
    "documents": [
        {"type": "label", "document_type": "label", "size": "a6", "link": "https://x.example/label"}
    ],
    "tracking_number": "SCXX00000001",
    "tracking_numbers": [{"tracking_number": "SCXX00000001"}],
    "tracking_url": f"https://tracking.example/forward?code=SCXX00000001&{'x' * 200}",
    "updated_at": "2026-10-02T08:09:10.123456Z",
    "announced_at": "2026-10-02T08:09:10.023456Z",
    "label_file": "JVBERi0=",
}
SHIPMENT: dict[str, object] = {
    "id": "11111111-2222-4333-8444-00000000000f",
    "ship_with": {"type": "shipping_option_code", "properties": {"shipping_option_code": "x:y", "contract_id": None}},
    "to_address": {"name": "Jo", "house_number": None, "postal_code": "5000", "country_code": "BE", "po_box": ""},
    "to_service_point": None,
    "customs_information": None,
    "carrier": {"code": "x", "name": "X"},
    "parcels": [PARCEL],
    "order_number": "91/305",
    "total_order_price": None,
    "external_reference_id": REFERENCE,
    "errors": [],
}  # fmt: skip
FAILED: dict[str, object] = {
    "documents": [],
    "label_file": None,
    "status": {"code": "ANNOUNCEMENT_FAILED", "message": "Announcement Failed"},
}
ERROR = {
    "status": "500",
    "code": "parcel_announcement_error",
    "detail": "Service error: the carrier is away.",
}


def announced(status: int, **changes: object) -> Shipment:
    body = json.dumps({"data": SHIPMENT | changes}).encode()
    return replies.read_announced(Reply(status, {}, body, Call("POST", "/x"), "Sendcloud"), REFERENCE)


def listed(*rows: dict[str, object]) -> Reply:
    body = json.dumps({"data": rows}).encode()
    return Reply(200, {}, body, Call("GET", "/x"), "Sendcloud")


@pytest.mark.parametrize("status", [200, 201, 409])
def test_a_label_is_live_printable_and_tracked(status: int) -> None:
    bought = announced(status)

    assert (bought.is_live, bought.is_printable, bought.is_tracked) == (True, True, True)
    assert (bought.order_number, bought.to_address.house_number) == ("91/305", "")


def test_what_the_carrier_refused_has_failed_though_it_has_a_number() -> None:
    failed = announced(200, parcels=[PARCEL | FAILED], errors=[ERROR])

    assert (failed.is_failed, failed.is_live, failed.is_tracked) == (True, False, False)
    assert failed.errors[0].detail == ERROR["detail"]


def test_a_failure_is_known_by_its_words_where_the_status_has_the_older_form() -> None:
    older = {"id": 1002, "message": "Announcement failed"}

    assert announced(201, parcels=[PARCEL | FAILED | {"status": older}], errors=[ERROR]).is_failed


def test_an_answer_to_a_purchase_may_lack_reference_and_documents() -> None:
    bare = {name: value for name, value in PARCEL.items() if name not in {"documents", "label_file"}}
    body = {name: value for name, value in SHIPMENT.items() if name != "external_reference_id"}
    reply = Reply(
        201, {}, json.dumps({"data": body | {"parcels": [bare]}}).encode(), Call("POST", "/x"), "Sendcloud"
    )

    bought = replies.read_announced(reply, REFERENCE)

    assert (bought.is_live, bought.is_printable, bought.external_reference_id) == (True, False, "")


def test_a_listed_shipment_without_a_reference_of_its_own_says_null() -> None:
    (read,) = replies.read_list(listed(SHIPMENT | {"external_reference_id": None}), Shipment)

    assert read.external_reference_id == ""


@pytest.mark.parametrize(
    ("code", "is_live", "is_cancelled"),
    [
        ("NO_LABEL", True, False),
        ("CANCELLATION_FAILED", True, False),
        ("CANCELLING_UPSTREAM", True, False),
        ("CANCELLED_UPSTREAM", False, True),
    ],
)
def test_a_status_is_a_code_with_words(code: str, *, is_live: bool, is_cancelled: bool) -> None:
    status = {"code": code, "message": code.replace("_", " ").capitalize()}
    (read,) = replies.read_list(listed(SHIPMENT | {"parcels": [PARCEL | {"status": status}]}), Shipment)

    assert (read.is_live, read.is_cancelled) == (is_live, is_cancelled)


def test_a_parcel_says_more_than_is_read() -> None:
    assert Parcel.model_validate(PARCEL | {"additional_carrier_data": {"box_number": None}}).has_label


def test_a_service_point_has_much_that_is_not_read() -> None:
    row = {
        "id": 12000001,
        "name": "BAKERY",
        "carrier": {"code": "x", "name": "X", "logo_url": "https://x.example/logo.svg"},
        "carrier_service_point_id": "XX1",
        "address": {"street": "DORPSSTRAAT", "house_number": "", "postal_code": "5000", "city": "NAMEN", "country_code": "BE"},
        "opening_times": {"monday": [{"start_time": "08:00", "end_time": "14:00"}], "sunday": None},
        "is_expired": False,
    }  # fmt: skip

    (point,) = replies.read_list(listed(row), ServicePoint)

    assert (point.carrier_code, point.country_code, point.is_expired) == ("x", "BE", False)


def an_option(**changes: object) -> dict[str, Any]:
    weight = {"min": {"value": "0.001", "unit": "kg"}, "max": {"value": "20.001", "unit": "kg"}}
    total = {"value": "7.35", "currency": "EUR"}
    option: dict[str, Any] = {
        "code": "x:standard/service_point",
        "carrier": {"code": "x", "name": "X"},
        "contract": {"id": 12, "client_id": "", "carrier_code": "x", "name": "ours"},
        "weight": weight,
        "requirements": {
            "fields": ["to_email"],
            "export_documents": False,
            "is_service_point_required": True,
        },
        "quotes": [
            {
                "weight": weight,
                "price": {"breakdown": [], "total": total},
                "estimated_surcharges": [],
                "lead_time": None,
            }
        ],
        "quote_source": "sendcloud_prices_api",
        "quote_error": None,
    }
    return option | changes


def test_an_option_may_have_no_contract_and_no_price() -> None:
    error = {"code": "no_price_for_route", "title": "No price for route"}
    offered, unpriced = replies.read_list(
        listed(an_option(), an_option(contract=None, quotes=[], quote_error=error)), OfferedOption
    )

    assert offered.price is not None
    assert (str(offered.price.value), offered.contract.id, offered.requirements.fields) == (
        "7.35",
        12,
        ("to_email",),
    )
    assert (unpriced.price, unpriced.contract.id) == (None, None)
    assert unpriced.quote_error is not None
    assert (offered.quote_error, unpriced.quote_error.code) == (None, "no_price_for_route")


@pytest.mark.parametrize(
    ("told", "grams"),
    [("20.001", 20_000), ("20.000", 20_000), ("1000.000", 1_000_000), ("0.501", 500), ("0.001", 1)],
)
def test_a_limit_that_ends_in_a_gram_means_that_what_is_below_is_taken(told: str, grams: int) -> None:
    weight = {"max": {"value": told, "unit": "kg"}}

    (option,) = replies.read_list(listed(an_option(weight=weight)), OfferedOption)

    assert option.weight.max_grams == grams


@pytest.mark.parametrize(
    ("status", "detail", "is_under_way"),
    [
        (409, "This shipment is already being cancelled.", True),
        (409, "This shipment has been delivered.", False),
        (400, "This shipment is already being cancelled.", False),
    ],
)
def test_a_second_cancellation_is_refused_in_words(status: int, detail: str, *, is_under_way: bool) -> None:
    body = {"errors": [{"status": str(status), "code": "invalid", "detail": detail}]}
    refused = error_for(Reply(status, {}, json.dumps(body).encode(), Call("POST", "/x"), "Sendcloud"))

    assert isinstance(refused, Refused)
    assert refusals.is_being_cancelled(refused) is is_under_way


def test_an_option_says_whether_it_is_tracked() -> None:
    row = {"code": "x:letter", "contract": None, "functionalities": {"tracked": False, "returns": False}}
    told, silent = (
        OfferedOption.model_validate(candidate)
        for candidate in (row, {"code": "x:y", "functionalities": None})
    )

    assert (told.functionalities.tracked, silent.functionalities.tracked) == (False, None)
