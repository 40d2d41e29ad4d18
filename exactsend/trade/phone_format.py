"""How carriers want a phone number written that E.164 does not suit: a table. Pure.

InPost in Great Britain takes ``07…`` and refuses ``+44…``: a client's code and its tests, read in November 2026. Sendcloud documents E.164 for
all; what no row is about is sent like that.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NationalFormat:
    """Numbers of one country are written as people there write them; those of others stay E.164."""

    calling_code: str
    trunk_prefix: str

    def of(self, number: str) -> str:
        """An E.164 number as the carrier takes it."""
        if not number.startswith(self.calling_code):
            return number
        return self.trunk_prefix + number.removeprefix(self.calling_code)


FORMATS: Mapping[str, NationalFormat] = {"inpost_gb": NationalFormat("+44", "0")}
"""By Sendcloud's code of the carrier."""


def as_taken_by(carrier: str, number: str) -> str:
    """An E.164 number, or none, as this carrier takes it."""
    wanted = FORMATS.get(carrier)
    return wanted.of(number) if wanted else number
