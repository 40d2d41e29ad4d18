"""Shops to run in, one for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.shop import MANUAL, Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with items and no orders that buys labels by itself; run once, so that it has begun."""
    with open_shop(tmp_path / "shop") as opened:
        opened.run()
        yield opened


@pytest.fixture
def manual_shop(tmp_path: Path) -> Iterator[Shop]:
    """The same, where labels are made by hand."""
    with open_shop(tmp_path / "manual", labels=MANUAL) as opened:
        opened.run()
        yield opened


@pytest.fixture
def small_shop(tmp_path: Path) -> Iterator[Shop]:
    """The ten orders of the demo, labels bought automatically; not run yet."""
    with open_shop(tmp_path / "small", small=True) as opened:
        yield opened
