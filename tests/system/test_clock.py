"""This machine's clock beside those of the services."""

from datetime import timedelta

import pytest

from exactsend.system.clock import CheckedClock
from tests.moving_clock import MORNING

FORTY_DAYS = timedelta(days=40)


def a_clock(*dates: timedelta) -> CheckedClock:
    """A clock that says MORNING, at services that say so much more."""
    clock = CheckedClock(lambda: MORNING)
    for service, later in zip(("Exact", "Sendcloud"), dates, strict=False):
        clock.note_service_time(service, MORNING + later)
    return clock


@pytest.mark.parametrize("wrong", [FORTY_DAYS, -FORTY_DAYS, timedelta(minutes=11)])
def test_a_clock_that_both_services_call_wrong_tells_their_time(wrong: timedelta) -> None:
    clock = a_clock(wrong, wrong + timedelta(seconds=2))

    assert clock.is_off
    assert abs(clock() - (MORNING + wrong)) <= timedelta(seconds=2)
    assert clock.machine_time() == MORNING


def test_one_service_alone_is_not_believed_but_tells_that_something_is_wrong() -> None:
    clock = a_clock(FORTY_DAYS)

    assert clock() == MORNING
    assert clock.is_off
    assert clock.ahead == -FORTY_DAYS
    assert [clock.knows_time_of("Exact"), clock.knows_time_of("Sendcloud")] == [True, False]


@pytest.mark.parametrize("other", [timedelta(0), -FORTY_DAYS, 2 * FORTY_DAYS])
def test_two_services_that_differ_are_not_believed(other: timedelta) -> None:
    clock = a_clock(FORTY_DAYS, other)

    assert clock() == MORNING
    assert clock.is_off


def test_a_few_minutes_are_nothing() -> None:
    clock = a_clock(timedelta(minutes=9), timedelta(minutes=9))

    assert clock() == MORNING
    assert not clock.is_off
    assert not a_clock().is_off
