"""Buys labels: check again, record the intent, call, record the answer (S2 to S6). This module spends money.

``plan`` decides what the check and the answer mean.
"""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from exactsend.domain.division_records import Purchases
from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.problems import Code, Problem
from exactsend.domain.record_keys import todo_delivery
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    LabelRecord,
    ProblemRecord,
    free_retry_pause,
)
from exactsend.engine.apply.adopt import AdoptResult, adopt, adoption, known_shipments
from exactsend.engine.apply.label_events import failure_record, record_label_event
from exactsend.engine.apply.prepurchase_check import check_before_purchase
from exactsend.engine.optional_requests import RETRY_REFUSED_AFTER, pause_after
from exactsend.engine.plan.actions import BuyLabel, Outcome, OutcomeKind
from exactsend.engine.plan.guard import clock_refusal
from exactsend.engine.plan.label_problems import next_look
from exactsend.engine.plan.ownership import correction
from exactsend.engine.plan.poll_results import label_with, shipment_record
from exactsend.engine.plan.purchase_verdict import Adopt, Buy, DoNotBuy, PurchaseEvidence, judge
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
from exactsend.system.structured_log import log_event
from exactsend.trade.masking import masked

log = logging.getLogger(__name__)

LAST_CHECK = "GET shipments?order_number"
"""The check before a purchase, as an optional request of its own."""


def buy(
    context: RunContext,
    snapshot: Snapshot,
    action: BuyLabel,
    delivery: GoodsDelivery | None,
    *,
    gone: Collection[DeliveryId] = frozenset(),
) -> AdoptResult:
    """Buy one delivery's label, unless the last check says otherwise.

    Args:
        context: the run.
        snapshot: what the plan was made from.
        action: the purchase.
        delivery: the delivery as Exact has it now; None: it was deleted.
        gone: labelled deliveries of the same orders that Exact no longer has.

    Raises:
        ApiError: the check was not answered, or the purchase was forbidden; nothing was bought. The caller records
            it with ``not_bought`` unless the service is the cause.
    """
    evidence = check_before_purchase(context, action, delivery, gone=gone)
    found = (*evidence.attempts, *evidence.with_numbers)
    records = records_for_purchase(context.records, context.identity.division, action.record, found)
    match judge(replace(snapshot, records=records), action, evidence):
        case Buy() as purchase:
            # The check's answers also gave the services' time, so a clock that was set since the plan shows here.
            if off := clock_refusal(context.clock_ahead()):
                raise ClockOff(off)
            return _announce(context, snapshot, action, purchase)
        case Adopt(shipment, found_by_reference):
            differing = _differing(snapshot, action, shipment) if found_by_reference else ()
            taken = adoption(action, shipment, differing, found_by_reference=found_by_reference)
            if not found_by_reference:
                taken = replace(taken, corrected=correction(snapshot, action.consignment, shipment))
            return adopt(context, taken)
        case DoNotBuy() as do_not_buy:
            return _do_not_buy(context, action, do_not_buy, evidence)


# ── the purchase ─────────────────────────────────────────────────────────────────────────────────


def _differing(snapshot: Snapshot, action: BuyLabel, shipment: Shipment) -> tuple[str, ...]:
    return differing_from_wanted(snapshot, action.record, action.request.body, action.fingerprint, shipment)


def _announce(context: RunContext, snapshot: Snapshot, action: BuyLabel, purchase: Buy) -> AdoptResult:
    body = {**action.request.body, "external_reference_id": purchase.reference}
    action = replace(action, request=replace(action.request, body=body))
    attempt = Attempt(
        number=purchase.attempt,
        reference=purchase.reference,
        fingerprint=action.fingerprint,
        state=AttemptState.INTENDED,
        at=context.clock(),
    )
    with context.uninterrupted():
        before = context.records.purchases
        bought = before.plus(attempt.at, action.parcels)
        record = action.record.with_attempt(attempt)
        try:
            announced = context.request_log.record_and_send(
                action.delivery_id,
                announce(body, with_rules=action.request.with_rules),
                context.sendcloud.announce,
                intent=lambda: record_label_event(context, "label_intended", record, bought),
            )
        except Refused as refused:
            return _refused(context, action, attempt, refused, before)
        except (Unreachable, RateLimited, Resting, Terminated):
            # The request certainly did not arrive: the reference stays free and no limit counts it. A request to end is
            # obeyed in a pause before the call or after a 429, never while the call is in flight.
            record_label_event(
                context, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT), before
            )
            raise
        except ApiError as lost:
            return _answer_lost(context, action, attempt, lost)
        context.questions.answered("sendcloud", announce_call(action))
        context.questions.answered("sendcloud", LAST_CHECK)
        return _answered(context, snapshot, action, attempt, announced, beside=purchase.beside)


def _answered(
    context: RunContext,
    snapshot: Snapshot,
    action: BuyLabel,
    attempt: Attempt,
    announced: Announced,
    *,
    beside: tuple[ShipmentId, ...],
) -> AdoptResult:
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
        beside=tuple(dict.fromkeys((*known_shipments(action.record), *beside))),
    )
    record = action.record.with_attempt(live).with_label(label_with(label, shipment))
    record_label_event(
        context, "label_bought", record, shipment_record(shipment, action.delivery_id), shipment=shipment
    )
    return _done(action, shipment, cost_bearing=True), shipment


