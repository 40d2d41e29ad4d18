"""What Sendcloud says before a purchase: what a shipping option demands, and what a carrier has against an address. Values only.

A question without an answer is no answer: nothing is held for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from exactsend.domain.ids import DeliveryId


@dataclass(frozen=True)
class Route:
    """An option on its way: what one question is about."""

    option: str
    to_country: str
    from_country: str = ""
    """Empty where Sendcloud chooses the sender."""

    @property
    def key(self) -> str:
        """The name that the answer is kept under."""
        return " ".join((self.option, self.from_country or "-", self.to_country))


class OptionTerms(BaseModel):
    """What an option demands of a shipment, under one contract."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    contract_id: int | None = None
    fields: tuple[str, ...] = ()
    """Of ``to_email``, ``to_telephone``, ``length``, ``width``, ``height``: those that it can't do without."""
    needs_service_point: bool = False
    min_grams: Decimal | None = None
    max_grams: Decimal | None = None
    is_tracked: bool | None = None
    """None: not told."""


def are_tracked(offered: Sequence[OptionTerms]) -> bool | None:
    """Whether labels of this option are tracked, whichever contract they go with; None where that is not told, or differs."""
    told = {terms.is_tracked for terms in offered}
    return told.pop() if len(told) == 1 else None


def least_strict(offered: Sequence[OptionTerms], contract_id: int | None) -> OptionTerms | None:
    """What is demanded whichever contract of several it goes with; None where the option is not offered at all."""
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
    """By the key of the route; without an entry: not asked, or not answered."""
    addresses: Mapping[DeliveryId, tuple[str, ...]] = field(default_factory=dict)
    """What the carrier has against the address of a delivery, in Sendcloud's words; empty: nothing. Without an entry as above."""
    unanswered: frozenset[str] = frozenset()
    """The options that were asked about, in this run or on this day, without an answer: they are not asked about again."""
