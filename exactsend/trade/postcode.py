"""Normalises postal codes by country: two spellings of one code become equal, two codes never do.

For comparing only; what is sent stays as Exact has it. Source of the formats: Universal Postal Union, addressing
systems by country; the prefixes are those that people write before a code (``D-28195``, ``LT-01100``).
"""

import re
import unicodedata

from exactsend.trade.country import country_code
from exactsend.trade.text import clean

_PREFIXES = {
    "AT": "A|AT",
    "BE": "B|BE",
    "BG": "BG",
    "CH": "CH",
    "CY": "CY",
    "CZ": "CZ",
    "DE": "D|DE",
    "DK": "DK",
    "EE": "EE",
    "ES": "E|ES",
    "FI": "FI|FIN",
    "FR": "F|FR",
    "GR": "GR|EL",
    "HR": "HR",
    "HU": "H|HU",
    "IS": "IS",
    "IT": "I|IT",
    "LI": "FL|LI",
    "LT": "LT",
    "LU": "L|LU",
    "LV": "LV",
    "MC": "MC",
    "MD": "MD",
    "ME": "ME",
    "MK": "MK",
    "NO": "N|NO",
    "PL": "PL",
    "PT": "P|PT",
    "RO": "RO|R",
    "RS": "RS",
    "SE": "S|SE",
    "SI": "SI",
    "SK": "SK",
    "SM": "SM|RSM",
    "UA": "UA",
    "VA": "VA",
}
"""Prefixes of purely numeric codes, by country."""
_FOUR_AND_LETTERS = re.compile(r"(?:NL)?(\d{4}[A-Z]{2})")
_US_ZIP = re.compile(r"(?:US|USA)?(\d{5})(?:\d{4})?")


def normal_postcode(country: str, written: str) -> str:
    """The normalised code: upper-case letters and digits without prefixes and separators.

    Args:
        country: the address's country, in Exact's or Sendcloud's spelling.
        written: the code as written; empty gives empty.
    """
    code = _letters_and_digits(written)
    match country_code(country):
        case "NL":
            found = _FOUR_AND_LETTERS.fullmatch(code)
        case "US":  # carriers add the four digits of ZIP+4
            found = _US_ZIP.fullmatch(code)
        case known if known in _PREFIXES:
            found = re.fullmatch(rf"(?:{_PREFIXES[known]})?(\d+)", code)
        case _:
            found = None
    return found[1] if found else code


def _letters_and_digits(written: str) -> str:
    plain = unicodedata.normalize("NFKC", clean(written))
    return "".join(letter for letter in plain if letter.isalnum()).upper()


def same_place(country: str, postcode: str, other_country: str, other_postcode: str) -> bool:
    """Whether two addresses have the same country and normalised postal code."""
    return (_normal_country(country), normal_postcode(country, postcode)) == (
        _normal_country(other_country),
        normal_postcode(other_country, other_postcode),
    )


def _normal_country(written: str) -> str:
    return country_code(written) or clean(written).upper()
