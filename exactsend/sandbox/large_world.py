"""A shop with years of trade behind it, for benchmarks: old orders with their deliveries, and some that are open.

What is old looks it: rows bear the moment at which they were made or changed last, and their versions rise in that order.
"""

from collections.abc import Sequence
from datetime import timedelta

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.world import World

BEGINNING, LAST_OLD, FIRST_OPEN = timedelta(days=1000), timedelta(days=100), timedelta(days=10)
"""Before now: when customers and articles were entered, and between when and when orders were placed."""
FIRST_OF_MANY = 2_000_000
"""Above this are the codes of the divisions of ``many_divisions``."""
_METHOD = "PNL"


def large(
    clock: Clock,
    *,
    orders: int = 20_000,
    accounts: int = 8_000,
    addresses: int = 10_000,
    contacts: int = 6_000,
    items: int = 2_000,
    open_orders: int = 0,
    deliveries: int = 0,
) -> World:
    """A large shop.

    Args:
        clock: what time it is.
        orders: old orders, delivered since long ago.
        accounts: customers, each with a visiting address.
        addresses: of all, those included; the others are delivery addresses of some customers.
        contacts: contact persons, one for each of the first customers.
        items: articles.
        open_orders: approved orders of the last ten days, each by another customer, beside the old ones.
        deliveries: how many of those have just been delivered.
    """
    world = starting_worlds.empty(clock)
    office = Office(world.exact, division=starting_worlds.DIVISION)
    fill(office, orders=orders, accounts=accounts, addresses=addresses, contacts=contacts, items=items)
    for number in place_open_orders(office, open_orders)[:deliveries]:
        office.deliver(number)
    return world


def fill(office: Office, *, orders: int, accounts: int, addresses: int, contacts: int, items: int) -> None:
    """Enter customers and articles, and the trade of the years."""
    now = office.world.clock()
    with office.lock, office.division.dated(now - BEGINNING):
        customers = [_customer(office, number) for number in range(1, accounts + 1)]
        for number, customer in enumerate(customers[: max(0, addresses - accounts)], start=1):
            office.add_address(
                customer, f"Havenweg {number}", postcode="3011 AA", city="Rotterdam", main=True
            )
        for number, customer in enumerate(customers[:contacts], start=1):
            office.add_contact(customer, f"Contact {number}", email=f"contact{number}@example.com")
        for number in range(1, items + 1):
            office.add_item(_code(number), f"Article {number}", weight=0.4)
    _trade(office, customers, orders, items)


def _trade(office: Office, customers: Sequence[str], orders: int, items: int) -> None:
    now = office.world.clock()
    for place in range(orders):
        then = now - BEGINNING + (BEGINNING - LAST_OLD) * place / orders
        with office.division.dated(then):
            lines = [(_code(1 + place % items), 1 + place % 3, 10.0)]
            number = office.place_order(
                customers[place % len(customers)], lines, method=_METHOD, order_date=then.date()
            )
            office.deliver(number, DeliveryDate=then.date())


def _customer(office: Office, number: int) -> str:
    return office.add_account(
        f"Customer {number} B.V.",
        address_line=f"Langestraat {number}",
        email=f"customer{number}@example.com",
        phone="0612345678",
    )


def _code(number: int) -> str:
    return f"ITEM-{number:05}"


def place_open_orders(office: Office, orders: int) -> list[int]:
    """Place approved orders over the last ten days, of two lines each; their numbers."""
    now = office.world.clock()
    customers = [row.key for row in office.division.table("Accounts")]
    contact_of = {row.text("Account"): row.key for row in office.division.table("Contacts")}
    items = len(office.division.table("Items"))
    placed = []
    for place in range(orders):
        then = now - FIRST_OPEN + FIRST_OPEN * place / orders
        customer = customers[place * 13 % len(customers)]
        codes = (_code(1 + place % items), _code(1 + (place * 7 + 1) % items))
        with office.division.dated(then):
            number = office.place_order(
                customer,
                [(codes[0], 2, 10.0), (codes[1], 1, 25.0)],
                contact=contact_of.get(customer),
                method=_METHOD,
                order_date=then.date(),
            )
        placed.append(number)
    return placed


def many_divisions(clock: Clock, count: int) -> World:
    """As many small divisions with nothing in them, each with a Sendcloud account of its own; keys are ``public-1``, ``secret-1`` and so on."""
    world = starting_worlds.empty(clock)
    for number in range(1, count + 1):
        code = FIRST_OF_MANY + number
        world.exact.add_division(code, f"Shop {number} B.V.")
        starting_worlds.add_warehouses_and_methods(Office(world.exact, division=code))
        world.sendcloud.add_account(
            public_key=f"public-{number}",
            secret_key=f"secret-{number}",
            user_id=FIRST_OF_MANY + number,
            integration_id=FIRST_OF_MANY + number,
            shop_name=f"Shop {number}",
        )
    return world
