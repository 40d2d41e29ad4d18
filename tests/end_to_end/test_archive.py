"""Orders and deliveries that are long done leave the ledger's snapshot, and nothing of them is forgotten."""

import json
from datetime import timedelta

import pytest

from exactsend.ledger.verify import verify
from exactsend.readmodel.model import read_model
from tests.end_to_end.shop import START, Shop, told

MONTHS = timedelta(days=401)


@pytest.fixture
def old_shop(shop: Shop) -> Shop:
    """A shop whose only delivery was labelled and written back more than a year ago."""
    shop.office.deliver(shop.place())
    for _ in range(3):
        shop.run(after=timedelta(minutes=5))
    while shop.clock() - START < MONTHS:
        shop.run(after=timedelta(days=25))  # the sign-in lasts thirty
    return shop


def snapshot_sections(shop: Shop) -> dict[str, object]:
    document = json.loads((shop.wiring.folder(shop.division) / "ledger.json").read_bytes())
    sections: dict[str, object] = document["sections"]
    return sections


def test_what_is_long_done_is_no_longer_in_the_snapshot(old_shop: Shop) -> None:
    sections = snapshot_sections(old_shop)

    assert {name for name in sections if sections[name]} == {"cursors", "meta"}
    assert verify(old_shop.wiring.folder(old_shop.division)) == []


@pytest.mark.parametrize("number", ["4711", "20001"])
def test_it_is_still_explained_by_its_numbers(old_shop: Shop, number: str) -> None:
    model = read_model(old_shop.wiring, old_shop.division)
    found, raw = model.found(number), model.raw(number)

    assert found is not None
    assert [one.record.number for one in found.deliveries] == [20001]
    assert [one.record.number for one in found.orders] == [4711]
    assert {line.event for line in found.history} >= {"label_bought"}
    assert raw is not None
    assert ("shipments", str(old_shop.record(20001).label.shipment)) in raw.records  # type: ignore[union-attr]  # it has one


def test_a_delivery_that_turns_up_again_is_known_and_nothing_is_bought(old_shop: Shop) -> None:
    """Its number was taken out in Exact: the ledger alone says at once that it has a label."""
    old_shop.office.edit_delivery(20001, Description="filed", TrackingNumber="")

    run = old_shop.run(after=timedelta(minutes=5))

    assert old_shop.paid() == 1
    assert "label_buy" not in {kind for kind, _, _ in told(run)}
    assert old_shop.record(20001).label is not None


def test_a_shipment_of_an_archived_delivery_belongs_to_it_for_ever(old_shop: Shop) -> None:
    """S4: another delivery of the same order does not take it."""
    label = old_shop.record(20001).label
    assert label is not None

    owned = old_shop.memory.shipment(label.shipment)

    assert owned is not None
    assert owned.owner == old_shop.delivery_id(20001)
    assert [one.shipment for one in old_shop.memory.shipments_with_number("4711")] == [label.shipment]


def test_it_comes_back_when_it_changes_and_goes_again(old_shop: Shop) -> None:
    old_shop.office.edit_delivery(20001, TrackingNumber="")
    old_shop.run(after=timedelta(minutes=5))
    assert "20001" in json.dumps(snapshot_sections(old_shop))

    old_shop.run(after=timedelta(days=20))

    assert "20001" not in json.dumps(snapshot_sections(old_shop))
    assert verify(old_shop.wiring.folder(old_shop.division)) == []
