"""Sendcloud's resources: how their JSON reads, and what a status means for money, paper and tracking."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exactsend.sendcloud.models import Integration, SenderAddress, ServicePoint, Shipment, StoredOrder
from exactsend.sendcloud.parcels import Parcel, Weight

LABEL: dict[str, object] = {"type": "label", "size": "a6", "link": "https://…/documents/label"}


def parcel(code: str, number: str = "", *papers: dict[str, object]) -> dict[str, object]:
    return {"id": 1, "status": {"code": code}, "tracking_number": number, "documents": list(papers)}


BARE: dict[str, object] = {"id": "a", "order_number": None, "external_reference_id": None}


def shipment(*parcels: dict[str, object]) -> Shipment:
    return Shipment.model_validate(BARE | {"parcels": list(parcels)})


def test_an_announced_shipment_is_live_printable_and_tracked() -> None:
    bought = shipment(parcel("READY_TO_SEND", "3S1", LABEL))

    assert (bought.is_live, bought.is_printable, bought.is_tracked) == (True, True, True)


def test_a_failed_shipment_is_neither_though_it_has_a_number() -> None:
    failed = shipment(parcel("ANNOUNCEMENT_FAILED", "3S1"))

    assert (failed.is_failed, failed.is_live, failed.is_tracked) == (True, False, False)


def test_a_failed_shipment_with_a_label_on_any_parcel_may_have_cost_money() -> None:
    assert shipment(parcel("ANNOUNCEMENT_FAILED", "", LABEL), parcel("ANNOUNCEMENT_FAILED")).is_live


@pytest.mark.parametrize("code", ["SOMETHING_NEW", "CANCELLING", "", "ANNOUNCING"])
def test_what_is_not_known_to_be_over_is_live(code: str) -> None:
    assert shipment(parcel(code)).is_live


def test_a_shipment_without_parcels_is_live() -> None:
    assert shipment().is_live
    assert not shipment().is_printable


@pytest.mark.parametrize("code", ["CANCELLED", "cancelled", "cancelled-upstream"])
def test_cancelled_is_over_in_either_spelling(code: str) -> None:
    assert shipment(parcel(code)).is_cancelled


def test_one_cancelled_parcel_of_two_leaves_it_live() -> None:
    assert shipment(parcel("CANCELLED"), parcel("READY_TO_SEND")).is_live


def test_being_announced_is_not_tracked() -> None:
    assert not shipment(parcel("ANNOUNCING", "3S1", LABEL)).is_tracked


def test_all_tracking_numbers_are_given_in_order() -> None:
    assert shipment(parcel("X", "3S1"), parcel("X"), parcel("X", "3S2")).tracking_numbers == ("3S1", "3S2")


@pytest.mark.parametrize(
    "field", ["to_address", "from_address", "ship_with", "carrier", "errors", "parcels", "order_number"]
)
def test_null_reads_as_nothing_and_spoils_no_row(field: str) -> None:
    assert Shipment.model_validate(BARE | {field: None}).id == "a"


def test_a_parcel_without_a_status_is_read() -> None:
    assert Parcel.model_validate({"id": 1, "status": None, "documents": None}).status.code == ""


def test_moments_are_in_utc_even_where_the_vendor_leaves_the_zone_out() -> None:
    parcels = [
        parcel("X") | {"updated_at": "2026-11-23T10:00:00", "announced_at": "2026-11-23T09:00:00Z"},
        parcel("X") | {"updated_at": "2026-11-23T12:30:00.5+01:00"},
    ]

    read = shipment(*parcels)

    assert read.updated_at == datetime(2026, 11, 23, 11, 30, 0, 500_000, UTC)
    assert read.announced_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_shipment_that_was_never_announced_has_no_moments() -> None:
    assert (shipment().updated_at, shipment().announced_at) == (None, None)


@pytest.mark.parametrize(
    ("value", "unit", "grams"),
    [
        ("1.320", "kg", "1320"),
        (0.3, "kg", "300"),
        (5, "g", "5"),
        ("1", "lbs", "453.59237"),
        ("2", "stone", None),
    ],
)
def test_weights_are_compared_in_grams(value: object, unit: str, grams: str | None) -> None:
    weight = Weight.model_validate({"value": value, "unit": unit})

    assert weight.grams == (None if grams is None else Decimal(grams))


def test_the_shipping_option_is_found_in_its_wrapping() -> None:
    with_ = {
        "type": "shipping_option_code",
        "properties": {"shipping_option_code": "postnl:standard", "contract_id": 517},
    }

    option = Shipment.model_validate(BARE | {"ship_with": with_}).shipping_option

    assert (option.shipping_option_code, option.contract_id) == ("postnl:standard", 517)


@pytest.mark.parametrize("identity", [664, "664"])
def test_an_order_id_is_text_whichever_way_it_comes(identity: object) -> None:
    assert StoredOrder.model_validate({"id": identity, "order_id": "o", "order_number": "4711"}).id == "664"


def test_a_service_point_tells_carrier_and_country() -> None:
    point = ServicePoint.model_validate(
        {
            "id": 1000002,
            "name": "Stationsplein",
            "carrier": {"code": "postnl", "name": "PostNL"},
            "address": {
                "street": "Stationsplein",
                "house_number": "1",
                "postal_code": "5611 AC",
                "country_code": "NL",
            },
            "is_expired": False,
        }
    )

    assert (point.carrier_code, point.country_code, point.is_expired) == ("postnl", "NL", False)


def test_a_sender_address_has_a_company_and_a_person() -> None:
    address = SenderAddress.model_validate(
        {"id": 1, "company_name": "Acme", "name": "Jo", "country_code": "NL"}
    )

    assert (address.company_name, address.name) == ("Acme", "Jo")


def test_an_integration_that_says_nothing_of_service_points_has_none() -> None:
    assert not Integration.model_validate({"id": 1, "service_point_enabled": None}).service_point_enabled
