"""Field types of Exact's records: names, dates, texts, GUIDs, numbers, expanded lines. Knows no record.

There are three kinds of types, by what a missing value means:

- ``Text`` and ``Optional…``: a run can do without the field. It may be missing, null or unreadable.
- ``Nullable…``: evidence (S17). The field must be present and readable, so that nothing is concluded from its absence. Null
  means "none".
- ``Guid``, ``Whole`` and ``Number``: without it, the record can't be read.

All of them accept values of a neighbouring type (``json_values``). Codes are trimmed, since Exact pads them; GUIDs are in
lower case. Dates are wall time without a zone, as Exact sends them.
Sources: Exact, knowledge base: "OData query options"; answers of the live service that were published (docs/exact.md).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from exactsend.http import json_values
from exactsend.http.json_values import needed, nullable, nullable_text

_UPPER = {"id", "vat", "eori", "fc", "dc"}


def exact_name(name: str) -> str:
    """``delivery_number`` → ``DeliveryNumber``, ``entry_id`` → ``EntryID``."""
    return "".join(
        part.upper() if part in _UPPER else part[:1].upper() + part[1:] for part in name.split("_")
    )


ANSWERED = "answered by Exact"
"""The validation context for Exact's responses. Their ids go into later filters, so they must be GUIDs."""
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
NO_RECORD = "00000000-0000-0000-0000-000000000000"
"""The GUID that means "none"."""
_DATE = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/", re.ASCII)


def guid_of(value: object) -> str | None:
    """A GUID in lower case; None if it is none."""
    return value.strip().lower() if isinstance(value, str) and GUID.fullmatch(value.strip()) else None


def _date_of(value: object) -> datetime | None:
    """A wall time, from ``/Date(…)/`` or ISO 8601; no zone is applied."""
    if isinstance(value, str) and (match := _DATE.fullmatch(value.strip())):
        try:
            value = datetime(1970, 1, 1) + timedelta(milliseconds=int(match[1]))  # noqa: DTZ001 - Exact's dates have no zone
        except OverflowError:
            return None
    found = json_values.moment(value)
    return None if found is None else found.replace(tzinfo=None)


def read_text(value: object) -> str:
    """A trimmed text; empty if there is none."""
    return _trimmed(value) or ""


def _trimmed(value: object) -> str | None:
    found = json_values.text(value)
    return None if found is None else json_values.without_halves(found).strip()


def _id_of(value: object, info: ValidationInfo) -> str | None:
    """An id: a GUID in Exact's responses, any text in records that the program builds itself."""
    return guid_of(value) if info.context == ANSWERED else (_trimmed(value) or "").lower() or None


def _read_guid(value: object, info: ValidationInfo) -> object:
    return json_values.known(_id_of(value, info))


def _read_optional_guid(value: object, info: ValidationInfo) -> str | None:
    found = _id_of(value, info)
    return None if found == NO_RECORD else found


def _read_nullable_guid(value: object, info: ValidationInfo) -> str | None:
    is_none = value in (None, "", NO_RECORD)
    return None if is_none else json_values.known(_read_optional_guid(value, info))


def read_lines(value: object) -> object:
    """Expanded lines. If they are deferred, incomplete or no list, None: "not read", never "none"."""
    if isinstance(value, dict):
        value = None if "__next" in value else value.get("results")
    return value if isinstance(value, list | tuple) else None


Guid = Annotated[str, BeforeValidator(_read_guid)]
Whole = Annotated[int, BeforeValidator(needed(json_values.whole))]
Number = Annotated[Decimal, BeforeValidator(needed(json_values.number))]

NullableText = Annotated[str, BeforeValidator(nullable_text(_trimmed))]
NullableVerbatim = Annotated[str, BeforeValidator(nullable_text(json_values.text))]
"""Not trimmed, since it will be written back."""
NullableGuid = Annotated[str | None, BeforeValidator(_read_nullable_guid)]
NullableWhole = Annotated[int | None, BeforeValidator(nullable(json_values.whole))]
NullableNumber = Annotated[Decimal | None, BeforeValidator(nullable(json_values.number))]
NullableFlag = Annotated[bool | None, BeforeValidator(nullable(json_values.flag))]

Text = Annotated[str, BeforeValidator(read_text)]
OptionalGuid = Annotated[str | None, BeforeValidator(_read_optional_guid)]
OptionalWhole = Annotated[int | None, BeforeValidator(json_values.whole)]
OptionalNumber = Annotated[Decimal | None, BeforeValidator(json_values.number)]
OptionalFlag = Annotated[bool | None, BeforeValidator(json_values.flag)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_date_of)]


class Entity(BaseModel):
    """A record of Exact: frozen, other fields ignored."""

    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="ignore", alias_generator=exact_name, populate_by_name=True
    )

    own_key: ClassVar[str] = "ID"
    """The field that identifies the record."""
    parent_key: ClassVar[str] = ""
    """The field with the id of the record that a line belongs to."""
    number_key: ClassVar[str] = ""
    """The field with the number that people know the record by."""
    noun: ClassVar[str] = ""
    """What messages call such a record, before its number."""
