"""Announcing, listing, reading and cancelling shipments."""

from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.sendcloud.shop import (
    OTHER_KEYS,
    Shop,
    address,
    announcement,
    answered,
    assert_as_documented,
    customs,
    pointers,
)


def test_an_announced_shipment_has_a_label_a_tracking_number_and_a_price(shop: Shop) -> None:
    told = shop.announced()

    (parcel,) = told["parcels"]
    assert told["errors"] == []
    assert parcel["status"] == {"code": "READY_TO_SEND", "message": "Ready to send"}
    assert parcel["tracking_number"].startswith("3S")
    assert "verification=1017+GC" in parcel["tracking_url"]
    assert b64decode(parcel["label_file"]).startswith(b"%PDF")
    assert [charge.option_code for charge in shop.sendcloud.paid()] == ["postnl:standard"]


def test_the_sender_address_is_told_in_full(shop: Shop) -> None:
    told = shop.announced(from_address={"sender_address_id": 18, "name": "Dock 4"})

    assert told["from_address"]["city"] == "Antwerpen"
    assert told["from_address"]["name"] == "Dock 4"


def test_a_letter_costs_the_fee_for_its_label_until_it_is_cancelled(shop: Shop) -> None:
    told = shop.announced(option="sendcloud:letter")

    assert [charge.amount for charge in shop.sendcloud.paid()] == [Decimal("0.15")]
    shop.behaviour.cancel_queued = False
    shop.post(f"/shipments/{told['id']}/cancel")
    assert shop.sendcloud.paid() == []


@pytest.mark.parametrize("have_numbers", [True, False])
def test_a_letter_is_not_tracked_and_may_have_a_number_and_a_url(shop: Shop, *, have_numbers: bool) -> None:
    shop.behaviour.untracked_have_numbers = have_numbers

    (parcel,) = shop.announced(option="sendcloud:letter")["parcels"]

    assert bool(parcel["tracking_number"]) is bool(parcel["tracking_url"]) is have_numbers
    assert [document["document_type"] for document in parcel["documents"]] == ["label"]
    options = answered(shop.post("/shipping-options", {"shipping_option_code": "sendcloud:letter"}))["data"]
    assert [option["functionalities"]["tracked"] for option in options] == [False]


def test_a_missing_field_is_refused_with_a_plain_pointer(shop: Shop) -> None:
    response = shop.announce(to_address=address(name=""))

    assert response.status_code == 400
    assert response.json == {
        "errors": [
            {
                "status": "400",
                "code": "required",
                "detail": "This field is required.",
                "source": {"pointer": "/to_address/name"},
            }
        ]
    }
    assert shop.sendcloud.shipments() == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"from_address": {"sender_address_id": 99}}, "/from_address/sender_address_id"),
        ({"option": "nobody:knows"}, "/ship_with/properties/shipping_option_code"),
        (
            {
                "ship_with": {
                    "type": "shipping_option_code",
                    "properties": {"shipping_option_code": "dpd:home", "contract_id": 1},
                }
            },
            "/ship_with/properties/contract_id",
        ),
        ({"parcels": [{"weight": {"value": 1.25, "unit": "kg"}}]}, "/parcels/0/weight/value"),
        ({"parcels": []}, "/parcels"),
        ({"to_service_point": {"id": "1"}}, "/to_service_point/id"),
        ({"to_service_point": {"id": 10875349}}, "/to_service_point/id"),
        ({"to_address": {**address(), "house_number": None}}, "/to_address/house_number"),
        ({"to_address": address(country_code="nl")}, "/to_address/country_code"),
    ],
)
def test_wrong_values_are_refused_where_they_stand(shop: Shop, changes: dict[str, Any], pointer: str) -> None:
    response = shop.announce(**changes)

    assert response.status_code == 400
    assert pointers(response) == [pointer]


def test_prices_of_two_currencies_are_refused(shop: Shop) -> None:
    export: Any = customs()

    response = shop.announce(**export, total_order_price={"value": "25.00", "currency": "CHF"})

    assert response.status_code == 400


def test_a_used_reference_brings_the_existing_shipment_back(shop: Shop) -> None:
    first = shop.announced(external_reference_id="R1")

    again = shop.announce(external_reference_id="R1", order_number="other")

    assert again.status_code == 409
    assert answered(again)["data"]["id"] == first["id"]
    assert len(shop.sendcloud.paid()) == 1


def test_the_body_of_a_conflict_is_a_switch(shop: Shop) -> None:
    first = shop.announced(external_reference_id="R1")

    shop.behaviour.conflict_body = "bare"
    assert answered(shop.announce(external_reference_id="R1"))["id"] == first["id"]
    shop.behaviour.conflict_body = "empty"
    assert shop.announce(external_reference_id="R1").data == b""


