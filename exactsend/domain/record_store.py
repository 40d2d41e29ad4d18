"""Writes the ledger's records: each event with the records as they are after it. Keeps no file itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from exactsend.domain.division_records import (
    Cursor,
    Pins,
    Purchases,
    RefusedQuestions,
    Schedule,
    SetAsideRecords,
)
from exactsend.domain.ids import DeliveryId, OrderId
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
)
from exactsend.domain.record_reader import META_KEYS, RecordReader
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, Record, ShipmentRecord
from exactsend.domain.store_protocol import Change, JsonRecord, Put, Store
from exactsend.http.messages import Json


class RecordStore(RecordReader):
    """The ledger's records, and the one place that writes them.

    Args:
        store: where they are kept.
        extra_facts: gives facts for the next event, whatever that is.
    """

    def __init__(self, store: Store, extra_facts: Callable[[], Mapping[str, Json]] = dict) -> None:
        super().__init__(store)
        self._store = store
        self._extra_facts = extra_facts

    def note(
        self,
        event: str,
        *records: Record,
        subject: str = "",
        facts: Mapping[str, Json] | None = None,
        done: Sequence[str] = (),
    ) -> None:
        """Write durably what happened, what the records are now, and which todo marks it removes."""
        puts = self._puts_of(records)
        puts += [(TODO, key, None) for key in done if self._kept(TODO, key) is not None]
        puts, changes = self._split(puts)
        all_facts = {**(facts or {}), **self._extra_facts()}
        self._store.record(event, subject=subject or None, facts=all_facts, puts=puts, changes=changes)

    def note_changes(
        self,
        keys: Sequence[str],
        *,
        at: datetime,
        cursors: Mapping[str, Cursor],
        also: Sequence[Record] = (),
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """Set todo marks, together with how far the streams were read and the numbers that they showed."""
        since: JsonRecord = {"since": at.isoformat()}
        numbered = {key: {**since, "number": number} for key, number in (numbers or {}).items()}
        puts: list[Put] = [
            (TODO, key, numbered.get(key, since))
            for key in dict.fromkeys(keys)
            if self._kept(TODO, key) is None
        ]
        puts += [
            (CURSORS, stream, _json(cursor))
            for stream, cursor in cursors.items()
            if cursor != self.cursor(stream)
        ]
        puts += self._puts_of(also)
        if puts:
            puts, changes = self._split(puts)
            self._store.record("changes_noted", facts={"count": len(keys)}, puts=puts, changes=changes)

    def note_links(self, pairs: Iterable[tuple[OrderId, DeliveryId]]) -> None:
        """Write which deliveries cover which orders."""
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
        """Remove the todo marks of these: they were decided about."""
        puts: list[Put] = [(TODO, key, None) for key in keys if self._kept(TODO, key) is not None]
        if puts:
            self._store.record("decided", puts=puts)

    def keep_secret(self, key: bytes) -> None:
        """Store the random key of this division's fingerprints."""
        self._store.record("ledger_begun", puts=[(META, "fingerprint_key", {"hex": key.hex()})])

    def cache(self, name: str, content: JsonRecord) -> None:
        """Store a short list for a day."""
        self._store.record("list_read", facts={"list": name}, puts=[(META, name, content)])

    def add_to_cache(self, name: str, content: JsonRecord) -> None:
        """Add to a cached list: only the addition is written."""
        self._store.record("list_read", facts={"list": name}, changes=[(META, name, content)])

    def _split(self, puts: Sequence[Put]) -> tuple[list[Put], list[Change]]:
        """The records to put whole, and the changes of the schedule: every run writes it, and most write nothing else."""
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
                # Several shipments of one event may have the same number.
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


def _json(record: Record) -> JsonRecord:
    return record.to_json()  # type: ignore[return-value]  # pydantic's JSON mode gives JSON
