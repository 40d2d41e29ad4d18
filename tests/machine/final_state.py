"""How all must end: faults off, time passing, runs until one writes nothing. Then each delivery has what it is due, or a true reason.

A reason is believed only where somebody did what it tells of; a delivery that nobody disturbed is labelled and written back.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.accepted_errors import CLOSED
from exactsend.sandbox.exact.office.orders import CANCELLED
from exactsend.sandbox.sendcloud.records import Order
from tests.machine.people import REMARK, People
from tests.machine.promises import GOOD

SETTLED = timedelta(minutes=6)
MOST_RUNS = 25
BY_A_PERSON = frozenset(
    {
        Code.LABELLED_ELSEWHERE,
        Code.LABEL_AMBIGUOUS,
        Code.LABEL_CANCELLED,
        Code.TAKEN_IN_PANEL,
        Code.DOUBLE_LABEL,
        Code.DIFFERS_FROM_DELIVERY,
        Code.CHANGED_AFTER_LABEL,
        Code.CANCELLED_AFTER_LABEL,
        Code.TRACKING_TAKEN,
    }
)
"""Errors that nobody has without a person's hand in it."""


def assert_comes_to_rest(people: People) -> None:
    """Runs go on as a timer starts them until one writes nothing and nothing is due to be tried again."""
    told: list[object] = []
    waited: set[tuple[object, ...]] = set()
    for _ in range(MOST_RUNS):
        run = people.shop.run(after=SETTLED)
        told.append((run.exit_status.name, people.shop.written))
        if run.exit_status in GOOD and not people.shop.writes:
            due = {attempt: when for attempt, when in _tries(people).items() if attempt not in waited}
            if not due:
                return
            waited |= set(due)
            people.shop.clock.advance(max(timedelta(0), max(due.values()) - people.shop.clock()))
    raise AssertionError(f"never comes to rest: {told[-4:]}")


def _tries(people: People) -> dict[tuple[object, ...], datetime]:
    return {
        (delivery.number, stage, problem.code): problem.next_try
        for delivery in people.shop.records.open_deliveries()
        for stage, problem in delivery.problems.items()
        if problem.next_try
    }


# ── deliveries ───────────────────────────────────────────────────────────────────────────────────


def assert_all_is_right(people: People) -> None:
    """Every delivery has its label and its label has arrived, or there is a true reason; every order has its entry or none."""
    assert people.shop.records.todo() == []
    for number in people.shop.office.delivery_numbers():
        record = people.shop.record(number)
        assert record.open_attempt is None, record
        wrong = list(_wrong_with(people, number, record))
        assert not wrong, f"delivery {number}: {wrong} {record}"
    _assert_entries_are_right(people)


def _wrong_with(people: People, number: int, record: DeliveryRecord) -> Iterator[str]:
    is_touched = bool({str(order) for order in people.shop.office.orders_of(number)} & people.touched)
    for problem in record.problems.values():
        if problem.code is Code.HOUSE_NUMBER_MISSING:
            if record.label or any(label.is_live for label in people.shop.lives_of(number)):
                yield "told to have failed, and has a label"
        elif problem.code not in BY_A_PERSON or not (is_touched or people.has_lost_memory):
            yield f"told {problem.code}"
    if record.excluded:
        yield from _wrongly_excluded(people, number, record.excluded, is_touched=is_touched)
    elif record.label:
        yield from _not_arrived(people, number, record)
    elif not record.problems and people.shop.division.policy.labels.create_automatically:
        yield "neither labelled nor held"


def _wrongly_excluded(people: People, number: int, reason: str, *, is_touched: bool) -> Iterator[str]:
    method = people.shop.office.delivery(number)["ShippingMethod"]
    true = {
        "method_none": method == people.shop.office.row_id("ShippingMethods", "Code", "AFH"),
        "has_tracking_number": number in people.tracked_by_hand
        or (people.has_lost_memory and bool(people.shop.office.tracking(number))),
        CLOSED: is_touched,
    }
    if not true.get(reason, False):
        yield f"left alone: {reason}"


