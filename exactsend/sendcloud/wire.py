"""Sendcloud's API v3 as values: questions as calls, replies as models or an error. Pure: nothing is sent or decided here.

Each question names the vendor's page: Sendcloud, API v3.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from exactsend.errors import FieldProblem, Refused
from exactsend.http.json_values import unusable_fields
from exactsend.http.messages import BadRow, Call, Json, Reply
from exactsend.sendcloud.checks import OfferedOption
from exactsend.sendcloud.fields import Resource, read_text
from exactsend.sendcloud.models import Shipment

SHIPMENTS_PER_PAGE = 100
ORDERS_PER_PAGE = 200
SENDER_ADDRESSES_PER_PAGE = 100
PURCHASE_TIMEOUT_SECONDS = 120.0
CHECK_TIMEOUT_SECONDS = 15.0
"""A purchase goes on without the answer, so it is not waited for at length."""

Model = TypeVar("Model", bound=Resource)
JsonObject = dict[str, Json]

NOT_FOUND = 404
CONFLICT = 409


# Asking


def _read(path: str, query: Mapping[str, str] | None = None, *, endpoint: str = "") -> Call:
    return Call("GET", path, query or {}, endpoint=endpoint or path.lstrip("/"), repeatable=True)


def _segment(identity: str) -> str:
    """An id as one segment of a path."""
    return quote(identity, safe="")


def iso(moment: datetime) -> str:
    """A moment as the vendor's filters take it: ISO 8601, always with Z."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# User: Retrieve metadata associated with the authentication method
def who_am_i() -> Call:
    """Who the keys belong to."""
    return _read("/user/auth/metadata")


# Integrations: Retrieve a list of integrations
def integrations() -> Call:
    """All integrations of the account."""
    return _read("/integrations")


# Sender addresses: Retrieve a list of sender addresses
def sender_addresses() -> Call:
    """All sender addresses of the account."""
    return _read("/addresses/sender-addresses", {"page_size": str(SENDER_ADDRESSES_PER_PAGE)})


# Shipping options: Return a list of available shipping options
def shipping_options(asked: JsonObject) -> Call:
    """The options of the account that fit what is asked. A POST that changes nothing, so it may be repeated."""
    return Call("POST", "/shipping-options", body=asked, endpoint="shipping-options", repeatable=True)


_ENDS = {"from_address": "from", "to_address": "to"}
_FLAT = ("country_code", "postal_code")
"""What of an address there is a field of old for: the page calls them deprecated, and both ways at once are refused (read on 2026-11-30)."""


def with_flat_fields(asked: JsonObject) -> JsonObject:
    """The same question in the older form: codes of country and postcode beside each other, and no address objects."""
    flat = {
        f"{_ENDS[name]}_{field}": address[field]
        for name, address in asked.items()
        if name in _ENDS and isinstance(address, dict)
        for field in _FLAT
        if field in address
    }
    return {**{name: value for name, value in asked.items() if name not in _ENDS}, **flat}


def names_addresses(asked: JsonObject) -> bool:
    """Whether the question says where from or where to by address objects."""
    return not _ENDS.keys().isdisjoint(asked)


def knows_no_addresses(refused: Refused) -> bool:
    """Whether a refusal is about the address objects themselves, which a Sendcloud that knows the older form alone does not have."""
    return any(
        name in f"{problem.pointer} {problem.detail}" for problem in refused.problems for name in _ENDS
    )


def is_without_countries(reply: Reply) -> bool:
    """Whether an answer is that to a question without countries: nothing at all, or no word on prices though they were asked for."""
    options = _under_data(reply)
    if options is None:
        return True
    asked = reply.call.body
    wants_prices = isinstance(asked, dict) and asked.get("calculate_quotes") is True
    rows = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    return (
        wants_prices
        and bool(rows)
        and all(row.get("quotes") is None and not row.get("quote_error") for row in rows)
    )


# Contracts: Retrieve a list of contracts
def contracts() -> Call:
    """The account's contracts with carriers."""
    return _read("/contracts")


# Parcels: Retrieve a list of parcel statuses
def statuses() -> Call:
    """Every status that a parcel can have, by the vendor's own list."""
    return _read("/parcels/statuses")


# Shipments: Retrieve a list of shipments
def shipments(**filters: str) -> Call:
    """The shipments that match the vendor's filters, given by their names."""
    return _read("/shipments", {**filters, "page_size": str(SHIPMENTS_PER_PAGE)})


# Shipments: Retrieve a shipment
def shipment(identity: str) -> Call:
    """One shipment."""
    path = f"/shipments/{_segment(identity)}"
    return Call(
        "GET", path, endpoint="shipments/{id}", repeatable=True, accepted_statuses=frozenset({NOT_FOUND})
    )


