"""What a carrier refuses, told in a 200 or a 201."""

from dataclasses import replace
from typing import Literal

import pytest

from exactsend.sandbox.sendcloud.starting_data import INPOST_GB
from tests.sandbox.sendcloud.shop import Shop, address, answered, customs


def failure(shop: Shop, option: str = "postnl:standard", **changes: object) -> list[str]:
    """What the carrier says of an announcement that fails."""
    told = shop.announced(option, **changes)
    assert [parcel["status"]["code"] for parcel in told["parcels"]] == ["ANNOUNCEMENT_FAILED"]
    assert all(error["code"] == "parcel_announcement_error" for error in told["errors"])
    return [error["detail"] for error in told["errors"]]


def test_a_failed_announcement_has_a_tracking_number_but_no_label_and_no_price(shop: Shop) -> None:
    told = shop.announced(to_address=address(house_number=""))

    (parcel,) = told["parcels"]
    assert told["errors"] == [
        {
            "status": "500",
            "code": "parcel_announcement_error",
            "detail": "house_number: This field cannot be blank.",
        }
    ]
    assert parcel["tracking_number"]
    assert parcel["announced_at"]
    assert parcel["documents"] == []
    assert "label_file" not in parcel
    assert shop.get(f"/parcels/{parcel['id']}/documents/label").status_code == 404
    assert shop.sendcloud.paid() == []


@pytest.mark.parametrize("status", [200, 201])
def test_a_failed_announcement_answers_200_or_201(shop: Shop, status: Literal[200, 201]) -> None:
    shop.behaviour.failed_answers = status

    assert shop.announce(to_address=address(house_number="")).status_code == status


def test_the_tracking_number_of_a_failed_announcement_is_a_switch(shop: Shop) -> None:
    shop.behaviour.failed_with_tracking_number = False

    told = shop.announced(to_address=address(house_number=""))

    assert told["parcels"][0]["tracking_number"] == ""


def test_a_house_number_in_the_first_line_will_do(shop: Shop) -> None:
    told = shop.announced(to_address=address(house_number="", address_line_1="Kerkstraat 12 bus 3"))

    assert told["errors"] == []


def test_a_carrier_that_keeps_the_line_whole_needs_no_house_number(shop: Shop) -> None:
    assert shop.announced("dpd:home", to_address=address(house_number=""))["errors"] == []


def test_an_export_needs_customs_content_phone_and_email(shop: Shop) -> None:
    swiss = address(country_code="CH", email="", phone_number="")

    assert failure(shop, "dhl_express:worldwide", to_address=swiss) == [
        "email: This field is required.",
        "telephone: This field is required.",
        "customs_information: This field is required for this destination.",
        "parcel_items: Customs need at least one item.",
    ]


def test_a_complete_export_has_customs_papers(shop: Shop) -> None:
    told = shop.announced("dhl_express:worldwide", **customs())

    kinds = [document["document_type"] for document in told["parcels"][0]["documents"]]
    assert kinds == ["label", "customs-declaration"]


@pytest.mark.parametrize(
    ("country", "postal_code", "needed"),
    [("ES", "28001", False), ("ES", "35001", True), ("DE", "10115", False), ("DE", "27498", True)],
)
def test_some_parts_of_the_union_need_customs(
    shop: Shop, country: str, postal_code: str, *, needed: bool
) -> None:
    to = address(country_code=country, postal_code=postal_code)

    told = shop.announced("dpd:home", to_address=to)

    assert bool(told["errors"]) == needed


NOT_GIVEN = "No shipping option could be found for the given"


