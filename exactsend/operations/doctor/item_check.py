"""Which items in Exact lack what customs require: HS code, origin or weight. A thousand items cost one call; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exactsend.domain.policy import Policy
from exactsend.engine.gather.details import item_fields
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.trade.item_gaps import Gap, gaps, sold_goods


@dataclass(frozen=True)
class ItemCheck:
    """The sold items of one division: how many there are, and which lack something."""

    division: str
    sold: int = 0
    gaps: Sequence[Gap] = ()
    policy: Policy = field(default_factory=Policy)
    error: ExactSendError | None = None
    """Why they could not be read."""


def check_items(wiring: Wiring, division: DivisionSettings | BrokenDivision) -> ItemCheck:
    """Read the items of a division and check those that are sold."""
    try:
        if isinstance(division, BrokenDivision):
            raise division.error()
        with wiring.services(division, pinned=wiring.pins(division)) as services:
            items = services.exact.catalogue(extra_fields=item_fields(division.policy))
    except ExactSendError as error:
        return ItemCheck(division.name, error=error)
    sold = sold_goods(items, wiring.process.clock().date())
    return ItemCheck(division.name, len(sold), gaps(sold, division.policy), division.policy)
