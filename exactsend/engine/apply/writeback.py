"""Writes tracking number and remarks to goods deliveries in Exact, attaches the label, and reads back what arrived (S12).

The number never waits for the label: a document that can't be created is reported and created later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.problems import Problem
from exactsend.domain.records import RETRY_PAUSES, DeliveryRecord, ProblemRecord
from exactsend.engine.apply.call_budget import affordable_writebacks, out_of_calls_hint
from exactsend.engine.apply.current_deliveries import CurrentDeliveries, read_deliveries
from exactsend.engine.apply.delivery_update import update_delivery
from exactsend.engine.apply.label_attachment import (
    AttachmentFailures,
    NotAttached,
    attach_label,
    event_subject,
    has_all_labels,
)
from exactsend.engine.optional_requests import RETRY_REFUSED_AFTER, RecordFailures
from exactsend.engine.plan.actions import Outcome, OutcomeKind, WriteBack
from exactsend.engine.plan.writeback_problems import (
    number_not_in_exact,
    refused,
    taken,
    truncated,
    unreadable,
)
from exactsend.engine.run_context import RunContext
from exactsend.errors import ApiError, Refused
from exactsend.exact.endpoints import GOODS_DELIVERIES
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.query_results import ReadRows, UnreadableRow
from exactsend.exact.wire import count_in_one_call
from exactsend.http.messages import Json
from exactsend.trade.exact_update import SEPARATOR, cut_to_fit, remarks_with, remarks_without, tracking_text
from exactsend.trade.fingerprint import header_fingerprint


@dataclass(frozen=True)
class _Ready:
    """A delivery whose label is attached as far as possible, and whose number is still to be written."""

    action: WriteBack
    """With the record as it is since the label was attached."""
    not_attached: NotAttached | None
    attached_beside: str | None
    """The delivery's linked document when the label was attached."""


@dataclass(frozen=True)
class _Written:
    """A delivery that was written and not yet read back."""

    action: WriteBack
    record: DeliveryRecord
    before: GoodsDelivery
    """As read right before the write."""
    tracking: str
    remarks: str
    document: str | None
    not_attached: NotAttached | None


WRITING = "PUT salesorder/GoodsDeliveries"
NOT_TRACKED = "not_tracked"
"""Reason code: the number is not written to Exact, because its shipping option has no tracking."""
RESERVED_REFUSALS = 3
"""A write that is likely to be refused is tried only while this hour allows so many refusals (S9): otherwise reading would be blocked too."""


def write_back_all(context: RunContext, actions: Sequence[WriteBack]) -> Iterator[Outcome]:
    """Write these deliveries. One that Exact refuses holds up no other."""
    failures = RecordFailures[WriteBack]()
    documents = AttachmentFailures()
    actions = context.questions.retry_order("exact", actions, _has_failed)
    while actions:
        if context.questions.is_paused("exact", WRITING):
            return
        size = min(
            count_in_one_call([action.record.number for action in actions]), affordable_writebacks(context)
        )
        if not size:
            raise out_of_calls_hint(len(actions))
        chunk, actions = actions[:size], actions[size:]
        yield from _write_back(context, chunk, failures, documents)
    yield from (_refused(context, writeback, why) for writeback, why in failures.rest())


def _write_back(
    context: RunContext,
    chunk: Sequence[WriteBack],
    failures: RecordFailures[WriteBack],
    documents: AttachmentFailures,
) -> Iterator[Outcome]:
    """Attach the labels, read the deliveries again, write one after another, then read them back.

    So each write uses a fresh read, however long attaching took, and one call reads several (S12).
    """
    ready: list[_Ready] = []
    failed: ApiError | None = None
    fresh = CurrentDeliveries(context, [action.record for action in chunk])
    for place, action in enumerate(chunk):
        context.stop()
        delivery = action.delivery
        if delivery is None:
            delivery, left_out = _current_delivery(context, action, fresh.at(place))
            if delivery is None:
                yield from left_out
                continue
        try:
            ready.append(_with_label(context, action, delivery, documents))
        except ApiError as error:
            failed = error  # an outage: first finish the deliveries whose label is attached
            break
    yield from _write_these(context, ready, failures, documents)
    if failed is not None:
        raise failed


