"""Finds corrected accounts, contacts, addresses and items that open work refers to.

Correcting one changes neither the order nor the delivery, so these streams are read too, for ids only (S11).
"""

from datetime import timedelta

from exactsend.domain.division_records import Cursor, Schedule
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.gather.cursors import (
    STREAM_OVERLAP,
    earliest_reading,
    read_stream,
    to_wall_time,
    wall_time,
)
from exactsend.engine.ports import Stream
from exactsend.engine.run_context import RunContext
from exactsend.system.elapsed import is_due_again

MASTER_PAUSE = timedelta(minutes=15)
ONCE_AN_HOUR = timedelta(hours=1)
WATCHED_STREAMS = {
    Stream.ACCOUNTS: "accounts",
    Stream.CONTACTS: "contacts",
    Stream.ADDRESSES: "addresses",
    Stream.ITEMS: "items",
}
"""The streams of records that orders and deliveries refer to, with the field of ``Watch`` that holds their ids."""
RECIPIENT_STREAMS = frozenset({Stream.ACCOUNTS, Stream.CONTACTS, Stream.ADDRESSES})
"""The recipient on a label comes from records of these streams."""
REPORTED_FOR = timedelta(days=14)
"""How long after the purchase a correction of the recipient is reported, unless the parcel was handed over. before: older records leave ``ledger.json``."""


def watch_is_due(context: RunContext, schedule: Schedule) -> bool:
    """Whether to read these streams now: in each run while something is held or failed, else every 15 minutes while work is open.

    And once an hour while a labelled parcel is not handed over yet (S14).
    """
    orders, deliveries = context.records.open_orders(), context.records.open_deliveries()
    if any(order.problem for order in orders) or any(delivery.problems for delivery in deliveries):
        return True
    is_open = bool(orders) or any(delivery.label is None for delivery in deliveries)
    is_watched = is_open and is_due_again(MASTER_PAUSE, schedule.master_watch, context.now)
    return is_watched or _labels_are_due(context, schedule)


def _labels_are_due(context: RunContext, schedule: Schedule) -> bool:
    return is_due_again(ONCE_AN_HOUR, schedule.master_watch, context.now) and (
        any(delivery.label and not delivery.label.moved for delivery in _labelled(context))
        or bool(context.records.orders_labelled_by_hand())
    )


def _labelled(context: RunContext) -> list[DeliveryRecord]:
    return context.records.deliveries_labelled_since(context.now - REPORTED_FOR)


def corrected_work(context: RunContext, cursors: dict[str, Cursor]) -> list[str]:
    """The todo keys of open orders and deliveries, and of recently labelled deliveries, that refer to a changed record."""
    keys: list[str] = []
    for stream, kind in WATCHED_STREAMS.items():
        read = read_stream(context, stream, context.records.cursor(stream) or _start_at_first_run(context))
        cursors[stream] = read.cursor
        changed = {change.parent for change in read.changes}
        keys += _open_referring_to(context, kind, changed) if changed else []
        keys += (
            _labelled_referring_to(context, kind, changed) if changed and stream in RECIPIENT_STREAMS else []
        )
        if not read.is_all:
            again, cursors[stream] = open_once_an_hour(context, read.cursor, orders=True, deliveries=True)
            keys += again
    return keys


def open_once_an_hour(
    context: RunContext, known: Cursor, *, orders: bool, deliveries: bool
) -> tuple[list[str], Cursor]:
    """The todo keys of all open work, to be read again because changes can be found neither by stream nor by date."""
    now = to_wall_time(context.now)
    if not is_due_again(ONCE_AN_HOUR, known.reread, now):
        return [], known
    keys = [todo_order(order.order_id) for order in context.records.open_orders()] if orders else []
    if deliveries:
        keys += [todo_delivery(delivery.delivery_id) for delivery in context.records.open_deliveries()]
    return keys, known.replace(reread=now)


def _start_at_first_run(context: RunContext) -> Cursor:
    """The stream's start: the first run, because everything was read after it."""
    first_run = context.records.schedule.first_run_wall or wall_time(context)
    return Cursor(begins=earliest_reading(first_run - STREAM_OVERLAP))


def _labelled_referring_to(context: RunContext, kind: str, changed: set[str]) -> list[str]:
    """Labelled deliveries, not yet handed over, that refer to one of these records: the correction came too late for the label (S14)."""
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


def _open_referring_to(context: RunContext, kind: str, changed: set[str]) -> list[str]:
    """Open orders and deliveries that refer to one of these records."""
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
