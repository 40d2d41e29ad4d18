"""Texts of the services as they may be kept and shown: without the values of our request, e-mail addresses, phone numbers and links (S15)."""

import re
from collections.abc import Iterator

from exactsend.calls import Json
from exactsend.mapping.text import clean

LONGEST = 300
_URL = re.compile(r"\w+://\S+")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\s()./-]?\d){7,}(?![\w-])")
_PERSONAL = frozenset(
    {
        "name", "company_name", "address_line_1", "address_line_2", "house_number", "postal_code", "city", "email",
        "phone_number", "state_province_code",
    }
)  # fmt: skip
_ECHOED = _PERSONAL | {"description", "Remarks"}
"""Beside what names a person, free text that may: a service that repeats it is masked too."""
_SHORTEST = 2
"""A house number "1" would blank half of every text: shorter values are left."""


def masked(text: str, request: Json = None) -> str:
    """``text`` with what it repeats of ``request`` replaced by the field's name, cut to 300 characters."""
    shown = _URL.sub("<url>", clean(text))
    for field, value in sorted(_telling_values(request), key=lambda found: -len(found[1])):
        shown = re.sub(re.escape(value), f"<{field}>", shown, flags=re.IGNORECASE)
    shown = _PHONE.sub("<phone>", _EMAIL.sub("<email>", shown))
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _telling_values(body: Json) -> Iterator[tuple[str, str]]:
    if isinstance(body, dict):
        for field, value in body.items():
            if field in _ECHOED and isinstance(value, str) and len(value) > _SHORTEST:
                yield field, value
            else:
                yield from _telling_values(value)
    elif isinstance(body, list):
        for one in body:
            yield from _telling_values(one)


def masked_body(body: Json) -> Json:
    """A body with every value that names or finds a person replaced by its field's name."""
    if isinstance(body, dict):
        return {
            field: f"<{field}>" if _is_personal(field, value) else masked_body(value)
            for field, value in body.items()
        }
    return [masked_body(one) for one in body] if isinstance(body, list) else body


def _is_personal(field: str, value: Json) -> bool:
    return field == "tax_numbers" or (field in _PERSONAL and isinstance(value, str))
