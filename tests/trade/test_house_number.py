import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from exactsend.trade.address import split_house_number

LINES = Path(__file__).with_name("address_lines.csv")
COUNTRIES = "NL BE DE AT CH FR LU ES IT GB IE PT PL SE DK"
MEASURED = Path(__file__).parents[2] / "docs" / "addresses.md"
SETS = ["made", "aside", "unseen"]


def outcome(row: dict[str, str]) -> str:
    found = split_house_number(row["line"], row["country"])
    expected = (row["street"], row["house_number"]) if row["house_number"] else None
    if found is None:
        return "whole, as it must" if expected is None else "whole, to be safe"
    return "split" if found == expected else "wrong"


def measured(name: str) -> Counter[str]:
    with LINES.open(encoding="utf-8", newline="") as lines:
        return Counter(outcome(row) for row in csv.DictReader(lines) if row["half"] == name)


@pytest.mark.parametrize("name", SETS)
def test_no_line_is_split_wrongly(name: str) -> None:
    assert measured(name)["wrong"] == 0


@pytest.mark.parametrize("name", SETS)
def test_the_numbers_in_the_documentation_are_the_measured_ones(name: str) -> None:
    row = re.search(rf"^\| {name} \|(.*)\|$", MEASURED.read_text(encoding="utf-8"), re.MULTILINE)
    counts = measured(name)

    assert row is not None
    assert [int(cell) for cell in row[1].split("|")] == [
        counts.total(),
        counts["split"],
        counts["whole, as it must"],
        counts["whole, to be safe"],
        counts["wrong"],
    ]


def test_there_are_enough_lines_of_every_country_and_half_of_them_are_set_aside() -> None:
    with LINES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    halves = Counter(row["half"] for row in rows)

    assert halves["made"] + halves["aside"] >= 300
    assert halves["aside"] >= 0.45 * (halves["made"] + halves["aside"])
    assert halves["unseen"] >= 100
    for name in SETS:
        assert {row["country"] for row in rows if row["half"] == name} == set(COUNTRIES.split())


@pytest.mark.parametrize(
    ("line", "country", "number"),
    [
        ("Kerkstraat 12", "NL", "12"),
        ("Kerkstraat 12 hs", "NL", "12 hs"),
        ("Kerkstraat 12 bus 3", "BE", "12 bus 3"),
        ("Hauptstraße 12 - 14", "DE", "12 - 14"),
        ("Praterstraße 66/2/11", "AT", "66/2/11"),
        ("Rue du Rhône 12", "CH", "12"),
        ("Norra Vägen 3", "SE", "3"),
    ],
)
def test_what_is_unambiguous_is_split(line: str, country: str, number: str) -> None:
    found = split_house_number(line, country)

    assert found == (line.removesuffix(number).strip(), number)


@pytest.mark.parametrize(
    ("line", "country"),
    [
        ("Plein 1944", "NL"),
        ("Kerkstraat 12 bus 3", "NL"),
        ("Oude Laan 40-45", "NL"),
        ("Postbus 12", "NL"),
        ("Straße des 17. Juni 135", "DE"),
        ("Q 7", "DE"),
        ("12 rue de la Paix", "FR"),
        ("Rue de la Paix 12", "FR"),
        ("Lunda 212", "SE"),
        ("Kaj 5", "DK"),
        ("Kerkstraat 12", "US"),
        ("", "NL"),
    ],
)
def test_what_is_doubtful_stays_whole(line: str, country: str) -> None:
    assert split_house_number(line, country) is None
