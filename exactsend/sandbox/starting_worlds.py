"""What a sandbox starts with: a small shop, or an empty one. ``large_world`` has one for benchmarks.

The Sendcloud side is in ``sendcloud.starting_data``.
"""

from datetime import timedelta

from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.sendcloud.starting_data import add_first_account, add_second_account
from exactsend.sandbox.world import World

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - known to everyone, opens nothing
REDIRECT_URI = "https://localhost/exactsend"
DIVISION = 1234567
SECOND_DIVISION = 7654321

DOMESTIC = 4711
"""To Utrecht, for a contact person at a company."""
BELGIAN_BUS = 4712
"""To ``Meir 12 bus 3`` in Antwerp."""
SERVICE_POINT = 4713
"""To the service point that ``YourRef`` names."""
EXPORT = 4714
"""To Zurich: customs."""
NO_HOUSE_NUMBER = 4715
"""The delivery address has a street only: its label fails until the address is corrected."""
IN_TWO_PARTS = 4716
"""Ten mugs and two lamps, delivered in two parts."""
UNAPPROVED = 4717
TOO_OLD = 4718
"""Ordered forty days ago."""
COLLECTED = 4719
"""Shipping method AFH: the customer fetches it."""
CANCELLED = 4720

TO_DELIVER = (DOMESTIC, BELGIAN_BUS, SERVICE_POINT, EXPORT, NO_HOUSE_NUMBER)
"""The orders that are delivered in one part, in the order of the demo."""

_METHODS = {
    "PNL": "PostNL parcel",
    "PNLSP": "PostNL service point",
    "DPD": "DPD home",
    "DHLX": "DHL Express worldwide",
    "AFH": "Collected by the customer",
}


def empty(clock: Clock) -> World:
    """An app and two divisions with warehouses and shipping methods, without customers or orders."""
    world = World(clock)
    world.exact.add_app(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI)
    world.exact.add_division(DIVISION, "Sandbox Shop B.V.")
    world.exact.add_division(SECOND_DIVISION, "Second Shop B.V.")
    for code in world.exact.divisions:
        add_warehouses_and_methods(Office(world.exact, division=code))
    add_first_account(world.sendcloud)
    add_second_account(world.sendcloud)
    return world


def small_shop(clock: Clock) -> World:
    """A shop with ten orders, from simple to difficult, and no delivery yet.

    The orders have the numbers above. ``deliver_all`` delivers those that can be delivered.
    """
    world = empty(clock)
    office = Office(world.exact, division=DIVISION)
    _add_items(office)
    _place_simple_orders(office)
    _place_difficult_orders(office)
    return world


def deliver_all(office: Office) -> list[int]:
    """Deliver the small shop's orders, five of them in one part and one in two; return the delivery numbers."""
    numbers = [office.deliver(number) for number in TO_DELIVER]
    numbers.append(office.deliver(IN_TWO_PARTS, {"MUG": 6}))
    numbers.append(office.deliver(IN_TWO_PARTS))
    return numbers


def add_warehouses_and_methods(office: Office) -> None:
    """Add warehouses and shipping methods to a division."""
    office.add_warehouse("1", "Main", main=True)
    office.add_warehouse("2", "Second")
    for code, description in _METHODS.items():
        office.add_shipping_method(code, description)


def _add_items(office: Office) -> None:
    office.add_item("MUG", "Enamel mug", weight=0.35, hs_code="732394", origin="NL")
    office.add_item("LAMP", "Desk lamp", weight=1.8, hs_code="940521", origin="DE")
    office.add_item("SHIRT", "Cotton shirt", weight=0.25, hs_code="620520", origin="PT")
    office.add_item("WRAP", "Gift wrapping", weight=None, is_stock_item=False)


def _place_simple_orders(office: Office) -> None:
    account = office.add_account(
        "Van Dijk Interieur B.V.", email="inkoop@vandijk.example", phone="+31 30 2345678"
    )
    contact = office.add_contact(
        account, "Marieke Jansen", email="marieke@vandijk.example", phone="06 12345678"
    )
    address = _deliver_to(office, account, "Oudegracht 231-A", "3511 NK", "Utrecht")
    office.place_order(
        account, [("MUG", 4, 12.5), ("WRAP", 1, 3.0)], contact=contact, address=address, method="PNL",
        your_ref="PO 2218",
    )  # fmt: skip
    account = office.add_account(
        "Els Peeters", country="BE", email="els@peeters.example", phone="+32 470 12 34 56"
    )
    address = _deliver_to(office, account, "Meir 12 bus 3", "2000", "Antwerpen", country="BE")
    office.place_order(account, [("SHIRT", 2, 39.95)], address=address, method="DPD")
    account = office.add_account("Joris Bakker", email="joris@bakker.example", phone="0612345679")
    address = _deliver_to(office, account, "Amsterdamsestraatweg 10", "3513 AA", "Utrecht")
    office.place_order(account, [("LAMP", 1, 89.0)], address=address, method="PNLSP", your_ref="SP:10875349")
    account = office.add_account(
        "Alpenlicht AG", country="CH", email="einkauf@alpenlicht.example", phone="+41 44 123 45 67",
        VATNumber="CHE123456789", EORINumber="CH123456789000",
    )  # fmt: skip
    address = _deliver_to(office, account, "Bahnhofstrasse 21", "8001", "Zürich", country="CH")
    office.place_order(account, [("LAMP", 3, 89.0), ("SHIRT", 5, 39.95)], address=address, method="DHLX")


def _place_difficult_orders(office: Office) -> None:
    account = office.add_account("Sanne de Boer", email="sanne@deboer.example", phone="0687654321")
    address = _deliver_to(office, account, "Dorpsstraat", "1861 KX", "Bergen")
    office.place_order(account, [("MUG", 2, 12.5)], address=address, method="PNL")
    account = office.add_account("Koffiehuis De Hoek", email="info@dehoek.example", phone="+31 10 4567890")
    address = _deliver_to(office, account, "Witte de Withstraat 9", "3012 BK", "Rotterdam")
    office.place_order(account, [("MUG", 10, 12.5), ("LAMP", 2, 89.0)], address=address, method="PNL")
    office.place_order(account, [("SHIRT", 1, 39.95)], address=address, method="PNL", approved=False)
    forty_days_ago = office.world.clock() - timedelta(days=40)
    office.place_order(
        account, [("MUG", 1, 12.5)], address=address, method="PNL", order_date=forty_days_ago.date(),
        Created=forty_days_ago,
    )  # fmt: skip
    office.place_order(account, [("LAMP", 1, 89.0)], address=address, method="AFH")
    cancelled = office.place_order(account, [("MUG", 3, 12.5)], address=address, method="PNL")
    office.cancel_order(cancelled)


def _deliver_to(
    office: Office, account: str, line: str, postcode: str, city: str, *, country: str = "NL"
) -> str:
    return office.add_address(account, line, postcode=postcode, city=city, country=country, main=True)
