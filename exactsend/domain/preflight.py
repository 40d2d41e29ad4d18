"""Sendcloud's answers before a purchase: what a shipping option requires, and a carrier's objections to an address. Values only.

A missing answer holds nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from exactsend.domain.ids import DeliveryId


@dataclass(frozen=True)
class Route:
    """A shipping option with its countries: the subject of one request."""

    option: str
    to_country: str
    from_country: str = ""
    """Empty if Sendcloud chooses the sender."""

    @property
    def key(self) -> str:
        """The cache key of the answer."""
        return " ".join((self.option, self.from_country or "-", self.to_country))


class OptionTerms(BaseModel):
    """What an option requires of a shipment, with one contract."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    contract_id: int | None = None
    fields: tuple[str, ...] = ()
    """The required ones of ``to_email``, ``to_telephone``, ``length``, ``width``, ``height``."""
    needs_service_point: bool = False
    min_grams: Decimal | None = None
    max_grams: Decimal | None = None
    is_tracked: bool | None = None
    """None: unknown."""


def common_tracking(offered: Sequence[OptionTerms]) -> bool | None:
    """Whether this option's labels are tracked with every contract; None if unknown, or if contracts differ."""
    values = {terms.is_tracked for terms in offered}
    return values.pop() if len(values) == 1 else None


def common_terms(offered: Sequence[OptionTerms], contract_id: int | None) -> OptionTerms | None:
    """What is required with every one of several contracts; None if the option is not offered."""
    offered = [terms for terms in offered if terms.contract_id == contract_id] or offered
    if not offered:
        return None
    smallest, largest = [terms.min_grams for terms in offered], [terms.max_grams for terms in offered]
    common = set(offered[0].fields).intersection(*(terms.fields for terms in offered))
    return OptionTerms(
        contract_id=offered[0].contract_id,
        fields=tuple(name for name in offered[0].fields if name in common),
        needs_service_point=all(terms.needs_service_point for terms in offered),
        min_grams=None if None in smallest else min(amount for amount in smallest if amount is not None),
        max_grams=None if None in largest else max(amount for amount in largest if amount is not None),
    )


@dataclass(frozen=True)
class Preflight:
    """The answers of one run."""

    terms: Mapping[str, tuple[OptionTerms, ...]] = field(default_factory=dict)
    """By route key. Missing: not asked, or not answered."""
    addresses: Mapping[DeliveryId, tuple[str, ...]] = field(default_factory=dict)
    """The carrier's objections to a delivery's address, in Sendcloud's words; empty: none. Missing: as above."""
    unanswered: frozenset[str] = frozenset()
    """The options without an answer in this run or on this day: they are not asked about again."""
