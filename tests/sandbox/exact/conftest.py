"""A small shop, fresh for every test, the app signed in."""

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from tests.sandbox.exact.shop import START, Exact


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def exact(clock: SettableClock) -> Exact:
    shop = Exact(starting_worlds.small_shop(clock), clock)
    shop.sign_in_again()
    return shop