def test_another_user_may_use_the_same_reference(shop: Shop) -> None:
    shop.announce(external_reference_id="R1")

    other = shop.call(
        "POST", "/shipments/announce", announcement(external_reference_id="R1"), keys=OTHER_KEYS
    )

    assert other.status_code == 201


@pytest.mark.parametrize(("kept", "status"), [(True, 409), (False, 201)])
def test_whether_a_cancelled_shipment_keeps_its_reference_is_a_switch(
    shop: Shop, *, kept: bool, status: int
) -> None:
    shop.behaviour.reference_kept_by_cancelled = kept
    shop.behaviour.cancel_queued = False
    first = shop.announced(external_reference_id="R1")
    shop.post(f"/shipments/{first['id']}/cancel")

    assert shop.announce(external_reference_id="R1").status_code == status


@pytest.mark.parametrize(("kept", "status"), [(True, 409), (False, 201)])
def test_whether_a_failed_shipment_keeps_its_reference_is_a_switch(
    shop: Shop, *, kept: bool, status: int
) -> None:
    shop.behaviour.reference_kept_by_failed = kept
    shop.announce(external_reference_id="R1", to_address=address(house_number=""))

    assert shop.announce(external_reference_id="R1").status_code == status


def test_announcing_may_take_until_a_later_read(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True

    told = shop.announced()

    assert told["parcels"][0]["status"]["code"] == "ANNOUNCING"
    assert told["parcels"][0]["tracking_number"] == ""
    later = shop.told(f"/shipments/{told['id']}")
    assert later["parcels"][0]["status"]["code"] == "READY_TO_SEND"


def test_shipments_are_found_by_each_filter(shop: Shop) -> None:
    shop.announce(external_reference_id="R1", order_number="1")
    wanted = shop.announced(external_reference_id="R2", order_number="2")
    shop.announce(external_reference_id="R3", order_number="3")
    parcel = wanted["parcels"][0]

    for query in (
        "external_reference_id=R2",
        "order_number=2",
        f"tracking_number={parcel['tracking_number']}",
        f"ids={parcel['id']},1",
        f"shipment_uuids={wanted['id']}",
        "order_number=2&parcel_status=READY_TO_SEND&integration_id=7001",
    ):
        assert [row["id"] for row in shop.told(f"/shipments?{query}")] == [wanted["id"]], query
    assert shop.told("/shipments?order_number=2&integration_id=7002") == []


def test_only_what_was_updated_later_is_listed(shop: Shop) -> None:
    first = shop.announced()
    shop.wait(minutes=5)
    second = shop.announced()
    boundary = first["parcels"][0]["updated_at"]

    assert [row["id"] for row in shop.told(f"/shipments?updated_after={boundary}")] == [second["id"]]
    assert [row["id"] for row in shop.told("/shipments?updated_before=2026-11-23T09:01:00Z")] == [first["id"]]


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00:00+00:00"]
)
def test_a_filter_that_is_no_moment_is_refused(shop: Shop, moment: str) -> None:
    response = shop.get(f"/shipments?updated_after={moment}")  # a plain + in a query is a space

    assert response.status_code == 400
    assert response.json == {
        "errors": [
            {
                "status": "404",
                "code": "validation_error",
                "detail": "Validation failed, updated_after is not a datetime",
                "source": {"pointer": "/list_shipments/filters"},
            }
        ]
    }


def test_the_newest_update_is_listed_first(shop: Shop) -> None:
    ids = []
    for _ in range(3):
        shop.wait(minutes=1)
        ids.append(shop.announced()["id"])
    shop.panel.set_status(shop.sendcloud.shipments()[1], "DELIVERED")

    assert [row["id"] for row in shop.told("/shipments")] == [ids[2], ids[1], ids[0]]
    shop.behaviour.listing_order = "oldest_first"
    assert [row["id"] for row in shop.told("/shipments")] == [ids[0], ids[1], ids[2]]


def test_a_lagging_list_shows_the_past_while_a_single_read_does_not(shop: Shop) -> None:
    shop.behaviour.lookups_lag = timedelta(minutes=2)
    told = shop.announced()

    assert shop.told("/shipments") == []
    assert shop.told(f"/shipments/{told['id']}")["id"] == told["id"]
    shop.wait(minutes=2)
    shop.panel.set_status(shop.sendcloud.shipments()[0], "DELIVERED")
    (row,) = shop.told("/shipments")
    assert row["parcels"][0]["status"]["code"] == "READY_TO_SEND"


