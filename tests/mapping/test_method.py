import pytest

from exactsend.domain.problems import Code, Held
from exactsend.facts import Consignment
from exactsend.mapping.method import (
    ByRules,
    NotShipped,
    Option,
    incoming_choice,
    shipping_choice,
    shipping_method_code,
)
from tests.mapping.builders import a_consignment, a_delivery, a_policy, an_order

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

    assert shipping_method_code(a_consignment(orders=BY_POST.orders, delivery=delivery)) == "AFH"
