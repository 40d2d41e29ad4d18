"""A user who may not see records is shown empty lists: that is no proof that they are gone, and it is told."""

from datetime import timedelta

from exactsend.engine.sync import Step
from exactsend.errors import ExitStatus
from tests.end_to_end.shop import Shop

SOON = timedelta(minutes=5)


def shown_nothing_of(shop: Shop, path: str) -> None:
    exact = shop.sandbox.world.exact
    exact.behaviour.missing_right = "nothing"
    exact.user_rights.withhold(path)


def test_an_order_that_the_user_may_not_see_any_more_is_not_withdrawn(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.edit_order(number, YourRef="changed")
    shop.run(after=SOON, steps=(Step.DELIVERIES,))
    shown_nothing_of(shop, "salesorder/SalesOrders")
    run = shop.run(after=SOON)
    assert run.exit_status is ExitStatus.API
    assert "no right" in str(run.error)
    assert shop.incoming() == [str(number)]
    shop.sandbox.world.exact.user_rights.give_back()
    assert shop.run(after=timedelta(hours=1)).exit_status is ExitStatus.DONE
    assert shop.incoming() == [str(number)]


def test_a_label_is_not_taken_for_one_of_a_deleted_delivery(shop: Shop) -> None:
    delivery = shop.office.deliver(shop.place())
    shop.sandbox.faults.answer_instead("PUT", "GoodsDeliveries", status=502)
    shop.run(after=SOON)
    shown_nothing_of(shop, "salesorder/GoodsDeliveries")
    shop.run(after=timedelta(hours=1))
    assert not shop.record(delivery).gone
    shop.sandbox.world.exact.user_rights.give_back()
    shop.run(after=timedelta(hours=1))
    shop.run(after=timedelta(hours=1))
    assert shop.record(delivery).is_written_back


def test_that_nothing_can_be_seen_is_told_within_a_day(shop: Shop) -> None:
    shown_nothing_of(shop, "salesorder/GoodsDeliveries")
    shop.run(after=timedelta(days=1))
    (refused,) = shop.records.refused.questions.values()
    assert (refused.endpoint, refused.status) == ("salesorder/GoodsDeliveries", 403)
