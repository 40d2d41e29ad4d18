"""Asked to end, a run finishes what it has begun, and tells it."""

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from exactsend.domain.records import AttemptState
from exactsend.errors import ExitStatus
from exactsend.http.messages import Call
from tests.end_to_end.shop import Shop, outcomes, told

SOON = timedelta(minutes=5)
ENDS = [(signal.SIGTERM, ExitStatus.TERMINATED), (signal.SIGINT, ExitStatus.INTERRUPTED)]


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_a_purchase_during_which_it_was_asked_to_end_is_finished_and_told(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    first, second = (shop.office.deliver(order) for order in entries(shop, 2))

    def fault_hook(when: str, call: Call) -> None:
        if when == "before" and "announce" in call.path:
            signal.raise_signal(asked)

    shop.with_hooks(call_hook=fault_hook)
    with shop.wiring.interrupts.handling_signals():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert told(run) == {("label_buy", "done", "")}
    assert [outcome.subject.delivery_number for outcome in outcomes(run)] == [first]
    assert shop.record(first).label is not None
    assert shop.lives_of(second) == []


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_however_late_it_was_asked_to_end_that_is_how_it_ends(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    (delivery,) = (shop.office.deliver(order) for order in entries(shop, 1))

    def fault_hook(effect: str) -> None:
        if effect == "journal.empty.settle":
            signal.raise_signal(asked)

    shop.with_hooks(disk_hook=fault_hook)
    with shop.wiring.interrupts.handling_signals():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert ("label_buy", "done", "") in told(run)
    assert shop.office.tracking(delivery)
    assert shop.records.schedule.last_good_run == shop.clock()


# ── in a pause, where nothing is in flight ───────────────────────────────────────────────────────


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_in_the_pause_after_a_429_to_a_purchase_it_ends_at_once_and_the_reference_stays_free(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    (delivery,) = (shop.office.deliver(order) for order in entries(shop, 1))
    shop.sandbox.faults.answer_instead("POST", "/announce", status=429, headers={"Retry-After": "60"})
    waited = asked_in_the_first_pause(shop, asked)

    with shop.wiring.interrupts.handling_signals():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert sum(waited) < 1
    assert [attempt.state for attempt in shop.record(delivery).attempts] == [AttemptState.NOT_SENT]
    assert shop.records.purchases.parcels_of_the_day(shop.clock()) == 0
    assert_bought_by_the_next_run(shop, delivery)


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_in_the_pause_before_the_look_after_a_lost_answer_it_ends_and_the_next_run_finds_the_label(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    (delivery,) = (shop.office.deliver(order) for order in entries(shop, 1))
    faults = shop.sandbox.faults
    faults.lose_answer("POST", "/announce")

    def fault_hook(when: str, call: Call) -> None:
        if when == "before" and "announce" in call.path:
            faults.answer_instead("GET", "external_reference_id", status=429, headers={"Retry-After": "60"})

    asked_in_the_first_pause(shop, asked, call_hook=fault_hook)

    with shop.wiring.interrupts.handling_signals():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert [attempt.state for attempt in shop.record(delivery).attempts] == [AttemptState.UNKNOWN]
    shop.restart()
    shop.run(after=SOON)
    assert [attempt.state for attempt in shop.record(delivery).attempts] == [AttemptState.LIVE]
    assert shop.paid() == 1


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_while_it_waits_for_the_next_minute_of_exact_it_ends_at_once(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    shop.sandbox.faults.answer_instead(
        "GET", "Deliveries", status=429, headers={"Retry-After": "60"}, api="exact"
    )
    waited = asked_in_the_first_pause(shop, asked)

    with shop.wiring.interrupts.handling_signals():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert sum(waited) < 1


def asked_in_the_first_pause(
    shop: Shop, asked: signal.Signals, *, call_hook: Callable[[str, Call], None] = lambda _when, _call: None
) -> list[float]:
    """The pauses of the next run, in the first of which it is asked to end."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        shop.process.sleep(seconds)
        waited.append(seconds)
        if len(waited) == 1:
            signal.raise_signal(asked)

    shop.with_hooks(sleep=sleep, call_hook=call_hook)
    return waited


def assert_bought_by_the_next_run(shop: Shop, delivery: int) -> None:
    """Under the same reference, and once."""
    before = shop.record(delivery).attempts
    shop.restart()
    shop.run(after=SOON)
    (bought,) = shop.record(delivery).attempts
    assert bought.state is AttemptState.LIVE
    assert [bought.reference] == [attempt.reference for attempt in before]
    assert shop.paid() == 1


def entries(shop: Shop, count: int) -> list[int]:
    """So many orders whose entries stand."""
    orders = [shop.place() for _ in range(count)]
    shop.run(after=SOON)
    return orders