def test_cancelling_at_once_gives_the_money_back(shop: Shop) -> None:
    shop.behaviour.cancel_queued = False
    told = shop.announced()

    response = shop.post(f"/shipments/{told['id']}/cancel")

    assert response.status_code == 200
    assert response.json == {"data": {"status": "cancelled", "message": "Shipment has been cancelled"}}
    assert shop.sendcloud.paid() == []
    assert shop.sendcloud.live_shipments() == []
    assert shop.post(f"/shipments/{told['id']}/cancel").status_code == 409


@pytest.mark.parametrize(("status", "paid"), [("READY_TO_SEND", 0), ("COLLECT_ERROR", 0), ("SORTED", 1)])
def test_cancelling_after_the_deadline_refunds_what_was_not_shipped(
    shop: Shop, status: str, paid: int
) -> None:
    shop.behaviour.cancel_queued = False
    told = shop.announced()
    shop.panel.set_status(shop.sendcloud.shipments()[0], status)
    shop.wait(days=1)

    assert shop.post(f"/shipments/{told['id']}/cancel").status_code == 200
    assert len(shop.sendcloud.paid()) == paid


@pytest.mark.parametrize(
    ("fails", "end", "paid"), [(False, "CANCELLED", 0), (True, "CANCELLATION_FAILED", 1)]
)
def test_a_queued_cancellation_ends_later(shop: Shop, *, fails: bool, end: str, paid: int) -> None:
    shop.behaviour.queued_cancellation_fails = fails
    shop.behaviour.cancellation_takes = timedelta(hours=1)
    told = shop.announced()

    queued, again = (shop.post(f"/shipments/{told['id']}/cancel") for _ in range(2))

    assert (queued.status_code, again.status_code) == (202, 409)
    assert queued.json == {"data": {"status": "queued", "message": "Shipment cancellation has been queued"}}
    assert answered(again)["errors"][0]["detail"] == "This shipment is already being cancelled."
    assert shop.told("/shipments")[0]["parcels"][0]["status"]["code"] == "CANCELLING"
    shop.wait(hours=1)
    assert shop.told("/shipments")[0]["parcels"][0]["status"]["code"] == end
    assert len(shop.sendcloud.paid()) == paid


def test_some_carriers_cancel_nothing(shop: Shop) -> None:
    shop.behaviour.never_cancelled = frozenset({"postnl"})
    told = shop.announced()

    assert shop.post(f"/shipments/{told['id']}/cancel").status_code == 409
    assert len(shop.sendcloud.paid()) == 1


def test_a_cancelled_shipment_may_come_back_and_costs_again(shop: Shop) -> None:
    shop.behaviour.cancelled_comes_back = timedelta(days=2)
    shop.behaviour.cancel_queued = False
    told = shop.announced()
    shop.post(f"/shipments/{told['id']}/cancel")

    shop.wait(days=2)

    assert shop.told("/shipments")[0]["parcels"][0]["status"]["code"] == "READY_TO_SEND"
    assert len(shop.sendcloud.paid()) == 1


@pytest.mark.parametrize(("status", "days"), [("DELIVERED", 0), ("SORTED", 43)])
def test_a_delivered_or_old_shipment_cannot_be_cancelled(shop: Shop, status: str, days: int) -> None:
    told = shop.announced()
    shop.panel.set_status(shop.sendcloud.shipments()[0], status)
    shop.wait(days=days)

    assert shop.post(f"/shipments/{told['id']}/cancel").status_code == 409


def test_another_account_does_not_see_the_shipment(shop: Shop) -> None:
    told = shop.announced()

    assert shop.call("GET", f"/shipments/{told['id']}", keys=OTHER_KEYS).status_code == 404
    assert shop.call("POST", f"/shipments/{told['id']}/cancel", keys=OTHER_KEYS).status_code == 404
    assert shop.call("GET", "/shipments", keys=OTHER_KEYS).json == {"data": []}


def test_answers_have_the_documented_form(shop: Shop) -> None:
    made = shop.announce(option="dhl_express:worldwide", **customs(), external_reference_id="R1")
    failed = shop.announce(to_address=address(house_number=""))
    shipment_id = answered(made)["data"]["id"]

    assert_as_documented("POST /shipments/announce", made)
    assert_as_documented("POST /shipments/announce", failed)
    assert_as_documented("GET /shipments", shop.get("/shipments"))
    assert_as_documented("GET /shipments/{id}", shop.get(f"/shipments/{shipment_id}"))
    assert_as_documented("POST /shipments/{id}/cancel", shop.post(f"/shipments/{shipment_id}/cancel"))
