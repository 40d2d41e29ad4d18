"""Searches customers' texts for patterns from the configuration. Pure.

Python's ``re`` can take practically for ever on some texts and can't be stopped. ``regex`` has the same syntax and a
time limit; an engine without backtracking would lack look-aheads and back-references, which people use.
"""

from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

MAX_CHARACTERS = 300
"""Characters of a text that are searched: more than any such field normally has."""
TIMEOUT_SECONDS = 0.5
"""Of processor time, many times what a reasonable pattern takes."""


class PatternTooSlow(Exception):
    """The search took too long, so it is unknown whether the pattern matches."""


class _NoMatch(Enum):
    """Why a search gave nothing."""

    NOT_THERE = auto()
    TOO_SLOW = auto()


def require_pattern(pattern: str) -> None:
    """Refuse what is no regular expression.

    Raises:
        ValueError: says what is wrong.
    """
    from regex import error  # noqa: PLC0415 - most configurations have no pattern

    try:
        _compiled(pattern)
    except error as cause:
        raise ValueError(f"is not a regular expression: {cause}") from cause


def first_match(pattern: str, text: str) -> str | None:
    """The first match: its first group if it has one, else all of it; None if there is no match.

    Raises:
        PatternTooSlow: the search took too long.
    """
    found = _found(pattern, text[:MAX_CHARACTERS])
    if found is _NoMatch.TOO_SLOW:
        raise PatternTooSlow
    return None if found is _NoMatch.NOT_THERE else found


@lru_cache(maxsize=4096)
def _found(pattern: str, text: str) -> str | _NoMatch:
    """Cached: a run searches the same text several times, and a slow search is slow each time."""
    compiled = _compiled(pattern)
    try:
        found = compiled.search(text, timeout=TIMEOUT_SECONDS)
    except TimeoutError:
        return _NoMatch.TOO_SLOW
    if found is None:
        return _NoMatch.NOT_THERE
    return (found[1] if compiled.groups else found[0]) or ""


@lru_cache
def _compiled(pattern: str) -> "Pattern[str]":
    import regex  # noqa: PLC0415 - most configurations have no pattern

    return regex.compile(pattern)
