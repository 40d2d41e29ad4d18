"""The verdict of the last look before a purchase, case by case (S2, S4, S6, S7)."""

from datetime import timedelta
from itertools import product

import pytest

from exactsend.domain.records import AttemptState, DeliveryRecord
from exactsend.plan.actions import BuyLabel
from exactsend.plan.labels import decide
from exactsend.plan.look import Buy, Look, Refrain, Take, Verdict, judge
from exactsend.plan.polled import shipment_record
from exactsend.sendcloud.models import Shipment
from exactsend.snapshot import Ask, Snapshot
from tests.builders import (
    DELIVERY,
    NOW,
    OTHER_DELIVERY,
    a_delivery,
    a_record,
    a_shipment,
    a_snapshot,
    an_attempt,
    our_shipment,
    reference_of,
)

FAILED, CANCELLED = "ANNOUNCEMENT_FAILED", "CANCELLED"


def planned(snapshot: Snapshot) -> BuyLabel:
    action = decide(snapshot, next(iter(snapshot.deliveries.values())))
    assert isinstance(action, BuyLabel)
    return action


def verdict(
    *with_numbers: Shipment,
    attempts: tuple[Shipment, ...] = (),
    ours: bool = True,
    record: DeliveryRecord | None = None,
    asked: Ask | None = None,
    look: dict[str, object] | None = None,
) -> Verdict:
    snapshot = a_snapshot(*([record] if record else []), asked={DELIVERY: asked} if asked else {})
    fields: dict[str, object] = {
        "delivery": a_delivery(),
        "attempts": attempts,
        "with_numbers": (*attempts, *with_numbers),
        "of_this_integration": frozenset(one.id for one in with_numbers) if ours else frozenset(),
    }
    return judge(snapshot, planned(snapshot), Look(**{**fields, **(look or {})}))  # type: ignore[arg-type]  # its fields


def remembered_failure(*numbers: int) -> DeliveryRecord:
    attempts = tuple(an_attempt(number, shipment=f"own-{number}") for number in numbers)
    return a_record(attempts=attempts)


def test_nothing_found_is_bought_under_the_first_reference() -> None:
    assert verdict() == Buy(1, reference_of(1))


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ({"delivery": None}, "deleted"),
        ({"delivery": a_delivery(tracking_number="by hand")}, "has_tracking_number"),
        ({"delivery": a_delivery(modified=NOW.replace(tzinfo=None))}, "changed_meanwhile"),
        ({"entry_is_gone": True}, "taken_in_panel"),
    ],
)
def test_what_changed_in_exact_or_the_panel_stops_it(look: dict[str, object], reason: str) -> None:
    found = verdict(look=look)
    assert isinstance(found, Refrain)
    assert found.reason == reason


def test_a_live_attempt_of_ours_is_taken_whatever_its_status_is_called() -> None:
    for status in ("READY_TO_SEND", "ANNOUNCING", "CANCELLING", "DELIVERED", "SOMETHING_NEW"):
        own = our_shipment(status=status)
        assert verdict(attempts=(own,)) == Take(own, found_by_reference=True)


def test_one_label_of_this_integration_to_this_address_is_taken() -> None:
    made = a_shipment()
    assert verdict(made) == Take(made, found_by_reference=False)


def test_two_labels_that_fit_hold_the_purchase() -> None:
    assert reason_of(verdict(a_shipment("a"), a_shipment("b"))) == "label_ambiguous"


def test_a_label_of_another_integration_holds_it() -> None:
    assert reason_of(verdict(a_shipment(), ours=False)) == "labelled_elsewhere"


def test_a_label_for_the_whole_order_holds_a_part() -> None:
    part = a_delivery(quantity=1)
    snapshot = a_snapshot(deliveries=[part])
    look = Look(part, (), (a_shipment(),), frozenset({"s-1"}))
    assert reason_of(judge(snapshot, planned(snapshot), look)) == "labelled_elsewhere"


def reason_of(found: Verdict) -> str:
    assert isinstance(found, Refrain)
    assert found.problem is not None
    return found.reason


