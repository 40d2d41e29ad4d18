"""The labels that were paid for and that nothing seems to have used. Pure.

What is known of a parcel's way are the statuses that polls have shown: a label counts as used once one of them was seen that only a carrier gives.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exactsend.domain.ids import ShipmentId
from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord

MOVES_WITHIN = timedelta(days=3)
"""A parcel that no carrier has reported for so long since its label was made is told as unused."""

LiveShipments = Callable[[DeliveryRecord], Iterable[ShipmentId]]
"""The live shipments that belong to a delivery, as they are remembered."""


class Unused(StrEnum):
    """Why a live label is taken to be unused; part of the JSON contract."""

    DELIVERY_GONE = "delivery_gone"
    SECOND_LABEL = "second_label"
    CHANGED = "changed_after_label"
    NOT_MOVED = "not_moved"


@dataclass(frozen=True)
class UnusedLabel:
    """A label that is paid for as far as one can know, and that nothing seems to have used."""

    division: str
    delivery_number: str
    order_numbers: tuple[str, ...]
    shipment: str
    why: Unused
    labelled_at: datetime | None
    """None: of a second label the moment is not remembered."""


def unused(
    division: str, deliveries: Iterable[DeliveryRecord], live: LiveShipments, *, now: datetime
) -> Iterator[UnusedLabel]:
    """The labels of these deliveries that seem unused; lowest delivery first."""
    for record in sorted(deliveries, key=lambda delivery: delivery.number):
        if (label := record.label) is None:
            continue
        for other in sorted({*live(record)} - {label.shipment, *label.beside}):
            yield _unused(division, record, other, Unused.SECOND_LABEL, None)
        if why := _why(record, now):
            yield _unused(division, record, label.shipment, why, label.at)


def _why(record: DeliveryRecord, now: datetime) -> Unused | None:
    label, codes = record.label, {problem.code for problem in record.problems.values()}
    assert label is not None, "asked of labelled deliveries"
    if label.moved:
        return None
    if record.gone or label.closed_as_gone or Code.CANCELLED_AFTER_LABEL in codes:
        return Unused.DELIVERY_GONE
    if Code.CHANGED_AFTER_LABEL in codes:
        return Unused.CHANGED
    return Unused.NOT_MOVED if now - label.at >= MOVES_WITHIN else None


def _unused(
    division: str, record: DeliveryRecord, shipment: str, why: Unused, at: datetime | None
) -> UnusedLabel:
    orders = tuple(map(str, record.order_numbers))
    return UnusedLabel(division, str(record.number), orders, shipment, why, at)
