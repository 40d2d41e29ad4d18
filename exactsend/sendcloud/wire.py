"""Builds the calls to Sendcloud's API v3. Pure: sends nothing.

The comment above each function names the page of the API v3 reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from exactsend.http.messages import Call, JsonObject

SHIPMENTS_PER_PAGE = 100
ORDERS_PER_PAGE = 200
SENDER_ADDRESSES_PER_PAGE = 100
PURCHASE_TIMEOUT_SECONDS = 120.0
OPTIONAL_TIMEOUT_SECONDS = 15.0
"""A purchase goes on without the response."""

NOT_FOUND = 404
CONFLICT = 409

_ADDRESS_FIELDS = frozenset(
    {
        "address_line_1",
        "house_number",
        "address_line_2",
        "postal_code",
        "city",
        "state_province_code",
        "country_code",
    }
)
"""Sent to check an address; the check does not need names."""


def _get(path: str, query: Mapping[str, str] | None = None) -> Call:
    return Call("GET", path, query or {}, endpoint=path.lstrip("/"), repeatable=True)


def _get_if_exists(path: str, endpoint: str) -> Call:
    return Call("GET", path, endpoint=endpoint, repeatable=True, accepted_statuses=frozenset({NOT_FOUND}))


def _segment(identity: str) -> str:
    """An id as one segment of a path."""
    return quote(identity, safe="")


def iso(moment: datetime) -> str:
    """A time for the vendor's filters: ISO 8601, always with Z."""
    if moment.tzinfo is None:
        raise ValueError("the time has no zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# User: Retrieve metadata associated with the authentication method
def who_am_i() -> Call:
    """The user and the integration that own the keys."""
    return _get("/user/auth/metadata")


# Integrations: Retrieve a list of integrations
def integrations() -> Call:
    """All integrations of the account."""
    return _get("/integrations")


# Sender addresses: Retrieve a list of sender addresses
def sender_addresses() -> Call:
    """All sender addresses of the account."""
    return _get("/addresses/sender-addresses", {"page_size": str(SENDER_ADDRESSES_PER_PAGE)})


# Shipping options: Return a list of available shipping options
def shipping_options(query: JsonObject) -> Call:
    """The account's options that match a query. A POST that changes nothing, so it may be repeated."""
    return Call("POST", "/shipping-options", body=query, endpoint="shipping-options", repeatable=True)


# Contracts: Retrieve a list of contracts
def contracts() -> Call:
    """The account's contracts with carriers."""
    return _get("/contracts")


# Parcels: Retrieve a list of parcel statuses
def statuses() -> Call:
    """The vendor's list of the statuses that a parcel can have."""
    return _get("/parcels/statuses")


# Shipments: Retrieve a list of shipments
def shipments(**filters: str) -> Call:
    """The shipments that match the vendor's filters, given by their names."""
    return _get("/shipments", {**filters, "page_size": str(SHIPMENTS_PER_PAGE)})


# Shipments: Retrieve a shipment
def shipment(identity: str) -> Call:
    """One shipment."""
    return _get_if_exists(f"/shipments/{_segment(identity)}", "shipments/{id}")


# Shipments: Create and announce a shipment synchronously; the same with shipping rules
def reference_of(call: Call) -> str:
    """The reference that a purchase is made under."""
    return str(call.body.get("external_reference_id") or "") if isinstance(call.body, dict) else ""


def announce(request: JsonObject, *, with_rules: bool) -> Call:
    """Buy a label. The request must have our reference, which keeps Sendcloud from buying twice."""
    if not request.get("external_reference_id"):
        raise ValueError("a purchase without a reference")
    path = "/shipments/announce-with-shipping-rules" if with_rules else "/shipments/announce"
    return Call(
        "POST",
        path,
        body=request,
        endpoint=path.lstrip("/"),
        timeout_seconds=PURCHASE_TIMEOUT_SECONDS,
        accepted_statuses=frozenset({CONFLICT}),
    )


# Shipments: Cancel a shipment
def cancel(identity: str) -> Call:
    """Cancel a shipment. A second request is refused, so it is not repeated."""
    return Call("POST", f"/shipments/{_segment(identity)}/cancel", endpoint="shipments/{id}/cancel")


# Orders: Create/Update orders in batch
def push_orders(orders: Sequence[JsonObject]) -> Call:
    """Create or update incoming orders, all or none."""
    return Call("POST", "/orders", body=list(orders), endpoint="orders")


# Orders: Retrieve a list of orders
def orders(integration: int, **filters: str) -> Call:
    """The incoming orders of one integration that match the vendor's filters, given by their names."""
    return _get("/orders", {"integration": str(integration), **filters, "page_size": str(ORDERS_PER_PAGE)})


# Orders: Retrieve an order
def order(identity: str) -> Call:
    """One incoming order, by Sendcloud's id."""
    return _get_if_exists(f"/orders/{_segment(identity)}", "orders/{id}")


# Orders: Delete an order
def delete_order(identity: str) -> Call:
    """Delete an incoming order, by Sendcloud's id. May be repeated: the result is the same."""
    path = f"/orders/{_segment(identity)}"
    return Call(
        "DELETE", path, endpoint="orders/{id}", repeatable=True, accepted_statuses=frozenset({NOT_FOUND})
    )


# Parcel documents: Retrieve a parcel document
def parcel_pdf(parcel: int, kind: str) -> Call:
    """A parcel's document of this kind, as PDF."""
    return Call(
        "GET",
        f"/parcels/{parcel}/documents/{kind}",
        accept="application/pdf",
        endpoint=f"parcels/{{id}}/documents/{kind}",
        repeatable=True,
    )


# Service points: Retrieve a service point
def service_point(identity: int) -> Call:
    """One service point."""
    return _get_if_exists(f"/service-points/{identity}", "service-points/{id}")


# Service points: Check availability of a service point
def service_point_availability(identity: int) -> Call:
    """Whether a service point accepts parcels now. A POST that changes nothing, so it may be repeated."""
    return Call(
        "POST",
        f"/service-points/{identity}/check-availability",
        endpoint="service-points/{id}/check-availability",
        repeatable=True,
        accepted_statuses=frozenset({NOT_FOUND}),
    )


# Address: Validate an address
def validate_address(address: JsonObject, carrier: str) -> Call:
    """Whether a carrier accepts an address, by the methods without extra cost. A POST that changes nothing, so it may be repeated."""
    fields: JsonObject = {name: value for name, value in address.items() if name in _ADDRESS_FIELDS}
    body: JsonObject = {"address": fields, "carrier_code": carrier}
    return Call("POST", "/addresses/validate", body=body, endpoint="addresses/validate", repeatable=True)


def optional(call: Call, *, reserve: int = 0) -> Call:
    """A call whose response the program can do without: sent once, with a short timeout.

    It counts as a write, so it is not sent if the minute's limit would then allow fewer than ``reserve`` more writes (S18).
    """
    return replace(call, repeatable=False, timeout_seconds=OPTIONAL_TIMEOUT_SECONDS, reserve=reserve)
