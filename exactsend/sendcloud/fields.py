"""Field types of Sendcloud's resources: texts, numbers, times, objects. Knows no resource.

The vendor's examples have the same field as a text, a number, or null; all of these are accepted. As for Exact, there are
three kinds of types, by what a missing value means:

- ``Text``, ``Line``, ``Flag``, ``Optional…``, lists and inner objects: a run can do without the field. It may be missing, null
  or unreadable.
- ``Nullable…``: evidence (S17). The field must be present and readable; null means "none".
- ``OpaqueId``, ``Whole``, ``Number`` and ``RequiredFlag``: without it, the resource can't be read.

Sources: Sendcloud, API v3 reference; published responses of the live service (docs/sendcloud.md).
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from exactsend.http import json_values
from exactsend.http.json_values import needed, nullable_text


def read_text(value: object) -> str:
    """A text; empty if there is none."""
    return _text_of(value) or ""


def _text_of(value: object) -> str | None:
    found = json_values.text(value)
    return None if found is None else json_values.without_halves(found)


def _read_line(value: object) -> str:
    return " ".join(read_text(value).split())


def _id_of(value: object) -> str | None:
    return _text_of(value) or None


def read_objects(value: object) -> list[object]:
    """The objects in a list, without its other values; empty if there is no list."""
    found = value if isinstance(value, list | tuple) else ()
    return [row for row in found if isinstance(row, dict | BaseModel)]


def read_rows(value: object) -> object:
    """A list whose objects must all be readable; empty if there is no list."""
    return value if isinstance(value, list | tuple) else []


def _read_texts(value: object) -> list[str]:
    found = value if isinstance(value, list | tuple) else ()
    return [row for row in found if isinstance(row, str)]


def read_object(value: object) -> object:
    """An object; an empty one if there is none."""
    return value if isinstance(value, dict | BaseModel) else {}


def _read_flag(value: object) -> bool:
    return json_values.flag(value) or False


def _read_moment(value: object) -> datetime | None:
    """A time in UTC. Some of the vendor's examples have no zone; all others say Z."""
    found = json_values.moment(value)
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """An inner object; None if it can't be read."""
    try:
        return read(value)
    except ValidationError:
        return None


OpaqueId = Annotated[str, BeforeValidator(needed(_id_of))]
Whole = Annotated[int, BeforeValidator(needed(json_values.whole))]
Number = Annotated[Decimal, BeforeValidator(needed(json_values.number))]
RequiredFlag = Annotated[bool, BeforeValidator(needed(json_values.flag))]

NullableText = Annotated[str, BeforeValidator(nullable_text(_text_of))]

Text = Annotated[str, BeforeValidator(read_text)]
Line = Annotated[str, BeforeValidator(_read_line)]
"""A text without line breaks, since people copy it from one field into another."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_read_texts)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
OptionalFlag = Annotated[bool | None, BeforeValidator(json_values.flag)]
OptionalWhole = Annotated[int | None, BeforeValidator(json_values.whole)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_read_moment)]
OrNone = WrapValidator(_or_none)
"""Marks an inner object that a run can do without."""


class Resource(BaseModel):
    """A resource of Sendcloud: frozen, other fields ignored."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")
