"""Buy labels: one more look, the intent durably written, the call, the answer durably written (S2 to S6). Money is spent here.

What a look or an answer means is judged in ``plan``; here it is asked, written down and done.
"""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.problems import Code, Problem
from exactsend.domain.record_keys import todo_delivery
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    LabelRecord,
    ProblemRecord,
    Purchases,
    free_retry_pause,
)
from exactsend.engine.apply.adopt import Result, adopt, adoption, known_of
from exactsend.engine.apply.label_events import note, seen
from exactsend.engine.apply.prepurchase_check import look_once_more
from exactsend.engine.optional_requests import ASKED_AGAIN, pause_after
from exactsend.engine.plan.actions import BuyLabel, Outcome, OutcomeKind
from exactsend.engine.plan.guard import clock_off
from exactsend.engine.plan.label_problems import next_look
from exactsend.engine.plan.ownership import correction
from exactsend.engine.plan.poll_results import label_with, shipment_record
from exactsend.engine.plan.purchase_verdict import Adopt, Buy, DoNotBuy, Look, judge
from exactsend.engine.plan.service_errors import Failure, announcement_failure, refusal
from exactsend.engine.plan.shipment_diff import differing_from_wanted
from exactsend.engine.ports import Announced
from exactsend.engine.record_loader import records_for_purchase
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import (
    ApiError,
    ClockOff,
    Forbidden,
    RateLimited,
    Refused,
    Resting,
    Terminated,
    Unreachable,
    is_refusal,
)
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.wire import announce
from exactsend.system.structured_log import tell
from exactsend.trade.masking import masked

log = logging.getLogger(__name__)

LOOK_UP = "GET shipments?order_number"
"""The last look before a purchase, as a question of its own."""


def buy(
    context: RunContext,
    snapshot: Snapshot,
    action: BuyLabel,
    delivery: GoodsDelivery | None,
    *,
    gone: Collection[DeliveryId] = frozenset(),
) -> Result:
    """Buy the label of one delivery, unless the last look says otherwise.

    Args:
        context: the run.
        snapshot: what the plan was made on.
        action: what is to be bought.
        delivery: the delivery as Exact has it at this moment; None: it is gone.
        gone: the deliveries of its orders that have a label and that Exact does not have at this moment.

    Raises:
        ApiError: a question of the last look was not answered, or the purchase was forbidden; nothing was bought. ``not_bought`` then
            remembers it as the delivery's problem, unless it is no delivery's.
    """
    look = look_once_more(context, action, delivery, gone=gone)
    found = (*look.attempts, *look.with_numbers)
    records = records_for_purchase(context.memory, context.identity.division, action.record, found)
    match judge(replace(snapshot, records=records), action, look):
        case Buy() as go:
            # The answers to the look have just told the time: a clock that was set since the plan was made is found here.
            if off := clock_off(context.clock_ahead()):
                raise ClockOff(off)
            return _announce(context, snapshot, action, go)
        case Adopt(shipment, found_by_reference):
            differing = _differing(snapshot, action, shipment) if found_by_reference else ()
            taken = adoption(action, shipment, differing, found_by_reference=found_by_reference)
            if not found_by_reference:
                taken = replace(taken, corrected=correction(snapshot, action.consignment, shipment))
            return adopt(context, taken)
        case DoNotBuy() as do_not_buy:
            return _refrain(context, action, do_not_buy, look)


# ── the purchase ─────────────────────────────────────────────────────────────────────────────────


def _differing(snapshot: Snapshot, action: BuyLabel, shipment: Shipment) -> tuple[str, ...]:
    return differing_from_wanted(snapshot, action.record, action.request.body, action.fingerprint, shipment)


