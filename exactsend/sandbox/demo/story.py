"""The demo's story, chapter by chapter. Each claim is checked against both sides before the story goes on.

Decides nothing about orders or labels: the program does all of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TextIO

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.demo.stage import NOTHING_WRITTEN, Program, Stage, StoryBroken, stage

FIVE_MINUTES = timedelta(minutes=5).total_seconds()
CORRECTED_LINE = "Dorpsstraat 12"


def demo(
    program: Program, out: TextIO, environ: Mapping[str, str], now: Callable[[], datetime]
) -> ExitStatus:
    """Show the whole job on simulated services; ends with ``BUG`` where something that is told does not hold."""
    with stage(program, out, environ, now()) as set_stage:
        try:
            _tell(set_stage)
        except StoryBroken as broken:
            set_stage.tell(f"The demo stops: this does not hold, and it should: {broken}. Please report it.")
            return ExitStatus.BUG
    return ExitStatus.DONE


def _tell(stage: Stage) -> None:
    _begin(stage)
    for chapter in (_connect, _look_first, _bring_orders, _ship, _cure, _do_nothing):
        chapter(stage)
        stage.wait(FIVE_MINUTES)
    _end(stage)


def _begin(stage: Stage) -> None:
    stage.tell(
        "A shop keeps its orders in Exact Online and ships with Sendcloud, which makes the labels. exactsend carries what the "
        "one knows to the other. Here both are simulated on this machine, so nothing leaves it and nothing costs money; the "
        "commands, and what they say, are the real ones. Between two chapters the demo lets five minutes pass on its own clock."
    )


def _connect(stage: Stage) -> None:
    stage.heading("1. Connect")
    stage.tell(
        "Once, a person signs in to Exact in a browser and gives the keys of Sendcloud. Here the keys stand in environment "
        "variables, so only the sign-in is asked for."
    )
    stage.run("connect")
    stage.require(stage.writes() == NOTHING_WRITTEN, "connecting writes nothing on either side")


def _look_first(stage: Stage) -> None:
    stage.heading("2. Look before doing anything")
    stage.tell("A dry run shows what a run would do, and does none of it.")
    said = stage.run("sync --dry-run")
    stage.require(all(str(order) in said for order in _expected_orders()), "the dry run names every order")
    written = stage.writes()
    stage.require(written == NOTHING_WRITTEN, "a dry run writes nothing on either side")
    stage.tell(str(written))


def _bring_orders(stage: Stage) -> None:
    stage.heading("3. Orders")
    stage.tell("Approved, open orders of the last 30 days become Incoming orders in Sendcloud.")
    stage.run("sync-orders")
    stage.require(_incoming(stage) == _expected_orders(), "every open, approved order stands in Sendcloud")
    stage.writes()
    stage.tell("Sendcloud's panel lists them now, under Incoming orders:")
    stage.list([_order_line(stage, number) for number in _incoming(stage)])
    stage.tell(
        f"Left out, each for its reason: {starting_worlds.UNAPPROVED} is not approved, {starting_worlds.TOO_OLD} is forty days old, "
        f"{starting_worlds.COLLECTED} is collected by the customer, {starting_worlds.CANCELLED} is cancelled."
    )


def _ship(stage: Stage) -> None:
    stage.heading("4. Labels, and tracking back to Exact")
    by_hand = stage.panel.make_label(str(starting_worlds.BELGIAN_BUS), "dpd:home")
    numbers = starting_worlds.deliver_all(stage.office)
    stage.tell(
        f"Meanwhile somebody made the label of order {starting_worlds.BELGIAN_BUS} by hand in Sendcloud's panel. And in Exact the "
        f"warehouse entered {len(numbers)} goods deliveries; order {starting_worlds.IN_TWO_PARTS} leaves in two parts. Each delivery "
        "gets its own label, except the one that has it already, and one that fails."
    )
    stage.run("sync", ends_with=ExitStatus.ATTENTION)
    failing = _delivery_of(stage, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(stage, [number for number in numbers if number != failing])
    stage.require(stage.office.tracking(failing) == "", f"delivery {failing} has no tracking number")
    adopted = stage.office.tracking(_delivery_of(stage, starting_worlds.BELGIAN_BUS))
    stage.require(adopted == by_hand.tracking_number, "the label made by hand is the one in Exact")
    stage.tell(str(stage.writes()))
    _tell_of_special_labels(stage)
    stage.tell(
        "The goods deliveries in Exact now have their tracking number, a line in the remarks, and the label itself:"
    )
    stage.list([_delivery_line(stage, number) for number in numbers])


def _tell_of_special_labels(stage: Stage) -> None:
    to_point = _details(stage, starting_worlds.SERVICE_POINT).get("to_service_point")
    customs = _details(stage, starting_worlds.EXPORT).get("customs_information")
    stage.require(
        bool(to_point), f"the label of order {starting_worlds.SERVICE_POINT} leads to a service point"
    )
    stage.require(bool(customs), f"the label of order {starting_worlds.EXPORT} has customs details")
    stage.tell(
        f"The label of order {starting_worlds.SERVICE_POINT} leads to the service point that the customer chose; that of order "
        f"{starting_worlds.EXPORT}, to Switzerland, has what customs ask for."
    )


def _cure(stage: Stage) -> None:
    stage.heading("5. One label failed")
    stage.tell("What needs a person is listed with its cause, and where to cure it.")
    said = stage.run("errors")
    stage.require(str(starting_worlds.NO_HOUSE_NUMBER) in said, "the failed label is listed")
    stage.tell(
        f"Somebody corrects the address in Exact to {CORRECTED_LINE!r}. The next run tries again by itself."
    )
    address = stage.office.order(starting_worlds.NO_HOUSE_NUMBER).text("DeliveryAddress")
    stage.office.correct_address(address, AddressLine1=CORRECTED_LINE)
    stage.wait(FIVE_MINUTES)
    stage.run("sync")
    stage.run("errors")
    cured = _delivery_of(stage, starting_worlds.NO_HOUSE_NUMBER)
    _require_labels(stage, stage.office.delivery_numbers())
    stage.require(_incoming(stage) == [], "nothing waits for a label in Sendcloud any more")
    stage.writes()
    stage.tell("In Exact:")
    stage.list([_delivery_line(stage, cured)])


def _do_nothing(stage: Stage) -> None:
    stage.heading("6. Again")
    stage.tell(
        "A run can be repeated at any time. With nothing new on either side it changes nothing, and buys nothing."
    )
    stage.run("sync")
    written = stage.writes()
    stage.require(written == NOTHING_WRITTEN, "a further run writes nothing on either side")
    stage.tell(str(written))


def _end(stage: Stage) -> None:
    stage.heading("What to do next")
    stage.tell("With your own accounts:")
    stage.list(
        [
            "exactsend init             asks five questions and writes a configuration",
            "exactsend connect          signs in and checks both accounts; sends nothing",
            "exactsend sync --dry-run   shows what a run would do",
            "exactsend report -o FILE   one page to look at, in a browser",
        ]
    )
    stage.tell("Or try your own settings on this sandbox first, at no cost:")
    stage.list(["exactsend sandbox --write-config DIR"])
    stage.tell("The README walks through all of it.")


# ── how things stand ─────────────────────────────────────────────────────────────────────────────


def _expected_orders() -> list[int]:
    return sorted((*starting_worlds.TO_DELIVER, starting_worlds.IN_TWO_PARTS))


def _incoming(stage: Stage) -> list[int]:
    return sorted(int(order.order_number) for order in stage.panel.incoming())


def _delivery_of(stage: Stage, order: int) -> int:
    return next(
        number for number in stage.office.delivery_numbers() if stage.office.orders_of(number) == [order]
    )


def _require_labels(stage: Stage, numbers: list[int]) -> None:
    """Each of these deliveries has exactly one live label, whose number and document stand in Exact."""
    for number in numbers:
        tracking = stage.office.tracking(number)
        labels = [label for label in stage.panel.labels() if label.tracking_number == tracking]
        stage.require(len(labels) == 1, f"delivery {number} has the tracking number of one live label")
        stage.require(
            tracking in stage.office.remarks(number), f"the remarks of delivery {number} have it too"
        )
        stage.require(
            len(stage.office.attachments(number)) == 1, f"the label is attached to delivery {number}"
        )
    stage.require(
        len(stage.panel.labels()) == len(numbers),
        f"there are {len(numbers)} live labels in all, and no other",
    )


def _details(stage: Stage, order: int) -> Mapping[str, object]:
    """What the one label of an order says beside its addresses."""
    (label,) = stage.panel.labels(str(order))
    return label.details


def _order_line(stage: Stage, number: int) -> str:
    order = next(entry for entry in stage.panel.incoming() if entry.order_number == str(number))
    address = order.shipping_address
    return f"{number}  {address.get('name')}, {address.get('city')} {address.get('country_code')}"


def _delivery_line(stage: Stage, number: int) -> str:
    orders = ", ".join(map(str, stage.office.orders_of(number)))
    tracking = stage.office.tracking(number) or "no tracking number"
    remarks = stage.office.remarks(number).split("?")[0]
    files = [file.name for file in stage.office.attachments(number)]
    return "  ".join([f"{number} of order {orders}", tracking, *([f"{remarks}…"] if remarks else []), *files])
