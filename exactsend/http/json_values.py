"""Readers of JSON values as both services really send them: a number as text, a text as number, 0 and 1 for a boolean.

``text``, ``number``, ``whole``, ``flag`` and ``moment`` accept their type and its neighbours, return None for anything else,
and never raise. The models of ``exact`` and ``sendcloud`` decide what None means: most fields have a default, evidence has
none (S17).
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

Value = TypeVar("Value")

LARGEST_NUMBER = Decimal(10) ** 12
"""Amounts, quantities and weights must be below it: sums of larger ones could not be rounded to the cent."""
_INT64 = 2**63
_LARGEST_WHOLE_FLOAT = 2**53
"""Above this, floats skip integers."""
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_EARLIEST_YEAR, _LATEST_YEAR = 1753, 9998
"""The years of Exact's database, without 9999, which means "never". Adding or subtracting a day stays in range."""


@dataclass(frozen=True)
class AtMost:
    """Annotation of a text field: its known maximum length. Longer texts are accepted too."""

    characters: int


@dataclass(frozen=True)
class Sometimes:
    """Annotation of a field that valid responses may omit."""


def text(value: object) -> str | None:
    """A text unchanged, or a number as text."""
    if isinstance(value, str):
        return value
    if not _is_number(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_WHOLE_FLOAT:
        return str(int(value))
    return str(value)


def without_halves(value: str) -> str:
    """The text without lone surrogates: half of an emoji that was cut in the middle can't be sent."""
    return value.encode("utf-8", "ignore").decode("utf-8")


def number(value: object) -> Decimal | None:
    """A finite number, exactly as it was written."""
    written = value.strip() if isinstance(value, str) else text(value) or ""
    found = Decimal(written) if _NUMBER.fullmatch(written) else None
    return found if found is not None and abs(found) < LARGEST_NUMBER else None


def whole(value: object) -> int | None:
    """A whole number of at most 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool):
        found: int | None = value
    elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()) and value.strip().lstrip("+-").isdigit():
        found = int(value)
    else:
        exact = number(value)
        found = int(exact) if exact is not None and exact == int(exact) else None
    return found if found is not None and -_INT64 <= found < _INT64 else None


def flag(value: object) -> bool | None:
    """True or False; also 1 and 0, as number or text."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get((text(value) or "").strip().lower())


def moment(value: object) -> datetime | None:
    """An ISO 8601 timestamp, with or without zone and fraction. A date alone means midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if _EARLIEST_YEAR <= value.year <= _LATEST_YEAR else None


def _is_number(value: object) -> bool:
    """Whether it is a finite number. Python's JSON parser accepts NaN and Infinity, which are none."""
    if isinstance(value, float | Decimal):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def needed(read: Callable[[object], Value | None]) -> Callable[[object], Value]:
    """A reader that raises for a value that is missing or unreadable."""

    def read_needed(value: object) -> Value:
        return known(read(value))

    return read_needed


def nullable(read: Callable[[object], Value | None]) -> Callable[[object], Value | None]:
    """A reader of evidence: null means "none", but an unreadable value raises."""

    def read_nullable(value: object) -> Value | None:
        return None if value is None else known(read(value))

    return read_nullable


def nullable_text(read: Callable[[object], str | None]) -> Callable[[object], str]:
    """The same for a text; null reads as empty."""

    def read_nullable_text(value: object) -> str:
        return "" if value is None else known(read(value))

    return read_nullable_text


def known(value: Value | None) -> Value:
    """The value, unless it is None (S17).

    Raises:
        ValueError: it is missing or unreadable.
    """
    if value is None:
        raise ValueError("missing or unreadable")
    return value


def unusable_fields(refused: ValidationError) -> str:
    """The rest of a sentence that names the unusable fields of a row, but not their content."""
    return f"has no usable {', '.join(sorted({_field_name(error['loc']) for error in refused.errors()}))}"


def _field_name(location: tuple[int | str, ...]) -> str:
    """``("parcels", 0, "status")`` → ``status in row 1 of parcels``."""
    name = ""
    for part in location:
        inner = f"row {part + 1} of" if isinstance(part, int) else f"{part} in"
        name = f"{inner} {name}" if name else str(part)
    return name
