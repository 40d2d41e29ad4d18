"""A person acts in Exact or in the panel just before each call of a run: at most one label, or both are told at once."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from exactsend.sandbox.sendcloud.records import Shipment
from tests.prove.invariants import DOUBLE, check, paid_for, remembered, sound
from tests.prove.lost_answers import move
from tests.prove.services import CallFault, at
from tests.prove.shop import Shop
from tests.prove.struck_run import Effects, fork, kill_at_once, run_struck
from tests.prove.trial import Play, Rehearsal, Trial

HAND_WRITTEN = "HAND-1"


@dataclass(frozen=True)
class PersonAction:
    """Something that a person does for the first delivery, and what must be true when all is quiet."""

    name: str
    do: Callable[[Shop], None]
    """LookupError: it can't be done at that moment, since the program was quicker."""
    judge: Callable[[Shop, int, int], Iterator[str]]
    """Given the delivery and how many calls had been served by then, says what is not as promised."""


def at_each_call(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each action before each call of the run, and after the last."""
    for action in ACTIONS:
        for place in range(len(rehearsal.calls)):
            yield Trial(f"{action.name}, before call {place}", done_at(place, action))


def done_at(place: int, action: PersonAction) -> Play:
    def play(shop: Shop) -> None:
        delivery = min(shop.expected.labels)
        done: list[int] = []

        def do() -> None:
            try:
                action.do(shop)
            except LookupError:
                return
            done.append(len(shop.services.calls))

        with shop.serving() as services:
            services.inject(CallFault(at(place), before=do))
            shop.run()
            services.clear_faults()
            shop.counts["struck"] += 1
            _go_on(shop, action, delivery, done)

    return play


def _go_on(shop: Shop, action: PersonAction, delivery: int, done: list[int]) -> None:
    """Until all is quiet; then what must hold after the action, or as always where it could not be done."""
    shop.go_on()
    if not done:
        check(shop)
        return
    shop.findings += [
        *_one_or_told(shop, delivery, done[0]),
        *action.judge(shop, delivery, done[0]),
        *sound(shop),
    ]


def after_a_kill(rehearsal: Rehearsal) -> Iterator[Trial]:
    """The run is killed at every third of its effects, and a person acts before the next run knows of what it left."""
    for number, action in enumerate(ACTIONS):
        for effect in rehearsal.effects[number % 3 :: 3]:
            yield Trial(
                f"{action.name}, after a kill at {effect.place} {effect.name}",
                after_kill(effect.place, action),
            )


def after_kill(place: int, action: PersonAction) -> Play:
    def play(shop: Shop) -> None:
        delivery = min(shop.expected.labels)
        child = fork(lambda: run_struck(shop, Effects(place, kill_at_once)))
        done: list[int] = []
        with shop.serving() as services:
            child.go()
            child.ended()
            shop.counts["struck"] += 1
            with suppress(LookupError):
                action.do(shop)
                done.append(len(services.calls))
            _go_on(shop, action, delivery, done)

    return play


def _one_or_told(shop: Shop, delivery: int, moment: int) -> Iterator[str]:
    """One label; or two, where the person acted after our last look: then both are told."""
    paid = paid_for(shop, delivery)
    if len(paid) < 2:
        return
    if moment <= _last_look(shop, delivery):
        shop.counts["labels bought twice"] += 1
        yield f"delivery {delivery} was bought although the person was first"
    elif shop.expected.foreign:
        shop.counts["made by another app after our last look"] += 1
    else:
        shop.counts["made by a person after our last look, and told"] += 1
        if DOUBLE not in problems(shop, delivery):
            yield f"delivery {delivery} has two labels and nobody is told"


def _last_look(shop: Shop, delivery: int) -> int:
    """The place of the last question about the delivery's labels before its purchase."""
    number = shop.expected.labels[delivery]
    bought = [
        place
        for place, call in enumerate(shop.services.calls)
        if "/announce" in call.path
        and isinstance(call.body, dict)
        and call.body.get("order_number") == number
    ]
    asked = [
        place
        for place, call in enumerate(shop.services.calls)
        if f"order_number={number}&" in call.query and (not bought or place < bought[0])
    ]
    return max(asked, default=-1)


def problems(shop: Shop, delivery: int) -> set[str]:
    """The codes of what is told of a delivery."""
    known = remembered(shop, delivery)
    return {str(problem.code) for problem in known.problems.values()} if known else set()


def _paid_here(shop: Shop, delivery: int) -> list[Shipment]:
    """Labels of this delivery that are not another app's."""
    return [label for label in paid_for(shop, delivery) if label.shipment_id not in shop.expected.foreign]


# ── in the panel ─────────────────────────────────────────────────────────────────────────────────


def _make_label(shop: Shop) -> None:
    shop.services.panel.make_label(shop.expected.labels[min(shop.expected.labels)])


def _has_label(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    if not paid_for(shop, delivery):
        yield f"delivery {delivery} has no label"
    if not problems(shop, delivery) and shop.services.office.tracking(delivery) == "":
        yield f"delivery {delivery} has no tracking"


def _delete_entry(shop: Shop) -> None:
    shop.services.panel.delete_order(shop.expected.labels[min(shop.expected.labels)])


def _label_or_taken(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    if not paid_for(shop, delivery) and "taken_in_panel" not in problems(shop, delivery):
        yield f"delivery {delivery} has no label and tells {problems(shop, delivery)}"


def _cancel_label(shop: Shop) -> None:
    shop.services.panel.cancel_label(shop.expected.labels[min(shop.expected.labels)])


def _stays_cancelled(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    """Nothing is bought again; and when the carrier rejects the cancellation, it is the delivery's label again."""
    if paid_for(shop, delivery) or "label_cancelled" not in problems(shop, delivery):
        yield f"delivery {delivery} was cancelled and tells {problems(shop, delivery)}"
    number = shop.expected.labels[delivery]
    (cancelled,) = [
        shipment for shipment in shop.world.sendcloud.shipments(order_number=number) if not shipment.is_live
    ]
    shop.services.panel.restore_label(cancelled)
    shop.clock.advance(timedelta(hours=1))
    shop.go_on()
    if len(paid_for(shop, delivery)) != 1 or problems(shop, delivery):
        yield f"delivery {delivery}, whose label came back, tells {problems(shop, delivery)}"


def _label_by_another_app(shop: Shop) -> None:
    account = shop.world.sendcloud.accounts[0]
    if account.integration(7003) is None:
        account.add_integration(
            public_key="other", secret_key="other", integration_id=7003, shop_name="Other"
        )
    to = {
        "name": "X",
        "address_line_1": "Oudegracht 231",
        "city": "Utrecht",
        "country_code": "NL",
        "postal_code": "3511 NK",
    }
    number = shop.expected.labels[min(shop.expected.labels)]
    foreign = shop.services.panel.make_label_elsewhere(number, 7003, to_address=to, option="postnl:standard")
    shop.expected.foreign.add(foreign.shipment_id)


def _held_or_first(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    if not _paid_here(shop, delivery) and "labelled_elsewhere" not in problems(shop, delivery):
        yield f"delivery {delivery} has no label and tells {problems(shop, delivery)}"


# ── in Exact ─────────────────────────────────────────────────────────────────────────────────────


def _move(shop: Shop) -> None:
    move(shop, min(shop.expected.labels))


def _goes_there_or_told(shop: Shop, delivery: int, _moment: int) -> Iterator[str]:
    paid = paid_for(shop, delivery)
    if len(paid) != 1:
        yield f"delivery {delivery} has {len(paid)} labels"
    elif paid[0].to_address["postal_code"] != "1017 GC" and not problems(shop, delivery):
        yield f"the label of delivery {delivery} goes to the former address, and nobody is told"


def _type_tracking(shop: Shop) -> None:
    delivery = min(shop.expected.labels)
    if shop.services.office.tracking(delivery):
        raise LookupError
    shop.services.office.edit_delivery(delivery, TrackingNumber=HAND_WRITTEN)


def _kept(shop: Shop, delivery: int, moment: int) -> Iterator[str]:
    """What a person wrote stays, but where it was written between our last reading and our writing: Exact knows no condition."""
    kept = shop.services.office.tracking(delivery) == HAND_WRITTEN
    if not kept and _read_last(shop, delivery) < moment:
        shop.counts["overwritten in the moment of writing"] += 1
    elif not kept:
        yield f"what a person wrote on delivery {delivery} was overwritten"
    elif paid_for(shop, delivery) and "tracking_taken" not in problems(shop, delivery):
        yield f"delivery {delivery} has a label that nobody is told of"


def _read_last(shop: Shop, delivery: int) -> int:
    """The place of the last reading of the deliveries before this one was written."""
    key = shop.services.office.delivery_id(delivery).lower()
    calls = list(enumerate(shop.services.calls))
    written = min(place for place, call in calls if call.method == "PUT" and key in call.path.lower())
    return max(
        place
        for place, call in calls[:written]
        if call.method == "GET" and call.path.endswith("/salesorder/GoodsDeliveries")
    )


def _cancel_order(shop: Shop) -> None:
    (order,) = shop.services.office.orders_of(min(shop.expected.labels))
    shop.services.office.edit_order(order, Status=45)


def _none_or_told(shop: Shop, delivery: int, moment: int) -> Iterator[str]:
    """What was cancelled before the run that bought read the order is no news: once delivered, its status does not count (S1)."""
    calls = list(enumerate(shop.services.calls))
    bought = min((place for place, call in calls if "/announce" in call.path), default=len(calls))
    read = max(
        (place for place, call in calls[:bought] if call.path.endswith("/salesorder/SalesOrders")), default=0
    )
    if moment > read and paid_for(shop, delivery) and "cancelled_after_label" not in problems(shop, delivery):
        yield f"delivery {delivery} was cancelled, has a label and tells {problems(shop, delivery)}"


ACTIONS = (
    PersonAction("a label is made in the panel", _make_label, _has_label),
    PersonAction("the entry is deleted in the panel", _delete_entry, _label_or_taken),
    PersonAction("the label is cancelled in the panel", _cancel_label, _stays_cancelled),
    PersonAction("another app makes a label", _label_by_another_app, _held_or_first),
    PersonAction("the address is changed in Exact", _move, _goes_there_or_told),
    PersonAction("a tracking number is typed in Exact", _type_tracking, _kept),
    PersonAction("the order is cancelled in Exact", _cancel_order, _none_or_told),
)
