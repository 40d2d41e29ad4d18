"""The shops in which people ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A small shop, signed in, of which no run has seen anything."""
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []


@pytest.fixture
def night(shop: Shop) -> Shop:
    """The morning after: six labels were bought, the one of order 4715 failed."""
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")
    return shop
