"""Pairs that are added to a configuration's text change nothing else."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.settings.toml_edit import with_pairs

TABLE = ("divisions", "acme", "warehouses")


def test_a_table_that_is_there_is_added_to_below_its_heading() -> None:
    text = '[ divisions . acme.warehouses ]  # ours\n"2" = 18\n[sendcloud]\n'

    assert with_pairs(text, TABLE, {"1": 17}) == (
        '[ divisions . acme.warehouses ]  # ours\n"1" = 17\n"2" = 18\n[sendcloud]\n'
    )


def test_a_table_that_is_not_there_begins_at_the_end() -> None:
    assert with_pairs("[divisions.acme]\ncode = 1", TABLE, {"1": 17}) == (
        '[divisions.acme]\ncode = 1\n\n[divisions.acme.warehouses]\n"1" = 17\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        '[divisions.acme]\nwarehouses = { "2" = 18 }\n',
        '[divisions.acme]\nwarehouses."2" = 18\n',
        '[divisions.acme.warehouses]\n"1" = 18\n',
        'note = """\n[divisions.acme.warehouses]\n"""\n',
        "divisions = 3\n",
        "no toml",
    ],
)
def test_what_would_change_anything_else_is_not_done(text: str) -> None:
    assert with_pairs(text, TABLE, {"1": 17}) is None


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 2**31) | st.text(), min_size=1))
def test_whatever_exact_calls_its_codes_the_file_means_them(pairs: dict[str, str | int]) -> None:
    changed = with_pairs("# ours\n", TABLE, pairs)

    assert changed is None or tomllib.loads(changed)["divisions"]["acme"]["warehouses"] == pairs
