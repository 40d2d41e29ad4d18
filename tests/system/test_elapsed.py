"""What a remembered moment means, whatever the clock says."""

from datetime import timedelta

from exactsend.system.elapsed import elapsed, is_due_again, is_not_over
from tests.moving_clock import MORNING

HOUR = timedelta(hours=1)
YEARS = timedelta(days=1_461)


def test_time_passes_and_is_never_negative() -> None:
    assert elapsed(MORNING - HOUR, MORNING) == HOUR
    assert elapsed(MORNING + YEARS, MORNING) == timedelta(0)
    assert elapsed(MORNING + YEARS, MORNING, noticed=MORNING - HOUR) == HOUR
    assert elapsed(MORNING - HOUR, MORNING, noticed=MORNING - YEARS) == HOUR


def test_what_was_done_at_a_moment_that_lies_ahead_is_done_again() -> None:
    assert is_due_again(HOUR, MORNING + YEARS, MORNING)
    assert is_due_again(HOUR, None, MORNING)
    assert is_due_again(HOUR, MORNING - HOUR, MORNING)
    assert not is_due_again(HOUR, MORNING - HOUR / 2, MORNING)


def test_nothing_lasts_longer_than_its_window() -> None:
    assert is_not_over(MORNING + HOUR, MORNING, HOUR)
    assert not is_not_over(MORNING + YEARS, MORNING, HOUR)
    assert not is_not_over(MORNING, MORNING, HOUR)
    assert not is_not_over(None, MORNING, HOUR)
