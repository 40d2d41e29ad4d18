"""The ledger's records are read as they were written, and a dry run's overlay stores nothing (RecordStore, Overlay)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exactsend.domain.division_records import Cursor, Pins, Purchases, Schedule
from exactsend.domain.ids import OrderId
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import (
    AttemptState,
    DeliveryRecord,
    IncomingState,
    OrderRecord,
    ProblemRecord,
    Record,
)
from exactsend.domain.store_protocol import Change, JsonRecord, Overlay, Put
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.http.messages import Json
from exactsend.ledger import journal
from exactsend.ledger.number_fields import numbers_of
from tests.builders import (
    DELIVERY,
    ENTRY,
    NOW,
    ORDER,
    OTHER_DELIVERY,
    a_label,
    a_record,
    a_record_store,
    a_shipment,
    an_attempt,
    an_entry,
    an_order_record,
)


class Kept:
    """A store in a dictionary that counts what is recorded."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, JsonRecord]] = {}
        self.events: list[str] = []
        self.changes: list[JsonRecord] = []
        self.left: set[str] = set()

    def get(self, section: str, key: str) -> JsonRecord | None:
        return self.sections.get(section, {}).get(key)

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        return iter(list(self.sections.get(section, {}).items()))

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        return (value for value in self.items(section) if value[0] not in self.left)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        return (value for value in self.items(section) if numbers_of(section, value[1]) & {*numbers})

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] | None = None,
        puts: Sequence[Put] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        del subject, facts
        for section, key, changed in changes:
            self.changes.append(changed)
            self.sections[section][key] = (
                journal.Put(section, key, changed, is_change=True).applied_to(self.get(section, key)) or {}
            )
        self.events.append(event)
        for section, key, content in puts:
            if content is None:
                self.sections.setdefault(section, {}).pop(key, None)
            else:
                self.sections.setdefault(section, {})[key] = content


PINS = Pins(exact_host="e", division=1, sendcloud_host="s", user="u", integration=7)


@pytest.mark.parametrize(
    "record",
    [
        an_order_record(settled=True),
        a_record(label=a_label(), attempts=(an_attempt(),)),
        an_entry(IncomingState.WITHDRAWING),
        shipment_record(a_shipment(), DELIVERY),
        PINS,
        Schedule(first_run_wall=NOW),
        Purchases().plus(NOW, 3),
    ],
    ids=lambda record: type(record).__name__,
)
def test_every_record_comes_back_as_it_was_kept(record: Record) -> None:
    records = a_record_store(record)
    found = (
        records.order(ORDER),
        records.delivery(DELIVERY),
        records.incoming(ENTRY),
        *records.shipments_with_number("4711"),
        records.pins,
        records.schedule,
        records.purchases,
    )
    assert record in found


def test_two_shipments_of_one_number_in_one_event_are_both_found() -> None:
    records = a_record_store(shipment_record(a_shipment("a"), None), shipment_record(a_shipment("b"), None))
    assert {shipment.shipment for shipment in records.shipments_with_number("4711")} == {"a", "b"}


def test_shipments_of_one_number_gather_over_events() -> None:
    records = a_record_store(shipment_record(a_shipment("a"), None))
    records.note_changes([], at=NOW, cursors={}, also=[shipment_record(a_shipment("b"), None)])
    records.note("again", shipment_record(a_shipment("a", status="CANCELLED"), None))
    assert {shipment.shipment for shipment in records.shipments_with_number("4711")} == {"a", "b"}


def test_of_the_clockwork_is_written_down_what_has_changed() -> None:
    kept = Kept()
    records = RecordStore(kept)
    records.note("begun", Schedule(division_move="1", last_run=NOW, last_status=0))
    records.note("run_ended", Schedule(last_run=NOW, last_status=7))

    assert kept.changes == [{"division_move": None, "last_status": 7}]
    assert records.schedule == Schedule(last_run=NOW, last_status=7)


def test_a_dry_run_knows_the_changed_clockwork() -> None:
    records = a_record_store(Schedule(last_run=NOW, last_status=0))
    dry = RecordStore(Overlay(records._store))

    dry.note("run_ended", Schedule(last_run=NOW + timedelta(minutes=5), last_status=0))

    assert dry.schedule.last_run == NOW + timedelta(minutes=5)
    assert records.schedule.last_run == NOW


def test_todos_come_oldest_first_and_keep_their_first_moment() -> None:
    records = a_record_store()
    records.note_changes([todo_delivery(DELIVERY)], at=NOW, cursors={})
    records.note_changes([todo_order(ORDER)], at=NOW - timedelta(hours=1), cursors={})
    records.note_changes([todo_delivery(DELIVERY)], at=NOW - timedelta(days=1), cursors={})
    assert [(todo.order_id, todo.delivery_id) for todo in records.todo()] == [(ORDER, None), (None, DELIVERY)]


def test_what_is_done_is_no_longer_to_do() -> None:
    records = a_record_store()
    records.note_changes([todo_delivery(DELIVERY), todo_order(ORDER)], at=NOW, cursors={})
    records.note_done([todo_order(ORDER)])
    assert [todo.key for todo in records.todo()] == [todo_delivery(DELIVERY)]


