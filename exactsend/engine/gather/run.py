"""The order of gathering: Sendcloud's poll, then what changed in Exact, then all records that decisions need.

Guarantees: every record that an order or delivery in the snapshot refers to was asked for; what is listed as gone was
asked for by id and missing from an otherwise sound answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from exactsend.domain.ids import DeliveryId, OrderId, ShipmentId
from exactsend.domain.loaded_records import LoadedRecords
from exactsend.domain.record_keys import todo_delivery
from exactsend.domain.records import DeliveryRecord
from exactsend.domain.store_protocol import JsonRecord
from exactsend.engine.gather.changes import detect_changes
from exactsend.engine.gather.details import (
    order_fields,
    read_directory,
    read_points,
    read_senders,
    with_deliveries,
    with_orders,
)
from exactsend.engine.gather.preflight import read_preflight
from exactsend.engine.gather.shipment_poll import check_incoming_orders, poll_shipments, with_shipments_read
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.record_loader import with_records
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import LabelRequested, Snapshot, WorkLeft
from exactsend.sendcloud.models import Shipment
from exactsend.trade.consignment import Directory


def gather(context: RunContext, *, orders: bool = True, deliveries: bool = True) -> Snapshot:
    """Read everything that is due from both services.

    Args:
        context: the run.
        orders: read the orders that are due; otherwise they stay due.
        deliveries: the same for deliveries.
    """
    snapshot = _poll_snapshot(context)
    if snapshot.is_polled:
        snapshot = replace(snapshot, stored=check_incoming_orders(context))
    if orders or deliveries:
        context.show_phase("asking Exact what changed")
        first = detect_changes(context)
        context.questions.note_refused("exact", context.exact.done_without())
        context.show_phase("reading orders and deliveries")
        all_deliveries = due_deliveries(context) if deliveries else []
        all_orders = due_orders(context) if orders else []
        now_deliveries, now_orders = affordable_work(context, all_deliveries, all_orders)
        left = WorkLeft(len(all_deliveries) - len(now_deliveries), len(all_orders) - len(now_orders))
        numbers = _numbers(context, now_orders, now_deliveries)
        snapshot = replace(snapshot, left=left, numbers=numbers)
        snapshot = with_deliveries(context, snapshot, now_deliveries)
        snapshot = with_orders(context, snapshot, first.fresh if orders else {}, now_orders)
    return _with_referenced_records(context, snapshot)


def gather_deliveries(
    context: RunContext, deliveries: Sequence[DeliveryId], asked: Mapping[DeliveryId, LabelRequested]
) -> Snapshot:
    """Poll, and read only these deliveries, which a person asked for. They are noted as due in case the run dies."""
    context.records.note_changes(
        [todo_delivery(delivery) for delivery in deliveries], at=context.now, cursors={}
    )
    snapshot = replace(_poll_snapshot(context), asked=asked)
    snapshot = with_deliveries(context, snapshot, deliveries)
    return _with_referenced_records(context, with_orders(context, snapshot, {}, []))


def gather_number(context: RunContext, number: int) -> Snapshot:
    """Read the orders and deliveries with this number from both services, for ``explain``. Nothing is noted as due."""
    named = context.exact.orders_by_number([number], extra_fields=order_fields(context.policy))
    orders = {OrderId(row.order_id): row for row in named.rows}
    linked = [delivery for order in orders for delivery in context.records.deliveries_of(order)]
    found = context.exact.deliveries_by_number([number])
    snapshot = with_deliveries(context, _poll_snapshot(context), linked)
    also = {DeliveryId(row.entry_id): row for row in found.rows}
    snapshot = replace(snapshot, deliveries={**snapshot.deliveries, **also})
    snapshot = _with_referenced_records(context, with_orders(context, snapshot, orders, []))
    for delivery in snapshot.deliveries:
        snapshot = _with_its_label(context, snapshot, delivery)
    return with_records(context.records, snapshot)


def _poll_snapshot(context: RunContext) -> Snapshot:
    """A snapshot with only the polled shipments. If the poll is refused it says so, and nothing may be written to Sendcloud (S7)."""
    context.show_phase("asking Sendcloud about shipments")
    try:
        return _empty(context, poll_shipments(context))
    except NotAnswered:
        return replace(_empty(context, ()), is_polled=False)


def _with_its_label(context: RunContext, snapshot: Snapshot, delivery: DeliveryId) -> Snapshot:
    known = snapshot.records.delivery(delivery)
    if known is None or known.label is None or known.label.shipment in snapshot.shipments:
        return snapshot
    shipment = context.sendcloud.shipment(known.label.shipment)
    return snapshot.with_shipment(shipment) if shipment else snapshot


ORDERS_IN_A_CALL, CALLS_TO_READ_THEM = 15, 6
"""Orders read by one call, and the further calls for their accounts, contacts, addresses and items."""
CALLS_OF_A_DELIVERY = 7
"""For each delivery: its share of the calls that read it, the second read before the purchase, and the write-back."""


def affordable_work(
    context: RunContext, deliveries: Sequence[DeliveryId], orders: Sequence[OrderId]
) -> tuple[Sequence[DeliveryId], Sequence[OrderId]]:
    """The deliveries and orders that this run can finish with its calls to Exact, oldest first (S11); at least one.

    Deliveries come first, after the labels that wait to be written back. Orders get half of the remaining calls,
    because pushing them may need the other half. The rest stays due for the next run.
    """
    waiting = [
        delivery
        for delivery in context.records.open_deliveries()
        if delivery.label and not delivery.is_written_back
    ]
    calls = context.calls_to_spend() - len(waiting) * CALLS_OF_A_DELIVERY
    now_deliveries = deliveries[: max(1, calls // CALLS_OF_A_DELIVERY)]
    # Near the day's limit a label is bought only if its write-back is affordable (``Reserve``); here the limit applies
    # to orders only.
    calls = min(calls, context.calls_left_today() - len(waiting) * CALLS_OF_A_DELIVERY)
    calls -= len(now_deliveries) * CALLS_OF_A_DELIVERY
    readable = max(0, calls) // 2 // CALLS_TO_READ_THEM * ORDERS_IN_A_CALL
    return now_deliveries, orders[: readable or (0 if now_deliveries else ORDERS_IN_A_CALL)]


def due_orders(context: RunContext) -> list[OrderId]:
    """The orders to decide about in this run, oldest first."""
    waiting = [todo.order_id for todo in context.records.todo() if todo.order_id]
    due = [
        order.order_id
        for order in context.records.open_orders()
        if order.problem is not None and order.problem.is_due(context.now)
    ]
    return list(dict.fromkeys([*waiting, *due]))


def due_deliveries(context: RunContext) -> list[DeliveryId]:
    """The deliveries to decide about in this run, oldest first."""
    waiting = [todo.delivery_id for todo in context.records.todo() if todo.delivery_id]
    due = [
        delivery.delivery_id for delivery in context.records.open_deliveries() if _is_due(context, delivery)
    ]
    return list(dict.fromkeys([*waiting, *due]))


def _numbers(
    context: RunContext, orders: Sequence[OrderId], deliveries: Sequence[DeliveryId]
) -> dict[str, int]:
    """The numbers of what is due, by id, as far as streams or records have them."""
    records = context.records
    known = [(key, records.order(key)) for key in orders] + [
        (key, records.delivery(key)) for key in deliveries
    ]
    shown_numbers = {todo.key[2:]: todo.number for todo in records.todo() if todo.number}
    return {**{str(key): record.number for key, record in known if record is not None}, **shown_numbers}


def _is_due(context: RunContext, record: DeliveryRecord) -> bool:
    if record.open_attempt is not None:
        return True
    return any(
        record.problems[stage].is_due(context.now) for stage in ("label", "order") if stage in record.problems
    )


def _directory(context: RunContext, snapshot: Snapshot) -> Directory:
    """The records that the snapshot refers to. Listings' row counts are cached for the day."""
    day, kept = context.now.date().isoformat(), context.records.cached("sizes") or {}
    if kept.get("day") == day:
        context.exact.know_sizes({name: rows for name, rows in kept.items() if isinstance(rows, int)})
    directory = read_directory(context, snapshot)
    sizes: JsonRecord = {"day": day, **context.exact.sizes()}
    if len(sizes) > 1 and sizes != kept:
        context.records.cache("sizes", sizes)
    return directory


def _empty(context: RunContext, shipments: Iterable[Shipment]) -> Snapshot:
    return Snapshot(
        now=context.now,
        identity=context.identity,
        policy=context.policy,
        records=LoadedRecords(),
        fingerprint_key=context.fingerprint_key,
        shipments={ShipmentId(shipment.id): shipment for shipment in shipments},
    )


def _with_referenced_records(context: RunContext, snapshot: Snapshot) -> Snapshot:
    context.records.note_links(
        (OrderId(order.order_id), key)
        for key, delivery in snapshot.deliveries.items()
        for order in snapshot.orders_of(delivery)
    )
    snapshot = with_records(context.records, snapshot)
    snapshot = replace(snapshot, directory=_directory(context, snapshot))
    snapshot = replace(
        snapshot, senders=read_senders(context, snapshot), points=read_points(context, snapshot)
    )
    context.questions.note_refused("exact", context.exact.done_without())
    snapshot = with_shipments_read(context, snapshot)
    return replace(snapshot, preflight=read_preflight(context, snapshot)) if snapshot.is_polled else snapshot
