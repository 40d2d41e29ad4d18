"""Finds the name that is most similar to another. For suggestions to a person, never for decisions. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def most_similar(name: str, others: Mapping[Key, str]) -> Key | None:
    """The key of the name that shares most words with ``name``; of several, the one with the fewest other words.

    None where no word is shared, or two names are equally similar.
    """
    words = _words(name)
    scored = {key: _score(words, _words(other)) for key, other in others.items()}
    best = max(scored.values(), default=(0, 0))
    winners = [key for key, score in scored.items() if score == best]
    return winners[0] if best[0] and len(winners) == 1 else None


def _score(words: frozenset[str], others: frozenset[str]) -> tuple[int, int]:
    shared = len(words & others)
    return shared, -len(others - words)


def _words(text: str) -> frozenset[str]:
    """The words of a text, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return frozenset(re.findall(r"[^\W_]+", bare))
