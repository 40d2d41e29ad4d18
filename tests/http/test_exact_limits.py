"""Exact's allowances: minutes, days, fair use, and endpoints that rest after errors."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from exactsend.errors import RateLimited, Resting
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.exact_limits import ExactAllowance
from exactsend.http.allowance.rate_limit import NO_PAUSE, retry_after
from exactsend.http.messages import Call, Json
from tests.moving_clock import MORNING, MovingClock

ORDERS = Call("GET", "/api/v1/12/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")
ITEMS = Call("GET", "/api/v1/12/logistics/Items")
OTHER_DIVISION = Call("GET", "/api/v1/34/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")
ME = Call("GET", "/api/v1/current/Me")
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def minute(remaining: int, reset: str | None = None) -> Mapping[str, str]:
    headers = {"x-ratelimit-minutely-limit": "60", "x-ratelimit-minutely-remaining": str(remaining)}
    return headers | ({"x-ratelimit-minutely-reset": reset} if reset else {})


def day(remaining: int) -> Mapping[str, str]:
    return {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": milliseconds(MIDNIGHT),
    }


class Shop:
    """One sign-in under a clock that stands still until it is moved."""

    def __init__(self, *, max_calls_per_day: int = 15_000, stored: Json = None) -> None:
        self.clock = MovingClock()
        self.exact_counters = CallCounters.load(stored)
        self.allowance = ExactAllowance(self.exact_counters, max_calls_per_day=max_calls_per_day)

    def pause(self, call: Call = ORDERS) -> timedelta:
        return self.allowance.before(call, self.clock())

    def answer(self, status: int, headers: Mapping[str, str] | None = None, call: Call = ORDERS) -> None:
        self.allowance.after(call, status, headers or {}, self.clock())

    def fail(self, *statuses: int, call: Call = ORDERS) -> None:
        for status in statuses:
            self.answer(status, call=call)


def test_a_call_may_go_when_nothing_is_known() -> None:
    assert Shop().pause() == NO_PAUSE


def test_a_missing_header_is_not_zero() -> None:
    shop = Shop()

    shop.answer(200, {"x-ratelimit-limit": "5000"})

    assert shop.pause() == NO_PAUSE


def test_a_spent_minute_waits_for_the_next_clock_minute_and_a_little() -> None:
    shop = Shop()

    shop.answer(200, minute(0))

    assert shop.pause() == timedelta(seconds=50 + 2)


def test_the_reset_that_exact_names_is_waited_for() -> None:
    shop = Shop()

    shop.answer(200, minute(0, milliseconds(MORNING + timedelta(seconds=30))))

    assert shop.pause() == timedelta(seconds=30 + 2)


def test_a_reset_in_1970_is_not_believed() -> None:
    shop = Shop()

    shop.answer(200, minute(0, "1"))

    assert shop.pause() == timedelta(seconds=50 + 2)


def test_a_spent_minute_is_over_in_the_next() -> None:
    shop = Shop()
    shop.answer(200, minute(0))

    shop.clock.advance(seconds=60)

    assert shop.pause() == NO_PAUSE


def test_another_division_has_its_own_minute() -> None:
    shop = Shop()

    shop.answer(200, minute(0))

    assert shop.pause(OTHER_DIVISION) == NO_PAUSE


def test_a_429_without_headers_is_the_minutes() -> None:
    shop = Shop()

    shop.answer(429)

    assert shop.pause() == timedelta(seconds=50 + 2)


def test_retry_after_is_respected() -> None:
    shop = Shop()

    shop.answer(429, {"retry-after": "7"})

    assert shop.pause() == timedelta(seconds=7 + 2)


def test_a_429_with_the_days_headers_alone_ends_the_day() -> None:
    shop = Shop()

    shop.answer(429, day(3))

    with pytest.raises(RateLimited) as stopped:
        shop.pause()
    assert stopped.value.pause == MIDNIGHT - MORNING


def test_a_spent_day_begins_anew_at_midnight_utc() -> None:
    shop = Shop()
    shop.answer(200, day(0))

    with pytest.raises(RateLimited, match="00:00 UTC"):
        shop.pause()
    shop.clock.now = MIDNIGHT

    assert shop.pause() == NO_PAUSE


def test_fair_use_counts_all_divisions_but_not_me() -> None:
    shop = Shop(max_calls_per_day=2)

    assert [shop.pause(ME), shop.pause(ORDERS), shop.pause(OTHER_DIVISION)] == [NO_PAUSE] * 3

    with pytest.raises(Resting, match="its 2 calls for today"):
        shop.pause(ORDERS)
    assert shop.pause(ME) == NO_PAUSE


def test_fair_use_begins_anew_at_midnight_utc() -> None:
    shop = Shop(max_calls_per_day=1)
    shop.pause()

    shop.clock.now = MIDNIGHT

    assert shop.pause() == NO_PAUSE
    assert shop.exact_counters.calls_today(MIDNIGHT) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_three_errors_in_a_row_rest_an_endpoint_for_an_hour(status: int) -> None:
    shop = Shop()

    shop.fail(status, status, status)

    with pytest.raises(Resting) as resting:
        shop.pause()
    assert resting.value.pause == timedelta(hours=1)


@pytest.mark.parametrize("status", [405, 409, 429, 500, 503])
def test_what_exact_does_not_count_rests_nothing(status: int) -> None:
    shop = Shop()

    shop.fail(*[status] * 9)

    assert shop.pause() <= timedelta(minutes=1)


def test_what_a_clock_noted_that_was_wrong_holds_nothing_up() -> None:
    shop = Shop()
    shop.clock.advance(days=400)
    shop.fail(403, 403, 403)
    shop.answer(429, {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0"}, ITEMS)
    shop.answer(429, minute(0), ITEMS)
    shop.clock.advance(days=-400)

    assert shop.pause(ORDERS) == shop.pause(ITEMS) == NO_PAUSE


def test_a_good_answer_ends_the_row() -> None:
    shop = Shop()

    shop.fail(403, 403, 200, 403, 403)

    assert shop.pause() == NO_PAUSE


def test_six_errors_in_an_hour_rest_an_endpoint() -> None:
    shop = Shop()

    shop.fail(403, 403, 200, 403, 403, 200, 403, 200)
    assert shop.pause() == NO_PAUSE
    shop.fail(403)

    with pytest.raises(Resting):
        shop.pause()


def test_errors_on_both_sides_of_a_full_hour_count_together() -> None:
    shop = Shop()
    shop.clock.advance(minutes=58)
    shop.fail(403, 403, 200, 403, 403, 200, 403, 200)

    shop.clock.advance(minutes=4)
    shop.fail(403)

    with pytest.raises(Resting, match="6 times in an hour"):
        shop.pause()


def test_an_error_counts_for_sixty_minutes() -> None:
    shop = Shop()
    shop.fail(403, 403, 200, 403, 403, 200, 403, 200)

    shop.clock.advance(hours=1)
    shop.fail(403)

    assert shop.pause() == NO_PAUSE


@pytest.mark.parametrize(("refused", "left"), [(0, 4), (1, 3), (2, 2), (4, 0), (5, 0)])
def test_four_errors_in_the_hour_may_be_risked(refused: int, left: int) -> None:
    shop = Shop()

    shop.fail(*[403, 200] * refused)

    assert shop.exact_counters.refusals_left(12, "salesorder/SalesOrders", shop.clock()) == left
    assert shop.exact_counters.refusals_left(34, "salesorder/SalesOrders", shop.clock()) == 4
    shop.clock.advance(hours=1)
    assert shop.exact_counters.refusals_left(12, "salesorder/SalesOrders", shop.clock()) == 4


def test_nothing_is_risked_while_an_endpoint_rests() -> None:
    shop = Shop()

    shop.fail(403, 403, 403)

    assert shop.exact_counters.refusals_left(12, "salesorder/SalesOrders", shop.clock()) == 0


def test_only_the_endpoint_and_division_that_failed_rest() -> None:
    shop = Shop()

    shop.fail(403, 403, 403)

    assert shop.pause(ITEMS) == NO_PAUSE
    assert shop.pause(OTHER_DIVISION) == NO_PAUSE


def test_one_more_error_after_a_rest_is_another_rest() -> None:
    shop = Shop()
    shop.fail(403, 403, 403)
    shop.clock.advance(hours=1)
    assert shop.pause() == NO_PAUSE

    shop.fail(403)

    with pytest.raises(Resting):
        shop.pause()


def test_a_rest_names_the_right_that_is_missing() -> None:
    shop = Shop()

    shop.fail(403, 403, 403)

    with pytest.raises(Resting) as resting:
        shop.pause()
    assert '"Sales orders"' in resting.value.hint


def test_calls_with_keys_count_under_one_endpoint() -> None:
    shop = Shop()

    for key in ("a", "b", "c"):
        shop.answer(404, call=Call("GET", f"/api/v1/12/logistics/Items(guid'{key}')"))

    with pytest.raises(Resting):
        shop.pause(ITEMS)


def test_counters_survive_being_stored() -> None:
    first = Shop()
    first.pause()
    first.fail(403, 403)
    second = Shop(stored=first.exact_counters.dump())

    second.fail(403)

    with pytest.raises(Resting):
        second.pause()
    assert second.exact_counters.calls_today(MORNING) == 1


def test_two_processes_add_up() -> None:
    first, second = Shop(), Shop()
    first.pause()
    second.pause()
    second.pause(OTHER_DIVISION)

    stored = second.exact_counters.merged(first.exact_counters.merged(None))

    assert CallCounters.load(stored).calls_today(MORNING) == 3
    assert second.exact_counters.merged(stored) == stored


def test_damaged_counters_begin_anew() -> None:
    book = CallCounters.load(cast("Json", {"divisions": "none"}))

    assert book.calls_today(MORNING) == 0


def test_errors_are_reported_to_be_stored_at_once() -> None:
    shop = Shop()
    stored: list[Json] = []
    shop.exact_counters.on_change = lambda: stored.append(shop.exact_counters.dump())

    shop.fail(200, 403, 429)

    assert len(stored) == 2


def test_the_days_rest_is_told() -> None:
    shop = Shop()

    shop.answer(200, day(4321))

    assert shop.exact_counters.calls_left(12, MORNING) == 4321
    assert shop.exact_counters.calls_left(12, MIDNIGHT) is None


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("7", timedelta(seconds=7)),
        ("Mon, 23 Nov 2026 09:01:10 GMT", timedelta(minutes=1)),
        ("Mon, 23 Nov 2020 09:01:10 GMT", NO_PAUSE),
        ("soon", None),
        ("", None),
        ("-3", None),
    ],
)
def test_retry_after_comes_as_seconds_or_as_a_date(text: str, pause: timedelta | None) -> None:
    assert retry_after({"retry-after": text}, MORNING) == pause
