"""Asked to end, a run finishes what it has begun, and tells it."""

import signal
from datetime import timedelta

import pytest

from exactsend.calls import Call
from exactsend.errors import ExitStatus
from tests.end_to_end.shop import Shop, outcomes, told

SOON = timedelta(minutes=5)
ENDS = [(signal.SIGTERM, ExitStatus.TERMINATED), (signal.SIGINT, ExitStatus.INTERRUPTED)]


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_a_purchase_during_which_it_was_asked_to_end_is_finished_and_told(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    first, second = (shop.office.deliver(order) for order in entries(shop, 2))

    def tap(when: str, call: Call) -> None:
        if when == "before" and "announce" in call.path:
            signal.raise_signal(asked)

    shop.tapped(call_tap=tap)
    with shop.wiring.interrupts.listening():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert told(run) == {("label_buy", "done", "")}
    assert [one.subject.delivery_number for one in outcomes(run)] == [first]
    assert shop.record(first).label is not None
    assert shop.lives_of(second) == []


@pytest.mark.parametrize(("asked", "status"), ENDS)
def test_however_late_it_was_asked_to_end_that_is_how_it_ends(
    shop: Shop, asked: signal.Signals, status: ExitStatus
) -> None:
    (delivery,) = (shop.office.deliver(order) for order in entries(shop, 1))

    def tap(effect: str) -> None:
        if effect == "journal.empty.settle":
            signal.raise_signal(asked)

    shop.tapped(disk_tap=tap)
    with shop.wiring.interrupts.listening():
        run = shop.run(after=SOON)

    assert run.exit_status is status
    assert ("label_buy", "done", "") in told(run)
    assert shop.office.tracking(delivery)
    assert shop.memory.clockwork.last_good_run == shop.clock()


def entries(shop: Shop, count: int) -> list[int]:
    """So many orders whose entries stand."""
    orders = [shop.place() for _ in range(count)]
    shop.run(after=SOON)
    return orders
