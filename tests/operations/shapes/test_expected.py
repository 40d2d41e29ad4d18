"""What is expected is what the models say of themselves."""

import json
from importlib.resources import files

import pytest
from pydantic import BaseModel

from exactsend.exact import endpoints
from exactsend.exact.fields import NO_RECORD
from exactsend.exact.models import (
    Account,
    Address,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    SalesOrder,
    SalesOrderLine,
)
from exactsend.operations.shapes.expected_fields import FieldKind, fields_of
from exactsend.sendcloud.models import (
    AuthMetadata,
    Integration,
    OrderDetails,
    SenderAddress,
    Shipment,
    TaxNumber,
)
from exactsend.sendcloud.parcels import Parcel, Status


@pytest.mark.parametrize(
    ("model", "name", "kind", "may_be_missing", "may_be_null"),
    [
        (SalesOrder, "OrderID", FieldKind.GUID, False, False),
        (SalesOrder, "OrderNumber", FieldKind.NUMBER, False, False),
        (SalesOrder, "ApprovalStatus", FieldKind.NUMBER, False, True),
        (SalesOrder, "OrderDate", FieldKind.DATE, True, True),
        (SalesOrder, "YourRef", FieldKind.TEXT, True, True),
        (SalesOrder, "DeliverTo", FieldKind.GUID, True, True),
        (SalesOrder, "AmountFCExclVat", FieldKind.NUMBER, True, True),
        (SalesOrder, "SalesOrderLines", FieldKind.LIST, True, True),
        (SalesOrderLine, "UseDropShipment", FieldKind.FLAG, False, True),
        (GoodsDelivery, "TrackingNumber", FieldKind.TEXT, False, True),
        (GoodsDelivery, "Remarks", FieldKind.TEXT, False, True),
        (GoodsDelivery, "Document", FieldKind.GUID, False, True),
        (GoodsDeliveryLine, "Unitcode", FieldKind.TEXT, True, True),
        (Item, "IsStockItem", FieldKind.FLAG, True, True),
        (AuthMetadata, "user_id", FieldKind.TEXT, False, False),
        (Integration, "service_point_carriers", FieldKind.LIST, True, True),
        (Integration, "service_point_enabled", FieldKind.FLAG, True, True),
        (Shipment, "external_reference_id", FieldKind.TEXT, False, True),
        (Shipment, "carrier", FieldKind.OBJECT, True, True),
        (Shipment, "parcels", FieldKind.LIST, True, True),
        (Parcel, "status", FieldKind.OBJECT, False, True),
        (Parcel, "updated_at", FieldKind.DATE, True, True),
        (SenderAddress, "id", FieldKind.NUMBER, False, False),
    ],
    ids=str,
)
def test_a_field_is_expected_as_its_model_reads_it(
    *, model: type[BaseModel], name: str, kind: FieldKind, may_be_missing: bool, may_be_null: bool
) -> None:
    field = fields_of(model)[name]

    assert (field.kind, field.may_be_missing, field.may_be_null) == (kind, may_be_missing, may_be_null)


def test_what_is_inside_an_object_or_a_list_is_read_by_the_models_own_inner_models() -> None:
    assert fields_of(SalesOrder)["SalesOrderLines"].inner_model is SalesOrderLine
    assert fields_of(Shipment)["parcels"].inner_model is Parcel
    assert fields_of(Parcel)["status"].inner_model is Status
    assert fields_of(OrderDetails)["order_items"].inner_model is None


def test_every_field_that_is_selected_is_known() -> None:
    for endpoint in (
        endpoints.SALES_ORDERS,
        endpoints.GOODS_DELIVERIES,
        endpoints.ACCOUNTS,
        endpoints.ITEMS,
        endpoints.DELETED,
    ):
        plain = {name for name in endpoint.fields if "/" not in name}
        assert plain <= set(fields_of(endpoint.model))


@pytest.mark.parametrize(
    ("model", "name", "value", "is_read"),
    [
        (SalesOrder, "OrderNumber", "4711", True),
        (SalesOrder, "OrderNumber", 4711.5, False),
        (SalesOrder, "OrderDate", "/Date(1764547200000)/", True),
        (SalesOrder, "OrderDate", "some day", False),
        (SalesOrder, "DeliverTo", NO_RECORD, True),
        (SalesOrder, "DeliverTo", "4711", False),
        (SalesOrder, "YourRef", 12, True),
        (SalesOrder, "YourRef", True, False),
        (SalesOrder, "YourRef", "", True),
        (SalesOrderLine, "UseDropShipment", 0, True),
        (SalesOrderLine, "UseDropShipment", "no", False),
        (Integration, "service_point_enabled", False, True),
        (Integration, "service_point_enabled", "off", False),
        (Parcel, "status", "READY_TO_SEND", True),
        (Parcel, "status", 12, False),
        (Shipment, "id", 12, True),
        (Shipment, "id", [], False),
    ],
    ids=str,
)
def test_a_value_is_readable_where_the_model_makes_something_of_it(
    *, model: type[BaseModel], name: str, value: object, is_read: bool
) -> None:
    assert fields_of(model)[name].reads(value) is is_read


def test_lengths_are_those_of_the_vendors_structure_where_it_tells_them() -> None:
    structure = json.loads(
        files("exactsend.sandbox.sendcloud").joinpath("structure.json").read_text(encoding="utf-8")
    )
    told = json.dumps(structure["calls"]["GET /integrations"]["answer"])

    assert f'"shop_name": {{"maxLength": {fields_of(Integration)["shop_name"].at_most}' in told or (
        f'"maxLength": {fields_of(Integration)["shop_name"].at_most}' in json.dumps(structure["$defs"])
    )
    assert (fields_of(TaxNumber)["value"].at_most, fields_of(TaxNumber)["country_code"].at_most) == (100, 2)
    assert fields_of(Address)["AddressLine1"].at_most == 80
    assert fields_of(Account)["Name"].at_most is None
