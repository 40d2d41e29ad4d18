"""A proof that can't fail proves nothing: what is wrong in a shop is found, and counted as what it is."""

from pathlib import Path

import pytest

from tests.prove.invariants import check
from tests.prove.run import LOST, TWICE
from tests.prove.shop import Shop, free_port
from tests.prove.stages import one_delivery


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return one_delivery(tmp_path, free_port())


def delivery_of(shop: Shop) -> int:
    (delivery,) = shop.expected.labels
    return delivery


def test_a_shop_in_which_all_went_well_has_no_findings(shop: Shop) -> None:
    with shop.serving():
        shop.go_on()
        check(shop)

    assert shop.findings == []


def test_a_second_label_is_found(shop: Shop) -> None:
    with shop.serving() as services:
        shop.go_on()
        (label,) = services.panel.labels()
        to = {name: str(value) for name, value in label.to_address.items()}
        services.panel.make_label_elsewhere(label.order_number, 7001, to_address=to, option="postnl:standard")
        check(shop)

    assert shop.counts[TWICE] == 1


def test_a_delivery_without_a_label_is_found(shop: Shop) -> None:
    with shop.serving():
        check(shop)

    assert shop.counts[LOST] == 1


def test_remarks_written_twice_are_found(shop: Shop) -> None:
    with shop.serving() as services:
        shop.go_on()
        remarks = services.office.remarks(delivery_of(shop))
        services.office.edit_delivery(delivery_of(shop), Remarks=f"{remarks}\n{remarks}")
        check(shop)

    assert any("remarks" in finding for finding in shop.findings)


def test_a_label_attached_twice_is_found(shop: Shop) -> None:
    with shop.serving() as services:
        shop.go_on()
        services.office.link_document(delivery_of(shop), "another")
        check(shop)

    assert any("0 attached labels" in finding for finding in shop.findings)
    assert any("linked to no delivery" in finding for finding in shop.findings)


def test_an_entry_that_was_left_is_found(shop: Shop) -> None:
    with shop.serving():
        check(shop)

    assert any("incoming orders are" in finding for finding in shop.findings)


def test_a_damaged_ledger_is_found(shop: Shop) -> None:
    with shop.serving():
        shop.go_on()
        snapshot = shop.state / "1234567" / "ledger.json"
        snapshot.write_bytes(snapshot.read_bytes()[:-9])
        with pytest.raises(Exception, match="damaged"):
            check(shop)
