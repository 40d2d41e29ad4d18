"""The ledger's records with their types: what is remembered, what is open, what is due. Keeps no file itself.

Reads and writes through a ``Store``. Sections of the store are named here and nowhere else.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, ShipmentId
from exactsend.domain.probe_findings import Probe
from exactsend.domain.records import (
    Cursor,
    DeliveryRecord,
    IncomingRecord,
    OrderRecord,
    Pins,
    Purchases,
    Record,
    RefusedQuestions,
    Schedule,
    SetAsideRecords,
    ShipmentRecord,
)
from exactsend.domain.store_protocol import Change, JsonRecord, Put, Store
from exactsend.errors import StateDamaged
from exactsend.http.messages import Json
from exactsend.system.structured_log import tell

_log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

ORDERS, DELIVERIES, INCOMING, SHIPMENTS = "orders", "deliveries", "incoming", "shipments"
CURSORS, META, TODO, OPEN, NUMBERS, LINKS = "cursors", "meta", "todo", "open", "numbers", "links"
META_KEYS: dict[type[Record], str] = {
    Pins: "pins",
    Schedule: "clockwork",
    Purchases: "purchases",
    RefusedQuestions: "refusedquestions",
    SetAsideRecords: "setasiderecords",
    Probe: "probe",
}
"""The records of which a ledger has one each, by their keys in the section ``meta``. The keys are part of the file format."""


@dataclass(frozen=True)
class Todo:
    """An order or a delivery that something asks to decide about."""

    key: str
    since: datetime
    number: int = 0
    """The number that people know it by; 0: not known yet."""

    @property
    def order_id(self) -> OrderId | None:
        """Its order, when it is one."""
        return OrderId(self.key[2:]) if self.key.startswith("o:") else None

    @property
    def delivery_id(self) -> DeliveryId | None:
        """Its delivery, when it is one."""
        return DeliveryId(self.key[2:]) if self.key.startswith("d:") else None


def todo_order(order: OrderId) -> str:
    """The key under which an order is noted as to be decided about."""
    return f"o:{order}"


def todo_delivery(delivery: DeliveryId) -> str:
    """The key under which a delivery is noted as to be decided about."""
    return f"d:{delivery}"


def is_todo_of_delivery(key: str) -> bool:
    """Whether such a key is a delivery's."""
    return key.startswith("d:")