def test_what_is_due_and_how_far_was_read_are_one_event() -> None:
    kept = Kept()
    RecordStore(kept).note_changes([todo_order(ORDER)], at=NOW, cursors={"orders": Cursor(position=7)})
    assert len(kept.events) == 1


def test_nothing_new_is_no_event() -> None:
    kept = Kept()
    records = RecordStore(kept)
    records.note_changes([], at=NOW, cursors={"s": Cursor(position=5)})
    before = list(kept.events)
    records.note_changes([], at=NOW, cursors={"s": Cursor(position=5)})
    records.note_done([todo_order(ORDER)])
    records.note_links([])
    assert kept.events == before


def test_which_deliveries_cover_an_order_is_remembered() -> None:
    records = a_record_store()
    records.note_links([(ORDER, DELIVERY), (ORDER, OTHER_DELIVERY)])
    records.note_links([(ORDER, DELIVERY)])
    assert records.deliveries_of(ORDER) == [DELIVERY, OTHER_DELIVERY]
    assert records.deliveries_of(OrderId("another")) == []


# ── the index of what is open ────────────────────────────────────────────────────────────────────

PROBLEM = ProblemRecord(stage="label", code="label_failed", first_seen=NOW, last_tried=NOW)

records = st.one_of(
    st.builds(
        an_order_record,
        settled=st.booleans(),
        excluded=st.sampled_from(["", "too_old"]),
        problem=st.sampled_from([None, PROBLEM]),
    ),
    st.builds(
        a_record,
        delivery_id=st.sampled_from([DELIVERY, OTHER_DELIVERY]),
        excluded=st.sampled_from(["", "method_none"]),
        gone=st.booleans(),
        label=st.sampled_from([None, a_label(), a_label("s-2")]),
        attempts=st.sampled_from([(), (an_attempt(state=AttemptState.UNKNOWN),)]),
        writeback=st.sampled_from([{}, {"done": True, "shipment": "s-1"}]),
    ),
    st.builds(an_entry, st.sampled_from(list(IncomingState))),
)


def test_new_labels_are_found_without_reading_records_closed_long_ago() -> None:
    store = Kept()
    records = RecordStore(store)
    records.note("noted", a_record().with_label(a_label(at=NOW)))
    store.left = {DELIVERY}

    assert records.deliveries_labelled_since(NOW - timedelta(days=1)) == []
    store.left = set()
    assert [
        delivery.delivery_id for delivery in records.deliveries_labelled_since(NOW - timedelta(days=1))
    ] == [DELIVERY]
    assert records.deliveries_labelled_since(NOW) == []


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records, max_size=8))
def test_what_is_open_is_found_and_nothing_else(notes: list[Record]) -> None:
    records = RecordStore(Kept())
    for record in notes:
        records.note("noted", record)
    assert {order.order_id for order in records.open_orders()} == {
        o.order_id for o in records.orders() if o.is_open
    }
    assert {delivery.delivery_id for delivery in records.open_deliveries()} == {
        delivery.delivery_id for delivery in records.deliveries() if delivery.is_open
    }
    entry = records.incoming(ENTRY)
    assert bool(records.open_incoming()) is (entry is not None and entry.is_open)


@pytest.mark.parametrize(
    ("record", "is_open"),
    [
        (a_record(), True),
        (a_record(excluded="method_none"), False),
        (a_record(excluded="method_none", attempts=(an_attempt(state=AttemptState.INTENDED),)), True),
        (a_record(gone=True), False),
        (a_record(gone=True, label=a_label()), True),
        (a_record(label=a_label("s-1"), writeback={"done": True, "shipment": "s-1"}), False),
        (a_record(label=a_label("s-2"), writeback={"done": True, "shipment": "s-1"}), True),
        (
            a_record(
                label=a_label("s-1"), writeback={"done": True, "shipment": "s-1"}, problems={"label": PROBLEM}
            ),
            True,
        ),
    ],
)
def test_a_delivery_is_open_until_all_of_its_label_has_arrived(
    record: DeliveryRecord, *, is_open: bool
) -> None:
    assert record.is_open is is_open


# ── the overlay ──────────────────────────────────────────────────────────────────────────────────

writes = st.lists(
    st.tuples(
        st.sampled_from(["orders", "todo"]),
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.none(), st.integers(0, 3).map(lambda number: {"n": number})),
    )
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(writes, writes)
def test_an_overlay_never_writes_and_reads_as_if_it_had(below: list[Put], above: list[Put]) -> None:
    kept, mirror = Kept(), Kept()
    for store in (kept, mirror):
        store.record("given", puts=below)
    before = {section: dict(held) for section, held in kept.sections.items()}
    overlay = Overlay(kept)
    overlay.record("noted", puts=above)
    mirror.record("noted", puts=above)
    assert kept.sections == before
    assert kept.events == ["given"]
    for section in ("orders", "todo"):
        assert dict(overlay.items(section)) == dict(mirror.items(section))
        assert [overlay.get(section, key) for key in "abc"] == [mirror.get(section, key) for key in "abc"]


def test_records_of_the_past_are_readable_without_fields_that_came_later() -> None:
    kept = an_order_record().to_json()
    assert set(kept) == {"order_id", "number", "seen_at"}
    assert OrderRecord.model_validate(kept) == an_order_record()
