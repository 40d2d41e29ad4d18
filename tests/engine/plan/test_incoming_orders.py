"""Which entries deliveries have, case by case (S1, S7)."""

from datetime import timedelta
from typing import Any

import pytest

from exactsend.domain.problems import Code
from exactsend.domain.records import AttemptState, DeliveryRecord, IncomingState, ProblemRecord, Record
from exactsend.engine.plan.actions import PushIncoming, WithdrawIncoming
from exactsend.engine.plan.incoming_orders import plan_incoming_orders, plan_withdrawals, wants_incoming_order
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.sendcloud.models import StoredOrder
from tests.builders import (
    DELIVERY,
    ENTRY,
    NOW,
    OWN_ENTRY,
    a_delivery,
    a_label,
    a_policy,
    a_record,
    a_shipment,
    a_snapshot,
    an_attempt,
    an_entry,
)

PROBLEM = {"label": ProblemRecord(stage="label", code=Code.LABEL_FAILED, first_seen=NOW, last_tried=NOW)}
MANUAL = a_policy(automatic=False)


def planned(*records: Record, **changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - fields of the snapshot
    """Kind and entry of each action."""
    actions = plan_incoming_orders(a_snapshot(*records, **changes)).actions
    return [
        (type(action).__name__, action.ref)
        for action in actions
        if isinstance(action, PushIncoming | WithdrawIncoming)
    ]


@pytest.mark.parametrize(
    ("record", "by_hand", "automatic"),
    [
        (a_record(), True, False),
        (a_record(problems=PROBLEM), True, True),
        (a_record(label=a_label()), False, False),
        (a_record(excluded="before_start_date"), False, False),
        (a_record(excluded="method_none"), False, False),
        (a_record(gone=True), False, False),
        (a_record(problems=PROBLEM, attempts=(an_attempt(state=AttemptState.UNKNOWN),)), False, False),
        (a_record(problems=PROBLEM, attempts=(an_attempt(state=AttemptState.INTENDED),)), False, False),
        (a_record(problems=PROBLEM, attempts=(an_attempt(state=AttemptState.CANCELLED),)), True, True),
    ],
)
def test_who_has_an_entry(record: DeliveryRecord, *, by_hand: bool, automatic: bool) -> None:
    assert wants_incoming_order(a_snapshot(policy=MANUAL), record) is by_hand
    assert wants_incoming_order(a_snapshot(), record) is automatic


def test_a_delivery_in_full_takes_over_its_orders_entry() -> None:
    assert planned(a_record(), an_entry(), policy=MANUAL) == [("PushIncoming", ENTRY)]


def test_a_part_has_its_own() -> None:
    record = a_record(incoming=OWN_ENTRY, incoming_number="4711/20001")
    part = [a_delivery(quantity=1)]
    assert planned(record, policy=MANUAL, deliveries=part) == [("PushIncoming", OWN_ENTRY)]


def test_an_entry_left_behind_for_one_of_its_own_is_withdrawn() -> None:
    record = a_record(incoming=OWN_ENTRY, incoming_number="4711/20001")
    found = planned(record, an_entry(delivery=DELIVERY), policy=MANUAL, deliveries=[a_delivery(quantity=1)])
    assert sorted(found) == [("PushIncoming", OWN_ENTRY), ("WithdrawIncoming", ENTRY)]


def test_a_label_withdraws_it() -> None:
    assert planned(a_record(label=a_label()), an_entry()) == [("WithdrawIncoming", ENTRY)]


@pytest.mark.parametrize("reason", ["method_none", "has_tracking_number", "no_goods"])
def test_so_does_what_needs_no_label(reason: str) -> None:
    assert planned(a_record(excluded=reason), an_entry()) == [("WithdrawIncoming", ENTRY)]


@pytest.mark.parametrize(
    "state", [IncomingState.WITHDRAWING, IncomingState.WITHDRAWN, IncomingState.TAKEN_IN_PANEL]
)
def test_what_does_not_stand_is_not_withdrawn(state: IncomingState) -> None:
    assert planned(a_record(label=a_label()), an_entry(state)) == []


def test_what_was_taken_in_the_panel_is_not_pushed() -> None:
    assert planned(a_record(), an_entry(IncomingState.TAKEN_IN_PANEL), policy=MANUAL) == []


def test_nothing_is_pushed_beside_a_live_label_of_nobody() -> None:
    label = shipment_record(a_shipment(), None)
    assert planned(a_record(), an_entry(), label, policy=MANUAL) == []


def test_a_deleted_delivery_takes_its_entry_along_but_not_one_that_its_order_has_back() -> None:
    gone = {"deliveries": [], "gone_deliveries": frozenset({DELIVERY})}
    assert planned(a_record(), an_entry(delivery=DELIVERY), **gone) == [("WithdrawIncoming", ENTRY)]
    assert planned(a_record(), an_entry(), **gone) == []


@pytest.mark.parametrize(
    ("state", "stands", "age", "repeated"),
    [
        (IncomingState.WITHDRAWING, True, 5, True),
        (IncomingState.WITHDRAWING, False, 5, False),
        (IncomingState.WITHDRAWING, True, 0, False),
        (IncomingState.STORED, True, 5, False),
    ],
)
def test_a_withdrawal_is_repeated_by_a_later_run_that_finds_the_entry(
    state: IncomingState, age: int, *, stands: bool, repeated: bool
) -> None:
    entry = an_entry(state, changed_at=NOW - timedelta(minutes=age))
    found = StoredOrder(id="900", order_id=ENTRY, order_number="4711") if stands else None
    actions = plan_withdrawals(a_snapshot(entry, stored={ENTRY: found})).actions
    assert bool(actions) is repeated
