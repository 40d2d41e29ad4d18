"""The shop, fresh for every test."""

import pytest

from tests.sandbox.sendcloud.shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()