@pytest.mark.parametrize(
    "other",
    [
        a_shipment(status=CANCELLED),
        a_shipment(status=FAILED),
        a_shipment(to_address={"country_code": "NL", "postal_code": "3511 NK"}),
        a_shipment(to_address={"country_code": "BE", "postal_code": "1017 GC"}),
    ],
)
def test_dead_labels_returns_and_other_addresses_stop_nothing(other: Shipment) -> None:
    assert isinstance(verdict(other), Buy)


def test_spaces_and_case_make_no_other_address() -> None:
    made = a_shipment(to_address={"country_code": "nl", "postal_code": "1017gc"})
    assert isinstance(verdict(made), Take)


def test_another_deliverys_label_is_never_taken() -> None:
    snapshot = a_snapshot(a_record(delivery_id=OTHER_DELIVERY), shipment_record(a_shipment(), OTHER_DELIVERY))
    look = Look(a_delivery(), (), (a_shipment(),), frozenset({"s-1"}))
    assert isinstance(judge(snapshot, planned(snapshot), look), Buy)


def test_a_label_whose_reference_names_a_delivery_that_nobody_remembers_is_not_taken_and_not_passed_over() -> (
    None
):
    theirs = a_shipment(external_reference_id=reference_of(1, OTHER_DELIVERY))
    assert reason_of(verdict(theirs)) == "labelled_elsewhere"
    known = a_snapshot(a_record(delivery_id=OTHER_DELIVERY))
    look = Look(a_delivery(), (), (theirs,), frozenset({"s-1"}))
    assert isinstance(judge(known, planned(known), look), Buy)


def test_where_a_reference_was_forgotten_the_next_number_is_a_new_one_all_the_same() -> None:
    second = our_shipment(2, status=FAILED)
    record = a_record(attempts=(an_attempt(2, shipment="own-2"),))
    assert verdict(attempts=(second,), record=record) == Buy(3, reference_of(3))


def test_after_failures_that_are_remembered_the_next_reference_is_used() -> None:
    failed = tuple(our_shipment(number, status=FAILED) for number in (1, 2))
    record = remembered_failure(1, 2)
    assert verdict(attempts=failed, record=record) == Buy(3, reference_of(3))


def test_a_failure_that_nobody_remembers_is_learned_of_first() -> None:
    failed = our_shipment(1, status=FAILED)
    assert verdict(attempts=(failed,)) == Take(failed, found_by_reference=True)


def test_after_a_cancelled_label_nothing_is_bought_unless_a_person_asks() -> None:
    cancelled = our_shipment(1, status=CANCELLED)
    found = verdict(attempts=(cancelled,))
    assert isinstance(found, Refrain)
    assert found.reason == "label_cancelled"
    assert verdict(attempts=(cancelled,), asked=Ask()) == Buy(2, reference_of(2))


@pytest.mark.parametrize(("another", "bought"), [(1, False), (2, True), (3, False)])
def test_another_label_is_bought_only_under_the_next_number(another: int, *, bought: bool) -> None:
    found = verdict(attempts=(our_shipment(1),), asked=Ask(another))
    assert isinstance(found, Buy) is bought


def test_nobodys_question_is_ever_answered_with_a_purchase_beside_a_live_label_that_fits() -> None:
    """Every combination of what a look can show: a purchase only where no live label can be the delivery's."""
    statuses = (None, "READY_TO_SEND", FAILED, CANCELLED, "NOBODY_KNOWS")
    for own, other, ours, gone in product(statuses, statuses, (True, False), (True, False)):
        attempts = (our_shipment(1, status=own),) if own else ()
        made = (a_shipment(status=other),) if other else ()
        found = verdict(
            *made,
            attempts=attempts,
            ours=ours,
            record=remembered_failure(1),
            look={"entry_is_gone": gone},
        )
        live = [one for one in (*attempts, *made) if one.is_live]
        if live or gone or own == CANCELLED:
            assert not isinstance(found, Buy), (own, other, ours, gone)


def test_the_settling_time_is_no_business_of_the_look() -> None:
    record = a_record(attempts=(an_attempt(1, AttemptState.NOT_SENT, at=NOW - timedelta(seconds=1)),))
    assert verdict(record=record) == Buy(1, reference_of(1))
