"""Reads from Sendcloud changed shipments, attempts whose answer was lost, and whether our incoming orders exist (S3, S7).

Reads only, and records in the ledger what it saw.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, Reference, ShipmentId, parse_incoming_ref
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import (
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    ProblemRecord,
    Record,
)
from exactsend.engine.optional_requests import NotAnswered, RecordFailures, pause_after
from exactsend.engine.plan.consignments import consignment_of_delivery
from exactsend.engine.plan.ownership import is_gone, label_numbers, labels_left_behind
from exactsend.engine.plan.poll_results import evaluate_poll
from exactsend.engine.plan.writeback_problems import shipment_unreadable
from exactsend.engine.record_loader import with_records
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError
from exactsend.sendcloud.models import Shipment, StoredOrder
from exactsend.system.elapsed import is_due_again
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

POLL_OVERLAP = timedelta(minutes=30)
DEEP_POLL = timedelta(days=14)
LOOKED_UP_SINGLY = 5
"""Up to this many incoming orders are looked up one by one; for more, the whole list is read first."""
PUSH_AGAIN_AFTER = timedelta(hours=1)
"""An accepted incoming order that is not stored by then is pushed again."""
LOOKUPS_TO_WITHDRAW = 2
"""A withdrawal has ended when this many lookups found nothing."""


def poll_shipments(context: RunContext) -> tuple[Shipment, ...]:
    """The shipments of this integration that changed since the last complete poll.

    Raises:
        NotAnswered: the request is refused.
    """
    schedule = context.records.schedule
    seen = schedule.shipments_updated
    is_deep = seen is None or is_due_again(timedelta(days=1), schedule.deep_poll, context.now)
    start = context.sendcloud.server_date() - DEEP_POLL if is_deep or seen is None else seen - POLL_OVERLAP
    walk = context.questions.ask(
        "sendcloud",
        "GET shipments",
        lambda: context.sendcloud.shipments_updated_after(start, integration=context.identity.integration),
    )
    poll_result = evaluate_poll(context.records, context.identity.division, walk.shipments)
    newest = max(
        [shipment.updated_at for shipment in walk.shipments if shipment.updated_at] + [seen or start]
    )
    moved = schedule.replace(
        shipments_updated=newest, deep_poll=context.now if is_deep else schedule.deep_poll
    )
    more = [*poll_result.records.values(), *([moved] if moved != schedule else [])]
    context.records.note_changes(poll_result.todo, at=context.now, cursors={}, also=more)
    for row in walk.bad:
        log_event(
            log,
            logging.WARNING,
            "shipment_unreadable",
            f"{row}; what it says is not taken over",
            shipment=row.id,
        )
    return walk.shipments


# ── entries ──────────────────────────────────────────────────────────────────────────────────────


def check_incoming_orders(context: RunContext) -> dict[IncomingRef, StoredOrder | None]:
    """Look up incoming orders being stored or withdrawn, and once an hour all that exist; none if the request is refused."""
    schedule = context.records.schedule
    is_hourly = is_due_again(timedelta(hours=1), schedule.entries_looked, context.now)
    is_daily = schedule.entries_looked is None or schedule.entries_looked.date() != context.now.date()
    incoming_orders = [
        incoming_order
        for incoming_order in context.records.open_incoming()
        if is_hourly or incoming_order.state is not IncomingState.STORED
    ]
    if not incoming_orders and not is_daily:
        return {}
    try:
        return context.questions.ask(
            "sendcloud",
            "GET orders",
            lambda: _check_these(context, incoming_orders, is_hourly=is_hourly, is_daily=is_daily),
        )
    except NotAnswered:
        return {}


def _check_these(
    context: RunContext, incoming_orders: Sequence[IncomingRecord], *, is_hourly: bool, is_daily: bool
) -> dict[IncomingRef, StoredOrder | None]:
    found = look_up_incoming_orders(context, incoming_orders)
    records, todo = _changes_after_lookup(context, incoming_orders, found)
    if is_daily:
        inherited = _unknown_incoming_orders(context)
        records += inherited
        todo += [key for incoming_order in inherited for key in _todo_of_unknown(context, incoming_order)]
    if is_hourly:
        records.append(context.records.schedule.replace(entries_looked=context.now))
    if records or todo:
        context.records.note_changes(todo, at=context.now, cursors={}, also=records)
    return found


def _unknown_incoming_orders(context: RunContext) -> list[IncomingRecord]:
    """Once a day: our incoming orders that this ledger has no record of, left by a lost ledger or a restored back-up.

    A person could make a second label from one.
    """
    left = []
    for stored in context.sendcloud.stored_orders(integration=context.identity.integration):
        owner = parse_incoming_ref(context.identity.division, stored.order_id)
        ref = IncomingRef(stored.order_id)
        if owner is not None and context.records.incoming(ref) is None:
            left.append(
                IncomingRecord(
                    ref=ref,
                    number=stored.order_number,
                    order=owner[0],
                    delivery=owner[1],
                    state=IncomingState.STORED,
                    sendcloud_id=stored.id,
                    changed_at=context.now,
                    stored_at=context.now,
                )
            )
    return left


def _todo_of_unknown(context: RunContext, incoming_order: IncomingRecord) -> list[str]:
    """The owner's todo key, and those of deliveries that may have taken it over: one with a label withdraws it."""
    covering = context.records.deliveries_of(incoming_order.order) if incoming_order.order else []
    return [*_owner_todo(incoming_order), *(todo_delivery(delivery) for delivery in covering)]


