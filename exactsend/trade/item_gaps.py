"""What items on sale lack for customs, checked for all of them before the first export order.

Uses the checks of ``customs_items``. Services and items no longer sold are skipped.
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
    """An item, and what would hold an export of it."""

    item: CatalogueItem
    lacks: tuple[Code, ...]


def sold_goods(items: Iterable[CatalogueItem], today: date) -> list[CatalogueItem]:
    """The goods that an order of today can contain, sorted by code."""
    return sorted(
        (item for item in items if _is_sold(item, today) and not is_service(item)), key=lambda item: item.code
    )


def gaps(sold: Iterable[CatalogueItem], policy: Policy) -> list[Gap]:
    """The items that lack something in both Exact and the configuration."""
    return [Gap(item, lacks) for item in sold if (lacks := _lacks(item, policy))]


def _is_sold(item: CatalogueItem, today: date) -> bool:
    """Whether it is on sale. A missing field counts as yes."""
    has_ended = item.end_date is not None and item.end_date.date() < today
    return item.is_sales_item is not False and not has_ended


def _lacks(item: CatalogueItem, policy: Policy) -> tuple[Code, ...]:
    found = (
        tariff_code_fault(item, policy.customs),
        origin_fault(item, policy.customs),
        None if item_grams(item, policy.weight) is not None else Code.WEIGHT_MISSING,
    )
    return tuple(code for code in found if code is not None)
