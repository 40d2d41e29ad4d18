"""Counts a line of goods in whole pieces for Sendcloud, each with its weight and price (T8).

If pieces can't be counted, or are too light or too cheap to be declared one by one, the line is one piece with the
whole weight and price, and its description has the real quantity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from exactsend.domain.policy import WeightPolicy
from exactsend.trade.amounts import plain, positive, rounded_down, to_cents
from exactsend.trade.consignment import Goods
from exactsend.trade.pricing import Pricing
from exactsend.trade.text import clean, cut
from exactsend.trade.weight import line_grams

_LONGEST_DESCRIPTION = 255
"""Sendcloud, Shipments API v3, ``parcel_items``."""
_MOST_PIECES = 1_000_000
_UNNAMED = "Goods"


@dataclass(frozen=True)
class Pieces:
    """A line of goods in whole pieces."""

    goods: Goods
    count: int
    description: str
    grams: int | None
    """Of one piece, rounded down, since items may not weigh more than their parcel; None if unknown."""
    price: Decimal | None
    """Of one piece, net; None if Exact has none."""
    total: Decimal | None
    """Of all pieces, as Exact has it."""


def count_pieces(goods: Goods, pricing: Pricing | None, policy: WeightPolicy) -> Pieces:
    """The line in whole pieces."""
    grams = line_grams(goods, policy)
    total = pricing.line_total(goods) if pricing else None
    count = _count(goods, grams, total)
    return Pieces(
        goods=goods,
        count=count,
        description=_item_description(goods, count),
        grams=None if grams is None else max(rounded_down(grams / count), 1),
        price=None if total is None else to_cents(total / count),
        total=total,
    )


def total_of(lines: Sequence[Pieces]) -> Decimal:
    """The lines' total value; lines without an amount count as zero."""
    return sum((line.total for line in lines if line.total is not None), Decimal(0))


def declared_grams(lines: Sequence[Pieces]) -> int:
    """The lines' total declared weight."""
    return sum(line.count * (line.grams or 0) for line in lines)


def _count(goods: Goods, grams: Decimal | None, total: Decimal | None) -> int:
    quantity = positive(goods.quantity)
    if quantity is None or quantity != quantity.to_integral_value() or quantity > _MOST_PIECES:
        return 1
    count = int(quantity)
    too_light = grams is not None and grams < count
    too_cheap = bool(total) and total is not None and not to_cents(total / count)
    return 1 if too_light or too_cheap else count


def _item_description(goods: Goods, count: int) -> str:
    named = clean(goods.description) or clean(goods.item.description if goods.item else "") or _UNNAMED
    quantity = positive(goods.quantity)
    if quantity is None or quantity == count:
        return cut(named, _LONGEST_DESCRIPTION)
    return cut(f"{plain(quantity)} {clean(goods.unit_code)} {named}", _LONGEST_DESCRIPTION)