def look_up_incoming_orders(
    context: RunContext, incoming_orders: Sequence[IncomingRecord]
) -> dict[IncomingRef, StoredOrder | None]:
    """Each incoming order as Sendcloud has it; None: it has none. Those whose lookup failed are left out."""
    integration = context.identity.integration
    found: dict[IncomingRef, StoredOrder | None] = {}
    if len(incoming_orders) > LOOKED_UP_SINGLY:
        listed = {
            stored_order.order_id: stored_order
            for stored_order in context.sendcloud.stored_orders(integration=integration)
        }
        found = {
            incoming_order.ref: listed.get(incoming_order.ref)
            for incoming_order in incoming_orders
            if incoming_order.ref in listed or _is_being_withdrawn(incoming_order)
        }
    failures = RecordFailures[IncomingRef]()
    for incoming_order in incoming_orders:
        if incoming_order.ref not in found:
            # An incomplete list proves nothing about incoming orders that should exist (S16): look them up by id.
            try:
                found[incoming_order.ref] = context.sendcloud.stored_order(
                    incoming_order.ref, integration=integration
                )
            except ApiError as error:
                failures.add(incoming_order.ref, error)  # its state stays unknown in this run
            else:
                failures.take_confirmed()
    return found


def _is_being_withdrawn(incoming_order: IncomingRecord) -> bool:
    """Whether it is being withdrawn: its absence from the whole list counts as one of the two lookups."""
    return incoming_order.state is IncomingState.WITHDRAWING


def _changes_after_lookup(
    context: RunContext,
    incoming_orders: Iterable[IncomingRecord],
    found: dict[IncomingRef, StoredOrder | None],
) -> tuple[list[Record], list[str]]:
    records: list[Record] = []
    todo: list[str] = []
    for incoming_order in incoming_orders:
        if incoming_order.ref not in found:
            continue
        seen = _after_lookup(context, incoming_order, found[incoming_order.ref])
        if seen != incoming_order:
            records.append(seen)
        if (
            seen.state in {IncomingState.PUSHING, IncomingState.TAKEN_IN_PANEL}
            or incoming_order.state is IncomingState.PUSHING
        ):
            todo += _owner_todo(incoming_order)
    return records, todo


def _after_lookup(
    context: RunContext, incoming_order: IncomingRecord, stored: StoredOrder | None
) -> IncomingRecord:
    """The record after a lookup."""
    if stored is not None:
        # The later of both clocks: a label younger than this was made while the incoming order existed.
        since = max(context.now, stored.created_at or context.now)
        return incoming_order.replace(sendcloud_id=stored.id, absent_looks=0).seen_stored(since)
    match incoming_order.state:
        case IncomingState.WITHDRAWING:
            looks = incoming_order.absent_looks + 1
            state = IncomingState.WITHDRAWN if looks >= LOOKUPS_TO_WITHDRAW else incoming_order.state
            return incoming_order.replace(absent_looks=looks, state=state, problem=None)
        case _ if incoming_order.was_seen:
            found = context.records.shipments_with_number(incoming_order.number)
            return incoming_order.seen_gone(
                context.now, is_labelled=any(shipment.state == "live" for shipment in found)
            )
        case IncomingState.PUSHED if is_due_again(PUSH_AGAIN_AFTER, incoming_order.changed_at, context.now):
            return incoming_order.replace(state=IncomingState.PUSHING)
        case _:
            return incoming_order


def _owner_todo(incoming_order: IncomingRecord) -> list[str]:
    owners = [todo_order(incoming_order.order)] if incoming_order.order else []
    return owners + ([todo_delivery(incoming_order.delivery)] if incoming_order.delivery else [])


# ── single shipments ─────────────────────────────────────────────────────────────────────────────