def _write_these(
    context: RunContext,
    ready: Sequence[_Ready],
    failures: RecordFailures[WriteBack],
    documents: AttachmentFailures,
) -> Iterator[Outcome]:
    written: list[_Written] = []
    fresh = CurrentDeliveries(context, [pending.action.record for pending in ready])
    for place, pending in enumerate(ready):
        context.stop()
        delivery, left_out = _current_delivery(context, pending.action, fresh.at(place))
        if delivery is None:
            yield from left_out
            continue
        try:
            result = _write(context, pending, delivery, documents)
        except ApiError as error:
            failures.add(pending.action, error, has_failed=_has_failed(pending.action))
            _end_series_of_refusals(context, pending.action, error)
            continue
        yield from (_refused(context, action, why) for action, why in failures.take_confirmed())
        if isinstance(result, Outcome):
            yield result
        else:
            written.append(result)
    yield from _read_back(context, written)


def _current_delivery(
    context: RunContext, action: WriteBack, found: ReadRows[GoodsDelivery]
) -> tuple[GoodsDelivery | None, tuple[Outcome, ...]]:
    """The delivery as read; None with an outcome if nothing can be written to it now."""
    if action.delivery_id in found.unread:
        return None, (_unread(context, action, found.unread[action.delivery_id]),)
    if context.refusals_left(GOODS_DELIVERIES.path) < (RESERVED_REFUSALS if _has_failed(action) else 1):
        return None, (Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="not_answered"),)
    delivery = next((row for row in found.rows if row.entry_id == action.delivery_id), None)
    if delivery is None:
        context.records.note("delivery_gone", action.record.replace(gone=True), subject=event_subject(action))
        return None, (Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="deleted"),)
    return delivery, ()


def _has_failed(action: WriteBack) -> bool:
    return "writeback" in action.record.problems


def _end_series_of_refusals(context: RunContext, action: WriteBack, error: ApiError) -> None:
    """Read a delivery whose write was refused: after three refusals in a row Exact blocks the endpoint, for reading too (S9)."""
    if isinstance(error, Refused):
        context.exact.deliveries([action.delivery_id])


def _unread(context: RunContext, action: WriteBack, why: UnreadableRow) -> Outcome:
    """Exact doesn't show the delivery, so nothing is written to it."""
    if not why.is_its_own:
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="not_answered")
    return _problem(context, action, action.record, unreadable(action, why.why), retry=True)


def _refused(context: RunContext, action: WriteBack, error: ApiError) -> Outcome:
    record = context.records.delivery(action.delivery_id) or action.record
    most = None if error.is_of_the_record else RETRY_REFUSED_AFTER
    return _problem(context, action, record, refused(action, error), retry=True, most=most)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def _with_label(
    context: RunContext, action: WriteBack, delivery: GoodsDelivery, documents: AttachmentFailures
) -> _Ready:
    """One delivery with its label attached, or with the reason why it could not be.

    Raises:
        ApiError: a service is out of reach, or an allowance is used up.
    """
    if _has_other_number(action, delivery):
        return _Ready(action, None, delivery.document)
    record, not_attached = attach_label(context, action, delivery, documents)
    return _Ready(replace(action, record=record), not_attached, delivery.document)


def _has_other_number(action: WriteBack, delivery: GoodsDelivery) -> bool:
    """Whether the delivery has a tracking number that we did not write, where ours should be."""
    if _is_untracked(action):
        return False
    tracking = tracking_text(action.shipment)
    ours = {"", action.record.writeback.tracking, tracking}
    return delivery.tracking_number not in ours and not _is_cut(delivery.tracking_number, tracking)


