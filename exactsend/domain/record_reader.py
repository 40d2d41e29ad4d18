"""The records of a division's ledger, read from wherever they are kept. Changes nothing."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TypeVar

from exactsend.domain.division_records import (
    Cursor,
    Pins,
    Purchases,
    RefusedQuestions,
    Schedule,
    SetAsideRecords,
)
from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, ShipmentId
from exactsend.domain.probe_findings import Probe
from exactsend.domain.record_keys import (
    CURSORS,
    DELIVERIES,
    INCOMING,
    LINKS,
    META,
    NUMBERS,
    OPEN,
    ORDERS,
    SHIPMENTS,
    TODO,
    Todo,
)
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, Record, ShipmentRecord
from exactsend.domain.store_protocol import JsonRecord, Reader
from exactsend.errors import StateDamaged
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

META_KEYS: dict[type[Record], str] = {
    Pins: "pins",
    Schedule: "clockwork",
    Purchases: "purchases",
    RefusedQuestions: "refusedquestions",
    SetAsideRecords: "setasiderecords",
    Probe: "probe",
}
"""The records of which a ledger has one each, by their keys in the section ``meta``. The keys are part of the file format."""


class RecordReader:
    """Reads the ledger's records.

    Args:
        reader: the sections that hold them.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._damaged: set[tuple[str, str]] = set()

    # ── one record ───────────────────────────────────────────────────────────────────────────────

    def order(self, order: OrderId) -> OrderRecord | None:
        """The record of an order."""
        return self._read(OrderRecord, ORDERS, order)

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """The record of a delivery."""
        return self._read(DeliveryRecord, DELIVERIES, delivery)

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """The record of one of our incoming orders."""
        return self._read(IncomingRecord, INCOMING, ref)

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """The record of a shipment."""
        return self._read(ShipmentRecord, SHIPMENTS, shipment)

    def cursor(self, stream: str) -> Cursor | None:
        """How far a stream was read."""
        return self._read(Cursor, CURSORS, stream)

    @property
    def pins(self) -> Pins | None:
        """The accounts this ledger belongs to."""
        return self._read(Pins, META, META_KEYS[Pins])

    @property
    def schedule(self) -> Schedule:
        """When each periodic task was last done."""
        return self._read(Schedule, META, META_KEYS[Schedule]) or Schedule()

    @property
    def purchases(self) -> Purchases:
        """When parcels were bought."""
        return self._read(Purchases, META, META_KEYS[Purchases]) or Purchases()

    @property
    def refused(self) -> RefusedQuestions:
        """The questions that a service refuses."""
        return self._read(RefusedQuestions, META, META_KEYS[RefusedQuestions]) or RefusedQuestions()

    @property
    def set_aside(self) -> SetAsideRecords:
        """The records in Exact that could not be read."""
        return self._read(SetAsideRecords, META, META_KEYS[SetAsideRecords]) or SetAsideRecords()

    @property
    def probe(self) -> Probe:
        """What probes found out, and what they have to put back."""
        return self._read(Probe, META, META_KEYS[Probe]) or Probe()

    @property
    def secret(self) -> bytes | None:
        """The random key of this division's fingerprints."""
        kept = self._kept(META, "fingerprint_key")
        return bytes.fromhex(str(kept["hex"])) if kept else None

    def cached(self, name: str) -> JsonRecord | None:
        """A short list that a service is asked for once a day, by its name."""
        return self._kept(META, name)

    def is_in_doubt(self, delivery: DeliveryId) -> bool:
        """Whether a delivery's record exists, or may, and can't be read: it is unknown whether it has a label."""
        return self.delivery(delivery) is None and (DELIVERIES, delivery) in self._damaged

    # ── several ──────────────────────────────────────────────────────────────────────────────────

    def orders(self) -> Iterator[OrderRecord]:
        """All orders."""
        return (OrderRecord.model_validate(kept) for _, kept in self._reader.items(ORDERS))

    def deliveries(self) -> Iterator[DeliveryRecord]:
        """All deliveries."""
        return (DeliveryRecord.model_validate(kept) for _, kept in self._reader.items(DELIVERIES))

    def orders_with_numbers(self, numbers: Collection[str]) -> list[OrderRecord]:
        """The orders with one of these numbers."""
        return [OrderRecord.model_validate(kept) for _, kept in self._reader.with_numbers(ORDERS, numbers)]

    def deliveries_with_numbers(self, numbers: Collection[str]) -> list[DeliveryRecord]:
        """The deliveries with one of these numbers, or of an order with one."""
        return [
            DeliveryRecord.model_validate(kept) for _, kept in self._reader.with_numbers(DELIVERIES, numbers)
        ]

    def deliveries_labelled_since(self, moment: datetime) -> list[DeliveryRecord]:
        """The deliveries whose label was made, or found, after a recent moment. Skips those closed long ago."""
        kept = (record for _, record in self._reader.recent(DELIVERIES))
        return [DeliveryRecord.model_validate(row) for row in kept if _is_labelled_since(row, moment)]

    def orders_labelled_by_hand(self) -> list[OrderRecord]:
        """The undelivered orders for which a person made a label. Skips those closed long ago."""
        kept = (record for _, record in self._reader.recent(ORDERS) if record.get("by_hand"))
        return [found for row in kept if not (found := OrderRecord.model_validate(row)).settled]

    def open_orders(self) -> list[OrderRecord]:
        """The orders that a later run may have to check again."""
        return [found for key in self._open("o:") if (found := self.order(OrderId(key)))]

    def open_deliveries(self) -> list[DeliveryRecord]:
        """The deliveries that a later run may have to check again."""
        return [found for key in self._open("d:") if (found := self.delivery(DeliveryId(key)))]

    def open_incoming(self) -> list[IncomingRecord]:
        """The incoming orders that exist, or are being withdrawn."""
        return [found for key in self._open("i:") if (found := self.incoming(IncomingRef(key)))]

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """The shipments of this integration that polls have shown under an order number."""
        kept = self._kept(NUMBERS, number) or {}
        return [found for key in kept if (found := self.shipment(ShipmentId(key)))]

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries that were seen to cover an order."""
        return [DeliveryId(key) for key in self._kept(LINKS, order) or {}]

    def todo(self) -> list[Todo]:
        """The todo marks: the oldest first, and of the same age the lower number first."""
        waiting = [
            Todo(key, datetime.fromisoformat(str(kept["since"])), int(str(kept.get("number", 0))))
            for key, kept in self._reader.items(TODO)
        ]
        return sorted(waiting, key=lambda todo: (todo.since, todo.number, todo.key))

    def _open(self, prefix: str) -> list[str]:
        return [key[len(prefix) :] for key, _ in self._reader.items(OPEN) if key.startswith(prefix)]

    def _kept(self, section: str, key: str) -> JsonRecord | None:
        """A record as it is stored; None if it is unknown or damaged, and then it is remembered as in doubt."""
        try:
            return self._reader.get(section, key)
        except StateDamaged as damaged:
            if (section, key) not in self._damaged:
                self._damaged.add((section, key))
                log_event(_log, logging.WARNING, "record_damaged", damaged.message, section=section, key=key)
            return None

    def _read(self, kind: type[R], section: str, key: str) -> R | None:
        kept = self._kept(section, key)
        return None if kept is None else kind.model_validate(kept)


def _is_labelled_since(delivery: JsonRecord, moment: datetime) -> bool:
    label = delivery.get("label")
    return isinstance(label, dict) and datetime.fromisoformat(str(label["at"])) > moment
