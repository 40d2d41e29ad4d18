"""Compares where a shipment goes with where a consignment goes, and recognises returns (S2, S4). Pure.

An address alone never shows whose a shipment is: people correct addresses in Sendcloud's panel.
"""

import re
from collections.abc import Sequence
from enum import Enum

from exactsend.domain.problems import Held
from exactsend.engine.snapshot import Snapshot
from exactsend.sendcloud.models import SenderAddress, Shipment, ShipmentAddress
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code
from exactsend.trade.postcode import same_place
from exactsend.trade.recipient import recipient
from exactsend.trade.text import clean

_COMPARED = ("country_code", "postal_code", "city", "address_line_1")
"""The address fields that a person may have corrected, in the order in which messages name them."""


class Direction(Enum):
    """Whether a shipment goes to a consignment's address."""

    SAME = "same country and postal code"
    OTHER = "another country or postal code"
    UNKNOWN = "can't be told"


def shipment_direction(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> Direction:
    """Compare country and normalised postal code."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return Direction.UNKNOWN
    return address_direction(shipment.to_address, to.country_code, to.postal_code)


def address_direction(address: ShipmentAddress, to_country: str, to_postal_code: str) -> Direction:
    """Compare the country and normalised postal code of an address from Sendcloud."""
    if same_place(address.country_code, address.postal_code, to_country, to_postal_code):
        return Direction.SAME
    country = country_code(address.country_code)
    if not country or (country == country_code(to_country) and not clean(address.postal_code)):
        return Direction.UNKNOWN
    return Direction.OTHER


# ── returns ──────────────────────────────────────────────────────────────────────────────────────


def is_return(snapshot: Snapshot, shipment: Shipment) -> bool:
    """Whether it goes to one of our sender addresses and certainly comes from elsewhere: a return."""
    senders = tuple(snapshot.senders.values())
    came_from = shipment.from_address
    is_known = bool(country_code(came_from.country_code) and clean(came_from.postal_code))
    goes_to_us = any(_may_be(shipment.to_address, sender) for sender in senders)
    return is_known and goes_to_us and not any(_may_be(came_from, sender) for sender in senders)


def _may_be(address: ShipmentAddress, sender: SenderAddress) -> bool:
    """Whether both may be the same place and door; street or number may be missing. A customer may live next to the shop."""
    if not same_place(address.country_code, address.postal_code, sender.country_code, sender.postal_code):
        return False
    one, other = _door(address), _door(sender)
    return one in other or other in one


def _door(address: ShipmentAddress | SenderAddress) -> str:
    return letters_and_digits(address.address_line_1 + address.house_number)


def letters_and_digits(text: str) -> str:
    """Only the letters and digits, in lower case."""
    return "".join(letter for letter in clean(text).casefold() if letter.isalnum())


# ── towns, and what differs ──────────────────────────────────────────────────────────────────────


def town_of(address: ShipmentAddress) -> str:
    """The town and country of an address, for messages; empty if unknown."""
    return _named(address.city, address.country_code)


def town_in_exact(snapshot: Snapshot, consignment: Consignment) -> str:
    """The town and country in Exact; empty if the address can't be mapped."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return ""
    return _named(to.city, to.country_code)


def _named(city: str, country: str) -> str:
    town, code = clean(city)[:40], country_code(country)
    # Somebody may have typed an e-mail address, a link or a phone number into the town: don't repeat it.
    if not town or re.search(r"@|//|\d{3}", town):
        return code
    return f"{town} ({code})" if code else town


def corrected_fields(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> Sequence[str]:
    """The address fields in which a label differs from Exact, by Sendcloud's names."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return ()
    found = shipment.to_address
    differs = {
        "country_code": country_code(found.country_code) != country_code(to.country_code),
        "postal_code": not same_place(
            found.country_code, found.postal_code, found.country_code, to.postal_code
        ),
        "city": letters_and_digits(found.city) != letters_and_digits(to.city),
        "address_line_1": letters_and_digits(found.address_line_1 + found.house_number)
        != letters_and_digits(to.address_line_1 + to.house_number),
    }
    return tuple(field for field in _COMPARED if differs[field])
