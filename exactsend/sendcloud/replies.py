"""Reads Sendcloud's responses as models, or raises an error. Pure."""

import re
from typing import TypeVar

from pydantic import ValidationError

from exactsend.http.json_values import unusable_fields
from exactsend.http.messages import BadRow, Json, Reply
from exactsend.sendcloud.fields import Resource, read_text
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.sendcloud.wire import CONFLICT

MAX_LINK_HEADER = 8_192
"""Characters. A header with several links and their filters has some hundreds."""
_RELATION = re.compile(r"\brel=\"?([^\";,]+)", re.IGNORECASE)

Model = TypeVar("Model", bound=Resource)


def read(reply: Reply, model: type[Model]) -> Model:
    """The single resource of a response.

    Raises:
        Unreadable: there is none, or it contradicts the vendor's documentation.
    """
    return _resource(reply, model, data_of(reply), "its content")


def data_of(reply: Reply) -> Json:
    """What a response has under ``data``, unchanged.

    Raises:
        Unreadable: it has no ``data``.
    """
    document = reply.json()
    if not isinstance(document, dict) or "data" not in document:
        raise reply.unreadable("it has no data")
    return document["data"]


def read_list(reply: Reply, model: type[Model]) -> list[Model]:
    """The resources of a response.

    Raises:
        Unreadable: it is no list, or one of them can't be read.
    """
    good, bad = read_each(reply, model)
    if bad:
        raise reply.unreadable(str(bad[0]))
    return good


def read_each(reply: Reply, model: type[Model]) -> tuple[list[Model], list[BadRow]]:
    """The readable resources of a response, and the bad rows: a bad row does not spoil the others.

    Raises:
        Unreadable: it is no list.
    """
    rows = data_of(reply)
    if not isinstance(rows, list):
        raise reply.unreadable("data is no list")
    good: list[Model] = []
    bad: list[BadRow] = []
    for place, row in enumerate(rows, start=1):
        match _read_row(model, row, f"row {place}"):
            case BadRow() as unread:
                bad.append(unread)
            case readable:
                good.append(readable)
    return good, bad


def read_options(reply: Reply) -> list[OfferedOption] | None:
    """The shipping options; None if Sendcloud lists none because the query has no addresses (``null``)."""
    return None if data_of(reply) is None else read_list(reply, OfferedOption)


def read_bare(reply: Reply, model: type[Model]) -> Model:
    """The single resource of a response that has it at the top instead of under ``data``."""
    return _resource(reply, model, reply.json(), "its content")


def read_announced(reply: Reply, reference: str) -> Shipment:
    """The shipment in the response to a purchase: under ``data`` or at the top, since the body of a 409 is not documented.

    Raises:
        Unreadable: there is none, or it may not be the one that ``reference`` was used for.
    """
    document = reply.json()
    is_bare = isinstance(document, dict) and "data" not in document
    row = document if is_bare else data_of(reply)
    if isinstance(row, dict):
        # These two repeat the request, and responses may omit them: the vendor's own examples lack the reference.
        row = {"order_number": None, "external_reference_id": None, **row}
    shipment = _resource(reply, Shipment, row, "its shipment")
    omits_reference = reply.status != CONFLICT and not shipment.external_reference_id
    if shipment.external_reference_id != reference and not omits_reference:
        raise reply.unreadable("its shipment has another reference")
    return shipment


def read_pdf(reply: Reply) -> bytes:
    """The file in a response.

    Raises:
        Unreadable: it is no PDF.
    """
    if not reply.body.startswith(b"%PDF"):
        raise reply.unreadable("it is no PDF")
    return reply.body


def read_cancellation(reply: Reply) -> str:
    """The result of a cancellation: "cancelled" or "queued"."""
    status = _field(reply, "status")
    if status not in ("cancelled", "queued"):
        raise reply.unreadable("its status is neither cancelled nor queued")
    return str(status)


def read_availability(reply: Reply) -> bool:
    """Whether a service point accepts parcels."""
    is_available = _field(reply, "is_available")
    if not isinstance(is_available, bool):
        raise reply.unreadable("it does not say whether the service point is available")
    return is_available


def next_link(reply: Reply) -> str | None:
    """The address of the next page, from the ``Link`` header.

    Raises:
        Unreadable: the header is too long to be one.
    """
    header = reply.headers.get("link", "")
    if len(header) > MAX_LINK_HEADER:
        raise reply.unreadable(f"its Link header has {len(header)} characters")
    for link in header.split("<")[1:]:
        target, _, rest = link.partition(">")
        relation = _RELATION.search(rest)
        if relation and "next" in relation[1].lower().split():
            return target
    return None


def _field(reply: Reply, name: str) -> Json:
    data = data_of(reply)
    return data.get(name) if isinstance(data, dict) else None


def _resource(reply: Reply, model: type[Model], row: Json, name: str) -> Model:
    """A row as its model; the error names the unusable fields, but not their content."""
    found = _read_row(model, row, name)
    if isinstance(found, BadRow):
        raise reply.unreadable(f"{name} {found.why}")
    return found


def _read_row(model: type[Model], row: Json, name: str) -> Model | BadRow:
    """A row as its model, or as a ``BadRow`` that names the resource and the unusable fields."""
    if not isinstance(row, dict):
        return BadRow("", name, "is no object")
    try:
        return model.model_validate(row)
    except ValidationError as refused:
        identity, number, reference = (
            read_text(row.get(field)) for field in ("id", "order_number", "external_reference_id")
        )
        return BadRow(identity, name, unusable_fields(refused), number=number, reference=reference)
