"""Where a shipment goes, compared with where a consignment goes, and whether it comes back from there (S2, S4). Pure.

An address alone never says whose a shipment is: people correct addresses in Sendcloud's panel.
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
"""The fields of an address that a person may have corrected, in the order in which they are told."""


class Direction(Enum):
    """Whether a shipment goes where a consignment goes."""

    SAME = "same country and postal code"
    OTHER = "another country or postal code"
    UNKNOWN = "can't be told"


def direction(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> Direction:
    """Compare country and postal code, each in its normal form."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return Direction.UNKNOWN
    return heading(shipment.to_address, to.country_code, to.postal_code)


def heading(address: ShipmentAddress, to_country: str, to_postal_code: str) -> Direction:
    """Whether an address that Sendcloud tells is that country and postal code."""
    if same_place(address.country_code, address.postal_code, to_country, to_postal_code):
        return Direction.SAME
    country = country_code(address.country_code)
    if not country or (country == country_code(to_country) and not clean(address.postal_code)):
        return Direction.UNKNOWN
    return Direction.OTHER


# ── returns ──────────────────────────────────────────────────────────────────────────────────────


def is_return(snapshot: Snapshot, shipment: Shipment) -> bool:
    """Whether it goes to a sender address of ours, and surely comes from somewhere else: it brings goods back."""
    senders = tuple(snapshot.senders.values())
    came_from = shipment.from_address
    is_known = bool(country_code(came_from.country_code) and clean(came_from.postal_code))
    goes_to_us = any(_may_be(shipment.to_address, sender) for sender in senders)
    return is_known and goes_to_us and not any(_may_be(came_from, sender) for sender in senders)


def _may_be(address: ShipmentAddress, sender: SenderAddress) -> bool:
    """The same place, and the same door as far as both tell it: street or number may be missing. A customer may live next to the shop."""
    if not same_place(address.country_code, address.postal_code, sender.country_code, sender.postal_code):
        return False
    one, other = _door(address), _door(sender)
    return one in other or other in one


def _door(address: ShipmentAddress | SenderAddress) -> str:
    return squeezed(address.address_line_1 + address.house_number)


def squeezed(text: str) -> str:
    """The letters and digits alone, in one case."""
    return "".join(letter for letter in clean(text).casefold() if letter.isalnum())


# ── towns, and what differs ──────────────────────────────────────────────────────────────────────


def town_of(address: ShipmentAddress) -> str:
    """The town as a message names it, with its country; empty where it is not told."""
    return _named(address.city, address.country_code)


def town_in_exact(snapshot: Snapshot, consignment: Consignment) -> str:
    """The town that Exact says; empty where the address can't be read."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return ""
    return _named(to.city, to.country_code)


def _named(city: str, country: str) -> str:
    town, code = clean(city)[:40], country_code(country)
    # Somebody may have typed a mail address, a link or a phone number where the town stands: such is not repeated.
    if not town or re.search(r"@|//|\d{3}", town):
        return code
    return f"{town} ({code})" if code else town


def corrected_fields(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> Sequence[str]:
    """The fields of the address in which a label differs from what Exact says, by Sendcloud's names."""
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
        "city": squeezed(found.city) != squeezed(to.city),
        "address_line_1": squeezed(found.address_line_1 + found.house_number)
        != squeezed(to.address_line_1 + to.house_number),
    }
    return tuple(field for field in _COMPARED if differs[field])
