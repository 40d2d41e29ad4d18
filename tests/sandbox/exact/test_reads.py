"""Exact's OData dialect: what may be asked, and the shapes of the answers."""

from datetime import timedelta

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.structure import entities
from tests.sandbox.exact.shop import Exact, message

ORDERS = "salesorder/SalesOrders"
HEADERS = "sync/SalesOrder/SalesOrderHeaders"


@pytest.mark.parametrize(
    ("entity", "options"),
    [
        ("crm/Addresses", {"select": "ID,HouseNumber"}),
        ("crm/Addresses", {"filter": "HouseNumber eq '1'"}),
        ("crm/Addresses", {"filter": "City eq guid'00000000-0000-0000-0000-000000000000'"}),
        ("crm/Addresses", {"filter": "ID eq '00000000-0000-0000-0000-000000000000'"}),
        ("crm/Addresses", {"filter": "Type eq '4'"}),
        ("crm/Addresses", {"filter": "City eq"}),
        ("crm/Addresses", {"filter": "City eq 'Utrecht' City eq 'Bergen'"}),
        ("crm/Addresses", {"filter": "(City eq 'Utrecht'"}),
        ("crm/Addresses", {"filter": "length(City) eq 3"}),
        ("crm/Addresses", {"filter": " or ".join(f"Type eq {n}" for n in range(30))}),
        ("crm/Addresses", {"skip": "10"}),
        ("crm/Addresses", {"search": "x"}),
        ("crm/Addresses", {"top": "ten"}),
        ("crm/Addresses", {"orderby": "HouseNumber"}),
        ("crm/Addresses", {"expand": "Account"}),
        (ORDERS, {"select": "OrderNumber"}),
        (ORDERS, {"select": "OrderNumber", "filter": "Remarks eq 'x'"}),
        (ORDERS, {"select": "SalesOrderLines/ID", "filter": "OrderNumber eq 4711"}),
        (ORDERS, {"select": "OrderNumber", "filter": "SalesOrderLines/ID ne null"}),
        ("salesorder/GoodsDeliveries", {"filter": "DeliveryNumber eq 20001"}),
        (HEADERS, {"filter": "Timestamp gt 1L"}),
        (HEADERS, {"select": "ID", "filter": "Timestamp ge 1L"}),
        (HEADERS, {"select": "ID", "filter": "OrderNumber eq 4711"}),
        (HEADERS, {"select": "ID", "filter": "Timestamp gt 1L or Timestamp gt 5L"}),
        ("sync/Logistics/Items", {"select": "*", "filter": "Timestamp gt 1L"}),
        ("bulk/CRM/Addresses", {"filter": "ID ne null"}),
        ("bulk/CRM/Addresses", {"select": "ID", "filter": "City eq 'Utrecht'"}),
    ],
)
def test_what_exact_does_not_understand_is_refused(
    exact: Exact, entity: str, options: dict[str, str]
) -> None:
    assert exact.get(entity, **options).status_code == 400


@pytest.mark.parametrize(
    ("condition", "cities"),
    [
        ("City eq 'Bergen'", ["Bergen"]),
        ("tolower(City) eq 'bergen' and Type eq 4", ["Bergen"]),
        ("startswith(City, 'Rot') eq true", ["Rotterdam"]),
        ("substringof('werp',City)", ["Antwerpen"]),
        ("trim(AddressLine1) eq 'Witte de Withstraat 9'", ["Rotterdam"]),
        ("(City eq 'Bergen' or City eq 'Rotterdam') and Country eq 'NL'", ["Bergen", "Rotterdam"]),
        ("AddressLine1 eq 'O''Neill'", []),
        ("Warehouse ne null", []),
        ("Type gt 3 and Country eq 'CH'", ["Zürich"]),
        ("Created lt datetime'2020-01-01T00:00:00'", []),
    ],
)
def test_filters_find_what_they_say(exact: Exact, condition: str, cities: list[str]) -> None:
    rows = exact.rows("crm/Addresses", select="City", filter=condition)

    assert [row["City"] for row in rows] == cities


def test_a_missing_mandatory_filter_is_named(exact: Exact) -> None:
    refused = exact.get(ORDERS, select="OrderNumber")

    assert message(refused).startswith("A GET request for this endpoint must have a $filter parameter")


def test_expanded_lines_show_the_fields_asked_for(exact: Exact) -> None:
    rows = exact.rows(
        ORDERS,
        select="OrderNumber,SalesOrderLines/ItemCode,SalesOrderLines/Quantity",
        expand="SalesOrderLines",
        filter="OrderNumber eq 4711",
    )

    lines = rows[0]["SalesOrderLines"]["results"]
    assert [(line["ItemCode"], line["Quantity"]) for line in lines] == [("MUG", 4.0), ("WRAP", 1.0)]


def test_lines_that_are_not_expanded_are_deferred(exact: Exact) -> None:
    rows = exact.rows(ORDERS, select="SalesOrderLines", filter="OrderNumber eq 4711")

    assert "uri" in rows[0]["SalesOrderLines"]["__deferred"]


