"""The ledger's labels beside Sendcloud's shipments."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.sendcloud.models import Shipment
from exactsend.views.data.reconciliation import (
    LedgerSide,
    Reconciliation,
    StateThere,
    reconcile,
    unlisted_labels,
)
from tests.builders import DELIVERY, NOW, OTHER_DELIVERY, a_label, a_record, a_shipment

SINCE = NOW - timedelta(days=30)
HOME = {"country_code": "NL", "postal_code": "2511 BT"}


def books(*records: DeliveryRecord, **changes: Any) -> LedgerSide:  # noqa: ANN401 - any field
    given: dict[str, Any] = {
        "division": "acme",
        "since": SINCE,
        "deliveries": {record.delivery_id: record for record in records},
        "owners": {},
        "live_shipments": {
            record.delivery_id: (record.label.shipment,) for record in records if record.label
        },
    }
    return LedgerSide(**{**given, **changes})


def compared(
    books: LedgerSide, *walked: Shipment, answers: Mapping[str, Shipment | None] | None = None
) -> Reconciliation:
    seen = {ShipmentId(shipment.id): shipment for shipment in walked}
    asked = {ShipmentId(key): found for key, found in (answers or {}).items()}
    return reconcile(books, seen, {**seen, **asked})


def kinds(came_to: Reconciliation) -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.shipment) for finding in came_to.findings]


OWNED = {ShipmentId("s-1"): DELIVERY}


def test_a_label_on_both_sides_is_as_it_should_be() -> None:
    assert compared(books(a_record(label=a_label()), owners=OWNED), a_shipment()) == Reconciliation()


def test_a_second_live_shipment_of_a_delivery_is_one_too_many() -> None:
    owners = {**OWNED, ShipmentId("s-0"): DELIVERY}
    two = a_shipment(), a_shipment("s-0")

    assert kinds(compared(books(a_record(label=a_label()), owners=owners), *two)) == [("double_label", "s-0")]
    asked_for = a_record(label=a_label(beside=("s-0",)))
    assert kinds(compared(books(asked_for, owners=owners), *two)) == []


def test_one_that_the_ledger_knows_and_the_walk_did_not_show_counts_too() -> None:
    ledger = books(a_record(label=a_label()), owners=OWNED, live_shipments={DELIVERY: ("s-1", "s-0")})

    assert kinds(compared(ledger, a_shipment())) == [("double_label", "s-0")]


def test_of_two_without_a_label_one_is_too_many() -> None:
    owners = {**OWNED, ShipmentId("s-0"): DELIVERY}

    assert kinds(compared(books(a_record(), owners=owners), a_shipment(), a_shipment("s-0"))) == [
        ("double_label", "s-1")
    ]


def test_a_label_that_is_cancelled_makes_no_second_one() -> None:
    owners = {**OWNED, ShipmentId("s-0"): DELIVERY}
    came_to = compared(
        books(a_record(label=a_label()), owners=owners),
        a_shipment(status="CANCELLED"),
        a_shipment("s-0"),
    )

    assert kinds(came_to) == [("unknown_there", "s-1")]
    assert came_to.findings[0].state is StateThere.CANCELLED


def test_one_of_nobody_under_its_number_and_to_its_door_is_a_second_one() -> None:
    duplicate = a_shipment("s-2", to_address={"country_code": "nl", "postal_code": "1017gc"})

    assert kinds(compared(books(a_record(label=a_label()), owners=OWNED), a_shipment(), duplicate)) == [
        ("double_label", "s-2")
    ]


def test_so_it_is_where_the_label_itself_is_older_than_the_walk() -> None:
    ledger = books(a_record(label=a_label(at=SINCE - timedelta(days=1))))
    duplicate = a_shipment("s-2")

    assert unlisted_labels(ledger, {ShipmentId("s-2"): duplicate}) == ("s-1",)
    assert kinds(compared(ledger, duplicate, answers={"s-1": a_shipment()})) == [("double_label", "s-2")]


def test_one_back_to_the_shop_is_a_return() -> None:
    label = a_shipment(from_address=HOME)
    back = a_shipment("s-2", to_address=HOME, from_address={"country_code": "NL", "postal_code": "1017 GC"})

    assert kinds(compared(books(a_record(label=a_label()), owners=OWNED), label, back)) == []


def test_one_of_nobody_is_unknown_here_unless_a_run_waits_for_its_number() -> None:
    stranger = a_shipment(order_number="77")

    assert kinds(compared(books(), stranger)) == [("unknown_here", "s-1")]
    waiting = compared(books(awaiting_label=frozenset({"77"})), stranger)
    assert (kinds(waiting), [awaited.shipment for awaited in waiting.awaited]) == ([], ["s-1"])


def test_one_of_a_delivery_that_is_forgotten_is_unknown_here_whatever_waits() -> None:
    ledger = books(owners={ShipmentId("s-1"): OTHER_DELIVERY}, awaiting_label=frozenset({"4711"}))

    assert kinds(compared(ledger, a_shipment())) == [("unknown_here", "s-1")]


def test_what_a_probe_made_and_what_is_not_live_is_no_stranger() -> None:
    assert kinds(compared(books(probe_shipments=frozenset({ShipmentId("s-1")})), a_shipment())) == []
    assert kinds(compared(books(), a_shipment(status="ANNOUNCEMENT_FAILED"))) == []


def test_a_label_that_is_not_there_is_told_and_one_that_is_not_answered_is_not() -> None:
    ledger = books(a_record(label=a_label()))

    absent = compared(ledger, answers={"s-1": None})
    assert [(finding.kind.value, finding.state) for finding in absent.findings] == [
        ("unknown_there", StateThere.ABSENT)
    ]
    unanswered = compared(ledger)
    assert (unanswered.findings, unanswered.unanswered) == ((), ("s-1",))
    assert compared(ledger, answers={"s-1": a_shipment()}) == Reconciliation()


def test_labels_made_before_are_not_asked_for() -> None:
    old = books(a_record(label=a_label(at=SINCE - timedelta(seconds=1))))

    assert unlisted_labels(old, {}) == ()
