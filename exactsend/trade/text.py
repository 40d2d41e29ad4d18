"""Prepares Exact's text for Sendcloud (T11): normal form, no control characters, the vendor's lengths."""

import unicodedata

_UNSENDABLE = {"Cs", "Cf", "Cn", "Co"}
"""Lone surrogates, which can't be encoded; invisible marks, which break look-ups; private and unassigned characters."""


def clean(text: str) -> str:
    """The text in NFC, on one line, with single spaces and only printable characters."""
    printable = "".join(_printable(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(printable.split())


def cut(text: str, length: int) -> str:
    """The cleaned text, at most ``length`` characters of it."""
    return clean(text)[:length].strip()


def folded(text: str) -> str:
    """The text for comparing names: without spaces and case (T2)."""
    return clean(text).casefold()


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in _UNSENDABLE else character
