"""`POST /shipping-options`: the options of the account that fit a parcel, with their requirements and prices.

The request has origin and destination as ``from_address`` and ``to_address`` or as flat fields, which are deprecated, but
not both at once (https://sendcloud.dev/api/v3/shipping-options/return-a-list-of-available-shipping-options, read on 2026-11-30).
"""

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, JsonObject, at, object_at, objects_at, text, whole_number
from exactsend.sandbox.sendcloud.call import ApiCall, answer
from exactsend.sandbox.sendcloud.carriers import weight_in_grams
from exactsend.sandbox.sendcloud.catalogue import ShippingOption, customs_area
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, invalid
from exactsend.sandbox.sendcloud.structure import problems

_NONE_FIT = "We couldn't find any shipping options for this request."


def post_shipping_options(call: ApiCall) -> Response:
    """List the options that fit; there may be none."""
    body = object_at(call.body())
    _check(call, body)
    body = {**body, **_route(call, body)}
    fitting = [option for option in call.account.options if _fits(call, option, body)]
    return answer(
        {
            "data": [_option_answer(call, option, body) for option in fitting],
            "message": None if fitting else _NONE_FIT,
        }
    )


def _route(call: ApiCall, body: JsonObject) -> JsonObject:
    """Origin and destination by their flat names, in whichever form they were sent."""
    ends = ("from", "to")
    objects = {end: object_at(body, f"{end}_address") for end in ends if f"{end}_address" in body}
    flat = {name: body[name] for end in ends for name in _flat(end) if name in body}
    form = call.world.behaviour.options_asked_by
    if form == "countries" and objects:
        unknown = (f"/{end}_address" for end in objects)
        raise SendcloudRefusal(
            400, *(error(400, "unknown_field", "Unknown field.", pointer=name) for name in unknown)
        )
    if form == "addresses":
        flat = {}
    if objects and flat:
        raise SendcloudRefusal(
            400,
            error(400, "invalid", "Addresses and country or postal codes are mutually exclusive."),
        )
    from_objects = {
        name: address.get(field)
        for end, address in objects.items()
        for name, field in zip(_flat(end), ("country_code", "postal_code"), strict=True)
    }
    return {**dict.fromkeys((*_flat("from"), *_flat("to"))), **flat, **from_objects}


def _flat(end: str) -> tuple[str, str]:
    return f"{end}_country_code", f"{end}_postal_code"


def _check(call: ApiCall, body: JsonObject) -> None:
    if at(body, "parcels") == []:
        raise SendcloudRefusal(400, error(400, "invalid", "At least one parcel must be provided."))
    found = problems("POST /shipping-options", body)
    if found:
        raise SendcloudRefusal(400, *(error(400, p.code, p.message, pointer=p.pointer) for p in found))
    contract_id = whole_number(body, "contract_id")
    if contract_id is not None and call.account.contract(contract_id) is None:
        raise SendcloudRefusal(400, error(400, "invalid", "Invalid contract."))
    point_id = text(body, "to_service_point_id")
    if point_id and call.world.service_point(point_id) is None:
        raise invalid("The service point could not be found", "/to_service_point_id")


def _fits(call: ApiCall, option: ShippingOption, body: JsonObject) -> bool:
    named = {
        "carrier_code": option.carrier.code,
        "contract_id": option.contract_id,
        "shipping_product_code": option.code.split("/")[0],
        "shipping_option_code": option.code,
    }
    country = text(body, "to_country_code")
    weights = [
        object_at(parcel, "weight") for parcel in objects_at(body, "parcels") if object_at(parcel, "weight")
    ]
    functionalities = _functionalities(option)
    return (
        all(at(body, name) in (None, value) for name, value in named.items())
        and (not country or option.goes_to(country))
        and all(option.takes(weight_in_grams(weight)) for weight in weights)
        and all(
            functionalities.get(name) == value for name, value in object_at(body, "functionalities").items()
        )
        and _fits_point(call, option, text(body, "to_service_point_id"))
    )


def _fits_point(call: ApiCall, option: ShippingOption, point_id: str) -> bool:
    point = call.world.service_point(point_id) if point_id else None
    return point is None or (option.needs_service_point and point.carrier == option.carrier)


def _functionalities(option: ShippingOption) -> JsonObject:
    return {
        "b2b": True,
        "b2c": True,
        "tracked": option.is_tracked,
        "signature": False,
        "returns": False,
        "multicollo": not option.is_letter,
        "last_mile": option.last_mile,
        "first_mile": "pickup_dropoff",
        "form_factor": "letter" if option.is_letter else "parcel",
        "service_area": "international" if option.outside_eu else None,
    }


def _option_answer(call: ApiCall, option: ShippingOption, body: JsonObject) -> JsonObject:
    quotes = _quotes(call, option, body)
    weights = _weights(option)
    return {
        "code": option.code,
        "name": option.name,
        "carrier": {"code": option.carrier.code, "name": option.carrier.name},
        "product": {"code": option.code.split("/")[0], "name": option.name},
        "functionalities": _functionalities(option),
        "max_dimensions": {"length": "175.00", "width": "78.00", "height": "58.00", "unit": "cm"},
        "weight": weights,
        "parcel_billed_weights": [],
        "contract": None if option.is_letter else _contract(call, option),
        "requirements": {
            "fields": list(option.required_fields),
            "export_documents": _crosses_border(option, body),
            "is_service_point_required": option.needs_service_point,
        },
        "charging_type": "label_creation",
        "quotes": quotes,
        "quote_source": "sendcloud_prices",
        "quote_error": _NO_PRICE if quotes == [] else None,
    }


_NO_PRICE: JsonObject = {
    "code": "no_price_for_route",
    "title": "No price for route",
    "description": "No price found for this method, weight, or route.",
}


def _contract(call: ApiCall, option: ShippingOption) -> JsonObject:
    contract = call.account.contract(option.contract_id)
    return {
        "id": option.contract_id,
        "client_id": "",
        "carrier_code": option.carrier.code,
        "name": contract.name if contract else "",
    }


def _crosses_border(option: ShippingOption, body: JsonObject) -> bool:
    origin, destination = text(body, "from_country_code"), text(body, "to_country_code")
    if not origin or not destination:
        return option.outside_eu
    return customs_area(origin, text(body, "from_postal_code")) != customs_area(
        destination, text(body, "to_postal_code")
    )


def _quotes(call: ApiCall, option: ShippingOption, body: JsonObject) -> Json:
    """The prices; null unless they are requested and both countries are known; empty when the route has no price."""
    countries = text(body, "from_country_code") and text(body, "to_country_code")
    if at(body, "calculate_quotes") is not True or not countries:
        return None
    if option.code in call.world.behaviour.unpriced_options:
        return []
    parcels = max(1, len(objects_at(body, "parcels")))
    price: JsonObject = {"value": f"{option.price * parcels:.2f}", "currency": "EUR"}
    breakdown: list[Json] = [{"type": "price_without_insurance", "label": "Label", "price": price}]
    quote: JsonObject = {
        "weight": _weights(option),
        "estimated_surcharges": [],
        "lead_time": option.lead_time_hours,
        "price": {"breakdown": breakdown, "total": price},
    }
    return [quote]


def _weights(option: ShippingOption) -> JsonObject:
    """The range as recorded answers show it: a maximum of 20.001 for an option that accepts exactly 20 kg."""
    return {"min": _kilograms(option.min_weight_grams), "max": _kilograms(option.max_weight_grams + 1)}


def _kilograms(grams: int) -> JsonObject:
    return {"value": f"{grams / 1000:.3f}", "unit": "kg"}
