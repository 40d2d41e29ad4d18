"""The Shipments API: announce (with and without shipping rules), list, read and cancel shipments.

`announcement` announces them to the carriers; `labels` draws the labels.
"""

from base64 import b64encode
from dataclasses import asdict
from datetime import timedelta

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, JsonObject, at, object_at, objects_at, text, whole_number
from exactsend.sandbox.sendcloud.announcement import ShipmentRequest, announce
from exactsend.sandbox.sendcloud.answers import shipment_answer
from exactsend.sandbox.sendcloud.call import ApiCall, answer, answer_data
from exactsend.sandbox.sendcloud.carriers import weight_in_grams
from exactsend.sandbox.sendcloud.catalogue import ShippingOption
from exactsend.sandbox.sendcloud.labels import label_lines, pdf
from exactsend.sandbox.sendcloud.paging import page
from exactsend.sandbox.sendcloud.records import Shipment
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, invalid, not_found
from exactsend.sandbox.sendcloud.shipment_filters import shipment_filter
from exactsend.sandbox.sendcloud.shipping_rules import CompletedRequest, completed_request
from exactsend.sandbox.sendcloud.statuses import BEING_CANCELLED, CANCELLED, CANCELLING, DELIVERED, FAILED
from exactsend.sandbox.sendcloud.structure import problems

_CANCELLABLE_FOR = timedelta(days=42)


def post_announce(call: ApiCall) -> Response:
    """Announce a shipment exactly as requested."""
    body = object_at(call.body())
    _check_form(call, "POST /shipments/announce", body)
    return _announce(call, CompletedRequest(body))


def post_announce_with_rules(call: ApiCall) -> Response:
    """Announce a shipment; the account's rules and defaults complete the request."""
    body = object_at(call.body())
    _check_form(call, "POST /shipments/announce-with-shipping-rules", body)
    return _announce(call, completed_request(call.account, _without_forbidden_rules(call, body)))


def _without_forbidden_rules(call: ApiCall, body: JsonObject) -> JsonObject:
    return body if call.world.behaviour.shipping_rules_allowed else {**body, "apply_shipping_rules": False}


def _check_form(call: ApiCall, name: str, body: JsonObject) -> None:
    found = problems(name, body, strict=call.world.behaviour.unknown_fields_refused)
    if found:
        raise SendcloudRefusal(
            400, *(error(400, p.code, _form_message(p.code, p.message), pointer=p.pointer) for p in found)
        )


def _form_message(code: str, message: str) -> str:
    return "This field is required." if code == "required" else message


def _announce(call: ApiCall, request: CompletedRequest) -> Response:
    option = _checked_option(call, request.body)
    _check_contract(call, request.body)
    sender = _sender(call, request.body)
    _check_point(call, request.body)
    _check_currencies(request.body)
    existing = _shipment_with_reference(call, text(request.body, "external_reference_id"))
    if existing is not None:
        return _conflict(call, existing)
    _check_fit(call, request, option)
    shipment = announce(call.world, _shipment_request(call, request, option, sender))
    status = call.world.behaviour.failed_answers if shipment.status == FAILED else 201
    return answer_data(_announce_answer(call, shipment), status)


def _shipment_request(
    call: ApiCall, request: CompletedRequest, option: ShippingOption, sender: JsonObject
) -> ShipmentRequest:
    body = request.body
    taken = ("parcels", "from_address", "to_address", "ship_with", "order_number", "external_reference_id")
    return ShipmentRequest(
        user_id=call.account.user_id,
        integration_id=call.integration.integration_id,
        option=option,
        contract_id=whole_number(body, "ship_with", "properties", "contract_id"),
        to_address=object_at(body, "to_address"),
        from_address=sender,
        parcels=objects_at(body, "parcels"),
        details={name: value for name, value in body.items() if name not in taken},
        order_number=text(body, "order_number"),
        external_reference_id=text(body, "external_reference_id") or None,
        applied_rules=request.applied_rules,
    )


