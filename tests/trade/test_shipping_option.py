from dataclasses import replace

import pytest

from exactsend.domain.problems import Code, Held
from exactsend.domain.shown_problem import shown
from exactsend.trade.consignment import Consignment
from exactsend.trade.shipping_option import (
    ByRules,
    NotShipped,
    Option,
    incoming_choice,
    shipping_choice,
    shipping_method_codes,
)
from tests.trade.builders import a_consignment, a_delivery, a_directory, a_policy, an_order

BY_POST = a_consignment(orders=(an_order(shipping_method="met", your_ref="10875349"),))
METHODS = {"PNL": "postnl:standard"}


def test_without_any_option_the_rules_decide() -> None:
    assert shipping_choice(BY_POST, a_policy()) == ByRules()


def test_the_general_option_comes_before_the_rules() -> None:
    policy = a_policy(labels={"shipping_option": "dpd:home", "contract_id": 517})

    assert shipping_choice(BY_POST, policy) == Option("dpd:home", 517)


def test_the_shipping_methods_option_comes_before_the_general_one() -> None:
    policy = a_policy(labels={"shipping_option": "dpd:home", "shipping_methods": METHODS})

    assert shipping_choice(BY_POST, policy) == Option("postnl:standard")


def test_the_service_points_option_comes_first() -> None:
    points = {"enabled": True, "shipping_option": "postnl:service-point"}

    assert shipping_choice(
        BY_POST, a_policy(labels={"shipping_methods": METHODS}, service_points=points)
    ) == Option("postnl:service-point")


def test_what_is_collected_is_not_shipped_whatever_else_is_configured() -> None:
    policy = a_policy(
        labels={"shipping_option": "dpd:home", "shipping_methods": {"PNL": "none"}},
        service_points={"enabled": True, "shipping_option": "postnl:service-point"},
    )

    assert shipping_choice(BY_POST, policy) == NotShipped()


@pytest.mark.parametrize("consignment", [BY_POST, a_consignment()])
def test_an_unmapped_method_is_held_where_the_operator_wants_that(consignment: Consignment) -> None:
    policy = a_policy(labels={"shipping_option": "dpd:home", "unmapped_method": "hold"})

    with pytest.raises(Held) as held:
        shipping_choice(consignment, policy)

    assert held.value.problem.code == Code.METHOD_UNMAPPED


def test_an_incoming_order_is_never_held_for_its_method() -> None:
    policy = a_policy(labels={"unmapped_method": "hold"})

    assert incoming_choice(BY_POST, policy) == ByRules()


def test_a_contract_is_not_used_with_another_carrier() -> None:
    policy = a_policy(labels={"shipping_option": "dpd:home", "contract_id": 517, "shipping_methods": METHODS})

    assert shipping_choice(BY_POST, policy) == Option("postnl:standard", None)


def test_the_deliverys_method_comes_before_the_orders() -> None:
    delivery = a_delivery(shipping_method_code="AFH")

    assert shipping_method_codes(a_consignment(orders=BY_POST.orders, delivery=delivery)) == ("AFH",)


# ── several orders in one delivery ───────────────────────────────────────────────────────────────

TWO_METHODS = a_consignment(
    orders=(
        an_order(shipping_method="met"),
        an_order(order_id="ord-2", order_number=4712, shipping_method="dpd"),
    ),
    directory=a_directory(shipping_method_codes={"met": "PNL", "dpd": "DPD"}),
    delivery=a_delivery(),
)
TWO_WAYS = {"PNL": "postnl:standard", "DPD": "dpd:home"}


@pytest.mark.parametrize(
    "methods", [TWO_WAYS, {"PNL": "postnl:standard"}, {"DPD": "none"}], ids=["both", "one", "none"]
)
def test_orders_that_are_shipped_in_different_ways_are_held_with_both_named(methods: dict[str, str]) -> None:
    policy = a_policy(labels={"shipping_option": "dhl:home", "shipping_methods": methods})

    with pytest.raises(Held) as held:
        shipping_choice(TWO_METHODS, policy)

    assert held.value.problem.code == Code.SHIPPING_METHODS_DIFFER
    assert "4711: PNL, 4712: DPD" in shown(held.value.problem).message


def test_an_order_without_a_method_beside_one_with_one_is_held_too() -> None:
    consignment = replace(
        TWO_METHODS, orders=(an_order(), an_order(order_number=4712, shipping_method="dpd"))
    )

    with pytest.raises(Held) as held:
        shipping_choice(consignment, a_policy(labels={"shipping_methods": TWO_WAYS}))

    assert "4711: -, 4712: DPD" in shown(held.value.problem).message


def test_different_methods_that_are_shipped_in_the_same_way_are_not_held() -> None:
    policy = a_policy(labels={"shipping_methods": {"PNL": "dpd:home", "DPD": "dpd:home"}})

    assert shipping_choice(TWO_METHODS, policy) == Option("dpd:home")


def test_the_service_points_option_comes_before_methods_that_differ() -> None:
    orders = (an_order(your_ref="10875349"), an_order(your_ref="10875349", shipping_method="dpd"))
    points = {"enabled": True, "shipping_option": "postnl:service-point"}
    policy = a_policy(labels={"shipping_methods": TWO_WAYS}, service_points=points)

    assert shipping_choice(replace(TWO_METHODS, orders=orders), policy) == Option("postnl:service-point")


def test_of_two_ways_the_incoming_order_proposes_none() -> None:
    policy = a_policy(labels={"shipping_option": "dhl:home", "shipping_methods": {"DPD": "none"}})

    assert incoming_choice(TWO_METHODS, policy) == ByRules()


def test_where_all_are_collected_nothing_is_shipped() -> None:
    policy = a_policy(labels={"shipping_methods": {"PNL": "none", "DPD": "none"}})

    assert shipping_choice(TWO_METHODS, policy) == incoming_choice(TWO_METHODS, policy) == NotShipped()


def test_among_methods_of_one_way_the_unmapped_one_is_held_where_the_operator_wants_that() -> None:
    labels = {
        "shipping_option": "dpd:home",
        "unmapped_method": "hold",
        "shipping_methods": {"PNL": "dpd:home"},
    }

    with pytest.raises(Held) as held:
        shipping_choice(TWO_METHODS, a_policy(labels=labels))

    assert "'DPD'" in shown(held.value.problem).message
