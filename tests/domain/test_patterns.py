"""Patterns of the configuration: what they find, and that none runs for ever."""

import pytest

from exactsend.domain import patterns
from exactsend.domain.patterns import PatternTooSlow, first_match, require_pattern

RUNS_FOR_EVER = r"(a|a?)+$"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"SP:(\d+)", "web SP:12", "12"),
        (r"\d{3}", "web 123", "123"),
        (r"x(\d+)?", "x", ""),
        (r"SP:(\d+)", "web", None),
        (r"(?<=SP:)\d+(?!\d)", "SP:12", "12"),
        (r"(\d)\1", "12 33", "3"),
    ],
)
def test_the_first_group_or_the_match_is_found(pattern: str, text: str, found: str | None) -> None:
    assert first_match(pattern, text) == found


@pytest.mark.parametrize(("before", "found"), [(297, "end"), (298, None)])
def test_three_hundred_characters_are_seen(before: int, found: str | None) -> None:
    assert first_match("end", "x" * before + "end") == found


def test_a_pattern_that_would_run_for_ever_is_given_up_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "TIMEOUT_SECONDS", 0.01)
    text = "a" * 299 + "b"

    for _ in range(2_000):  # at half a minute for all of them, were each tried
        with pytest.raises(PatternTooSlow):
            first_match(RUNS_FOR_EVER, text)


@pytest.mark.parametrize("pattern", ["(", "*", "[", r"(?P<a>x)(?P<a"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a regular expression: "):
        require_pattern(pattern)
