"""Patterns of the configuration, searched for in texts that customers write. Pure.

Python's own ``re`` can take longer than the world lasts for one unlucky text, and can't be stopped. ``regex`` knows the same
patterns and takes a limit; an engine without backtracking would refuse look-aheads and references, which people use.
"""

from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

LONGEST = 300
"""Characters of a text that a pattern sees: no field that is searched has as many in any sensible shop."""
SECONDS = 0.5
"""Of the processor's time, many hundred times what a pattern takes that is written with care."""


class PatternTooSlow(Exception):
    """A pattern was not done with a text in time: whether it fits is not known."""


class _Nothing(Enum):
    """Why a search gave nothing."""

    NOT_THERE = auto()
    TOO_SLOW = auto()


def require_pattern(pattern: str) -> None:
    """Let pass what is a regular expression.

    Raises:
        ValueError: it is none; says why.
    """
    from regex import error  # noqa: PLC0415 - most configurations have no pattern

    try:
        _compiled(pattern)
    except error as cause:
        raise ValueError(f"is not a regular expression: {cause}") from cause


def first_match(pattern: str, text: str) -> str | None:
    """The first place of a text that a pattern fits: its first group where it has one, else all of it; None where there is none.

    Raises:
        PatternTooSlow: it was not done in time.
    """
    found = _found(pattern, text[:LONGEST])
    if found is _Nothing.TOO_SLOW:
        raise PatternTooSlow
    return None if found is _Nothing.NOT_THERE else found


@lru_cache(maxsize=4096)
def _found(pattern: str, text: str) -> str | _Nothing:
    """Kept, since a run asks several times of one order, and what is too slow once is so each time."""
    compiled = _compiled(pattern)
    try:
        found = compiled.search(text, timeout=SECONDS)
    except TimeoutError:
        return _Nothing.TOO_SLOW
    if found is None:
        return _Nothing.NOT_THERE
    return (found[1] if compiled.groups else found[0]) or ""


@lru_cache
def _compiled(pattern: str) -> "Pattern[str]":
    import regex  # noqa: PLC0415 - most configurations have no pattern

    return regex.compile(pattern)
