"""The limits on purchases (S10)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exactsend.domain.records import Purchases
from exactsend.plan.actions import BuyLabel, Plan
from exactsend.plan.guard import guarded
from exactsend.plan.labels import decide
from tests.builders import NOW, a_delivery, a_policy, a_snapshot


def a_plan(*parcels: int) -> Plan:
    action = decide(a_snapshot(), a_delivery())
    assert isinstance(action, BuyLabel)
    return Plan(tuple(replace(action, parcels=count) for count in parcels))


def stopped(plan: Plan, *, bought: Purchases = Purchases(), max_labels: int | None = None) -> bool:  # noqa: B008 - frozen
    policy = a_policy(labels={"max_per_run": 3, "max_per_day": 5}).labels
    return bool(guarded(plan, policy, bought, now=NOW, max_labels=max_labels).stopped)


@pytest.mark.parametrize(
    ("parcels", "is_stopped"),
    [((), False), ((1, 1, 1), False), ((1, 1, 1, 1), True), ((2, 2), True), ((3,), False)],
)
def test_a_run_is_limited_by_parcels(parcels: tuple[int, ...], *, is_stopped: bool) -> None:
    assert stopped(a_plan(*parcels)) is is_stopped


@pytest.mark.parametrize(("allowed", "is_stopped"), [(4, False), (3, True), (0, True)])
def test_a_person_sets_the_limit_of_one_run(allowed: int, *, is_stopped: bool) -> None:
    assert stopped(a_plan(1, 1, 1, 1), max_labels=allowed) is is_stopped


@pytest.mark.parametrize(("hours", "is_stopped"), [(23, True), (24, False)])
def test_a_day_is_the_last_twenty_four_hours(hours: int, *, is_stopped: bool) -> None:
    bought = Purchases().plus(NOW - timedelta(hours=hours), 4)
    assert stopped(a_plan(1, 1), bought=bought) is is_stopped


def test_what_a_person_allows_a_run_does_not_lift_the_day() -> None:
    assert stopped(a_plan(1, 1), bought=Purchases().plus(NOW, 4), max_labels=100)


def test_a_plan_that_is_stopped_keeps_its_actions() -> None:
    plan = a_plan(2, 2)
    assert (
        guarded(plan, a_policy(labels={"max_per_run": 1}).labels, Purchases(), now=NOW).actions
        == plan.actions
    )


def test_purchases_older_than_two_days_are_forgotten() -> None:
    bought = Purchases().plus(NOW - timedelta(days=3), 4).plus(NOW, 1)
    assert bought.made == ((NOW, 1),)
