"""Asks both sides about one order or delivery, for a person who wants to know why. Takes no lock and writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from exactsend.engine.division_run import Progress, RunOptions, open_division
from exactsend.engine.gather.run import gather_number
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.plan.explanation import Explained, explained
from exactsend.engine.sync import ALL_STEPS, carry_out
from exactsend.engine.wiring import Wiring
from exactsend.http.messages import Json
from exactsend.settings.models import DivisionSettings


@dataclass(frozen=True)
class LookedUp:
    """What both sides say of a number now, and what a run would do about it."""

    explained: tuple[Explained, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def next_of(self, explanation: Explained) -> tuple[Outcome, ...]:
        """What a run would do about one of them."""
        return tuple(outcome for outcome in self.outcomes if outcome.subject == explanation.subject)


def look_up(wiring: Wiring, division: DivisionSettings, number: int) -> LookedUp:
    """Ask both sides about the orders and deliveries of this number."""
    with open_division(wiring, division, RunOptions(dry_run=True), Progress(), {}) as place:
        if place.records.schedule.first_run_wall is None:
            begun = place.records.schedule.replace(first_run_wall=place.systems.exact.wall_time())
            place.records.note("asked_before_the_first_run", begun)
        snapshot = gather_number(place.context, number)
        found = explained(
            snapshot
        )  # before anything of the dry run is noted, even in records that nothing stores
        return LookedUp(found, carry_out(place.context, snapshot, ALL_STEPS, dry_run=True).outcomes)


def stands_now(
    wiring: Wiring, division: DivisionSettings, *, orders: Iterable[str], shipments: Iterable[str]
) -> dict[str, Json]:
    """These incoming orders and shipments by their ids, with all that Sendcloud says of them now; without what is gone."""
    with wiring.systems(division, pinned=wiring.pins(division)) as systems:
        found = {order: systems.sendcloud.raw_order(order) for order in orders}
        found |= {shipment: systems.sendcloud.raw_shipment(shipment) for shipment in shipments}
    return {key: body for key, body in found.items() if body is not None}
