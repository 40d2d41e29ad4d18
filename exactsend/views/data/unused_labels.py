"""Labels that were paid for and are apparently unused. Pure.

A label counts as used once a poll has seen a status that only a carrier sets.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord, LabelRecord

MOVES_WITHIN = timedelta(days=3)
"""A label is listed as unused when no carrier has reported the parcel this long after the label was made."""

LiveShipments = Callable[[DeliveryRecord], Iterable[ShipmentId]]
"""Returns the live shipments of a delivery, from the ledger."""


class UnusedReason(StrEnum):
    """Why a live label is apparently unused; part of the JSON contract."""

    DELIVERY_GONE = "delivery_gone"
    SECOND_LABEL = "second_label"
    CHANGED = "changed_after_label"
    NOT_MOVED = "not_moved"


@dataclass(frozen=True)
class UnusedLabel:
    """A label that is apparently paid for and unused."""

    division: str
    delivery_number: str
    order_numbers: tuple[str, ...]
    shipment: str
    why: UnusedReason
    labelled_at: datetime | None
    """None: not recorded for a second label."""


def unused_labels(
    division: str, deliveries: Iterable[DeliveryRecord], live: LiveShipments, *, now: datetime
) -> Iterator[UnusedLabel]:
    """The apparently unused labels of these deliveries, lowest delivery first."""
    for record in sorted(deliveries, key=lambda delivery: delivery.number):
        if (label := record.label) is None:
            continue
        for other in sorted({*live(record)} - {label.shipment, *label.beside}):
            yield _unused_label(division, record, other, UnusedReason.SECOND_LABEL, None)
        if reason := _reason(record, label, now):
            yield _unused_label(division, record, label.shipment, reason, label.at)


def _reason(record: DeliveryRecord, label: LabelRecord, now: datetime) -> UnusedReason | None:
    codes = {problem.code for problem in record.problems.values()}
    if label.moved:
        return None
    if record.gone or label.closed_as_gone or Code.CANCELLED_AFTER_LABEL in codes:
        return UnusedReason.DELIVERY_GONE
    if Code.CHANGED_AFTER_LABEL in codes:
        return UnusedReason.CHANGED
    return UnusedReason.NOT_MOVED if now - label.at >= MOVES_WITHIN else None


def _unused_label(
    division: str, record: DeliveryRecord, shipment: str, reason: UnusedReason, at: datetime | None
) -> UnusedLabel:
    orders = tuple(map(str, record.order_numbers))
    return UnusedLabel(division, str(record.number), orders, shipment, reason, at)
