"""What can be asked before shipping: options, service points, address checks."""

import pytest

from tests.sandbox.sendcloud.shop import Shop, address, answered, assert_as_documented


def codes(shop: Shop, **query: object) -> list[str]:
    """The codes of the options that fit."""
    return [option["code"] for option in answered(shop.post("/shipping-options", query))["data"]]


def test_options_go_by_destination_weight_and_functionality(shop: Shop) -> None:
    heavy = [{"weight": {"value": "25", "unit": "kg"}}]

    assert codes(shop, to_country_code="CH") == ["dhl_express:worldwide", "sendcloud:letter"]
    assert codes(shop, to_country_code="NL", parcels=heavy) == ["dpd:home"]
    assert codes(shop, functionalities={"last_mile": "service_point"}, carrier_code="dpd") == [
        "dpd:service-point"
    ]
    assert codes(shop, to_country_code="NL", to_service_point_id=10875349) == ["postnl:service-point"]
    assert codes(shop, shipping_option_code="nobody:knows") == []


def test_an_option_tells_what_it_needs(shop: Shop) -> None:
    response = shop.post("/shipping-options", {"from_country_code": "NL", "to_country_code": "CH"})

    express = answered(response)["data"][0]
    assert express["requirements"] == {
        "fields": ["to_email", "to_telephone"],
        "export_documents": True,
        "is_service_point_required": False,
    }
    assert express["weight"]["max"] == {"value": "70.000", "unit": "kg"}


def test_prices_are_told_only_when_asked_for(shop: Shop) -> None:
    query = {"from_country_code": "NL", "to_country_code": "NL", "shipping_option_code": "postnl:standard"}

    (without,) = answered(shop.post("/shipping-options", query))["data"]
    response = shop.post("/shipping-options", {**query, "calculate_quotes": True})

    assert without["quotes"] is None
    (quote,) = answered(response)["data"][0]["quotes"]
    assert quote["price"]["total"] == {"value": "6.25", "currency": "EUR"}
    assert_as_documented("POST /shipping-options", response)


@pytest.mark.parametrize(
    "query", [{"parcels": []}, {"contract_id": 1}, {"parcels": [{"weight": {"value": 1, "unit": "kg"}}]}]
)
def test_a_question_that_makes_no_sense_is_refused(shop: Shop, query: dict[str, object]) -> None:
    assert shop.post("/shipping-options", query).status_code == 400


def test_open_points_are_found_by_country_and_carrier(shop: Shop) -> None:
    response = shop.get("/service-points?country_code=NL&carrier_code=postnl")

    assert [point["id"] for point in answered(response)["data"]["results"]] == [10875349]
    assert_as_documented("GET /service-points", response)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("carrier_code=postnl", "country_code"),
        ("country_code=NL", "carrier_code"),
        ("country_code=Holland&carrier_code=postnl", "country_code"),
        ("country_code=NL&carrier_code=postnl&use_integration_carriers=true", "carrier_code"),
        ("country_code=NL&carrier_code=postnl&limit=201", "limit"),
        ("country_code=NL&carrier_code=postnl&latitude=north", "latitude"),
        ("country_code=NL&carrier_code=postnl&ne_latitude=52", "ne_latitude"),
        ("country_code=NL&carrier_code=postnl&general_shop_type=pub", "general_shop_type"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(shop: Shop, query: str, parameter: str) -> None:
    response = shop.get(f"/service-points?{query}")

    assert response.status_code == 400
    assert answered(response)["errors"][0]["source"] == {"parameter": parameter}


def test_a_carrier_without_points_is_refused(shop: Shop) -> None:
    response = shop.get("/service-points?country_code=NL&carrier_code=dhl_express")

    assert "dhl_express" in answered(response)["errors"][0]["detail"]


@pytest.mark.parametrize(("point_id", "expired"), [(10875349, False), (10875350, True)])
def test_a_point_tells_whether_it_is_still_there(shop: Shop, point_id: int, *, expired: bool) -> None:
    point = shop.told(f"/service-points/{point_id}")
    available = answered(shop.post(f"/service-points/{point_id}/check-availability"))

    assert point["id"] == point_id
    assert point["is_expired"] is expired
    assert available == {"data": {"is_available": not expired}}
    assert_as_documented("GET /service-points/{service_point_id}", shop.get(f"/service-points/{point_id}"))


def test_an_unknown_point_is_not_found(shop: Shop) -> None:
    assert shop.get("/service-points/1").status_code == 404
    assert shop.post("/service-points/1/check-availability").status_code == 404


def test_an_address_is_checked_for_a_carrier(shop: Shop) -> None:
    plain = {
        name: value for name, value in address().items() if name not in ("name", "email", "phone_number")
    }
    good = shop.post("/addresses/validate", {"address": plain, "carrier_code": "postnl"})
    bad = shop.post("/addresses/validate", {"address": {"city": "Oss"}, "carrier_code": "postnl"})
    nobody = shop.post("/addresses/validate", {"address": plain, "carrier_code": "nobody"})

    assert answered(good)["input_address_is_valid"] is True
    reasons = answered(bad)["results"][0]["analysis"]["validation_result"]["reasons"]
    assert reasons == ["COUNTRY_CODE_MISSING", "POSTAL_CODE_MISSING", "ADDRESS_NOT_VALID"]
    assert nobody.status_code == 400
    assert_as_documented("POST /addresses/validate", good)
