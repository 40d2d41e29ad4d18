"""Decides which records to archive, so that runs don't load them. Pure.

Archived records are still found by key, so S2 and S4 don't depend on this: a wrong choice costs time and memory, never
a label. Keeps back what is open or due, has a problem, or is referred to by such a record.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from exactsend.domain.record_keys import (
    DELIVERIES,
    INCOMING,
    LINKS,
    NUMBERS,
    OPEN,
    ORDERS,
    SHIPMENTS,
    TODO,
    todo_delivery,
    todo_order,
)
from exactsend.domain.records import DeliveryRecord, IncomingRecord, OrderRecord, ShipmentRecord
from exactsend.domain.store_protocol import JsonRecord

ARCHIVE_AFTER = timedelta(days=14)
"""How long a record is closed before it is archived. Polls reach back as far, once a day (S7)."""

Key = tuple[str, str]


class RecentRecords(Protocol):
    """Reads the records that are not archived."""

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """A section's records with their keys."""


def records_to_archive(ledger: RecentRecords, now: datetime) -> set[Key]:
    """The sections and keys of the records to archive."""
    before = now - ARCHIVE_AFTER
    busy = {key for section in (OPEN, TODO) for key, _ in ledger.recent(section)}
    deliveries = [DeliveryRecord.model_validate(kept) for _, kept in ledger.recent(DELIVERIES)]
    kept_deliveries = [delivery for delivery in deliveries if not _is_quiet_delivery(delivery, busy, before)]
    kept_ids = {str(delivery.delivery_id) for delivery in kept_deliveries}
    kept_orders = {str(order) for delivery in kept_deliveries for order in delivery.order_ids}
    kept_numbers = {number for delivery in kept_deliveries for number in _numbers(delivery)}
    found = {(DELIVERIES, str(delivery.delivery_id)) for delivery in deliveries} - _keys(DELIVERIES, kept_ids)
    found |= _quiet_orders(ledger, busy, before, kept_orders)
    found |= _quiet_incoming_orders(ledger, busy, before)
    found |= _shipments_of_others(ledger, kept_ids, kept_numbers)
    return found | _pointers(ledger, found)


def _is_quiet_delivery(record: DeliveryRecord, busy: Collection[str], before: datetime) -> bool:
    times = [record.seen_at, *(attempt.at for attempt in record.attempts)]
    if record.label is not None:
        times.append(record.label.at)
    return todo_delivery(record.delivery_id) not in busy and not record.problems and max(times) < before


def _numbers(record: DeliveryRecord) -> set[str]:
    return {record.incoming_number, *(str(number) for number in record.order_numbers)}


def _keys(section: str, keys: Collection[str]) -> set[Key]:
    return {(section, key) for key in keys}


def _quiet_orders(
    ledger: RecentRecords, busy: Collection[str], before: datetime, kept: Collection[str]
) -> set[Key]:
    orders = (OrderRecord.model_validate(record) for _, record in ledger.recent(ORDERS))
    return {
        (ORDERS, str(order.order_id))
        for order in orders
        if todo_order(order.order_id) not in busy
        and order.problem is None
        and order.seen_at < before
        and order.order_id not in kept
    }


def _quiet_incoming_orders(ledger: RecentRecords, busy: Collection[str], before: datetime) -> set[Key]:
    incoming_orders = (IncomingRecord.model_validate(record) for _, record in ledger.recent(INCOMING))
    return {
        (INCOMING, str(incoming_order.ref))
        for incoming_order in incoming_orders
        if f"i:{incoming_order.ref}" not in busy and incoming_order.changed_at < before
    }


def _shipments_of_others(
    ledger: RecentRecords, deliveries: Collection[str], numbers: Collection[str]
) -> set[Key]:
    """Shipments that neither belong to one of these deliveries nor have a number of one."""
    shipments = (ShipmentRecord.model_validate(record) for _, record in ledger.recent(SHIPMENTS))
    return {
        (SHIPMENTS, str(shipment.shipment))
        for shipment in shipments
        if (shipment.owner not in deliveries if shipment.owner else shipment.number not in numbers)
    }


def _pointers(ledger: RecentRecords, found: Collection[Key]) -> set[Key]:
    """The number and link lists whose records are all archived now or earlier."""
    staying = {
        section: {key for key, _ in ledger.recent(section) if (section, key) not in found}
        for section in (SHIPMENTS, DELIVERIES, ORDERS)
    }
    numbers = {(NUMBERS, key) for key, kept in ledger.recent(NUMBERS) if not staying[SHIPMENTS] & kept.keys()}
    links = {
        (LINKS, key)
        for key, kept in ledger.recent(LINKS)
        if key not in staying[ORDERS] and not staying[DELIVERIES] & kept.keys()
    }
    return numbers | links
