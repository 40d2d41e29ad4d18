"""The shop that commands are run in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shop import Shop


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop after two runs, shared by the tests of a module: six labels, one that failed."""
    with Shop(tmp_path_factory.mktemp("busy")) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        yield shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A small shop, signed in, of which no run has seen anything."""
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []
