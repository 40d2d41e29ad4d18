"""Splits the house number off an address line (T4) where the country's format leaves no doubt.

A wrong split sends the parcel to another door, so in doubt the line stays whole: the services then split it themselves,
or refuse it. The rule is strict on purpose, not complete; docs/addresses.md says what it was measured on. Countries
that write the number first (FR, LU, GB, IE) and all that are not listed here stay whole.
"""

import re
from dataclasses import dataclass, field

from exactsend.trade.text import clean

_NUMBER = r"[1-9][0-9]{0,2}"
"""Three digits at most: four are as often a year in the street's name (Plein 1944) as a house number."""
_SUFFIXED = rf"{_NUMBER}[A-Za-z]?"
_RANGE = rf"{_SUFFIXED}(?: ?[-/] ?{_SUFFIXED}|[-/][A-Za-z])?"
_LETTER = r"(?: [A-Za-z])?"
_DUTCH_ADDITION = r"(?:[ -]?(?:hs|huis|bis|bs|zw|rd)|[ -](?:I{1,3}|IV|V|zwart|rood|boven|beneden))?"
_BELGIAN_BOX = r"(?: (?:bus|bte|boite|boîte|box) [A-Za-z0-9./]{1,5}| b [0-9]{1,4})?"
_AUSTRIAN_DOOR = rf"{_SUFFIXED}(?:/[1-9][0-9]{{0,3}}[A-Za-z]?){{1,3}}"
_LATIN_ADDITION = r"(?: (?:bis|ter)|bis|ter)?"


@dataclass(frozen=True)
class _Writing:
    """A country's format of street and number on one line."""

    number: str
    """A regular expression; case is ignored."""
    comma: bool = False
    """A comma may precede the number."""
    first_words: frozenset[str] = field(default=frozenset())
    """If given, a street begins with one of these. In other lines a number is as likely a plot or a road."""
    ordinals: bool = False
    """A street may begin with an ordinal: 1e Kruisweg."""
    endings: frozenset[str] = field(default=frozenset())
    """If given, a street ends with one of these. Other lines may be a farm or a village."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ITALIAN = _words("via viale piazza piazzale corso largo vicolo")
_SPANISH = _words("calle c/ avenida avda. avda av. plaza pza. paseo ronda rambla carrer")
_PORTUGUESE = _words("rua avenida av. praça travessa largo")
_SWEDISH = _words("""
    gata gatan väg vägen stig stigen gränd gränden torg torget plan planen allé allén backe backen led leden esplanaden promenaden
    slätten platsen
""")

_WRITINGS = {
    "NL": _Writing(rf"{_RANGE}(?:{_LETTER}|{_DUTCH_ADDITION})", ordinals=True),
    "BE": _Writing(rf"{_RANGE}{_LETTER}{_BELGIAN_BOX}", ordinals=True),
    "DE": _Writing(rf"{_RANGE}{_LETTER}"),
    "AT": _Writing(rf"(?:{_AUSTRIAN_DOOR}|{_RANGE}{_LETTER})"),
    "CH": _Writing(rf"{_RANGE}(?:{_LETTER}|{_LATIN_ADDITION})"),
    "DK": _Writing(rf"{_RANGE}{_LETTER}"),
    "SE": _Writing(rf"{_RANGE}{_LETTER}", endings=_SWEDISH),
    "PL": _Writing(rf"{_RANGE}"),
    "IT": _Writing(rf"{_RANGE}(?:{_LETTER}|{_LATIN_ADDITION})", comma=True, first_words=_ITALIAN),
    "ES": _Writing(rf"{_RANGE}{_LETTER}", comma=True, first_words=_SPANISH),
    "PT": _Writing(rf"{_RANGE}{_LETTER}", comma=True, first_words=_PORTUGUESE),
}


_BOXES_OF_THE_POST = _words("""
    postbus postfach postboks box boks fack bp b.p. b.p cp case postale casella apartado apdo apdo. skrytka skr. poczt.
    antwoordnummer packstation postfiliale paketstation freepost
""")
_PARTS_OF_A_SITE_OR_HOUSE = _words("""
    gebouw gebäude gebaeude bâtiment batiment bygning budynek building hal hall halle hala unit loods nave pawilon hus haus huis
    bloc blok block bloque bloco portal toren turm tower vleugel flügel kamer zimmer room etage étage stock stockwerk og floor plan
    piso verdieping hoog hoogs appartement app app. apt apt. apartment flat wohnung lejlighed lgh lägenhet lok. lokal local loja
    deur tür tuer puerta porta stiege top aufgang uppgång trappa escalera scala interno int. ingang eingang entrance tor poort port
    gate pier studio suite bus bte boîte boite
""")
_PLOTS_AND_NUMBERED_ROADS = _words("""
    kavel perceel parcela parzelle parcelle flurstück flur garten kolonie baufeld objekt lote lot działka dz. manzana
    ligplaats standplaats steiger kaj kajen molen dok haven sluis zone sector sektor industriezone vak poligono polígono
    km hm hmp hectometerpaal statale provinciale regionale nazionale nacional national autostrada route
""")
_BESIDE_OR_CARE_OF = _words("""
    c/o p/a t/o t.o. tegenover naast achter nabij bij hoek t.a.v. tav t.n.v. att att. z.hd. z.hd zhd
""")
_NUMBER_AS_A_WORD = _words("nr nr. no no. n° nº n. num num. núm. nummer number numer huisnummer")
_NOT_A_STREET = (
    _BOXES_OF_THE_POST
    | _PARTS_OF_A_SITE_OR_HOUSE
    | _PLOTS_AND_NUMBERED_ROADS
    | _BESIDE_OR_CARE_OF
    | _NUMBER_AS_A_WORD
)
"""Words before a number that make it something other than a house number."""

_BARE_KINDS = _words("""
    straat straße strasse str. street weg laan lane plein platz place plaza piazza allee allée avenue av. avenida rue rua calle c/ via
    viale corso kade kaai quai dijk hof markt ring park wijk quartier gata gade vej väg ulica ul. os. al. aleja chemin chaussée
    steenweg boulevard road route dorf siedlung
""")
"""Street words that are no name alone, so that the number may be part of the name (Straße 43 in Berlin, Kaai 140 in Antwerp)."""

_SHORTEST_LAST_WORD = 3
"""Letters: shorter ones are the squares of Mannheim (Q 7), roads (N 340) and compass points."""

_BATTLE_YEARS = frozenset({"14-18", "40-45", "44-45"})
"""In street names of the Low Countries; also possible as house number ranges."""

_ORDINAL = re.compile(r"[1-9][0-9]?(?:e|ste|de) (?=[^\W\d_])")
_STREET_ENDING = re.compile(r"(?:straat|weg|laan|plein|kade|gracht|dijk|hof|pad|steeg|dreef|singel)$")


def split_house_number(line: str, country: str) -> tuple[str, str] | None:
    """Street and house number of an address line, or None if the line should stay whole.

    Args:
        line: the first line of an address.
        country: two letters, upper case.
    """
    writing = _WRITINGS.get(country)
    words = clean(line)
    if writing is None:
        return None
    separator = r"(?:, ?| )" if writing.comma else " "
    found = re.fullmatch(
        rf"(?P<street>.*?[^\s,]){separator}(?P<number>{writing.number})", words, re.IGNORECASE
    )
    if found is None or found["number"] in _BATTLE_YEARS or not _is_street(found["street"], writing):
        return None
    return found["street"], found["number"]


def _is_street(street: str, writing: _Writing) -> bool:
    """Whether this is certainly a street name."""
    name, ordinal = street, None
    if writing.ordinals and (ordinal := _ORDINAL.match(street)):
        name = street[ordinal.end() :]
    words = name.lower().split()
    return (
        not any(character.isnumeric() or character in '(),;:&"' for character in name)
        and not any(word in _NOT_A_STREET for word in words)
        and not all(word in _BARE_KINDS for word in words)
        and sum(character.isalpha() for character in words[-1]) >= _SHORTEST_LAST_WORD
        and (not writing.first_words or words[0] in writing.first_words)
        and (not writing.endings or words[-1].endswith(tuple(writing.endings)))
        and (ordinal is None or _STREET_ENDING.search(words[-1]) is not None)
    )
