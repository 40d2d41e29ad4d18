"""The GET requests of a run to Sendcloud, each for a few rows.

A single record, such as one shipment, is requested if an earlier answer names one.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ValidationError

from exactsend.http.messages import Call, Json, Reply
from exactsend.operations.shapes.differences import Difference, DifferenceKind
from exactsend.operations.shapes.reader import ROWS_CHANGED_WITHIN, ROWS_OF_LISTING, Reader
from exactsend.sendcloud import replies, wire
from exactsend.sendcloud.models import (
    AuthMetadata,
    CarrierContract,
    Integration,
    ReadOrder,
    SenderAddress,
    ServicePoint,
    Shipment,
    StoredOrder,
)
from exactsend.sendcloud.parcels import LABEL, Status


def read_sendcloud(reader: Reader, now: datetime) -> None:
    """Send Sendcloud every GET request that a run makes."""
    own = _first_value(
        _single_row(reader, "user/auth/metadata", wire.who_am_i(), AuthMetadata), "integration_id"
    )
    _page(reader, "integrations", wire.integrations(), Integration)
    _page(
        reader,
        "addresses/sender-addresses",
        _with_page_size(wire.sender_addresses(), ROWS_OF_LISTING),
        SenderAddress,
    )
    _page(reader, "contracts", wire.contracts(), CarrierContract)
    _page(reader, "parcels/statuses", wire.statuses(), Status)
    filters = {"updated_after": wire.iso(now - ROWS_CHANGED_WITHIN)} | (
        {"integration_id": own} if own else {}
    )
    shipments = _page(
        reader, "shipments", _with_page_size(wire.shipments(**filters), ROWS_OF_LISTING), Shipment
    )
    _single_record(reader, "shipments/{id}", _first_value(shipments, "id"), wire.shipment, Shipment)
    _document(reader, _labelled_parcel(shipments))
    point = _first_value(shipments, "to_service_point", "id")
    _single_record(
        reader,
        "service-points/{id}",
        point if point.isdigit() else "",
        lambda name: wire.service_point(int(name)),
        ServicePoint,
    )
    if not own.isdigit():
        reader.leave_out("orders", "because the integration is not known")
        return
    orders = _page(reader, "orders", _with_page_size(wire.orders(int(own)), ROWS_OF_LISTING), StoredOrder)
    _single_record(reader, "orders/{id}", _first_value(orders, "id"), wire.order, ReadOrder)


def _page(reader: Reader, endpoint: str, call: Call, model: type[BaseModel]) -> list[Json]:
    """One page of a listing. If it is full but links to no other page, one more row is requested, which must not exist."""
    found = reader.rows(endpoint, call, model, _listed)
    size = int(call.query.get("page_size", 0))
    if size and len(found) == size and not reader.headers.last_had_a_link:
        answer = reader.answers[-1]
        more = reader.ask(endpoint, _with_page_size(call, size + 1), _listed)
        reader.answers.pop()  # the endpoint already has its answer
        if more is not None and len(_listed(more)) > size:
            answer.others.append(
                Difference(DifferenceKind.HEADER, "link", "missing though there are more rows; not read")
            )
    return found


def _single_row(reader: Reader, endpoint: str, call: Call, model: type[BaseModel]) -> list[Json]:
    return reader.rows(endpoint, call, model, lambda reply: [replies.data_of(reply)])


def _single_record(
    reader: Reader, endpoint: str, identity: str, call_for: Callable[[str], Call], model: type[BaseModel]
) -> None:
    if identity:
        _single_row(reader, endpoint, call_for(identity), model)
    else:
        reader.leave_out(endpoint, "because there is none to ask for")


def _document(reader: Reader, parcel: int | None) -> None:
    endpoint = f"parcels/{{id}}/documents/{LABEL}"
    if parcel is None:
        reader.leave_out(endpoint, "because there is none to ask for")
    else:
        reader.ask(endpoint, wire.parcel_pdf(parcel, LABEL), replies.read_pdf)


def _labelled_parcel(rows: Iterable[Json]) -> int | None:
    """A parcel with a label, from the readable shipments."""
    for row in rows:
        with suppress(ValidationError):
            parcels = Shipment.model_validate(row).parcels
            if labelled := [parcel.id for parcel in parcels if parcel.has_label]:
                return labelled[0]
    return None


def _with_page_size(call: Call, size: int) -> Call:
    return replace(call, query={**call.query, "page_size": str(size)})


def _listed(reply: Reply) -> list[Json]:
    found = replies.data_of(reply)
    if not isinstance(found, list):
        raise reply.unreadable("data is not a list")
    return found


def _first_value(rows: Iterable[Json], *path: str) -> str:
    """The first value at a place that can be part of a path; empty if there is none."""
    for row in rows:
        value: Json = row
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""
