import pytest

from exactsend.domain import patterns
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code, Held
from exactsend.domain.shown_problem import shown
from exactsend.sendcloud.models import ServicePoint
from exactsend.trade.service_point import check_service_point, service_point_id
from tests.trade.builders import a_consignment, a_policy, an_order

POINT = ServicePoint.model_validate(
    {"id": 10875349, "carrier": {"code": "postnl"}, "address": {"country_code": "NL"}, "is_expired": False}
)


def policy_with(pattern: str | None = None, field: str = "YourRef") -> Policy:
    return a_policy(service_points={"enabled": True, "field": field, "pattern": pattern})


@pytest.mark.parametrize(
    ("reference", "pattern", "expected"),
    [
        (" 10875349 ", None, "10875349"),
        ("", None, None),
        ("web 8812 SP:10875349", r"SP:(\d+)", "10875349"),
        ("web 8812", r"SP:(\d+)", None),
        ("web 10875349", r"\d{8}", "10875349"),
        ("x", r"x(\d+)?", None),
    ],
)
def test_the_field_gives_the_id(reference: str, pattern: str | None, expected: str | None) -> None:
    consignment = a_consignment(orders=(an_order(your_ref=reference),))

    assert service_point_id(consignment, policy_with(pattern)) == expected


def test_any_text_field_of_the_order_may_hold_it() -> None:
    consignment = a_consignment(orders=(an_order(PaymentReference="10875349"),))

    assert service_point_id(consignment, policy_with(field="PaymentReference")) == "10875349"


def test_nothing_is_looked_for_when_switched_off() -> None:
    assert service_point_id(a_consignment(orders=(an_order(your_ref="10875349"),)), a_policy()) is None


@pytest.mark.parametrize("other", ["20011", ""])
def test_orders_of_one_delivery_with_different_points_are_held(other: str) -> None:
    orders = (an_order(your_ref="10875349"), an_order(order_id="o2", order_number=4712, your_ref=other))

    with pytest.raises(Held) as held:
        service_point_id(a_consignment(orders=orders), policy_with())

    assert held.value.problem.code == Code.SERVICE_POINTS_DIFFER


def test_a_pattern_that_takes_too_long_holds_and_is_no_home_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "TIMEOUT_SECONDS", 0.01)
    consignment = a_consignment(orders=(an_order(your_ref="a" * 299 + "b"),))

    with pytest.raises(Held) as held:
        service_point_id(consignment, policy_with(r"(a|a?)+$"))

    assert held.value.problem.code == Code.SERVICE_POINT_PATTERN_SLOW
    assert shown(held.value.problem).field == "YourRef"


def test_a_good_point_passes() -> None:
    check_service_point(POINT, available=True, country="NL", option="postnl:service-point", wanted="10875349")


@pytest.mark.parametrize(
    ("point", "available", "country", "option", "code"),
    [
        (None, True, "NL", None, Code.SERVICE_POINT_UNKNOWN),
        (POINT.model_copy(update={"is_expired": True}), True, "NL", None, Code.SERVICE_POINT_UNAVAILABLE),
        (POINT, False, "NL", None, Code.SERVICE_POINT_UNAVAILABLE),
        (POINT, True, "BE", None, Code.SERVICE_POINT_ELSEWHERE),
        (POINT, True, "NL", "dpd:parcelshop", Code.SERVICE_POINT_OTHER_CARRIER),
        (POINT, None, "NL", None, Code.SERVICE_POINT_UNCHECKED),
    ],
)
def test_a_point_that_cannot_be_sent_to_is_held(
    point: ServicePoint | None,
    available: bool | None,  # noqa: FBT001 - parametrised
    country: str,
    option: str | None,
    code: Code,
) -> None:
    with pytest.raises(Held) as held:
        check_service_point(point, available=available, country=country, option=option, wanted="10875349")

    assert held.value.problem.code == code