def _not_arrived(people: People, number: int, record: DeliveryRecord) -> Iterator[str]:
    label = record.label
    assert label is not None
    shipment = people.shop.sandbox.world.sendcloud.shipment(label.shipment)
    if shipment is None or not shipment.is_live:
        yield "its label is not live"
        return
    lives = {candidate.shipment_id for candidate in people.shop.lives_of(number)}
    if Code.DOUBLE_LABEL in {problem.code for problem in record.problems.values()}:
        return
    if untold := lives - {label.shipment, *label.beside}:
        yield f"it has further live labels, and nobody is told: {untold}"
    holds = {problem.code for problem in record.problems.values()} & {
        Code.DIFFERS_FROM_DELIVERY,
        Code.TRACKING_TAKEN,
    }
    if holds or number in people.tracked_by_hand:
        return
    office = people.shop.office
    if office.tracking(number) != shipment.tracking_number:
        yield f"its tracking is {office.tracking(number)}"
    remarks = office.remarks(number)
    is_kept = REMARK in remarks or number not in people.remarked
    if remarks.count("Track & trace") != 1 or shipment.tracking_number not in remarks or not is_kept:
        yield f"its remarks are {remarks!r}"
    names = [attachment.name for attachment in office.attachments(number)]
    if len(names) != len(set(names)) or f"label-{shipment.parcels[0].parcel_id}.pdf" not in names:
        yield f"its attachments are {names}"


# ── entries ──────────────────────────────────────────────────────────────────────────────────────


def _assert_entries_are_right(people: People) -> None:
    entries = {entry.order_number: entry for entry in people.shop.panel.incoming()}
    numbers = [entry.order_number for entry in people.shop.panel.incoming()]
    assert len(numbers) == len(entries), numbers
    standing = {str(value) for value in people.shop.office.order_numbers()}
    for number in numbers:
        assert number.partition("/")[0] in standing | people.touched, f"{number} was deleted in Exact"
    for order in people.shop.office.order_numbers():
        if str(order) not in people.touched:
            wrong = list(_wrong_with_entry(people, order, entries.get(str(order))))
            assert not wrong, f"order {order}: {wrong}"


def _wrong_with_entry(people: People, order: int, entry: Order | None) -> Iterator[str]:
    """An order that nobody disturbed has its entry with what is left of it, and none when nothing is."""
    office = people.shop.office
    row, left = office.order(order), people.left(order)
    is_alive = row["Status"] != CANCELLED and row["ApprovalStatus"] == 2
    is_shipped = row["ShippingMethod"] != office.row_id("ShippingMethods", "Code", "AFH")
    if left and is_alive and is_shipped:
        wanted = {office.row("Items", "ID", item).text("Code"): int(count) for item, count in left.items()}
        known = people.shop.order(order)
        if known.excluded == "status" and people.is_begun(order):
            return  # first seen when a part of it was delivered already
        if entry is None:
            yield f"is not sent to the incoming orders: {known}"
        elif entry.quantities != wanted:
            yield f"its entry has {entry.quantities} instead of {wanted}"
    elif not left and entry is not None and _all_labelled(people, order):
        yield "is delivered and labelled, and still among the incoming orders"
    elif left and entry is not None:
        yield "is among the incoming orders and should not"


def _all_labelled(people: People, order: int) -> bool:
    covering = [
        number
        for number in people.shop.office.delivery_numbers()
        if order in people.shop.office.orders_of(number)
    ]
    return all(people.shop.record(number).label for number in covering)


def assert_every_purchase_is_known(people: People) -> None:
    """No label was paid for and lost sight of: each live one of ours is a delivery's, or told as one too many."""
    records = people.shop.records
    for shipment in people.shop.sandbox.world.sendcloud.live_shipments():
        if shipment.external_reference_id:
            known = records.shipment(ShipmentId(shipment.shipment_id))
            assert known is not None, f"{shipment.order_number} was paid for and is not known"
            assert known.owner is not None, f"{shipment.order_number} was paid for and is nobody's"
