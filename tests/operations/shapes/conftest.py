"""The shop whose answers are looked at."""

from collections.abc import Iterator

import pytest

from tests.shop import Shop


@pytest.fixture(scope="package")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop after two runs, with labels, shared by all tests of this folder."""
    with Shop(tmp_path_factory.mktemp("grown")) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        yield shop
        assert shop.sandbox.crashes == []


@pytest.fixture
def shop(grown: Shop) -> Iterator[Shop]:
    """The same shop, in which each test finds everything as it should be. An hour later, nothing is refused of late."""
    grown.pass_time(minutes=61)
    yield grown
    grown.sandbox.world.altered.restore()
    grown.sandbox.world.exact.refusals.lift()
    grown.sandbox.faults.clear()
