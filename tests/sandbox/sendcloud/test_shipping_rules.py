"""Announcing with what the account's rules and defaults choose."""

from dataclasses import replace
from decimal import Decimal
from typing import Literal

import pytest

from exactsend.sandbox.sendcloud.catalogue import ShippingRule
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


INSURED = ShippingRule(rule_id=325800, name="Insure what is dear", insured_value=Decimal(500))
TOLD = {
    "rule": {"id": 325800, "name": "Insure what is dear"},
    "result": {"additional_insured_price": {"value": "500.00", "currency": "EUR"}},
}


def test_all_rules_that_fit_are_applied_in_their_order(shop: Shop) -> None:
    shop.sendcloud.accounts[0].rules.append(INSURED)

    told = answered(shop.post(PATH, {**announcement("dpd:home"), "delivery_indicator": "Letter"}))["data"]

    assert [row["rule"]["id"] for row in told["applied_shipping_rules"]] == [315158, 325800]
    assert told["applied_shipping_rules"][1] == TOLD


@pytest.mark.parametrize("where", ["beside", "within", "nothing"])
def test_what_a_rule_adds_may_leave_no_option_at_all(
    shop: Shop, where: Literal["beside", "within", "nothing"]
) -> None:
    shop.behaviour.refusal_tells_rules = where
    account = shop.sendcloud.accounts[0]
    account.rules.append(INSURED)
    account.options[:] = [replace(option, is_insurable=False) for option in account.options]

    response = shop.post(PATH, announcement("dpd:home"))

    document = answered(response)
    assert response.status_code == 400
    assert document["errors"][0]["detail"].startswith("No shipping option could be found")
    assert document.get("applied_shipping_rules") == ([TOLD] if where == "beside" else None)
    assert document["errors"][0].get("meta") == (
        {"applied_shipping_rules": [TOLD]} if where == "within" else None
    )


def test_a_plan_without_shipping_rules_applies_none(shop: Shop) -> None:
    shop.behaviour.shipping_rules_allowed = False

    told = answered(shop.post(PATH, {**announcement("dpd:home"), "delivery_indicator": "Letter"}))["data"]

    assert told["ship_with"]["properties"]["shipping_option_code"] == "dpd:home"
    assert "applied_shipping_rules" not in told


def test_a_plan_without_contracts_of_ones_own_takes_none(shop: Shop) -> None:
    shop.behaviour.own_contracts_allowed = False
    ship_with = {"properties": {"shipping_option_code": "dpd:home", "contract_id": 518}}

    response = shop.announce(ship_with={"type": "shipping_option_code", **ship_with})

    assert pointers(response) == ["/ship_with/properties/contract_id"]
