"""Another Sendcloud account behind a division: refused, unless somebody says that it has moved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.sandbox import starting_worlds
from tests.cli.person import connects
from tests.shop import MANUAL, Shop

FORMER, OTHER = 7001, 7002


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose orders stand in Sendcloud, under the keys of the store."""
    with Shop(tmp_path) as shop:
        keys = [shop.env.pop(f"EXACTSEND_SENDCLOUD_{which}_KEY") for which in ("PUBLIC", "SECRET")]
        assert connects(shop, answers=keys).status == 0
        assert shop.run("sync").status == 0
        shop.pass_time(minutes=15)
        yield shop


def moves(shop: Shop, *argv: str, account: str = "sandbox2") -> int:
    """Connect with the keys of another account."""
    return connects(shop, *argv, answers=[f"{account}-public", f"{account}-secret"]).status


def incoming(shop: Shop, integration: int) -> set[str]:
    return {order.order_number for order in shop.panel.incoming(integration)}


def test_another_account_is_refused(shop: Shop) -> None:
    shop.env |= {
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "sandbox2-public",
        "EXACTSEND_SENDCLOUD_SECRET_KEY": "sandbox2-secret",
    }

    done = connects(shop)

    assert done.status == 3
    assert "Sendcloud integration 7002 instead of 7001" in done.err
    assert "exactsend connect --move" in done.err


def test_after_a_move_the_other_account_has_the_open_orders(shop: Shop) -> None:
    assert moves(shop, "--move") == 0

    assert shop.run("sync").status == 0
    assert incoming(shop, OTHER) == {"4711", "4712", "4713", "4714", "4715", "4716"}


def test_a_move_writes_nothing_on_either_side(shop: Shop) -> None:
    before = len(shop.sandbox.writes())

    moves(shop, "--move")

    assert len(shop.sandbox.writes()) == before
    assert len(incoming(shop, FORMER)) == 6


def test_after_a_move_no_delivery_gets_a_second_label(shop: Shop) -> None:
    shop.deliver_all()
    shop.run("sync")
    labelled = {label.tracking_number for label in shop.panel.labels()}
    shop.pass_time(minutes=15)
    moves(shop, "--move")

    shop.run("sync")

    assert {label.tracking_number for label in shop.panel.labels()} == labelled


def test_after_a_move_a_new_delivery_gets_its_label_from_the_other_account(shop: Shop) -> None:
    moves(shop, "--move")
    shop.run("sync")
    shop.pass_time(minutes=5)
    delivery = shop.office.deliver(starting_worlds.DOMESTIC)

    assert shop.run("sync").status == 0
    assert [label.integration_id for label in shop.panel.labels()] == [OTHER]
    assert shop.office.tracking(delivery)


def test_after_a_move_a_delivery_that_waits_for_its_label_waits_in_the_other_account(shop: Shop) -> None:
    shop.configure(MANUAL)
    shop.deliver_all()
    shop.run("sync")
    shop.pass_time(minutes=15)
    moves(shop, "--move")

    shop.run("sync")

    assert incoming(shop, OTHER) == incoming(shop, FORMER)


def test_after_a_move_a_label_that_failed_is_cured_in_the_other_account(shop: Shop) -> None:
    delivery = shop.office.deliver(starting_worlds.NO_HOUSE_NUMBER)
    assert shop.run("sync").status == 1
    shop.pass_time(minutes=15)
    moves(shop, "--move")
    address = shop.office.order(starting_worlds.NO_HOUSE_NUMBER).text("DeliveryAddress")
    shop.office.correct_address(address, AddressLine1="Dorpsstraat 12")

    assert shop.run("sync").status == 0
    assert shop.office.tracking(delivery)


def test_a_further_run_after_a_move_does_nothing(shop: Shop) -> None:
    moves(shop, "--move")
    shop.run("sync")
    before = len(shop.sandbox.writes())

    assert shop.run("sync").status == 0
    assert len(shop.sandbox.writes()) == before


def test_a_move_without_new_keys_keeps_the_present_ones(shop: Shop) -> None:
    assert connects(shop, "--move").status == 0

    assert shop.run("sync").status == 0
    assert incoming(shop, OTHER) == set()


def test_a_purchase_whose_outcome_is_not_known_keeps_a_division_from_moving(shop: Shop) -> None:
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.sandbox.faults.lose_call("POST", "/announce")
    assert shop.run("sync").status == 7
    shop.pass_time(minutes=15)

    done = connects(shop, "--move", answers=["sandbox2-public", "sandbox2-secret"])

    assert done.status == 3
    assert "only the previous account can tell" in done.err


def test_another_exact_can_not_be_moved_to(shop: Shop) -> None:
    shop.config_path.write_text(
        shop.config_path.read_text().replace("http://127.0.0.1", "http://localhost", 1)
    )

    done = connects(shop, "--move", answers=["sandbox2-public", "sandbox2-secret"])

    assert done.status == 3
    assert "only the Sendcloud account can be moved" in done.err
