"""Two spellings of one postal code compare as equal, and two codes never do (S4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.trade.postcode import normal_postcode, same_place


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("NL", "3531 GV", "3531gv"),
        ("NL", "NL-3531 GV", "3531 GV"),
        ("DE", "D-28195", "28195"),
        ("DE", "DE 28195", "28195"),
        ("de", "28 195", "28195"),
        ("PT", "1000205", "1000-205"),
        ("BE", "B-2000", "2000"),
        ("LU", "L-1234", "1234"),
        ("LT", "LT-01100", "01100"),
        ("FI", "FIN-00100", "00100"),
        ("PL", "00-950", "00950"),
        ("SE", "SE-113 37", "11337"),
        ("GB", "sw1a 1aa", "SW1A1AA"),
        ("UK", "SW1A 1AA", "sw1a1aa"),
        ("IE", "D02 AF30", "d02af30"),
        ("US", "10001-1234", "10001"),
        ("CA", "K1A 0B1", "k1a-0b1"),
        ("GR", "EL-105 57", "10557"),
        ("JP", "100-0001", "1000001"),
        ("JP", "\uff11\uff10\uff10\uff0d\uff10\uff10\uff10\uff11", "100-0001"),
    ],
)
def test_two_spellings_of_one_code_are_equal(country: str, one: str, other: str) -> None:
    assert normal_postcode(country, one) == normal_postcode(country, other)


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("NL", "3531 GV", "3531 GW"),
        ("NL", "3531", "3531 GV"),
        ("DE", "01067", "1067"),
        ("PT", "1000", "1000-205"),
        ("GB", "E1 6AN", "1 6AN"),
        ("IE", "D02 AF30", "02 AF30"),
        ("AR", "C1425", "1425"),
    ],
)
def test_two_codes_are_not(country: str, one: str, other: str) -> None:
    assert normal_postcode(country, one) != normal_postcode(country, other)


def test_a_code_belongs_to_its_country() -> None:
    assert not same_place("DE", "28195", "FR", "28195")
    assert same_place("UK", "SW1A 1AA", "GB", "sw1a1aa")


def test_without_a_code_the_country_counts() -> None:
    assert same_place("HK", "", "HK", " ")
    assert not same_place("HK", "", "MO", "")


@given(st.sampled_from(["NL", "DE", "PT", "GB", "US", "HK", ""]), st.text(max_size=20))
def test_the_normal_form_of_a_normal_form_is_itself(country: str, written: str) -> None:
    once = normal_postcode(country, written)

    assert normal_postcode(country, once) == once