def test_by_choice_some_lines_stay_deferred_though_expanded(exact: Exact) -> None:
    exact.world.exact.behaviour.lines_deferred_after = 1

    rows = exact.rows(
        ORDERS, select="SalesOrderLines", expand="SalesOrderLines", filter="OrderNumber lt 4713"
    )

    assert ["results" in row["SalesOrderLines"] for row in rows] == [True, False]


def place_orders(exact: Exact, count: int) -> None:
    for _ in range(count):
        exact.office.place_order("Sanne de Boer", [("MUG", 1, 12.5)])


def test_pages_hold_sixty_rows_and_the_next_continues(exact: Exact) -> None:
    place_orders(exact, 60)

    page = exact.get(ORDERS, select="OrderNumber", filter="Status gt 0").get_json()["d"]
    following = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]

    numbers = [row["OrderNumber"] for row in page["results"] + following["results"]]
    assert len(page["results"]) == 60
    assert numbers == list(range(4711, 4781))
    assert "__next" not in following


def test_an_ordered_read_pages_too(exact: Exact) -> None:
    place_orders(exact, 60)
    options = {"select": "OrderNumber", "filter": "Status gt 0", "orderby": "OrderNumber desc"}

    page = exact.get(ORDERS, **options).get_json()["d"]
    following = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]

    numbers = [row["OrderNumber"] for row in page["results"] + following["results"]]
    assert numbers == list(range(4780, 4710, -1))


def test_a_limited_read_is_a_bare_list(exact: Exact) -> None:
    found = exact.get(ORDERS, select="OrderNumber", filter="Status eq 12", top="2").get_json()["d"]

    assert [row["OrderNumber"] for row in found] == [4711, 4712]


def test_a_read_by_key_is_one_row(exact: Exact) -> None:
    key = exact.office.order_id(4711)

    assert exact.get(f"{ORDERS}(guid'{key}')").get_json()["d"]["OrderNumber"] == 4711
    assert exact.get(f"{ORDERS}(guid'{key[::-1]}')").status_code == 404


def test_rows_can_be_counted(exact: Exact) -> None:
    counted = exact.get(f"{ORDERS}/$count", filter="Status eq 45")
    inline = exact.get(ORDERS, select="OrderNumber", filter="Status eq 45", inlinecount="allpages")

    assert counted.get_data(as_text=True) == "1"
    assert inline.get_json()["d"]["__count"] == "1"


def test_xml_comes_unless_json_is_asked_for(exact: Exact) -> None:
    headers = {"Authorization": f"Bearer {exact.access_token}"}
    answer = exact.call("GET", "/api/v1/current/Me", headers=headers)

    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"


def test_an_address_over_6000_characters_is_refused(exact: Exact) -> None:
    assert exact.get("crm/Addresses", filter="City eq '" + "x" * 6000 + "'").status_code == 404


def test_an_unknown_entity_is_not_found(exact: Exact) -> None:
    assert exact.get("crm/Parcels").status_code == 404


def test_moments_are_dutch_wall_time_and_days_are_midnight(exact: Exact) -> None:
    row = exact.rows(ORDERS, select="Created,OrderDate", filter="OrderNumber eq 4711")[0]

    assert row["Created"] == "/Date(1795429800000)/"  # 10:30, an hour later than UTC
    assert row["OrderDate"] == "/Date(1795392000000)/"


def test_by_choice_moments_are_utc(exact: Exact) -> None:
    exact.world.exact.behaviour = ExactBehaviour(dates_in_utc=True)

    row = exact.rows(ORDERS, select="Created", filter="Created eq datetime'2026-11-23T09:30:00'")[0]

    assert row["Created"] == "/Date(1795426200000)/"


def test_who_is_signed_in_needs_no_division(exact: Exact) -> None:
    row = exact.call("GET", "/api/v1/current/Me", headers=exact.headers).get_json()["d"]["results"][0]

    assert row["CurrentDivision"] == starting_worlds.DIVISION
    assert (row["ServerTime"], row["ServerUtcOffset"]) == ("2026-11-23T10:30:00", 3600.0)


def test_divisions_can_be_filtered_by_code(exact: Exact) -> None:
    rows = exact.rows("system/Divisions", select="Description,DivisionMoveDate", filter="Code eq 7654321")

    assert [(row["Description"], row["DivisionMoveDate"]) for row in rows] == [("Second Shop B.V.", None)]


def test_account_codes_are_padded(exact: Exact) -> None:
    assert exact.rows("crm/Accounts", select="Code", filter="Code eq '3'") == []
    assert len(exact.rows("crm/Accounts", select="Code", filter="trim(Code) eq '3'")) == 1


