"""Masks services' texts before they are stored or shown: our request's values, e-mail addresses, phone numbers and links (S15).

An answer may have megabytes. So it is cut first, and patterns match only at the start of a word, which keeps the time
linear.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from exactsend.http.messages import Json
from exactsend.trade.text import clean

MAX_LENGTH = 300
_READ = 2_000
"""Characters that are searched: masking may shorten a text, so more than is kept."""
_LONGEST_WORD = 320
"""An e-mail address has at most so many characters. Source: RFC 5321, section 4.5.3.1."""
_URL = re.compile(r"(?<!\w)\w+://\S+")
_EMAIL = re.compile(r"(?<![^\s@<>])[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\s()./-]?\d){7,}(?![\w-])")
_PERSONAL = frozenset(
    {
        "name", "company_name", "address_line_1", "address_line_2", "house_number", "postal_code", "city", "email",
        "phone_number", "state_province_code",
    }
)  # fmt: skip
_ECHOED = _PERSONAL | {"description", "Remarks"}
"""Personal fields, and free text that may name a person: masked if a service repeats it."""
_SHORTEST = 2
"""Shorter values are not masked: a house number "1" would blank half of every text."""


def masked(text: str, request: Json = None) -> str:
    """``text`` with values of ``request`` replaced by their fields' names, cut to 300 characters."""
    values = sorted({*_personal_values(request)}, key=lambda found: (-len(found[1]), found))
    # What the cut goes through can't be recognised any more, so as much as it may be is left out.
    margin = max([_LONGEST_WORD, *(len(value) for _, value in values)])
    is_cut = len(text) > _READ + margin
    pieces = [_Piece(clean(text[: _READ + margin]))]
    pieces = _without(pieces, _URL, "url")
    for field, value in values:
        pieces = _without_value(pieces, value, field)
    pieces = _without(pieces, _EMAIL, "email")
    pieces = _without(pieces, _PHONE, "phone")
    shown = _shown(pieces, leaving_out=margin) + "…" if is_cut else _shown(pieces)
    return shown if len(shown) <= MAX_LENGTH else shown[: MAX_LENGTH - 1] + "…"


class _Piece(NamedTuple):
    """A part of a text, and what to show instead; empty: the part itself."""

    text: str
    label: str = ""


def _without(pieces: Iterable[_Piece], pattern: re.Pattern[str], label: str) -> list[_Piece]:
    """The pieces, with unmasked ones split where the pattern matches."""
    return [
        part for piece in pieces for part in ([piece] if piece.label else _split(piece.text, pattern, label))
    ]


def _without_value(pieces: list[_Piece], value: str, label: str) -> list[_Piece]:
    may_be_there = not value.isascii() or any(value.lower() in pair.text.lower() for pair in pieces)
    return _without(pieces, re.compile(re.escape(value), re.IGNORECASE), label) if may_be_there else pieces


def _split(text: str, pattern: re.Pattern[str], label: str) -> Iterator[_Piece]:
    end = 0
    for found in pattern.finditer(text):
        yield _Piece(text[end : found.start()])
        yield _Piece(found[0], f"<{label}>")
        end = found.end()
    yield _Piece(text[end:])


def _shown(pieces: Sequence[_Piece], *, leaving_out: int = 0) -> str:
    """The pieces as one text, without those that start within so many characters of the end."""
    room = sum(len(piece.text) for piece in pieces) - leaving_out
    shown: list[str] = []
    for piece in pieces:
        if room <= 0:
            break
        shown.append(piece.label or piece.text[:room])
        room -= len(piece.text)
    return "".join(shown)


def _personal_values(body: Json) -> Iterator[tuple[str, str]]:
    if isinstance(body, dict):
        for field, value in body.items():
            if field in _ECHOED and isinstance(value, str) and len(value) > _SHORTEST:
                yield field, value
            else:
                yield from _personal_values(value)
    elif isinstance(body, list):
        for number in body:
            yield from _personal_values(number)


def masked_body(body: Json) -> Json:
    """A body with every value that identifies a person replaced by its field's name."""
    if isinstance(body, dict):
        return {
            field: f"<{field}>" if _is_personal(field, value) else masked_body(value)
            for field, value in body.items()
        }
    return [masked_body(value) for value in body] if isinstance(body, list) else body


def _is_personal(field: str, value: Json) -> bool:
    return field == "tax_numbers" or (field in _PERSONAL and isinstance(value, str))
