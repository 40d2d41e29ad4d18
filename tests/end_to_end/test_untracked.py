"""Labels of shipping options that have no tracking: their number is left out of Exact, and that is asked seldom and told once (S12)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exactsend.engine.plan.actions import ActionKind
from tests.end_to_end.shop import Shop, outcomes

SOON = timedelta(minutes=5)
OPTIONS = "/api/v3/shipping-options"
STANDARD, HOME = "postnl:standard", "dpd:home"


def without_tracking(shop: Shop, *codes: str) -> None:
    options = shop.sandbox.world.sendcloud.accounts[0].options
    options[:] = [replace(option, is_tracked=option.code not in codes) for option in options]


def labelled(shop: Shop, *options: str) -> list[int]:
    """Deliveries whose labels somebody makes in the panel with these options."""
    orders = [shop.place() for _ in options]
    numbers = [shop.office.deliver(order) for order in orders]
    shop.run(after=SOON)
    for order, option in zip(orders, options, strict=True):
        shop.panel.make_label(str(order), option)
    return numbers


def asked(shop: Shop) -> int:
    return sum(call.path == OPTIONS for call in shop.sandbox.calls_since(shop.mark))


def test_what_is_not_tracked_is_told_once(manual_shop: Shop) -> None:
    without_tracking(manual_shop, STANDARD)
    (number,) = labelled(manual_shop, STANDARD)

    written = outcomes(manual_shop.run(after=SOON), ActionKind.WRITEBACK)
    again = outcomes(manual_shop.run(after=SOON), ActionKind.WRITEBACK)

    assert [(outcome.outcome, outcome.reason, outcome.tracking_numbers) for outcome in written] == [
        ("skipped", "not_tracked", ())
    ]
    assert again == []
    assert not manual_shop.office.tracking(number)
    label = manual_shop.record(number).label
    assert label is not None
    assert label.untracked
    assert len(manual_shop.office.attachments(number)) == 1


def test_each_option_is_asked_about_once_a_day(manual_shop: Shop) -> None:
    labelled(manual_shop, STANDARD, HOME, STANDARD)
    manual_shop.run(after=SOON)
    assert asked(manual_shop) == 2
    labelled(manual_shop, HOME)
    manual_shop.run(after=SOON)
    assert asked(manual_shop) == 0
    labelled(manual_shop, HOME)
    manual_shop.run(after=timedelta(days=1))
    assert asked(manual_shop) == 1


def test_what_was_told_before_the_purchase_is_not_asked_again(shop: Shop) -> None:
    without_tracking(shop, STANDARD)
    number = shop.office.deliver(shop.place())

    shop.run(after=SOON)

    assert asked(shop) == 1
    assert shop.paid() == 1
    assert shop.office.delivery(number)["TrackingNumber"] in {None, ""}


@pytest.mark.parametrize(("status", "again"), [(503, 1), (400, 0)])
def test_where_it_is_not_told_the_number_is_written(manual_shop: Shop, status: int, again: int) -> None:
    without_tracking(manual_shop, STANDARD)
    (number,) = labelled(manual_shop, STANDARD)
    manual_shop.sandbox.faults.answer_instead("POST", "/shipping-options", status=status, times=None)

    manual_shop.run(after=SOON)

    assert manual_shop.office.delivery(number)["TrackingNumber"]
    labelled(manual_shop, STANDARD)
    manual_shop.run(after=SOON)
    assert asked(manual_shop) == again


def test_a_label_without_tracking_takes_the_number_of_the_one_it_replaces_out_of_exact(shop: Shop) -> None:
    number = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert shop.office.delivery(number)["TrackingNumber"]
    without_tracking(shop, STANDARD)
    shop.panel.cancel_label(shipment_id=shop.lives_of(number)[0].shipment_id)

    shop.clock.advance(timedelta(days=1))
    shop.ask(number, another=2)

    assert len(shop.lives_of(number)) == 1
    assert shop.office.delivery(number)["TrackingNumber"] in {None, ""}
    assert not shop.office.delivery(number)["Remarks"]
