"""The demo's story, chapter by chapter. Each claim is checked against both sides before the story goes on.

Decides nothing about orders or labels: the program does all of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TextIO

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.demo.session import (
    NOTHING_WRITTEN,
    DemoFailed,
    DemoSession,
    Program,
    demo_session,
)

FIVE_MINUTES = timedelta(minutes=5).total_seconds()
CORRECTED_LINE = "Dorpsstraat 12"


def demo(
    program: Program, out: TextIO, environ: Mapping[str, str], now: Callable[[], datetime]
) -> ExitStatus:
    """Show the whole job on simulated services; ends with ``BUG`` where something that is told does not hold."""
    with demo_session(program, out, environ, now()) as session:
        try:
            _tell(session)
        except DemoFailed as broken:
            session.tell(f"The demo stops: this does not hold, and it should: {broken}. Please report it.")
            return ExitStatus.BUG
    return ExitStatus.DONE


def _tell(session: DemoSession) -> None:
    _begin(session)
    for chapter in (_connect, _look_first, _bring_orders, _ship, _cure, _do_nothing):
        chapter(session)
        session.wait(FIVE_MINUTES)
    _end(session)


def _begin(session: DemoSession) -> None:
    session.tell(
        "A shop keeps its orders in Exact Online and ships with Sendcloud, which makes the labels. exactsend carries what the "
        "one knows to the other. Here both are simulated on this machine, so nothing leaves it and nothing costs money; the "
        "commands, and what they say, are the real ones. Between two chapters the demo lets five minutes pass on its own clock."
    )


def _connect(session: DemoSession) -> None:
    session.heading("1. Connect")
    session.tell(
        "Once, a person signs in to Exact in a browser and gives the keys of Sendcloud. Here the keys stand in environment "
        "variables, so only the sign-in is asked for."
    )
    session.run("connect")
    session.require(session.writes() == NOTHING_WRITTEN, "connecting writes nothing on either side")


def _look_first(session: DemoSession) -> None:
    session.heading("2. Look before doing anything")
    session.tell("A dry run shows what a run would do, and does none of it.")
    said = session.run("sync --dry-run")
    session.require(all(str(order) in said for order in _expected_orders()), "the dry run names every order")
    written = session.writes()
    session.require(written == NOTHING_WRITTEN, "a dry run writes nothing on either side")
    session.tell(str(written))


def _bring_orders(session: DemoSession) -> None:
    session.heading("3. Orders")
    session.tell("Approved, open orders of the last 30 days become Incoming orders in Sendcloud.")
    session.run("sync-orders")
    session.require(
        _incoming(session) == _expected_orders(), "every open, approved order stands in Sendcloud"
    )
    session.writes()
    session.tell("Sendcloud's panel lists them now, under Incoming orders:")
    session.list([_order_line(session, number) for number in _incoming(session)])
    session.tell(
        f"Left out, each for its reason: {starting_worlds.UNAPPROVED} is not approved, {starting_worlds.TOO_OLD} is forty days old, "
        f"{starting_worlds.COLLECTED} is collected by the customer, {starting_worlds.CANCELLED} is cancelled."
    )


def _ship(session: DemoSession) -> None:
    session.heading("4. Labels, and tracking back to Exact")
    by_hand = session.panel.make_label(str(starting_worlds.BELGIAN_BUS), "dpd:home")
    numbers = starting_worlds.deliver_all(session.office)
    session.tell(
        f"Meanwhile somebody made the label of order {starting_worlds.BELGIAN_BUS} by hand in Sendcloud's panel. And in Exact the "
        f"warehouse entered {len(numbers)} goods deliveries; order {starting_worlds.IN_TWO_PARTS} leaves in two parts. Each delivery "
        "gets its own label, except the one that has it already, and one that fails."
    )
    session.run("sync", ends_with=ExitStatus.ATTENTION)
    failing = _delivery_of(session, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(session, [number for number in numbers if number != failing])
    session.require(session.office.tracking(failing) == "", f"delivery {failing} has no tracking number")
    adopted = session.office.tracking(_delivery_of(session, starting_worlds.BELGIAN_BUS))
    session.require(adopted == by_hand.tracking_number, "the label made by hand is the one in Exact")
    session.tell(str(session.writes()))
    _tell_of_special_labels(session)
    session.tell(
        "The goods deliveries in Exact now have their tracking number, a line in the remarks, and the label itself:"
    )
    session.list([_delivery_line(session, number) for number in numbers])


def _tell_of_special_labels(session: DemoSession) -> None:
    to_point = _details(session, starting_worlds.SERVICE_POINT).get("to_service_point")
    customs = _details(session, starting_worlds.EXPORT).get("customs_information")
    session.require(
        bool(to_point), f"the label of order {starting_worlds.SERVICE_POINT} leads to a service point"
    )
    session.require(bool(customs), f"the label of order {starting_worlds.EXPORT} has customs details")
    session.tell(
        f"The label of order {starting_worlds.SERVICE_POINT} leads to the service point that the customer chose; that of order "
        f"{starting_worlds.EXPORT}, to Switzerland, has what customs ask for."
    )


def _cure(session: DemoSession) -> None:
    session.heading("5. One label failed")
    session.tell("What needs a person is listed with its cause, and where to cure it.")
    said = session.run("errors")
    session.require(str(starting_worlds.NO_HOUSE_NUMBER) in said, "the failed label is listed")
    session.tell(
        f"Somebody corrects the address in Exact to {CORRECTED_LINE!r}. The next run tries again by itself."
    )
    address = session.office.order(starting_worlds.NO_HOUSE_NUMBER).text("DeliveryAddress")
    session.office.correct_address(address, AddressLine1=CORRECTED_LINE)
    session.wait(FIVE_MINUTES)
    session.run("sync")
    session.run("errors")
    cured = _delivery_of(session, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(session, session.office.delivery_numbers())
    session.require(_incoming(session) == [], "nothing waits for a label in Sendcloud any more")
    session.writes()
    session.tell("In Exact:")
    session.list([_delivery_line(session, cured)])


def _do_nothing(session: DemoSession) -> None:
    session.heading("6. Again")
    session.tell(
        "A run can be repeated at any time. With nothing new on either side it changes nothing, and buys nothing."
    )
    session.run("sync")
    written = session.writes()
    session.require(written == NOTHING_WRITTEN, "a further run writes nothing on either side")
    session.tell(str(written))


def _end(session: DemoSession) -> None:
    session.heading("What to do next")
    session.tell("With your own accounts:")
    session.list(
        [
            "exactsend init             asks five questions and writes a configuration",
            "exactsend connect          signs in and checks both accounts; sends nothing",
            "exactsend sync --dry-run   shows what a run would do",
            "exactsend report -o FILE   one page to look at, in a browser",
        ]
    )
    session.tell("Or try your own settings on this sandbox first, at no cost:")
    session.list(["exactsend sandbox --write-config DIR"])
    session.tell("The README walks through all of it.")


# ── how things stand ─────────────────────────────────────────────────────────────────────────────


def _expected_orders() -> list[int]:
    return sorted((*starting_worlds.TO_DELIVER, starting_worlds.IN_TWO_PARTS))


def _incoming(session: DemoSession) -> list[int]:
    return sorted(int(order.order_number) for order in session.panel.incoming())


def _delivery_of(session: DemoSession, order: int) -> int:
    return next(
        number for number in session.office.delivery_numbers() if session.office.orders_of(number) == [order]
    )


def _require_labels(session: DemoSession, numbers: list[int]) -> None:
    """Each of these deliveries has exactly one live label, whose number and document stand in Exact."""
    for number in numbers:
        tracking = session.office.tracking(number)
        labels = [label for label in session.panel.labels() if label.tracking_number == tracking]
        session.require(len(labels) == 1, f"delivery {number} has the tracking number of one live label")
        session.require(
            tracking in session.office.remarks(number), f"the remarks of delivery {number} have it too"
        )
        session.require(
            len(session.office.attachments(number)) == 1, f"the label is attached to delivery {number}"
        )
    session.require(
        len(session.panel.labels()) == len(numbers),
        f"there are {len(numbers)} live labels in all, and no other",
    )


def _details(session: DemoSession, order: int) -> Mapping[str, object]:
    """What the one label of an order says beside its addresses."""
    (label,) = session.panel.labels(str(order))
    return label.details


def _order_line(session: DemoSession, number: int) -> str:
    order = next(entry for entry in session.panel.incoming() if entry.order_number == str(number))
    address = order.shipping_address
    return f"{number}  {address.get('name')}, {address.get('city')} {address.get('country_code')}"


def _delivery_line(session: DemoSession, number: int) -> str:
    orders = ", ".join(map(str, session.office.orders_of(number)))
    tracking = session.office.tracking(number) or "no tracking number"
    remarks = session.office.remarks(number).split("?")[0]
    files = [file.name for file in session.office.attachments(number)]
    return "  ".join([f"{number} of order {orders}", tracking, *([f"{remarks}…"] if remarks else []), *files])
