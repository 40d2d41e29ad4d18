"""A clock that is wrong for one run: nothing is bought then, and afterwards all is as if that run had not been (S10)."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exactsend.domain.record_store import RecordStore
from exactsend.engine.division_run import Run, locked_ledger
from exactsend.errors import ClockOff, ExitStatus
from exactsend.http.messages import Call
from tests.end_to_end.shop import AUTOMATIC, Shop, open_shop, told

SOON = timedelta(minutes=5)
YEARS = timedelta(days=1_461)
WRONG = [YEARS, -YEARS, timedelta(days=40), -timedelta(minutes=11)]
every_wrong_clock = pytest.mark.parametrize("wrong", WRONG, ids=str)


@every_wrong_clock
def test_a_run_with_a_wrong_clock_buys_nothing_says_so_and_does_the_rest(
    tmp_path: Path, wrong: timedelta
) -> None:
    with open_shop(tmp_path, labels=AUTOMATIC) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        order = shop.place()

        run = run_at(shop, wrong)

        assert run.exit_status is ExitStatus.API
        assert ("label_buy", "skipped", "clock_off") in told(run)
        assert "clock is" in run.result.stopped
        assert (shop.paid(), str(order) in shop.incoming()) == (0, True)
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        assert shop.paid() == 1


@every_wrong_clock
def test_after_a_run_with_a_wrong_clock_all_is_as_if_it_had_not_been(
    tmp_path: Path, wrong: timedelta
) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_day": "2"}) as shop:
        shop.run()
        for _ in range(2):
            shop.office.deliver(shop.place())
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        bought = shop.records.purchases
        shop.office.deliver(shop.place())

        assert run_at(shop, wrong).exit_status is ExitStatus.API

        assert shop.records.purchases == bought
        assert moments_of_another_time(shop) == []
        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert shop.run(after=timedelta(hours=23)).exit_status is ExitStatus.SAFETY
        assert shop.run(after=timedelta(hours=1)).exit_status is ExitStatus.DONE
        assert shop.paid() == 3


def test_a_clock_that_is_set_during_the_run_buys_nothing(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels=AUTOMATIC) as shop:
        shop.run()
        shop.office.deliver(shop.place())

        def fault_hook(when: str, call: Call) -> None:
            if when == "before" and "external_reference_id" in call.query:
                shop.own_clock.ahead = YEARS

        shop.with_hooks(call_hook=fault_hook)
        run = shop.run(after=SOON)

        assert isinstance(run.error, ClockOff)
        assert run.exit_status is ExitStatus.API
        shop.own_clock.ahead = timedelta(0)
        shop.restart()
        shop.run(after=SOON)
        assert shop.paid() == 1


def test_purchases_that_an_older_version_noted_at_a_wrong_clock_count_for_a_day(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_day": "1"}) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        shop.run(after=SOON)
        moved_by(shop, YEARS)
        shop.office.deliver(shop.place())

        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert shop.run(after=timedelta(hours=24)).exit_status is ExitStatus.DONE
        assert shop.paid() == 2


def run_at(shop: Shop, wrong: timedelta) -> Run:
    """The next run, at a clock that is wrong by so much."""
    shop.own_clock.ahead = wrong
    shop.restart()
    run = shop.run(after=SOON)
    shop.own_clock.ahead = timedelta(0)
    shop.restart()
    return run


def moved_by(shop: Shop, wrong: timedelta) -> None:
    """Put the purchases that are remembered at other moments."""
    with locked_ledger(shop.wiring, shop.division) as ledger:
        records = RecordStore(ledger)
        made = tuple((at + wrong, parcels) for at, parcels in records.purchases.made)
        records.note("a_clock_was_wrong", records.purchases.replace(made=made))


def moments_of_another_time(shop: Shop) -> list[str]:
    """Every moment in the ledger's records that lies ahead, or days back."""
    records = (shop.process.state / str(shop.division.code) / "ledger.json").read_text()
    now = shop.clock()
    moments = re.findall(r'"(20\d\d-[^"]+T[^"]+(?:Z|[+]00:00))"', records)
    assert moments
    return [
        moment for moment in moments if not now - timedelta(days=1) <= datetime.fromisoformat(moment) <= now
    ]
