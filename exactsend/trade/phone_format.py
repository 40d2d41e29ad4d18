"""Carriers that need another phone number format than E.164, as a table. Pure.

InPost in Great Britain accepts ``07…`` and refuses ``+44…``: a client's code and its tests, read in November 2026.
Sendcloud documents E.164 for all others.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NationalFormat:
    """The national format of one country; other countries' numbers stay E.164."""

    calling_code: str
    trunk_prefix: str

    def of(self, number: str) -> str:
        """An E.164 number in the national format."""
        if not number.startswith(self.calling_code):
            return number
        return self.trunk_prefix + number.removeprefix(self.calling_code)


FORMATS: Mapping[str, NationalFormat] = {"inpost_gb": NationalFormat("+44", "0")}
"""By Sendcloud's carrier code."""


def carrier_format(carrier: str, number: str) -> str:
    """An E.164 number, or an empty one, in this carrier's format."""
    wanted = FORMATS.get(carrier)
    return wanted.of(number) if wanted else number
