"""What an answer of Exact may lack: any optional field may be anything, evidence is never guessed (S17)."""

import json
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from exactsend.errors import Unreadable
from exactsend.exact import odata
from exactsend.exact.fields import ANSWERED, Entity
from exactsend.exact.models import (
    Account,
    Address,
    CatalogueItem,
    Contact,
    Deletion,
    Document,
    DocumentAttachment,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    Me,
    ReachableDivision,
    RowVersion,
    SalesOrder,
    SalesOrderLine,
    ShippingMethod,
    Warehouse,
)
from exactsend.http.messages import BadRow, Call, Reply
from tests.any_json import ANY_JSON, NEARLY

DIVISION = 1234567
ID = "8b3f0a5e-0000-4000-8000-00000000000a"
PARENT = "8b3f0a5e-0000-4000-8000-00000000000b"


class Needs(NamedTuple):
    """What a record can't be read without, with ordinary values, and which of it may be null."""

    model: type[Entity]
    fields: dict[str, object]
    nullable: frozenset[str] = frozenset()


NEEDS = [
    Needs(
        SalesOrder,
        {"OrderID": ID, "OrderNumber": 4711, "Status": 12, "ApprovalStatus": 2, "Division": DIVISION},
        frozenset({"ApprovalStatus", "Division"}),
    ),
    Needs(
        SalesOrderLine,
        {"ID": ID, "OrderID": PARENT, "Quantity": 2, "QuantityDelivered": 1, "UseDropShipment": 0},
        frozenset({"QuantityDelivered", "UseDropShipment"}),
    ),
    Needs(
        GoodsDelivery,
        {
            "EntryID": ID,
            "DeliveryNumber": 20001,
            "TrackingNumber": "3S1",
            "Remarks": "ring twice",
            "Document": PARENT,
            "Division": DIVISION,
        },
        frozenset({"TrackingNumber", "Remarks", "Document", "Division"}),
    ),
    Needs(GoodsDeliveryLine, {"ID": ID, "EntryID": PARENT, "QuantityDelivered": 2}),
    *(
        Needs(model, {"ID": ID})
        for model in (Account, Contact, Address, Item, CatalogueItem, ShippingMethod, Warehouse, Document)
    ),
    Needs(DocumentAttachment, {"ID": ID, "Document": PARENT}),
    Needs(ReachableDivision, {"Code": DIVISION}),
    Needs(Me, {"CurrentDivision": DIVISION}),
    Needs(Deletion, {"Timestamp": 7, "EntityKey": ID, "EntityType": 16}),
    Needs(RowVersion, {}),
]
NEEDED = [(need, name) for need in NEEDS for name in need.fields]
OPTIONAL = [
    (need, str(info.alias))
    for need in NEEDS
    for info in need.model.model_fields.values()
    if info.alias not in need.fields
]
NULLABLE = [(need, name) for need in NEEDS for name in sorted(need.nullable)]
LINES = {"SalesOrderLines", "GoodsDeliveryLines"}


def named(value: object) -> str:
    return value.model.__name__ if isinstance(value, Needs) else str(value)


def read(model: type[Entity], row: object) -> Entity | BadRow:
    return odata.read_row(model, json.loads(json.dumps(row)))


def held(found: Entity | BadRow) -> dict[str, object]:
    assert isinstance(found, Entity), found
    return found.model_dump(by_alias=True)


@pytest.mark.parametrize("needs", NEEDS, ids=named)
def test_a_row_with_nothing_but_what_is_needed_is_read(needs: Needs) -> None:
    found = held(read(needs.model, needs.fields))

    assert needs.fields.keys() <= found.keys()
    assert not any(value for name, value in found.items() if name not in needs.fields)


@pytest.mark.parametrize(("needs", "name"), OPTIONAL, ids=named)
def test_an_optional_field_may_be_nearly_right(needs: Needs, name: str) -> None:
    for value in NEARLY:
        assert_forgiven(needs, name, value)


