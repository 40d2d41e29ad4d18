"""Text on its way from Exact to Sendcloud (T11): normal form, no control characters, the vendor's lengths.

Knows nothing of what a text means.
"""

import unicodedata

_UNSENDABLE = {"Cs", "Cf", "Cn", "Co"}
"""Lone surrogates, which no encoding takes; marks without a shape, which break look-ups; what has no meaning for others."""


def clean(text: str) -> str:
    """The text in NFC, on one line, with single spaces and without characters that cannot be printed."""
    printable = "".join(_printable(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(printable.split())


def cut(text: str, length: int) -> str:
    """The cleaned text, at most ``length`` characters of it."""
    return clean(text)[:length].strip()


def folded(text: str) -> str:
    """The text as two names are compared: spaces and case do not count (T2)."""
    return clean(text).casefold()


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in _UNSENDABLE else character
