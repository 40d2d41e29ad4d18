"""A service point that takes no parcels now holds the label, and is asked again by itself (T10)."""

from dataclasses import replace
from datetime import timedelta

from exactsend.sandbox.starting_worlds import SERVICE_POINT
from tests.end_to_end.shop import Shop

SOON = timedelta(minutes=5)


def set_available(shop: Shop, *, available: bool) -> None:
    world = shop.sandbox.world.sendcloud
    world.service_points = [replace(point, is_available=available) for point in world.service_points]


def test_a_point_that_takes_no_parcels_holds_the_label_and_becomes_no_home_delivery(small_shop: Shop) -> None:
    set_available(small_shop, available=False)
    delivery = small_shop.office.deliver(SERVICE_POINT)
    small_shop.run(after=SOON)

    assert small_shop.problem(delivery) == "service_point_unavailable"
    assert small_shop.paid() == 0


def test_a_point_that_takes_parcels_again_is_noticed_within_an_hour(small_shop: Shop) -> None:
    set_available(small_shop, available=False)
    delivery = small_shop.office.deliver(SERVICE_POINT)
    small_shop.run(after=SOON)
    set_available(small_shop, available=True)
    small_shop.run(after=timedelta(hours=1))

    assert small_shop.problem(delivery) == ""
    assert small_shop.office.tracking(delivery)
