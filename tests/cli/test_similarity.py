"""Suggestions by similar names."""

import pytest

from exactsend.cli.similarity import most_similar

OPTIONS = {
    "postnl:standard": "postnl:standard PostNL Standard",
    "postnl:service-point": "postnl:service-point PostNL Service Point",
    "colissimo:home": "colissimo:home Colissimo Domicile",
}


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("PNL PostNL parcel", "postnl:standard"),
        ("SP POSTNL SERVICE POINT", "postnl:service-point"),
        ("Colissimo domicil\u00e9", "colissimo:home"),
        ("AFH Collected by the customer", None),
        ("", None),
    ],
)
def test_the_one_with_most_words_in_common_is_suggested(name: str, suggested: str | None) -> None:
    assert most_similar(name, OPTIONS) == suggested


def test_of_two_that_are_equally_alike_none_is() -> None:
    assert most_similar("Main", {1: "Main North", 2: "Main South"}) is None


def test_where_there_is_nothing_there_is_no_suggestion() -> None:
    assert most_similar("Main", {}) is None
