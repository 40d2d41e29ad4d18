"""Postal codes in the normal form of their country: two spellings of one code compare as equal, and two codes never do.

For comparing alone; what is sent stays as Exact has it. Source of the forms: Universal Postal Union, addressing systems by country;
the prefixes are those that people write before a code (``D-28195``, ``LT-01100``).
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
"""What may stand before a code of digits alone, by country."""
_FOUR_AND_LETTERS = re.compile(r"(?:NL)?(\d{4}[A-Z]{2})")
_US_ZIP = re.compile(r"(?:US|USA)?(\d{5})(?:\d{4})?")


def normal_postcode(country: str, written: str) -> str:
    """The code as it is compared: upper case letters and digits, without what people write before or between them.

    Args:
        country: of the address, in any spelling that Exact or Sendcloud has.
        written: the code as it is written there; empty gives empty.
    """
    code = _squeezed(written)
    match country_code(country):
        case "NL":
            found = _FOUR_AND_LETTERS.fullmatch(code)
        case "US":  # the four digits of ZIP+4 are added by carriers
            found = _US_ZIP.fullmatch(code)
        case known if known in _PREFIXES:
            found = re.fullmatch(rf"(?:{_PREFIXES[known]})?(\d+)", code)
        case _:
            found = None
    return found[1] if found else code


def _squeezed(written: str) -> str:
    plain = unicodedata.normalize("NFKC", clean(written))
    return "".join(letter for letter in plain if letter.isalnum()).upper()


def same_place(country: str, postcode: str, other_country: str, other_postcode: str) -> bool:
    """Whether two addresses have the same country and the same postal code, each in its normal form."""
    return (_normal_country(country), normal_postcode(country, postcode)) == (
        _normal_country(other_country),
        normal_postcode(other_country, other_postcode),
    )


def _normal_country(written: str) -> str:
    return country_code(written) or clean(written).upper()
