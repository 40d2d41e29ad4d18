from typing import Any

import pytest

from exactsend.domain.ids import IncomingRef
from exactsend.domain.problems import Code, Held
from exactsend.sandbox.sendcloud.structure import problems
from exactsend.trade.consignment import Consignment
from exactsend.trade.incoming_order import incoming_order_request
from exactsend.trade.sender import Area
from tests.trade.builders import (
    a_consignment,
    a_contact,
    a_delivery,
    a_directory,
    a_line,
    a_policy,
    an_address,
    an_item,
    an_order,
    some_goods,
)


def pushed(consignment: Consignment, **tables: Any) -> Any:  # noqa: ANN401 - JSON
    body = incoming_order_request(
        consignment, a_policy(**tables), ref=IncomingRef("exact-1-o-ord"), integration=7001, sender=Area("NL")
    )
    assert not problems("POST /orders", [body], strict=True)
    return body


def test_an_ordinary_order() -> None:
    address = {
        "address_line_1": "Kerkstraat",
        "house_number": "12",
        "postal_code": "1017 GC",
        "city": "Amsterdam",
    }

    assert pushed(a_consignment()) == {
        "order_id": "exact-1-o-ord",
        "order_number": "4711",
        "order_details": {
            "integration": {"id": 7001},
            "status": {"code": "open", "message": "Open in Exact"},
            "order_created_at": "2026-11-20T00:00:00Z",
            "order_items": [
                {
                    "item_id": "line-1",
                    "name": "Shirt blue",
                    "sku": "SHIRT",
                    "quantity": 2,
                    "total_price": {"value": 25.3, "currency": "EUR"},
                    "unit_price": {"value": 12.65, "currency": "EUR"},
                    "measurement": {"weight": {"value": 0.25, "unit": "kg"}},
                }
            ],
        },
        "payment_details": {
            "total_price": {"value": 25.3, "currency": "EUR"},
            "status": {"code": "unknown", "message": "Payment is handled in Exact"},
        },
        "customer_details": {
            "name": "Jansen BV",
            "email": "info@jansen.example",
            "phone_number": "+31302319876",
        },
        "shipping_address": {
            "name": "Jansen BV",
            "email": "info@jansen.example",
            "phone_number": "+31302319876",
            "country_code": "NL",
            **address,
        },
        "shipping_details": {"measurement": {"weight": {"value": 0.5, "unit": "kg"}}},
    }


def test_a_delivery_that_waits_bears_its_own_number() -> None:
    body = pushed(a_consignment(incoming_number="4711/20001", delivery=a_delivery()))

    assert body["order_number"] == "4711/20001"
    assert body["order_details"]["status"]["message"] == "Delivered in Exact, waits for its label"


def test_what_is_configured_goes_along() -> None:
    order = an_order(shipping_method="met", your_ref="10875349", deliver_to_contact_person="con")
    consignment = a_consignment(orders=(order,), directory=a_directory(a_contact()))

    body = pushed(
        consignment, labels={"shipping_methods": {"PNL": "postnl:standard"}}, service_points={"enabled": True}
    )

    assert body["shipping_details"]["ship_with"]["properties"] == {"shipping_option_code": "postnl:standard"}
    assert body["service_point_details"] == {"id": "10875349"}
    assert body["shipping_address"]["company_name"] == "Jansen BV"


def test_an_export_says_what_it_is_and_is_not_held_for_codes() -> None:
    goods = (some_goods(), some_goods(line_id="line-2", item=an_item(statistical_code="6205.20")))
    abroad = a_consignment(goods=goods, directory=a_directory(an_address(country="CH", postcode="8001")))

    body = pushed(abroad, customs={"country_of_origin": "NL"})

    assert body["customs_details"] == {
        "commercial_invoice_number": "4711",
        "shipment_type": "commercial_goods",
        "export_type": "commercial_b2c",
    }
    codes = [
        (item.get("hs_code"), item["country_of_origin"]) for item in body["order_details"]["order_items"]
    ]
    assert codes == [(None, "NL"), ("620520", "NL")]


def test_documents_are_held_for_customs_and_for_nothing_else() -> None:
    documents = {"shipment_type": "documents"}
    assert "customs_details" not in pushed(a_consignment(), customs=documents)

    with pytest.raises(Held) as held:
        pushed(a_consignment(directory=a_directory(an_address(country="CH"))), customs=documents)

    assert held.value.problem.code == Code.SHIPMENT_TYPE_NOT_FOR_ORDERS


def test_nothing_to_send_is_held() -> None:
    with pytest.raises(Held) as held:
        pushed(a_consignment(goods=()))

    assert held.value.problem.code == Code.NO_GOODS


def test_a_line_without_an_amount_costs_nothing() -> None:
    body = pushed(a_consignment(goods=(some_goods(order_line=a_line(amount_fc=None)),)))

    assert body["order_details"]["order_items"][0]["total_price"] == {"value": 0, "currency": "EUR"}


def test_an_order_without_any_date_is_held() -> None:
    with pytest.raises(Held) as held:
        pushed(a_consignment(orders=(an_order(order_date=None),)))

    assert held.value.problem.code == Code.ORDER_DATE_MISSING
