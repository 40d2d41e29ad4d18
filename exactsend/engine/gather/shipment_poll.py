"""What Sendcloud says: shipments that changed, attempts whose answer was lost, and whether our entries stand (S3, S7).

Reads only; notes in the ledger what it saw.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from exactsend.domain.ids import DeliveryId, IncomingRef, Reference, ShipmentId, parse_incoming_ref
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import (
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    ProblemRecord,
    Record,
)
from exactsend.engine.optional_requests import Failures, NotAnswered, pause_after
from exactsend.engine.plan.consignments import consignment_of_delivery
from exactsend.engine.plan.ownership import is_gone, labels_left_behind, numbers_of
from exactsend.engine.plan.poll_results import learn
from exactsend.engine.plan.writeback_problems import shipment_unreadable
from exactsend.engine.record_loader import with_records
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError
from exactsend.sendcloud.models import Shipment, StoredOrder
from exactsend.system.elapsed import is_time
from exactsend.system.structured_log import tell

log = logging.getLogger(__name__)

POLL_OVERLAP = timedelta(minutes=30)
DEEP_POLL = timedelta(days=14)
LOOKED_UP_SINGLY = 5
"""Up to this many entries are looked up one by one; more are first looked for in the whole list."""
STORED_WITHIN = timedelta(hours=1)
"""An entry that was accepted and is not stored by then is pushed again."""
ABSENT_LOOKS = 2
"""A withdrawal has ended when this many looks found nothing."""


def poll(context: RunContext) -> tuple[Shipment, ...]:
    """The shipments of this integration that changed since the last walk that ended well.

    Raises:
        NotAnswered: they can't be asked for.
    """
    schedule = context.records.schedule
    seen = schedule.shipments_updated
    is_deep = seen is None or is_time(timedelta(days=1), schedule.deep_poll, context.now)
    start = context.sendcloud.server_date() - DEEP_POLL if is_deep or seen is None else seen - POLL_OVERLAP
    walk = context.questions.ask(
        "sendcloud",
        "GET shipments",
        lambda: context.sendcloud.shipments_updated_after(start, integration=context.identity.integration),
    )
    poll_result = learn(context.records, context.identity.division, walk.shipments)
    newest = max(
        [shipment.updated_at for shipment in walk.shipments if shipment.updated_at] + [seen or start]
    )
    moved = schedule.replace(
        shipments_updated=newest, deep_poll=context.now if is_deep else schedule.deep_poll
    )
    also = [*poll_result.records.values(), *([moved] if moved != schedule else [])]
    context.records.note_changes(poll_result.todo, at=context.now, cursors={}, also=also)
    for row in walk.bad:
        tell(
            log,
            logging.WARNING,
            "shipment_unreadable",
            f"{row}; what it says is not taken over",
            shipment=row.id,
        )
    return walk.shipments


# ── entries ──────────────────────────────────────────────────────────────────────────────────────


def look_at_entries(context: RunContext) -> dict[IncomingRef, StoredOrder | None]:
    """Look at the entries that are being stored or withdrawn, and once an hour at all that stand; at none where that is refused."""
    schedule = context.records.schedule
    is_hourly = is_time(timedelta(hours=1), schedule.entries_looked, context.now)
    is_daily = schedule.entries_looked is None or schedule.entries_looked.date() != context.now.date()
    entries = [
        entry
        for entry in context.records.open_incoming()
        if is_hourly or entry.state is not IncomingState.STORED
    ]
    if not entries and not is_daily:
        return {}
    try:
        return context.questions.ask(
            "sendcloud",
            "GET orders",
            lambda: _look_at(context, entries, is_hourly=is_hourly, is_daily=is_daily),
        )
    except NotAnswered:
        return {}


def _look_at(
    context: RunContext, entries: Sequence[IncomingRecord], *, is_hourly: bool, is_daily: bool
) -> dict[IncomingRef, StoredOrder | None]:
    found = look_up_entries(context, entries)
    records, todo = _learned(context, entries, found)
    if is_daily:
        inherited = _left_standing(context)
        records += inherited
        todo += [key for entry in inherited for key in _todo_of_inherited(context, entry)]
    if is_hourly:
        records.append(context.records.schedule.replace(entries_looked=context.now))
    if records or todo:
        context.records.note_changes(todo, at=context.now, cursors={}, also=records)
    return found


def _left_standing(context: RunContext) -> list[IncomingRecord]:
    """Once a day: entries of ours that this ledger knows nothing of. A former one, now lost, has left them, or a back-up was put back.

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


def _todo_of_inherited(context: RunContext, entry: IncomingRecord) -> list[str]:
    """Its owner, and the deliveries that may have taken it over: one with a label withdraws it."""
    covering = context.records.deliveries_of(entry.order) if entry.order else []
    return [*_owner_todo(entry), *(todo_delivery(delivery) for delivery in covering)]


def look_up_entries(
    context: RunContext, entries: Sequence[IncomingRecord]
) -> dict[IncomingRef, StoredOrder | None]:
    """What stands at Sendcloud for each of these entries; None: looked for, and not there. One that can't be looked for is missing."""
    integration = context.identity.integration
    found: dict[IncomingRef, StoredOrder | None] = {}
    if len(entries) > LOOKED_UP_SINGLY:
        listed = {
            stored_entry.order_id: stored_entry
            for stored_entry in context.sendcloud.stored_orders(integration=integration)
        }
        found = {
            candidate.ref: listed.get(candidate.ref)
            for candidate in entries
            if candidate.ref in listed or _is_going(candidate)
        }
    failures = Failures[IncomingRef]()
    for entry in entries:
        if entry.ref not in found:
            # A list that came back short proves nothing against what is wanted there (S16): it is asked for by its id.
            try:
                found[entry.ref] = context.sendcloud.stored_order(entry.ref, integration=integration)
            except ApiError as error:
                failures.add(entry.ref, error)  # of this one nothing is known in this run
            else:
                failures.their_own()
    return found


