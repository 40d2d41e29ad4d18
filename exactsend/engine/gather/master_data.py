"""Corrections of what open work rests on: accounts, contact persons, addresses, items.

Correcting one moves neither the order nor the delivery that refers to it, so these streams are watched too, for ids alone (S11).
"""

from datetime import timedelta

from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import Cursor, DeliveryRecord, Schedule
from exactsend.engine.gather.cursors import (
    STREAM_OVERLAP,
    before_all_later,
    read_stream,
    to_wall_time,
    wall_time,
)
from exactsend.engine.ports import Stream
from exactsend.engine.run_context import RunContext
from exactsend.system.elapsed import is_time

MASTER_PAUSE = timedelta(minutes=15)
ONCE_AN_HOUR = timedelta(hours=1)
WATCHED = {
    Stream.ACCOUNTS: "accounts",
    Stream.CONTACTS: "contacts",
    Stream.ADDRESSES: "addresses",
    Stream.ITEMS: "items",
}
"""The streams of what orders and deliveries rest on, and the field of Watch that holds their ids."""
TOLD_AFTER_LABEL = frozenset({Stream.ACCOUNTS, Stream.CONTACTS, Stream.ADDRESSES})
"""What a label says of the recipient rests on these."""
TOLD_FOR = timedelta(days=14)
"""So long after a label a correction of its recipient is told, unless the parcel was handed over before: older records leave ``ledger.json``."""


def watch_is_due(context: RunContext, schedule: Schedule) -> bool:
    """In each run while something is held or has failed; at most once in 15 minutes while something is merely open.

    And once an hour while there is a label whose parcel was not handed over yet (S14).
    """
    orders, deliveries = context.records.open_orders(), context.records.open_deliveries()
    if any(order.problem for order in orders) or any(delivery.problems for delivery in deliveries):
        return True
    is_open = bool(orders) or any(delivery.label is None for delivery in deliveries)
    is_watched = is_open and is_time(MASTER_PAUSE, schedule.master_watch, context.now)
    return is_watched or _labels_are_due(context, schedule)


def _labels_are_due(context: RunContext, schedule: Schedule) -> bool:
    return is_time(ONCE_AN_HOUR, schedule.master_watch, context.now) and (
        any(delivery.label and not delivery.label.moved for delivery in _labelled(context))
        or bool(context.records.orders_labelled_by_hand())
    )


def _labelled(context: RunContext) -> list[DeliveryRecord]:
    return context.records.deliveries_labelled_since(context.now - TOLD_FOR)


def corrections(context: RunContext, cursors: dict[str, Cursor]) -> list[str]:
    """The open orders and deliveries that rest on a record which changed, and the deliveries whose label is of these days."""
    keys: list[str] = []
    for stream, kind in WATCHED.items():
        read = read_stream(context, stream, context.records.cursor(stream) or _beginning(context))
        cursors[stream] = read.cursor
        changed = {change.parent for change in read.changes}
        keys += _resting_on(context, kind, changed) if changed else []
        keys += _labelled_resting_on(context, kind, changed) if changed and stream in TOLD_AFTER_LABEL else []
        if not read.is_all:
            again, cursors[stream] = open_once_an_hour(context, read.cursor, orders=True, deliveries=True)
            keys += again
    return keys


def open_once_an_hour(
    context: RunContext, known: Cursor, *, orders: bool, deliveries: bool
) -> tuple[list[str], Cursor]:
    """What is open, to be read again whole: neither the stream nor the date of change tells what changed."""
    now = to_wall_time(context.now)
    if not is_time(ONCE_AN_HOUR, known.reread, now):
        return [], known
    keys = [todo_order(order.order_id) for order in context.records.open_orders()] if orders else []
    if deliveries:
        keys += [todo_delivery(delivery.delivery_id) for delivery in context.records.open_deliveries()]
    return keys, known.replace(reread=now)


def _beginning(context: RunContext) -> Cursor:
    """From the first run on: what was decided before it rested on what stood there then."""
    first_run = context.records.schedule.first_run_wall or wall_time(context)
    return Cursor(begins=before_all_later(first_run - STREAM_OVERLAP))


def _labelled_resting_on(context: RunContext, kind: str, changed: set[str]) -> list[str]:
    """What has its label, was not handed over yet, and rests on one of these records: a correction came too late for it (S14)."""
    deliveries = [
        todo_delivery(delivery.delivery_id)
        for delivery in _labelled(context)
        if delivery.label and not delivery.label.moved and changed & set(getattr(delivery.watch, kind))
    ]
    orders = [
        todo_order(order.order_id)
        for order in context.records.orders_labelled_by_hand()
        if changed & set(getattr(order.watch, kind))
    ]
    return [*deliveries, *orders]


def _resting_on(context: RunContext, kind: str, changed: set[str]) -> list[str]:
    """What is open and rests on one of these records."""
    orders = [
        todo_order(order.order_id)
        for order in context.records.open_orders()
        if changed & set(getattr(order.watch, kind))
    ]
    deliveries = [
        todo_delivery(delivery.delivery_id)
        for delivery in context.records.open_deliveries()
        if changed & set(getattr(delivery.watch, kind))
    ]
    return orders + deliveries
