"""A person's hand in the panel."""

from typing import Any

import pytest

from tests.sandbox.sendcloud.shop import Shop, address, answered, item, order


def push(shop: Shop, **changes: object) -> int:
    """Sendcloud's id of an order that was pushed."""
    pk: int = answered(shop.post("/orders", [order("exact-o-1", **changes)]))["data"][0]["id"]
    return pk


def test_a_label_made_in_the_panel_is_found_by_number_and_integration_only(shop: Shop) -> None:
    push(shop)

    shipment = shop.panel.make_label("4711")

    (row,) = shop.told("/shipments?order_number=4711&integration_id=7001")
    assert row["id"] == shipment.shipment_id
    assert row["external_reference_id"] is None
    assert row["ship_with"]["properties"]["shipping_option_code"] == "postnl:standard"
    assert shop.panel.incoming() == []
    assert len(shop.sendcloud.paid()) == 1


@pytest.mark.parametrize(("kept", "status"), [(True, 200), (False, 404)])
def test_whether_the_api_still_shows_the_order_is_a_switch(shop: Shop, *, kept: bool, status: int) -> None:
    shop.behaviour.panel_label_keeps_order = kept
    pk = push(shop)

    shop.panel.make_label("4711")

    assert shop.get(f"/orders/{pk}").status_code == status


def test_the_panel_ships_with_what_the_order_asks_for(shop: Shop) -> None:
    ship_with = {"type": "shipping_option_code", "properties": {"shipping_option_code": "dpd:home"}}
    push(shop, shipping_details={"ship_with": ship_with})

    assert shop.panel.make_label("4711").option.code == "dpd:home"


def test_the_panel_can_choose_another_option(shop: Shop) -> None:
    push(shop)

    assert shop.panel.make_label("4711", "sendcloud:letter").option.code == "sendcloud:letter"


def test_a_panel_label_that_fails_leaves_the_order_where_it_is(shop: Shop) -> None:
    push(shop, shipping_address=address(house_number=""))

    assert shop.panel.make_label("4711").status == "ANNOUNCEMENT_FAILED"

    assert len(shop.panel.incoming()) == 1


def test_a_cancelled_panel_label_puts_the_order_back(shop: Shop) -> None:
    push(shop)
    shop.panel.make_label("4711")

    cancelled = shop.panel.cancel_label("4711")

    assert cancelled.status == "CANCELLED"
    assert shop.panel.labels() == []
    assert len(shop.panel.incoming()) == 1


def test_a_restored_label_is_live_and_charged(shop: Shop) -> None:
    push(shop)
    shop.panel.make_label("4711")

    shop.panel.restore_label(shop.panel.cancel_label("4711"))

    assert [s.status for s in shop.panel.labels("4711")] == ["READY_TO_SEND"]
    assert len(shop.sendcloud.paid()) == 1


def test_an_order_can_be_edited_and_deleted_in_the_panel(shop: Shop) -> None:
    pk = push(shop)

    shop.panel.edit_order("4711", house_number="14")
    assert shop.told(f"/orders/{pk}")["shipping_address"]["house_number"] == "14"
    shop.panel.delete_order("4711")
    assert shop.get(f"/orders/{pk}").status_code == 404
    with pytest.raises(LookupError):
        shop.panel.delete_order("4711")


def test_a_failed_announcement_is_cured_as_the_same_shipment(shop: Shop) -> None:
    failed = shop.announced(external_reference_id="R1", to_address=address(house_number=""))

    cured = shop.panel.retry_failed("4711", house_number="12")

    assert cured.shipment_id == failed["id"]
    told = shop.told(f"/shipments/{failed['id']}")
    assert told["errors"] == []
    assert told["parcels"][0]["status"]["code"] == "READY_TO_SEND"
    assert told["external_reference_id"] == "R1"


def test_a_failed_announcement_can_be_cured_by_a_new_shipment(shop: Shop) -> None:
    failed = shop.announced(external_reference_id="R1", to_address=address(house_number=""))

    cured = shop.panel.retry_failed("4711", as_new_shipment=True, house_number="12")

    assert cured.shipment_id != failed["id"]
    assert cured.external_reference_id is None
    assert [s.shipment_id for s in shop.panel.labels("4711")] == [cured.shipment_id]


