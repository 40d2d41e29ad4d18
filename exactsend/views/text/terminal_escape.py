"""Escapes text from outside so that it can't control the terminal."""

import unicodedata

_HARMLESS = frozenset("\n\t")
_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    """``text`` with every character that could control the terminal or hide text made visible."""
    return "".join(letter if _is_harmless(letter) else _escaped(letter) for letter in text)


def shown_on_one_line(text: str) -> str:
    """The same, with line breaks and tabs escaped too."""
    return shown(text).replace("\n", "\\n").replace("\t", "\\t")


def _is_harmless(letter: str) -> bool:
    return letter in _HARMLESS or unicodedata.category(letter) not in _CONTROL_CATEGORIES


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
