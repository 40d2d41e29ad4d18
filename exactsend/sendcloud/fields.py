"""How Sendcloud's JSON reads as values: texts, numbers, moments, what may be null. Knows no resource.

The vendor's examples give the same field now as text, now as a number, now as null; all of these are read.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def read_text(value: object) -> object:
    """A text; empty for null."""
    return "" if value is None else str(value)


def _on_one_line(value: str) -> str:
    return " ".join(value.split())


def read_list(value: object) -> object:
    """A list; empty for null."""
    return [] if value is None else value


def read_object(value: object) -> object:
    """An object; without any field for null."""
    return {} if value is None else value


def _read_flag(value: object) -> object:
    return False if value is None else value


def _read_number(value: object) -> object:
    return str(value) if isinstance(value, float) else value


def _in_utc(value: datetime) -> datetime:
    """Aware, in UTC: some of the vendor's examples have no zone, all others say Z."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Text = Annotated[str, BeforeValidator(read_text)]
Line = Annotated[Text, AfterValidator(_on_one_line)]
"""A text that people copy from one field into another: without line breaks."""
OpaqueId = Annotated[str, BeforeValidator(read_text), Field(min_length=1)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
Number = Annotated[Decimal, BeforeValidator(_read_number)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Resource(BaseModel):
    """A resource of Sendcloud: frozen, other fields ignored."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")
