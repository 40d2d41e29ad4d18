"""Listings that can stand in for others: by change date, sixty a page; in bulk by id, a thousand a page."""

from datetime import timedelta

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.exact.rows import StoredRow
from tests.sandbox.exact.shop import Exact, message

KEYS = {
    "salesorder/SalesOrders": "OrderID",
    "salesorder/SalesOrderLines": "ID",
    "salesorder/GoodsDeliveries": "EntryID",
    "salesorder/GoodsDeliveryLines": "ID",
    "crm/Accounts": "ID",
    "crm/Contacts": "ID",
    "crm/Addresses": "ID",
    "logistics/Items": "ID",
}
BULK = {
    "bulk/SalesOrder/SalesOrders": "OrderID",
    "bulk/SalesOrder/SalesOrderLines": "ID",
    "bulk/SalesOrder/GoodsDeliveries": "EntryID",
    "bulk/SalesOrder/GoodsDeliveryLines": "ID",
    "bulk/CRM/Accounts": "ID",
    "bulk/CRM/Contacts": "ID",
    "bulk/CRM/Addresses": "ID",
    "bulk/Logistics/Items": "ID",
}
HAVE_MODIFIED = sorted(KEYS.keys() - {"salesorder/SalesOrderLines"})


def some_row(office: Office, entity: str) -> StoredRow:
    return next(iter(office.division.table(entity.rsplit("/", 1)[-1])))


@pytest.mark.parametrize("entity", HAVE_MODIFIED)
def test_what_changed_since_a_moment_can_be_listed(exact: Exact, clock: SettableClock, entity: str) -> None:
    exact.office.deliver(starting_worlds.DOMESTIC)
    clock.advance(timedelta(minutes=1))
    row = some_row(exact.office, entity)
    exact.office.division.touch(entity.rsplit("/", 1)[-1], row)

    found = exact.rows(entity, select=KEYS[entity], filter="Modified ge datetime'2026-11-23T10:31:00'")

    assert [candidate[KEYS[entity]] for candidate in found] == [row.key]


def add_many(office: Office, entity: str, count: int) -> None:
    table = entity.rsplit("/", 1)[-1]
    for _ in range(count):
        office.division.add(table, {})


@pytest.mark.parametrize("entity", HAVE_MODIFIED)
def test_a_plain_listing_has_sixty_a_page(exact: Exact, clock: SettableClock, entity: str) -> None:
    clock.advance(timedelta(minutes=1))
    add_many(exact.office, entity, 61)
    options = {"select": KEYS[entity], "filter": "Modified ge datetime'2026-11-23T10:31:00'"}

    page = exact.get(entity, **options).get_json()["d"]
    rest = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]

    assert (len(page["results"]), len(rest["results"]), "__next" in rest) == (60, 1, False)


@pytest.mark.parametrize("entity", sorted(BULK))
def test_records_can_be_read_in_bulk_by_id_a_thousand_a_page(exact: Exact, entity: str) -> None:
    exact.office.deliver(starting_worlds.DOMESTIC)
    key = some_row(exact.office, entity).key
    add_many(exact.office, entity, 1000)

    one = exact.rows(entity, select=BULK[entity], filter=f"{BULK[entity]} eq guid'{key}'")
    every = exact.get(entity, select=BULK[entity], filter=f"{BULK[entity]} ne null").get_json()["d"]

    assert [row[BULK[entity]] for row in one] == [key]
    assert (len(every["results"]), "__next" in every) == (1000, True)


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        ("bulk/SalesOrder/GoodsDeliveries", "Modified"),
        ("bulk/SalesOrder/GoodsDeliveryLines", "Modified"),
        ("bulk/CRM/Contacts", "Modified"),
        ("bulk/CRM/Addresses", "Modified"),
    ],
)
def test_some_bulk_listings_take_few_filters_and_name_what_they_do_not_take(
    exact: Exact, entity: str, field: str
) -> None:
    refused = exact.get(entity, select=BULK[entity], filter=f"{field} ne null and {BULK[entity]} ne null")

    assert refused.status_code == 400
    assert message(refused) == f"Filtering on these fields is not supported: {field}"


@pytest.mark.parametrize("entity", ["system/Divisions", "hrm/Divisions"])
def test_the_divisions_can_be_listed_at_both_places(exact: Exact, entity: str) -> None:
    rows = exact.rows(entity, select="Code,Status,BlockingStatus")

    assert [row["Code"] for row in rows] == [1234567, 7654321]
    assert {row["Status"] for row in rows} == {0 if entity.startswith("hrm") else 1}
