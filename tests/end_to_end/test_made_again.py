"""A delivery that is deleted after its label and made again gets no second one by itself, within the hour too (S2, S4)."""

from datetime import timedelta

import pytest

from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from tests.end_to_end.shop import Shop, outcomes

SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)
WHOLE, PART = None, {"MUG": 2.0}
PIECES = pytest.mark.parametrize("pieces", [WHOLE, PART], ids=["whole", "a part"])


def labelled(shop: Shop, pieces: dict[str, float] | None, *, quantity: float = 5) -> int:
    """A delivery of order 4711 with its label, written back."""
    number = shop.place(quantity=quantity)
    shop.run(after=SOON)
    delivery = shop.office.deliver(number, pieces)
    shop.run(after=SOON)
    assert shop.paid() == 1
    shop.run(after=timedelta(minutes=1))
    return delivery


@PIECES
def test_a_run_right_after_buys_nothing_and_tells_both(shop: Shop, pieces: dict[str, float] | None) -> None:
    first = labelled(shop, pieces)
    key = shop.delivery_id(first)
    shop.office.delete_delivery(first)
    again = shop.office.deliver(4711, pieces)

    run = shop.run(after=timedelta(minutes=1))

    assert shop.paid() == 1
    assert shop.problem(again) == "labelled_elsewhere"
    assert run.exit_status is ExitStatus.ATTENTION
    shop.run(after=timedelta(minutes=1))
    former = shop.records.delivery(key)
    assert former is not None
    assert former.problems["label"].code == "cancelled_after_label"
    for _ in range(3):
        shop.run(after=HOUR)
    assert shop.paid() == 1
    assert shop.problem(again) == "labelled_elsewhere"


@PIECES
def test_neither_does_a_person_who_asks_for_it(shop: Shop, pieces: dict[str, float] | None) -> None:
    shop.office.delete_delivery(labelled(shop, pieces))
    again = shop.office.deliver(4711, pieces)

    asked = shop.ask(again)

    assert {outcome.reason for outcome in outcomes(asked)} >= {"labelled_elsewhere"}
    assert shop.paid() == 1


@PIECES
def test_one_that_was_labelled_by_hand_counts_as_well(
    manual_shop: Shop, pieces: dict[str, float] | None
) -> None:
    shop = manual_shop
    shop.run(after=SOON)
    number = shop.place(quantity=5)
    shop.run(after=SOON)
    first = shop.office.deliver(number, pieces)
    shop.run(after=SOON)
    shop.panel.make_label("4711" if pieces is WHOLE else f"4711/{first}")
    shop.run(after=SOON)
    assert shop.record(first).label is not None
    shop.office.delete_delivery(first)
    again = shop.office.deliver(4711, pieces)

    shop.run(after=timedelta(minutes=1))
    shop.ask(again)

    assert shop.record(again).label is None
    assert shop.problem(again) == "labelled_elsewhere"
    assert shop.paid() == 1


def test_a_person_who_says_so_gets_one_all_the_same(shop: Shop) -> None:
    shop.office.delete_delivery(labelled(shop, PART))
    again = shop.office.deliver(4711, PART)
    shop.run(after=timedelta(minutes=1))
    assert shown(shop.record(again).problems["label"]).remedy.endswith("--another 1.")

    shop.ask(again, another=1)

    assert len(shop.lives_of(again)) == 1


def test_where_the_former_label_is_cancelled_the_next_run_buys(shop: Shop) -> None:
    first = labelled(shop, PART)
    (label,) = shop.lives_of(first)
    shop.office.delete_delivery(first)
    again = shop.office.deliver(4711, PART)
    shop.run(after=timedelta(minutes=1))

    shop.panel.cancel_label(shipment_id=label.shipment_id)
    shop.run(after=timedelta(minutes=20))

    assert len(shop.lives_of(again)) == 1


def test_two_parts_that_both_stand_get_a_label_each(shop: Shop) -> None:
    first = labelled(shop, PART)
    second = shop.office.deliver(4711)

    shop.run(after=timedelta(minutes=1))

    assert [len(shop.lives_of(number)) for number in (first, second)] == [1, 1]


def test_reading_the_siblings_takes_no_call_more(shop: Shop) -> None:
    labelled(shop, PART)
    mark = len(shop.sandbox.calls)
    shop.office.deliver(4711)
    shop.run(after=timedelta(minutes=1))
    with_sibling = [call for call in shop.sandbox.calls_since(mark) if call.path.endswith("GoodsDeliveries")]
    other = shop.place()
    shop.run(after=SOON)
    shop.office.deliver(other)
    mark = len(shop.sandbox.calls)
    shop.run(after=timedelta(minutes=1))
    without = [call for call in shop.sandbox.calls_since(mark) if call.path.endswith("GoodsDeliveries")]

    assert len(with_sibling) == len(without)
