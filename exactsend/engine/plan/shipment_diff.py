"""How an existing shipment differs from the one wanted now (S4). It is adopted all the same, since it is paid. Pure."""

from exactsend.domain.records import DeliveryRecord
from exactsend.engine.snapshot import Snapshot
from exactsend.http.messages import Json
from exactsend.sendcloud.models import SenderAddress, Shipment

_GRAMS = {"kg": 1000, "g": 1}


def differing_from_wanted(
    snapshot: Snapshot, record: DeliveryRecord, request: dict[str, Json], fingerprint: str, shipment: Shipment
) -> tuple[str, ...]:
    """How our own shipment differs from what is wanted now; empty if it was bought with this request."""
    made = (attempt for attempt in record.attempts if attempt.reference == shipment.external_reference_id)
    if any(attempt.fingerprint == fingerprint for attempt in made):
        return ()
    number = _object(request.get("from_address")).get("sender_address_id")
    sender = snapshot.senders.get(number) if isinstance(number, int) else None
    return differing_fields(shipment, request, sender)


def differing_fields(
    shipment: Shipment, request: dict[str, Json], sender: SenderAddress | None = None
) -> tuple[str, ...]:
    """The fields of the wanted request that the shipment doesn't have: address, option, weight, sender.

    Fields missing from the shipment are not compared. Carriers rearrange and shorten address lines, so these are
    compared as one string of letters and digits.

    Args:
        shipment: as it was found.
        request: what would be sent now.
        sender: the sender address that the request names, where it names one.
    """
    found = (
        *_address_differences(shipment, _object(request.get("to_address"))),
        *_option_difference(shipment, request),
        *_weight_differences(shipment, request),
        *_sender_differences(shipment, sender),
    )
    return tuple(found)


def _address_differences(shipment: Shipment, wanted: dict[str, Json]) -> list[str]:
    found = shipment.to_address
    shown = {"country_code": found.country_code, "postal_code": found.postal_code, "city": found.city}
    differing = [
        field
        for field, value in shown.items()
        if value and _letters_and_digits(_text(wanted, field)) != _letters_and_digits(value)
    ]
    fields = ("address_line_1", "house_number", "address_line_2")
    lines_wanted = _letters_and_digits("".join(_text(wanted, field) for field in fields))
    lines_found = _letters_and_digits(found.address_line_1 + found.house_number + found.address_line_2)
    return (
        differing
        if not lines_found or _same_lines(lines_wanted, lines_found)
        else [*differing, "address_line_1"]
    )


def _option_difference(shipment: Shipment, request: dict[str, Json]) -> list[str]:
    wanted = _text(_object(_object(request.get("ship_with")).get("properties")), "shipping_option_code")
    used = shipment.shipping_option.shipping_option_code
    return ["shipping_option_code"] if wanted and used and wanted != used else []


def _weight_differences(shipment: Shipment, request: dict[str, Json]) -> list[str]:
    """The weight, compared to the gram if both have the same number of parcels with weights."""
    parcels = request.get("parcels")
    wanted = (
        [_grams(_object(_object(parcel).get("weight"))) for parcel in parcels]
        if isinstance(parcels, list)
        else []
    )
    found = [parcel.weight.grams if parcel.weight else None for parcel in shipment.parcels]
    pairs = [
        (wanted_weight, found_weight)
        for wanted_weight, found_weight in zip(wanted, found, strict=False)
        if wanted_weight is not None and found_weight is not None
    ]
    return (
        ["weight"]
        if any(abs(float(found_weight) - wanted_weight) >= 1 for wanted_weight, found_weight in pairs)
        else []
    )


def _sender_differences(shipment: Shipment, sender: SenderAddress | None) -> list[str]:
    used = shipment.from_address
    if sender is None or not (used.country_code and used.postal_code):
        return []
    same = (_letters_and_digits(sender.country_code), _letters_and_digits(sender.postal_code)) == (
        _letters_and_digits(used.country_code),
        _letters_and_digits(used.postal_code),
    )
    return [] if same else ["sender_address_id"]


def _same_lines(wanted: str, found: str) -> bool:
    return wanted == found or wanted.startswith(found) or found.startswith(wanted)


def _grams(weight: dict[str, Json]) -> float | None:
    value, unit = weight.get("value"), weight.get("unit")
    if not isinstance(value, str | int | float) or not isinstance(unit, str) or unit not in _GRAMS:
        return None
    return float(value) * _GRAMS[unit]


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(record: dict[str, Json], field: str) -> str:
    value = record.get(field)
    return value if isinstance(value, str) else ""


def _letters_and_digits(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
