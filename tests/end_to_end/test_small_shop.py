"""The demo's shop, run to its end: every field on both sides, every request by the vendor's schema, and then silence."""

from datetime import timedelta
from typing import Any, cast

import pytest

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.sendcloud.structure import problems
from tests.end_to_end.shop import Shop

SOON = timedelta(minutes=5)


@pytest.fixture
def run_shop(small_shop: Shop) -> Shop:
    """Orders brought, everything delivered, labels bought: what can be is done."""
    small_shop.run()
    small_shop.clock.advance(SOON)
    starting_worlds.deliver_all(small_shop.office)
    small_shop.run()
    return small_shop


def orders_by_number(shop: Shop) -> dict[str, Any]:
    pushed = [call for call in shop.sandbox.writes("sendcloud") if call.path == "/api/v3/orders"]
    return {order["order_number"]: order for call in pushed for order in cast("list[Any]", call.body)}


def requests_by_number(shop: Shop) -> dict[str, Any]:
    bodies = [cast("dict[str, Any]", call.body) for call in shop.purchases]
    return {body["order_number"]: body for body in bodies}


# ── orders ───────────────────────────────────────────────────────────────────────────────────────


def test_only_open_approved_recent_orders_that_are_shipped_become_incoming_orders(small_shop: Shop) -> None:
    run = small_shop.run()
    assert run.exit_status is ExitStatus.DONE
    assert small_shop.incoming() == ["4711", "4712", "4713", "4714", "4715", "4716"]
    assert small_shop.written == ["POST orders"]


def test_the_domestic_order_in_full(small_shop: Shop) -> None:
    small_shop.run()
    order, mugs = small_shop.office.order_id(4711), small_shop.office.order_line(4711, "MUG").key
    assert orders_by_number(small_shop)["4711"] == {
        "order_id": f"exact-1234567-o-{order}",
        "order_number": "4711",
        "order_details": {
            "integration": {"id": 7001},
            "status": {"code": "open", "message": "Open in Exact"},
            "order_created_at": "2026-11-23T00:00:00Z",
            "order_items": [
                {
                    "item_id": mugs,
                    "name": "Enamel mug",
                    "sku": "MUG",
                    "quantity": 4,
                    "total_price": {"value": 50, "currency": "EUR"},
                    "unit_price": {"value": 12.5, "currency": "EUR"},
                    "hs_code": "732394",
                    "country_of_origin": "NL",
                    "measurement": {"weight": {"value": 0.35, "unit": "kg"}},
                }
            ],
        },
        "payment_details": {
            "total_price": {"value": 50, "currency": "EUR"},
            "status": {"code": "unknown", "message": "Payment is handled in Exact"},
        },
        "customer_details": {
            "name": "Marieke Jansen",
            "email": "marieke@vandijk.example",
            "phone_number": "+31612345678",
        },
        "shipping_address": {
            "name": "Marieke Jansen",
            "company_name": "Van Dijk Interieur B.V.",
            "address_line_1": "Oudegracht",
            "house_number": "231-A",
            "postal_code": "3511 NK",
            "city": "Utrecht",
            "country_code": "NL",
            "email": "marieke@vandijk.example",
            "phone_number": "+31612345678",
        },
        "shipping_details": {
            "ship_with": {
                "type": "shipping_option_code",
                "properties": {"shipping_option_code": "postnl:standard"},
            },
            "measurement": {"weight": {"value": 1.4, "unit": "kg"}},
        },
    }


@pytest.mark.parametrize(
    ("number", "address", "option", "weight"),
    [
        ("4712", ("Els Peeters", "Meir", "12 bus 3", "2000", "Antwerpen", "BE"), "dpd:home", 0.5),
        (
            "4713",
            ("Joris Bakker", "Amsterdamsestraatweg", "10", "3513 AA", "Utrecht", "NL"),
            "postnl:service-point",
            1.8,
        ),
        (
            "4714",
            ("Alpenlicht AG", "Bahnhofstrasse", "21", "8001", "Zürich", "CH"),
            "dhl_express:worldwide",
            6.65,
        ),
        ("4715", ("Sanne de Boer", "Dorpsstraat", None, "1861 KX", "Bergen", "NL"), "postnl:standard", 0.7),
        (
            "4716",
            ("Koffiehuis De Hoek", "Witte de Withstraat", "9", "3012 BK", "Rotterdam", "NL"),
            "postnl:standard",
            7.1,
        ),
    ],
)
def test_where_each_order_goes_how_and_how_heavy(
    small_shop: Shop, number: str, address: tuple[str | None, ...], option: str, weight: float
) -> None:
    small_shop.run()
    order = orders_by_number(small_shop)[number]
    fields = ("name", "address_line_1", "house_number", "postal_code", "city", "country_code")
    assert tuple(order["shipping_address"].get(field) for field in fields) == address
    assert order["shipping_details"] == {
        "ship_with": {"type": "shipping_option_code", "properties": {"shipping_option_code": option}},
        "measurement": {"weight": {"value": weight, "unit": "kg"}},
    }


