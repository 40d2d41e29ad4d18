"""The reasons for which carriers refuse an announcement, and their tracking numbers.

The reasons are those that Sendcloud's users meet: house number, phone, e-mail, customs, weight, service point, an outage.
Each is a sentence for the shipment's ``errors``.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from exactsend.sandbox.json_tree import JsonObject, at, object_at, objects_at, text
from exactsend.sandbox.sendcloud.behaviour import SendcloudBehaviour
from exactsend.sandbox.sendcloud.catalogue import ServicePoint, customs_area
from exactsend.sandbox.sendcloud.records import Shipment, StoredParcel

_GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}


def weight_in_grams(weight: JsonObject) -> Decimal:
    """A weight with its unit, in grams; 0 when it is missing."""
    return Decimal(text(weight, "value") or "0") * _GRAMS.get(text(weight, "unit"), Decimal(0))


def needs_customs(shipment: Shipment) -> bool:
    """Whether the shipment leaves its customs area."""
    areas = {
        customs_area(text(address, "country_code"), text(address, "postal_code"))
        for address in (shipment.from_address, shipment.to_address)
    }
    return len(areas) > 1


def announcement_problems(
    shipment: Shipment, point: ServicePoint | None, behaviour: SendcloudBehaviour
) -> list[str]:
    """Why the carrier refuses the shipment; empty when it accepts it."""
    if shipment.option.carrier.code in behaviour.carriers_down:
        return ["Service error: An error occurred while connecting to the carrier."]
    if behaviour.announcements_fail_with is not None:
        return [behaviour.announcements_fail_with]
    return [
        *_address_problems(shipment),
        *_contact_problems(shipment),
        *_weight_problems(shipment),
        *_customs_problems(shipment),
        *_point_problems(shipment, point),
    ]


def _address_problems(shipment: Shipment) -> Iterator[str]:
    country = text(shipment.to_address, "country_code")
    if not shipment.option.goes_to(country):
        yield f"country: {shipment.option.name} does not deliver to {country}."
    if shipment.option.carrier.splits_house_number and not _has_house_number(shipment.to_address):
        yield "house_number: This field cannot be blank."


def _has_house_number(address: JsonObject) -> bool:
    """Whether it has a house number, separately or in the first line."""
    return bool(text(address, "house_number") or re.search(r"\d", text(address, "address_line_1")))


def _contact_problems(shipment: Shipment) -> Iterator[str]:
    required = shipment.option.required_fields
    if "to_email" in required and not text(shipment.to_address, "email"):
        yield "email: This field is required."
    if "to_telephone" in required and not text(shipment.to_address, "phone_number"):
        yield "telephone: This field is required."
    wanted, number = shipment.option.carrier.phone_pattern, text(shipment.to_address, "phone_number")
    if wanted and number and not re.fullmatch(wanted, number):
        yield "telephone: The phone number is not valid."
    for side in ("length", "width", "height"):
        if side in required and any(not at(parcel.body, "dimensions", side) for parcel in shipment.parcels):
            yield f"{side}: This field is required."


def _weight_problems(shipment: Shipment) -> Iterator[str]:
    for parcel in shipment.parcels:
        grams = weight_in_grams(object_at(parcel.body, "weight"))
        if not shipment.option.takes(grams):
            yield f"weight: {grams / 1000:f} kg is outside the range of {shipment.option.name}."
        if _items_grams(parcel) > grams:
            yield "weight: The items weigh more than the parcel."


def _items_grams(parcel: StoredParcel) -> Decimal:
    items = objects_at(parcel.body, "parcel_items")
    return sum(
        (weight_in_grams(object_at(i, "weight")) * Decimal(text(i, "quantity") or "1") for i in items),
        Decimal(0),
    )


def _customs_problems(shipment: Shipment) -> Iterator[str]:
    if not needs_customs(shipment):
        return
    if not object_at(shipment.details, "customs_information"):
        yield "customs_information: This field is required for this destination."
    for parcel in shipment.parcels:
        items = objects_at(parcel.body, "parcel_items")
        if not items:
            yield "parcel_items: Customs need at least one item."
        for name in ("hs_code", "origin_country", "price", "weight", "description"):
            if any(not at(item, name) for item in items):
                yield f"parcel_items: {name} is required for customs."


def _point_problems(shipment: Shipment, point: ServicePoint | None) -> Iterator[str]:
    if point is None:
        if shipment.option.needs_service_point:
            yield "to_service_point: This shipping option needs a service point."
        return
    if not shipment.option.needs_service_point:
        yield "to_service_point: This shipping option does not deliver to service points."
    if point.carrier.code != shipment.option.carrier.code:
        yield "to_service_point: The service point belongs to another carrier."
    if point.country_code != text(shipment.to_address, "country_code"):
        yield "to_service_point: The service point is in another country."
    if point.is_expired or not point.is_available:
        yield "to_service_point: The service point is closed."


def tracking_number(carrier_code: str, number: int) -> str:
    """A tracking number in the carrier's own form."""
    match carrier_code:
        case "postnl":
            return f"3SSBX{number:09d}"
        case "dpd":
            return f"0{5_000_000_000_000 + number:013d}"
        case "dhl_express":
            return f"{4_000_000_000 + number:010d}"
    return f"SCCWH{number:07d}"


def tracking_url(shipment: Shipment, number: str, now: datetime) -> str:
    """The address of the public tracking page, with the postal code: about 245 characters, as recorded in September 2026."""
    query = {
        "carrier": shipment.option.carrier.code,
        "code": number,
        "destination": text(shipment.to_address, "country_code"),
        "lang": "en-us",
        "source": text(shipment.from_address, "country_code"),
        "type": "letter" if shipment.option.is_letter else "parcel",
        "verification": text(shipment.to_address, "postal_code"),
        "servicepoint_verification": "",
        "shipping_product_code": shipment.option.code.split("/")[0],
        "created_at": now.date().isoformat(),
    }
    return f"https://tracking.eu-central-1-0.sendcloud.sc/forward?{urlencode(query)}"
