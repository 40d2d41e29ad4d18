"""The filter language, beyond the examples in the reading tests."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.filters import parse
from exactsend.sandbox.exact.structure import entities

ADDRESSES = entities()["crm/Addresses"]
PIECES = [
    "City", "Type", "ID", "Created", "Main", "eq", "ne", "gt", "and", "or", "(", ")", ",", "trim(", "startswith(",
    "'a''b'", "1", "2L", "1.5", "-3", "null", "true", "guid'x'", "datetime'2026-01-01'", "datetime'x'", "'",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
@example("")
@example("'")
def test_any_text_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(ExactRefusal):
        parse(text, ADDRESSES).holds(lambda _name: None)


@given(st.text())
def test_any_text_can_be_asked_for_in_quotes(text: str) -> None:
    quoted = text.replace("'", "''")

    condition = parse(f"City eq '{quoted}'", ADDRESSES)

    assert condition.holds(lambda _name: text)
    assert condition.required == {"City": {text}}


def test_an_or_of_one_field_can_use_an_index() -> None:
    condition = parse("(Type eq 1 or Type eq 2) and City ne 'x'", ADDRESSES)

    assert condition.required == {"Type": {1, 2}}


def test_an_or_of_two_fields_can_not() -> None:
    assert parse("Type eq 1 or City eq 'x'", ADDRESSES).required == {}


def test_null_is_not_greater_than_anything() -> None:
    assert not parse("Type gt 0", ADDRESSES).holds(lambda _name: None)
