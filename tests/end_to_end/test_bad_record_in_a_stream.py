"""A record at which whole listings fail, streams too: the others are found all the same."""

from datetime import timedelta

from tests.end_to_end.shop import Shop

SOON = timedelta(minutes=5)


def deliver(shop: Shop, after: timedelta) -> int:
    shop.clock.advance(after)
    return shop.office.deliver(shop.place())


def test_a_delivery_at_which_stream_and_listing_fail_keeps_no_other_waiting(shop: Shop) -> None:
    shop.run(after=SOON)
    before = deliver(shop, timedelta(seconds=10))
    bad = deliver(shop, timedelta(seconds=10))
    after = deliver(shop, timedelta(seconds=10))
    exact = shop.sandbox.world.exact
    exact.refusals.refuse("*", key=shop.delivery_id(bad), status=500, sentence="Invalid: Warehouse []")
    shop.run(after=SOON)
    assert [len(shop.lives_of(number)) for number in (before, bad, after)] == [1, 0, 1]
    later = deliver(shop, SOON)
    shop.run(after=SOON)
    assert shop.office.tracking(later)
    assert any("?Modified" in key for key in shop.records.refused.questions)
    exact.refusals.lift()
    shop.run(after=timedelta(hours=1))
    shop.run(after=SOON)
    assert [len(shop.lives_of(number)) for number in (before, bad, after, later)] == [1, 1, 1, 1]


def test_the_second_in_which_it_was_changed_is_not_looked_for_in_each_run(shop: Shop) -> None:
    shop.run(after=SOON)
    bad = deliver(shop, timedelta(seconds=10))
    shop.sandbox.world.exact.refusals.refuse(
        "*", key=shop.delivery_id(bad), status=500, sentence="Invalid: Warehouse []"
    )
    shop.run(after=SOON)
    assert shop.run(after=SOON).calls["exact"] <= 12
