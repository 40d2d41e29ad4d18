"""Announcing with what the account's rules and defaults choose."""

import pytest

from tests.sandbox.sendcloud.shop import Shop, address, announcement, answered, assert_as_documented, pointers

PATH = "/shipments/announce-with-shipping-rules"


def test_everything_but_the_address_may_be_left_to_the_account(shop: Shop) -> None:
    response = shop.post(PATH, {"to_address": address(), "order_number": "4711"})

    told = answered(response)["data"]
    assert response.status_code == 201
    assert told["from_address"]["city"] == "Utrecht"
    assert told["parcels"][0]["weight"] == {"value": "1.000", "unit": "kg"}
    assert "applied_shipping_rules" not in told
    assert_as_documented(f"POST {PATH}", response)


@pytest.mark.parametrize(
    ("country", "option"),
    [("NL", "postnl:standard"), ("BE", "dpd:home"), ("CH", "dhl_express:worldwide")],
)
def test_the_preferred_option_goes_by_destination(shop: Shop, country: str, option: str) -> None:
    told = answered(shop.post(PATH, {"to_address": address(country_code=country)}))["data"]

    assert told["ship_with"]["properties"]["shipping_option_code"] == option


def test_a_rule_beats_the_request(shop: Shop) -> None:
    told = answered(shop.post(PATH, {**announcement("dpd:home"), "delivery_indicator": "Letter"}))["data"]

    assert told["ship_with"]["properties"]["shipping_option_code"] == "sendcloud:letter"
    assert told["applied_shipping_rules"] == [
        {
            "rule": {"id": 315158, "name": "Chosen at checkout: letter"},
            "result": {"shipping_option_code": "sendcloud:letter"},
        }
    ]


def test_rules_can_be_left_out(shop: Shop) -> None:
    body = {**announcement("dpd:home"), "delivery_indicator": "Letter", "apply_shipping_rules": False}

    told = answered(shop.post(PATH, body))["data"]

    assert told["ship_with"]["properties"]["shipping_option_code"] == "dpd:home"


def test_without_rules_and_defaults_the_option_is_missing(shop: Shop) -> None:
    body = {"to_address": address(), "apply_shipping_rules": False, "apply_shipping_defaults": False}

    assert pointers(shop.post(PATH, body)) == ["/ship_with/properties/shipping_option_code"]
