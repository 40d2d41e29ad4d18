"""Country and state codes from Exact's spelling to Sendcloud's (T3): ISO 3166.

``customs_areas`` has the customs areas.
"""

import re

from exactsend.trade.text import clean

_OTHER_SPELLINGS = {"UK": "GB", "EL": "GR"}
"""The United Kingdom, and Greece as VAT numbers spell it."""

_STATES = {
    "US": "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC "
    "SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI",
    "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "IT": "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN FC FE FG FI FM FR GE GO GR IM "
    "IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA "
    "SI SO SP SR SS SU SV TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VT VV",
}
"""Countries where Sendcloud requires a state (Shipments API v3, ``state_province_code``), with the codes (ISO 3166-2)."""


def country_code(written: str) -> str:
    """Two upper-case letters; empty if Exact's code is none."""
    code = clean(written).upper()
    code = _OTHER_SPELLINGS.get(code, code)
    return code if re.fullmatch(r"[A-Z]{2}", code) else ""


def state_code(written: str, country: str) -> str:
    """The state in ISO 3166-2 (``US-NY``); empty if it is none, or if no carrier requires one."""
    code = clean(written).upper().removeprefix(f"{country}-")
    return f"{country}-{code}" if code in _STATES.get(country, "").split() else ""