def with_shipments_read(context: RunContext, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the shipments its deliveries wait for, and the references whose answer was lost.

    Unreadable shipments are left out: a purchase looks for them again, and write-backs wait.
    """
    wanted = (
        set(_not_written_back(context, is_polled=snapshot.is_polled)) | set(_possible_labels(snapshot))
    ) - set(snapshot.shipments)
    references = _open_references(context, snapshot)
    if not wanted and not references:
        return snapshot
    try:
        read, references_read = context.questions.ask(
            "sendcloud", "GET shipments/{id}", lambda: _read_singly(context, sorted(wanted), references)
        )
    except NotAnswered:
        return with_records(context.records, snapshot)
    snapshot = replace(snapshot, shipments={**snapshot.shipments, **read}, references=references_read)
    return with_records(context.records, snapshot)


def _read_singly(
    context: RunContext, wanted: Sequence[ShipmentId], references: Sequence[Reference]
) -> tuple[dict[ShipmentId, Shipment], dict[Reference, Shipment | None]]:
    read: dict[ShipmentId, Shipment] = {}
    failed = RecordFailures[ShipmentId]()
    for key in wanted:
        try:
            shipment = context.sendcloud.shipment(key)
        except ApiError as error:
            failed.add(key, error)
            continue
        _note_unreadable(context, failed.take_confirmed())
        if shipment is not None:
            read[key] = shipment
    _note_unreadable(context, failed.rest())
    looked_up: dict[Reference, Shipment | None] = {}
    unanswered = RecordFailures[Reference]()
    for reference in references:
        try:
            looked_up[reference] = context.sendcloud.shipment_with_reference(reference)
        except ApiError as error:
            unanswered.add(reference, error)
        else:
            unanswered.take_confirmed()
    return read, looked_up


def _note_unreadable(context: RunContext, failed: Sequence[tuple[ShipmentId, ApiError]]) -> None:
    """Record on a delivery that Sendcloud doesn't show its label. Tried again with growing pauses."""
    for key, error in failed:
        known = context.records.shipment(key)
        delivery = context.records.delivery(known.owner) if known and known.owner else None
        if delivery is not None and delivery.label is not None and delivery.label.shipment == key:
            before = delivery.problems.get("writeback")
            seen = ProblemRecord.seen(
                "writeback", shipment_unreadable(delivery, error), at=context.now, before=before
            )
            seen = seen.replace(next_try=context.now + pause_after(error, seen.attempts))
            context.records.note(
                "writeback_failed", delivery.with_problem(seen), subject=f"delivery:{delivery.delivery_id}"
            )


def _not_written_back(context: RunContext, *, is_polled: bool) -> list[ShipmentId]:
    """Labels whose tracking is not, or not fully, in Exact. Without a poll all of them, since it is unknown which have tracking by now."""
    return [
        record.label.shipment
        for record in context.records.open_deliveries()
        if record.label
        and (record.label.tracked or record.label.untracked or not is_polled)
        and not record.is_written_back
        and not _is_paused(context, record.problems.get("writeback"))
    ]


def _is_paused(context: RunContext, problem: ProblemRecord | None) -> bool:
    return problem is not None and not problem.is_due(context.now)


def _possible_labels(snapshot: Snapshot) -> list[ShipmentId]:
    """Live shipments with a number of a delivery that belong to it, to no delivery, or to one that is gone.

    For a labelled delivery those of no delivery, and its label, to compare where they go.
    """
    found: list[ShipmentId] = []
    for delivery in snapshot.deliveries.values():
        orders = snapshot.orders_of(delivery)
        if not orders:
            continue
        known = snapshot.records.delivery(DeliveryId(delivery.entry_id))
        record = known or DeliveryRecord(
            delivery_id=DeliveryId(delivery.entry_id), number=delivery.delivery_number, seen_at=snapshot.now
        )
        label = record.label
        under = [
            shipment.shipment
            for number in label_numbers(consignment_of_delivery(snapshot, delivery))
            for shipment in snapshot.records.shipments_with_number(number)
            if shipment.state == "live"
            and shipment.shipment not in (label.beside if label else ())
            and (
                shipment.owner is None
                or (label is None and _may_be_label_of(snapshot, record, shipment.owner))
            )
        ]
        if label is None:
            covering = record.replace(order_ids=tuple(OrderId(order.order_id) for order in orders))
            under += labels_left_behind(snapshot, covering)
        found += [*under, *([label.shipment] if label and under else [])]
    return found


def _may_be_label_of(snapshot: Snapshot, record: DeliveryRecord, owner: DeliveryId) -> bool:
    """Whether this owner's label may be this delivery's: it owns it, or the owner is gone or unknown."""
    other = snapshot.records.delivery(owner)
    return owner == record.delivery_id or other is None or is_gone(snapshot, other)


def _open_references(context: RunContext, snapshot: Snapshot) -> list[Reference]:
    """The references of open attempts, to look up what they were used for (S3)."""
    found: list[Reference] = []
    for delivery in (*snapshot.deliveries, *snapshot.gone_deliveries):
        record = context.records.delivery(delivery)
        if record is not None and (attempt := record.open_attempt) is not None:
            found.append(attempt.reference)
    return found
