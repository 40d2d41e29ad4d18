"""What is decided about one order's entry, case by case; and that something is decided about every one (S1, S7, S16, T1)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exactsend.domain.records import IncomingState, Record
from exactsend.engine.plan.actions import PushIncoming
from exactsend.engine.plan.orders import decide_order, plan_orders
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import SalesOrder
from exactsend.trade.fingerprint import request_fingerprint
from tests.builders import (
    DELIVERY,
    ENTRY,
    ORDER,
    a_policy,
    a_shipment,
    a_snapshot,
    an_entry,
    an_open_order,
    an_order,
    an_order_record,
)
from tests.trade.builders import KEY, a_line

OLD = datetime(2026, 10, 1)  # noqa: DTZ001 - Exact's dates have no zone


def snapshot_of(order: SalesOrder, *records: Record, **changes: Any) -> Snapshot:  # noqa: ANN401 - fields of the snapshot
    return a_snapshot(*records, orders=[order], deliveries=[], **changes)


def decided(order: SalesOrder, *records: Record, **changes: Any) -> tuple[str, str]:  # noqa: ANN401 - likewise
    action = decide_order(snapshot_of(order, *records, **changes), order)
    return type(action).__name__, getattr(action, "reason", "")


def pushed(order: SalesOrder) -> PushIncoming:
    action = decide_order(snapshot_of(order), order)
    assert isinstance(action, PushIncoming)
    return action


def test_an_open_approved_order_is_pushed() -> None:
    assert pushed(an_open_order()).ref == ENTRY


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_open_order(status=45), "cancelled"),
        (an_open_order(approval_status=0), "not_approved"),
        (an_open_order(status=21), "complete"),
        (an_open_order(status=20), "status"),
        (an_open_order(status=99), "status"),
        (an_open_order(order_date=OLD), "too_old"),
        (an_open_order(sales_order_lines=()), "no_goods"),
        (an_order(), "delivered"),
    ],
)
def test_what_is_never_pushed_and_why(order: SalesOrder, reason: str) -> None:
    assert decided(order) == ("RecordDecision", reason)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_open_order(status=45), "cancelled"),
        (an_open_order(approval_status=0), "not_approved"),
        (an_open_order(status=21), "complete"),
        (an_open_order(sales_order_lines=()), "no_goods"),
    ],
)
def test_what_is_withdrawn_and_why(order: SalesOrder, reason: str) -> None:
    assert decided(order, an_entry()) == ("WithdrawIncoming", reason)


@pytest.mark.parametrize("order", [an_open_order(status=20), an_open_order(order_date=OLD)])
def test_the_window_and_the_statuses_count_for_the_first_push_only(order: SalesOrder) -> None:
    assert decided(order, an_entry())[0] == "PushIncoming"


def test_the_start_date_counts_always() -> None:
    policy = a_policy(orders={"start_date": date(2026, 11, 21)})
    assert decided(an_open_order(), an_entry(), policy=policy) == ("WithdrawIncoming", "before_start_date")


def test_a_method_mapped_to_none_is_withdrawn() -> None:
    policy = a_policy(labels={"shipping_methods": {"PNL": "none"}})
    order = an_open_order(shipping_method="met")
    assert decided(order, an_entry(), policy=policy) == ("WithdrawIncoming", "method_none")


def test_the_same_again_is_not_sent_and_a_change_is() -> None:
    same = an_entry(fingerprint=pushed(an_open_order()).fingerprint)
    assert decided(an_open_order(), same) == ("RecordDecision", "in_step")
    changed = an_open_order(sales_order_lines=(a_line(order_id=ORDER, quantity=3),))
    assert decided(changed, same)[0] == "PushIncoming"


def test_what_was_refused_is_not_sent_again_unchanged() -> None:
    body = pushed(an_open_order()).body
    refused = an_entry(IncomingState.WITHDRAWN, refused=request_fingerprint(KEY, body))
    problem = {
        "stage": "order",
        "code": "order_refused",
        "first_seen": "2026-11-23T09:00:00Z",
        "last_tried": "2026-11-23T09:00:00Z",
    }
    assert decided(an_open_order(), refused, an_order_record(problem=problem)) == (
        "RecordDecision",
        "order_refused",
    )


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (IncomingState.PUSHING, "PushIncoming"),
        (IncomingState.PUSHED, "RecordDecision"),
        (IncomingState.STORED, "RecordDecision"),
        (IncomingState.WITHDRAWING, "PushIncoming"),
        (IncomingState.WITHDRAWN, "PushIncoming"),
        (IncomingState.TAKEN_IN_PANEL, "RecordDecision"),
    ],
)
def test_the_entrys_state_decides_whether_the_same_is_sent_again(state: IncomingState, kind: str) -> None:
    entry = an_entry(state, fingerprint=pushed(an_open_order()).fingerprint)
    assert decided(an_open_order(), entry)[0] == kind


def test_a_live_label_of_nobody_keeps_the_entry_as_it_is() -> None:
    label = shipment_record(a_shipment(), None)
    assert decided(an_open_order(), label) == ("RecordDecision", "labelled_before_delivery")


@pytest.mark.parametrize("status", ["CANCELLED", "ANNOUNCEMENT_FAILED"])
def test_a_dead_one_does_not(status: str) -> None:
    label = shipment_record(a_shipment(status=status), None)
    assert decided(an_open_order(), label)[0] == "PushIncoming"


@pytest.mark.parametrize("order", [an_order(status=45), an_order(approval_status=0), an_order(status=21)])
def test_once_delivered_nothing_that_becomes_of_the_order_touches_the_entry(order: SalesOrder) -> None:
    assert decided(order, an_entry(delivery=DELIVERY)) == ("RecordDecision", "delivered")
    assert decided(order, an_entry()) == ("RecordDecision", "delivered")


def test_what_is_left_of_a_delivered_order_is_the_orders_again() -> None:
    assert decided(an_open_order(), an_entry(delivery=DELIVERY))[0] == "PushIncoming"


def test_a_deleted_order_is_withdrawn_on_that_evidence() -> None:
    snapshot = a_snapshot(
        an_order_record(), an_entry(), orders=[], deliveries=[], gone_orders=frozenset({ORDER})
    )
    (action,) = plan_orders(snapshot).actions
    assert type(action).__name__ == "WithdrawIncoming"


def test_an_order_that_was_not_read_is_not_decided_about() -> None:
    assert plan_orders(a_snapshot(an_order_record(), an_entry(), orders=[], deliveries=[])).actions == ()


numbers = st.one_of(st.none(), st.integers(-3, 1000).map(Decimal))


@st.composite
def orders(draw: st.DrawFn) -> SalesOrder:
    line = a_line(
        order_id=ORDER,
        quantity=draw(numbers) or Decimal(0),
        quantity_delivered=draw(numbers),
        amount_fc=draw(numbers),
    )
    return an_open_order(
        status=draw(st.sampled_from([0, 12, 20, 21, 45, 99])),
        approval_status=draw(st.sampled_from([None, 0, 1, 2, 3])),
        order_date=draw(st.sampled_from([None, OLD, datetime(2026, 11, 20)])),  # noqa: DTZ001 - as Exact has it
        sales_order_lines=draw(st.sampled_from([None, (), (line,)])),
        ordered_by=draw(st.sampled_from([None, "acc", "unknown"])),
        deliver_to=draw(st.sampled_from([None, "acc", "unknown"])),
        delivery_address=draw(st.sampled_from([None, "adr", "unknown"])),
        currency=draw(st.sampled_from(["EUR", "SEK", ""])),
    )


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(orders(), st.sampled_from([(), *((an_entry(state),) for state in IncomingState)]))
def test_every_order_gets_exactly_one_action_and_never_an_exception(
    order: SalesOrder, known: tuple[Record, ...]
) -> None:
    snapshot = snapshot_of(order, *known, gone_orders=frozenset())
    (action,) = plan_orders(snapshot).actions
    assert action.subject.order_id == ORDER
    if isinstance(action, PushIncoming):
        assert order.approval_status in {None, 1, 2}
        assert order.status != 45
        assert not known or known[0].state is not IncomingState.TAKEN_IN_PANEL  # type: ignore[attr-defined]  # an entry