def _announce_answer(call: ApiCall, shipment: Shipment) -> JsonObject:
    """The synchronous answer, which also has the label when there is only one parcel."""
    answer_body = shipment_answer(shipment, call.base_url)
    if shipment.applied_rules:
        answer_body["applied_shipping_rules"] = list(shipment.applied_rules)
    parcels = objects_at(answer_body, "parcels")
    if len(parcels) == 1 and shipment.has_label:
        label = pdf([label_lines(shipment, shipment.parcels[0], "label")])
        parcels[0]["label_file"] = b64encode(label).decode()
    return answer_body


def _checked_option(call: ApiCall, body: JsonObject) -> ShippingOption:
    code = text(body, "ship_with", "properties", "shipping_option_code")
    pointer = "/ship_with/properties/shipping_option_code"
    if not code:
        raise invalid("This field is required.", pointer, "required")
    option = call.account.option(code)
    if option is None:
        raise invalid(f"Shipping option {code} is not available.", pointer)
    return option


def _check_contract(call: ApiCall, body: JsonObject) -> None:
    contract_id = whole_number(body, "ship_with", "properties", "contract_id")
    if contract_id is not None and call.account.contract(contract_id) is None:
        raise invalid("Invalid contract.", "/ship_with/properties/contract_id")
    if contract_id is not None and not call.world.behaviour.own_contracts_allowed:
        raise invalid("The contract is not active.", "/ship_with/properties/contract_id")


def _check_fit(call: ApiCall, request: CompletedRequest, option: ShippingOption) -> None:
    """Refuse a shipment that the option does not fit, in the words that clients quote: a single sentence for several causes."""
    if call.world.behaviour.unfit_option == "announced":
        return
    country = text(request.body, "to_address", "country_code")
    point = call.world.service_point(text(request.body, "to_service_point", "id"))
    is_elsewhere = point is not None and point.country_code != country
    if is_elsewhere or not option.goes_to(country) or (request.is_insured and not option.is_insurable):
        raise _no_option(call, request, "country or postal code combination")
    weights = [weight_in_grams(object_at(parcel, "weight")) for parcel in objects_at(request.body, "parcels")]
    if not all(map(option.takes, weights)):
        raise _no_option(call, request, "weight and/or dimensions")


def _no_option(call: ApiCall, request: CompletedRequest, given: str) -> SendcloudRefusal:
    answer_body = error(400, "invalid", f"No shipping option could be found for the given {given}")
    rules: JsonObject = {"applied_shipping_rules": [*request.applied_rules]} if request.applied_rules else {}
    match call.world.behaviour.refusal_tells_rules:
        case "beside":
            refusal = SendcloudRefusal(400, answer_body)
            refusal.extra_fields = rules
            return refusal
        case "within":
            return SendcloudRefusal(400, {**answer_body, "meta": rules})
    return SendcloudRefusal(400, answer_body)


def _sender(call: ApiCall, body: JsonObject) -> JsonObject:
    """The sender's full address, with the fields of the request replacing stored ones."""
    given = object_at(body, "from_address")
    if "sender_address_id" not in given:
        return given
    known = call.account.sender_address(whole_number(given, "sender_address_id"))
    if known is None:
        raise invalid("Sender address not found.", "/from_address/sender_address_id")
    stored = {name: value for name, value in asdict(known).items() if name != "address_id"}
    return {**stored, **{name: value for name, value in given.items() if name != "sender_address_id"}}


def _check_point(call: ApiCall, body: JsonObject) -> None:
    point_id = text(body, "to_service_point", "id")
    is_named = point_id and not at(body, "to_service_point", "carrier_service_point_id")
    if is_named and call.world.service_point(point_id) is None:
        raise invalid("The service point could not be found", "/to_service_point/id")


def _check_currencies(body: JsonObject) -> None:
    """Refuse prices in different currencies."""
    if len(set(_currencies(body))) > 1:
        raise invalid("All prices must have the same currency.", "/parcels")


