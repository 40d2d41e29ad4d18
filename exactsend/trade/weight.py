"""Weights (T7): from exact decimals to whole grams.

Packaging is unknown: to include it, set ``weight.default_parcel`` or a shipping rule.
"""

from collections.abc import Iterable
from decimal import Decimal

from exactsend.domain.policy import WeightPolicy
from exactsend.exact.models import Item
from exactsend.http.messages import Json
from exactsend.trade.amounts import bounded, plain, positive, rounded_up
from exactsend.trade.consignment import Goods
from exactsend.trade.text import folded

_GRAMS_PER = {"kg": Decimal(1000), "g": Decimal(1), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125")}
_GRAMS_PER_KILOGRAM = 1000


def line_grams(goods: Goods, policy: WeightPolicy) -> Decimal | None:
    """The weight of the whole line; None if neither the item nor the configuration has one.

    An item's weight counts only if the line uses the item's own unit: a box of twelve does not weigh what one piece
    does.
    """
    if not _counts_in_the_items_unit(goods):
        return None
    quantity = positive(goods.quantity)
    piece = item_grams(goods.item, policy)
    return None if quantity is None or piece is None else piece * quantity


def item_grams(item: Item | None, policy: WeightPolicy) -> Decimal | None:
    """The weight of one piece: gross, else net, else the configured default; None if there is none."""
    weight = (positive(item.gross_weight) or positive(item.net_weight)) if item is not None else None
    if weight is not None:
        return weight * _GRAMS_PER[policy.unit]
    default = positive(policy.default_item)
    return None if default is None else default * _GRAMS_PER_KILOGRAM


def parcel_grams(goods: Iterable[Goods], policy: WeightPolicy, *, declared: int = 0) -> int | None:
    """The parcel's weight; None if it is unknown and there is no configured default.

    Never less than ``declared``, the total of its items in grams.
    """
    lines = [line_grams(line, policy) for line in goods]
    known = rounded_up(sum((grams for grams in lines if grams is not None), Decimal(0)))
    if any(grams is None for grams in lines) or not lines:
        if policy.default_parcel is None:
            return None
        known = max(known, rounded_up(bounded(policy.default_parcel) * _GRAMS_PER_KILOGRAM))
    return max(known, declared, 1)


def kilograms(grams: int) -> Decimal:
    """Grams in kilograms, the unit of Sendcloud's examples."""
    return Decimal(grams) / _GRAMS_PER_KILOGRAM


def weight_text(grams: int) -> dict[str, Json]:
    """A parcel's weight, as text for Sendcloud."""
    return {"value": plain(kilograms(grams)), "unit": "kg"}


def weight_number(grams: int) -> dict[str, Json]:
    """An item's or order's weight, as a number for Sendcloud."""
    return {"value": float(kilograms(grams)), "unit": "kg"}


def _counts_in_the_items_unit(goods: Goods) -> bool:
    if goods.item is None or not goods.item.unit or not goods.unit_code:
        return True
    return folded(goods.unit_code) == folded(goods.item.unit)