def _is_going(entry: IncomingRecord) -> bool:
    """Being withdrawn: that a whole list lacks it is one of the two looks that end that."""
    return entry.state is IncomingState.WITHDRAWING


def _learned(
    context: RunContext, entries: Iterable[IncomingRecord], found: dict[IncomingRef, StoredOrder | None]
) -> tuple[list[Record], list[str]]:
    records: list[Record] = []
    todo: list[str] = []
    for entry in entries:
        if entry.ref not in found:
            continue
        seen = _as_seen(context, entry, found[entry.ref])
        if seen != entry:
            records.append(seen)
        if (
            seen.state in {IncomingState.PUSHING, IncomingState.TAKEN_IN_PANEL}
            or entry.state is IncomingState.PUSHING
        ):
            todo += _owner_todo(entry)
    return records, todo


def _as_seen(context: RunContext, entry: IncomingRecord, stored: StoredOrder | None) -> IncomingRecord:
    """The entry as it is to be remembered after a look at it."""
    if stored is not None:
        # By both clocks: a label that is younger than this was made when the entry stood there.
        since = max(context.now, stored.created_at or context.now)
        return entry.replace(sendcloud_id=stored.id, absent_looks=0).seen_stored(since)
    match entry.state:
        case IncomingState.WITHDRAWING:
            looks = entry.absent_looks + 1
            state = IncomingState.WITHDRAWN if looks >= ABSENT_LOOKS else entry.state
            return entry.replace(absent_looks=looks, state=state, problem=None)
        case _ if entry.was_seen:
            found = context.records.shipments_with_number(entry.number)
            return entry.seen_gone(
                context.now, is_labelled=any(shipment.state == "live" for shipment in found)
            )
        case IncomingState.PUSHED if is_time(STORED_WITHIN, entry.changed_at, context.now):
            return entry.replace(state=IncomingState.PUSHING)
        case _:
            return entry


def _owner_todo(entry: IncomingRecord) -> list[str]:
    owners = [todo_order(entry.order)] if entry.order else []
    return owners + ([todo_delivery(entry.delivery)] if entry.delivery else [])


# ── single shipments ─────────────────────────────────────────────────────────────────────────────


def with_shipments_read(context: RunContext, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the shipments that its deliveries wait for, and the references whose answer was lost.

    One that can't be read is missing: a purchase looks for it once more, and its write-back waits.
    """
    wanted = (
        set(_unfinished(context, is_polled=snapshot.is_polled)) | set(_possibly_theirs(snapshot))
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
    failed = Failures[ShipmentId]()
    for key in wanted:
        try:
            shipment = context.sendcloud.shipment(key)
        except ApiError as error:
            failed.add(key, error)
            continue
        _note_unreadable(context, failed.their_own())
        if shipment is not None:
            read[key] = shipment
    _note_unreadable(context, failed.rest())
    looked_up: dict[Reference, Shipment | None] = {}
    unanswered = Failures[Reference]()
    for reference in references:
        try:
            looked_up[reference] = context.sendcloud.shipment_with_reference(reference)
        except ApiError as error:
            unanswered.add(reference, error)
        else:
            unanswered.their_own()
    return read, looked_up


def _note_unreadable(context: RunContext, failed: Sequence[tuple[ShipmentId, ApiError]]) -> None:
    """A label that Sendcloud does not show: its delivery's problem, tried again with growing pauses."""
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


def _unfinished(context: RunContext, *, is_polled: bool) -> list[ShipmentId]:
    """Labels whose tracking has not, or not wholly, arrived in Exact; where no poll told which have tracking by now, all of them."""
    return [
        record.label.shipment
        for record in context.records.open_deliveries()
        if record.label
        and (record.label.tracked or record.label.untracked or not is_polled)
        and not record.is_written_back
        and not _rests(context, record.problems.get("writeback"))
    ]


def _rests(context: RunContext, problem: ProblemRecord | None) -> bool:
    return problem is not None and not problem.is_due(context.now)


def _possibly_theirs(snapshot: Snapshot) -> list[ShipmentId]:
    """Live shipments that bear a number of a delivery and belong to it, to nobody or to a delivery that is gone.

    Of one with a label, those of nobody, and then the label itself: where it went tells whether such a one goes there too.
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
            for number in numbers_of(consignment_of_delivery(snapshot, delivery))
            for shipment in snapshot.records.shipments_with_number(number)
            if shipment.state == "live"
            and shipment.shipment not in (label.beside if label else ())
            and (
                shipment.owner is None
                or (label is None and _may_be_taken_from(snapshot, record, shipment.owner))
            )
        ]
        if label is None:
            covering = record.replace(order_ids=tuple(order.order_id for order in orders))
            under += labels_left_behind(snapshot, covering)
        found += [*under, *([label.shipment] if label and under else [])]
    return found


def _may_be_taken_from(snapshot: Snapshot, record: DeliveryRecord, owner: DeliveryId) -> bool:
    """Whether a label of this owner may be this delivery's: it is its own, or its owner is gone or not known."""
    other = snapshot.records.delivery(owner)
    return owner == record.delivery_id or other is None or is_gone(snapshot, other)


def _open_references(context: RunContext, snapshot: Snapshot) -> list[Reference]:
    """The references of open attempts: what they were used for, if anything, must be looked up (S3)."""
    found: list[Reference] = []
    for delivery in (*snapshot.deliveries, *snapshot.gone_deliveries):
        record = context.records.delivery(delivery)
        if record is not None and (attempt := record.open_attempt) is not None:
            found.append(attempt.reference)
    return found
