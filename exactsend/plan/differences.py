"""In what a shipment that was found differs from the one that is wanted now (S4): it is paid all the same. Pure."""

from exactsend.calls import Json
from exactsend.sendcloud.models import Shipment


def differing_fields(shipment: Shipment, request: dict[str, Json]) -> tuple[str, ...]:
    """The fields of the wanted request that the shipment does not have: address and option.

    Carriers' formats move and shorten address lines, so these are compared as one run of letters and digits.
    """
    differing: list[str] = []
    wanted = _object(request.get("to_address"))
    found = shipment.to_address
    for field, value in (
        ("country_code", found.country_code),
        ("postal_code", found.postal_code),
        ("city", found.city),
    ):
        if value and _squeezed(_text(wanted, field)) != _squeezed(value):
            differing.append(field)
    lines_wanted = _squeezed(
        "".join(_text(wanted, field) for field in ("address_line_1", "house_number", "address_line_2"))
    )
    lines_found = _squeezed(found.address_line_1 + found.house_number + found.address_line_2)
    if lines_found and not _same_lines(lines_wanted, lines_found):
        differing.append("address_line_1")
    used = shipment.shipping_option.shipping_option_code
    if (option := _option(request)) and used and option != used:
        differing.append("shipping_option_code")
    return tuple(differing)


def _same_lines(wanted: str, found: str) -> bool:
    return wanted == found or wanted.startswith(found) or found.startswith(wanted)


def _option(request: dict[str, Json]) -> str:
    properties = _object(_object(request.get("ship_with")).get("properties"))
    return _text(properties, "shipping_option_code")


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(record: dict[str, Json], field: str) -> str:
    value = record.get(field)
    return value if isinstance(value, str) else ""


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
