"""Asks Exact for the names of customers, to show them. They are not stored."""

from collections.abc import Mapping, Sequence

from exactsend.engine.wiring import Wiring
from exactsend.settings.models import DivisionSettings


def customer_names(wiring: Wiring, division: DivisionSettings, accounts: Sequence[str]) -> Mapping[str, str]:
    """The names of these accounts by their ids, as far as Exact has them."""
    with wiring.services(division, pinned=wiring.pins(division)) as services:
        return {row.id: row.name for row in services.exact.accounts(accounts).rows}
