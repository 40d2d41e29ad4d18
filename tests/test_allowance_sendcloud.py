"""Sendcloud's allowance: reads and writes a minute, shared by all who use one account."""

from datetime import timedelta
from threading import Thread

from exactsend.allowance.limits import NO_PAUSE
from exactsend.allowance.sendcloud import SendcloudAllowance
from exactsend.calls import Call
from tests.moving_clock import MORNING

READ = Call("GET", "/shipments")
WRITE = Call("POST", "/shipments/announce")


def test_writes_wait_until_the_oldest_is_a_minute_old() -> None:
    allowance = SendcloudAllowance(writes_per_minute=2)
    allowance.before(WRITE, MORNING)
    allowance.before(WRITE, MORNING + timedelta(seconds=10))

    assert allowance.before(WRITE, MORNING + timedelta(seconds=20)) == timedelta(seconds=40)
    assert allowance.before(WRITE, MORNING + timedelta(seconds=60)) == NO_PAUSE


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

    allowance.after(WRITE, 429, {"retry-after": "90"}, MORNING)

    assert allowance.before(READ, MORNING) == timedelta(seconds=90)


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
