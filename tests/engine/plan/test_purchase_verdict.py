"""The verdict of the last look before a purchase, case by case (S2, S4, S6, S7)."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from exactsend.domain.ids import ShipmentId, parse_reference
from exactsend.domain.records import AttemptState, DeliveryRecord, IncomingState
from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.engine.plan.purchase_verdict import Adopt, Buy, DoNotBuy, PurchaseEvidence, Verdict, judge
from exactsend.engine.snapshot import LabelRequested, Snapshot
from exactsend.sendcloud.models import SenderAddress, Shipment
from exactsend.trade.fingerprint import address_fingerprints
from tests.builders import (
    DELIVERY,
    NOW,
    ORDER,
    OTHER_DELIVERY,
    a_delivery,
    a_label,
    a_record,
    a_shipment,
    a_snapshot,
    an_attempt,
    an_entry,
    our_shipment,
    reference_of,
)
from tests.trade.builders import KEY

FAILED, CANCELLED = "ANNOUNCEMENT_FAILED", "CANCELLED"
SHOP = {"country_code": "NL", "postal_code": "3511 NK"}
DOOR = {"country_code": "NL", "postal_code": "1017 GC"}
OTHER_TOWN = {"country_code": "NL", "postal_code": "9999 ZZ", "city": "Elders"}
TRAITS = {
    "name": "Fatima El Amrani",
    "email": "f@shop.example",
    "phone_number": "+31612345678",
    "address_line_1": "Prinsengracht 263",
}


def planned(snapshot: Snapshot) -> BuyLabel:
    action = decide_delivery(snapshot, next(iter(snapshot.deliveries.values())))
    assert isinstance(action, BuyLabel)
    return action


def judged(snapshot: Snapshot, action: BuyLabel, look: PurchaseEvidence) -> Verdict:
    """The verdict. Of what the look has found, the ledger knows what it knew before."""
    found, records = (*look.attempts, *look.with_numbers), snapshot.records
    unknown = {ShipmentId(shipment.id): None for shipment in found}
    owners = {
        parsed[1]: None for shipment in found if (parsed := parse_reference(shipment.external_reference_id))
    }
    loaded = replace(
        records, shipments=unknown | {**records.shipments}, deliveries=owners | {**records.deliveries}
    )
    return judge(replace(snapshot, records=loaded), action, look)


def verdict(
    *with_numbers: Shipment,
    attempts: tuple[Shipment, ...] = (),
    ours: bool = True,
    record: DeliveryRecord | None = None,
    asked: LabelRequested | None = None,
    look: dict[str, object] | None = None,
    sender: SenderAddress | None = None,
) -> Verdict:
    snapshot = a_snapshot(*([record] if record else []), asked={DELIVERY: asked} if asked else {})
    if sender is not None:
        snapshot = replace(snapshot, senders={sender.id: sender})
    fields: dict[str, object] = {
        "delivery": a_delivery(),
        "attempts": attempts,
        "with_numbers": (*attempts, *with_numbers),
        "of_this_integration": frozenset(shipment.id for shipment in with_numbers) if ours else frozenset(),
    }
    return judged(snapshot, planned(snapshot), PurchaseEvidence(**{**fields, **(look or {})}))  # type: ignore[arg-type]  # its fields


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
        ({"vanished": (an_entry(IncomingState.TAKEN_IN_PANEL),)}, "taken_in_panel"),
    ],
)
def test_what_changed_in_exact_or_the_panel_stops_it(look: dict[str, object], reason: str) -> None:
    found = verdict(look=look)
    assert isinstance(found, DoNotBuy)
    assert found.reason == reason


def test_a_live_attempt_of_ours_is_taken_whatever_its_status_is_called() -> None:
    for status in ("READY_TO_SEND", "ANNOUNCING", "CANCELLING", "DELIVERED", "SOMETHING_NEW"):
        own = our_shipment(status=status)
        assert verdict(attempts=(own,)) == Adopt(own, found_by_reference=True)


def test_one_label_of_this_integration_to_this_address_is_taken() -> None:
    made = a_shipment()
    assert verdict(made) == Adopt(made, found_by_reference=False)


def test_two_labels_that_fit_hold_the_purchase() -> None:
    assert reason_of(verdict(a_shipment("a"), a_shipment("b"))) == "label_ambiguous"


def test_a_label_of_another_integration_holds_it() -> None:
    assert reason_of(verdict(a_shipment(), ours=False)) == "labelled_elsewhere"


def test_a_label_for_the_whole_order_holds_a_part() -> None:
    part = a_delivery(quantity=1)
    snapshot = a_snapshot(deliveries=[part])
    look = PurchaseEvidence(part, (), (a_shipment(),), frozenset({"s-1"}))
    assert reason_of(judged(snapshot, planned(snapshot), look)) == "labelled_elsewhere"


def reason_of(found: Verdict) -> str:
    assert isinstance(found, DoNotBuy)
    assert found.problem is not None
    return found.reason


@pytest.mark.parametrize(
    "other",
    [
        a_shipment(status=CANCELLED),
        a_shipment(status=FAILED),
        a_shipment(to_address=SHOP, from_address=DOOR),
        a_shipment(to_address=SHOP, from_address={"country_code": "BE", "postal_code": "2000"}),
    ],
)
def test_dead_labels_and_returns_stop_nothing(other: Shipment) -> None:
    assert isinstance(verdict(other), Buy)


@pytest.mark.parametrize(
    "other",
    [
        a_shipment(to_address={"country_code": "NL", "postal_code": "9999 ZZ"}),
        a_shipment(to_address={"country_code": "BE", "postal_code": "1017 GC"}),
        a_shipment(to_address={"country_code": "Nederland"}),
        a_shipment(to_address=SHOP),
        a_shipment(to_address=SHOP, from_address=SHOP),
        a_shipment(to_address=SHOP, from_address={**SHOP, "address_line_1": "Oudegracht"}),
        a_shipment(to_address=SHOP, from_address={**SHOP, "house_number": "231"}),
    ],
    ids=[
        "another postcode",
        "another country",
        "an unreadable one",
        "to the shop, nobody knows from where",
        "from shop to shop",
        "from the shop without its number",
        "from the shop without its street",
    ],
)
@pytest.mark.parametrize("ours", [True, False])
def test_an_address_alone_makes_no_label_somebody_elses(other: Shipment, *, ours: bool) -> None:
    sender = SenderAddress(
        id=17, country_code="NL", postal_code="3511 NK", address_line_1="Oudegracht", house_number="231"
    )
    assert reason_of(verdict(other, ours=ours, sender=sender)) == "labelled_elsewhere"


def test_both_towns_are_named() -> None:
    other = a_shipment(to_address={"country_code": "BE", "postal_code": "2000", "city": "Antwerpen"})
    found = verdict(other)
    assert isinstance(found, DoNotBuy)
    assert found.problem is not None
    assert "to Antwerpen (BE); Exact says Amsterdam (NL)" in shown(found.problem).message


@pytest.mark.parametrize("city", ["jan@shop.example", "0612345678", "https://x.example"])
def test_what_may_name_a_person_is_not_repeated_as_a_town(city: str) -> None:
    found = verdict(a_shipment(to_address={"country_code": "BE", "postal_code": "2000", "city": city}))
    assert isinstance(found, DoNotBuy)
    assert found.problem is not None
    assert city not in shown(found.problem).message


def corrected(**changes: object) -> Shipment:
    """A label made from the entry after it was seen, to another town."""
    parcel = {"id": 7, "status": {"code": "READY_TO_SEND"}, "announced_at": NOW.isoformat()}
    address = {**OTHER_TOWN, **TRAITS}
    fields = {"to_address": address, "parcels": [parcel], **changes}
    return a_shipment(**fields)  # type: ignore[arg-type]  # its fields


def with_entry(shipment: Shipment, **entry: object) -> Verdict:
    fields = {
        "stored_at": NOW - timedelta(hours=1),
        "recipient": address_fingerprints(KEY, corrected().to_address),
        **entry,
    }
    known = an_entry(**fields)  # type: ignore[arg-type]  # its fields
    snapshot = a_snapshot(a_record(), known)
    return judged(
        snapshot, planned(snapshot), PurchaseEvidence(a_delivery(), (), (shipment,), frozenset({shipment.id}))
    )


def test_a_label_made_from_the_entry_is_taken_wherever_it_goes() -> None:
    assert with_entry(corrected()) == Adopt(corrected(), found_by_reference=False)


@pytest.mark.parametrize("kept", ["name", "email", "phone_number", "address_line_1"])
def test_one_of_name_e_mail_phone_and_street_is_enough(kept: str) -> None:
    made = corrected(to_address={**OTHER_TOWN, kept: TRAITS[kept]})
    assert isinstance(with_entry(made), Adopt)


@pytest.mark.parametrize(
    ("made", "entry"),
    [
        (corrected(to_address=OTHER_TOWN), {}),
        (corrected(external_reference_id="another-tools"), {}),
        (corrected(order_number="4711-2"), {"number": "4711-2"}),
        (corrected(), {"stored_at": None}),
        (corrected(), {"stored_at": NOW + timedelta(seconds=1)}),
        (corrected(), {"recipient": {}}),
        (a_shipment(to_address={**OTHER_TOWN, **TRAITS}), {}),
    ],
    ids=[
        "nobody known",
        "a program's",
        "another number",
        "never seen",
        "seen later",
        "nothing to compare",
        "no moment",
    ],
)
def test_anything_less_sure_is_not_taken(made: Shipment, entry: dict[str, object]) -> None:
    assert not isinstance(with_entry(made, **entry), Adopt)


def test_a_label_of_another_divisions_delivery_stops_nothing() -> None:
    theirs = a_shipment(external_reference_id=f"exact-7654321-{OTHER_DELIVERY}-1")
    assert isinstance(verdict(theirs, ours=False), Buy)


def test_the_label_of_a_delivery_of_its_orders_that_is_gone_holds_it_whatever_number_it_bears() -> None:
    sibling = a_record(delivery_id=OTHER_DELIVERY, number=20002, label=a_label("s-9"))
    links = [(ORDER, DELIVERY), (ORDER, OTHER_DELIVERY)]
    snapshot = a_snapshot(a_record(), sibling, links=links)
    theirs = our_shipment(1, delivery=OTHER_DELIVERY, order_number="4711/20002")
    theirs = theirs.model_copy(update={"id": "s-9"})
    look = PurchaseEvidence(a_delivery(), (), (theirs,), frozenset({"s-9"}))
    assert isinstance(judged(snapshot, planned(snapshot), look), Buy)
    gone = replace(look, gone=frozenset({OTHER_DELIVERY}))
    assert reason_of(judged(snapshot, planned(snapshot), gone)) == "labelled_elsewhere"


def test_one_that_is_gone_and_whose_purchase_is_not_known_keeps_it_waiting() -> None:
    attempt = an_attempt(1, AttemptState.UNKNOWN)
    sibling = a_record(delivery_id=OTHER_DELIVERY, number=20002, attempts=(attempt,))
    links = [(ORDER, DELIVERY), (ORDER, OTHER_DELIVERY)]
    snapshot = a_snapshot(a_record(), sibling, links=links)
    look = PurchaseEvidence(a_delivery(), (), (), frozenset(), gone=frozenset({OTHER_DELIVERY}))
    found = judged(snapshot, planned(snapshot), look)
    assert isinstance(found, DoNotBuy)
    assert found.reason == "changed_meanwhile"


@pytest.mark.parametrize(("minutes", "bought"), [(0, False), (4, False), (5, True), (-60, False)])
def test_a_person_waits_until_a_look_up_has_had_time_to_find_a_label(minutes: int, *, bought: bool) -> None:
    gone = an_entry(IncomingState.TAKEN_IN_PANEL, missed_at=NOW - timedelta(minutes=minutes))
    found = verdict(asked=LabelRequested(), look={"vanished": (gone,)})
    assert isinstance(found, Buy) is bought
    assert bought or (isinstance(found, DoNotBuy) and not found.is_lasting)


def test_spaces_and_case_make_no_other_address() -> None:
    made = a_shipment(to_address={"country_code": "nl", "postal_code": "1017gc"})
    assert isinstance(verdict(made), Adopt)


def test_another_deliverys_label_is_never_taken() -> None:
    snapshot = a_snapshot(a_record(delivery_id=OTHER_DELIVERY), shipment_record(a_shipment(), OTHER_DELIVERY))
    look = PurchaseEvidence(a_delivery(), (), (a_shipment(),), frozenset({"s-1"}))
    assert isinstance(judged(snapshot, planned(snapshot), look), Buy)


def test_a_label_whose_reference_names_a_delivery_that_nobody_remembers_is_not_taken_and_not_passed_over() -> (
    None
):
    theirs = a_shipment(external_reference_id=reference_of(1, OTHER_DELIVERY))
    assert reason_of(verdict(theirs)) == "labelled_elsewhere"
    known = a_snapshot(a_record(delivery_id=OTHER_DELIVERY))
    look = PurchaseEvidence(a_delivery(), (), (theirs,), frozenset({"s-1"}))
    assert isinstance(judged(known, planned(known), look), Buy)


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
    assert verdict(attempts=(failed,)) == Adopt(failed, found_by_reference=True)


def test_after_a_cancelled_label_nothing_is_bought_unless_a_person_asks() -> None:
    cancelled = our_shipment(1, status=CANCELLED)
    found = verdict(attempts=(cancelled,))
    assert isinstance(found, DoNotBuy)
    assert found.reason == "label_cancelled"
    assert verdict(attempts=(cancelled,), asked=LabelRequested()) == Buy(2, reference_of(2))


@pytest.mark.parametrize(("another", "bought"), [(1, False), (2, True), (3, False)])
def test_another_label_is_bought_only_under_the_next_number(another: int, *, bought: bool) -> None:
    found = verdict(attempts=(our_shipment(1),), asked=LabelRequested(another))
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
            look={"vanished": (an_entry(IncomingState.TAKEN_IN_PANEL),) if gone else ()},
        )
        live = [row for row in (*attempts, *made) if row.is_live]
        if live or gone or own == CANCELLED:
            assert not isinstance(found, Buy), (own, other, ours, gone)


def test_the_settling_time_is_no_business_of_the_look() -> None:
    record = a_record(attempts=(an_attempt(1, AttemptState.NOT_SENT, at=NOW - timedelta(seconds=1)),))
    assert verdict(record=record) == Buy(1, reference_of(1))
