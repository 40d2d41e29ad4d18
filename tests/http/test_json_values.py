"""Values of neighbouring types: what each of them reads as, and that nothing else is taken for one."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from exactsend.http import json_values
from tests.any_json import ANY_JSON


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("4711 ", "4711 "),
        (4711, "4711"),
        (4711.0, "4711"),
        (0.5, "0.5"),
        (10**400, str(10**400)),
        (math.nan, None),
        (True, None),
        (None, None),
        (["4711"], None),
        ({"value": "4711"}, None),
    ],
)
def test_a_text_may_come_as_a_number(value: object, read: str | None) -> None:
    assert json_values.text(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (2, "2"),
        (0.1, "0.1"),
        (" 2.50 ", "2.50"),
        ("1e-9", "1E-9"),
        ("12,5", None),
        ("1_000", None),
        ("٢", None),
        ("NaN", None),
        (math.inf, None),
        (1e12, None),
        (10**400, None),
        ("", None),
        (True, None),
        ([2], None),
    ],
)
def test_a_number_may_come_as_text(value: object, read: str | None) -> None:
    assert json_values.number(value) == (None if read is None else Decimal(read))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (12, 12),
        ("12", 12),
        ("12.0", 12),
        (12.0, 12),
        (" -7 ", -7),
        ("9223372036854775807", 2**63 - 1),
        (2**63, None),
        (12.5, None),
        ("12a", None),
        (False, None),
        (None, None),
    ],
)
def test_a_whole_number_may_come_as_text_or_with_a_fraction_of_nothing(
    value: object, read: int | None
) -> None:
    assert json_values.whole(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, True),
        (1, True),
        ("1", True),
        ("True", True),
        (1.0, True),
        (0, False),
        ("false", False),
        (2, None),
        ("yes", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_a_flag_may_come_as_0_or_1(value: object, read: object) -> None:
    assert json_values.flag(value) is read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-23T10:15:00Z", datetime(2026, 11, 23, 10, 15, tzinfo=UTC)),
        ("2026-11-23T10:15:00.1234567Z", datetime(2026, 11, 23, 10, 15, 0, 123456, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23)),  # noqa: DTZ001 - without a zone is the point
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T00:00:00", None),
        ("23-11-2026", None),
        (1763892900, None),
    ],
)
def test_a_moment_is_iso_8601_and_leaves_room_for_a_day_on_either_side(
    value: object, read: datetime | None
) -> None:
    assert json_values.moment(value) == read


@given(ANY_JSON)
def test_no_value_breaks_any_of_them(value: object) -> None:
    for read in (
        json_values.text,
        json_values.number,
        json_values.whole,
        json_values.flag,
        json_values.moment,
    ):
        read(value)


def test_half_a_character_is_left_out() -> None:
    assert json_values.without_halves("Hi \ud83d there 😀") == "Hi  there 😀"