def _refused(
    context: RunContext, action: BuyLabel, attempt: Attempt, refused: Refused, before: Purchases
) -> AdoptResult:
    """Record a refusal: nothing was made, and no limit counts it."""
    record = _with_state(action.record, attempt, AttemptState.REFUSED)
    failure = refusal(action.subject, refused, action.request.body)
    if isinstance(refused, Forbidden) or _is_unspecific(refused, failure):
        # Whether the cause is this delivery or all of them, the caller can tell.
        record_label_event(
            context, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT), before
        )
        raise refused
    context.questions.answered("sendcloud", announce_call(action))
    record_label_event(
        context, "label_refused", record.with_problem(failure_record(context, record, failure)), before
    )
    return _outcome(action, OutcomeKind.FAILED, failure.problem.code, problem=failure.problem), None


def _is_unspecific(refused: Refused, failure: Failure) -> bool:
    """Whether the refusal names neither a field nor a known cause: then it may not be about this delivery."""
    return failure.problem.code is Code.LABEL_REFUSED and not any(
        problem.pointer for problem in refused.problems
    )


def _failed(context: RunContext, action: BuyLabel, attempt: Attempt, shipment: Shipment) -> Outcome:
    """Record a 201 without a label: the carrier refused (S5). The reference is used up, the shipment stays at Sendcloud."""
    state = AttemptState.CANCELLED if shipment.is_cancelled else AttemptState.FAILED
    record = _with_state(action.record, attempt.replace(shipment=ShipmentId(shipment.id)), state)
    failure = announcement_failure(action.subject, shipment, action.request.body)
    record = record.with_problem(failure_record(context, record, failure))
    record_label_event(
        context, "label_failed", record, shipment_record(shipment, action.delivery_id), shipment=shipment
    )
    return _outcome(
        action, OutcomeKind.FAILED, failure.problem.code, shipment=shipment, problem=failure.problem
    )


def _answer_lost(context: RunContext, action: BuyLabel, attempt: Attempt, lost: ApiError) -> AdoptResult:
    """Handle a lost answer: look the shipment up once. If there is none, wait until the attempt has settled (S3)."""
    record = _with_state(action.record, attempt, AttemptState.UNKNOWN)
    record = record.with_problem(_unknown(context, action, attempt, lost))
    record_label_event(context, "label_answer_lost", record)
    log_event(
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
    """Record that the outcome is unknown. Tried again once settled; if Sendcloud refuses, after pauses of up to an hour (S13)."""
    next_try = attempt.at + timedelta(minutes=context.policy.labels.settle_minutes)
    before = action.record.problems.get("label")
    if is_refusal(lost) and before is not None and before.code == Code.LABEL_UNKNOWN:
        next_try = max(
            next_try, context.clock() + min(free_retry_pause(before.attempts), RETRY_REFUSED_AFTER)
        )
    problem = Problem(
        Code.LABEL_UNKNOWN, {"name": action.subject.name}, detail=masked(lost.said, action.request.body)
    )
    return ProblemRecord.seen("label", problem, at=context.clock(), before=before, next_try=next_try)


# ── remembering and telling ──────────────────────────────────────────────────────────────────────


def _do_not_buy(
    context: RunContext, action: BuyLabel, do_not_buy: DoNotBuy, evidence: PurchaseEvidence
) -> AdoptResult:
    reason, problem = do_not_buy.reason, do_not_buy.problem
    if evidence.gone:
        # The next run decides about them, and reports it.
        context.records.note_changes(
            [todo_delivery(delivery) for delivery in evidence.gone], at=context.clock(), cursors={}
        )
    if problem is not None and do_not_buy.is_lasting:
        before = action.record.problems.get("label")
        again = next_look(problem, context.clock())
        held = ProblemRecord.seen("label", problem, at=context.clock(), before=before, next_try=again)
        record_label_event(context, "label_held", action.record.with_problem(held), *evidence.vanished)
    elif evidence.vanished:
        context.records.note("entries_vanished", *evidence.vanished, facts={"delivery": action.record.number})
    if problem is not None:
        return _outcome(action, OutcomeKind.HELD, reason, problem=problem), None
    return _outcome(action, OutcomeKind.SKIPPED, reason), None


def not_bought(context: RunContext, action: BuyLabel, error: ApiError) -> Outcome:
    """Record that a delivery's label was not bought because its check or its purchase was refused (S13)."""
    record = context.records.delivery(action.delivery_id) or action.record
    if error.method == "POST" and isinstance(error, Refused):
        problem = refusal(action.subject, error, action.request.body).problem
    else:
        problem = Problem(
            Code.LOOK_NOT_ANSWERED,
            {"name": action.subject.name},
            detail=masked(error.said or error.message, action.request.body),
        )
    held = ProblemRecord.seen(
        "label", problem, at=context.clock(), before=record.problems.get("label"), next_try=None
    )
    held = held.replace(next_try=context.clock() + pause_after(error, held.attempts))
    record_label_event(context, "label_held", record.with_problem(held))
    return _outcome(action, OutcomeKind.HELD, problem.code, problem=problem)


def announce_call(action: BuyLabel) -> str:
    """Method and endpoint of the call that buys a label."""
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
