"""Reads the shipments of a division's Sendcloud account, to compare them with the ledger. Writes nothing there or in the ledger."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from exactsend.domain.division_records import Pins
from exactsend.domain.ids import ShipmentId
from exactsend.engine.gather.account_identity import require_same
from exactsend.engine.wiring import Services, Wiring, host_of
from exactsend.errors import ApiError
from exactsend.sendcloud.models import Shipment
from exactsend.settings.models import DivisionSettings

MAX_SINGLE_REQUESTS = 100
"""Up to this many labels that the listing lacks are asked for by id; the others count as not answered."""


@dataclass(frozen=True)
class ListedShipments:
    """The shipments of an account since a moment."""

    account: Pins
    shipments: tuple[Shipment, ...]
    services: Services

    @property
    def by_id(self) -> dict[ShipmentId, Shipment | None]:
        """The shipments by their ids."""
        return {ShipmentId(shipment.id): shipment for shipment in self.shipments}

    def require_account_of(self, pinned: Pins | None) -> None:
        """Require that the shipments are of the account that the ledger belongs to (S8).

        Raises:
            WrongAccount: they are not.
        """
        require_same(pinned, self.account)

    def request(self, shipments: Iterable[ShipmentId]) -> dict[ShipmentId, Shipment | None]:
        """Ask for these shipments by id; None where Sendcloud has none. Stops at the first that is not answered."""
        answers: dict[ShipmentId, Shipment | None] = {}
        try:
            for shipment in list(shipments)[:MAX_SINGLE_REQUESTS]:
                answers[shipment] = self.services.sendcloud.shipment(shipment)
        except ApiError:
            return answers
        return answers


@contextmanager
def listed_shipments(
    wiring: Wiring, division: DivisionSettings, start: datetime, progress: Callable[[str], None]
) -> Iterator[ListedShipments]:
    """List the shipments of a division's integration that were made or changed since ``start``."""
    with wiring.services(division, pinned=wiring.pins(division), show_phase=progress) as services:
        account = _account(wiring, division, services)
        progress("asking Sendcloud for the shipments of this integration")
        walk = services.sendcloud.shipments_updated_after(start, integration=account.integration)
        yield ListedShipments(account, tuple(walk.shipments), services)


def _account(wiring: Wiring, division: DivisionSettings, services: Services) -> Pins:
    """The account behind the keys. Its calls count together with those of all divisions that share it."""
    who = services.sendcloud.who_am_i()
    wiring.share_account(services, who.user_id)
    return Pins(
        exact_host=division.exact.host,
        division=division.code,
        sendcloud_host=host_of(wiring.settings.sendcloud.base_url),
        user=who.user_id,
        integration=who.integration_id,
    )
