"""The limits on purchases (S10)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exactsend.domain.division_records import Purchases
from exactsend.engine.plan.actions import BuyLabel, Plan
from exactsend.engine.plan.guard import with_limits
from exactsend.engine.plan.labels import decide_delivery
from tests.builders import NOW, a_delivery, a_policy, a_snapshot


def a_plan(*parcels: int) -> Plan:
    action = decide_delivery(a_snapshot(), a_delivery())
    assert isinstance(action, BuyLabel)
    return Plan(tuple(replace(action, parcels=count) for count in parcels))


def stopped(plan: Plan, *, bought: Purchases = Purchases(), max_labels: int | None = None) -> bool:  # noqa: B008 - frozen
    policy = a_policy(labels={"max_per_run": 3, "max_per_day": 5}).labels
    return bool(with_limits(plan, policy, bought, now=NOW, max_labels=max_labels).stopped)


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
        with_limits(plan, a_policy(labels={"max_per_run": 1}).labels, Purchases(), now=NOW).actions
        == plan.actions
    )


def test_purchases_older_than_two_days_are_forgotten() -> None:
    bought = Purchases().plus(NOW - timedelta(days=3), 4).plus(NOW, 1)
    assert bought.made == ((NOW, 1),)


# ── clocks that were wrong, or are ───────────────────────────────────────────────────────────────

DAY = timedelta(days=1)
YEARS = 1_461 * DAY


def test_a_purchase_that_lies_ahead_counts_towards_the_day() -> None:
    assert Purchases(made=((NOW + YEARS, 4),)).parcels_of_the_day(NOW) == 4


def test_a_purchase_that_lies_ahead_counts_no_longer_than_a_day_from_when_it_is_noticed() -> None:
    bought = Purchases(made=((NOW + YEARS, 4),)).noticed_ahead(NOW)

    assert bought.made == ((NOW + YEARS, 4),)
    assert bought.noticed_ahead(NOW + DAY / 2) == bought
    assert bought.parcels_of_the_day(NOW + DAY / 2) == 4
    assert bought.parcels_of_the_day(NOW + DAY) == 0
    assert bought.plus(NOW + 2 * DAY, 1).made == ((NOW + 2 * DAY, 1),)


def test_what_this_very_run_has_bought_is_no_sign_of_a_wrong_clock() -> None:
    bought = Purchases().plus(NOW + timedelta(minutes=20), 1)

    assert bought.noticed_ahead(NOW) == bought


@pytest.mark.parametrize("minutes", [11, -11, 57_600, -57_600])
def test_nothing_is_bought_at_a_clock_that_is_wrong(minutes: int) -> None:
    policy = a_policy().labels

    plan = with_limits(a_plan(1), policy, Purchases(), now=NOW, clock_ahead=timedelta(minutes=minutes))

    assert plan.stop_code == "clock_off"
    assert "timedatectl" in plan.stopped
    assert ("ahead of" in plan.stopped) is (minutes > 0)


@pytest.mark.parametrize("ahead", [None, timedelta(minutes=9), -timedelta(minutes=9)])
def test_a_clock_that_goes_with_the_services_stops_nothing(ahead: timedelta | None) -> None:
    assert not with_limits(a_plan(1), a_policy().labels, Purchases(), now=NOW, clock_ahead=ahead).stopped
