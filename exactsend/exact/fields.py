"""How Exact's JSON reads as values: names, dates, texts, GUIDs, numbers, expanded lines. Knows no record.

Codes are trimmed, since Exact pads them; GUIDs are lower-cased. Dates are as Exact gives them: wall time without a zone,
never shifted. Source: Exact, knowledge base: "OData query options".
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

_UPPER = {"id", "vat", "eori", "fc", "dc"}


def exact_name(name: str) -> str:
    """``delivery_number`` → ``DeliveryNumber``, ``entry_id`` → ``EntryID``."""
    return "".join(
        part.upper() if part in _UPPER else part[:1].upper() + part[1:] for part in name.split("_")
    )


_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


def _read_date(value: object) -> object:
    """Exact's ``/Date(ms)/`` as wall time: the number is read as it stands, no zone is applied."""
    if isinstance(value, str) and (match := _DATE.fullmatch(value)):
        return datetime(1970, 1, 1) + timedelta(milliseconds=int(match[1]))  # noqa: DTZ001 - Exact's dates have no zone
    return value


def read_text(value: object) -> object:
    """A trimmed text; empty for null."""
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)


ANSWERED = "answered by Exact"
"""The context in which an answer is read: what it holds may be asked for again, so an id must be a GUID or nothing."""
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|", re.IGNORECASE)


def _read_guid(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and info.context == ANSWERED and not _GUID.fullmatch(value):
        raise ValueError("no GUID")
    return value.lower() if isinstance(value, str) else value


def read_lines(value: object) -> object:
    """Expanded lines; what is deferred, or goes on elsewhere, reads as None: "not read", never "none"."""
    if isinstance(value, dict):
        return None if "__next" in value else value.get("results")
    return value


def _read_number(value: object) -> object:
    return str(value) if isinstance(value, float) else value


WallTime = Annotated[datetime, BeforeValidator(_read_date)]
Text = Annotated[str, BeforeValidator(read_text)]
Guid = Annotated[str, BeforeValidator(_read_guid)]
Number = Annotated[Decimal, BeforeValidator(_read_number)]


class Entity(BaseModel):
    """A record of Exact: frozen, other fields ignored."""

    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="ignore", alias_generator=exact_name, populate_by_name=True
    )