def test_by_choice_shipping_method_codes_are_padded(exact: Exact) -> None:
    exact.world.exact.behaviour.shipping_method_code_width = 10
    exact.office.deliver(starting_worlds.DOMESTIC)
    entity, select = "salesorder/GoodsDeliveries", "ShippingMethodCode"

    assert exact.rows(entity, select=select)[0]["ShippingMethodCode"] == "PNL       "
    assert exact.rows(entity, select=select, filter="ShippingMethodCode eq 'PNL'") == []
    assert len(exact.rows(entity, select=select, filter="trim(ShippingMethodCode) eq 'PNL'")) == 1


def test_sync_shows_the_last_changed_last(exact: Exact) -> None:
    before = exact.rows(HEADERS, select="OrderNumber,Timestamp", filter="Timestamp gt 1L")
    highest = max(int(row["Timestamp"]) for row in before)

    exact.office.edit_order(4712, YourRef="new")
    exact.office.change_quantity(4713, "LAMP", 2)

    changed = exact.rows(HEADERS, select="OrderNumber", filter=f"Timestamp gt {highest}L")
    assert [row["OrderNumber"] for row in changed] == [4712]


def test_sync_pages_hold_a_thousand_and_follow_the_row_version(exact: Exact) -> None:
    place_orders(exact, 1000)

    page = exact.get(HEADERS, select="OrderNumber", filter="Timestamp gt 1L").get_json()["d"]
    exact.office.edit_order(4711, YourRef="moved while paging")
    following = exact.call("GET", page["__next"], headers=exact.headers).get_json()["d"]["results"]

    assert len(page["results"]) == 1000
    assert [row["OrderNumber"] for row in following][-2:] == [5720, 4711]


def test_deleted_rows_are_told_by_type(exact: Exact) -> None:
    key = exact.office.order_id(4717)
    exact.office.delete_order(4717)

    select, condition = "EntityKey,EntityType", "Timestamp gt 1L and EntityType eq 32"
    rows = exact.rows("sync/Deleted", select=select, filter=condition)

    assert [(row["EntityKey"], row["EntityType"]) for row in rows] == [(key, 32)]


def test_by_choice_sync_shows_changes_later(exact: Exact, clock: SettableClock) -> None:
    exact.world.exact.behaviour.rows_visible_after = timedelta(seconds=30)

    assert exact.rows(HEADERS, select="ID", filter="Timestamp gt 1L") == []
    clock.advance(timedelta(seconds=30))
    assert len(exact.rows(HEADERS, select="ID", filter="Timestamp gt 1L")) == 10


def test_a_row_version_can_become_visible_after_higher_ones(exact: Exact, clock: SettableClock) -> None:
    exact.office.commit_order_late(4711, timedelta(minutes=1))
    early = exact.rows(HEADERS, select="OrderNumber", filter="Timestamp gt 1L")
    clock.advance(timedelta(minutes=1))
    late = exact.rows(HEADERS, select="OrderNumber", filter="Timestamp gt 1L")

    assert early[0]["OrderNumber"] == 4712
    assert late[0]["OrderNumber"] == 4711


def test_a_deferred_link_can_be_followed(exact: Exact) -> None:
    row = exact.rows(ORDERS, select="SalesOrderLines", filter="OrderNumber eq 4711")[0]
    uri = row["SalesOrderLines"]["__deferred"]["uri"]

    lines = exact.call("GET", uri, query={"$select": "ItemCode"}, headers=exact.headers).get_json()

    assert [line["ItemCode"] for line in lines["d"]["results"]] == ["MUG", "WRAP"]


def test_a_line_from_two_storage_locations_shows_its_id_twice(exact: Exact) -> None:
    number = exact.office.deliver(starting_worlds.IN_TWO_PARTS, {"MUG": 6})
    exact.office.split_delivery_line(number, "MUG", "B-02", 2)
    key = exact.office.delivery_lines(number)[0].key

    select, condition = "ID,QuantityDelivered,StorageLocationCode", f"ID eq guid'{key}'"
    rows = exact.rows("salesorder/GoodsDeliveryLines", select=select, filter=condition)

    assert [row["ID"] for row in rows] == [key, key]
    assert [(row["QuantityDelivered"], row["StorageLocationCode"]) for row in rows] == [
        (4.0, None),
        (2.0, "B-02"),
    ]


NO_TABLE = {"current/Me", "read/sync/Sync/SyncTimestamp", "users/UserHasRights"}


@pytest.mark.parametrize("path", sorted(entities().keys() - NO_TABLE))
def test_every_endpoint_can_be_read_whole(exact: Exact, path: str) -> None:
    starting_worlds.deliver_all(exact.office)
    entity = entities()[path]
    collections = [name for name, field in entity.fields.items() if field.is_collection and entity.link(name)]
    options = {"select": ",".join(entity.fields)}
    options |= {"filter": f"{entity.key} ne null"} if entity.mandatory_filters else {}
    options |= {"expand": ",".join(collections)} if collections else {}

    rows = exact.rows(path, **options)

    assert all(row.keys() == {"__metadata", *entity.fields} for row in rows)


def test_who_is_signed_in_can_not_be_asked_of_a_division(exact: Exact) -> None:
    assert exact.get("current/Me").status_code == 404
