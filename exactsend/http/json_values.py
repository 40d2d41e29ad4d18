"""Values of JSON as both services really send them: a number as text, a text as number, 0 and 1 for a boolean.

``text``, ``number``, ``whole``, ``flag`` and ``moment`` give the value where it is what their name says or of a neighbouring
type, and None where it is anything else; they never raise. The models of ``exact`` and ``sendcloud`` decide what None does:
most fields are forgiven, evidence is not (S17).
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
"""Amounts, quantities and weights stay below it: sums of larger ones could no longer be rounded to the cent."""
_INT64 = 2**63
_LARGEST_WHOLE_FLOAT = 2**53
"""A float above it does not hold every whole number."""
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_EARLIEST_YEAR, _LATEST_YEAR = 1753, 9998
"""What a database can hold, less the "never" of the year 9999: there must be room for a day before and after."""


@dataclass(frozen=True)
class AtMost:
    """Beside a text's type: how long it is at most, as far as that is known. A longer one is read all the same."""

    characters: int


@dataclass(frozen=True)
class Sometimes:
    """Beside a field's type: sound answers leave it out, so that it is missing means nothing."""


def text(value: object) -> str | None:
    """A text as it stands, or a number as text."""
    if isinstance(value, str):
        return value
    if not _is_number(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_WHOLE_FLOAT:
        return str(int(value))
    return str(value)


def without_halves(value: str) -> str:
    """The text without halves of characters: what is left of an emoji that was cut in the middle can't be sent on."""
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
    """A moment in ISO 8601, with or without zone and fraction; a date alone is its midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if _EARLIEST_YEAR <= value.year <= _LATEST_YEAR else None


def _is_number(value: object) -> bool:
    """A finite number; NaN and Infinity are none, though Python's reader of JSON lets them through."""
    if isinstance(value, float | Decimal):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def needed(read: Callable[[object], Value | None]) -> Callable[[object], Value]:
    """A reader of what there is no record without."""

    def read_needed(value: object) -> Value:
        return known(read(value))

    return read_needed


def nullable(read: Callable[[object], Value | None]) -> Callable[[object], Value | None]:
    """A reader of evidence: null is an answer, "none"; what can't be read is not."""

    def read_nullable(value: object) -> Value | None:
        return None if value is None else known(read(value))

    return read_nullable


def nullable_text(read: Callable[[object], str | None]) -> Callable[[object], str]:
    """The same for a text, which is empty for null."""

    def read_nullable_text(value: object) -> str:
        return "" if value is None else known(read(value))

    return read_nullable_text


def known(value: Value | None) -> Value:
    """What was read (S17).

    Raises:
        ValueError: it could not be read, and is never guessed.
    """
    if value is None:
        raise ValueError("missing or unreadable")
    return value


def unusable(refused: ValidationError) -> str:
    """Which fields of a row can't be used, in the service's own names: the rest of a sentence, without their content."""
    return f"has no usable {', '.join(sorted({_named(error['loc']) for error in refused.errors()}))}"


def _named(location: tuple[int | str, ...]) -> str:
    """``("parcels", 0, "status")`` → ``status in row 1 of parcels``."""
    name = ""
    for part in location:
        inner = f"row {part + 1} of" if isinstance(part, int) else f"{part} in"
        name = f"{inner} {name}" if name else str(part)
    return name
