"""More work than one run can do: each run finishes what it takes up, deliveries first, and the next goes on from there (S11)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from werkzeug import Request, Response

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.faults import FaultKind
from tests.prove.bad_days import too_many
from tests.prove.invariants import check, paid_for
from tests.prove.refused_endpoints import counted_refusals
from tests.prove.services import CallFault
from tests.prove.shop import GOOD, Shop, deliver, new_shop, place_order
from tests.prove.trial import Play, Rehearsal, Trial

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TIMER = timedelta(minutes=5)
ORDERS = 50
NEW_ORDERS = 12
DELIVERED = range(0, 40, 5)
"""Places of the orders that are delivered when the flood comes: most of them behind orders that have waited longer."""
CHANGED = 5
"""The quantity that all other orders are changed to."""
AT_ONCE = 15
"""The least that a run takes up, whatever its calls."""
RUNS = 6


# ── the shop ─────────────────────────────────────────────────────────────────────────────────────


def flooded(folder: Path, port: int) -> Shop:
    """Since the last run every order was changed or delivered, and more came in: a hundred lookups at twenty calls a minute."""
    shop = new_shop(folder, port)
    with shop.serving():
        shop.connect()
        orders = [place_order(shop) for _ in range(ORDERS)]
        for _ in range(2):
            status = shop.run()
            assert status in GOOD, (status, shop.findings)
        shop.clock.advance(MINUTE)
        _change(shop, [order for place, order in enumerate(orders) if place not in DELIVERED], CHANGED)
        orders += [place_order(shop, quantity=CHANGED) for _ in range(NEW_ORDERS)]
        for place in DELIVERED:
            deliver(shop, orders[place], remarks="Ring twice")
        shop.expected.incoming = {str(order) for order in orders} - set(shop.expected.labels.values())
        shop.clock.advance(TIMER)
    shop.max_wait = 3 * MINUTE
    shop.world.exact.limits.per_minute = 20
    return shop


def _change(shop: Shop, orders: list[int], quantity: int) -> None:
    for order in orders:
        shop.services.office.change_quantity(order, "MUG", quantity)


# ── what comes on top ────────────────────────────────────────────────────────────────────────────

BeforeARun = Callable[[Shop, int], None]
"""What happens before a run, given its number."""


def _nothing(_shop: Shop, _number: int) -> None:
    pass


def _orders_change_again(shop: Shop, number: int) -> None:
    _change(shop, sorted(int(order) for order in shop.expected.incoming), CHANGED + number % 2)


def _a_delivery_comes(shop: Shop, _number: int) -> None:
    order = max(shop.expected.incoming, key=int)
    shop.expected.incoming.remove(order)
    deliver(shop, int(order))


def _more_orders_come(shop: Shop, _number: int) -> None:
    shop.expected.incoming |= {str(place_order(shop, quantity=CHANGED)) for _ in range(AT_ONCE)}


def _another_program_calls(shop: Shop, _number: int) -> None:
    for _ in range(5):
        shop.world.exact.metering.count(starting_worlds.CLIENT_ID, starting_worlds.DIVISION)


BUSY: Mapping[str, BeforeARun] = {
    "nothing else": _nothing,
    "all orders change again": _orders_change_again,
    "a delivery comes": _a_delivery_comes,
    "more orders come": _more_orders_come,
    "another program calls": _another_program_calls,
}


def _every(number: int, place: int, _request: Request) -> bool:
    return place % number == number - 1


def _too_many_requests(_request: Request) -> Response:
    return Response('{"errors": []}', 429, {"Retry-After": "20"}, content_type="application/json")


LOSSES: Mapping[str, CallFault] = {
    "Sendcloud has no room for each seventh call": CallFault(
        lambda place, request: request.path.startswith("/api/v3") and _every(7, place, request),
        instead=_too_many_requests,
    ),
    "each ninth call is lost": CallFault(
        lambda place, request: _every(9, place, request), lose=FaultKind.LOST_BEFORE
    ),
    "each eleventh answer is lost": CallFault(
        lambda place, request: _every(11, place, request), lose=FaultKind.LOST_AFTER
    ),
}


# ── trials ───────────────────────────────────────────────────────────────────────────────────────


def floods(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """At several allowances, with all that comes on top; and with calls that fail meanwhile."""
    for per_minute in (20, 30, 60):
        for minutes in (3, 6):
            for name, before in BUSY.items():
                yield Trial(
                    f"{per_minute} calls a minute, {minutes} minutes to wait: {name}",
                    _busy(before, per_minute, minutes * MINUTE),
                )
        for name, fault in LOSSES.items():
            yield Trial(f"{per_minute} calls a minute: {name}", _failing(fault, per_minute))
        for left in (0, 5, 20, 60):
            yield Trial(f"{per_minute} calls a minute, {left} today", _day_used_up(left, per_minute))


def _busy(before: BeforeARun, per_minute: int, max_wait: timedelta) -> Play:
    """Every run ends as usual, and labels deliveries as long as some wait: those that have waited longest."""

    def play(shop: Shop) -> None:
        with shop.serving() as services:
            shop.max_wait = max_wait
            shop.world.exact.limits.per_minute = per_minute
            for number in range(RUNS):
                before(shop, number)
                waited = [label for label in shop.expected.labels if not paid_for(shop, label)]
                _run(shop)
                labelled = [value for value in waited if paid_for(shop, value)]
                if labelled != waited[: max(1, len(labelled))]:
                    shop.findings.append(f"run {number + 1}: of {waited} it labelled {labelled}")
                shop.clock.advance(TIMER)
            shop.counts["struck"] += 1
            _end(shop)
            shop.findings += too_many(counted_refusals(services.calls))

    return play


def _failing(fault: CallFault, per_minute: int) -> Play:
    """However runs end meanwhile, once no call fails any more all is done."""

    def play(shop: Shop) -> None:
        with shop.serving() as services:
            shop.world.exact.limits.per_minute = per_minute
            services.inject(fault)
            for _ in range(RUNS):
                shop.run()
                shop.clock.advance(TIMER)
            shop.counts["struck"] += bool(services.wire.hits)
            services.clear_faults()
            shop.clock.advance(timedelta(hours=1))
            _end(shop)

    return play


def _day_used_up(left: int, per_minute: int) -> Play:
    """Nothing more is done on the day than its calls allow, and all of it on the next."""

    def play(shop: Shop) -> None:
        with shop.serving():
            shop.world.exact.limits.per_minute = per_minute
            shop.world.exact.metering.use_up(
                starting_worlds.CLIENT_ID, starting_worlds.DIVISION, calls_left_today=left
            )
            for _ in range(3):
                shop.run()
                shop.clock.advance(TIMER)
            shop.counts["struck"] += 1
            shop.clock.advance(DAY)
            _end(shop)

    return play


def _run(shop: Shop) -> None:
    status = shop.run()
    if status not in GOOD:
        shop.findings.append(f"a run ended with {int(status)} ({ExitStatus(status).name})")


def _end(shop: Shop) -> None:
    shop.go_on()
    check(shop)
    office = shop.services.office
    for entry in shop.services.panel.incoming():
        wanted = sum(float(str(row["Quantity"])) for row in office.order_lines(int(entry.order_number)))
        if sum(entry.quantities.values()) != wanted:
            shop.findings.append(f"the entry of order {entry.order_number} is not as Exact has it")