def _currencies(tree: Json) -> list[str]:
    if isinstance(tree, list):
        return [currency for entry in tree for currency in _currencies(entry)]
    if not isinstance(tree, dict):
        return []
    own = [text(tree, "currency")] if text(tree, "currency") else []
    return own + [currency for entry in tree.values() for currency in _currencies(entry)]


def _shipment_with_reference(call: ApiCall, reference: str) -> Shipment | None:
    """The account's shipment that already has this reference."""
    behaviour = call.world.behaviour
    if not behaviour.reference_refused:
        return None
    freed = (() if behaviour.reference_kept_by_failed else (FAILED,)) + (
        () if behaviour.reference_kept_by_cancelled else (CANCELLED,)
    )
    existings = call.world.shipments(reference=reference) if reference else []
    own = [s for s in existings if s.user_id == call.account.user_id and s.status not in freed]
    return own[-1] if own else None


def _conflict(call: ApiCall, existing: Shipment) -> Response:
    answer_body = shipment_answer(existing, call.base_url)
    match call.world.behaviour.conflict_body:
        case "data":
            return answer_data(answer_body, 409)
        case "bare":
            return answer(answer_body, 409)
    return Response(status=409)


def list_shipments(call: ApiCall) -> Response:
    """List the account's shipments that match the filters."""
    call.check_query("GET /shipments")
    behaviour = call.world.behaviour
    query = call.request.args
    seen = call.world.shipments_as_of(
        call.world.clock() - behaviour.lookups_lag,
        order_number=query.get("order_number"),
        reference=query.get("external_reference_id"),
    )
    descending = behaviour.listing_order == "newest_first"
    fits = shipment_filter(query.to_dict())
    own = [
        (s.updated_at.isoformat(timespec="microseconds"), s)
        for s in seen
        if s.user_id == call.account.user_id and fits(s)
    ]
    rows = sorted(reversed(own) if descending else own, key=lambda row: row[0], reverse=descending)
    found = page(call.request, rows, size=call.page_size(40), descending=descending)
    return answer_data([shipment_answer(s, call.base_url) for s in found.rows], headers=found.headers)


def get_shipment(call: ApiCall, shipment_id: str) -> Response:
    """Read a shipment."""
    return answer_data(shipment_answer(_own_shipment(call, shipment_id), call.base_url))


def post_cancel(call: ApiCall, shipment_id: str) -> Response:
    """Cancel a shipment: queued or, if `behaviour` says so, at once."""
    shipment = _own_shipment(call, shipment_id)
    _check_cancellable(call, shipment)
    if call.world.behaviour.cancel_queued:
        call.world.save_shipment(shipment.with_status(CANCELLING, call.world.clock()))
        return answer_data({"status": "queued", "message": "Shipment cancellation has been queued"}, 202)
    call.world.cancel_now(shipment)
    return answer_data({"status": "cancelled", "message": "Shipment has been cancelled"})


def _check_cancellable(call: ApiCall, shipment: Shipment) -> None:
    if shipment.status in BEING_CANCELLED:
        raise SendcloudRefusal(409, error(409, "invalid", "This shipment is already being cancelled."))
    if shipment.option.carrier.code in call.world.behaviour.never_cancelled:
        raise SendcloudRefusal(409, error(409, "invalid", "This shipment cannot be cancelled."))
    if shipment.status == DELIVERED:
        raise SendcloudRefusal(409, error(409, "invalid", "This shipment has been delivered."))
    if call.world.clock() - shipment.created_at > _CANCELLABLE_FOR:
        raise SendcloudRefusal(409, error(409, "invalid", "This shipment is too old to be cancelled."))


def _own_shipment(call: ApiCall, shipment_id: str) -> Shipment:
    shipment = call.world.shipment(shipment_id)
    if shipment is None or shipment.user_id != call.account.user_id:
        raise not_found("Not found")
    return shipment
