"""Sendcloud's allowance: reads and writes a minute, shared by all who use one account."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from exactsend.http.allowance.rate_limit import NO_PAUSE
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.messages import Call, Json
from tests.moving_clock import MORNING

READ = Call("GET", "/shipments")
WRITE = Call("POST", "/shipments/announce")


def test_writes_wait_until_the_oldest_is_a_minute_old() -> None:
    allowance = SendcloudAllowance(writes_per_minute=2)
    allowance.before(WRITE, MORNING)
    allowance.before(WRITE, MORNING + timedelta(seconds=10))

    assert allowance.before(WRITE, MORNING + timedelta(seconds=20)) == timedelta(seconds=40)
    assert allowance.before(WRITE, MORNING + timedelta(seconds=60)) == NO_PAUSE


def test_a_call_that_can_be_left_out_is_allowed_only_where_enough_are_left_after_it() -> None:
    allowance = SendcloudAllowance(writes_per_minute=5)
    optional = Call("POST", "/addresses/validate", reserve=3)

    assert allowance.before(optional, MORNING) == NO_PAUSE
    assert allowance.before(optional, MORNING + timedelta(seconds=10)) == NO_PAUSE
    assert allowance.before(optional, MORNING + timedelta(seconds=20)) == timedelta(seconds=40)
    assert allowance.before(WRITE, MORNING + timedelta(seconds=20)) == NO_PAUSE


def test_one_that_leaves_more_than_a_minute_ever_allows_is_never_allowed() -> None:
    allowance = SendcloudAllowance(writes_per_minute=5)

    assert allowance.before(Call("POST", "/addresses/validate", reserve=5), MORNING) > NO_PAUSE


def test_reads_do_not_use_up_writes() -> None:
    allowance = SendcloudAllowance(reads_per_minute=1, writes_per_minute=1)

    assert allowance.before(READ, MORNING) == NO_PAUSE
    assert allowance.before(WRITE, MORNING) == NO_PAUSE
    assert allowance.before(READ, MORNING) > NO_PAUSE


def test_empty_429s_wait_longer_and_longer_but_never_over_a_minute() -> None:
    allowance = SendcloudAllowance()
    now, pauses = MORNING, []
    for _ in range(8):
        allowance.after(WRITE, 429, {}, now)
        pauses.append(allowance.before(WRITE, now).total_seconds())
        now += timedelta(seconds=pauses[-1])

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_retry_after_is_respected() -> None:
    allowance = SendcloudAllowance()

    allowance.after(WRITE, 429, {"retry-after": "45"}, MORNING)

    assert allowance.before(READ, MORNING) == timedelta(seconds=45)


def test_no_pause_is_longer_than_the_minute_that_is_counted() -> None:
    allowance = SendcloudAllowance()

    allowance.after(WRITE, 429, {"retry-after": "9000"}, MORNING)

    assert allowance.before(READ, MORNING) == timedelta(minutes=1)


@pytest.mark.parametrize("days", [1_461, -40])
def test_what_was_sent_and_refused_at_a_wrong_clock_holds_nothing_up(days: int) -> None:
    wrong, right = SendcloudAllowance(writes_per_minute=2), SendcloudAllowance(writes_per_minute=2)
    for _ in range(2):
        wrong.before(WRITE, MORNING + timedelta(days=days))
    wrong.after(WRITE, 429, {}, MORNING + timedelta(days=days))

    right.before(WRITE, MORNING)
    right.merged(wrong.merged(None))

    assert right.before(WRITE, MORNING) == NO_PAUSE
    assert right.before(WRITE, MORNING) > NO_PAUSE


def test_a_retry_after_of_nothing_waits_all_the_same() -> None:
    allowance = SendcloudAllowance()

    allowance.after(WRITE, 429, {"retry-after": "0"}, MORNING)

    assert allowance.before(READ, MORNING) > NO_PAUSE


def test_a_good_answer_lets_the_pauses_begin_anew() -> None:
    allowance = SendcloudAllowance()
    allowance.after(WRITE, 429, {}, MORNING)
    allowance.after(WRITE, 429, {}, MORNING)
    allowance.after(WRITE, 201, {}, MORNING)

    later = MORNING + timedelta(minutes=5)
    allowance.after(WRITE, 429, {}, later)

    assert allowance.before(WRITE, later) == timedelta(seconds=2)


def test_divisions_of_one_account_share_it() -> None:
    allowance = SendcloudAllowance(writes_per_minute=50)
    allowed: list[bool] = []

    def division() -> None:
        allowed.extend(allowance.before(WRITE, MORNING) == NO_PAUSE for _ in range(20))

    threads = [Thread(target=division) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert allowed.count(True) == 50


class Shelf:
    """Where two processes store what they tell each other."""

    def __init__(self) -> None:
        self.stored: Json = None

    def update(self, merged: Callable[[Json], Json]) -> None:
        self.stored = merged(self.stored)


def test_processes_of_one_account_share_it_too() -> None:
    shelf = Shelf()
    allowance, other = (SendcloudAllowance(writes_per_minute=3, update_file=shelf.update) for _ in range(2))
    allowance.before(WRITE, MORNING)
    allowance.before(WRITE, MORNING + timedelta(seconds=2))
    allowance.before(WRITE, MORNING + timedelta(seconds=4))
    allowance.before(WRITE, MORNING + timedelta(seconds=6))  # tells of the third, and waits

    assert other.before(WRITE, MORNING + timedelta(seconds=10)) == timedelta(seconds=50)
    assert other.before(WRITE, MORNING + timedelta(seconds=60)) == NO_PAUSE


def test_what_a_run_wrote_last_is_told_when_it_ends() -> None:
    shelf = Shelf()
    allowance, other = (SendcloudAllowance(writes_per_minute=1, update_file=shelf.update) for _ in range(2))
    allowance.before(WRITE, MORNING)

    allowance.share_writes()

    assert other.before(WRITE, MORNING + timedelta(seconds=10)) == timedelta(seconds=50)


def test_a_run_that_wrote_nothing_stores_nothing() -> None:
    shelf = Shelf()
    allowance = SendcloudAllowance(update_file=shelf.update)
    allowance.before(READ, MORNING)

    allowance.share_writes()

    assert shelf.stored is None


def test_a_pause_of_one_process_is_one_for_all() -> None:
    shelf = Shelf()
    allowance, other = (SendcloudAllowance(update_file=shelf.update) for _ in range(2))
    allowance.after(WRITE, 429, {"retry-after": "30"}, MORNING)
    allowance.before(WRITE, MORNING)

    assert other.before(WRITE, MORNING + timedelta(seconds=10)) == timedelta(seconds=20)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"writes": "x"},
        {"writes": ["x"], "paused_until": None},
        {"writes": [1e99], "paused_until": None},
    ],
)
def test_what_is_unreadable_among_the_stored_counts_nothing(stored: Json) -> None:
    shelf = Shelf()
    shelf.stored = stored

    assert SendcloudAllowance(update_file=shelf.update).before(WRITE, MORNING) == NO_PAUSE


def test_reading_alone_tells_nobody() -> None:
    shelf = Shelf()
    SendcloudAllowance(update_file=shelf.update).before(READ, MORNING)

    assert shelf.stored is None
