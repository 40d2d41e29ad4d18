"""What becomes of a purchase whose answer was lost, once it was looked up and has settled (S3): no attempt stays open for ever."""

from datetime import timedelta

import pytest

from exactsend.domain.records import AttemptState, DeliveryRecord
from exactsend.engine.plan.actions import Action, RecordDecision
from exactsend.engine.plan.gone_deliveries import is_settled
from exactsend.engine.plan.labels import decide_delivery
from exactsend.sendcloud.models import Shipment
from tests.builders import (
    NOW,
    a_delivery,
    a_label,
    a_policy,
    a_record,
    a_shipment,
    a_snapshot,
    an_attempt,
    our_shipment,
    reference_of,
)

LOST = an_attempt(state=AttemptState.UNKNOWN)


def remembered(action: Action) -> DeliveryRecord:
    assert isinstance(action, RecordDecision)
    (record,) = (candidate for candidate in action.records if isinstance(candidate, DeliveryRecord))
    return record


def test_what_was_not_looked_up_is_open_however_long_ago_it_was() -> None:
    record = a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN, at=NOW - timedelta(days=9)),))

    assert not is_settled(a_snapshot(record, references={}), record)
    assert is_settled(a_snapshot(record, references={reference_of(1): None}), record)


def test_an_attempt_that_lies_ahead_waits_from_when_that_is_noticed() -> None:
    tomorrow = NOW + timedelta(days=1)
    ahead = a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN, at=tomorrow),))

    record = remembered(decide_delivery(a_snapshot(ahead, references={reference_of(1): None}), a_delivery()))

    assert record.open_attempt is not None
    assert (record.open_attempt.at, record.open_attempt.noticed) == (tomorrow, NOW)
    settled = timedelta(minutes=5)
    assert record.open_attempt.age(NOW) == timedelta(0)
    assert record.open_attempt.age(NOW + settled) == settled


def test_an_attempt_of_this_very_run_is_no_sign_of_a_wrong_clock() -> None:
    soon = NOW + timedelta(minutes=3)
    recent = a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN, at=soon),))

    record = remembered(decide_delivery(a_snapshot(recent, references={reference_of(1): None}), a_delivery()))

    assert record.attempts == recent.attempts


def test_by_hand_it_waits_for_a_label_again() -> None:
    snapshot = a_snapshot(
        a_record(attempts=(LOST,)), policy=a_policy(automatic=False), references={reference_of(1): None}
    )
    record = remembered(decide_delivery(snapshot, a_delivery()))
    assert record.open_attempt is None
    assert record.attempts[0].state is AttemptState.NOT_SENT


def test_held_for_another_reason_it_is_closed_all_the_same() -> None:
    elsewhere = (a_shipment("one"), a_shipment("other"))
    snapshot = a_snapshot(a_record(attempts=(LOST,)), shipments=elsewhere, references={reference_of(1): None})
    assert remembered(decide_delivery(snapshot, a_delivery())).open_attempt is None


@pytest.mark.parametrize(
    ("found", "state"),
    [(None, AttemptState.NOT_SENT), (our_shipment(attempt=2), AttemptState.LIVE)],
    ids=["not made", "made"],
)
def test_beside_a_label_it_becomes_what_was_found(found: Shipment | None, state: AttemptState) -> None:
    lost = an_attempt(2, AttemptState.UNKNOWN)
    record = a_record(attempts=(lost,), label=a_label())
    snapshot = a_snapshot(record, references={reference_of(2): found})
    assert remembered(decide_delivery(snapshot, a_delivery())).attempts[0].state is state
