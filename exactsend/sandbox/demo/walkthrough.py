"""The demo's chapters. Each claim is checked against both services before the demo goes on.

The program makes all decisions about orders and labels.
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
    """Show the whole job on simulated services. Returns ``BUG`` when a check fails."""
    with demo_session(program, out, environ, now()) as session:
        try:
            _show_chapters(session)
        except DemoFailed as failure:
            session.explain(f"The demo stops because a check failed: {failure}. Please report it.")
            return ExitStatus.BUG
    return ExitStatus.DONE


def _show_chapters(session: DemoSession) -> None:
    _introduction(session)
    for chapter in (_connect, _dry_run, _sync_orders, _buy_labels, _fix_failed_label, _run_again):
        chapter(session)
        session.wait(FIVE_MINUTES)
    _next_steps(session)


def _introduction(session: DemoSession) -> None:
    session.explain(
        "A shop keeps its orders in Exact Online and ships with Sendcloud, which makes the labels. exactsend keeps the two in step. "
        "Here both services are simulated on this machine: nothing leaves it, and nothing costs money. The commands and their output "
        "are the real ones. Between chapters the demo moves its own clock forward by five minutes."
    )


def _connect(session: DemoSession) -> None:
    session.heading("1. Connect")
    session.explain(
        "You do this once: sign in to Exact in a browser and enter the Sendcloud keys. Here the keys are in environment variables, so "
        "exactsend asks only for the sign-in."
    )
    session.run("connect")
    session.require(session.writes() == NOTHING_WRITTEN, "connecting writes nothing on either side")


def _dry_run(session: DemoSession) -> None:
    session.heading("2. Dry run")
    session.explain("A dry run shows what a run would do, and changes nothing.")
    output = session.run("sync --dry-run")
    session.require(
        all(str(order) in output for order in _expected_orders()), "the dry run names every order"
    )
    written = session.writes()
    session.require(written == NOTHING_WRITTEN, "a dry run writes nothing on either side")
    session.explain(str(written))


def _sync_orders(session: DemoSession) -> None:
    session.heading("3. Orders")
    session.explain("Approved, open orders of the last 30 days become Incoming orders in Sendcloud.")
    session.run("sync-orders")
    session.require(_incoming(session) == _expected_orders(), "every open, approved order is in Sendcloud")
    session.writes()
    session.explain("Sendcloud's panel now lists them under Incoming orders:")
    session.list([_order_line(session, number) for number in _incoming(session)])
    session.explain(
        f"Four orders are left out: {starting_worlds.UNAPPROVED} is not approved, {starting_worlds.TOO_OLD} is forty days old, "
        f"{starting_worlds.COLLECTED} is collected by the customer, {starting_worlds.CANCELLED} is cancelled."
    )


def _buy_labels(session: DemoSession) -> None:
    session.heading("4. Labels, and tracking back to Exact")
    by_hand = session.panel.make_label(str(starting_worlds.BELGIAN_BUS), "dpd:home")
    numbers = starting_worlds.deliver_all(session.office)
    session.explain(
        f"Meanwhile a colleague has made the label of order {starting_worlds.BELGIAN_BUS} by hand in Sendcloud's panel. In Exact, the "
        f"warehouse has entered {len(numbers)} goods deliveries; order {starting_worlds.IN_TWO_PARTS} ships in two parts. Each delivery "
        "gets its own label, except the delivery that already has one and another whose label fails."
    )
    session.run("sync", ends_with=ExitStatus.ATTENTION)
    failing = _delivery_of(session, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(session, [number for number in numbers if number != failing])
    session.require(session.office.tracking(failing) == "", f"delivery {failing} has no tracking number")
    adopted = session.office.tracking(_delivery_of(session, starting_worlds.BELGIAN_BUS))
    session.require(adopted == by_hand.tracking_number, "the label made by hand is the one in Exact")
    session.explain(str(session.writes()))
    _explain_special_labels(session)
    session.explain(
        "The goods deliveries in Exact now have a tracking number, a line in the remarks, and the label as an attachment:"
    )
    session.list([_delivery_line(session, number) for number in numbers])


def _explain_special_labels(session: DemoSession) -> None:
    to_point = _details(session, starting_worlds.SERVICE_POINT).get("to_service_point")
    customs = _details(session, starting_worlds.EXPORT).get("customs_information")
    session.require(
        bool(to_point), f"the label of order {starting_worlds.SERVICE_POINT} is addressed to a service point"
    )
    session.require(bool(customs), f"the label of order {starting_worlds.EXPORT} has customs details")
    session.explain(
        f"The label of order {starting_worlds.SERVICE_POINT} is addressed to the service point that the customer chose. The label of "
        f"order {starting_worlds.EXPORT}, to Switzerland, has the customs details."
    )


def _fix_failed_label(session: DemoSession) -> None:
    session.heading("5. One label failed")
    session.explain("exactsend errors lists what needs your attention, why, and where to fix it.")
    output = session.run("errors")
    session.require(str(starting_worlds.NO_HOUSE_NUMBER) in output, "the failed label is listed")
    session.explain(
        f"The address in Exact is corrected to {CORRECTED_LINE!r}. The next run tries again automatically."
    )
    address = session.office.order(starting_worlds.NO_HOUSE_NUMBER).text("DeliveryAddress")
    session.office.correct_address(address, AddressLine1=CORRECTED_LINE)
    session.wait(FIVE_MINUTES)
    session.run("sync")
    session.run("errors")
    fixed = _delivery_of(session, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(session, session.office.delivery_numbers())
    session.require(_incoming(session) == [], "no order is waiting for a label in Sendcloud")
    session.writes()
    session.explain("In Exact:")
    session.list([_delivery_line(session, fixed)])


def _run_again(session: DemoSession) -> None:
    session.heading("6. Run it again")
    session.explain(
        "You can repeat a run at any time. When there is nothing new, it changes nothing and buys nothing."
    )
    session.run("sync")
    written = session.writes()
    session.require(written == NOTHING_WRITTEN, "another run writes nothing on either side")
    session.explain(str(written))


def _next_steps(session: DemoSession) -> None:
    session.heading("What to do next")
    session.explain("With your own accounts:")
    session.list(
        [
            "exactsend init             asks five questions and writes a configuration",
            "exactsend connect          signs in and checks both accounts; sends nothing",
            "exactsend sync --dry-run   shows what a run would do",
            "exactsend report -o FILE   writes a report to open in a browser",
        ]
    )
    session.explain("Or try your own settings on this sandbox first, free of charge:")
    session.list(["exactsend sandbox --write-config DIR"])
    session.explain("The README explains every step.")


# ── what both services have ──────────────────────────────────────────────────────────────────────


def _expected_orders() -> list[int]:
    return sorted((*starting_worlds.TO_DELIVER, starting_worlds.IN_TWO_PARTS))


def _incoming(session: DemoSession) -> list[int]:
    return sorted(int(order.order_number) for order in session.panel.incoming())


def _delivery_of(session: DemoSession, order: int) -> int:
    return next(
        number for number in session.office.delivery_numbers() if session.office.orders_of(number) == [order]
    )


def _require_labels(session: DemoSession, numbers: list[int]) -> None:
    """Require that each of these deliveries has exactly one live label, with its number and document in Exact."""
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
        f"there are exactly {len(numbers)} live labels",
    )


def _details(session: DemoSession, order: int) -> Mapping[str, object]:
    """The details of an order's only label, apart from its addresses."""
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
