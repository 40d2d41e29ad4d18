"""What is decided about one delivery, case by case; and that something is decided about every one (S1 to S7, S14)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exactsend.domain.ids import Reference
from exactsend.domain.policy import ChecksPolicy
from exactsend.domain.preflight import OptionTerms, Preflight
from exactsend.domain.problems import Code
from exactsend.domain.records import AttemptState, DeliveryRecord, IncomingState, ProblemRecord
from exactsend.engine.plan.actions import AdoptShipment, BuyLabel, RecordDecision
from exactsend.engine.plan.consignments import consignment_of_delivery
from exactsend.engine.plan.labels import decide_delivery, plan_labels
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.engine.plan.preflight import OBJECTIONS
from exactsend.engine.snapshot import LabelRequested, Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.sendcloud.models import Shipment
from exactsend.trade.fingerprint import content_fingerprint, request_fingerprint
from tests.builders import (
    DELIVERY,
    NOW,
    OTHER_DELIVERY,
    WALL,
    a_delivery,
    a_label,
    a_policy,
    a_record,
    a_shipment,
    a_snapshot,
    an_attempt,
    an_entry,
    an_order,
    our_shipment,
    reference_of,
)
from tests.trade.builders import KEY, a_line


def decided(snapshot: Snapshot) -> tuple[str, str]:
    """The kind of action, and the reason where it is only remembered."""
    (delivery,) = snapshot.deliveries.values()
    action = decide_delivery(snapshot, delivery)
    return type(action).__name__, getattr(action, "reason", "")


def bought(snapshot: Snapshot) -> BuyLabel:
    action = decide_delivery(snapshot, next(iter(snapshot.deliveries.values())))
    assert isinstance(action, BuyLabel)
    return action


def failed(*, next_try: timedelta | None = None, same_request: bool = True) -> DeliveryRecord:
    """A delivery whose first attempt failed."""
    fingerprint = request_fingerprint(KEY, bought(a_snapshot()).request.body) if same_request else "another"
    problem = ProblemRecord(
        stage="label",
        code=Code.LABEL_FAILED,
        first_seen=NOW,
        last_tried=NOW,
        next_try=NOW + next_try if next_try is not None else None,
    )
    return a_record(
        attempts=(an_attempt(fingerprint=fingerprint, shipment="own-1"),), problems={"label": problem}
    )


# ── left alone ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [
        (a_delivery(created=WALL - timedelta(days=4)), "before_start_date"),
        (a_delivery(tracking_number="by hand"), "has_tracking_number"),
        (a_delivery(goods_delivery_lines=()), "order_unreadable"),
    ],
)
def test_what_is_none_of_our_business_is_left_alone(delivery: GoodsDelivery, reason: str) -> None:
    assert decided(a_snapshot(deliveries=[delivery])) == ("RecordDecision", reason)


def test_a_method_mapped_to_none_wins_over_everything() -> None:
    policy = a_policy(labels={"shipping_methods": {"PNL": "none"}})
    delivery = a_delivery(shipping_method_code="PNL")
    assert decided(a_snapshot(deliveries=[delivery], policy=policy)) == ("RecordDecision", "method_none")


def test_a_delivery_of_services_alone_has_no_goods() -> None:
    order = an_order(sales_order_lines=(a_line(order_id="x", quantity=2, use_drop_shipment=1),))
    assert decided(a_snapshot(orders=[order])) == ("RecordDecision", "no_goods")


def test_our_own_number_on_it_does_not_make_it_somebody_elses() -> None:
    record = a_record(writeback={"tracking": "3S1"}, attempts=(an_attempt(state=AttemptState.CANCELLED),))
    snapshot = a_snapshot(record, deliveries=[a_delivery(tracking_number="3S1")])
    assert decided(snapshot) == ("RecordDecision", "label_cancelled")


# ── by hand, automatic, asked for ────────────────────────────────────────────────────────────────


def test_by_hand_it_waits() -> None:
    assert decided(a_snapshot(policy=a_policy(automatic=False))) == ("RecordDecision", "waits_for_label")


def test_automatically_it_is_bought() -> None:
    action = bought(a_snapshot())
    assert action.request.body["external_reference_id"] == reference_of(1)
    assert action.request.body["order_number"] == "4711"


def test_a_person_may_ask_for_one_in_manual_mode() -> None:
    snapshot = a_snapshot(policy=a_policy(automatic=False), asked={DELIVERY: LabelRequested()})
    assert decided(snapshot)[0] == "BuyLabel"


def test_what_a_person_took_from_the_panel_is_not_bought_unless_asked() -> None:
    taken = an_entry(IncomingState.TAKEN_IN_PANEL)
    assert decided(a_snapshot(taken)) == ("RecordDecision", "taken_in_panel")
    assert decided(a_snapshot(taken, asked={DELIVERY: LabelRequested()}))[0] == "BuyLabel"


def test_a_part_bears_a_number_of_its_own() -> None:
    action = bought(a_snapshot(deliveries=[a_delivery(quantity=1)]))
    assert action.request.body["order_number"] == "4711/20001"
    assert action.record.incoming == f"exact-1234567-d-{DELIVERY}"


# ── lost answers ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", [AttemptState.INTENDED, AttemptState.UNKNOWN])
@pytest.mark.parametrize(
    ("minutes", "looked", "expected"),
    [
        (4, True, "RecordDecision"),
        (5, True, "BuyLabel"),
        (60, False, "RecordDecision"),
        (5, False, "RecordDecision"),
    ],
)
def test_an_open_purchase_waits_until_it_was_looked_up_and_has_settled(
    state: AttemptState, minutes: int, expected: str, *, looked: bool
) -> None:
    attempt = an_attempt(state=state, at=NOW - timedelta(minutes=minutes))
    references = {reference_of(1): None} if looked else {}
    assert decided(a_snapshot(a_record(attempts=(attempt,)), references=references))[0] == expected


def test_what_the_look_up_found_is_ours() -> None:
    record = a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN),))
    action = decide_delivery(a_snapshot(record, references={reference_of(1): our_shipment()}), a_delivery())
    assert isinstance(action, AdoptShipment)
    assert action.found_by_reference


def test_another_deliverys_reference_is_not_ours() -> None:
    other = our_shipment(delivery=OTHER_DELIVERY, order_number="9999")
    assert decided(a_snapshot(shipments=[other]))[0] == "BuyLabel"


# ── another attempt ──────────────────────────────────────────────────────────────────────────────


def test_a_failure_is_not_repeated_without_a_reason() -> None:
    assert decided(a_snapshot(failed())) == ("RecordDecision", "label_failed")


def test_a_changed_request_is_a_reason() -> None:
    assert decided(a_snapshot(failed(same_request=False)))[0] == "BuyLabel"


@pytest.mark.parametrize(("wait", "expected"), [(timedelta(0), "BuyLabel"), (timedelta(1), "RecordDecision")])
def test_a_passing_cause_is_one_when_its_pause_is_over(wait: timedelta, expected: str) -> None:
    assert decided(a_snapshot(failed(next_try=wait)))[0] == expected


def test_a_person_is_one() -> None:
    assert decided(a_snapshot(failed(), asked={DELIVERY: LabelRequested()}))[0] == "BuyLabel"


def test_a_changed_request_is_none_after_a_cancelled_label() -> None:
    record = a_record(attempts=(an_attempt(state=AttemptState.CANCELLED, fingerprint="another"),))
    assert decided(a_snapshot(record)) == ("RecordDecision", "label_cancelled")


@pytest.mark.parametrize("state", [AttemptState.NOT_SENT, AttemptState.REFUSED])
def test_what_never_became_a_shipment_uses_up_no_reference(state: AttemptState) -> None:
    action = bought(a_snapshot(a_record(attempts=(an_attempt(state=state),))))
    assert action.request.body["external_reference_id"] == reference_of(1)


# ── labels made by hand ──────────────────────────────────────────────────────────────────────────


def test_the_one_label_that_fits_is_adopted_in_both_modes() -> None:
    for policy in (a_policy(), a_policy(automatic=False)):
        assert decided(a_snapshot(shipments=[a_shipment()], policy=policy))[0] == "AdoptShipment"


def test_two_that_fit_are_held() -> None:
    snapshot = a_snapshot(shipments=[a_shipment("a"), a_shipment("b")])
    assert decided(snapshot) == ("RecordDecision", "label_ambiguous")


def test_a_label_owned_by_another_delivery_is_not_seen() -> None:
    theirs = (a_record(delivery_id=OTHER_DELIVERY), shipment_record(a_shipment(), OTHER_DELIVERY))
    snapshot = a_snapshot(*theirs, shipments=[a_shipment()])
    assert decided(snapshot)[0] == "BuyLabel"


def test_a_label_of_the_order_is_not_adopted_by_a_part() -> None:
    snapshot = a_snapshot(deliveries=[a_delivery(quantity=1)], shipments=[a_shipment()])
    assert decided(snapshot) == ("RecordDecision", "labelled_elsewhere")


# ── after the label ──────────────────────────────────────────────────────────────────────────────


def labelled(**label: object) -> DeliveryRecord:
    snapshot = a_snapshot()
    content = content_fingerprint(KEY, consignment_of_delivery(snapshot, a_delivery()))
    return a_record(label=a_label(**{"content": content, **label}))  # type: ignore[arg-type]  # fields


def test_a_label_that_fits_is_left_in_peace() -> None:
    assert decided(a_snapshot(labelled())) == ("RecordDecision", "labelled")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(approval_status=0), "cancelled_after_label"),
        (an_order(status=45), "cancelled_after_label"),
        (an_order(your_ref="changed"), "labelled"),
    ],
)
def test_what_becomes_of_the_order_afterwards_is_told(order: SalesOrder, reason: str) -> None:
    assert decided(a_snapshot(labelled(), orders=[order])) == ("RecordDecision", reason)


def test_another_quantity_is_told() -> None:
    snapshot = a_snapshot(labelled(), deliveries=[a_delivery(quantity=1)])
    assert decided(snapshot) == ("RecordDecision", "changed_after_label")


def test_two_live_labels_are_told_before_anything_else() -> None:
    own = [shipment_record(shipment, DELIVERY) for shipment in (a_shipment("s-1"), a_shipment("s-2"))]
    snapshot = a_snapshot(labelled(), *own, orders=[an_order(status=45)])
    assert decided(snapshot) == ("RecordDecision", "double_label")


def test_a_second_label_that_a_person_asked_for_is_none_too_many() -> None:
    own = [shipment_record(shipment, DELIVERY) for shipment in (a_shipment("s-1"), a_shipment("s-2"))]
    assert decided(a_snapshot(labelled(beside=("s-2",)), *own)) == ("RecordDecision", "labelled")


# ── gone ─────────────────────────────────────────────────────────────────────────────────────────


def gone(
    *records: DeliveryRecord, references: Mapping[Reference, Shipment | None] | None = None
) -> tuple[str, str]:
    snapshot = a_snapshot(
        *records, deliveries=[], gone_deliveries=frozenset({DELIVERY}), references=references or {}
    )
    (action,) = plan_labels(snapshot).actions
    return type(action).__name__, getattr(action, "reason", "")


def test_a_deleted_delivery_without_a_label_is_forgotten() -> None:
    assert gone(a_record()) == ("RecordDecision", "deleted")
    assert gone() == ("RecordDecision", "deleted")


def test_one_with_a_label_is_told() -> None:
    snapshot = a_snapshot(labelled(), deliveries=[], gone_deliveries=frozenset({DELIVERY}))
    (action,) = plan_labels(snapshot).actions
    assert isinstance(action, RecordDecision)
    assert action.problem is not None
    assert action.problem.code == "cancelled_after_label"


def test_a_label_that_a_person_has_given_to_another_is_not_taken_back_for_one_that_is_gone() -> None:
    label = our_shipment(1)
    given = shipment_record(label, OTHER_DELIVERY)
    snapshot = a_snapshot(
        a_record(), given, deliveries=[], gone_deliveries=frozenset({DELIVERY}), shipments=[label]
    )
    (action,) = plan_labels(snapshot).actions
    assert isinstance(action, RecordDecision)


def test_one_whose_purchase_is_open_is_looked_for() -> None:
    record = a_record(attempts=(an_attempt(state=AttemptState.UNKNOWN),))
    assert gone(record) == ("RecordDecision", "label_unknown")
    assert gone(record, references={reference_of(1): our_shipment()})[0] == "AdoptShipment"
    assert gone(record, references={reference_of(1): None}) == ("RecordDecision", "deleted")


# ── every delivery gets an answer ────────────────────────────────────────────────────────────────

texts = st.sampled_from(["", " ", "NL", "ZZ", "Kerkstraat 12", "x" * 300, "\x00", "é", "1017 GC"])
numbers = st.one_of(st.none(), st.integers(-5, 10_000).map(Decimal), st.just(Decimal("0.001")))
states = st.sampled_from(["READY_TO_SEND", "ANNOUNCEMENT_FAILED", "CANCELLED", "ANNOUNCING", "NEW_ONE", ""])


demanded = st.lists(
    st.sampled_from(["to_email", "to_telephone", "length", "width", "height", "to_fax"]),
    max_size=3,
    unique=True,
)
grams = st.sampled_from([None, Decimal(0), Decimal(1), Decimal("499.5"), Decimal(500), Decimal(23_001)])
terms = st.builds(
    OptionTerms,
    contract_id=st.sampled_from([None, 517, 518]),
    fields=demanded.map(tuple),
    needs_service_point=st.booleans(),
    min_grams=grams,
    max_grams=grams,
)
preflights = st.builds(
    Preflight,
    terms=st.dictionaries(
        st.sampled_from([f"postnl:standard {sender} NL" for sender in ("-", "NL")]),
        st.lists(terms, max_size=2).map(tuple),
    ),
    addresses=st.dictionaries(
        st.just(DELIVERY), st.lists(st.sampled_from([*OBJECTIONS, "NEW_ONE", ""]), max_size=2).map(tuple)
    ),
)
checks = st.fixed_dictionaries({name: st.booleans() for name in ChecksPolicy.model_fields})
warehouses = st.sampled_from([{}, {"1": 17}])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Orders, deliveries, memories and shipments in any mixture."""
    line = a_line(
        order_id="x",
        quantity=draw(numbers) or Decimal(0),
        quantity_delivered=draw(numbers),
        amount_fc=draw(numbers),
        use_drop_shipment=draw(st.sampled_from([None, 0, 1])),
    )
    order = an_order(
        status=draw(st.sampled_from([12, 20, 21, 45, 99])),
        approval_status=draw(st.sampled_from([None, 0, 1, 2])),
        sales_order_lines=draw(st.sampled_from([None, (), (line,)])),
        delivery_address=draw(st.sampled_from([None, "adr", "unknown"])),
        currency=draw(st.sampled_from(["EUR", "CHF", ""])),
    )
    delivery = a_delivery(
        quantity=draw(st.integers(-1, 3)),
        created=draw(st.sampled_from([None, WALL, WALL - timedelta(days=30)])),
        tracking_number=draw(st.sampled_from(["", "by hand"])),
        delivery_account=draw(st.sampled_from([None, "acc", "unknown"])),
        warehouse_code=draw(texts),
    )
    attempts = tuple(
        an_attempt(
            number, draw(st.sampled_from(list(AttemptState))), shipment=draw(st.sampled_from([None, "own-1"]))
        )
        for number in range(1, draw(st.integers(0, 3)) + 1)
    )
    record = a_record(
        attempts=attempts, label=draw(st.sampled_from([None, a_label(), a_label(differs=True)]))
    )
    known = draw(
        st.sampled_from([(), (record,), (record, an_entry(draw(st.sampled_from(list(IncomingState)))))])
    )
    shipments = [a_shipment(f"s-{n}", status=draw(states)) for n in range(draw(st.integers(0, 3)))]
    found = draw(st.sampled_from([None, our_shipment(status=draw(states))]))
    return a_snapshot(
        *known,
        orders=draw(st.sampled_from([[], [order]])),
        deliveries=[delivery],
        shipments=shipments,
        references=draw(st.sampled_from([{}, {reference_of(1): found}])),
        policy=a_policy(automatic=draw(st.booleans()), checks=draw(checks), warehouses=draw(warehouses)),
        preflight=draw(preflights),
        asked=draw(st.sampled_from([{}, {DELIVERY: LabelRequested()}, {DELIVERY: LabelRequested(2)}])),
        gone_deliveries=frozenset(draw(st.sampled_from([(), (OTHER_DELIVERY,)]))),
    )


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_every_delivery_gets_exactly_one_action_and_never_an_exception(snapshot: Snapshot) -> None:
    plan = plan_labels(snapshot)
    subjects = [action.subject.delivery_id for action in plan.actions]
    assert sorted(str(subject) for subject in subjects) == sorted(
        {*snapshot.deliveries, *snapshot.gone_deliveries}
    )


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_nothing_is_bought_in_manual_mode_unasked_or_beside_a_label_or_an_open_purchase(
    snapshot: Snapshot,
) -> None:
    record = snapshot.records.deliveries.get(DELIVERY)
    for action in plan_labels(snapshot).purchases:
        asked = snapshot.asked.get(DELIVERY)
        assert snapshot.policy.labels.create_automatically or asked
        another = asked is not None and asked.another is not None
        assert record is None or record.label is None or another
        if record is not None and record.open_attempt is not None and not another:
            assert snapshot.references.get(record.open_attempt.reference, "unasked") is None
        assert (
            not any(
                shipment.is_live and shipment.order_number == "4711"
                for shipment in snapshot.shipments.values()
            )
            or another
        )
        assert action.parcels == 1


def test_a_delivery_whose_age_is_not_known_is_not_bought_for() -> None:
    (action,) = plan_labels(a_snapshot(deliveries=[a_delivery(created=None, modified=None)])).actions

    assert isinstance(action, RecordDecision)
    assert action.reason == "record_unreadable"
