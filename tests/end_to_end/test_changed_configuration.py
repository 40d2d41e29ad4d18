"""A cure in the configuration counts from the next run on, as a correction in Exact does (S11)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.shop import AUTOMATIC, MANUAL, Shop

UNMAPPED = AUTOMATIC.replace('"PNL" = "postnl:standard"\n', "").replace(
    "[divisions.sandbox.labels.shipping_methods]",
    'unmapped_method = "hold"\n[divisions.sandbox.labels.shipping_methods]',
)


@contextmanager
def delivered(folder: Path, config: str, *orders: int) -> Iterator[Shop]:
    """A shop with this configuration, whose run has seen the deliveries of these orders."""
    with Shop(folder, config=config) as shop:
        shop.connect()
        shop.pass_time(minutes=5)
        for order in orders:
            shop.office.deliver(order)
        shop.run("sync")
        yield shop


@pytest.mark.parametrize("before", [UNMAPPED, MANUAL], ids=["a method that was not mapped", "labels by hand"])
def test_what_was_held_or_waited_goes_on_when_the_configuration_lets_it(tmp_path: Path, before: str) -> None:
    with delivered(tmp_path, before, 4711) as shop:
        assert shop.panel.labels() == []

        shop.configure(AUTOMATIC)
        told = shop.run("sync", "--dry-run").out
        shop.run("sync")

        assert "labels to buy, which cost money\n  delivery 20001 of 4711  " in told
        assert [label.order_number for label in shop.panel.labels()] == ["4711"]


def test_what_has_waited_does_not_get_past_the_limit_of_a_run(tmp_path: Path) -> None:
    with delivered(tmp_path, MANUAL, 4711, 4712) as shop:
        shop.configure(
            AUTOMATIC.replace("[divisions.sandbox.labels]\n", "[divisions.sandbox.labels]\nmax_per_run = 1\n")
        )

        assert shop.run("sync").status == 5
        assert shop.panel.labels() == []


def test_what_stands_among_the_incoming_orders_follows_too(tmp_path: Path) -> None:
    with delivered(tmp_path, MANUAL) as shop:
        shop.configure(MANUAL.replace('"PNL" = "postnl:standard"', '"PNL" = "dpd:home"'))

        assert "order 4711  sent to the incoming orders" in shop.run("sync").out


def test_orders_that_were_taken_for_collected_are_sent_and_their_deliveries_left_alone(
    tmp_path: Path,
) -> None:
    collected = AUTOMATIC.replace('"PNL" = "postnl:standard"', '"PNL" = "none"')
    with delivered(tmp_path, collected, 4711) as shop:
        shop.run("sync")
        shop.configure(AUTOMATIC)

        told = shop.run("sync").out
        shop.pass_time(minutes=25 * 60)
        told += shop.run("sync").out

        assert "order 4715  sent to the incoming orders" in told
        assert "20001" not in told
        assert shop.panel.labels() == []


def test_the_same_configuration_makes_no_further_calls(tmp_path: Path) -> None:
    with delivered(tmp_path, MANUAL, 4711) as shop:
        shop.run("sync")
        shop.pass_time(minutes=5)
        before = len(shop.sandbox.calls)
        shop.run("sync")
        idle = len(shop.sandbox.calls) - before

        shop.configure(f"{MANUAL}\n# a comment\n")
        shop.pass_time(minutes=5)
        shop.run("sync")

        assert len(shop.sandbox.calls) - before - idle <= idle
