"""Which labels are written back now (S5, S12)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord, ProblemRecord
from exactsend.engine.plan.actions import WriteBack
from exactsend.engine.plan.writebacks import options_to_know, plan_writebacks
from exactsend.sendcloud.models import Shipment, ShipWith
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


# ── options without tracking ─────────────────────────────────────────────────────────────────────


def going_with(option: str, *, number: str = "SCC1", status: str = "READY_TO_SEND") -> Shipment:
    shipment = a_shipment(status=status)
    (parcel,) = shipment.parcels
    ship_with = ShipWith.model_validate({"properties": {"shipping_option_code": option}})
    parcels = (parcel.model_copy(update={"tracking_number": number}),)
    return shipment.model_copy(update={"ship_with": ship_with, "parcels": parcels})


@pytest.mark.parametrize(
    ("option", "untracked"), [("sendcloud:letter", True), ("dpd:mailbox", True), ("dpd:home", False)]
)
def test_a_label_goes_by_what_is_known_of_its_option(option: str, *, untracked: bool) -> None:
    record = a_record(label=a_label())
    snapshot = replace(
        a_snapshot(record, shipments=(going_with(option),)), untracked=frozenset({"dpd:mailbox"})
    )

    (action,) = plan_writebacks(snapshot).actions

    assert isinstance(action, WriteBack)
    assert action.record.label is not None
    assert action.record.label.untracked is untracked


def test_an_untracked_label_is_due_without_a_number_and_done_without_one() -> None:
    unnumbered, label = going_with("sendcloud:letter", number=""), a_label(untracked=True)

    assert is_due(a_record(label=label), unnumbered)
    assert not is_due(a_record(label=label), going_with("sendcloud:letter", status="CANCELLING"))
    assert not is_due(a_record(label=label, writeback=written(numbers=())), unnumbered)
    assert not is_due(a_record(label=a_label()), going_with("dpd:home", number=""))


def test_only_options_that_are_not_known_are_asked_about() -> None:
    record = a_record(label=a_label())

    def asked(shipment: Shipment, known: DeliveryRecord = record) -> set[str]:
        return {*options_to_know(a_snapshot(known, shipments=(shipment,)))}

    assert asked(going_with("dpd:home")) == {"dpd:home"}
    assert asked(going_with("sendcloud:letter")) == set()
    assert asked(going_with("dpd:home", status="CANCELLED")) == set()
    assert asked(going_with("dpd:home"), a_record(label=a_label(), writeback=written())) == set()
