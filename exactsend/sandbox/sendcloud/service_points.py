"""The Service Points API (beta): search, read a service point, check whether it accepts parcels now.

The search knows country, carrier, the carrier's own ids, shop type and corners. Distances need a map and are left out.
"""

from collections.abc import Iterator

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, JsonObject
from exactsend.sandbox.sendcloud.call import ApiCall, answer_data
from exactsend.sandbox.sendcloud.catalogue import ServicePoint
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, not_found, wrong_parameter

_CORNERS = ("ne_latitude", "ne_longitude", "sw_latitude", "sw_longitude")
_SHOP_TYPES = ("servicepoint", "locker", "post_office", "carrier_depot")
_ADDRESS = ("address", "address_street", "address_house_number", "address_postal_code", "address_city")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def list_service_points(call: ApiCall) -> Response:
    """List the open service points that match."""
    call.check_query("GET /service-points")
    carriers = _carriers(call)
    _check_together(call)
    wanted = [point for point in call.world.service_points if _fits(call, point, carriers)]
    results: list[Json] = [
        _with_distance(point) for point in wanted[: int(call.request.args.get("limit", 100))]
    ]
    return answer_data({"results": results, "geocoding": _geocoding(call)})


def _carriers(call: ApiCall) -> set[str]:
    """The carriers to search, given in exactly one of the two ways."""
    query = call.request.args
    if len(query["country_code"]) != 2 or not query["country_code"].isupper():  # noqa: PLR2004 - ISO 3166-1 alpha-2
        detail = f'"{query["country_code"]}" is not a valid country code'
        raise wrong_parameter("country_code", detail, "invalid_choice")
    requested, all_enabled = query.getlist("carrier_code"), query.get("use_integration_carriers") == "true"
    if requested and all_enabled:
        detail = "carrier_code and use_integration_carriers are mutually exclusive"
        raise wrong_parameter("carrier_code", detail, "validation_error")
    if not requested and not all_enabled:
        detail = "Either carrier_code or use_integration_carriers must be provided"
        raise wrong_parameter("carrier_code", detail, "validation_error")
    if not call.integration.service_points_enabled:
        raise _not_possible("Service points are not enabled for the authenticated integration.")
    offering = {code for code, carrier in call.account.carriers().items() if carrier.offers_service_points}
    if unsupported := sorted(set(requested) - offering):
        raise _not_possible(
            f"Service points are not supported for the requested carriers: {', '.join(unsupported)}."
        )
    return set(requested) or offering


def _not_possible(detail: str) -> SendcloudRefusal:
    return SendcloudRefusal(400, error(400, "validation_error", detail))


def _check_together(call: ApiCall) -> None:
    query = call.request.args
    if any(corner in query for corner in _CORNERS) and not all(corner in query for corner in _CORNERS):
        detail = "ne_latitude, ne_longitude, sw_latitude, and sw_longitude must all be provided together"
        raise wrong_parameter("ne_latitude", detail, "validation_error")
    if ("latitude" in query) != ("longitude" in query):
        raise wrong_parameter(
            "latitude", "latitude and longitude must be provided together", "validation_error"
        )
    if set(query.getlist("general_shop_type")) - set(_SHOP_TYPES):
        detail = "Input should be 'servicepoint', 'locker', 'post_office' or 'carrier_depot'"
        raise wrong_parameter("general_shop_type", detail, "invalid_choice")


def _fits(call: ApiCall, point: ServicePoint, carriers: set[str]) -> bool:
    query = call.request.args
    own_ids, types = query.getlist("carrier_service_point_id"), query.getlist("general_shop_type")
    return (
        point.country_code == query["country_code"]
        and point.carrier.code in carriers
        and not point.is_expired
        and (not own_ids or point.carrier_point_id in own_ids)
        and (not types or point.shop_type in types)
        and _inside(call, point)
    )


def _inside(call: ApiCall, point: ServicePoint) -> bool:
    if _CORNERS[0] not in call.request.args:
        return True
    north, east, south, west = (float(call.request.args[corner]) for corner in _CORNERS)
    return south <= point.latitude <= north and west <= point.longitude <= east


def _geocoding(call: ApiCall) -> Json:
    given = [call.request.args[name] for name in _ADDRESS if name in call.request.args]
    if not given:
        return None
    return {"status": "matched", "precision": "house_number", "formatted_address": " ".join(given)}


def get_service_point(call: ApiCall, point_id: int) -> Response:
    """Read a service point, also an expired one."""
    return answer_data(_point_answer(_point(call, point_id)))


def post_check_availability(call: ApiCall, point_id: int) -> Response:
    """Check whether a service point accepts a parcel now."""
    point = _point(call, point_id)
    return answer_data({"is_available": point.is_available and not point.is_expired})


def _point(call: ApiCall, point_id: int) -> ServicePoint:
    point = call.world.service_point(str(point_id))
    if point is None:
        raise not_found("The service point could not be found")
    return point


def _with_distance(point: ServicePoint) -> JsonObject:
    return {**_point_answer(point), "distance": None}


def _point_answer(point: ServicePoint) -> JsonObject:
    """A service point; its id is a number here and text in orders and shipments."""
    return {
        "id": point.point_id,
        "name": point.name,
        "carrier": {"code": point.carrier.code, "name": point.carrier.name, "logo_url": "", "icon_url": ""},
        "carrier_service_point_id": point.carrier_point_id,
        "carrier_shop_type": None,
        "general_shop_type": point.shop_type,
        "address": {
            "street": point.street,
            "house_number": point.house_number,
            "postal_code": point.postal_code,
            "city": point.city,
            "country_code": point.country_code,
        },
        "position": {"latitude": point.latitude, "longitude": point.longitude},
        "contact": {"email": "", "phone": ""},
        "opening_times": dict(_opening_times()),
        "is_open_tomorrow": not point.is_expired,
        "next_open_at": None,
        "is_expired": point.is_expired,
    }


def _opening_times() -> Iterator[tuple[str, Json]]:
    for day in _WEEKDAYS:
        yield day, [{"start_time": "09:00", "end_time": "18:00"}]
    yield "saturday", None
    yield "sunday", None
