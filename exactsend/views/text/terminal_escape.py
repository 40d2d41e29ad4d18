"""Text from elsewhere, made harmless for a terminal. Nothing else."""

import unicodedata

_HARMLESS = frozenset("\n\t")
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    """``text`` with every character that could steer a terminal, or hide what stands there, made visible."""
    return "".join(letter if _is_harmless(letter) else _escaped(letter) for letter in text)


def shown_on_one_line(text: str) -> str:
    """The same with line breaks and tabs made visible too."""
    return shown(text).replace("\n", "\\n").replace("\t", "\\t")


def _is_harmless(letter: str) -> bool:
    return letter in _HARMLESS or unicodedata.category(letter) not in _STEERING


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
