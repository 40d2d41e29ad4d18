"""A person corrects the address in the panel and makes the label, another tool uses our number, a delivery is made again.

Before, during and after the run that would buy; in both readings of what is not known: whether an order whose label was made can still
be read. Never a second label by ourselves, never one that is not the delivery's taken for its own, and none lost.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product

from exactsend.sandbox.sendcloud.records import Shipment
from tests.prove.invariants import paid_for, remembered, sound
from tests.prove.person_actions import PersonAction, after_kill, done_at, problems
from tests.prove.services import CallFault, at
from tests.prove.shop import Shop, deliver
from tests.prove.trial import Play, Rehearsal, Trial

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WRONGLY = "labels taken wrongly"
POSTCODE = {"postal_code": "1017 GC", "city": "Amsterdam"}
COUNTRY = {"country_code": "BE", "postal_code": "2000", "city": "Antwerpen"}
SOMEBODY_ELSE = {
    **POSTCODE,
    "name": "Somebody else",
    "email": "else@shop.example",
    "phone_number": "+31201234567",
    "address_line_1": "Prinsengracht",
    "house_number": "263",
    "country_code": "NL",
}


# ── what people and other tools do ───────────────────────────────────────────────────────────────


def _number(shop: Shop) -> str:
    return shop.expected.labels[min(shop.expected.labels)]


def _corrected(shop: Shop, number: str, address: dict[str, str], *, readable: bool) -> Shipment:
    """The person corrects the entry and makes its label. LookupError: it no longer stands there."""
    shop.world.sendcloud.behaviour.panel_label_keeps_order = readable
    shop.services.panel.edit_order(number, **address)  # type: ignore[arg-type]  # lines of an address
    return shop.services.panel.make_label(number, "dpd:home")


def _correct(shop: Shop, *, address: dict[str, str], readable: bool) -> None:
    _corrected(shop, _number(shop), address, readable=readable)


def _foreign(shop: Shop, number: str) -> None:
    """Another tool, with our own keys, makes a label under our number to somebody else."""
    integration = shop.world.sendcloud.accounts[0].integrations[0].integration_id
    made = shop.services.panel.make_label_elsewhere(
        number, integration, to_address=SOMEBODY_ELSE, option="postnl:standard"
    )
    shop.expected.foreign.add(made.shipment_id)


def _foreign_after_deletion(shop: Shop) -> None:
    shop.services.panel.delete_order(_number(shop))
    _foreign(shop, _number(shop))


def _foreign_beside(shop: Shop) -> None:
    _foreign(shop, _number(shop))


# ── what must be true afterwards ─────────────────────────────────────────────────────────────────


def _its_own_or_told(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    """The person's label is the delivery's and stands in Exact; or both are told, where the program was quicker."""
    lives, known = paid_for(shop, delivery), remembered(shop, delivery)
    own = known.label.shipment if known and known.label else ""
    tracking = {shipment.shipment_id: shipment.tracking_number for shipment in lives}
    if own not in tracking:
        yield f"delivery {delivery} remembers {own!r} and its labels are {list(tracking)}"
    elif shop.services.office.tracking(delivery) != tracking[own]:
        yield f"delivery {delivery} carries {shop.services.office.tracking(delivery)!r} in Exact"


def _never_foreign(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    yield from _taken_wrongly(shop, delivery)
    told = problems(shop, delivery) & {"labelled_elsewhere", "double_label", "taken_in_panel"}
    known = remembered(shop, delivery)
    if not told and not (known and known.label):
        yield f"delivery {delivery} has no label and tells {problems(shop, delivery)}"


def _taken_wrongly(shop: Shop, delivery: int) -> Iterator[str]:
    known = remembered(shop, delivery)
    if known is not None and known.label is not None and known.label.shipment in shop.expected.foreign:
        shop.counts[WRONGLY] += 1
        yield f"delivery {delivery} took somebody else's label"


ACTIONS = (
    *(
        PersonAction(
            f"the {what} is corrected in the panel, {'still' if readable else 'no longer'} readable",
            partial(_correct, address=address, readable=readable),
            _its_own_or_told,
        )
        for (what, address), readable in product(
            (("postcode", POSTCODE), ("country", COUNTRY)), (True, False)
        )
    ),
    PersonAction(
        "another tool uses our number after our entry was deleted", _foreign_after_deletion, _never_foreign
    ),
    PersonAction("another tool uses our number", _foreign_beside, _never_foreign),
)


def at_each_call(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each action before each call of the run, and after the last."""
    for action, place in product(ACTIONS, range(len(rehearsal.calls))):
        yield Trial(f"{action.name}, before call {place}", done_at(place, action))
    for place in range(len(rehearsal.calls)):
        yield Trial(f"the delivery is made again, before call {place}", _made_again_at(place))