# Shipments: Create and announce a shipment synchronously; the same with shipping rules
def reference_of(call: Call) -> str:
    """The reference that a purchase is made under."""
    return str(call.body.get("external_reference_id") or "") if isinstance(call.body, dict) else ""


def announce(request: JsonObject, *, with_rules: bool) -> Call:
    """Buy a label. Never without a reference of ours: it is what keeps Sendcloud from doing it twice."""
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
    """Cancel a shipment. A second time is rejected, so it is not repeated."""
    return Call("POST", f"/shipments/{_segment(identity)}/cancel", endpoint="shipments/{id}/cancel")


# Orders: Create/Update orders in batch
def push_orders(orders: Sequence[JsonObject]) -> Call:
    """Upsert incoming orders, all or none."""
    return Call("POST", "/orders", body=list(orders), endpoint="orders")


# Orders: Retrieve a list of orders
def orders(integration: int, **filters: str) -> Call:
    """The incoming orders of one integration that match the vendor's filters, given by their names."""
    return _read("/orders", {"integration": str(integration), **filters, "page_size": str(ORDERS_PER_PAGE)})


# Orders: Retrieve an order
def order(identity: str) -> Call:
    """One incoming order by Sendcloud's id."""
    path = f"/orders/{_segment(identity)}"
    return Call(
        "GET", path, endpoint="orders/{id}", repeatable=True, accepted_statuses=frozenset({NOT_FOUND})
    )


# Orders: Delete an order
def delete_order(identity: str) -> Call:
    """Delete an incoming order by Sendcloud's id. Twice has the same end, so it may be repeated."""
    path = f"/orders/{_segment(identity)}"
    return Call(
        "DELETE", path, endpoint="orders/{id}", repeatable=True, accepted_statuses=frozenset({NOT_FOUND})
    )


# Parcel documents: Retrieve a parcel document
def parcel_pdf(parcel: int, kind: str) -> Call:
    """A document of a parcel as PDF, by its kind."""
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
    path = f"/service-points/{identity}"
    return Call(
        "GET", path, endpoint="service-points/{id}", repeatable=True, accepted_statuses=frozenset({NOT_FOUND})
    )


# Service points: Check availability of a service point
def service_point_availability(identity: int) -> Call:
    """Whether a service point takes parcels now. A POST that changes nothing, so it may be repeated."""
    return Call(
        "POST",
        f"/service-points/{identity}/check-availability",
        endpoint="service-points/{id}/check-availability",
        repeatable=True,
        accepted_statuses=frozenset({NOT_FOUND}),
    )


# Address: Validate an address
def validate_address(address: JsonObject, carrier: str) -> Call:
    """Whether a carrier takes an address. Without the methods that cost extra. A POST that changes nothing, so it may be repeated."""
    fields: JsonObject = {name: value for name, value in address.items() if name in _ADDRESS_FIELDS}
    body: JsonObject = {"address": fields, "carrier_code": carrier}
    return Call("POST", "/addresses/validate", body=body, endpoint="addresses/validate", repeatable=True)


def in_passing(call: Call, *, leaves: int = 0) -> Call:
    """A question that is not waited for at length nor asked twice: it is done without where it is not answered.

    It is not asked at all where the minute would not allow so many other writes after it: it counts as one (S18).
    """
    return replace(call, repeatable=False, timeout_seconds=CHECK_TIMEOUT_SECONDS, leaves=leaves)


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
"""Who lives there is nobody's business in a check of an address."""


# Reading


def read(reply: Reply, model: type[Model]) -> Model:
    """The one resource of an answer.

    Raises:
        Unreadable: there is none, or it is not what the vendor documents.
    """
    return _resource(reply, model, _under_data(reply), "what it tells")


def read_as_it_is(reply: Reply) -> Json:
    """The one resource of an answer, with all that the service says of it."""
    return _under_data(reply)


def read_list(reply: Reply, model: type[Model]) -> list[Model]:
    """The resources of an answer. One that can't be read makes the whole answer unreadable."""
    good, bad = read_each(reply, model)
    if bad:
        raise reply.unreadable(str(bad[0]))
    return good


def read_each(reply: Reply, model: type[Model]) -> tuple[list[Model], list[BadRow]]:
    """The resources of an answer that can be read, and the rows that can't: one does not take the others with it.

    Raises:
        Unreadable: it is no list.
    """
    rows = _under_data(reply)
    if not isinstance(rows, list):
        raise reply.unreadable("data is no list")
    good: list[Model] = []
    bad: list[BadRow] = []
    for place, row in enumerate(rows, start=1):
        match _read_row(model, row, f"row {place}"):
            case BadRow() as unread:
                bad.append(unread)
            case found:
                good.append(found)
    return good, bad