def test_the_service_point_and_the_customs_details_stand_on_the_orders_that_need_them(
    small_shop: Shop,
) -> None:
    small_shop.run()
    orders = orders_by_number(small_shop)
    assert {n: o["service_point_details"] for n, o in orders.items() if "service_point_details" in o} == {
        "4713": {"id": "10875349"}
    }
    assert [number for number, order in orders.items() if "customs_details" in order] == ["4714"]
    customs = orders["4714"]["customs_details"]
    assert customs["commercial_invoice_number"] == "4714"
    assert customs["shipment_type"] == "commercial_goods"


# ── labels ───────────────────────────────────────────────────────────────────────────────────────


def test_each_delivery_is_announced_once_under_its_reference(run_shop: Shop) -> None:
    references = sorted(row["external_reference_id"] for row in requests_by_number(run_shop).values())
    deliveries = [run_shop.delivery_id(number) for number in run_shop.office.delivery_numbers()]
    assert references == sorted(f"exact-1234567-{delivery}-1" for delivery in deliveries)


def test_the_deliveries_are_bought_oldest_first(run_shop: Shop) -> None:
    assert list(requests_by_number(run_shop)) == [
        "4711",
        "4712",
        "4713",
        "4714",
        "4715",
        "4716/20006",
        "4716/20007",
    ]


def test_the_domestic_request_in_full(run_shop: Shop) -> None:
    assert requests_by_number(run_shop)["4711"] == {
        "to_address": {
            "name": "Marieke Jansen",
            "company_name": "Van Dijk Interieur B.V.",
            "address_line_1": "Oudegracht",
            "house_number": "231-A",
            "postal_code": "3511 NK",
            "city": "Utrecht",
            "country_code": "NL",
            "email": "marieke@vandijk.example",
            "phone_number": "+31612345678",
        },
        "from_address": {"sender_address_id": 17},
        "order_number": "4711",
        "external_reference_id": f"exact-1234567-{run_shop.delivery_id(20001)}-1",
        "label_details": {"mime_type": "application/pdf", "dpi": 72},
        "total_order_price": {"value": "50.00", "currency": "EUR"},
        "ship_with": {
            "type": "shipping_option_code",
            "properties": {"shipping_option_code": "postnl:standard"},
        },
        "parcels": [
            {
                "weight": {"value": "1.4", "unit": "kg"},
                "parcel_items": [
                    {
                        "item_id": run_shop.office.order_line(4711, "MUG").key,
                        "sku": "MUG",
                        "description": "Enamel mug",
                        "quantity": 4,
                        "hs_code": "732394",
                        "origin_country": "NL",
                        "weight": {"value": 0.35, "unit": "kg"},
                        "price": {"value": "12.50", "currency": "EUR"},
                    }
                ],
            }
        ],
    }


def test_the_export_declares_every_item_and_the_importer(run_shop: Shop) -> None:
    request = requests_by_number(run_shop)["4714"]
    customs, (parcel,) = request["customs_information"], request["parcels"]
    assert (customs["invoice_number"], customs["export_reason"], customs["export_type"]) == (
        "4714/20004",
        "commercial_goods",
        "commercial_b2c",
    )
    assert {(row["name"], row["value"]) for row in customs["tax_numbers"]["importer_of_record"]} == {
        ("EORI", "CH123456789000"),
        ("VAT", "CHE123456789"),
    }
    declared = [
        (item["quantity"], item["hs_code"], item["origin_country"], item["price"]["value"])
        for item in parcel["parcel_items"]
    ]
    assert declared == [(3, "940521", "DE", "89.00"), (5, "620520", "PT", "39.95")]


def test_the_parts_carry_what_they_contain(run_shop: Shop) -> None:
    requests = requests_by_number(run_shop)
    contents = {
        number: [(item["sku"], item["quantity"]) for item in requests[number]["parcels"][0]["parcel_items"]]
        for number in ("4716/20006", "4716/20007")
    }
    assert contents == {"4716/20006": [("MUG", 6)], "4716/20007": [("MUG", 4), ("LAMP", 2)]}


