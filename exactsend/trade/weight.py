"""What it weighs (T7): exact decimals in, whole grams out.

Packaging is not known here: who wants it counted puts it into ``weight.default_parcel`` or a shipping rule.
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
    """What the whole line weighs; None where neither the item nor the configuration says.

    An item's weight counts only where the line counts in the item's own unit: a box of twelve does not weigh what one piece does.
    """
    if not _counts_in_the_items_unit(goods):
        return None
    quantity = positive(goods.quantity)
    piece = item_grams(goods.item, policy)
    return None if quantity is None or piece is None else piece * quantity


def item_grams(item: Item | None, policy: WeightPolicy) -> Decimal | None:
    """What one piece weighs: gross, else net, else the configured default; None where none is known."""
    weight = (positive(item.gross_weight) or positive(item.net_weight)) if item is not None else None
    if weight is not None:
        return weight * _GRAMS_PER[policy.unit]
    default = positive(policy.default_item)
    return None if default is None else default * _GRAMS_PER_KILOGRAM


def parcel_grams(goods: Iterable[Goods], policy: WeightPolicy, *, declared: int = 0) -> int | None:
    """What the parcel weighs; None where it is not known and the configuration has no default.

    Never less than ``declared``, the grams that its items are declared with.
    """
    lines = [line_grams(candidate, policy) for candidate in goods]
    known = rounded_up(sum((grams for grams in lines if grams is not None), Decimal(0)))
    if any(grams is None for grams in lines) or not lines:
        if policy.default_parcel is None:
            return None
        known = max(known, rounded_up(bounded(policy.default_parcel) * _GRAMS_PER_KILOGRAM))
    return max(known, declared, 1)


def kilograms(grams: int) -> Decimal:
    """The unit that Sendcloud's own examples use."""
    return Decimal(grams) / _GRAMS_PER_KILOGRAM


def weight_text(grams: int) -> dict[str, Json]:
    """A parcel's weight: Sendcloud takes it as text."""
    return {"value": plain(kilograms(grams)), "unit": "kg"}


def weight_number(grams: int) -> dict[str, Json]:
    """An item's or an order's weight: Sendcloud takes it as a number."""
    return {"value": float(kilograms(grams)), "unit": "kg"}


def _counts_in_the_items_unit(goods: Goods) -> bool:
    if goods.item is None or not goods.item.unit or not goods.unit_code:
        return True
    return folded(goods.unit_code) == folded(goods.item.unit)
