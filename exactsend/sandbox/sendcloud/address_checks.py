"""`POST /addresses/validate`: whether a carrier of the account accepts an address, and how Sendcloud would write it.

Sendcloud checks the form itself and wraps lines that are too long. An external directory checks whether the address exists:
it knows all postal codes except those in ``behaviour``, which can also make it unreachable. Source: Sendcloud, guide to
address validation.
"""

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, JsonObject, object_at, text
from exactsend.sandbox.sendcloud.call import ApiCall, answer
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, invalid
from exactsend.sandbox.sendcloud.structure import problems

_LONGEST_LINE = 60
_LONGEST_HOUSE_NUMBER = 20
_WITH_STATES = frozenset({"US", "CA", "AU"})


def post_validate_address(call: ApiCall) -> Response:
    """Check an address for a carrier of the account."""
    body = object_at(call.body())
    found = problems("POST /addresses/validate", body)
    if found:
        raise SendcloudRefusal(400, *(error(400, p.code, p.message, pointer=p.pointer) for p in found))
    if text(body, "carrier_code") not in call.account.carriers():
        raise invalid("Carrier is not available.", "/carrier_code", "invalid_choice")
    if call.world.behaviour.address_checks_unreachable:
        return answer({"input_address_is_valid": None, "results": []})
    address = object_at(body, "address")
    reasons = _reasons(call, address)
    results: list[Json] = [_result(address, reasons)]
    if reasons == ["ADDRESS_TOO_LONG"] and (rewrapped := _rewrapped(address)) is not None:
        results = [_result(rewrapped, [], changed=["address_line_1", "address_line_2"])]
    return answer({"input_address_is_valid": not reasons, "results": results})


def _result(address: JsonObject, reasons: list[str], changed: list[str] | None = None) -> JsonObject:
    analysis: JsonObject = {
        "validation_result": {"is_valid": not reasons, "reasons": list(reasons)},
        "changed_attributes": list(changed or []),
    }
    return {"address": address, "recommended": not reasons, "analysis": analysis}


def _reasons(call: ApiCall, address: JsonObject) -> list[str]:
    state, country = text(address, "state_province_code"), text(address, "country_code")
    unknown = text(address, "postal_code") in call.world.behaviour.unknown_postal_codes
    found = {
        "COUNTRY_CODE_MISSING": not country,
        "POSTAL_CODE_MISSING": not text(address, "postal_code"),
        "STATE_MISSING": country in _WITH_STATES and not state,
        "ADDRESS_TOO_LONG": len(text(address, "address_line_1")) > _LONGEST_LINE,
        "HOUSE_NUMBER_TOO_LONG": len(text(address, "house_number")) > _LONGEST_HOUSE_NUMBER,
        "ADDRESS_NOT_VALID": unknown or not text(address, "address_line_1") or not text(address, "city"),
    }
    return [reason for reason, is_so in found.items() if is_so]


def _rewrapped(address: JsonObject) -> JsonObject | None:
    """The address with the end of a long first line moved to the second; None when it doesn't fit there."""
    words = text(address, "address_line_1").split()
    first = ""
    while words and len(f"{first} {words[0]}".strip()) <= _LONGEST_LINE:
        first = f"{first} {words.pop(0)}".strip()
    second = " ".join(filter(None, [*words, text(address, "address_line_2")]))
    fits = first and len(second) <= _LONGEST_LINE
    return {**address, "address_line_1": first, "address_line_2": second} if fits else None