def test_a_shipment_without_a_label_is_listed_and_costs_nothing(shop: Shop) -> None:
    push(shop)

    shop.panel.make_shipment_without_label("4711")

    (row,) = shop.told("/shipments?order_number=4711")
    assert row["parcels"][0]["status"] == {"code": "NO_LABEL", "message": "No label"}
    assert row["parcels"][0]["documents"] == []
    assert [entry.order_number for entry in shop.panel.incoming()] == ["4711"]
    assert (shop.panel.labels(), shop.sendcloud.paid()) == ([], [])


def test_another_apps_label_carries_the_same_number_under_another_integration(shop: Shop) -> None:
    shop.sendcloud.accounts[0].add_integration(
        public_key="app", secret_key="key", integration_id=7099, shop_name="Sendcloud for Exact"
    )

    shipment = shop.panel.make_label_elsewhere("4711", 7099, to_address=address())

    assert [row["id"] for row in shop.told("/shipments?order_number=4711")] == [shipment.shipment_id]
    assert shop.told("/shipments?order_number=4711&integration_id=7001") == []


def test_a_return_goes_the_other_way_under_the_same_number(shop: Shop) -> None:
    push(shop)

    back = shop.panel.make_return(shop.panel.make_label("4711"))

    assert back.order_number == "4711"
    assert back.to_address["city"] == "Utrecht"


def test_a_status_unknown_to_all_is_shown_and_moves_the_update(shop: Shop) -> None:
    shop.announced()
    shop.wait(minutes=5)

    shop.panel.set_status(shop.panel.labels()[0], "AT_THE_NEIGHBOURS")

    (row,) = shop.told("/shipments?updated_after=2026-11-23T09:04:00Z")
    assert row["parcels"][0]["status"] == {"code": "AT_THE_NEIGHBOURS", "message": "At the neighbours"}


def test_incoming_orders_can_be_read_at_a_glance(shop: Shop) -> None:
    push(shop)

    (incoming,) = shop.panel.incoming()

    assert incoming.quantities == {"Mug": 1, "Plate": 1}
    assert incoming.shipping_address == address()


def test_an_order_that_left_with_its_label_is_made_anew_when_pushed_again(shop: Shop) -> None:
    shop.behaviour.panel_label_keeps_order = False
    first = push(shop)
    shop.panel.make_label("4711")

    second = push(shop)

    assert second != first
    assert len(shop.panel.incoming()) == 1


def test_numbers_of_two_shops_are_kept_apart(shop: Shop) -> None:
    push(shop)

    with pytest.raises(LookupError):
        shop.panel.make_label("4711", integration_id=7002)


def test_the_panel_hands_on_service_point_weight_and_customs(shop: Shop) -> None:
    kilos = {"weight": {"value": 2.5, "unit": "kg"}}
    to_point = {"delivery_indicator": "Pick-up point", "measurement": kilos}
    push(shop, shipping_details=to_point, service_point_details={"id": "10875349"})

    shipment = shop.panel.make_label("4711")

    assert shipment.option.code == "postnl:service-point"
    assert shipment.details["to_service_point"] == {"id": "10875349"}
    assert shipment.parcels[0].body["weight"] == {"value": "2.5", "unit": "kg"}


def test_an_export_can_be_shipped_from_the_panel(shop: Shop) -> None:
    goods = {
        "hs_code": "691200",
        "country_of_origin": "NL",
        "measurement": {"weight": {"value": 0.2, "unit": "kg"}},
    }
    usual: Any = order()
    details = {**usual["order_details"], "order_items": [item("Mug", **goods)]}
    swiss = address(country_code="CH", postal_code="8001")
    papers = {"commercial_invoice_number": "4711", "shipment_type": "commercial_goods"}
    push(shop, order_details=details, shipping_address=swiss, customs_details=papers)

    assert shop.panel.make_label("4711").errors == ()


def test_a_label_that_is_not_there_cannot_be_cancelled(shop: Shop) -> None:
    with pytest.raises(LookupError):
        shop.panel.cancel_label("4711")


def test_a_shipment_can_be_read_again(shop: Shop) -> None:
    push(shop)
    shipment = shop.panel.make_label("4711")

    shop.panel.set_status(shipment, "DELIVERED")

    assert shop.panel.shipment(shipment).status == "DELIVERED"
