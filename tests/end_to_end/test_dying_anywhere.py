"""A run that buys three labels dies at every single effect, before and after it; the next ones put everything right (S3)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.calls import Call
from tests.end_to_end.shop import Shop, open_shop

SETTLED = timedelta(minutes=6)


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Bomb:
    """Goes off at the n-th effect that it is told of."""

    def __init__(self, at: int, counts: Callable[[Call], bool] = lambda call: call.method != "GET") -> None:
        self.left = at
        self.counts = counts

    def call(self, when: str, call: Call) -> None:
        if self.counts(call):
            self.tick()
        del when

    def disk(self, effect: str) -> None:
        del effect
        self.tick()

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died


def three_deliveries(shop: Shop) -> list[int]:
    orders = [shop.place() for _ in range(3)]
    shop.run()
    return [shop.office.deliver(order) for order in orders]


def run_into(shop: Shop, bomb: Bomb, **taps: object) -> bool:
    """Whether the run died."""
    shop.tapped(**taps)
    try:
        shop.run(after=timedelta(minutes=5))
    except Died:
        return True
    finally:
        shop.restart()
    assert bomb.left > 0
    return False


def assert_all_is_right(shop: Shop, deliveries: list[int]) -> None:
    for _ in range(2):
        shop.run(after=SETTLED)
    assert shop.paid() == len(deliveries)
    for delivery in deliveries:
        (label,) = shop.lives_of(delivery)
        assert shop.office.tracking(delivery) == label.tracking_number
        assert shop.office.remarks(delivery).count("Track & trace") == 1
        assert len(shop.office.attachments(delivery)) == 1
    assert len(shop.office.documents()) == len(deliveries)
    assert shop.incoming() == []
    shop.run(after=SETTLED)
    assert shop.written == []


def die_at(folder: Path, first: int, step: int, *, on_disk: bool) -> int:
    """Die at effects ``first``, ``first + step``…, each in a shop of its own, until a run survives; how often it died."""
    for deaths, at in enumerate(range(first, 1000, step)):
        with open_shop(folder / str(at)) as shop:
            deliveries = three_deliveries(shop)
            bomb = Bomb(at)
            tap = {"disk_tap": bomb.disk} if on_disk else {"call_tap": bomb.call}
            died = run_into(shop, bomb, **tap)
            assert_all_is_right(shop, deliveries)
        if not died:
            return deaths
    raise AssertionError("the run never ended")


@pytest.mark.parametrize("first", range(1, 7))
def test_dying_before_and_after_any_call_that_writes(tmp_path: Path, first: int) -> None:
    assert die_at(tmp_path, first, 6, on_disk=False) >= 5


@pytest.mark.parametrize("first", range(1, 13))
def test_dying_at_any_effect_on_the_disk(tmp_path: Path, first: int) -> None:
    assert die_at(tmp_path, first, 12, on_disk=True) >= 5
