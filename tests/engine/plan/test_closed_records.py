"""Which records leave ``ledger.json``, and which stay (closed_records)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from exactsend.domain.ids import DeliveryId
from exactsend.domain.problems import Code
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import (
    AttemptState,
    DeliveryRecord,
    IncomingState,
    ProblemRecord,
    Record,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.domain.store_protocol import JsonRecord, Overlay
from exactsend.engine.plan.closed_records import STAYS, closed_records
from tests.builders import (
    DELIVERY,
    ENTRY,
    NOW,
    ORDER,
    Nothing,
    a_label,
    a_record,
    an_attempt,
    an_entry,
    an_order_record,
)
from tests.told_problems import a_told_problem

LATER = NOW + STAYS + timedelta(hours=2)


class Kept(Overlay):
    """A store whose records are all recent."""

    def __init__(self) -> None:
        super().__init__(Nothing())  # type: ignore[arg-type]  # its iterable is an iterator

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        return iter(list(self.items(section)))


def sections(store: Kept, now: object = LATER) -> set[str]:
    return {section for section, _ in closed_records(store, now)}  # type: ignore[arg-type]  # a moment


def kept(*records: Record) -> Kept:
    store = Kept()
    record_store = RecordStore(store)
    record_store.note("given", *records)
    record_store.note_links([(ORDER, DELIVERY)])
    return store


def shipped(**changes: object) -> DeliveryRecord:
    """A delivery with a label, all of which has arrived in Exact."""
    done = WritebackRecord(done=True, shipment=a_label().shipment)
    return a_record(**{"label": a_label(), "writeback": done, **changes})


ITS_SHIPMENT = ShipmentRecord(shipment=a_label().shipment, number="4711", state="live", owner=DELIVERY)
WHOLE = (shipped(), an_order_record(settled=True), an_entry(IncomingState.WITHDRAWN), ITS_SHIPMENT)
PROBLEM = ProblemRecord.seen("label", a_told_problem(Code.WEIGHT_MISSING, "no weight"), at=NOW, before=None)


def test_all_of_a_delivery_that_is_long_done_goes_together() -> None:
    assert sections(kept(*WHOLE)) == {"deliveries", "orders", "incoming", "shipments", "numbers", "links"}


def test_nothing_goes_before_it_was_quiet_for_two_weeks() -> None:
    assert sections(kept(*WHOLE), NOW + STAYS - timedelta(hours=1)) <= {"incoming"}


@pytest.mark.parametrize(
    "delivery",
    [
        a_record(),
        a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN),)),
        shipped(attempts=(an_attempt(at=LATER),)),
        shipped(label=a_label(at=LATER)),
        shipped(problems={"writeback": PROBLEM}),
        a_record(excluded="shipped_otherwise", problems={"label": PROBLEM}),
    ],
    ids=[
        "no label",
        "lost answer",
        "tried lately",
        "labelled lately",
        "a problem",
        "left alone, with a problem",
    ],
)
def test_a_delivery_that_something_is_expected_of_stays_with_all_that_is_its_own(
    delivery: DeliveryRecord,
) -> None:
    store = kept(delivery, an_order_record(settled=True), ITS_SHIPMENT)
    assert closed_records(store, LATER) == set()


@pytest.mark.parametrize(
    "order",
    [
        an_order_record(),
        an_order_record(settled=True, seen_at=LATER),
        an_order_record(excluded="x", problem=PROBLEM),
    ],
)
def test_an_order_that_something_is_expected_of_stays(order: Record) -> None:
    assert "orders" not in sections(kept(order))


def test_what_is_to_be_decided_about_stays() -> None:
    store = kept(*WHOLE)
    RecordStore(store).note_changes([todo_delivery(DELIVERY), todo_order(ORDER)], at=LATER, cursors={})

    assert sections(store) == {"incoming"}


@pytest.mark.parametrize(
    "state", [incoming_state for incoming_state in IncomingState if an_entry(incoming_state).is_open]
)
def test_an_entry_that_stands_or_is_on_its_way_stays(state: IncomingState) -> None:
    assert ("incoming", ENTRY) not in closed_records(kept(an_entry(state)), LATER)


@pytest.mark.parametrize(("number", "stays"), [("4711", True), ("4712", False)])
def test_a_shipment_of_nobody_stays_while_a_delivery_bears_its_number(number: str, *, stays: bool) -> None:
    """It may be the label that the delivery waits for (S4)."""
    of_nobody = ShipmentRecord(shipment=a_label("s-9").shipment, number=number, state="live")

    assert (("shipments", "s-9") not in closed_records(kept(a_record(), of_nobody), LATER)) is stays


def test_a_number_stays_while_one_of_its_shipments_does() -> None:
    mine = ITS_SHIPMENT.replace(owner=None)
    store = kept(
        a_record(), mine, ITS_SHIPMENT.replace(shipment=a_label("s-2").shipment, owner=DeliveryId("another"))
    )

    assert sections(store) == {"shipments"}
