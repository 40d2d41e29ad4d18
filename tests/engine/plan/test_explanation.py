"""What explain shows is what decides: the first rule that fails is the reason of the action, for every order and delivery."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exactsend.domain.ids import DeliveryId
from exactsend.domain.records import IncomingState, Record
from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import AdoptShipment, BuyLabel, PushIncoming
from exactsend.engine.plan.checks import Check, Rule, reason_of
from exactsend.engine.plan.explanation import Explanation, explain_delivery, explain_order
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.plan.orders import decide_order
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.views.text.record_phrases import RULES
from tests.builders import (
    a_delivery,
    a_label,
    a_policy,
    a_record,
    a_shipment,
    a_snapshot,
    an_entry,
    an_open_order,
    an_order,
    our_shipment,
)
from tests.engine.plan.test_labels import snapshots
from tests.engine.plan.test_orders import OLD, orders, snapshot_of
from tests.trade.builders import a_directory, an_account, an_item

IN_STEP = {"in_step", "order_refused"}
"""Reasons why what passes every rule is not sent: it stands there, or was refused, as it is."""


def of_order(order: SalesOrder, *records: Record, **changes: object) -> Explanation:
    return explain_order(snapshot_of(order, *records, **changes), order)


def of_delivery(snapshot: Snapshot) -> Explanation:
    return explain_delivery(snapshot, next(iter(snapshot.deliveries.values())))


def check(explanation: Explanation, rule: Rule) -> Check:
    return next(found for found in explanation.checks if found.rule is rule)


# ── the rules that are shown are the rules that decide ───────────────────────────────────────────


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(orders(), st.sampled_from([(), *((an_entry(state),) for state in IncomingState)]))
def test_the_first_rule_that_an_order_fails_is_why_it_is_not_sent(
    order: SalesOrder, known: tuple[Record, ...]
) -> None:
    snapshot = snapshot_of(order, *known)
    reason, action = reason_of(explain_order(snapshot, order).checks), decide_order(snapshot, order)

    if isinstance(action, PushIncoming):
        assert reason == ""
    else:
        decided = getattr(action, "reason", "")
        assert reason == decided or (not reason and decided in IN_STEP)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=400)
@given(snapshots())
def test_the_first_rule_that_a_delivery_fails_is_why_it_gets_no_label(snapshot: Snapshot) -> None:
    snapshot = replace(snapshot, asked={})
    for delivery in snapshot.deliveries.values():
        known = snapshot.records.delivery(DeliveryId(delivery.entry_id))
        told, action = explain_delivery(snapshot, delivery), decide_delivery(snapshot, delivery)
        reason = reason_of(told.checks)

        if not snapshot.orders_of(delivery):
            assert told.checks == ()
        elif known is not None and known.label is not None:
            assert reason == "labelled"
        elif isinstance(action, BuyLabel):
            assert reason in {"", "safety_limit"}
        elif isinstance(action, AdoptShipment):
            assert reason == ("found_by_reference" if action.found_by_reference else "made_by_hand")
        else:
            assert reason == getattr(action, "reason", "")


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(Rule)


# ── with the value found ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("order", "rule", "found", "wanted"),
    [
        (an_open_order(status=45), Rule.NOT_CANCELLED, "45 cancelled", ""),
        (an_open_order(approval_status=0), Rule.APPROVAL, "0", "1, 2"),
        (an_open_order(status=20), Rule.STATUS, "20 partial", "open"),
        (an_open_order(order_date=OLD), Rule.ORDER_DATE, "2026-10-01", "2026-10-24"),
        (an_open_order(sales_order_lines=()), Rule.GOODS, "0", ""),
        (an_order(), Rule.NOT_DELIVERED, "2 of 2", ""),
    ],
)
def test_a_rule_that_an_order_fails_is_told_with_what_was_found(
    order: SalesOrder, rule: Rule, found: str, wanted: str
) -> None:
    failed = check(of_order(order), rule)

    assert (failed.passed, failed.found, failed.wanted) == (False, found, wanted)


def test_all_rules_are_told_and_not_up_to_the_first_that_fails() -> None:
    told = of_order(an_open_order(approval_status=0, order_date=OLD, status=20))

    assert [candidate.rule for candidate in told.checks if not candidate.passed] == [
        Rule.APPROVAL,
        Rule.ORDER_DATE,
        Rule.STATUS,
    ]


def test_shipping_methods_that_differ_are_told_at_the_rule_of_the_method() -> None:
    sold = (an_order(shipping_method="met"), an_order(order_id="ord-2", order_number=4712))
    ways = {"PNL": "postnl:standard"}
    snapshot = a_snapshot(
        orders=sold,
        deliveries=[a_delivery_of_two_orders()],
        directory=replace(a_directory(), shipping_method_codes={"met": "PNL"}),
        policy=a_policy(labels={"shipping_methods": ways, "shipping_option": "dpd:home"}),
    )

    failed = [candidate for candidate in of_delivery(snapshot).checks if not candidate.passed]
    assert [(candidate.rule, candidate.reason) for candidate in failed] == [
        (Rule.METHOD, "shipping_methods_differ")
    ]


def test_a_missing_weight_is_told_at_the_rule_of_the_weight() -> None:
    policy = a_policy(labels={"shipping_option": "postnl:standard"})
    snapshot = a_snapshot(directory=a_directory(an_item(gross_weight=None)), policy=policy)

    assert check(of_delivery(snapshot), Rule.WEIGHT).reason == "weight_missing"


def a_delivery_of_two_orders() -> GoodsDelivery:
    (line,) = a_delivery().goods_delivery_lines or ()
    beside = line.model_copy(
        update={"id": "dl-2", "sales_order_line_id": "line-2", "sales_order_number": 4712}
    )
    return a_delivery(goods_delivery_lines=(line, beside))


def test_the_start_date_is_told_with_the_day_that_was_found() -> None:
    policy = a_policy(labels={"start_date": date(2026, 11, 24)})
    failed = check(of_delivery(a_snapshot(policy=policy)), Rule.START_DATE)

    assert (failed.passed, failed.found, failed.wanted) == (False, "2026-11-23 08:00", "2026-11-24")


def test_an_address_that_cannot_be_sent_is_told_with_its_cure_and_the_rest_all_the_same() -> None:
    told = of_delivery(a_snapshot(deliveries=[a_delivery(delivery_address="unknown")]))
    failed = check(told, Rule.ADDRESS)

    assert not failed.passed
    assert failed.problem is not None
    assert shown(failed.problem).remedy
    assert (told.to, told.request) == (None, None)
    assert check(told, Rule.MODE).passed


def test_a_label_made_elsewhere_stops_the_purchase_and_is_named() -> None:
    told = of_delivery(a_snapshot(shipments=[a_shipment("s-1"), a_shipment("s-2")]))

    assert check(told, Rule.NO_LABEL_ELSEWHERE).reason == "label_ambiguous"


def test_one_whose_answer_was_lost_is_found_by_its_reference() -> None:
    told = of_delivery(a_snapshot(shipments=[our_shipment()]))

    assert check(told, Rule.PURCHASE_ANSWERED).reason == "found_by_reference"


def test_the_limit_of_the_day_is_told_with_what_was_bought() -> None:
    policy = a_policy(labels={"max_per_day": 1})
    passed = check(of_delivery(a_snapshot(policy=policy)), Rule.MAX_PER_DAY)

    assert (passed.passed, passed.found, passed.wanted) == (True, "0", "1")


# ── what would be sent, and what was ─────────────────────────────────────────────────────────────


def test_the_address_is_told_as_it_is_sent() -> None:
    told = of_delivery(a_snapshot())

    assert told.to is not None
    assert isinstance(told.request, dict)
    assert told.request["to_address"] == told.to.body()


def test_what_was_sent_is_compared_with_what_would_be_sent_now() -> None:
    same = decide_order(snapshot_of(an_open_order()), an_open_order())
    assert isinstance(same, PushIncoming)

    assert of_order(an_open_order()).is_as_sent is None
    assert of_order(an_open_order(), an_entry(fingerprint=same.fingerprint)).is_as_sent is True
    assert of_order(an_open_order(), an_entry(fingerprint="another")).is_as_sent is False


def test_a_label_is_told_as_sendcloud_has_it_now() -> None:
    shipment = a_shipment()

    assert of_delivery(a_snapshot(a_record(label=a_label()), shipments=[shipment])).shipment == shipment


def test_a_phone_number_is_shown_as_the_carrier_takes_it() -> None:
    british = a_directory(an_account(phone="+44 7400 123456"))
    policy = a_policy(labels={"shipping_option": "inpost_gb:home"})

    told = of_delivery(a_snapshot(directory=british, policy=policy))

    assert told.to is not None
    assert told.to.phone == "07400123456"
    assert isinstance(told.request, dict)
    assert told.to.body() == told.request["to_address"]
