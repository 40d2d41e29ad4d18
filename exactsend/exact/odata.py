"""The OData dialect that Exact speaks: literals of filters, the shapes of answers, rows as models. Pure.

Which endpoints there are and what is asked of them stands in ``wire``.
Source: Exact, knowledge base: "OData query options".
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationError

from exactsend.errors import ConfigError
from exactsend.exact.fields import ANSWERED, Entity, guid_of
from exactsend.http import json_values
from exactsend.http.messages import BadRow, Json, Reply

Row = TypeVar("Row", bound=Entity)
JsonObject = dict[str, Json]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


def guid(value: str) -> str:
    """A GUID as filters and keys spell it."""
    if not _GUID.fullmatch(value):
        raise ValueError(f"{value!r} is no GUID")
    return f"guid'{value}'"


def text(value: str) -> str:
    """A text as filters spell it."""
    return "'{}'".format(value.replace("'", "''"))


def moment(value: date) -> str:
    """A day or a wall time as filters spell it; Exact takes and gives neither zone nor fractions here."""
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001 - wall time
    return f"datetime'{at.replace(microsecond=0, tzinfo=None).isoformat()}'"


def field_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names that the configuration gives, checked before they stand in a URL.

    Raises:
        ConfigError: one of them can't be the name of a field.
    """
    checked = tuple(names)
    for name in checked:
        if not _FIELD.fullmatch(name):
            raise ConfigError(f"{name!r} can't be the name of a field in Exact")
    return checked


def read(reply: Reply, model: type[Row], *, division: int | None = None) -> list[Row]:
    """The rows of an answer.

    Raises:
        Unreadable: it is no list of rows, a row lacks what a run can't do without, or belongs to another division.
    """
    good, bad = read_each(reply, model, division=division)
    if bad:
        raise reply.unreadable(str(bad[0]))
    return good


def read_each(
    reply: Reply, model: type[Row], *, division: int | None = None
) -> tuple[list[Row], list[BadRow]]:
    """The rows of an answer that can be read, and those that can't: one bad row does not take the others with it.

    Raises:
        Unreadable: it is no list of rows.
    """
    good: list[Row] = []
    bad: list[BadRow] = []
    for row in values(reply):
        match read_row(model, row, division):
            case BadRow() as unread:
                bad.append(unread)
            case found:
                good.append(found)
    return good, bad


def read_one(reply: Reply, model: type[Row], *, division: int | None = None) -> Row:
    """The only row of an answer.

    Raises:
        Unreadable: as for ``read``; there is none, or more than one.
    """
    found = read(reply, model, division=division)
    if len(found) != 1:
        raise reply.unreadable(f"{len(found)} rows where there should be one")
    return found[0]


def read_row(model: type[Row], row: Json, division: int | None = None) -> Row | BadRow:
    """One row as its model, or which record it is and which of its fields can't be used."""
    if not isinstance(row, dict):
        return BadRow("", "a row", "is no object")
    found = json_values.whole(row.get("Division"))
    if division is not None and found is not None and found != division:
        return bad_row(model, row, f"belongs to division {found}, not to {division}")
    try:
        return model.model_validate(row, context=ANSWERED)
    except ValidationError as refused:
        return bad_row(model, row, json_values.unusable_fields(refused))


def bad_row(model: type[Entity], row: JsonObject, why: str) -> BadRow:
    """Which record a row is, by number or id, and why it can't be read."""
    number = json_values.whole(row.get(model.number_key)) if model.number_key else None
    own, parent = guid_of(row.get(model.own_key)), guid_of(row.get(model.parent_key))
    code = json_values.whole(row.get(model.own_key))
    if number is not None:
        name = f"{model.called} {number}"
    elif own or code is not None:
        name = f"the row with {model.own_key} {own or code}"
    else:
        name = f"a row with {model.parent_key} {parent}" if parent else "a row"
    return BadRow(own or "", name, why, parent=parent or "", number="" if number is None else str(number))


def next_link(reply: Reply) -> str | None:
    """Where the listing goes on."""
    inner = _inner(reply)
    link = inner.get("__next") if isinstance(inner, dict) else None
    if link is not None and not isinstance(link, str):
        raise reply.unreadable("its link to the next page is no text")
    return link or None


def values(reply: Reply) -> list[Json]:
    """The rows, in whichever of its three shapes Exact wraps them: results, a bare list, one row alone.

    Raises:
        Unreadable: it is none of the three.
    """
    inner = _inner(reply)
    found = inner.get("results", [inner]) if isinstance(inner, dict) else inner
    if not isinstance(found, list):
        raise reply.unreadable("it has no list of results")
    return found


def _inner(reply: Reply) -> Json:
    document = reply.json()
    if not isinstance(document, dict) or "d" not in document:
        raise reply.unreadable("what is read stands under d, and there is none")
    return document["d"]
