"""Labels that were paid for and that nothing seems to have used."""

from datetime import datetime, timedelta

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord, ProblemRecord
from exactsend.views.data.unused_labels import MOVES_WITHIN, UnusedLabel, UnusedReason, unused_labels
from tests.builders import NOW, a_label, a_record
from tests.told_problems import a_told_problem


def unused(record: DeliveryRecord, *live: str, now: datetime = NOW) -> list[UnusedLabel]:
    """The unused labels of one delivery that owns these live shipments."""
    return [*unused_labels("acme", [record], lambda _: [ShipmentId(name) for name in live], now=now)]


def why(record: DeliveryRecord, *live: str, now: datetime = NOW) -> list[tuple[str, UnusedReason]]:
    return [(label.shipment, label.why) for label in unused(record, *live, now=now)]


def with_problem(record: DeliveryRecord, code: Code) -> DeliveryRecord:
    problem = ProblemRecord.seen("label", a_told_problem(code, "it says", remedy="do"), at=NOW, before=None)
    return record.with_problem(problem)


def test_a_label_whose_delivery_is_gone_is_not_used() -> None:
    (label,) = unused(a_record(gone=True, label=a_label("s-1")), "s-1")

    assert (label.delivery_number, label.shipment, label.why) == ("20001", "s-1", UnusedReason.DELIVERY_GONE)


def test_so_is_that_of_an_order_that_was_cancelled_after_it() -> None:
    record = with_problem(a_record(label=a_label("s-1")), Code.CANCELLED_AFTER_LABEL)

    assert why(record) == [("s-1", UnusedReason.DELIVERY_GONE)]


def test_one_of_a_delivery_that_changed_after_it_may_be() -> None:
    record = with_problem(a_record(label=a_label("s-1")), Code.CHANGED_AFTER_LABEL)

    assert why(record) == [("s-1", UnusedReason.CHANGED)]


def test_a_second_live_shipment_is_not_used_unless_a_person_asked_for_it() -> None:
    assert why(a_record(label=a_label("s-1")), "s-1", "s-2") == [("s-2", UnusedReason.SECOND_LABEL)]
    assert why(a_record(label=a_label("s-1", beside=("s-2",))), "s-1", "s-2") == []


def test_one_that_no_carrier_has_reported_for_three_days_seems_unused() -> None:
    made = a_label("s-1").at

    assert why(a_record(label=a_label("s-1")), now=made + MOVES_WITHIN - timedelta(seconds=1)) == []
    assert why(a_record(label=a_label("s-1")), now=made + MOVES_WITHIN) == [("s-1", UnusedReason.NOT_MOVED)]


def test_one_that_a_carrier_has_is_used_whatever_became_of_its_delivery() -> None:
    assert why(a_record(gone=True, label=a_label("s-1", moved=True)), "s-1", now=NOW + MOVES_WITHIN) == []
