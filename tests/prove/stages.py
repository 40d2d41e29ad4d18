"""Moments in the life of a shop at which the next run is broken: each with work of another kind before it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exactsend.errors import ExitStatus
from tests.prove.shop import GOOD, Shop, deliver, new_shop, place_order, write_config

Stage = Callable[[Path, int], Shop]
"""Makes the shop in that folder, on that port; the services no longer run when it returns."""

MINUTE = timedelta(minutes=1)
WEEKS = timedelta(days=18)
NEW_YEAR = datetime(2027, 1, 1, 9, tzinfo=UTC)
TOKEN_LIFE = timedelta(minutes=11)
SENDER = 17


def connected(folder: Path, port: int) -> Shop:
    """Orders in Exact, signed in, never run: the first run pushes them."""
    shop = new_shop(folder, port)
    with shop.serving():
        shop.connect()
        shop.expected.incoming = {str(place_order(shop)) for _ in range(3)}
    return shop


def delivered(folder: Path, port: int) -> Shop:
    """Four deliveries of three orders since the last run: the next one buys, one label fails, and writes back."""
    return _with_deliveries(folder, port, automatic=True)


def token_due(folder: Path, port: int) -> Shop:
    """The same with an access token that has expired: the next run renews it."""
    shop = delivered(folder, port)
    shop.clock.advance(TOKEN_LIFE)
    return shop


def look_ups_lag(folder: Path, port: int) -> Shop:
    """The same at a Sendcloud whose lists show the state of nine minutes ago: longer than an answer is waited for."""
    shop = delivered(folder, port)
    shop.world.sendcloud.behaviour.lookups_lag = timedelta(minutes=9)
    return shop


def one_delivery(folder: Path, port: int) -> Shop:
    """One order and its delivery: the shortest run that buys. With a sender of its own, so that it is announced by the other call."""
    shop = new_shop(folder, port)
    write_config(shop, more=f'[divisions.main.warehouses]\n"1" = {SENDER}\n')
    with shop.serving():
        shop.connect()
        order = place_order(shop)
        _run(shop)
        _run(shop)
        shop.clock.advance(MINUTE)
        deliver(shop, order, remarks="Ring twice")
        shop.clock.advance(MINUTE)
    return shop


def one_order(folder: Path, port: int) -> Shop:
    """One order whose entry was seen among the incoming orders, and which is not delivered."""
    shop = new_shop(folder, port)
    with shop.serving():
        shop.connect()
        shop.expected.incoming = {str(place_order(shop))}
        _run(shop)
        _run(shop)
        shop.clock.advance(MINUTE)
    return shop


def one_by_hand(folder: Path, port: int) -> Shop:
    """Manual mode: one delivery whose entry waits for a label that somebody makes."""
    shop = new_shop(folder, port, automatic=False)
    with shop.serving():
        shop.connect()
        order = place_order(shop)
        _run(shop)
        _run(shop)
        deliver(shop, order)
        _run(shop)
        shop.clock.advance(MINUTE)
    return shop


def new_year(folder: Path, port: int) -> Shop:
    """One delivery, made in the new year: the next run buys, and begins the history of that year."""
    shop = new_shop(folder, port)
    with shop.serving():
        shop.connect()
        order = place_order(shop)
        _run(shop)
        for _ in range(2):
            shop.clock.advance(WEEKS)  # the sign-in lasts thirty days
            _run(shop)
        deliver(shop, order)
        shop.clock.advance(NEW_YEAR - shop.clock())
    return shop


def labelled_by_hand(folder: Path, port: int) -> Shop:
    """Manual mode, and the labels were made in the panel: the next run adopts them and writes back."""
    shop = _with_deliveries(folder, port, automatic=False)
    with shop.serving() as services:
        for _ in range(2):
            _run(shop)
        shop.clock.advance(MINUTE)
        for number in shop.expected.labels.values():
            services.panel.make_label(number)
        shop.clock.advance(MINUTE)
    return shop


def labelled_elsewhere(folder: Path, port: int) -> Shop:
    """One delivery has a label that another app made, one has none: only the last look tells which must not be bought."""
    shop = new_shop(folder, port)
    with shop.serving() as services:
        shop.connect()
        taken, free = place_order(shop), place_order(shop)
        _run(shop)
        _run(shop)
        shop.clock.advance(MINUTE)
        deliver(shop, taken)
        deliver(shop, free)
        account = shop.world.sendcloud.accounts[0]
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
        foreign = services.panel.make_label_elsewhere(
            str(taken), 7003, to_address=to, option="postnl:standard"
        )
        shop.expected.foreign.add(foreign.shipment_id)
        held = min(shop.expected.labels)
        shop.expected.held[held] = "labelled_elsewhere"
        shop.expected.incoming.add(shop.expected.labels.pop(held))
        shop.clock.advance(MINUTE)
    return shop


def cured(folder: Path, port: int) -> Shop:
    """A label failed and its address was corrected in Exact: the next run buys under the second reference."""
    shop = delivered(folder, port)
    with shop.serving() as services:
        for _ in range(3):
            _run(shop)
        ((delivery, _),) = shop.expected.held.items()
        (order,) = services.office.orders_of(delivery)
        services.office.correct_address(
            services.office.order(order).text("DeliveryAddress"), AddressLine1="Dorpsstraat 12"
        )
        shop.expected.held.clear()
        shop.expected.labels[delivery] = str(order)
        shop.expected.incoming.remove(str(order))
        shop.clock.advance(MINUTE)
    return shop


def _with_deliveries(folder: Path, port: int, *, automatic: bool) -> Shop:
    shop = new_shop(folder, port, automatic=automatic)
    with shop.serving():
        shop.connect()
        whole, parts, numberless = (
            place_order(shop),
            place_order(shop, quantity=5),
            place_order(shop, "Dorpsstraat"),
        )
        shop.expected.incoming = {str(place_order(shop))}
        _run(shop)
        _run(shop)
        shop.clock.advance(MINUTE)
        deliver(shop, whole, remarks="Ring twice")
        deliver(shop, parts, {"MUG": 2})
        deliver(shop, parts, {"MUG": 3})
        if automatic:
            failing = deliver(shop, numberless)
            shop.expected.held[failing] = "house_number_missing"
            shop.expected.incoming.add(shop.expected.labels.pop(failing))
        else:
            shop.expected.incoming.add(str(numberless))
        shop.clock.advance(MINUTE)
    return shop


def _run(shop: Shop) -> ExitStatus:
    status = shop.run()
    assert status in GOOD, (status, shop.findings)
    return status
