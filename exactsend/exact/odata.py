"""The OData dialect that Exact speaks: literals of filters, the shapes of answers, rows as models. Pure.

Which endpoints there are and what is asked of them stands in ``wire``.
Source: Exact, knowledge base: "OData query options".
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationError

from exactsend.calls import BadRow, Json, Reply
from exactsend.errors import ConfigError, Unreadable
from exactsend.exact.fields import ANSWERED, Entity

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
        Unreadable: it is no list of rows, a row lacks what Exact documents, or belongs to another division.
    """
    return [read_row(reply, model, row, division) for row in rows(reply)]


def read_each(
    reply: Reply, model: type[Row], *, division: int | None = None
) -> tuple[list[Row], list[BadRow]]:
    """The rows of an answer that can be read, and those that can't: one bad row does not take the others along."""
    read_, bad = [], []
    for row in rows(reply):
        try:
            read_.append(read_row(reply, model, row, division))
        except Unreadable as unread:
            key = next((str(row[k]).lower() for k in ("OrderID", "EntryID", "ID") if row.get(k)), "")
            bad.append(BadRow(key, _name(row), unread.said.removeprefix(_name(row) + " ")))
    return read_, bad


def read_one(reply: Reply, model: type[Row], *, division: int | None = None) -> Row:
    """The only row of an answer.

    Raises:
        Unreadable: as for ``read``; there is none, or more than one.
    """
    found = read(reply, model, division=division)
    if len(found) != 1:
        raise reply.unreadable(f"{len(found)} rows where there should be one")
    return found[0]


def read_row(reply: Reply, model: type[Row], row: JsonObject, division: int | None) -> Row:
    """One row as its model; the error names the row by number or id and the fields, never their content."""
    found = row.get("Division")
    if division is not None and found is not None and str(found) != str(division):
        raise reply.unreadable(f"{_name(row)} belongs to division {found}, not to {division}")
    try:
        return model.model_validate(row, context=ANSWERED)
    except ValidationError as refused:
        wrong = sorted({".".join(map(str, error["loc"])) for error in refused.errors()})
        raise reply.unreadable(f"{_name(row)} has no usable {', '.join(wrong)}") from None


def next_link(reply: Reply) -> str | None:
    """Where the listing goes on."""
    inner = _inner(reply)
    link = inner.get("__next") if isinstance(inner, dict) else None
    if link is not None and not isinstance(link, str):
        raise reply.unreadable("its link to the next page is no text")
    return link or None


def rows(reply: Reply) -> list[JsonObject]:
    """The rows, in whichever of its three shapes Exact wraps them: results, a bare list, one row alone."""
    inner = _inner(reply)
    found = inner.get("results", [inner]) if isinstance(inner, dict) else inner
    if not isinstance(found, list):
        raise reply.unreadable("it has no list of results")
    return [_row(reply, row) for row in found]


def _inner(reply: Reply) -> Json:
    document = reply.json()
    if not isinstance(document, dict) or "d" not in document:
        raise reply.unreadable("what is read stands under d, and there is none")
    return document["d"]


def _row(reply: Reply, row: Json) -> JsonObject:
    if not isinstance(row, dict):
        raise reply.unreadable("one of its rows is no object")
    return {name: value for name, value in row.items() if name != "__metadata"}


_NAMED_BY = ("OrderNumber", "DeliveryNumber", "OrderID", "EntryID", "ID", "Code")


def _name(row: JsonObject) -> str:
    """What to call a row in a message: a number or an id, nothing of its content."""
    names = (f"the row with {key} {row[key]}" for key in _NAMED_BY if isinstance(row.get(key), str | int))
    return next(names, "a row")
