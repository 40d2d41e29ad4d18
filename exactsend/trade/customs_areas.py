"""The customs and VAT area of each place (T5), as one table that can be checked and corrected.

Goods between two areas need a declaration, goods within one don't. A wrong row costs a needless declaration or a parcel
held by customs, so each row names its source.
"""

from dataclasses import dataclass

from exactsend.trade.text import clean

EU = "EU"
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU_MEMBERS = frozenset(_MEMBERS.split())
"""The VAT area; Madeira and the Azores lie inside (European Commission, "Territorial status of EU countries and certain territories")."""

_COMMISSION = 'European Commission, "Territorial status of EU countries and certain territories"'
_CHANNEL_ISLANDS = (
    "HMRC, VAT place of supply of goods (VATPOSG2300): outside the VAT areas of the UK and of the EU"
)
_WIKIPEDIA = "Wikipedia, the place's own page"
_VAT_6_1 = "Directive 2006/112/EC, article 6(1): in the customs area, not in the VAT area"
_VAT_6_2 = "Directive 2006/112/EC, article 6(2): in neither"
_PROTOCOL = "Withdrawal Agreement, Windsor Framework: EU rules for goods"
_FRENCH_POST = "département numbers of the overseas departments and collectivities (INSEE)"
_SPANISH_POST = "province codes (INE)"
_NOT_CONFIRMED = ""
"""Common knowledge in the trade, without a source that was read."""


@dataclass(frozen=True)
class Territory:
    """A place in another area than its country code says."""

    name: str
    country: str
    """Its country code in addresses."""
    postal_prefixes: tuple[str, ...]
    """The prefixes of its postal codes, without spaces; empty if the country code suffices."""
    area: str
    status_source: str
    """The source for its area; empty: not confirmed."""
    postal_source: str = _NOT_CONFIRMED
    """The source for its postal codes; empty: not confirmed."""


TERRITORIES = (
    # name, country, postal codes, area, source of the area, source of the postal codes
    Territory("Monaco", "MC", (), EU, _COMMISSION),
    Territory("Northern Ireland", "GB", ("BT",), EU, _PROTOCOL, "postcode area of Belfast (Royal Mail)"),
    Territory("Northern Ireland", "XI", (), EU, _PROTOCOL),
    Territory("Isle of Man", "IM", (), "GB", "UK and Isle of Man, Customs and Excise Agreement 1979"),
    Territory("Guernsey", "GB", ("GY",), "GG", _CHANNEL_ISLANDS, "postcode area of Guernsey (Royal Mail)"),
    Territory("Jersey", "GB", ("JE",), "JE", _CHANNEL_ISLANDS, "postcode area of Jersey (Royal Mail)"),
    Territory("Canary Islands", "ES", ("35", "38"), "Canary Islands", _VAT_6_1, _SPANISH_POST),
    Territory("Ceuta", "ES", ("51",), "Ceuta", _VAT_6_2, _SPANISH_POST),
    Territory("Melilla", "ES", ("52",), "Melilla", _VAT_6_2, _SPANISH_POST),
    Territory("Livigno", "IT", ("23041",), "Livigno", _VAT_6_2, _WIKIPEDIA),
    Territory("Campione d'Italia", "IT", ("22061",), "Campione d'Italia", _VAT_6_1, _WIKIPEDIA),
    Territory("Heligoland", "DE", ("27498",), "Heligoland", _VAT_6_2),
    Territory("Büsingen", "DE", ("78266",), "Büsingen", _VAT_6_2),
    Territory("Åland", "FI", ("22",), "AX", _VAT_6_1),
    Territory("Mount Athos", "GR", ("63086",), "Mount Athos", _VAT_6_1),
    Territory("Guadeloupe", "FR", ("971",), "GP", _VAT_6_1, _FRENCH_POST),
    Territory("Martinique", "FR", ("972",), "MQ", _VAT_6_1, _FRENCH_POST),
    Territory("French Guiana", "FR", ("973",), "GF", _VAT_6_1, _FRENCH_POST),
    Territory("Réunion", "FR", ("974",), "RE", _VAT_6_1, _FRENCH_POST),
    Territory("Saint Pierre and Miquelon", "FR", ("975",), "PM", _COMMISSION, _FRENCH_POST),
    Territory("Mayotte", "FR", ("976",), "YT", _VAT_6_1, _FRENCH_POST),
    Territory("Saint Barthélemy", "FR", ("977",), "BL", _COMMISSION, _FRENCH_POST),
    Territory("Saint Martin", "FR", ("978",), "MF", _VAT_6_1, _FRENCH_POST),
    Territory("French Southern Territories", "FR", ("984",), "TF", _COMMISSION, _FRENCH_POST),
    Territory("Wallis and Futuna", "FR", ("986",), "WF", _COMMISSION, _FRENCH_POST),
    Territory("French Polynesia", "FR", ("987",), "PF", _COMMISSION, _FRENCH_POST),
    Territory("New Caledonia", "FR", ("988",), "NC", _COMMISSION, _FRENCH_POST),
)
"""Every other code that is no EU member's is an area of its own: so are AX, GP and the like when addressed with their own code,
AW CW SX BQ, FO GL, GG JE, SM VA AD LI CH NO IS TR. (That Liechtenstein and Switzerland, or San Marino and the EU, share a customs
area without sharing the VAT area is left aside: declaring once too often is the lesser evil.)"""


def needs_customs(from_country: str, from_postal: str, to_country: str, to_postal: str) -> bool:
    """Whether goods from one place to the other need a customs declaration."""
    return area_of(from_country, from_postal) != area_of(to_country, to_postal)


def territory_postal_code(country: str, postal_code: str) -> str:
    """The postal code if the area depends on it; empty otherwise."""
    return postal_code if area_of(country, postal_code) != area_of(country) else ""


def area_of(country: str, postal_code: str = "") -> str:
    """The area of a place: ``EU``, a country code, or a territory's name."""
    country = clean(country).upper()
    code = _compact(postal_code, country)
    for territory in TERRITORIES:
        if territory.country == country and _lies_in(territory, code):
            return territory.area
    return EU if country in EU_MEMBERS else country


def _lies_in(territory: Territory, code: str) -> bool:
    return not territory.postal_prefixes or code.startswith(territory.postal_prefixes)


def _compact(postal_code: str, country: str) -> str:
    """Only letters and digits; on the continent only digits, since "F-97400" and "FI-22100" occur too."""
    kept = [character for character in clean(postal_code).upper() if character.isalnum()]
    return "".join(kept if country == "GB" else filter(str.isdigit, kept))
