"""Removes from goods deliveries in Exact the number and line that we wrote, after the label was cancelled (S14).

A person's changes stay. A refusal by Exact is reported.
"""

from collections.abc import Iterator, Sequence

from exactsend.domain.ids import DeliveryId
from exactsend.domain.records import DeliveryRecord, ProblemRecord, WritebackRecord
from exactsend.engine.apply.call_budget import affordable_writebacks, out_of_calls_hint
from exactsend.engine.apply.delivery_update import update_delivery
from exactsend.engine.apply.writeback import WRITING
from exactsend.engine.optional_requests import RecordFailures, pause_after
from exactsend.engine.plan.actions import Outcome, OutcomeKind, RemoveTracking
from exactsend.engine.plan.writeback_problems import not_taken_back
from exactsend.engine.run_context import RunContext
from exactsend.errors import ApiError, Refused
from exactsend.exact.models import GoodsDelivery
from exactsend.http.messages import Json
from exactsend.trade.exact_update import SEPARATOR, remarks_without
from exactsend.trade.fingerprint import header_fingerprint

CHUNK_SIZE = 10
"""Deliveries read together right before they are written."""


def remove_tracking_all(context: RunContext, actions: Sequence[RemoveTracking]) -> Iterator[Outcome]:
    """Remove what we wrote from these deliveries. One that Exact refuses holds up no other."""
    failures = RecordFailures[RemoveTracking]()
    actions = context.questions.retry_order(
        "exact", actions, lambda removal: "writeback" in removal.record.problems
    )
    while actions:
        if context.questions.is_paused("exact", WRITING):
            return
        size = min(CHUNK_SIZE, affordable_writebacks(context))
        if not size:
            raise out_of_calls_hint(len(actions))
        chunk, actions = actions[:size], actions[size:]
        fresh = context.exact.deliveries([action.delivery_id for action in chunk])
        read = {DeliveryId(row.entry_id): row for row in fresh.rows}
        for action in chunk:
            context.stop()
            if action.delivery_id in fresh.unread:
                yield Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="not_answered")
                continue
            try:
                outcome = _remove_tracking(context, action, read.get(action.delivery_id))
            except ApiError as error:
                failures.add(action, error)
                if isinstance(error, Refused):
                    # After three refusals in a row Exact would block the whole endpoint, for reading too (S9).
                    context.exact.deliveries([action.delivery_id])
                continue
            yield from (_refused(context, removal, why) for removal, why in failures.take_confirmed())
            yield outcome
    yield from (_refused(context, removal, why) for removal, why in failures.rest())


def _remove_tracking(context: RunContext, action: RemoveTracking, delivery: GoodsDelivery | None) -> Outcome:
    """Remove what we wrote from one delivery.

    Raises:
        ApiError: Exact refuses it, or is out of reach.
    """
    if delivery is None:
        _note(context, "delivery_gone", action, action.record.replace(gone=True))
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="deleted")
    changes = _changes(context, action.record, delivery)
    if changes:
        with context.uninterrupted():
            update_delivery(context, action.delivery_id, changes)
        context.questions.answered("exact", WRITING)
    written = action.record.writeback
    record = action.record.replace(
        writeback=WritebackRecord(document=written.document),
        header=_header_after(context, action.record, delivery, changes),
    ).without_problem("writeback")
    _note(context, "taken_back", action, record)
    kind = OutcomeKind.DONE if changes else OutcomeKind.SKIPPED
    return Outcome(action.kind, action.subject, kind, tracking_numbers=written.numbers, listed=bool(changes))


def _changes(context: RunContext, record: DeliveryRecord, delivery: GoodsDelivery) -> dict[str, Json]:
    written = record.writeback
    ours = {written.tracking, SEPARATOR.join(written.numbers)} - {""}
    changes: dict[str, Json] = {}
    if delivery.tracking_number in ours:
        changes["TrackingNumber"] = ""
    remarks = remarks_without(delivery.remarks, context.policy.writeback.remarks, written.numbers)
    if remarks != delivery.remarks:
        changes["Remarks"] = remarks
    return changes


def _header_after(
    context: RunContext, record: DeliveryRecord, before: GoodsDelivery, changes: dict[str, Json]
) -> str:
    """The header's new fingerprint: our own change is expected, a person's is not (S14)."""
    if header_fingerprint(context.fingerprint_key, before) != record.header:
        return record.header
    fields = {"TrackingNumber": "tracking_number", "Remarks": "remarks"}
    after = before.model_copy(update={fields[name]: value for name, value in changes.items()})
    return header_fingerprint(context.fingerprint_key, after)


def _refused(context: RunContext, action: RemoveTracking, error: ApiError) -> Outcome:
    record = context.records.delivery(action.delivery_id) or action.record
    problem = not_taken_back(action, error)
    now = context.clock()
    seen = ProblemRecord.seen("writeback", problem, at=now, before=record.problems.get("writeback"))
    seen = seen.replace(next_try=now + pause_after(error, seen.attempts))
    _note(context, "writeback_failed", action, record.with_problem(seen))
    return Outcome(action.kind, action.subject, OutcomeKind.FAILED, reason=problem.code, problem=problem)


def _note(context: RunContext, event: str, action: RemoveTracking, record: DeliveryRecord) -> None:
    context.records.note(
        event, record, subject=f"delivery:{action.delivery_id}", facts={"delivery": record.number}
    )
