"""A shop with years of orders, for benchmarks: old orders with their deliveries, and some open ones.

Old rows have old dates: each has the time of its last change, and the row versions rise in that order.
"""

from collections.abc import Sequence
from datetime import timedelta

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.world import World

BEGINNING, LAST_OLD, FIRST_OPEN = timedelta(days=1000), timedelta(days=100), timedelta(days=10)
"""How long ago customers and items were entered, the last old order was placed, and the first open one."""
FIRST_OF_MANY = 2_000_000
"""The divisions of ``many_divisions`` have the codes above this one."""
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
        clock: the sandbox's clock.
        orders: old orders, delivered long ago.
        accounts: customers, each with a visiting address.
        addresses: all addresses, the visiting addresses included; the rest are delivery addresses.
        contacts: contact persons, one for each of the first customers.
        items: items.
        open_orders: further orders, approved, of the last ten days, each by another customer.
        deliveries: how many of those have just been delivered.
    """
    world = starting_worlds.empty(clock)
    office = Office(world.exact, division=starting_worlds.DIVISION)
    add_past_trade(
        office, orders=orders, accounts=accounts, addresses=addresses, contacts=contacts, items=items
    )
    for number in place_open_orders(office, open_orders)[:deliveries]:
        office.deliver(number)
    return world


def add_past_trade(
    office: Office, *, orders: int, accounts: int, addresses: int, contacts: int, items: int
) -> None:
    """Add customers and items, and the orders and deliveries of the past years."""
    now = office.world.clock()
    with office.lock, office.division.dated(now - BEGINNING):
        customers = [_add_customer(office, number) for number in range(1, accounts + 1)]
        for number, customer in enumerate(customers[: max(0, addresses - accounts)], start=1):
            office.add_address(
                customer, f"Havenweg {number}", postcode="3011 AA", city="Rotterdam", main=True
            )
        for number, customer in enumerate(customers[:contacts], start=1):
            office.add_contact(customer, f"Contact {number}", email=f"contact{number}@example.com")
        for number in range(1, items + 1):
            office.add_item(_item_code(number), f"Article {number}", weight=0.4)
    _add_past_orders(office, customers, orders, items)


def _add_past_orders(office: Office, customers: Sequence[str], orders: int, items: int) -> None:
    now = office.world.clock()
    for index in range(orders):
        placed_at = now - BEGINNING + (BEGINNING - LAST_OLD) * index / orders
        with office.division.dated(placed_at):
            lines = [(_item_code(1 + index % items), 1 + index % 3, 10.0)]
            number = office.place_order(
                customers[index % len(customers)], lines, method=_METHOD, order_date=placed_at.date()
            )
            office.deliver(number, DeliveryDate=placed_at.date())


def _add_customer(office: Office, number: int) -> str:
    return office.add_account(
        f"Customer {number} B.V.",
        address_line=f"Langestraat {number}",
        email=f"customer{number}@example.com",
        phone="0612345678",
    )


def _item_code(number: int) -> str:
    return f"ITEM-{number:05}"


def place_open_orders(office: Office, orders: int) -> list[int]:
    """Place approved orders of two lines each over the last ten days; return their numbers."""
    now = office.world.clock()
    customers = [row.key for row in office.division.table("Accounts")]
    contact_of = {row.text("Account"): row.key for row in office.division.table("Contacts")}
    items = len(office.division.table("Items"))
    placed = []
    for index in range(orders):
        placed_at = now - FIRST_OPEN + FIRST_OPEN * index / orders
        customer = customers[index * 13 % len(customers)]
        codes = (_item_code(1 + index % items), _item_code(1 + (index * 7 + 1) % items))
        with office.division.dated(placed_at):
            number = office.place_order(
                customer,
                [(codes[0], 2, 10.0), (codes[1], 1, 25.0)],
                contact=contact_of.get(customer),
                method=_METHOD,
                order_date=placed_at.date(),
            )
        placed.append(number)
    return placed


def many_divisions(clock: Clock, count: int) -> World:
    """This many empty divisions, each with its own Sendcloud account; the keys are ``public-1``, ``secret-1`` and so on."""
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
