"""Which labels are written back now (S5, S12)."""

from datetime import timedelta

import pytest

from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord, ProblemRecord
from exactsend.plan.writebacks import plan_writebacks
from exactsend.sendcloud.models import Shipment
from tests.builders import NOW, a_label, a_policy, a_record, a_shipment, a_snapshot

PARCEL = a_shipment().parcels[0].id


def is_due(record: DeliveryRecord, *shipments: Shipment, attach: bool = True) -> bool:
    policy = a_policy(labels={"attach_to_delivery": attach})
    snapshot = a_snapshot(record, shipments=shipments or (a_shipment(),), policy=policy)
    return bool(plan_writebacks(snapshot).actions)


def waiting(minutes: int | None) -> dict[str, ProblemRecord]:
    next_try = None if minutes is None else NOW + timedelta(minutes=minutes)
    problem = ProblemRecord(
        stage="writeback",
        code=Code.WRITEBACK_FAILED,
        message="m",
        first_seen=NOW,
        last_tried=NOW,
        next_try=next_try,
    )
    return {"writeback": problem}


def written(**changes: object) -> dict[str, object]:
    return {"shipment": "s-1", "numbers": ("3Ss-1",), "attached": (PARCEL,), "done": True, **changes}


@pytest.mark.parametrize(
    ("record", "due"),
    [
        (a_record(), False),
        (a_record(label=a_label()), True),
        (a_record(label=a_label(), gone=True), False),
        (a_record(label=a_label(differs=True)), False),
        (a_record(label=a_label(differs=True, accepted=True)), True),
        (a_record(label=a_label(), writeback=written()), False),
        (a_record(label=a_label(), writeback=written(shipment="s-0")), True),
        (a_record(label=a_label(), writeback=written(attached=(), done=False)), True),
        (a_record(label=a_label(), problems=waiting(None)), False),
        (a_record(label=a_label(), problems=waiting(1)), False),
        (a_record(label=a_label(), problems=waiting(0)), True),
    ],
)
def test_when_a_label_is_written_back(record: DeliveryRecord, *, due: bool) -> None:
    assert is_due(record) is due


@pytest.mark.parametrize(
    "status",
    ["ANNOUNCING", "CANCELLING", "CANCELLING_UPSTREAM", "NO_LABEL", "CANCELLED", "ANNOUNCEMENT_FAILED"],
)
def test_what_is_not_tracked_is_not_written_back(status: str) -> None:
    assert not is_due(a_record(label=a_label()), a_shipment(status=status))


def test_a_label_that_was_not_read_in_this_run_is_left_for_the_next() -> None:
    assert not is_due(a_record(label=a_label("s-9")))


def test_without_attaching_the_number_alone_counts() -> None:
    assert not is_due(a_record(label=a_label(), writeback=written(attached=(), done=True)), attach=False)


def test_a_label_that_is_not_printed_yet_is_attached_later() -> None:
    record = a_record(label=a_label(), writeback=written(attached=(), done=False))
    (parcel,) = a_shipment().parcels
    unprinted = a_shipment().model_copy(update={"parcels": (parcel.model_copy(update={"documents": ()}),)})

    assert not is_due(record, unprinted)
    assert is_due(record, a_shipment())
