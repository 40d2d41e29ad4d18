"""Finds purchases that are bound to fail: missing fields, a weight out of range, an address that the carrier refuses.

Pure: ``gather.preflight`` sends the requests that this module defines. Holds a delivery only for what Sendcloud clearly
said. Without an answer, or with an unclear one, the purchase goes on.
"""

from collections.abc import Iterator
from decimal import Decimal

from exactsend.domain.preflight import OptionTerms, Route, common_terms
from exactsend.domain.problems import Code, Held, Phrase, hold
from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.snapshot import Snapshot
from exactsend.http.messages import Json
from exactsend.trade.amounts import plain
from exactsend.trade.recipient import recipient
from exactsend.trade.sender import sender_address_id
from exactsend.trade.shipping_option import carrier_of

JsonObject = dict[str, Json]

NO_SUCH_ADDRESS = "ADDRESS_NOT_VALID"
"""The result of an address directory. New streets are in none, so it counts only if the operator wants it."""
OBJECTIONS = {
    "ADDRESS_TOO_LONG": Code.ADDRESS_REFUSED,
    "HOUSE_NUMBER_TOO_LONG": Code.ADDRESS_REFUSED,
    "HOUSE_NUMBER_TOO_SHORT": Code.HOUSE_NUMBER_MISSING,
    "COUNTRY_CODE_MISSING": Code.ADDRESS_REFUSED,
    "POSTAL_CODE_MISSING": Code.ADDRESS_REFUSED,
    "STATE_MISSING": Code.ADDRESS_REFUSED,
    "PROVINCE_MISSING": Code.ADDRESS_REFUSED,
    NO_SUCH_ADDRESS: Code.ADDRESS_REFUSED,
}
"""The reasons that Sendcloud knows, each the variant by a text. Source: Sendcloud, API v3, Validate an address. Another one holds nothing."""
_SIDES = frozenset({"length", "width", "height"})


# ── what to ask ──────────────────────────────────────────────────────────────────────────────────


def option_question(snapshot: Snapshot, purchase: BuyLabel) -> Route | None:
    """The route whose terms to ask for; None if Sendcloud's rules choose the option, or the operator wants no check."""
    checks, option = snapshot.policy.checks, _option(purchase)
    if not option or not (checks.required_fields or checks.weight_range):
        return None
    mapped = sender_address_id(purchase.consignment, snapshot.policy)
    sender = snapshot.senders.get(mapped) if mapped is not None else None
    country = _text(_to(purchase), "country_code")
    return Route(option, to_country=country, from_country=sender.country_code if sender else "")


def address_question(snapshot: Snapshot, purchase: BuyLabel) -> tuple[JsonObject, str] | None:
    """The address and the carrier to ask; None if the carrier is unknown, or delivers to a service point."""
    checks, option = snapshot.policy.checks, _option(purchase)
    if (
        not option
        or not (checks.address or checks.address_exists)
        or "to_service_point" in purchase.request.body
    ):
        return None
    return _to(purchase), carrier_of(option)


# ── what the answers mean ────────────────────────────────────────────────────────────────────────


def check_purchase(snapshot: Snapshot, purchase: BuyLabel) -> None:
    """Refuse a purchase that is known to fail, unless a person requested it.

    Raises:
        Held: it would fail; the problem says what to correct.
    """
    if purchase.delivery_id in snapshot.asked:
        return
    terms = _terms(snapshot, purchase)
    if terms is not None and snapshot.policy.checks.required_fields:
        _check_fields(snapshot, purchase, terms)
    if terms is not None and snapshot.policy.checks.weight_range:
        _check_weight(purchase, terms)
    _check_address(snapshot, purchase)


def unchecked(snapshot: Snapshot, purchase: BuyLabel) -> tuple[str, ...]:
    """What could not be checked, as sentences."""
    return tuple(_unchecked(snapshot, purchase))


def _unchecked(snapshot: Snapshot, purchase: BuyLabel) -> Iterator[str]:
    if purchase.delivery_id in snapshot.asked:
        yield "A person asked for this label: it is bought without the checks before a purchase."
        return
    route = option_question(snapshot, purchase)
    if route is not None and route.key not in snapshot.preflight.terms:
        yield f"Sendcloud did not say what {route.option} demands: it is bought without that check."
    elif route is not None and not snapshot.preflight.terms[route.key]:
        yield f"Sendcloud does not list {route.option} to {route.to_country}: it is tried all the same."
    if address_question(snapshot, purchase) and purchase.delivery_id not in snapshot.preflight.addresses:
        yield "Sendcloud did not say whether the carrier takes the address: it is bought without that check."


