"""Everything that the simulated Sendcloud stores: accounts with their keys, orders, shipments and charges.

The handlers check what is allowed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exactsend.sandbox.clock import Clock
from exactsend.sandbox.sendcloud.accounts import Account
from exactsend.sandbox.sendcloud.behaviour import SendcloudBehaviour
from exactsend.sandbox.sendcloud.catalogue import ServicePoint
from exactsend.sandbox.sendcloud.records import Order, Shipment
from exactsend.sandbox.sendcloud.statuses import ANNOUNCING, CANCELLED, CANCELLING, READY


@dataclass
class Charge:
    """An invoiced shipment."""

    shipment_id: str
    order_number: str
    option_code: str
    amount: Decimal
    at: datetime
    refunded_at: datetime | None = None


class SendcloudWorld:
    """The state of the simulated Sendcloud, with all accounts."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.behaviour = SendcloudBehaviour()
        self.accounts: list[Account] = []
        self.service_points: list[ServicePoint] = []
        self.charges: list[Charge] = []
        self._orders: dict[int, list[Order]] = {}
        self._order_pks: dict[tuple[int, str], int] = {}
        self._by_order_id: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._shipments: dict[str, list[Shipment]] = {}
        self._parcels: dict[int, str] = {}
        self._by_number: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_reference: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._unsettled: dict[str, None] = {}
        self._last_number = 0

    def add_account(
        self, *, public_key: str, secret_key: str, user_id: int, integration_id: int, shop_name: str
    ) -> Account:
        """Add an account with its first integration and no settings."""
        account = Account(user_id, self.clock)
        account.add_integration(
            public_key=public_key, secret_key=secret_key, integration_id=integration_id, shop_name=shop_name
        )
        self.accounts.append(account)
        return account

    def account_of(self, integration_id: int) -> Account:
        """The account of an integration."""
        for account in self.accounts:
            if account.integration(integration_id):
                return account
        raise LookupError(f"no account has integration {integration_id}")

    def service_point(self, point_id: str) -> ServicePoint | None:
        """The service point with this id."""
        return next((point for point in self.service_points if str(point.point_id) == point_id), None)

    def next_number(self) -> int:
        """A new number, for ids and tracking numbers."""
        self._last_number += 1
        return self._last_number

    # Orders

    def save_order(self, order: Order) -> None:
        """Store a new version of an order."""
        self._orders.setdefault(order.pk, []).append(order)
        self._order_pks[order.key] = order.pk
        self._by_order_id[order.order_id.lower()][order.pk] = None

    def drop_order(self, pk: int) -> None:
        """Remove an order with all its versions."""
        for order in self._orders.pop(pk):
            if self._order_pks.get(order.key) == pk:
                del self._order_pks[order.key]
            self._by_order_id[order.order_id.lower()].pop(pk, None)

    def accepted_order(self, key: tuple[int, str]) -> Order | None:
        """The newest version of an order by the shop's key, even if it is not saved yet."""
        pk = self._order_pks.get(key)
        return None if pk is None else self._orders[pk][-1]

    def order(self, pk: int) -> Order | None:
        """The order as reads show it now."""
        now = self.clock()
        saved = [order for order in self._orders.get(pk, []) if order.visible_at <= now]
        return saved[-1] if saved and not saved[-1].is_gone else None

    def orders(
        self,
        *,
        integration_id: int | None = None,
        order_number: str | None = None,
        order_id: str | None = None,
    ) -> list[Order]:
        """The orders as reads show them now, oldest first; the case of ``order_id`` is ignored."""
        pks = self._orders if order_id is None else self._by_order_id.get(order_id.lower(), {})
        found = [order for pk in pks if (order := self.order(pk)) is not None]
        return [
            order
            for order in found
            if integration_id in (None, order.integration_id) and order_number in (None, order.order_number)
        ]

    # Shipments

    def save_shipment(self, shipment: Shipment) -> Shipment:
        """Store a new version of a shipment."""
        shipment_id = shipment.shipment_id
        self._shipments.setdefault(shipment_id, []).append(shipment)
        self._parcels.update({parcel.parcel_id: shipment_id for parcel in shipment.parcels})
        self._by_number[shipment.order_number][shipment_id] = None
        self._by_reference[shipment.external_reference_id or ""][shipment_id] = None
        if shipment.status in (ANNOUNCING, CANCELLING, CANCELLED):
            self._unsettled[shipment_id] = None
        else:
            self._unsettled.pop(shipment_id, None)
        return shipment

    def shipment(self, shipment_id: str) -> Shipment | None:
        """The current version of a shipment."""
        versions = self._shipments.get(shipment_id)
        return versions[-1] if versions else None

    def shipment_of_parcel(self, parcel_id: int) -> Shipment | None:
        """The shipment of a parcel."""
        return self.shipment(self._parcels.get(parcel_id, ""))

    def shipments(self, *, order_number: str | None = None, reference: str | None = None) -> list[Shipment]:
        """The current versions of all shipments, oldest first; ``reference`` is the ``external_reference_id``."""
        return [self._shipments[shipment_id][-1] for shipment_id in self._found(order_number, reference)]

    def live_shipments(
        self, *, order_number: str | None = None, reference: str | None = None
    ) -> list[Shipment]:
        """The shipments that are live."""
        return [s for s in self.shipments(order_number=order_number, reference=reference) if s.is_live]

    def unsettled_shipments(self) -> list[Shipment]:
        """The shipments that may still change by themselves."""
        return [self._shipments[shipment_id][-1] for shipment_id in self._unsettled]

    def shipments_as_of(
        self, moment: datetime, *, order_number: str | None = None, reference: str | None = None
    ) -> Iterator[Shipment]:
        """The shipments as they were at that time."""
        for shipment_id in self._found(order_number, reference):
            known = [version for version in self._shipments[shipment_id] if version.updated_at <= moment]
            if known:
                yield known[-1]

    def _found(self, order_number: str | None, reference: str | None) -> list[str]:
        """The ids by order number and reference, if given; neither of them ever changes."""
        if reference is not None:
            ids = self._by_reference.get(reference, {})
            return [i for i in ids if order_number in (None, self._shipments[i][-1].order_number)]
        return list(self._shipments if order_number is None else self._by_number.get(order_number, {}))

    # Money

    def charge(self, shipment: Shipment) -> None:
        """Charge a shipment; for an unstamped letter, only the fee for its label."""
        self.charges.append(
            Charge(
                shipment_id=shipment.shipment_id,
                order_number=shipment.order_number,
                option_code=shipment.option.code,
                amount=shipment.price,
                at=self.clock(),
            )
        )

    def refund(self, shipment: Shipment) -> None:
        """Give the money back for what was not shipped: before the carrier's deadline it is not invoiced, later it is reimbursed."""
        for charge in self.charges:
            if charge.shipment_id == shipment.shipment_id and not shipment.is_with_carrier:
                charge.refunded_at = charge.refunded_at or self.clock()

    def paid(self, *, order_number: str | None = None, shipment_id: str | None = None) -> list[Charge]:
        """The charges that are not refunded."""
        return [
            charge
            for charge in self.charges
            if charge.refunded_at is None
            and order_number in (None, charge.order_number)
            and shipment_id in (None, charge.shipment_id)
        ]

    # Cancellations

    def cancel_now(self, shipment: Shipment) -> Shipment:
        """Cancel a shipment, and refund it unless the carrier has it."""
        self.refund(shipment)
        return self.save_shipment(shipment.with_status(CANCELLED, self.clock()))

    def revive(self, shipment: Shipment) -> Shipment:
        """Make a cancelled shipment live and charged again."""
        revived = self.save_shipment(shipment.with_status(READY, self.clock()))
        if not self.paid(shipment_id=shipment.shipment_id):
            self.charge(revived)
        return revived
