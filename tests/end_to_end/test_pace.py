"""How often and how fast the services are asked when allowances run low (S10), and when Exact's row versions go back (S11)."""

from datetime import timedelta

import pytest

from exactsend.engine.plan.guard import idle_pause
from exactsend.exact.models import Stream
from tests.end_to_end.shop import Shop

SOON = timedelta(minutes=5)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("spent", "pause"),
    [(0.0, timedelta(0)), (0.49, timedelta(0)), (0.5, QUARTER), (0.79, QUARTER), (0.8, HOUR), (1.2, HOUR)],
)
def test_idle_divisions_rest_the_longer_the_more_of_the_day_is_spent(spent: float, pause: timedelta) -> None:
    assert idle_pause(spent) == pause


def spend(shop: Shop, share: float) -> None:
    """Have this much of the sign-in's daily calls spent."""
    book = shop.wiring.exact_counters(shop.division.exact)
    while book.calls_today(shop.clock()) < share * shop.division.exact.max_calls_per_day:
        book.sent("1234567", shop.clock())


def test_an_idle_division_makes_no_call_while_it_rests(shop: Shop) -> None:
    shop.run(after=SOON)
    spend(shop, 0.5)

    run = shop.run(after=SOON)

    assert shop.sandbox.calls_since(shop.mark) == []
    assert run.exit_status == 0


def test_a_division_that_has_rested_is_asked_again(shop: Shop) -> None:
    shop.run(after=SOON)
    spend(shop, 0.5)
    shop.run(after=QUARTER)

    assert shop.sandbox.calls_since(shop.mark) != []


def test_a_division_with_work_does_not_rest(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.behaviour.carrier_down = "postnl"
    shop.run(after=SOON)
    spend(shop, 0.5)
    shop.run(after=SOON)

    assert shop.sandbox.calls_since(shop.mark) != []


def test_row_versions_that_went_back_reset_the_streams_the_next_day(shop: Shop) -> None:
    shop.run(after=SOON)
    cursor = shop.records.cursor(Stream.DELIVERIES)
    assert cursor is not None
    with (
        shop.wiring.lock(shop.division).acquire(run_id="test", clock=shop.clock, sleep=lambda _: None),
        shop.wiring.ledger(shop.division) as ledger,
    ):
        ledger.record("test", puts=[("cursors", Stream.DELIVERIES, {"position": 10**12})])
    missed = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert not shop.office.tracking(missed)
    shop.run(after=DAY)
    shop.run(after=SOON)

    assert shop.office.tracking(missed)
