"""Finds purchases that are bound to fail: missing fields, a weight out of range, an address that the carrier refuses.

Pure: ``gather.preflight`` sends the requests that this module defines. Holds a delivery only for what Sendcloud clearly
said. Without an answer, or with an unclear one, the purchase goes on.
"""

from collections.abc import Iterator
from decimal import Decimal

from exactsend.domain.preflight import OptionTerms, Route, common_terms
from exactsend.domain.problems import Code, Held, hold
from exactsend.domain.templates import sentence
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
    "ADDRESS_TOO_LONG": ("AddressLine1", "In Exact, {record} has a line that is too long for the carrier."),
    "HOUSE_NUMBER_TOO_LONG": (
        "AddressLine1",
        "In Exact, {record} has a house number that is too long for the carrier.",
    ),
    "HOUSE_NUMBER_TOO_SHORT": (
        "AddressLine1",
        "In Exact, {record} has no house number that the carrier can read.",
    ),
    "COUNTRY_CODE_MISSING": ("Country", "In Exact, {record} lacks the country."),
    "POSTAL_CODE_MISSING": ("Postcode", "In Exact, {record} lacks the postcode."),
    "STATE_MISSING": ("State", "In Exact, {record} lacks the state."),
    "PROVINCE_MISSING": ("State", "In Exact, {record} lacks the province."),
    NO_SUCH_ADDRESS: ("AddressLine1", "In Exact, {record} does not exist as far as Sendcloud can tell."),
}
"""Exact's field and the sentence, by Sendcloud's reason. Others hold nothing. Source: Sendcloud, API v3, Validate an address."""
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
        raise _missing(Code.EMAIL_MISSING, purchase, "Email", sentence("e-mail address"))
    if "to_telephone" in terms.fields and not _text(to, "phone_number"):
        raise _missing(Code.PHONE_MISSING, purchase, "Phone", sentence("phone number"))
    if terms.needs_service_point and "to_service_point" not in purchase.request.body:
        points = snapshot.policy.service_points
        raise hold(
            Code.SERVICE_POINT_MISSING,
            sentence(
                "The shipping option {option} goes to service points alone, and {name} names none.",
                option=option,
                name=purchase.subject.name,
            ),
            field=points.field if points.enabled else "ShippingMethod",
            remedy=_then(
                purchase,
                sentence(
                    "Enter the id of a service point at the order in Exact, or choose another shipping method"
                ),
            ),
        )
    # With Sendcloud's shipping defaults the account may have parcel sizes.
    if _SIDES & set(terms.fields) and not purchase.request.with_rules:
        raise hold(
            Code.DIMENSIONS_MISSING,
            sentence(
                "The shipping option {option} demands the parcel's length, width and height, which Exact does not have.",
                option=option,
            ),
            field="ShippingMethod",
            remedy=sentence(
                "Choose another shipping method in Exact, or another option for it in labels.shipping_methods. "
                "Or make the label in Sendcloud's panel."
            ),
        )


def _missing(code: Code, purchase: BuyLabel, field: str, called: str) -> Held:
    return hold(
        code,
        sentence(
            "The shipping option {option} demands the recipient's {called}, and {name} has none that can be sent.",
            option=_option(purchase),
            called=called,
            name=purchase.subject.name,
        ),
        field=field,
        remedy=_then(
            purchase,
            sentence("Enter the {called} at the contact person or the account in Exact", called=called),
        ),
    )


def _check_weight(purchase: BuyLabel, terms: OptionTerms) -> None:
    for grams in _weights(purchase):
        too_light = terms.min_grams is not None and grams < terms.min_grams
        too_heavy = terms.max_grams is not None and grams > terms.max_grams
        if too_light or too_heavy:
            raise hold(
                Code.WEIGHT_OUT_OF_RANGE,
                sentence(
                    "{name} weighs {weight}, and the shipping option {option} takes {limits}.",
                    name=purchase.subject.name,
                    weight=_kilograms(grams),
                    option=_option(purchase),
                    limits=_range(terms),
                ),
                field="GrossWeight",
                remedy=_then(purchase, _cure_of_weight(_option(purchase))),
            )


def _cure_of_weight(option: str) -> str:
    if _BAND in option:
        return sentence(
            "Correct the weight of the items in Exact, split the delivery, or map its shipping method to the option for that weight, which"
            " exactsend doctor names: {option} is for a band of weights",
            option=option,
        )
    return sentence(
        "Correct the weight of the items in Exact, split the delivery, or choose another shipping method"
    )


_BAND = "kg="
"""The part of an option's code that means a weight band, such as ``kg=0-0.5``."""


def _weights(purchase: BuyLabel) -> Iterator[Decimal]:
    """The grams of each parcel with a weight; ours are always kilograms as text."""
    parcels = purchase.request.body.get("parcels")
    for parcel in parcels if isinstance(parcels, list) else ():
        weight = parcel.get("weight") if isinstance(parcel, dict) else None
        if isinstance(weight, dict):
            yield Decimal(_text(weight, "value")) * 1000


def _range(terms: OptionTerms) -> str:
    least = _kilograms(terms.min_grams) if terms.min_grams is not None else ""
    most = _kilograms(terms.max_grams) if terms.max_grams is not None else ""
    if least and most:
        return sentence("from {least} up to {most}", least=least, most=most)
    return sentence("up to {most}", most=most) if most else sentence("from {least} on", least=least)


def _kilograms(grams: Decimal) -> str:
    return f"{plain(grams / 1000)} kg"


def _check_address(snapshot: Snapshot, purchase: BuyLabel) -> None:
    checks = snapshot.policy.checks
    for reason in snapshot.preflight.addresses.get(purchase.delivery_id, ()):
        counts = checks.address_exists if reason == NO_SUCH_ADDRESS else checks.address
        if counts and reason in OBJECTIONS:
            raise _address_refused(snapshot, purchase, reason)


def _address_refused(snapshot: Snapshot, purchase: BuyLabel, reason: str) -> Held:
    field, objection = OBJECTIONS[reason]
    record = recipient(purchase.consignment, snapshot.policy).address.record
    return hold(
        Code.HOUSE_NUMBER_MISSING if reason == "HOUSE_NUMBER_TOO_SHORT" else Code.ADDRESS_REFUSED,
        sentence(objection, record=record),
        field=field,
        remedy=_then(purchase, sentence("Correct it there")),
        detail=reason,
    )


def _then(purchase: BuyLabel, cure: str) -> str:
    """What to correct, and what happens next."""
    return sentence(
        "{cure}; the next run goes on with it. To try it as it is: {create}.",
        cure=cure,
        create=purchase.subject.by_hand("create"),
    )


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
