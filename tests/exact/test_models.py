"""Exact's records: how their JSON reads, and that Exact knows every field that is asked for."""

from datetime import datetime
from decimal import Decimal

import pytest

from exactsend.exact import endpoints
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.fields import Entity, exact_name
from exactsend.exact.models import Address, GoodsDelivery, Item, SalesOrder
from exactsend.sandbox.exact.structure import entities

GUID = "8B3F0A5E-0000-4000-8000-00000000000A"
ORDER: dict[str, object] = {
    "OrderID": GUID,
    "OrderNumber": 4711,
    "Status": 12,
    "ApprovalStatus": 2,
    "Division": 1234567,
}
DELIVERY: dict[str, object] = {
    "EntryID": GUID,
    "DeliveryNumber": 20001,
    "TrackingNumber": None,
    "Remarks": None,
    "Document": None,
    "Division": 1234567,
}
ENDPOINTS: list[Endpoint[Entity]] = [row for row in vars(endpoints).values() if isinstance(row, Endpoint)]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: str(endpoint.path))
def test_exact_documents_every_field_that_is_selected(endpoint: Endpoint[Entity]) -> None:
    documented = entities()[endpoint.path].fields.keys()

    assert {name for name in endpoint.fields if "/" not in name} <= documented


@pytest.mark.parametrize("endpoint", [endpoints.SALES_ORDER_LINES, endpoints.GOODS_DELIVERY_LINES])
def test_lines_that_come_expanded_are_read_like_those_asked_for_alone(endpoint: Endpoint[Entity]) -> None:
    parent = endpoints.SALES_ORDERS if endpoint is endpoints.SALES_ORDER_LINES else endpoints.GOODS_DELIVERIES
    name = endpoint.path.rsplit("/", 1)[-1]

    expanded = {field.partition("/")[2] for field in parent.fields if field.startswith(f"{name}/")}

    assert expanded == set(endpoint.fields)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("delivery_number", "DeliveryNumber"),
        ("entry_id", "EntryID"),
        ("vat_number", "VATNumber"),
        ("address_line1", "AddressLine1"),
    ],
)
def test_a_field_is_named_as_exact_names_it(ours: str, theirs: str) -> None:
    assert exact_name(ours) == theirs


@pytest.mark.parametrize("written", ["/Date(1455753600000)/", "/Date(1455753600000+0100)/"])
def test_a_date_is_wall_time_and_never_shifted(written: str) -> None:
    order = SalesOrder.model_validate(ORDER | {"OrderDate": written})

    assert order.order_date == datetime(2016, 2, 18)  # noqa: DTZ001 - Exact's dates have no zone


def test_a_date_before_1970_is_read() -> None:
    order = SalesOrder.model_validate(ORDER | {"OrderDate": "/Date(-86400000)/"})

    assert order.order_date == datetime(1969, 12, 31)  # noqa: DTZ001 - Exact's dates have no zone


def test_codes_lose_their_padding_and_guids_their_capitals() -> None:
    address = Address.model_validate({"ID": GUID, "Country": "NL ", "City": None})

    assert (address.id, address.country, address.city) == (GUID.lower(), "NL", "")


def test_remarks_keep_every_character_since_they_are_written_back() -> None:
    delivery = GoodsDelivery.model_validate(DELIVERY | {"Remarks": " ring twice \ud83d\r\n"})

    assert delivery.remarks == " ring twice \ud83d\r\n"


def test_an_amount_is_the_decimal_that_was_written() -> None:
    assert Item.model_validate({"ID": GUID, "NetWeight": 0.1}).net_weight == Decimal("0.1")


@pytest.mark.parametrize(
    "lines",
    [
        None,
        {"__deferred": {"uri": "https://start.exactonline.nl/api/v1/1/…"}},
        {"results": [], "__next": "https://start.exactonline.nl/api/v1/1/…"},
    ],
)
def test_lines_that_did_not_all_come_are_not_read_rather_than_none(lines: object) -> None:
    assert SalesOrder.model_validate(ORDER | {"SalesOrderLines": lines}).sales_order_lines is None


@pytest.mark.parametrize("lines", [[], {"results": []}])
def test_an_order_without_lines_has_none(lines: object) -> None:
    assert SalesOrder.model_validate(ORDER | {"SalesOrderLines": lines}).sales_order_lines == ()


def test_a_field_of_the_configurations_choice_is_kept() -> None:
    order = SalesOrder.model_validate(ORDER | {"PaymentReference": " SP:42 ", "YourRef": "ab "})

    assert (order.text("PaymentReference"), order.text("YourRef"), order.text("Other")) == ("SP:42", "ab", "")