@given(chosen=st.sampled_from(OPTIONAL), value=ANY_JSON)
def test_an_optional_field_may_be_anything(chosen: tuple[Needs, str], value: object) -> None:
    assert_forgiven(*chosen, value)


def assert_forgiven(needs: Needs, name: str, value: object) -> None:
    """The row is read, and no other field than this one is changed; only lines that can't be read are told."""
    is_read = read(needs.model, {**needs.fields, name: value})
    if name in LINES and isinstance(is_read, BadRow):
        assert name in is_read.why
        return
    assert {**held(is_read), name: None} == {**held(read(needs.model, needs.fields)), name: None}


@pytest.mark.parametrize(("needs", "name"), NEEDED, ids=named)
def test_what_is_needed_is_told_by_name_where_it_is_left_out(needs: Needs, name: str) -> None:
    found = read(needs.model, {field: value for field, value in needs.fields.items() if field != name})

    assert isinstance(found, BadRow)
    assert found.why == f"has no usable {name}"


@pytest.mark.parametrize(("needs", "name"), NEEDED, ids=named)
def test_null_is_an_answer_only_where_there_may_be_none(needs: Needs, name: str) -> None:
    found = read(needs.model, {**needs.fields, name: None})

    assert isinstance(found, BadRow) is (name not in needs.nullable)


@pytest.mark.parametrize(("needs", "name"), NEEDED, ids=named)
@pytest.mark.parametrize("odd", [{"value": 1}, [1], [], {}], ids=str)
def test_an_odd_value_is_never_taken_for_what_is_needed(needs: Needs, name: str, odd: object) -> None:
    found = read(needs.model, {**needs.fields, name: odd})

    assert isinstance(found, BadRow)
    assert name in found.why


@given(chosen=st.sampled_from(NEEDED), value=ANY_JSON)
def test_whatever_stands_in_a_needed_field_the_row_is_read_or_told(
    chosen: tuple[Needs, str], value: object
) -> None:
    needs, name = chosen
    found = read(needs.model, {**needs.fields, name: value})

    assert isinstance(found, needs.model) or (isinstance(found, BadRow) and name in found.why)


@pytest.mark.parametrize(
    ("model", "name", "odd"),
    [
        (SalesOrder, "Status", True),
        (SalesOrder, "Status", "open"),
        (SalesOrder, "ApprovalStatus", True),
        (SalesOrder, "Division", "mine"),
        (SalesOrderLine, "Quantity", "two"),
        (SalesOrderLine, "Quantity", True),
        (SalesOrderLine, "Quantity", "1E+300"),
        (SalesOrderLine, "UseDropShipment", 2),
        (SalesOrderLine, "UseDropShipment", ""),
        (GoodsDelivery, "TrackingNumber", True),
        (GoodsDelivery, "Remarks", False),
        (GoodsDelivery, "Document", "label.pdf"),
        (GoodsDeliveryLine, "QuantityDelivered", ""),
    ],
)
def test_evidence_of_exact_that_is_of_another_kind_is_not_guessed(
    model: type[Entity], name: str, odd: object
) -> None:
    needs = next(need for need in NEEDS if need.model is model)

    found = read(model, {**needs.fields, name: odd})

    assert isinstance(found, BadRow)
    assert found.why == f"has no usable {name}"