def test_only_the_service_point_delivery_goes_to_one(run_shop: Shop) -> None:
    requests = requests_by_number(run_shop)
    assert {number for number, row in requests.items() if "to_service_point" in row} == {"4713"}
    assert requests["4713"]["to_service_point"] == {"id": "10875349"}


def test_one_live_label_a_delivery_and_the_failed_one_waits_in_the_panel(run_shop: Shop) -> None:
    live = run_shop.live()
    assert sorted(live) == ["4711", "4712", "4713", "4714", "4716/20006", "4716/20007"]
    assert all(len(ids) == 1 for ids in live.values())
    assert run_shop.paid() == 6
    assert run_shop.incoming() == ["4715"]


# ── back in Exact ────────────────────────────────────────────────────────────────────────────────


def test_number_remarks_and_label_stand_on_every_labelled_delivery(run_shop: Shop) -> None:
    for number in run_shop.office.delivery_numbers():
        if number == 20005:
            continue
        (label,) = run_shop.lives_of(number)
        (parcel,) = label.parcels
        assert run_shop.office.tracking(number) == label.tracking_number
        assert run_shop.office.remarks(number) == f"Track & trace: {parcel.tracking_url}"
        document = run_shop.office.document(number)
        assert document is not None
        assert document.text("Subject") == f"exactsend {label.external_reference_id}"
        (attachment,) = run_shop.office.attachments(number)
        assert attachment.name == f"label-{parcel.parcel_id}.pdf"
        assert attachment.content.startswith(b"%PDF")
    assert len(run_shop.office.documents()) == 6


def test_the_failed_delivery_is_untouched_in_exact(run_shop: Shop) -> None:
    office = run_shop.office
    assert (office.tracking(20005), office.remarks(20005), office.document(20005)) == ("", "", None)
    assert run_shop.problem(20005) == "house_number_missing"


def test_cured_in_exact_the_last_one_goes_too(run_shop: Shop) -> None:
    run_shop.office.correct_address(
        run_shop.office.order(4715).text("DeliveryAddress"), AddressLine1="Dorpsstraat 12"
    )
    assert run_shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert run_shop.incoming() == []
    assert run_shop.office.tracking(20005)
    assert run_shop.paid() == 7


# ── requests and silence ─────────────────────────────────────────────────────────────────────────


def test_every_request_is_valid_by_the_vendors_schema(run_shop: Shop) -> None:
    schemas = {
        "/api/v3/orders": "POST /orders",
        "/api/v3/shipments/announce": "POST /shipments/announce",
        "/api/v3/shipments/announce-with-shipping-rules": "POST /shipments/announce-with-shipping-rules",
    }
    bodies = [
        (schemas[call.path], call.body)
        for call in run_shop.sandbox.calls
        if call.path in schemas and call.is_write
    ]
    assert len(bodies) >= 9
    assert [found for call, body in bodies for found in problems(call, body, strict=True)] == []


def test_nothing_was_refused(run_shop: Shop) -> None:
    assert [(call.method, call.path, call.refused) for call in run_shop.sandbox.calls if call.refused] == []


def test_after_any_run_the_next_one_writes_nothing_however_much_later(run_shop: Shop) -> None:
    for pause in (
        timedelta(0),
        timedelta(0),
        SOON,
        timedelta(minutes=16),
        timedelta(hours=1),
        timedelta(hours=3),
        timedelta(days=1),
        timedelta(days=1, hours=1),
        timedelta(days=1),
        timedelta(days=20),
    ):
        run = run_shop.run(after=pause)
        assert run.exit_status is ExitStatus.ATTENTION
        assert run_shop.written == [], pause
        assert [outcome for outcome in run.outcomes if outcome.listed] == [], pause


def test_a_dry_run_writes_nothing_anywhere_and_shows_what_the_run_then_does(small_shop: Shop) -> None:
    dry = small_shop.run(dry_run=True)
    assert small_shop.written == []
    assert not (small_shop.process.state / "1234567").exists()
    planned = [(outcome.kind, outcome.subject, outcome.request) for outcome in dry.outcomes if outcome.listed]
    small_shop.mark = len(small_shop.sandbox.calls)
    real = small_shop.run()
    assert [
        (outcome.kind, outcome.subject, outcome.request) for outcome in real.outcomes if outcome.listed
    ] == planned


def test_a_dry_run_by_hand_mode_shows_the_entries_of_parts_too(manual_shop: Shop) -> None:
    number = manual_shop.place(quantity=10)
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number, {"MUG": 6})
    dry = manual_shop.run(after=SOON, dry_run=True)
    planned = [outcome.request["order_number"] for outcome in dry.outcomes if outcome.listed]  # type: ignore[index,call-overload]  # an object
    assert planned == ["4711", "4711/20001"]
