"""A clock that is wrong for one run, or is set in the middle of one: nothing is bought then, and nothing is forgotten or stands still."""

from collections.abc import Iterator
from datetime import timedelta

from tests.prove.invariants import check
from tests.prove.lost_answers import ANNOUNCE, short
from tests.prove.services import CallFault, at
from tests.prove.shop import SETTLED, Shop
from tests.prove.trial import Play, Rehearsal, Trial

YEARS = timedelta(days=1_461)
WRONG = {
    "four years": YEARS,
    "forty days": timedelta(days=40),
    "a day and an hour": timedelta(hours=25),
    "eleven minutes": timedelta(minutes=11),
}


def wrong_clocks(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Ahead and behind: for the whole run, for the run after it, and from each call of the run on."""
    for name, by in WRONG.items():
        for ahead, direction in ((by, "ahead"), (-by, "behind")):
            yield Trial(f"{name} {direction}", _wrong(ahead))
            yield Trial(f"{name} {direction}, the run after", _wrong(ahead, first=False))
    for place, call in enumerate(rehearsal.calls):
        for days in (40, -40):
            yield Trial(f"{days} days from {place} {short(call)} on", _set(timedelta(days=days), place, call))


def _wrong(ahead: timedelta, *, first: bool = True) -> Play:
    def play(shop: Shop) -> None:
        with shop.serving():
            if not first:
                shop.run()
                shop.clock.advance(SETTLED)
            paid = len(shop.world.sendcloud.paid())
            shop.run(ahead=lambda: ahead)
            shop.counts["struck"] += 1
            if len(shop.world.sendcloud.paid()) > paid:
                shop.findings.append("a label was bought at a clock that is wrong")
            shop.go_on()
            check(shop)

    return play


def _set(ahead: timedelta, place: int, call: str) -> Play:
    """The clock is set while that call is on its way."""

    def play(shop: Shop) -> None:
        is_set: list[int] = []

        def set_it() -> None:
            is_set.append(len(shop.world.sendcloud.paid()))

        with shop.serving() as services:
            services.inject(CallFault(at(place), before=set_it))
            shop.run(ahead=lambda: ahead if is_set else timedelta(0))
            shop.counts["struck"] += services.wire.hits
            services.clear_faults()
            under_way = 1 if ANNOUNCE in call else 0
            if is_set and len(shop.world.sendcloud.paid()) > is_set[0] + under_way:
                shop.findings.append("a label was bought after the clock was set")
            shop.go_on()
            check(shop)

    return play
