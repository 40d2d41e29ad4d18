"""What can be asked before shipping: options, service points, address checks."""

import pytest

from tests.sandbox.sendcloud.shop import Shop, address, answered, assert_as_documented, pointers


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
    assert express["weight"]["max"] == {"value": "70.001", "unit": "kg"}


BY_ADDRESSES = {"from_address": {"country_code": "NL"}, "to_address": {"country_code": "CH"}}
BY_COUNTRIES = {"from_country_code": "NL", "to_country_code": "CH"}
ALL = 6


def test_where_from_and_where_to_is_told_by_addresses_or_by_flat_fields(shop: Shop) -> None:
    assert (
        codes(shop, **BY_ADDRESSES)
        == codes(shop, **BY_COUNTRIES)
        == ["dhl_express:worldwide", "sendcloud:letter"]
    )
    assert shop.post("/shipping-options", {**BY_ADDRESSES, **BY_COUNTRIES}).status_code == 400


def test_a_sendcloud_may_know_one_of_the_forms_alone(shop: Shop) -> None:
    shop.behaviour.options_asked_by = "countries"
    assert pointers(shop.post("/shipping-options", BY_ADDRESSES)) == ["/from_address", "/to_address"]
    assert len(codes(shop, **BY_COUNTRIES)) == len(["dhl_express:worldwide", "sendcloud:letter"])

    shop.behaviour.options_asked_by = "addresses"
    assert (len(codes(shop, **BY_ADDRESSES)), len(codes(shop, **BY_COUNTRIES))) == (2, ALL)


def test_the_letter_has_no_contract(shop: Shop) -> None:
    (letter,) = answered(shop.post("/shipping-options", {"carrier_code": "sendcloud"}))["data"]

    assert letter["contract"] is None


def test_an_option_without_a_price_says_why(shop: Shop) -> None:
    shop.behaviour.unpriced_options = frozenset({"dhl_express:worldwide"})

    response = shop.post("/shipping-options", {**BY_ADDRESSES, "calculate_quotes": True})

    express, letter = answered(response)["data"]
    assert (express["quotes"], express["quote_error"]["code"]) == ([], "no_price_for_route")
    assert letter["quote_error"] is None
    assert_as_documented("POST /shipping-options", response)


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


def opinion(shop: Shop, **fields: str) -> tuple[object, list[object], list[object]]:
    """Whether an address is valid as it was given, and of each way to write it whether it is recommended and why not."""
    given = {
        name: value for name, value in address().items() if name not in ("name", "email", "phone_number")
    }
    response = shop.post("/addresses/validate", {"address": {**given, **fields}, "carrier_code": "postnl"})
    assert_as_documented("POST /addresses/validate", response)
    results = answered(response)["results"]
    reasons = [result["analysis"]["validation_result"]["reasons"] for result in results]
    return (
        answered(response)["input_address_is_valid"],
        [result["recommended"] for result in results],
        reasons,
    )


def test_a_line_that_is_too_long_goes_on_in_the_second_one(shop: Shop) -> None:
    assert opinion(shop, address_line_1="Lange straat met een lange naam " * 2) == (False, [True], [[]])


def test_a_line_that_does_not_fit_anywhere_is_refused(shop: Shop) -> None:
    assert opinion(shop, address_line_1="x" * 70) == (False, [False], [["ADDRESS_TOO_LONG"]])


def test_some_countries_need_a_state(shop: Shop) -> None:
    assert opinion(shop, country_code="US") == (False, [False], [["STATE_MISSING"]])
    assert opinion(shop, country_code="US", state_province_code="US-NY")[0] is True


def test_whether_an_address_exists_is_asked_elsewhere_and_may_not_be_answered(shop: Shop) -> None:
    shop.behaviour.unknown_postal_codes = frozenset({"0000 AA"})
    assert opinion(shop, postal_code="0000 AA") == (False, [False], [["ADDRESS_NOT_VALID"]])

    shop.behaviour.address_checks_unreachable = True
    assert opinion(shop) == (None, [], [])


def test_a_call_may_be_missing(shop: Shop) -> None:
    shop.behaviour.missing_calls = frozenset({"/addresses/validate"})

    assert shop.post("/addresses/validate", {}).status_code == 404