def _announce(context: RunContext, snapshot: Snapshot, action: BuyLabel, go: Buy) -> Result:
    body = {**action.request.body, "external_reference_id": go.reference}
    action = replace(action, request=replace(action.request, body=body))
    attempt = Attempt(
        number=go.attempt,
        reference=go.reference,
        fingerprint=action.fingerprint,
        state=AttemptState.INTENDED,
        at=context.clock(),
    )
    with context.uninterrupted():
        before = context.memory.purchases
        bought = before.plus(attempt.at, action.parcels)
        record = action.record.with_attempt(attempt)
        try:
            announced = context.request_log.record_and_send(
                action.delivery_id,
                announce(body, with_rules=action.request.with_rules),
                context.sendcloud.announce,
                intent=lambda: note(context, "label_intended", record, bought),
            )
        except Refused as refused:
            return _refused(context, action, attempt, refused, before)
        except (Unreachable, RateLimited, Resting, Terminated):
            # It surely was not taken: the reference is free, and nothing counts towards a limit. Asked to end, that is obeyed
            # in a pause before the call or after a 429, never while this call is in flight.
            note(
                context, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT), before
            )
            raise
        except ApiError as lost:
            return _lost(context, action, attempt, lost)
        context.questions.answered("sendcloud", announcing(action))
        context.questions.answered("sendcloud", LOOK_UP)
        return _answered(context, snapshot, action, attempt, announced, beside=go.beside)


def _answered(
    context: RunContext,
    snapshot: Snapshot,
    action: BuyLabel,
    attempt: Attempt,
    announced: Announced,
    *,
    beside: tuple[ShipmentId, ...],
) -> Result:
    shipment = announced.shipment
    if announced.existed:
        differing = _differing(snapshot, action, shipment)
        record = action.record.with_attempt(attempt)
        taken = adoption(replace(action, record=record), shipment, differing, found_by_reference=True)
        return adopt(context, taken, request=action)
    if not shipment.is_live:
        return _failed(context, action, attempt, shipment), shipment
    live = attempt.replace(state=AttemptState.LIVE, shipment=ShipmentId(shipment.id))
    label = LabelRecord(
        shipment=ShipmentId(shipment.id),
        how="bought",
        at=attempt.at,
        content=action.content,
        beside=tuple(dict.fromkeys((*known_of(action.record), *beside))),
    )
    record = action.record.with_attempt(live).with_label(label_with(label, shipment))
    note(context, "label_bought", record, shipment_record(shipment, action.delivery_id), shipment=shipment)
    return _done(action, shipment, cost_bearing=True), shipment


def _refused(
    context: RunContext, action: BuyLabel, attempt: Attempt, refused: Refused, before: Purchases
) -> Result:
    """Nothing was made: it counts towards no limit."""
    record = _with_state(action.record, attempt, AttemptState.REFUSED)
    failure = refusal(action.subject, refused, action.request.body)
    if isinstance(refused, Forbidden) or _names_nothing(refused, failure):
        # Of this delivery, or of every one: whoever buys one after another can tell.
        note(context, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT), before)
        raise refused
    context.questions.answered("sendcloud", announcing(action))
    note(context, "label_refused", record.with_problem(seen(context, record, failure)), before)
    return _outcome(action, OutcomeKind.FAILED, failure.problem.code, problem=failure.problem), None


def _names_nothing(refused: Refused, failure: Failure) -> bool:
    """Neither a field of the request nor a cause that is known: it may not be about this delivery at all."""
    return failure.problem.code is Code.LABEL_REFUSED and not any(
        problem.pointer for problem in refused.problems
    )


def _failed(context: RunContext, action: BuyLabel, attempt: Attempt, shipment: Shipment) -> Outcome:
    """201 without a label: the carrier refused (S5). The reference is used up; the shipment stands at Sendcloud."""
    state = AttemptState.CANCELLED if shipment.is_cancelled else AttemptState.FAILED
    record = _with_state(action.record, attempt.replace(shipment=ShipmentId(shipment.id)), state)
    failure = announcement_failure(action.subject, shipment, action.request.body)
    record = record.with_problem(seen(context, record, failure))
    note(context, "label_failed", record, shipment_record(shipment, action.delivery_id), shipment=shipment)
    return _outcome(
        action, OutcomeKind.FAILED, failure.problem.code, shipment=shipment, problem=failure.problem
    )


def _lost(context: RunContext, action: BuyLabel, attempt: Attempt, lost: ApiError) -> Result:
    """The answer was lost: look once; if it is not there, say so and leave the reference alone until it has settled (S3)."""
    record = _with_state(action.record, attempt, AttemptState.UNKNOWN)
    record = record.with_problem(_unknown(context, action, attempt, lost))
    note(context, "label_answer_lost", record)
    tell(
        log,
        logging.WARNING,
        "label_unknown",
        lost.message,
        delivery=str(action.subject.delivery_number),
        reference=attempt.reference,
    )
    shipment = context.sendcloud.shipment_with_reference(attempt.reference)
    if shipment is None:
        return _outcome(action, OutcomeKind.UNKNOWN, "label_unknown", cost_bearing=True), None
    return adopt(
        context,
        adoption(replace(action, record=record), shipment, (), found_by_reference=True),
        request=action,
    )