@pytest.mark.parametrize(
    ("option", "changes", "given"),
    [
        ("postnl:standard", {"to_address": address(country_code="PL")}, "country or postal code combination"),
        (
            "postnl:service-point",
            {"to_address": address(country_code="BE"), "to_service_point": {"id": "10875349"}},
            "country or postal code combination",
        ),
        (
            "postnl:standard",
            {"parcels": [{"weight": {"value": "23.001", "unit": "kg"}}]},
            "weight and/or dimensions",
        ),
    ],
)
def test_what_no_option_can_be_found_for_is_refused_in_one_sentence_for_several_causes(
    shop: Shop, option: str, changes: dict[str, object], given: str
) -> None:
    response = shop.announce(option, **changes)

    assert response.status_code == 400
    assert [error["detail"] for error in answered(response)["errors"]] == [f"{NOT_GIVEN} {given}"]
    assert shop.sendcloud.paid() == []


def test_the_weight_must_fit_the_option(shop: Shop) -> None:
    shop.behaviour.unfit_option = "announced"
    heavy = [{"weight": {"value": "23.001", "unit": "kg"}}]
    light = [{"weight": {"value": "0.5", "unit": "g"}}]

    assert failure(shop, parcels=heavy) == ["weight: 23.001 kg is outside the range of PostNL Standard."]
    assert failure(shop, parcels=light) == ["weight: 0.0005 kg is outside the range of PostNL Standard."]


def test_items_must_not_weigh_more_than_the_parcel(shop: Shop) -> None:
    export = customs()
    export["parcels"][0]["weight"]["value"] = "0.799"  # type: ignore[index]  # any JSON

    assert failure(shop, "dhl_express:worldwide", **export) == [
        "weight: The items weigh more than the parcel."
    ]


@pytest.mark.parametrize(
    ("point_id", "country", "complaint"),
    [
        ("10875350", "NL", ["The service point is closed."]),
        ("10875349", "BE", ["The service point is in another country."]),
        ("20011", "BE", ["The service point belongs to another carrier."]),
    ],
)
def test_the_service_point_must_fit(shop: Shop, point_id: str, country: str, complaint: list[str]) -> None:
    shop.behaviour.unfit_option = "announced"
    to = address(country_code=country)

    told = failure(shop, "postnl:service-point", to_address=to, to_service_point={"id": point_id})

    assert told == [f"to_service_point: {sentence}" for sentence in complaint]


def test_a_service_point_option_needs_a_point(shop: Shop) -> None:
    assert failure(shop, "postnl:service-point") == [
        "to_service_point: This shipping option needs a service point."
    ]


def test_a_point_may_be_named_by_the_carriers_own_id(shop: Shop) -> None:
    told = shop.announced("postnl:service-point", to_service_point={"carrier_service_point_id": "NL-161203"})

    assert told["errors"] == []


def test_a_carrier_that_is_down_is_up_again_later(shop: Shop) -> None:
    shop.behaviour.carrier_down = "postnl"
    assert failure(shop) == ["Service error: An error occurred while connecting to the carrier."]
    assert shop.announced("dpd:home")["errors"] == []

    shop.behaviour.carrier_down = None
    assert shop.announced()["errors"] == []


def test_an_option_does_not_go_everywhere(shop: Shop) -> None:
    shop.behaviour.unfit_option = "announced"

    assert failure(shop, to_address=address(country_code="PL")) == [
        "country: PostNL Standard does not deliver to PL."
    ]


def test_a_carrier_may_complain_of_anything(shop: Shop) -> None:
    shop.behaviour.announcements_fail_with = "EORI number missing."

    assert failure(shop) == ["EORI number missing."]


@pytest.mark.parametrize(
    ("number", "is_taken"), [("07400123456", True), ("+447400123456", False), ("", True)]
)
def test_a_carrier_may_take_phone_numbers_in_one_form_alone(
    shop: Shop, number: str, *, is_taken: bool
) -> None:
    options = shop.sendcloud.accounts[0].options
    options[:] = [replace(option, carrier=INPOST_GB) for option in options]

    told = shop.announced("dpd:home", to_address=address(phone_number=number))

    assert bool(told["errors"]) != is_taken
