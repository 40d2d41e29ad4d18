"""Exact's OData dialect: literals for filters, the shapes of responses, rows as models. Pure.

Source: Exact, knowledge base: "OData query options".
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationError

from exactsend.errors import ConfigError
from exactsend.exact.fields import ANSWERED, GUID, Entity, guid_of
from exactsend.http import json_values
from exactsend.http.messages import BadRow, Json, JsonObject, Reply

Row = TypeVar("Row", bound=Entity)

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


def guid(value: str) -> str:
    """A GUID as a literal for filters and keys."""
    if not GUID.fullmatch(value):
        raise ValueError(f"{value!r} is no GUID")
    return f"guid'{value}'"


def text(value: str) -> str:
    """A text as a literal for filters."""
    return "'{}'".format(value.replace("'", "''"))


def moment(value: date) -> str:
    """A day or a wall time as a literal for filters, which have neither zone nor fractions."""
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001 - wall time
    return f"datetime'{at.replace(microsecond=0, tzinfo=None).isoformat()}'"


def field_names(names: Iterable[str]) -> tuple[str, ...]:
    """Field names from the configuration, checked before they go into a URL.

    Raises:
        ConfigError: one of them can't be a field name.
    """
    checked = tuple(names)
    for name in checked:
        if not _FIELD.fullmatch(name):
            raise ConfigError(f"{name!r} can't be the name of a field in Exact")
    return checked


def read(reply: Reply, model: type[Row], *, division: int | None = None) -> list[Row]:
    """The rows of a response.

    Raises:
        Unreadable: it is no list of rows, a row lacks a required field, or a row belongs to another division.
    """
    good, bad = read_each(reply, model, division=division)
    if bad:
        raise reply.unreadable(str(bad[0]))
    return good


def read_each(
    reply: Reply, model: type[Row], *, division: int | None = None
) -> tuple[list[Row], list[BadRow]]:
    """The readable rows of a response, and the bad ones: a bad row does not spoil the others.

    Raises:
        Unreadable: it is no list of rows.
    """
    good: list[Row] = []
    bad: list[BadRow] = []
    for row in values(reply):
        match read_row(model, row, division):
            case BadRow() as unread:
                bad.append(unread)
            case readable:
                good.append(readable)
    return good, bad


def read_one(reply: Reply, model: type[Row], *, division: int | None = None) -> Row:
    """The single row of a response.

    Raises:
        Unreadable: as for ``read``, or there is not exactly one row.
    """
    rows = read(reply, model, division=division)
    if len(rows) != 1:
        raise reply.unreadable(f"it has {len(rows)} rows instead of one")
    return rows[0]


def read_row(model: type[Row], row: Json, division: int | None = None) -> Row | BadRow:
    """One row as its model, or as a ``BadRow`` that names the unusable fields."""
    if not isinstance(row, dict):
        return BadRow("", "a row", "is no object")
    row_division = json_values.whole(row.get("Division"))
    if division is not None and row_division is not None and row_division != division:
        return bad_row(model, row, f"belongs to division {row_division}, not to {division}")
    try:
        return model.model_validate(row, context=ANSWERED)
    except ValidationError as refused:
        return bad_row(model, row, json_values.unusable_fields(refused))


def bad_row(model: type[Entity], row: JsonObject, why: str) -> BadRow:
    """The ``BadRow`` for a row, named by its number or id."""
    number = json_values.whole(row.get(model.number_key)) if model.number_key else None
    own, parent = guid_of(row.get(model.own_key)), guid_of(row.get(model.parent_key))
    code = json_values.whole(row.get(model.own_key))
    if number is not None:
        name = f"{model.noun} {number}"
    elif own or code is not None:
        name = f"the row with {model.own_key} {own or code}"
    else:
        name = f"a row with {model.parent_key} {parent}" if parent else "a row"
    return BadRow(own or "", name, why, parent=parent or "", number="" if number is None else str(number))


def next_link(reply: Reply) -> str | None:
    """The address of the listing's next page."""
    inner = _inner(reply)
    link = inner.get("__next") if isinstance(inner, dict) else None
    if link is not None and not isinstance(link, str):
        raise reply.unreadable("its link to the next page is no text")
    return link or None


def values(reply: Reply) -> list[Json]:
    """The rows, from any of Exact's three shapes: ``results``, a bare list, or a single row.

    Raises:
        Unreadable: it has none of these shapes.
    """
    inner = _inner(reply)
    rows = inner.get("results", [inner]) if isinstance(inner, dict) else inner
    if not isinstance(rows, list):
        raise reply.unreadable("it has no list of results")
    return rows


def _inner(reply: Reply) -> Json:
    document = reply.json()
    if not isinstance(document, dict) or "d" not in document:
        raise reply.unreadable("it lacks the object d")
    return document["d"]