def _write(
    context: RunContext, ready: _Ready, delivery: GoodsDelivery, documents: AttachmentFailures
) -> _Written | Outcome:
    """Write the missing fields of one delivery.

    Raises:
        ApiError: Exact refuses it, or is out of reach.
    """
    if _has_other_number(ready.action, delivery):
        return _problem(context, ready.action, ready.action.record, taken(ready.action), retry=False)
    ready = _with_linked_document(context, ready, delivery, documents)
    action, record = ready.action, ready.action.record
    tracking, remarks = _texts(context, action, delivery)
    document = record.writeback.document if record.writeback.attached else ""
    changes = _changes(delivery, tracking, remarks, document)
    if changes:
        with context.uninterrupted():
            update_delivery(context, action.delivery_id, changes)
        context.questions.answered("exact", WRITING)
    return _Written(action, record, delivery, tracking, remarks, document or None, ready.not_attached)


def _with_linked_document(
    context: RunContext, ready: _Ready, delivery: GoodsDelivery, documents: AttachmentFailures
) -> _Ready:
    """The record, with the label also in a document that somebody linked to the delivery meanwhile (S12)."""
    record = ready.action.record
    if delivery.document in {None, ready.attached_beside, record.writeback.document}:
        return ready
    record = record.replace(writeback=record.writeback.replace(attached=()))
    return _with_label(context, replace(ready.action, record=record), delivery, documents)


def _texts(context: RunContext, action: WriteBack, delivery: GoodsDelivery) -> tuple[str, str]:
    """The wanted tracking number and remarks. For an untracked label: the present ones without what we wrote earlier."""
    written, template = action.record.writeback, context.policy.writeback.remarks
    if not _is_untracked(action):
        remarks = remarks_with(delivery.remarks, template, action.shipment, replaced=written.numbers)
        return tracking_text(action.shipment), remarks
    is_ours = delivery.tracking_number in {written.tracking, SEPARATOR.join(written.numbers)}
    kept = "" if is_ours else delivery.tracking_number
    return kept, remarks_without(delivery.remarks, template, written.numbers)


def _is_untracked(action: WriteBack) -> bool:
    return action.record.label is not None and action.record.label.untracked


def _is_cut(kept: str, tracking: str) -> bool:
    """Whether Exact kept only a part of what we wrote earlier."""
    return bool(kept) and tracking.startswith(kept)


def _changes(delivery: GoodsDelivery, tracking: str, remarks: str, document: str) -> dict[str, Json]:
    changes: dict[str, Json] = {}
    if delivery.tracking_number != tracking and not _is_cut(delivery.tracking_number, tracking):
        changes["TrackingNumber"] = tracking
    if delivery.remarks != remarks:
        changes["Remarks"] = remarks
    if document and delivery.document is None:
        changes["Document"] = document
    return changes


# ── reading back ─────────────────────────────────────────────────────────────────────────────────


def _read_back(context: RunContext, written: Sequence[_Written]) -> Iterator[Outcome]:
    if not written:
        return
    found = read_deliveries(context, [sent.action.record for sent in written])
    now = {DeliveryId(row.entry_id): row for row in found.rows}
    for sent in written:
        key = sent.action.delivery_id
        if key in found.unread:
            yield _unread(context, sent.action, found.unread[key])
        else:
            yield _compared(context, sent, now.get(key))


def _compared(context: RunContext, written: _Written, delivery: GoodsDelivery | None) -> Outcome:
    action, record = written.action, written.record
    if delivery is None:
        context.records.note("delivery_gone", record.replace(gone=True), subject=event_subject(action))
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="deleted")
    kept = delivery.tracking_number
    if kept != written.tracking:
        return _cut_off(context, written, delivery)
    return _finished(context, written, delivery)


