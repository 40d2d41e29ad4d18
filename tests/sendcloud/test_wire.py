"""The calls to Sendcloud, word for word."""

from datetime import datetime, timedelta, timezone

import pytest

from exactsend.sendcloud import wire

REFERENCE = "exact-1234567-8b3f0a5e-0000-4000-8000-00000000000a-1"


def test_shipments_are_asked_for_a_hundred_at_a_time() -> None:
    call = wire.shipments(order_number="4711")

    assert (call.path, call.query) == ("/shipments", {"order_number": "4711", "page_size": "100"})
    assert call.repeatable


def test_orders_are_asked_for_within_their_integration() -> None:
    call = wire.orders(17, order_id="exact-1-o-2")

    assert call.query == {"integration": "17", "order_id": "exact-1-o-2", "page_size": "200"}


def test_a_moment_is_sent_in_utc_with_a_z() -> None:
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1)))

    assert wire.iso(moment) == "2026-11-23T11:00:00Z"


def test_a_moment_without_a_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        wire.iso(datetime(2026, 11, 23))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    ("with_rules", "path"),
    [(False, "/shipments/announce"), (True, "/shipments/announce-with-shipping-rules")],
)
def test_a_purchase_waits_long_is_never_repeated_and_welcomes_a_conflict(
    path: str, *, with_rules: bool
) -> None:
    call = wire.announce({"external_reference_id": REFERENCE}, with_rules=with_rules)

    assert (call.method, call.path) == ("POST", path)
    assert (call.repeatable, call.timeout_seconds, call.accepted_statuses) == (False, 120.0, frozenset({409}))


def test_nothing_is_bought_without_a_reference() -> None:
    with pytest.raises(ValueError, match="reference"):
        wire.announce({"order_number": "4711"}, with_rules=False)


def test_orders_are_pushed_as_a_bare_list() -> None:
    call = wire.push_orders([{"order_id": "a"}])

    assert (call.path, call.body, call.repeatable) == ("/orders", [{"order_id": "a"}], False)


def test_an_id_can_not_lead_to_another_path() -> None:
    assert wire.shipment("../orders?x=1").path == "/shipments/..%2Forders%3Fx%3D1"
    assert wire.delete_order("1/2").path == "/orders/1%2F2"


def test_a_label_is_asked_for_as_pdf() -> None:
    call = wire.parcel_pdf(383707309, "label")

    assert (call.path, call.accept) == ("/parcels/383707309/documents/label", "application/pdf")