def _terms(snapshot: Snapshot, purchase: BuyLabel) -> OptionTerms | None:
    route = option_question(snapshot, purchase)
    if route is None:
        return None
    contract = _properties(purchase).get("contract_id")
    offered = snapshot.preflight.terms.get(route.key, ())
    return common_terms(offered, contract if isinstance(contract, int) else None)


def _check_fields(snapshot: Snapshot, purchase: BuyLabel, terms: OptionTerms) -> None:
    to, option = _to(purchase), _option(purchase)
    if "to_email" in terms.fields and not _text(to, "email"):
        raise hold(Code.EMAIL_MISSING, _tried(purchase), variant="by_option")
    if "to_telephone" in terms.fields and not _text(to, "phone_number"):
        raise hold(Code.PHONE_MISSING, _tried(purchase), variant="by_option")
    if terms.needs_service_point and "to_service_point" not in purchase.request.body:
        points = snapshot.policy.service_points
        raise hold(
            Code.SERVICE_POINT_MISSING,
            {**_tried(purchase), "field": points.field if points.enabled else "ShippingMethod"},
            variant="by_option",
        )
    # With Sendcloud's shipping defaults the account may have parcel sizes.
    if _SIDES & set(terms.fields) and not purchase.request.with_rules:
        raise hold(Code.DIMENSIONS_MISSING, {"option": option}, variant="by_option")


def _tried(purchase: BuyLabel) -> dict[str, str]:
    """What is held and by which option, and how it is tried all the same."""
    return {
        "option": _option(purchase),
        "name": purchase.subject.name,
        "create": purchase.subject.by_hand("create"),
    }


def _check_weight(purchase: BuyLabel, terms: OptionTerms) -> None:
    for grams in _weights(purchase):
        too_light = terms.min_grams is not None and grams < terms.min_grams
        too_heavy = terms.max_grams is not None and grams > terms.max_grams
        if too_light or too_heavy:
            raise hold(
                Code.WEIGHT_OUT_OF_RANGE,
                {
                    **_tried(purchase),
                    "weight": _kilograms(grams),
                    "limits": _range(terms),
                    "cure": _cure_of_weight(_option(purchase)),
                },
                variant="by_option",
            )


def _cure_of_weight(option: str) -> Phrase:
    return Phrase("cure.weight_band", {"option": option}) if _BAND in option else Phrase("cure.weight")


_BAND = "kg="
"""The part of an option's code that means a weight band, such as ``kg=0-0.5``."""


def _weights(purchase: BuyLabel) -> Iterator[Decimal]:
    """The grams of each parcel with a weight; ours are always kilograms as text."""
    parcels = purchase.request.body.get("parcels")
    for parcel in parcels if isinstance(parcels, list) else ():
        weight = parcel.get("weight") if isinstance(parcel, dict) else None
        if isinstance(weight, dict):
            yield Decimal(_text(weight, "value")) * 1000


def _range(terms: OptionTerms) -> Phrase:
    least = _kilograms(terms.min_grams) if terms.min_grams is not None else ""
    most = _kilograms(terms.max_grams) if terms.max_grams is not None else ""
    if least and most:
        return Phrase("limits.between", {"least": least, "most": most})
    return Phrase("limits.most", {"most": most}) if most else Phrase("limits.least", {"least": least})


def _kilograms(grams: Decimal) -> str:
    return f"{plain(grams / 1000)} kg"


def _check_address(snapshot: Snapshot, purchase: BuyLabel) -> None:
    checks = snapshot.policy.checks
    for reason in snapshot.preflight.addresses.get(purchase.delivery_id, ()):
        counts = checks.address_exists if reason == NO_SUCH_ADDRESS else checks.address
        if counts and reason in OBJECTIONS:
            raise _address_refused(snapshot, purchase, reason)


def _address_refused(snapshot: Snapshot, purchase: BuyLabel, reason: str) -> Held:
    record = recipient(purchase.consignment, snapshot.policy).address.record
    values = {"record": record, "create": purchase.subject.by_hand("create")}
    return hold(OBJECTIONS[reason], values, variant=reason.lower(), detail=reason)


# ── reading the request ──────────────────────────────────────────────────────────────────────────


def _to(purchase: BuyLabel) -> JsonObject:
    return _object(purchase.request.body.get("to_address"))


def _properties(purchase: BuyLabel) -> JsonObject:
    return _object(_object(purchase.request.body.get("ship_with")).get("properties"))


def _option(purchase: BuyLabel) -> str:
    return _text(_properties(purchase), "shipping_option_code")


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(body: JsonObject, field: str) -> str:
    value = body.get(field)
    return value if isinstance(value, str) else ""
