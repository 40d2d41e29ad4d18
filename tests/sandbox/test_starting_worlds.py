"""The worlds to start from."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.large_world import large
from exactsend.sandbox.world import World

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def shop() -> Office:
    return Office(starting_worlds.small_shop(SettableClock(NOW)).exact)


def address_of(office: Office, order: int) -> tuple[str, str]:
    address = office.address(office.order(order).text("DeliveryAddress"))
    return address.text("AddressLine1"), address.text("Country")


def test_the_small_shop_has_ten_orders_and_no_delivery(shop: Office) -> None:
    assert shop.order_numbers() == list(range(4711, 4721))
    assert shop.delivery_numbers() == []


@pytest.mark.parametrize(
    ("order", "line", "country"),
    [
        (starting_worlds.BELGIAN_BUS, "Meir 12 bus 3", "BE"),
        (starting_worlds.EXPORT, "Bahnhofstrasse 21", "CH"),
        (starting_worlds.NO_HOUSE_NUMBER, "Dorpsstraat", "NL"),
    ],
)
def test_the_awkward_addresses_are_there(shop: Office, order: int, line: str, country: str) -> None:
    assert address_of(shop, order) == (line, country)


def test_the_special_orders_are_as_told(shop: Office) -> None:
    assert shop.order(starting_worlds.SERVICE_POINT)["YourRef"] == "SP:10875349"
    assert shop.order(starting_worlds.UNAPPROVED)["ApprovalStatus"] == 0
    assert shop.order(starting_worlds.TOO_OLD)["OrderDate"] == (NOW - timedelta(days=40)).date()
    assert shop.order(starting_worlds.CANCELLED)["Status"] == 45


def test_the_export_has_what_customs_ask_for(shop: Office) -> None:
    account = shop.account("Alpenlicht AG")

    assert account["EORINumber"] == "CH123456789000"
    assert [shop.item(code)["StatisticalCode"] for code in ("LAMP", "SHIRT")] == ["940521", "620520"]
    assert [shop.item(code)["FreeTextField_02"] for code in ("LAMP", "SHIRT")] == ["DE", "PT"]


def test_the_warehouse_delivers_six_orders_in_seven_deliveries(shop: Office) -> None:
    numbers = starting_worlds.deliver_all(shop)

    assert numbers == list(range(20001, 20008))
    assert shop.orders_of(20006) == shop.orders_of(20007) == [starting_worlds.IN_TWO_PARTS]


def test_the_empty_world_has_warehouses_and_methods_in_both_divisions() -> None:
    world = starting_worlds.empty(SettableClock(NOW))

    for division in world.exact.divisions.values():
        assert [row["Code"] for row in division.table("Warehouses")] == ["1", "2"]
        assert [row["Code"] for row in division.table("ShippingMethods")] == [
            "PNL",
            "PNLSP",
            "DPD",
            "DHLX",
            "AFH",
        ]
        assert len(division.table("SalesOrders")) == 0


def large_world(**sizes: int) -> World:
    return large(SettableClock(NOW), **sizes)


def test_the_large_world_has_what_was_asked_for() -> None:
    office = Office(
        large_world(
            orders=30, accounts=10, addresses=12, contacts=6, items=5, open_orders=6, deliveries=2
        ).exact
    )

    assert len(office.order_numbers()) == 36
    assert len(office.delivery_numbers()) == 32
    counted = {
        name: len(office.division.table(name)) for name in ("Accounts", "Addresses", "Contacts", "Items")
    }
    assert counted == {"Accounts": 10, "Addresses": 12, "Contacts": 6, "Items": 5}
    statuses = [office.order(number)["Status"] for number in office.order_numbers()]
    assert (statuses.count(21), statuses.count(12)) == (32, 4)


def test_old_orders_were_made_long_ago() -> None:
    office = Office(large_world(orders=2, accounts=1, addresses=1, contacts=1, items=1).exact)

    ages = [NOW.date() - timedelta(days=1000), NOW.date() - timedelta(days=550)]
    assert [office.order(number)["OrderDate"] for number in office.order_numbers()] == ages
    changed = {
        row["Modified"]
        for table in office.division.tables.values()
        for row in table
        if row["Modified"] != NOW
    }
    assert {moment.date() for moment in changed if isinstance(moment, datetime)} == set(ages)
    assert office.order_line(4711, "ITEM-00001")["Modified"] == NOW - timedelta(days=1000)


def test_the_large_world_is_made_quickly() -> None:
    started = time.perf_counter()

    large_world(orders=2_000, accounts=800)

    assert time.perf_counter() - started < 2
