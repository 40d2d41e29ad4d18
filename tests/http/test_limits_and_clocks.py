"""Whatever a clock says for one run, what is allowed in the next is what would have been allowed anyhow (S9, S10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from exactsend.errors import RateLimited, Resting
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.exact_limits import ExactAllowance
from exactsend.http.allowance.rate_limit import NO_PAUSE
from exactsend.http.messages import Call, Json
from exactsend.system.clock import CheckedClock
from tests.moving_clock import MORNING

ME = Call("GET", "/api/v1/current/Me")
ORDERS = Call("GET", "/api/v1/12/salesorder/SalesOrders", endpoint="salesorder/SalesOrders")
MINUTE_SPENT = {"x-ratelimit-minutely-limit": "60", "x-ratelimit-minutely-remaining": "0"}
DAY_SPENT = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0"}
CALLS_A_DAY = 12


@dataclass(frozen=True)
class Answered:
    """An answer, and how many seconds after the one before."""

    status: int
    headers: Mapping[str, str]
    after: int


answers = st.builds(
    Answered,
    st.sampled_from([200, 200, 400, 403, 404, 429, 500]),
    st.sampled_from([{}, {}, MINUTE_SPENT, DAY_SPENT]),
    st.integers(0, 20),
)
runs = st.lists(st.tuples(st.integers(1, 90), st.lists(answers, max_size=5)), min_size=1, max_size=5)
wrong = st.integers(11, 2_500_000).flatmap(lambda minutes: st.sampled_from([minutes, -minutes]))


def played(
    days: list[tuple[int, list[Answered]]], *, at: int | None, ahead: timedelta
) -> tuple[Json, datetime]:
    """The counters after these runs, of which one was at a clock that was ahead by so much."""
    stored: Json = None
    now = MORNING
    for number, (pause, answered) in enumerate(days):
        now += timedelta(minutes=pause)
        stored, now = run(stored, now, answered, ahead if number == at else timedelta(0))
    return stored, now


def run(stored: Json, now: datetime, answered: list[Answered], ahead: timedelta) -> tuple[Json, datetime]:
    moment = [now]
    clock = CheckedClock(lambda: moment[0] + ahead)
    book = CallCounters.load(stored)
    allowance = ExactAllowance(book, max_calls_per_day=CALLS_A_DAY)
    allowance.before(ME, clock())
    for service in ("Exact", "Sendcloud"):  # what each run asks first
        clock.note_service_time(service, moment[0])
    for reply in answered:
        moment[0] += timedelta(seconds=reply.after)
        if may(allowance, clock()) == "go":
            allowance.after(ORDERS, reply.status, reply.headers, clock())
    return book.dump(), moment[0]


def may(allowance: ExactAllowance, now: datetime) -> str:
    """What is said to a call: go, or how long it waits, or why not."""
    try:
        pause = allowance.before(ORDERS, now)
    except (RateLimited, Resting) as said:
        return f"{type(said).__name__} {said.pause}"
    return "go" if pause == NO_PAUSE else f"wait {pause}"


@settings(max_examples=60, deadline=None)
@given(runs, st.integers(0, 4), wrong, st.integers(1, 90))
def test_the_run_after_a_wrong_clock_is_allowed_what_it_would_have_been_anyhow(
    days: list[tuple[int, list[Answered]]], at: int, minutes: int, later: int
) -> None:
    ahead = timedelta(minutes=minutes)
    misled, now = played(days, at=at % len(days), ahead=ahead)
    right, _ = played(days, at=None, ahead=ahead)
    now += timedelta(minutes=later)

    books = [CallCounters.load(misled), CallCounters.load(right)]
    endpoint = ORDERS.endpoint
    left = [
        (book.refusals_left(12, endpoint, now), book.calls_today(now), book.calls_left(12, now))
        for book in books
    ]
    said = [may(ExactAllowance(book, max_calls_per_day=CALLS_A_DAY), now) for book in books]

    assert left[0] == left[1]
    assert said[0] == said[1]
