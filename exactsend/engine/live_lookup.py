"""Reads an order or a delivery from both services, for ``explain``. Takes no lock and writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from exactsend.engine.division_run import Progress, RunOptions, open_division
from exactsend.engine.gather.run import gather_number
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.plan.explanation import Explanation, explain_all
from exactsend.engine.sync import ALL_STEPS, run_steps
from exactsend.engine.wiring import Wiring
from exactsend.http.messages import Json
from exactsend.settings.models import DivisionSettings


@dataclass(frozen=True)
class LiveLookup:
    """What both services have under a number, and what a run would do about it."""

    explanations: tuple[Explanation, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def next_of(self, explanation: Explanation) -> tuple[Outcome, ...]:
        """What a run would do about one order or delivery."""
        return tuple(outcome for outcome in self.outcomes if outcome.subject == explanation.subject)


def look_up_number(wiring: Wiring, division: DivisionSettings, number: int) -> LiveLookup:
    """Read the orders and deliveries with this number from both services, and plan for them."""
    with open_division(wiring, division, RunOptions(dry_run=True), Progress(), {}) as place:
        if place.records.schedule.first_run_wall is None:
            begun = place.records.schedule.replace(first_run_wall=place.services.exact.wall_time())
            place.records.note("asked_before_the_first_run", begun)
        snapshot = gather_number(place.context, number)
        found = explain_all(snapshot)  # before the dry run changes the records, which it does not store
        return LiveLookup(found, run_steps(place.context, snapshot, ALL_STEPS, dry_run=True).outcomes)


def current_states(
    wiring: Wiring, division: DivisionSettings, *, orders: Iterable[str], shipments: Iterable[str]
) -> dict[str, Json]:
    """The current state of incoming orders and shipments at Sendcloud, by id. Those that no longer exist are left out."""
    with wiring.services(division, pinned=wiring.pins(division)) as systems:
        found = {order: systems.sendcloud.raw_order(order) for order in orders}
        found |= {shipment: systems.sendcloud.raw_shipment(shipment) for shipment in shipments}
    return {key: body for key, body in found.items() if body is not None}
