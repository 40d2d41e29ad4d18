"""How many calls a run takes, counted by the sandbox: few, and no more in a large division than in a small one."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import unquote

import pytest

from exactsend.exact.models import Stream
from exactsend.sandbox.large_world import large, place_open_orders
from tests.end_to_end.shop import Shop, open_shop

SOON = timedelta(minutes=5)
WATCH = timedelta(minutes=20)
HOUR = timedelta(hours=1)
READ_WHOLE = 5
"""Orders, accounts, contacts, addresses and items: fifteen of each in a call."""


def spent(shop: Shop) -> Counter[str]:
    """The calls of the last run, by service; "token" apart."""
    calls = shop.sandbox.calls_since(shop.mark)
    return Counter("token" if "oauth2" in call.path else call.api for call in calls)


def in_a_run(shop: Shop, after: timedelta = SOON) -> Counter[str]:
    shop.run(after=after)
    return spent(shop)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Counter[str]]]:
    """A division with 8,000 accounts, 10,000 addresses, 6,000 contacts, 2,000 items and 20,000 old orders; its 1,000 open orders pushed."""
    folder = tmp_path_factory.mktemp("large")
    with open_shop(folder, world=partial(large, open_orders=1_000)) as shop:
        yield shop, in_a_run(shop)


@pytest.fixture
def large_shop(first_run: tuple[Shop, Counter[str]]) -> Shop:
    """The same, all of it stored, nothing to do, every stream begun, and what is done hourly done just now."""
    shop, _ = first_run
    known = shop.records.cursor(Stream.DELIVERY_LINES)
    if known is None or not known.position:
        begin_streams(shop)
    shop.run(after=HOUR)
    shop.run(after=SOON)
    return shop


def begin_streams(shop: Shop) -> None:
    """Something changes in each of them for the first time; those of accounts and the like are walked to their ends."""
    for table in ("SalesOrders", "SalesOrderLines", "GoodsDeliveries", "GoodsDeliveryLines"):
        rows = shop.office.division.table(table)
        shop.office.division.touch(table, next(iter(rows)))
    for _ in range(6):
        shop.run(after=WATCH)


def test_the_first_sync_of_a_thousand_orders(first_run: tuple[Shop, Counter[str]]) -> None:
    shop, calls = first_run

    assert len(shop.incoming()) == 1_000
    assert calls["exact"] <= 40
    assert calls["sendcloud"] <= 15


def test_every_line_of_a_thousand_orders_is_sent(first_run: tuple[Shop, Counter[str]]) -> None:
    shop, _ = first_run
    ordered = {
        str(row["OrderNumber"]): sorted(
            line.amount("Quantity") for line in shop.office.order_lines(row.number("OrderNumber"))
        )
        for row in shop.office.division.table("SalesOrders")
    }

    for order in shop.panel.incoming():
        assert sorted(order.quantities.values()) == ordered[order.order_number]


def test_nothing_new(large_shop: Shop) -> None:
    calls = in_a_run(large_shop)

    assert calls["exact"] == 4
    assert calls["sendcloud"] <= 2


def test_watching_what_open_orders_rest_on_takes_four_calls_in_fifteen_minutes(large_shop: Shop) -> None:
    assert in_a_run(large_shop)["exact"] == 4
    assert in_a_run(large_shop, WATCH)["exact"] == 8


def test_one_order_changed(large_shop: Shop) -> None:
    change(large_shop, 1)

    assert in_a_run(large_shop)["exact"] <= 4 + READ_WHOLE


def test_fifteen_orders_changed(large_shop: Shop) -> None:
    change(large_shop, 15)

    assert in_a_run(large_shop)["exact"] <= 4 + READ_WHOLE + 1  # thirty items


def change(shop: Shop, orders: int) -> None:
    for order in shop.panel.incoming()[:orders]:
        number = int(order.order_number)
        line = shop.office.order_lines(number)[0]
        shop.office.edit_order_line(
            number, line.text("ItemCode") or item_code(shop, number), Quantity=line.amount("Quantity") + 1
        )


def item_code(shop: Shop, number: int) -> str:
    item = shop.office.division.table("Items").get(shop.office.order_lines(number)[0]["Item"])
    assert item is not None
    return item.text("Code")


def deliver(shop: Shop, orders: int) -> list[int]:
    numbers = sorted(int(order.order_number) for order in shop.panel.incoming())[:orders]
    return [shop.office.deliver(number) for number in numbers]


def test_one_delivery_with_its_label_attached(large_shop: Shop) -> None:
    (delivery,) = deliver(large_shop, 1)

    calls = in_a_run(large_shop)

    assert large_shop.office.delivery(delivery).text("TrackingNumber")
    assert calls["exact"] <= 15


def test_fifty_deliveries_take_few_calls_each_and_wait_for_none_of_sendclouds_writes(
    large_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    deliveries = deliver(large_shop, 50)
    caplog.set_level("DEBUG", "exactsend.http.transport")

    calls = in_a_run(large_shop)

    assert all(large_shop.office.delivery(delivery).text("TrackingNumber") for delivery in deliveries)
    assert calls["exact"] <= 50 * 3.5
    assert calls["sendcloud"] <= 50 * 6 + 5
    assert len([call for call in large_shop.writes if call.api == "sendcloud"]) == 50 * 2
    waits = [record.__dict__ for record in caplog.records if record.__dict__.get("event") == "wait"]
    assert {row["named"]["api"] for row in waits} == {"Exact"}


def test_the_echo_of_what_was_written_is_no_work(large_shop: Shop) -> None:
    deliver(large_shop, 1)
    large_shop.run(after=SOON)

    calls = in_a_run(large_shop, timedelta(minutes=1))

    assert calls["exact"] == 4
    assert large_shop.writes == []


def test_the_first_run_of_a_day_reads_no_delivery_again_that_says_what_it_said(large_shop: Shop) -> None:
    deliver(large_shop, 3)
    large_shop.run(after=SOON)
    large_shop.run(after=timedelta(days=1))
    large_shop.run(after=timedelta(days=1))
    large_shop.run(after=timedelta(days=1))

    read_whole = [
        call
        for call in large_shop.sandbox.calls_since(large_shop.mark)
        if "EntryID eq" in unquote(call.query)
    ]
    assert read_whole == []


def test_a_token_is_refreshed_when_it_has_run_out_and_not_before(large_shop: Shop) -> None:
    refreshed = [in_a_run(large_shop, timedelta(minutes=3))["token"] for _ in range(8)]

    assert sum(refreshed) == 2


def test_a_bulk_change_of_old_orders_reads_none_of_them(large_shop: Shop) -> None:
    for number in large_shop.office.order_numbers()[:5_000]:
        large_shop.office.edit_order(number, Description="renumbered")

    assert in_a_run(large_shop)["exact"] <= 3 + 5  # a thousand rows in a call


def test_a_hundred_new_orders_at_once(large_shop: Shop) -> None:
    placed = place_open_orders(large_shop.office, 100)

    calls = in_a_run(large_shop)

    assert set(map(str, placed)) <= set(large_shop.incoming())
    assert calls["exact"] <= 60
