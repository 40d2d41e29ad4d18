"""What changes in Exact after the label is told, with the fields that changed, within the hour (S14); and what was written is taken back."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.domain.records import ProblemRecord
from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from tests.end_to_end.shop import Shop, outcomes, told

SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def labelled(shop: Shop) -> int:
    """Delivery 20001 of order 4711, labelled and written back; nothing else is open."""
    shop.place()
    shop.run(after=SOON)
    delivery = shop.office.deliver(4711)
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert shop.office.tracking(delivery)
    return delivery


def account_of(shop: Shop) -> str:
    return shop.office.order(4711).text("DeliverTo")


CHANGES: dict[str, tuple[Callable[[Shop], object], str]] = {
    "street": (
        lambda shop: shop.office.correct_address(shop.address_of(4711), AddressLine1="Nieuwegracht 5"),
        "AddressLine1",
    ),
    "postcode and city": (
        lambda shop: shop.office.correct_address(shop.address_of(4711), Postcode="1011 AB", City="Amsterdam"),
        "Postcode, City",
    ),
    "name": (lambda shop: shop.office.correct_account(account_of(shop), Name="Jansen & Zn"), "Name"),
    "e-mail": (lambda shop: shop.office.correct_account(account_of(shop), Email="n@shop.example"), "Email"),
    "quantity": (
        lambda shop: shop.office.edit_delivery_line(20001, "MUG", QuantityDelivered=1),
        "QuantityDelivered",
    ),
}


def problem_of(shop: Shop, delivery: int) -> ProblemRecord | None:
    return shop.record(delivery).problems.get("label")


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_told_within_the_hour_with_the_fields_though_nothing_is_open(shop: Shop, change: str) -> None:
    delivery = labelled(shop)
    do, fields = CHANGES[change]
    do(shop)

    for _ in range(12):
        shop.run(after=SOON)

    found = problem_of(shop, delivery)
    assert found is not None
    assert found.code == "changed_after_label"
    assert f"after its label was made: {fields}; the label" in shown(found).message
    assert shown(found).field == fields.split(", ")[0]


@pytest.mark.parametrize(
    "do",
    [
        lambda shop: shop.office.cancel_order(4711),
        lambda shop: shop.office.unapprove_order(4711),
        lambda shop: shop.office.delete_order(4711),
        lambda shop: shop.office.delete_delivery(20001),
    ],
    ids=["order cancelled", "order unapproved", "order deleted", "delivery deleted"],
)
def test_that_it_is_not_to_go_is_told_within_the_hour(shop: Shop, do: Callable[[Shop], object]) -> None:
    delivery = shop.delivery_id(labelled(shop))
    do(shop)

    for _ in range(13):
        shop.run(after=SOON)

    record = shop.records.delivery(delivery)
    assert record is not None
    assert record.problems["label"].code == "cancelled_after_label"


def test_days_after_the_label_it_is_told_as_well_until_the_parcel_is_handed_over(shop: Shop) -> None:
    delivery = labelled(shop)
    for _ in range(6):
        shop.run(after=timedelta(days=1))
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Nieuwegracht 5")
    shop.run(after=HOUR)
    assert shop.problem(delivery) == "changed_after_label"


def test_of_a_parcel_on_its_way_nothing_is_asked(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.panel.set_status(shop.lives_of(delivery)[0], "EN_ROUTE_TO_SORTING_CENTER")
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Nieuwegracht 5")
    shop.run(after=HOUR)
    shop.run(after=HOUR)
    asked = {call.path.rpartition("/")[2] for call in shop.sandbox.calls_since(shop.mark)}
    assert shop.problem(delivery) == ""
    assert "Addresses" not in asked


# ── made by hand before the delivery ─────────────────────────────────────────────────────────────


def labelled_by_hand(shop: Shop) -> None:
    """Order 4711 has a label that somebody made in the panel, and is not delivered."""
    shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.panel.make_label("4711")
    shop.run(after=SOON)


def order_problem(shop: Shop) -> str:
    found = shop.order(4711).problem
    return str(found.code) if found else ""


@pytest.mark.parametrize(
    ("do", "code"),
    [
        (lambda shop: shop.office.cancel_order(4711), "cancelled_after_label"),
        (lambda shop: shop.office.unapprove_order(4711), "cancelled_after_label"),
        (lambda shop: shop.office.change_quantity(4711, "MUG", 7), "changed_after_label"),
        (CHANGES["street"][0], "changed_after_label"),
        (CHANGES["name"][0], "changed_after_label"),
    ],
    ids=["cancelled", "unapproved", "quantity", "street", "name"],
)
def test_an_order_whose_label_was_made_by_hand_is_told_of_too(
    manual_shop: Shop, do: Callable[[Shop], object], code: str
) -> None:
    labelled_by_hand(manual_shop)
    assert order_problem(manual_shop) == ""
    do(manual_shop)

    runs = [manual_shop.run(after=SOON) for _ in range(13)]

    assert order_problem(manual_shop) == code
    assert runs[-1].exit_status is ExitStatus.ATTENTION
    assert sum(bool(outcomes(run)) for run in runs) == 1
    assert manual_shop.paid() == 1


def test_one_that_is_deleted_is_told_of_too(manual_shop: Shop) -> None:
    labelled_by_hand(manual_shop)
    key = manual_shop.order(4711).order_id
    manual_shop.office.delete_order(4711)
    for _ in range(13):
        manual_shop.run(after=SOON)
    order = manual_shop.records.order(key)
    assert order is not None
    assert order.problem is not None
    assert order.problem.code == "cancelled_after_label"


def test_when_that_label_is_cancelled_nothing_is_wrong_any_more(manual_shop: Shop) -> None:
    labelled_by_hand(manual_shop)
    manual_shop.office.cancel_order(4711)
    manual_shop.run(after=SOON)
    manual_shop.panel.cancel_label("4711")
    manual_shop.run(after=SOON)
    assert order_problem(manual_shop) == ""


def test_what_nobody_closed_is_told_after_the_delivery_too(manual_shop: Shop) -> None:
    labelled_by_hand(manual_shop)
    manual_shop.office.change_quantity(4711, "MUG", 7)
    manual_shop.run(after=SOON)
    delivery = manual_shop.office.deliver(4711)
    for _ in range(3):
        manual_shop.run(after=SOON)
    assert manual_shop.record(delivery).label is not None
    assert order_problem(manual_shop) == "changed_after_label"


def test_a_part_that_is_delivered_makes_no_change_of_what_is_left(manual_shop: Shop) -> None:
    manual_shop.place(quantity=5)
    manual_shop.run(after=SOON)
    manual_shop.panel.make_label("4711")
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(4711, {"MUG": 2})
    manual_shop.run(after=SOON)
    assert order_problem(manual_shop) == ""


# ── taken back ───────────────────────────────────────────────────────────────────────────────────


def test_after_a_cancelled_label_its_number_and_line_are_taken_out_of_exact(shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    delivery = shop.office.deliver(4711, Remarks="Bel aan bij de buren")
    shop.run(after=SOON)
    shop.office.edit_delivery(delivery, Remarks=shop.office.remarks(delivery) + "\nNiet op vrijdag")
    shop.clock.advance(SOON)
    shop.panel.cancel_label("4711")

    run = shop.run(after=SOON)

    assert ("take_back", "done", "") in told(run)
    assert shop.office.tracking(delivery) == ""
    assert shop.office.remarks(delivery) == "Bel aan bij de buren\nNiet op vrijdag"
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.written == []
    shop.ask(delivery, another=2)
    assert shop.office.tracking(delivery) == shop.lives_of(delivery)[0].tracking_number
    assert shop.office.remarks(delivery).count("Track & trace") == 1


def test_what_a_person_typed_instead_stays(shop: Shop) -> None:
    delivery = labelled(shop)
    remarks = "mine\n" + shop.office.remarks(delivery)
    shop.office.edit_delivery(delivery, TrackingNumber="by hand", Remarks=remarks)
    shop.panel.cancel_label("4711")
    for _ in range(2):
        shop.run(after=SOON)
    assert shop.office.tracking(delivery) == "by hand"
    assert shop.office.remarks(delivery) == "mine"
    shop.run(after=SOON)
    assert shop.written == []


def test_where_exact_refuses_that_is_told_and_tried_again(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.panel.cancel_label("4711")
    shop.sandbox.faults.answer_instead("PUT", "GoodsDeliveries", status=400, text='{"error": {}}', times=1)
    shop.run(after=SOON)
    assert shop.problem(delivery, "writeback") == "writeback_refused"
    assert shop.office.tracking(delivery)
    shop.run(after=HOUR)
    assert shop.office.tracking(delivery) == ""
    assert shop.problem(delivery, "writeback") == ""


def test_a_cancellation_that_the_carrier_undoes_writes_it_again(shop: Shop) -> None:
    delivery = labelled(shop)
    cancelled = shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    assert shop.office.tracking(delivery) == ""
    shop.clock.advance(SOON)
    shop.panel.restore_label(cancelled)
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.office.tracking(delivery) == cancelled.tracking_number
    assert shop.office.remarks(delivery).count("Track & trace") == 1


# ── a ledger that was put back ───────────────────────────────────────────────────────────────────


def backed_up(shop: Shop) -> Path:
    kept = shop.process.state.parent / "back-up"
    shutil.copytree(shop.process.state / "1234567", kept)
    return kept


def put_back(shop: Shop, kept: Path) -> None:
    shutil.rmtree(shop.process.state / "1234567")
    shutil.copytree(kept, shop.process.state / "1234567")
    shop.restart()


def test_a_label_bought_after_the_back_up_is_ours_and_so_is_what_was_written(shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    kept = backed_up(shop)
    delivery = shop.office.deliver(4711)
    shop.run(after=SOON)
    remarks = shop.office.remarks(delivery)
    put_back(shop, kept)

    for _ in range(3):
        shop.run(after=SOON)

    record = shop.record(delivery)
    assert record.label is not None
    assert record.label.how == "found"
    assert record.writeback.tracking == shop.office.tracking(delivery)
    assert record.is_written_back
    assert shop.office.remarks(delivery) == remarks
    assert len(shop.office.attachments(delivery)) == len(shop.office.documents()) == 1
    assert shop.paid() == 1
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    assert shop.office.tracking(delivery) == ""


def test_one_that_replaced_another_after_the_back_up_is_ours_too(shop: Shop) -> None:
    delivery = labelled(shop)
    kept = backed_up(shop)
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.ask(delivery, another=2)
    put_back(shop, kept)

    for _ in range(3):
        shop.run(after=SOON)

    (label,) = shop.lives_of(delivery)
    record = shop.record(delivery)
    assert record.label is not None
    assert record.label.shipment == label.shipment_id
    assert shop.office.tracking(delivery) == label.tracking_number
    assert shop.problem(delivery) == ""


def test_one_made_by_hand_and_written_after_the_back_up_is_the_deliverys_again(manual_shop: Shop) -> None:
    manual_shop.place()
    manual_shop.run(after=SOON)
    kept = backed_up(manual_shop)
    delivery = manual_shop.office.deliver(4711)
    manual_shop.run(after=SOON)
    made = manual_shop.panel.make_label("4711")
    manual_shop.run(after=SOON)
    assert manual_shop.office.tracking(delivery) == made.tracking_number
    put_back(manual_shop, kept)

    for _ in range(3):
        manual_shop.run(after=SOON)

    record = manual_shop.record(delivery)
    assert record.label is not None
    assert record.writeback.tracking == made.tracking_number
    assert manual_shop.purchases == []