@pytest.mark.parametrize(
    ("model", "name", "value", "same_as"),
    [
        (SalesOrder, "Status", "12", 12),
        (SalesOrder, "OrderNumber", "4711", 4711),
        (SalesOrder, "Division", "1234567", 1234567),
        (SalesOrder, "ApprovalStatus", 2.0, 2),
        (SalesOrder, "OrderDate", "2026-11-23T00:00:00+01:00", "2026-11-23T00:00:00"),
        (SalesOrder, "OrderDate", "/Date(1795392000000)/", "2026-11-23T00:00:00"),
        (SalesOrder, "OrderDate", "\\/Date(1795392000000)\\/", "2026-11-23T00:00:00"),
        (SalesOrder, "YourRef", 4711, "4711"),
        (SalesOrder, "DeliveryAddress", "00000000-0000-0000-0000-000000000000", None),
        (SalesOrder, "DeliveryAddress", "the back door", None),
        (SalesOrder, "DeliveryAddress", "", None),
        (SalesOrderLine, "Quantity", "2", 2),
        (SalesOrderLine, "UseDropShipment", True, 1),
        (SalesOrderLine, "UseDropShipment", "0", 0),
        (GoodsDelivery, "TrackingNumber", 331, "331"),
        (GoodsDelivery, "TrackingNumber", None, ""),
        (GoodsDelivery, "Document", "", None),
        (Item, "NetWeight", "0.250", 0.25),
        (Item, "IsStockItem", 1, True),
        (Item, "IsStockItem", "true", True),
        (Account, "City", "Oss \ud83d", "Oss"),
        (Address, "City", {"Name": "Oss"}, ""),
        (Address, "Type", "4", 4),
    ],
)
def test_a_neighbouring_type_reads_as_what_is_meant(
    model: type[Entity], name: str, value: object, same_as: object
) -> None:
    needs = next(need for need in NEEDS if need.model is model)

    found = read(model, {**needs.fields, name: value})

    assert held(found) == held(read(model, {**needs.fields, name: same_as}))


def test_an_order_whose_line_can_not_be_read_can_not_be_read() -> None:
    order, line = (
        next(need.fields for need in NEEDS if need.model is m) for m in (SalesOrder, SalesOrderLine)
    )
    bad = {name: value for name, value in line.items() if name != "Quantity"}

    found = read(SalesOrder, {**order, "SalesOrderLines": {"results": [line, bad]}})

    assert isinstance(found, BadRow)
    assert (str(found), found.id, found.number) == (
        "order 4711 has no usable Quantity in row 2 of SalesOrderLines",
        ID,
        "4711",
    )


@pytest.mark.parametrize(
    ("model", "row", "bad"),
    [
        (GoodsDelivery, {"EntryID": ID.upper(), "DeliveryNumber": "20001"}, (ID, "delivery 20001", "")),
        (GoodsDelivery, {"EntryID": ID}, (ID, f"the row with EntryID {ID}", "")),
        (GoodsDelivery, {"EntryID": "Jan Jansen", "DeliveryNumber": "Jan Jansen"}, ("", "a row", "")),
        (SalesOrderLine, {"ID": ID, "OrderID": PARENT}, (ID, f"the row with ID {ID}", PARENT)),
        (SalesOrderLine, {"OrderID": PARENT}, ("", f"a row with OrderID {PARENT}", PARENT)),
        (Account, "Jan Jansen", ("", "a row", "")),
        (Account, {"ID": None, "Name": "Jan Jansen"}, ("", "a row", "")),
    ],
)
def test_a_bad_row_is_named_as_far_as_it_tells_without_its_content(
    model: type[Entity], row: object, bad: tuple[str, str, str]
) -> None:
    found = read(model, row)

    assert isinstance(found, BadRow)
    assert (found.id, found.name, found.parent) == bad
    assert "Jansen" not in str(found)


def test_a_row_that_is_nested_too_deep_is_unreadable() -> None:
    deep = b'{"d":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    reply = Reply(200, {}, deep, Call("GET", "/x", endpoint="x"), "Exact")

    with pytest.raises(Unreadable, match="too deep"):
        odata.read_each(reply, Account)


def test_an_id_may_be_any_text_in_what_the_program_itself_puts_together() -> None:
    assert Account.model_validate({"ID": "acc"}).id == "acc"
    with pytest.raises(ValidationError):
        Account.model_validate({"ID": "acc"}, context=ANSWERED)