def read_options(reply: Reply) -> list[OfferedOption] | None:
    """The options; None where Sendcloud tells none for want of addresses, which it words as null."""
    return None if _under_data(reply) is None else read_list(reply, OfferedOption)


def read_bare(reply: Reply, model: type[Model]) -> Model:
    """The one resource of an answer that does not stand under ``data``."""
    return _resource(reply, model, reply.json(), "what it tells")


def read_announced(reply: Reply, reference: str) -> Shipment:
    """The shipment of an answer to a purchase: under ``data`` or bare, since the body of a 409 is not documented.

    Raises:
        Unreadable: there is none, or it may be another one than ``reference`` was used for.
    """
    document = reply.json()
    bare = isinstance(document, dict) and "data" not in document
    row = document if bare else _under_data(reply)
    if isinstance(row, dict):
        # It repeats what was sent, or leaves it out: the vendor's own examples lack the reference.
        row = {"order_number": None, "external_reference_id": None, **row}
    found = _resource(reply, Shipment, row, "its shipment")
    silent = reply.status != CONFLICT and not found.external_reference_id
    if found.external_reference_id != reference and not silent:
        raise reply.unreadable("its shipment bears another reference")
    return found


def read_pdf(reply: Reply) -> bytes:
    """The file of an answer, which must be a PDF."""
    if not reply.body.startswith(b"%PDF"):
        raise reply.unreadable("it is no PDF")
    return reply.body


def read_cancellation(reply: Reply) -> str:
    """What became of a cancellation: "cancelled" or "queued"."""
    status = _field(reply, "status")
    if status not in ("cancelled", "queued"):
        raise reply.unreadable("its status is neither cancelled nor queued")
    return str(status)


def read_availability(reply: Reply) -> bool:
    """Whether the point takes parcels."""
    available = _field(reply, "is_available")
    if not isinstance(available, bool):
        raise reply.unreadable("it does not say whether the point is available")
    return available


LONGEST_LINK_HEADER = 8_192
"""Several links with their filters take some hundreds."""
_RELATION = re.compile(r"\brel=\"?([^\";,]+)", re.IGNORECASE)


def next_link(reply: Reply) -> str | None:
    """Where the listing goes on, as its ``Link`` header says.

    Raises:
        Unreadable: the header is longer than any that says so.
    """
    header = reply.headers.get("link", "")
    if len(header) > LONGEST_LINK_HEADER:
        raise reply.unreadable(f"its Link header has {len(header)} characters")
    for link in header.split("<")[1:]:
        target, _, rest = link.partition(">")
        relation = _RELATION.search(rest)
        if relation and "next" in relation[1].lower().split():
            return target
    return None


_CULPRIT = re.compile(r"/\[(\d+)\](?:/|$)")


def culprit_index(pointer: str) -> int | None:
    """Which order of a push a pointer such as ``/data/attributes/[1]/order_id`` accuses; None when it names none."""
    found = _CULPRIT.search(pointer)
    return int(found[1]) if found else None


def is_still_processing(problem: FieldProblem) -> bool:
    """Whether an order is not bad but still being stored: the push is to be repeated later."""
    return "still processing" in problem.detail.lower()


def is_being_cancelled(refused: Refused) -> bool:
    """Whether a cancellation is refused since one is under way, or has been."""
    is_conflict = refused.http_status == CONFLICT
    return is_conflict and any(
        "already being cancelled" in problem.detail.lower() for problem in refused.problems
    )


def _under_data(reply: Reply) -> Json:
    document = reply.json()
    if not isinstance(document, dict) or "data" not in document:
        raise reply.unreadable("what is read stands under data, and there is none")
    return document["data"]


def _field(reply: Reply, name: str) -> Json:
    inner = _under_data(reply)
    return inner.get(name) if isinstance(inner, dict) else None


def _resource(reply: Reply, model: type[Model], row: Json, name: str) -> Model:
    """A row as its model; the error names the fields, never their content."""
    found = _read_row(model, row, name)
    if isinstance(found, BadRow):
        raise reply.unreadable(f"{name} {found.why}")
    return found


def _read_row(model: type[Model], row: Json, name: str) -> Model | BadRow:
    """A row as its model, or which resource it is and which of its fields can't be used."""
    if not isinstance(row, dict):
        return BadRow("", name, "is no object")
    try:
        return model.model_validate(row)
    except ValidationError as refused:
        identity, number, reference = (
            read_text(row.get(field)) for field in ("id", "order_number", "external_reference_id")
        )
        return BadRow(identity, name, unusable_fields(refused), number=number, reference=reference)
