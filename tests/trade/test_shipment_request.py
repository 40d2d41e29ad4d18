from typing import Any

import pytest

from exactsend.domain.ids import Reference
from exactsend.domain.problems import Code, Held
from exactsend.sandbox.sendcloud.structure import problems
from exactsend.trade.consignment import Consignment
from exactsend.trade.sender import Area
from exactsend.trade.shipment_request import LabelRequest, shipment_request
from tests.trade.builders import (
    a_consignment,
    a_delivery,
    a_directory,
    a_policy,
    an_address,
    an_item,
    an_order,
    some_goods,
)

OPTION = {"shipping_option": "postnl:standard", "contract_id": 517}
WAREHOUSE = {"1": 17}
DELIVERY = a_delivery(warehouse_code="1")


def requested(consignment: Consignment, **tables: Any) -> LabelRequest:  # noqa: ANN401 - tables as in the configuration
    request = shipment_request(
        consignment, a_policy(**tables), reference=Reference("exact-1-del-1"), sender=Area("NL")
    )
    call = (
        "POST /shipments/announce-with-shipping-rules" if request.with_rules else "POST /shipments/announce"
    )
    assert not problems(call, request.body, strict=True)
    return request


def refusal(consignment: Consignment, **tables: Any) -> Code:  # noqa: ANN401 - likewise
    with pytest.raises(Held) as held:
        requested(consignment, **tables)
    return held.value.problem.code


def test_an_ordinary_delivery_with_an_option_and_a_mapped_warehouse() -> None:
    request = requested(a_consignment(delivery=DELIVERY), labels=OPTION, warehouses=WAREHOUSE)

    assert not request.with_rules
    assert request.body == {
        "from_address": {"sender_address_id": 17},
        "to_address": {
            "name": "Jansen BV",
            "address_line_1": "Kerkstraat",
            "house_number": "12",
            "postal_code": "1017 GC",
            "city": "Amsterdam",
            "country_code": "NL",
            "email": "info@jansen.example",
            "phone_number": "+31302319876",
        },
        "ship_with": {
            "type": "shipping_option_code",
            "properties": {"shipping_option_code": "postnl:standard", "contract_id": 517},
        },
        "order_number": "4711",
        "external_reference_id": "exact-1-del-1",
        "total_order_price": {"value": "25.30", "currency": "EUR"},
        "label_details": {"mime_type": "application/pdf", "dpi": 72},
        "parcels": [{"weight": {"value": "0.5", "unit": "kg"}}],
    }


def test_an_option_without_a_mapped_warehouse_goes_with_the_rules_switched_off() -> None:
    request = requested(a_consignment(delivery=DELIVERY), labels=OPTION)

    assert request.with_rules
    assert "from_address" not in request.body
    assert request.body["ship_with"]
    assert (request.body["apply_shipping_rules"], request.body["apply_shipping_defaults"]) == (False, True)


def test_without_an_option_the_rules_decide() -> None:
    request = requested(a_consignment(delivery=DELIVERY), warehouses=WAREHOUSE)

    assert request.with_rules
    assert "ship_with" not in request.body
    assert request.body["from_address"] == {"sender_address_id": 17}
    assert (request.body["apply_shipping_rules"], request.body["apply_shipping_defaults"]) == (True, True)


def test_an_unknown_weight_is_left_to_the_rules_but_not_to_an_option() -> None:
    weightless = a_consignment(goods=(some_goods(item=an_item(gross_weight=None)),))

    assert requested(weightless).body["parcels"] == [{}]
    assert refusal(weightless, labels=OPTION) == Code.WEIGHT_MISSING


def test_a_service_point_goes_along() -> None:
    request = requested(
        a_consignment(orders=(an_order(your_ref="10875349"),)), service_points={"enabled": True}
    )

    assert request.body["to_service_point"] == {"id": "10875349"}


def test_an_export_is_declared() -> None:
    abroad = a_consignment(
        delivery=a_delivery(), directory=a_directory(an_address(country="CH", postcode="8001"))
    )

    body: Any = requested(abroad, customs={"hs_code": "620520", "country_of_origin": "NL"}).body

    assert body["customs_information"] == {
        "invoice_number": "4711/20001",
        "export_reason": "commercial_goods",
        "export_type": "commercial_b2c",
    }
    assert [item["hs_code"] for item in body["parcels"][0]["parcel_items"]] == ["620520"]
    assert refusal(abroad) == Code.HS_CODE_MISSING


def test_items_are_listed_at_home_only_if_everything_is_known() -> None:
    body: Any = requested(a_consignment(), customs={"hs_code": "620520"}).body

    assert len(body["parcels"][0]["parcel_items"]) == 1
    assert "customs_information" not in body


def test_what_is_collected_gets_no_label() -> None:
    collected = a_consignment(orders=(an_order(shipping_method="met"),))

    assert refusal(collected, labels={"shipping_methods": {"PNL": "none"}}) == Code.NOT_SHIPPED


def test_nothing_to_send_gets_no_label() -> None:
    assert refusal(a_consignment(goods=())) == Code.NO_GOODS
