"""The items of a customs declaration (T6): code, origin, weight and value of each.

Invents nothing: without an HS code or origin at the item or in the configuration the label is held.
"""

import re
from collections.abc import Sequence

from exactsend.domain.policy import CustomsPolicy
from exactsend.domain.problems import Code, hold
from exactsend.domain.templates import sentence
from exactsend.exact.models import Item
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code
from exactsend.trade.pricing import Pricing
from exactsend.trade.text import clean
from exactsend.trade.units import Pieces
from exactsend.trade.weight import weight_number

_MOST_ITEMS = 1000
"""Sendcloud, Shipments API v3, ``parcel_items``."""


def declared_items(
    lines: Sequence[Pieces], consignment: Consignment, policy: CustomsPolicy, pricing: Pricing | None
) -> list[Json]:
    """The items of a declared parcel.

    Raises:
        Held: code, origin, weight or price of an item is missing or wrong, or there are too many items.
    """
    if len(lines) > _MOST_ITEMS:
        raise hold(Code.TOO_MANY_LINES, {"name": consignment.name, "most": str(_MOST_ITEMS)})
    return [_declared(line, consignment, policy, pricing) for line in lines]


def undeclared_items(lines: Sequence[Pieces], policy: CustomsPolicy, pricing: Pricing | None) -> list[Json]:
    """The items of an undeclared parcel: only if code, weight and price of all are known, else none."""
    items: list[Json] = []
    for pieces in lines if len(lines) <= _MOST_ITEMS else ():
        code = known_tariff_code(pieces.goods.item, policy)
        if not code or pieces.grams is None or not pieces.price or pricing is None:
            return []
        items.append(
            _item(
                pieces,
                code,
                known_origin(pieces.goods.item, policy),
                pieces.grams,
                pricing.text(pieces.price),
            )
        )
    return items


def tariff_code_fault(item: Item | None, policy: CustomsPolicy) -> Code | None:
    """Why an item's HS code can't be declared; None if it can."""
    written = _tariff_code_as_written(item, policy)
    if not written:
        return Code.HS_CODE_MISSING
    return None if _is_tariff_code(written) else Code.HS_CODE_INVALID


def origin_fault(item: Item | None, policy: CustomsPolicy) -> Code | None:
    """Why an item's country of origin can't be declared; None if it can."""
    written = _origin_as_written(item, policy)
    if not written:
        return Code.ORIGIN_MISSING
    return None if country_code(written) else Code.ORIGIN_INVALID


def known_tariff_code(item: Item | None, policy: CustomsPolicy) -> str:
    """The item's HS code, or the configured one; empty if neither can be declared."""
    written = _tariff_code_as_written(item, policy)
    return written if _is_tariff_code(written) else ""


def known_origin(item: Item | None, policy: CustomsPolicy) -> str:
    """The item's country of origin, or the configured one; empty if neither can be declared."""
    return country_code(_origin_as_written(item, policy))


def _declared(
    pieces: Pieces, consignment: Consignment, policy: CustomsPolicy, pricing: Pricing | None
) -> Json:
    item = pieces.goods.item
    called = _called(item, consignment)
    code, origin = _tariff_code(item, called, policy), _origin(item, called, policy)
    if pieces.grams is None:
        raise hold(Code.WEIGHT_MISSING, {"item": called}, variant="customs")
    if pricing is None or not pieces.price:
        raise hold(Code.PRICE_MISSING, {"item": called})
    return _item(pieces, code, origin, pieces.grams, pricing.text(pieces.price))


def _called(item: Item | None, consignment: Consignment) -> str:
    if item and clean(item.code):
        return sentence("item {code}", code=clean(item.code))
    return sentence("an item of {name}", name=consignment.name)


def _item(pieces: Pieces, code: str, origin: str, grams: int, price: dict[str, Json]) -> Json:
    fields: dict[str, Json] = {
        "item_id": pieces.goods.line_id,
        "sku": clean(pieces.goods.item.code) if pieces.goods.item else "",
        "description": pieces.description,
        "quantity": pieces.count,
        "hs_code": code,
        "origin_country": origin,
        "weight": weight_number(grams),
        "price": price,
    }
    return {name: value for name, value in fields.items() if value}


def _tariff_code(item: Item | None, called: str, policy: CustomsPolicy) -> str:
    if fault := tariff_code_fault(item, policy):
        raise hold(fault, {"item": called, "field": policy.hs_code_field})
    return known_tariff_code(item, policy)


def _origin(item: Item | None, called: str, policy: CustomsPolicy) -> str:
    if fault := origin_fault(item, policy):
        if policy.country_of_origin_field:
            raise hold(fault, {"item": called, "field": policy.country_of_origin_field})
        raise hold(fault, {"item": called}, variant="no_field")
    return known_origin(item, policy)


def _tariff_code_as_written(item: Item | None, policy: CustomsPolicy) -> str:
    """The code without dots, spaces and dashes."""
    text = clean(item.text(policy.hs_code_field)) if item else ""
    return re.sub(r"[. -]", "", text) or policy.hs_code or ""


def _origin_as_written(item: Item | None, policy: CustomsPolicy) -> str:
    field = policy.country_of_origin_field
    return (clean(item.text(field)) if item and field else "") or policy.country_of_origin or ""


def _is_tariff_code(written: str) -> bool:
    return re.fullmatch(r"[0-9]{6,12}", written) is not None