class Memory:
    """What this division's ledger remembers, typed.

    Args:
        store: where it is kept.
        beside: gives the facts that are to be written down with the next event, whichever that is.
    """

    def __init__(self, store: Store, beside: Callable[[], Mapping[str, Json]] = dict) -> None:
        self._store = store
        self._beside = beside
        self._doubtful: set[tuple[str, str]] = set()

    # ── one record ───────────────────────────────────────────────────────────────────────────────

    def order(self, order: OrderId) -> OrderRecord | None:
        """What is remembered of an order."""
        return self._read(OrderRecord, ORDERS, order)

    def delivery(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """What is remembered of a delivery."""
        return self._read(DeliveryRecord, DELIVERIES, delivery)

    def incoming(self, ref: IncomingRef) -> IncomingRecord | None:
        """What is remembered of one of our entries."""
        return self._read(IncomingRecord, INCOMING, ref)

    def shipment(self, shipment: ShipmentId) -> ShipmentRecord | None:
        """What is remembered of a shipment."""
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
        """When things were done last."""
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
        """What probes found out and left."""
        return self._read(Probe, META, META_KEYS[Probe]) or Probe()

    @property
    def secret(self) -> bytes | None:
        """The random key of this division's fingerprints."""
        kept = self._kept(META, "fingerprint_key")
        return bytes.fromhex(str(kept["hex"])) if kept else None

    def cached(self, name: str) -> JsonRecord | None:
        """Something short that a service is asked once a day, by its name."""
        return self._kept(META, name)

    def is_in_doubt(self, delivery: DeliveryId) -> bool:
        """Whether there is a record of a delivery that can't be read: nobody here knows whether it has a label."""
        return self.delivery(delivery) is None and (DELIVERIES, delivery) in self._doubtful

    # ── several ──────────────────────────────────────────────────────────────────────────────────

    def orders(self) -> Iterator[OrderRecord]:
        """All orders remembered."""
        return (OrderRecord.model_validate(kept) for _, kept in self._store.items(ORDERS))

    def deliveries(self) -> Iterator[DeliveryRecord]:
        """All deliveries remembered."""
        return (DeliveryRecord.model_validate(kept) for _, kept in self._store.items(DELIVERIES))

    def orders_with_numbers(self, numbers: Collection[str]) -> list[OrderRecord]:
        """The orders with one of these numbers."""
        return [OrderRecord.model_validate(kept) for _, kept in self._store.with_numbers(ORDERS, numbers)]

    def deliveries_with_numbers(self, numbers: Collection[str]) -> list[DeliveryRecord]:
        """The deliveries with one of these numbers, or of an order with one."""
        return [
            DeliveryRecord.model_validate(kept) for _, kept in self._store.with_numbers(DELIVERIES, numbers)
        ]

    def deliveries_labelled_since(self, moment: datetime) -> list[DeliveryRecord]:
        """The deliveries whose label was made, or found, after a moment of these days: those in the archive are not looked at."""
        kept = (record for _, record in self._store.recent(DELIVERIES))
        return [DeliveryRecord.model_validate(row) for row in kept if _is_labelled_since(row, moment)]

    def orders_labelled_by_hand(self) -> list[OrderRecord]:
        """The orders that were not delivered yet when a person made a label for them; those in the archive are not looked at."""
        kept = (record for _, record in self._store.recent(ORDERS) if record.get("by_hand"))
        return [found for row in kept if not (found := OrderRecord.model_validate(row)).settled]

    def open_orders(self) -> list[OrderRecord]:
        """Orders that a later run may have to look at again."""
        return [found for key in self._open("o:") if (found := self.order(OrderId(key)))]

    def open_deliveries(self) -> list[DeliveryRecord]:
        """Deliveries that a later run may have to look at again."""
        return [found for key in self._open("d:") if (found := self.delivery(DeliveryId(key)))]

    def open_incoming(self) -> list[IncomingRecord]:
        """Entries that stand, or are being withdrawn."""
        return [found for key in self._open("i:") if (found := self.incoming(IncomingRef(key)))]

    def shipments_with_number(self, number: str) -> list[ShipmentRecord]:
        """Shipments of this integration that polls have shown under an order number."""
        kept = self._kept(NUMBERS, number) or {}
        return [found for key in kept if (found := self.shipment(ShipmentId(key)))]

    def deliveries_of(self, order: OrderId) -> list[DeliveryId]:
        """The deliveries that were seen to cover an order."""
        return [DeliveryId(key) for key in self._kept(LINKS, order) or {}]

    def todo(self) -> list[Todo]:
        """What is to be decided about: what was noted first, and of what was noted together the lower number."""
        waiting = [
            Todo(key, datetime.fromisoformat(str(kept["since"])), int(str(kept.get("number", 0))))
            for key, kept in self._store.items(TODO)
        ]
        return sorted(waiting, key=lambda todo: (todo.since, todo.number, todo.key))

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def note(
        self,
        event: str,
        *records: Record,
        subject: str = "",
        facts: Mapping[str, Json] | None = None,
        done: Sequence[str] = (),
    ) -> None:
        """Note durably what happened, what the records are now, and which todos are done with it."""
        puts = self._puts_of(records)
        puts += [(TODO, key, None) for key in done if self._kept(TODO, key) is not None]
        puts, changes = self._in_short(puts)
        told = {**(facts or {}), **self._beside()}
        self._store.record(event, subject=subject or None, facts=told, puts=puts, changes=changes)

    def note_changes(
        self,
        keys: Sequence[str],
        *,
        at: datetime,
        cursors: Mapping[str, Cursor],
        also: Sequence[Record] = (),
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """Note what is to be decided about, together with how far the streams were read, and the numbers that these told."""
        since: JsonRecord = {"since": at.isoformat()}
        told = {key: {**since, "number": number} for key, number in (numbers or {}).items()}
        puts: list[Put] = [
            (TODO, key, told.get(key, since)) for key in dict.fromkeys(keys) if self._kept(TODO, key) is None
        ]
        puts += [
            (CURSORS, stream, _json(cursor))
            for stream, cursor in cursors.items()
            if cursor != self.cursor(stream)
        ]
        puts += self._puts_of(also)
        if puts:
            puts, changes = self._in_short(puts)
            self._store.record("changes_noted", facts={"count": len(keys)}, puts=puts, changes=changes)

    def note_links(self, pairs: Iterable[tuple[OrderId, DeliveryId]]) -> None:
        """Note which deliveries cover which orders."""
        links: dict[OrderId, JsonRecord] = {}
        for order, delivery in pairs:
            known = links.get(order) or self._kept(LINKS, order) or {}
            if delivery not in known:
                links[order] = {**known, delivery: True}
        if links:
            self._store.record(
                "deliveries_linked", puts=[(LINKS, order, known) for order, known in links.items()]
            )

    def note_done(self, keys: Sequence[str]) -> None:
        """Note that these were decided about and need nothing more."""
        puts: list[Put] = [(TODO, key, None) for key in keys if self._kept(TODO, key) is not None]
        if puts:
            self._store.record("decided", puts=puts)

    def keep_secret(self, key: bytes) -> None:
        """Keep the random key of this division's fingerprints."""
        self._store.record("ledger_begun", puts=[(META, "fingerprint_key", {"hex": key.hex()})])

    def cache(self, name: str, content: JsonRecord) -> None:
        """Keep something short for a day."""
        self._store.record("list_read", facts={"list": name}, puts=[(META, name, content)])

    def add_to_cache(self, name: str, content: JsonRecord) -> None:
        """Keep more of something that is cached: only that is written down."""
        self._store.record("list_read", facts={"list": name}, changes=[(META, name, content)])

    def _in_short(self, puts: Sequence[Put]) -> tuple[list[Put], list[Change]]:
        """The clockwork as what changed of it: it is written down in every run, and most runs have nothing else to write."""
        whole: list[Put] = []
        changes: list[Change] = []
        for section, key, now in puts:
            before = self._kept(section, key) if (section, key) == (META, META_KEYS[Schedule]) else None
            if before is None or now is None:
                whole.append((section, key, now))
            else:
                changed = {
                    name: now.get(name) for name in {**before, **now} if now.get(name) != before.get(name)
                }
                changes.append((section, key, changed))
        return whole, changes

    def _puts_of(self, records: Sequence[Record]) -> list[Put]:
        puts: list[Put] = []
        numbers: dict[str, JsonRecord] = {}
        for section, key, content in (put for record in records for put in self._puts(record)):
            if section == NUMBERS:
                # Several shipments of one event may bear the same number.
                numbers[key] = {**numbers.get(key, {}), **(content or {})}
            else:
                puts.append((section, key, content))
        return [*puts, *((NUMBERS, key, content) for key, content in numbers.items())]

    def _puts(self, record: Record) -> list[Put]:
        match record:
            case OrderRecord():
                return [
                    (ORDERS, record.order_id, _json(record)),
                    self._open_put(f"o:{record.order_id}", record.is_open),
                ]
            case DeliveryRecord():
                return [
                    (DELIVERIES, record.delivery_id, _json(record)),
                    self._open_put(f"d:{record.delivery_id}", record.is_open),
                ]
            case IncomingRecord():
                return [
                    (INCOMING, record.ref, _json(record)),
                    self._open_put(f"i:{record.ref}", record.is_open),
                ]
            case ShipmentRecord():
                return [(SHIPMENTS, record.shipment, _json(record)), *self._number_put(record)]
            case Pins() | Schedule() | Purchases() | Probe() | RefusedQuestions() | SetAsideRecords():
                return [(META, META_KEYS[type(record)], _json(record))]
            case _:
                raise TypeError(f"no section for {type(record).__name__}")

    def _open_put(self, key: str, is_open: bool) -> Put:  # noqa: FBT001 - private, read with its name beside it
        return (OPEN, key, {} if is_open else None)

    def _number_put(self, record: ShipmentRecord) -> list[Put]:
        if not record.number:
            return []
        known = self._kept(NUMBERS, record.number) or {}
        return (
            [] if record.shipment in known else [(NUMBERS, record.number, {**known, record.shipment: True})]
        )

    def _open(self, prefix: str) -> list[str]:
        return [key[len(prefix) :] for key, _ in self._store.items(OPEN) if key.startswith(prefix)]

    def _kept(self, section: str, key: str) -> JsonRecord | None:
        """A record as the store has it; one that is damaged there is noted as in doubt, and taken for unknown."""
        try:
            return self._store.get(section, key)
        except StateDamaged as damaged:
            if (section, key) not in self._doubtful:
                self._doubtful.add((section, key))
                tell(_log, logging.WARNING, "record_damaged", damaged.message, section=section, key=key)
            return None

    def _read(self, kind: type[R], section: str, key: str) -> R | None:
        kept = self._kept(section, key)
        return None if kept is None else kind.model_validate(kept)


def _is_labelled_since(delivery: JsonRecord, moment: datetime) -> bool:
    label = delivery.get("label")
    return isinstance(label, dict) and datetime.fromisoformat(str(label["at"])) > moment


def _json(record: Record) -> JsonRecord:
    return record.to_json()  # type: ignore[return-value]  # pydantic's JSON mode gives JSON