def _unknown(context: RunContext, action: BuyLabel, attempt: Attempt, lost: ApiError) -> ProblemRecord:
    """Tried again once it has settled; where Sendcloud says no in words, again and again, after longer pauses, an hour at most (S13)."""
    next_try = attempt.at + timedelta(minutes=context.policy.labels.settle_minutes)
    before = action.record.problems.get("label")
    if is_refusal(lost) and before is not None and before.code == Code.LABEL_UNKNOWN:
        next_try = max(next_try, context.clock() + min(free_retry_pause(before.attempts), ASKED_AGAIN))
    problem = Problem(
        Code.LABEL_UNKNOWN, {"name": action.subject.name}, detail=masked(lost.said, action.request.body)
    )
    return ProblemRecord.seen("label", problem, at=context.clock(), before=before, next_try=next_try)


# ── remembering and telling ──────────────────────────────────────────────────────────────────────


def _refrain(context: RunContext, action: BuyLabel, do_not_buy: DoNotBuy, look: Look) -> Result:
    reason, problem = do_not_buy.reason, do_not_buy.problem
    if look.gone:
        # What became of them is told by the next run, which decides about them.
        context.memory.note_changes(
            [todo_delivery(delivery) for delivery in look.gone], at=context.clock(), cursors={}
        )
    if problem is not None and do_not_buy.is_lasting:
        before = action.record.problems.get("label")
        again = next_look(problem, context.clock())
        seen = ProblemRecord.seen("label", problem, at=context.clock(), before=before, next_try=again)
        note(context, "label_held", action.record.with_problem(seen), *look.vanished)
    elif look.vanished:
        context.memory.note("entries_vanished", *look.vanished, facts={"delivery": action.record.number})
    if problem is not None:
        return _outcome(action, OutcomeKind.HELD, reason, problem=problem), None
    return _outcome(action, OutcomeKind.SKIPPED, reason), None


def not_bought(context: RunContext, action: BuyLabel, error: ApiError) -> Outcome:
    """Nothing was bought for this delivery, since the last look at it, or its purchase, was refused: its own problem (S13)."""
    record = context.memory.delivery(action.delivery_id) or action.record
    if error.method == "POST" and isinstance(error, Refused):
        problem = refusal(action.subject, error, action.request.body).problem
    else:
        problem = Problem(
            Code.LOOK_NOT_ANSWERED,
            {"name": action.subject.name},
            detail=masked(error.said or error.message, action.request.body),
        )
    seen = ProblemRecord.seen(
        "label", problem, at=context.clock(), before=record.problems.get("label"), next_try=None
    )
    seen = seen.replace(next_try=context.clock() + pause_after(error, seen.attempts))
    note(context, "label_held", record.with_problem(seen))
    return _outcome(action, OutcomeKind.HELD, problem.code, problem=problem)


def announcing(action: BuyLabel) -> str:
    """The call that buys a label, by method and endpoint."""
    return f"POST shipments/announce{'-with-shipping-rules' if action.request.with_rules else ''}"


def _with_state(record: DeliveryRecord, attempt: Attempt, state: AttemptState) -> DeliveryRecord:
    return record.with_attempt(attempt.replace(state=state))


def _done(action: BuyLabel, shipment: Shipment, *, cost_bearing: bool) -> Outcome:
    return _outcome(action, OutcomeKind.DONE, "", shipment=shipment, cost_bearing=cost_bearing)


def _outcome(
    action: BuyLabel,
    kind: OutcomeKind,
    reason: str,
    *,
    shipment: Shipment | None = None,
    cost_bearing: bool = False,
    problem: Problem | None = None,
) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        kind,
        reason=reason,
        cost_bearing=cost_bearing,
        shipment_id=shipment.id if shipment else "",
        tracking_numbers=shipment.tracking_numbers if shipment else (),
        request=action.request.body,
        problem=problem,
    )