def by_hand(rehearsal: Rehearsal) -> Iterator[Trial]:
    """The same where nothing is bought by itself."""
    for action, place in product(ACTIONS, range(len(rehearsal.calls))):
        yield Trial(f"{action.name}, before call {place}", done_at(place, action))


def after_a_kill(rehearsal: Rehearsal) -> Iterator[Trial]:
    """The run is killed at every fifth of its effects, and a person acts before the next run knows of what it left."""
    for number, action in enumerate(ACTIONS):
        for effect in rehearsal.effects[number % 5 :: 5]:
            yield Trial(
                f"{action.name}, after a kill at {effect.place} {effect.name}",
                after_kill(effect.place, action),
            )


# ── made again ───────────────────────────────────────────────────────────────────────────────────


def _made_again_at(place: int) -> Play:
    def play(shop: Shop) -> None:
        delivery = min(shop.expected.labels)
        number = _number(shop)

        def do() -> None:
            shop.services.office.delete_delivery(delivery)
            shop.services.office.deliver(int(number))

        with shop.serving() as services:
            services.inject(CallFault(at(place), before=do))
            shop.run()
            services.clear_faults()
            shop.counts["struck"] += 1
            shop.go_on()
            shop.clock.advance(HOUR)
            shop.go_on()
            shop.findings += [*_one_in_all(shop, number), *sound(shop)]

    return play


def _one_in_all(shop: Shop, number: str) -> Iterator[str]:
    """One label for both; the one that there is has it, or tells why not."""
    paid = len(shop.world.sendcloud.paid(order_number=number))
    (again,) = shop.services.office.delivery_numbers()
    if paid > 1:
        shop.counts["labels bought twice"] += paid - 1
        yield f"order {number} has {paid} paid labels"
    known = remembered(shop, again)
    if paid == 0 or known is None or not (known.label or "labelled_elsewhere" in problems(shop, again)):
        shop.counts["deliveries lost"] += 1
        yield f"delivery {again} has no label and tells {problems(shop, again)}"


# ── before the delivery ──────────────────────────────────────────────────────────────────────────


def before_the_delivery(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """The person acts while the order is not delivered yet; some runs later, or none, it is."""
    acts: dict[str, Callable[[Shop, str], object]] = {
        **{
            f"{what} corrected, {'still' if readable else 'no longer'} readable": partial(
                _act, address=address, readable=readable
            )
            for (what, address), readable in product(
                (("postcode", POSTCODE), ("country", COUNTRY)), (True, False)
            )
        },
        "another tool, the entry deleted": _delete_and_foreign,
        "another tool": _foreign,
    }
    for (name, act), runs, lag in product(acts.items(), (0, 1, 13), (0, 9)):
        if not lag or "no longer" in name or "deleted" in name:  # else nothing tells that a label was made
            yield Trial(f"{name}, {runs} runs later, look-ups lag {lag} minutes", _before(act, runs, lag))


def _act(shop: Shop, number: str, *, address: dict[str, str], readable: bool) -> None:
    _corrected(shop, number, address, readable=readable)


def _delete_and_foreign(shop: Shop, number: str) -> None:
    shop.services.panel.delete_order(number)
    _foreign(shop, number)


def _before(act: Callable[[Shop, str], object], runs: int, lag: int) -> Play:
    def play(shop: Shop) -> None:
        (number,) = shop.expected.incoming
        with shop.serving():
            shop.world.sendcloud.behaviour.lookups_lag = lag * MINUTE
            act(shop, number)
            for _ in range(runs):
                shop.clock.advance(5 * MINUTE)
                shop.run()
            delivery = deliver(shop, int(number))
            shop.clock.advance(MINUTE)
            shop.run()
            shop.counts["struck"] += 1
            shop.go_on()
            shop.clock.advance(HOUR)
            shop.go_on()
            shop.findings += [*_one_of_theirs(shop, delivery), *sound(shop)]

    return play


def _one_of_theirs(shop: Shop, delivery: int) -> Iterator[str]:
    """The one label that there is was made by a person: it is the delivery's, or it is told."""
    if (paid := len(paid_for(shop, delivery))) != 1:
        shop.counts["labels bought twice"] += paid - 1
        yield f"delivery {delivery} has {paid} paid labels"
    yield from _taken_wrongly(shop, delivery)
    known = remembered(shop, delivery)
    is_its_own = known is not None and known.label is not None
    if shop.expected.foreign:
        if is_its_own or not problems(shop, delivery) & {"labelled_elsewhere", "taken_in_panel"}:
            yield f"delivery {delivery} tells {problems(shop, delivery)}"
    elif not is_its_own or not shop.services.office.tracking(delivery):
        shop.counts["deliveries lost"] += 1
        yield f"delivery {delivery} did not get its label and tells {problems(shop, delivery)}"
