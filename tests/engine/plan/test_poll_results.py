"""What a poll teaches (S4, S5, S7)."""

import pytest

from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import (
    AttemptState,
    Cancellation,
    DeliveryRecord,
    Record,
    RuleRecord,
    WritebackRecord,
)
from exactsend.engine.plan.poll_results import PollResult, evaluate_poll, label_with, shipment_record
from exactsend.sendcloud.models import Shipment
from tests.builders import (
    DELIVERY,
    DIVISION,
    OTHER_DELIVERY,
    a_label,
    a_record,
    a_record_store,
    a_shipment,
    an_attempt,
    our_shipment,
)

TODO = [f"d:{DELIVERY}"]


def poll_result(*shipments: Shipment, known: tuple[Record, ...] = ()) -> PollResult:
    return evaluate_poll(a_record_store(*known), DIVISION, shipments)


def delivery_after(found: PollResult) -> DeliveryRecord:
    record = found.records[f"d:{DELIVERY}"]
    assert isinstance(record, DeliveryRecord)
    return record


def bought(**label: object) -> DeliveryRecord:
    attempt = an_attempt(state=AttemptState.LIVE, shipment="own-1")
    return a_record(attempts=(attempt,), label=a_label("own-1", **label))


def test_a_shipment_is_the_deliverys_whose_reference_it_bears() -> None:
    assert poll_result(our_shipment()).records["s:own-1"] == shipment_record(our_shipment(), DELIVERY)


def test_a_label_made_by_hand_belongs_to_nobody_and_wakes_the_delivery_that_waits_for_it() -> None:
    found = poll_result(a_shipment(), known=(a_record(),))
    assert found.records["s:s-1"] == shipment_record(a_shipment(), None)
    assert found.todo == TODO


def test_the_same_again_teaches_nothing() -> None:
    known = (a_record(), shipment_record(a_shipment(), None))
    assert poll_result(a_shipment(), known=known) == PollResult()


def test_a_label_that_is_gone_wakes_those_that_were_held_for_it() -> None:
    known = (a_record(), shipment_record(a_shipment(), None))
    assert poll_result(a_shipment(status="CANCELLED"), known=known).todo == TODO


def test_an_owner_is_an_owner_for_ever() -> None:
    known = (a_record(), shipment_record(a_shipment(status="ANNOUNCING"), OTHER_DELIVERY))
    found = poll_result(a_shipment(status="CANCELLED"), known=known)
    assert found.records["s:s-1"] == shipment_record(a_shipment(status="CANCELLED"), OTHER_DELIVERY)


def test_tracking_and_papers_come_with_the_poll() -> None:
    label = delivery_after(poll_result(our_shipment(), known=(bought(),))).label
    assert label is not None
    assert (label.tracked, label.printable, label.tracking_numbers) == (True, True, ("3Sown-1",))


def test_a_cancelled_label_is_no_label_and_its_attempt_is_cancelled() -> None:
    found = poll_result(our_shipment(status="CANCELLED"), known=(bought(),))
    record = delivery_after(found)
    assert record.label is None
    assert [attempt.state for attempt in record.attempts] == [AttemptState.CANCELLED]
    assert found.todo == TODO


def test_a_label_adopted_and_cancelled_leaves_an_attempt_that_says_so() -> None:
    known = (a_record(label=a_label("s-1")), shipment_record(a_shipment(), DELIVERY))
    record = delivery_after(poll_result(a_shipment(status="CANCELLED"), known=known))
    assert [(attempt.number, attempt.state) for attempt in record.attempts] == [(1, AttemptState.CANCELLED)]


def test_a_label_whose_announcement_failed_late_is_looked_at_again() -> None:
    found = poll_result(our_shipment(status="ANNOUNCEMENT_FAILED"), known=(bought(),))
    record = delivery_after(found)
    assert record.label is None
    assert record.open_attempt is not None
    assert found.todo == TODO


@pytest.mark.parametrize("status", ["CANCELLING", "SOMETHING_NEW", ""])
def test_what_is_not_surely_dead_is_live(status: str) -> None:
    record = delivery_after(poll_result(our_shipment(status=status), known=(bought(),)))
    assert record.label is not None
    assert shipment_record(our_shipment(status=status), DELIVERY).state == "live"


def test_a_live_shipment_beside_the_label_wakes_the_delivery() -> None:
    assert (
        poll_result(our_shipment(2), known=(bought(), shipment_record(our_shipment(), DELIVERY))).todo == TODO
    )


def test_one_made_by_hand_beside_the_label_does_too_even_when_all_is_written_back() -> None:
    done = bought().replace(writeback=WritebackRecord(done=True, shipment=ShipmentId("own-1")))
    known = (done, shipment_record(our_shipment(), DELIVERY))
    assert poll_result(a_shipment(), known=known).todo == TODO


def test_a_paid_shipment_of_a_delivery_that_is_not_remembered_wakes_it() -> None:
    assert poll_result(our_shipment()).todo == TODO


def test_the_rules_that_chose_a_label_stay_where_later_polls_tell_of_none() -> None:
    rule = RuleRecord(id="315157", name="Ship with PostNL for NL", option="postnl:standard")
    known = bought(rules=(rule,))

    label = delivery_after(poll_result(our_shipment(status="DELIVERED"), known=(known,))).label

    assert label is not None
    assert label.moved
    assert label.rules == (rule,)


@pytest.mark.parametrize(
    ("before", "status", "after"),
    [
        (Cancellation.NONE, "READY_TO_SEND", Cancellation.NONE),
        (Cancellation.NONE, "CANCELLING", Cancellation.UNDER_WAY),
        (Cancellation.UNDER_WAY, "CANCELLATION_FAILED", Cancellation.FAILED),
        (Cancellation.NONE, "CANCELLATION_FAILED", Cancellation.FAILED),
        (Cancellation.GIVEN_UP, "CANCELLATION_FAILED", Cancellation.GIVEN_UP),
        (Cancellation.GIVEN_UP, "CANCELLING_UPSTREAM", Cancellation.UNDER_WAY),
        (Cancellation.FAILED, "SORTED", Cancellation.NONE),
    ],
)
def test_how_it_stands_with_cancelling(before: Cancellation, status: str, after: Cancellation) -> None:
    label = a_label(cancellation=before)

    assert label_with(label, a_shipment(status=status)).cancellation is after
