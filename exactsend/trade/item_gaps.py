"""What the items that are sold lack for customs, asked of all of them before the first export order meets one.

The questions are those that ``customs_items`` asks of a parcel. Services, and items that are not sold (any more), are asked nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code
from exactsend.exact.models import CatalogueItem
from exactsend.trade.customs_items import origin_fault, tariff_code_fault
from exactsend.trade.goods import is_service
from exactsend.trade.weight import item_grams


@dataclass(frozen=True)
class Gap:
    """An item, and what an export of it would be held for."""

    item: CatalogueItem
    lacks: tuple[Code, ...]


def sold_goods(items: Iterable[CatalogueItem], today: date) -> list[CatalogueItem]:
    """The items that an order of today can have in its parcel, by code."""
    return sorted(
        (item for item in items if _is_sold(item, today) and not is_service(item)), key=lambda item: item.code
    )


def gaps(sold: Iterable[CatalogueItem], policy: Policy) -> list[Gap]:
    """Those that lack something, neither entered in Exact nor made up for by the configuration."""
    return [Gap(item, lacks) for item in sold if (lacks := _lacks(item, policy))]


def _is_sold(item: CatalogueItem, today: date) -> bool:
    """What Exact does not tell counts as yes."""
    has_ended = item.end_date is not None and item.end_date.date() < today
    return item.is_sales_item is not False and not has_ended


def _lacks(item: CatalogueItem, policy: Policy) -> tuple[Code, ...]:
    found = (
        tariff_code_fault(item, policy.customs),
        origin_fault(item, policy.customs),
        None if item_grams(item, policy.weight) is not None else Code.WEIGHT_MISSING,
    )
    return tuple(code for code in found if code is not None)
