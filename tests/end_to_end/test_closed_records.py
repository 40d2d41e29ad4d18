"""Orders and deliveries that are long done leave the ledger's snapshot, and nothing of them is forgotten."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import ExitStatus
from exactsend.ledger import journal
from exactsend.ledger.verify import verify
from exactsend.views.data.ledger_queries import ledger_queries
from tests.end_to_end.shop import START, Shop, told

LONG_AGO = timedelta(days=60)


@pytest.fixture
def old_shop(shop: Shop) -> Shop:
    """A shop whose only delivery was labelled and written back weeks ago, in the year before."""
    shop.office.deliver(shop.place())
    for _ in range(3):
        shop.run(after=timedelta(minutes=5))
    while shop.clock() - START < LONG_AGO:
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
    model = ledger_queries(old_shop.wiring, old_shop.division)
    found, raw = model.search(number), model.raw_records(number)

    assert found is not None
    assert [delivery.record.number for delivery in found.deliveries] == [20001]
    assert [order.record.number for order in found.orders] == [4711]
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


DAMAGES: dict[str, Callable[[bytes, int], bytes]] = {
    "a byte": lambda content, last: (
        content[: last + 60] + bytes([content[last + 60] ^ 1]) + content[last + 61 :]
    ),
    "its end": lambda content, last: content[: last + 60],
    "all": lambda _content, _last: b"",
}


@pytest.fixture(params=DAMAGES)
def damaged_shop(old_shop: Shop, request: pytest.FixtureRequest) -> Shop:
    """The same where the history lost the delivery's last event, and the delivery turns up again without its number."""
    path = history_of(old_shop)
    key = ("deliveries", old_shop.delivery_id(20001))
    *_, last = (line.raw for line in journal.read(path) if journal.changes_any(line.event, [key]))
    content = path.read_bytes()
    path.write_bytes(DAMAGES[request.param](content, content.index(last)))
    old_shop.office.edit_delivery(20001, Description="filed", TrackingNumber="")
    return old_shop


def history_of(shop: Shop) -> Path:
    """The year in which the delivery was labelled."""
    return shop.wiring.folder(shop.division) / "history" / f"{START.year}.jsonl"


def forget_at_sendcloud(shop: Shop) -> None:
    """Sendcloud has the old shipments no more, by whatever they are asked for."""
    sendcloud = shop.sandbox.world.sendcloud
    for kept in (sendcloud._shipments, sendcloud._by_number, sendcloud._by_reference):
        kept.clear()


def test_where_the_history_is_damaged_all_others_are_labelled_and_written_back(damaged_shop: Shop) -> None:
    other = damaged_shop.office.deliver(damaged_shop.place())

    run = damaged_shop.run(after=timedelta(minutes=5))
    damaged_shop.run(after=timedelta(minutes=5))

    assert run.error is None
    assert damaged_shop.office.tracking(other)
    found = verify(damaged_shop.wiring.folder(damaged_shop.division))
    assert f"{history_of(damaged_shop).name} is damaged" in found[0].message


def test_what_sendcloud_knows_by_our_reference_is_the_label_whatever_the_ledger_lost(
    damaged_shop: Shop,
) -> None:
    damaged_shop.run(after=timedelta(minutes=5))

    assert damaged_shop.paid() == 1
    assert damaged_shop.office.tracking(20001)


def test_where_sendcloud_knows_nothing_either_only_that_purchase_waits_for_a_person(
    damaged_shop: Shop,
) -> None:
    forget_at_sendcloud(damaged_shop)
    other = damaged_shop.office.deliver(damaged_shop.place())

    for hours in (0, 5, 30):
        run = damaged_shop.run(after=timedelta(hours=hours, minutes=5))
        assert run.exit_status == ExitStatus.ATTENTION
        assert damaged_shop.problem(20001) == "record_damaged"
    assert damaged_shop.office.tracking(other)
    assert len(damaged_shop.panel.labels()) == 1

    damaged_shop.ask(20001)

    assert damaged_shop.problem(20001) == ""
    assert len(damaged_shop.panel.labels()) == 2


def test_a_shipment_of_a_delivery_that_is_long_done_belongs_to_it_for_ever(old_shop: Shop) -> None:
    """S4: another delivery of the same order does not take it."""
    label = old_shop.record(20001).label
    assert label is not None

    owned = old_shop.records.shipment(label.shipment)

    assert owned is not None
    assert owned.owner == old_shop.delivery_id(20001)
    assert [shipment.shipment for shipment in old_shop.records.shipments_with_number("4711")] == [
        label.shipment
    ]


def test_it_comes_back_when_it_changes_and_goes_again(old_shop: Shop) -> None:
    old_shop.office.edit_delivery(20001, TrackingNumber="")
    old_shop.run(after=timedelta(minutes=5))
    assert "20001" in json.dumps(snapshot_sections(old_shop))

    old_shop.run(after=timedelta(days=20))

    assert "20001" not in json.dumps(snapshot_sections(old_shop))
    assert verify(old_shop.wiring.folder(old_shop.division)) == []