def _cut_off(context: RunContext, written: _Written, delivery: GoodsDelivery) -> Outcome:
    """Exact kept less than was written: keep the longest run of whole numbers (S12)."""
    action, kept = written.action, delivery.tracking_number
    if not _is_cut(kept, written.tracking):
        return _problem(context, action, written.record, number_not_in_exact(action), retry=True)
    fitting = cut_to_fit(action.shipment.tracking_numbers, kept)
    if fitting and fitting != kept:
        update_delivery(context, action.delivery_id, {"TrackingNumber": fitting})
    finished = _finished(context, written, delivery.model_copy(update={"tracking_number": fitting or kept}))
    record = context.records.delivery(action.delivery_id) or written.record
    return _problem(context, action, record, truncated(action, fitting), retry=False, kind=finished.outcome)


def _finished(context: RunContext, written: _Written, delivery: GoodsDelivery) -> Outcome:
    action, shipment = written.action, written.action.shipment
    is_tracked = not _is_untracked(action)
    numbers = shipment.tracking_numbers if is_tracked else ()
    is_whole = written.not_attached is None and has_all_labels(context, action, written.record)
    writeback = written.record.writeback.replace(
        tracking=delivery.tracking_number if is_tracked else "",
        numbers=numbers,
        shipment=ShipmentId(shipment.id),
        done=is_whole,
    )
    header = _header_after(context, written, delivery)
    record = written.record.replace(writeback=writeback, header=header).without_problem("writeback")
    problem = written.not_attached.problem if written.not_attached else None
    if written.not_attached is not None:
        most = None if written.not_attached.is_sure else RETRY_REFUSED_AFTER
        record = record.with_problem(
            _seen(context, action, written.not_attached.problem, retry=True, most=most)
        )
    facts: dict[str, Json] = {"delivery": record.number, "shipment": shipment.id}
    context.records.note("written_back", record, subject=event_subject(action), facts=facts)
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.DONE if is_tracked or problem else OutcomeKind.SKIPPED,
        reason=problem.code if problem else "" if is_tracked else NOT_TRACKED,
        shipment_id=shipment.id,
        tracking_numbers=numbers,
        problem=problem,
    )


def _header_after(context: RunContext, written: _Written, delivery: GoodsDelivery) -> str:
    """The header's new fingerprint: our own change is expected, a person's since the decision is not (S14)."""
    decided, key = written.record.header, context.fingerprint_key
    is_ours = header_fingerprint(key, written.before) == decided and _others(written.before) == _others(
        delivery
    )
    return header_fingerprint(key, delivery) if is_ours else decided


def _others(delivery: GoodsDelivery) -> GoodsDelivery:
    """The delivery without the fields written here and those that change with them."""
    ours = {
        "tracking_number": "",
        "remarks": "",
        "document": None,
        "modified": None,
        "goods_delivery_lines": None,
    }
    return delivery.model_copy(update=ours)


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def _problem(
    context: RunContext,
    action: WriteBack,
    record: DeliveryRecord,
    problem: Problem,
    *,
    retry: bool,
    most: timedelta | None = None,
    kind: OutcomeKind = OutcomeKind.FAILED,
) -> Outcome:
    record = record.with_problem(_seen(context, action, problem, retry=retry, most=most))
    context.records.note(
        "writeback_failed", record, subject=event_subject(action), facts={"code": problem.code}
    )
    return Outcome(
        action.kind,
        action.subject,
        kind,
        reason=problem.code,
        shipment_id=action.shipment.id,
        problem=problem,
    )


def _seen(
    context: RunContext, action: WriteBack, problem: Problem, *, retry: bool, most: timedelta | None = None
) -> ProblemRecord:
    """The problem as a record, tried again after a growing pause of at most ``most``."""
    before = action.record.problems.get("writeback")
    tries = before.attempts if before and before.code == problem.code else 0
    now = context.clock()
    pause = RETRY_PAUSES[min(tries, len(RETRY_PAUSES) - 1)] if retry else timedelta(0)
    pause = pause if most is None else min(pause, most)
    return ProblemRecord.seen(
        "writeback", problem, at=now, before=before, next_try=now + pause if retry else None
    )
