"""Buy labels: one more look, the intent durably written, the call, the answer durably written (S2 to S6). Money is spent here.

What a look or an answer means is judged in ``plan``; here it is asked, written down and done.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from exactsend.apply.hands import Hands
from exactsend.calls import Json
from exactsend.domain.ids import Reference, ShipmentId, label_reference, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import (
    RETRY_PAUSES,
    Attempt,
    AttemptState,
    DeliveryRecord,
    IncomingState,
    LabelRecord,
    ProblemRecord,
    Record,
)
from exactsend.errors import ApiError, Forbidden, RateLimited, Refused, Resting, Unreachable
from exactsend.exact.models import GoodsDelivery
from exactsend.plan.actions import AdoptShipment, BuyLabel, Outcome, OutcomeKind
from exactsend.plan.differences import differing_from_wanted
from exactsend.plan.failures import Failure, announcement_failure, refusal
from exactsend.plan.labels import cancelled_after_label
from exactsend.plan.look import Buy, Look, Refrain, Take, judge, next_look, numbers_of
from exactsend.plan.polled import label_with, shipment_record, with_shipment
from exactsend.sendcloud.models import Shipment
from exactsend.snapshot import Snapshot
from exactsend.systems import Announced

log = logging.getLogger(__name__)

Result = tuple[Outcome, Shipment | None]
"""How it ended, and the shipment as it is now where there is one."""


def buy(hands: Hands, snapshot: Snapshot, action: BuyLabel, delivery: GoodsDelivery | None) -> Result:
    """Buy the label of one delivery, unless the last look says otherwise.

    Args:
        hands: what is worked with.
        snapshot: what the plan was made on.
        action: what is to be bought.
        delivery: the delivery as Exact has it at this moment; None: it is gone.
    """
    try:
        look = _look(hands, action, delivery)
    except Refused as unanswered:
        return _not_answered(hands, action, unanswered)
    match judge(snapshot, action, look):
        case Buy(attempt, reference):
            return _announce(hands, snapshot, action, attempt, reference)
        case Take(shipment, found_by_reference):
            differing = _differing(snapshot, action, shipment) if found_by_reference else ()
            return adopt(hands, _adoption(action, shipment, differing, found_by_reference=found_by_reference))
        case Refrain() as refrain:
            return _refrain(hands, action, refrain)


# ── the look ─────────────────────────────────────────────────────────────────────────────────────


def _look(hands: Hands, action: BuyLabel, delivery: GoodsDelivery | None) -> Look:
    """Ask everything that could speak against the purchase. A question that fails ends it: not answered is not "none"."""
    numbers = numbers_of(action.consignment)
    found = {one.id: one for number in numbers for one in hands.sendcloud.shipments_with_number(number)}
    attempts = _attempts(hands, action.record)
    others = [one for one in found.values() if one.id not in {own.id for own in attempts}]
    return Look(
        delivery=delivery,
        attempts=attempts,
        with_numbers=tuple(found.values()),
        of_this_integration=_of_this_integration(hands, {one.order_number for one in others}),
        entry_is_gone=_entry_is_gone(hands, action),
    )


def _attempts(hands: Hands, record: DeliveryRecord) -> tuple[Shipment, ...]:
    """Every earlier attempt, found by its reference or remembered, read by its id: as it is now, not as an index remembers it (S6)."""
    found: dict[str, Shipment] = {}
    for number in count(1):
        shipment = hands.sendcloud.shipment_with_reference(
            label_reference(hands.identity.division, record.delivery_id, number)
        )
        if shipment is None:
            break
        found[shipment.id] = hands.sendcloud.shipment(shipment.id) or shipment
    for key in [one.shipment for one in record.attempts if one.shipment and one.shipment not in found]:
        if (shipment := hands.sendcloud.shipment(key)) is not None:
            found[key] = shipment
    return tuple(found.values())


def _of_this_integration(hands: Hands, numbers: set[str]) -> frozenset[str]:
    integration = hands.identity.integration
    found = (
        one
        for number in sorted(numbers)
        for one in hands.sendcloud.shipments_with_number(number, integration=integration)
    )
    return frozenset(one.id for one in found)


def _entry_is_gone(hands: Hands, action: BuyLabel) -> bool:
    entry = hands.memory.incoming(action.record.incoming) if action.record.incoming else None
    if entry is None or entry.state is not IncomingState.STORED:
        return False
    return hands.sendcloud.stored_order(entry.ref, integration=hands.identity.integration) is None


# ── the purchase ─────────────────────────────────────────────────────────────────────────────────


def _differing(snapshot: Snapshot, action: BuyLabel, shipment: Shipment) -> tuple[str, ...]:
    return differing_from_wanted(snapshot, action.record, action.request.body, action.fingerprint, shipment)


def _announce(
    hands: Hands, snapshot: Snapshot, action: BuyLabel, number: int, reference: Reference
) -> Result:
    body = {**action.request.body, "external_reference_id": reference}
    action = replace(action, request=replace(action.request, body=body))
    attempt = Attempt(
        number=number,
        reference=reference,
        fingerprint=action.fingerprint,
        state=AttemptState.INTENDED,
        at=hands.clock(),
    )
    with hands.uninterrupted():
        before = hands.memory.purchases
        bought = before.plus(attempt.at, action.parcels)
        _note(hands, "label_intended", action.record.with_attempt(attempt), bought)
        try:
            announced = hands.sendcloud.announce(body, with_rules=action.request.with_rules)
        except Refused as refused:
            return _refused(hands, action, attempt, refused)
        except (Unreachable, RateLimited, Resting):
            # It surely was not taken: the reference is free, and nothing counts towards a limit.
            _note(hands, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT), before)
            raise
        except ApiError as lost:
            return _lost(hands, action, attempt, lost)
        return _answered(hands, snapshot, action, attempt, announced)


def _answered(
    hands: Hands, snapshot: Snapshot, action: BuyLabel, attempt: Attempt, announced: Announced
) -> Result:
    shipment = announced.shipment
    if announced.existed:
        differing = _differing(snapshot, action, shipment)
        record = action.record.with_attempt(attempt)
        adoption = _adoption(replace(action, record=record), shipment, differing, found_by_reference=True)
        return adopt(hands, adoption, request=action)
    if not shipment.is_live:
        return _failed(hands, action, attempt, shipment), shipment
    live = attempt.but(state=AttemptState.LIVE, shipment=ShipmentId(shipment.id))
    label = LabelRecord(
        shipment=ShipmentId(shipment.id),
        how="bought",
        at=attempt.at,
        content=action.content,
        beside=_beside(action.record),
    )
    record = action.record.with_attempt(live).but(label=label_with(label, shipment)).without_problem("label")
    _note(hands, "label_bought", record, shipment_record(shipment, action.delivery_id), shipment=shipment)
    return _done(action, shipment, cost_bearing=True), shipment


def _beside(record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """The live shipments that a person knows of: another label was asked for in so many words."""
    return (*record.label.beside, record.label.shipment) if record.label else ()


def _refused(hands: Hands, action: BuyLabel, attempt: Attempt, refused: Refused) -> Result:
    record = _with_state(action.record, attempt, AttemptState.REFUSED)
    if isinstance(refused, Forbidden):
        _note(hands, "label_not_sent", _with_state(action.record, attempt, AttemptState.NOT_SENT))
        raise refused
    failure = refusal(action.subject, refused, action.request.body)
    _note(hands, "label_refused", record.with_problem(_seen(hands, record, failure)))
    return _outcome(action, OutcomeKind.FAILED, failure.problem.code, problem=failure.problem), None


def _failed(hands: Hands, action: BuyLabel, attempt: Attempt, shipment: Shipment) -> Outcome:
    """201 without a label: the carrier refused (S5). The reference is used up; the shipment stands at Sendcloud."""
    state = AttemptState.CANCELLED if shipment.is_cancelled else AttemptState.FAILED
    record = _with_state(action.record, attempt.but(shipment=ShipmentId(shipment.id)), state)
    failure = announcement_failure(action.subject, shipment, action.request.body)
    record = record.with_problem(_seen(hands, record, failure))
    _note(hands, "label_failed", record, shipment_record(shipment, action.delivery_id), shipment=shipment)
    return _outcome(
        action, OutcomeKind.FAILED, failure.problem.code, shipment=shipment, problem=failure.problem
    )


def _lost(hands: Hands, action: BuyLabel, attempt: Attempt, lost: ApiError) -> Result:
    """The answer was lost: look once; if it is not there, say so and leave the reference alone until it has settled (S3)."""
    record = _with_state(action.record, attempt, AttemptState.UNKNOWN)
    record = record.with_problem(_unknown(hands, action, attempt))
    _note(hands, "label_answer_lost", record)
    log.warning(
        "label_unknown delivery=%s reference=%s: %s",
        action.subject.delivery_number,
        attempt.reference,
        lost.message,
    )
    shipment = hands.sendcloud.shipment_with_reference(attempt.reference)
    if shipment is None:
        return _outcome(action, OutcomeKind.UNKNOWN, "label_unknown", cost_bearing=True), None
    return adopt(
        hands,
        _adoption(replace(action, record=record), shipment, (), found_by_reference=True),
        request=action,
    )


def _unknown(hands: Hands, action: BuyLabel, attempt: Attempt) -> ProblemRecord:
    settled = attempt.at + timedelta(minutes=hands.policy.labels.settle_minutes)
    problem = Problem(
        Code.LABEL_UNKNOWN,
        f"Sendcloud's answer to the purchase for {action.subject.name} was lost, so it is not known whether it has a label",
        remedy="Nothing to do: the next runs look for it, and buy it only when it surely was not made.",
    )
    before = action.record.problems.get("label")
    return ProblemRecord.seen("label", problem, at=hands.clock(), before=before, next_try=settled)


# ── taking what is there ─────────────────────────────────────────────────────────────────────────


def adopt(hands: Hands, action: AdoptShipment, *, request: BuyLabel | None = None) -> Result:
    """Take a shipment as the delivery's own: made by hand, or bought by an earlier run whose answer was lost."""
    shipment = action.shipment
    owned = shipment_record(shipment, action.delivery_id)
    record = _with_own_attempt(action, hands) if action.found_by_reference else action.record
    if not shipment.is_live:
        return _adopt_dead(hands, action, record, request), shipment
    how = "found" if action.found_by_reference else "adopted"
    label = LabelRecord(
        shipment=ShipmentId(shipment.id),
        how="found" if action.found_by_reference else "adopted",
        at=shipment.announced_at or hands.clock(),
        content=action.content,
        differs=bool(action.differing),
        beside=_beside(record),
    )
    record = record.but(label=label_with(label, shipment), excluded="").without_problem("label")
    problem = _differs(action) if action.differing else None
    if record.gone:
        problem = cancelled_after_label(action.subject)
    if problem is not None:
        record = record.with_problem(ProblemRecord.seen("label", problem, at=hands.clock(), before=None))
    _note(hands, f"label_{how}", record, owned, shipment=shipment)
    return _adopted(action, shipment, problem), shipment


def _adopt_dead(
    hands: Hands, action: AdoptShipment, record: DeliveryRecord, request: BuyLabel | None
) -> Outcome:
    """An earlier attempt of ours that came to nothing: learned now."""
    body: Json = request.request.body if request else action.shipment.to_address.model_dump(mode="json")
    failure = announcement_failure(action.subject, action.shipment, body)
    if action.shipment.is_failed:
        record = record.with_problem(_seen(hands, record, failure))
    _note(
        hands,
        "label_failed",
        record,
        shipment_record(action.shipment, action.delivery_id),
        shipment=action.shipment,
    )
    return Outcome(
        action.kind, action.subject, OutcomeKind.FAILED, reason=failure.problem.code,
        shipment_id=action.shipment.id, problem=failure.problem,
    )  # fmt: skip


def _with_own_attempt(action: AdoptShipment, hands: Hands) -> DeliveryRecord:
    parsed = parse_reference(action.shipment.external_reference_id)
    if parsed is None:
        return action.record
    known = next((one for one in action.record.attempts if one.number == parsed[2]), None)
    attempt = known or Attempt(
        number=parsed[2],
        reference=Reference(action.shipment.external_reference_id),
        fingerprint="",
        state=AttemptState.UNKNOWN,
        at=action.shipment.announced_at or hands.clock(),
    )
    shipment = action.shipment
    state = (
        AttemptState.LIVE
        if shipment.is_live
        else AttemptState.FAILED
        if shipment.is_failed
        else AttemptState.CANCELLED
    )
    return action.record.with_attempt(attempt.but(state=state, shipment=ShipmentId(shipment.id)))


def _differs(action: AdoptShipment) -> Problem:
    fields = ", ".join(action.differing)
    return Problem(
        Code.DIFFERS_FROM_DELIVERY,
        f"the label of {action.subject.name} is paid, but differs from what Exact says now in: {fields}",
        field=action.differing[0],
        remedy="Check the label. If it is right: exactsend labels accept. If not: exactsend labels cancel, free until the carrier's deadline, "
        "mostly 23:59 of the day it was made.",
    )


def _adoption(
    action: BuyLabel, shipment: Shipment, differing: Sequence[str], *, found_by_reference: bool
) -> AdoptShipment:
    return AdoptShipment(
        subject=action.subject,
        delivery_id=action.delivery_id,
        record=action.record,
        shipment=shipment,
        content=action.content,
        found_by_reference=found_by_reference,
        differing=tuple(differing),
    )


def now_cancelled(hands: Hands, record: DeliveryRecord, shipment: Shipment) -> None:
    """Remember what a cancellation that a person asked for has made of a shipment."""
    _note(
        hands,
        "label_cancelled",
        with_shipment(record, shipment),
        shipment_record(shipment, record.delivery_id),
        shipment=shipment,
    )


# ── remembering and telling ──────────────────────────────────────────────────────────────────────


def _refrain(hands: Hands, action: BuyLabel, refrain: Refrain) -> Result:
    reason, problem = refrain.reason, refrain.problem
    if problem is not None and not refrain.is_lasting:
        return _outcome(action, OutcomeKind.HELD, reason, problem=problem), None
    if problem is not None:
        before = action.record.problems.get("label")
        again = next_look(problem, hands.clock())
        seen = ProblemRecord.seen("label", problem, at=hands.clock(), before=before, next_try=again)
        _note(hands, "label_held", action.record.with_problem(seen), *_taken_entry(hands, action, problem))
        return _outcome(action, OutcomeKind.HELD, reason, problem=problem), None
    return _outcome(action, OutcomeKind.SKIPPED, reason), None


def _taken_entry(hands: Hands, action: BuyLabel, problem: Problem) -> list[Record]:
    """The entry that was found gone from the panel: never pushed again (S7)."""
    entry = hands.memory.incoming(action.record.incoming) if action.record.incoming else None
    if entry is None or problem.code is not Code.TAKEN_IN_PANEL:
        return []
    return [entry.but(state=IncomingState.TAKEN_IN_PANEL, changed_at=hands.clock())]


def _not_answered(hands: Hands, action: BuyLabel, refused: Refused) -> Result:
    problem = Problem(
        Code.LOOK_NOT_ANSWERED,
        f"Sendcloud did not answer whether {action.subject.name} has a label already, so none was bought",
        remedy="Nothing to do: the next run asks again.",
        detail=refused.message,
    )
    before = action.record.problems.get("label")
    seen = ProblemRecord.seen("label", problem, at=hands.clock(), before=before, next_try=hands.clock())
    _note(hands, "label_held", action.record.with_problem(seen))
    return _outcome(action, OutcomeKind.HELD, problem.code, problem=problem), None


def _seen(hands: Hands, record: DeliveryRecord, failure: Failure) -> ProblemRecord:
    """The failure as it is remembered; where time may cure it, with the moment of the next try (S6)."""
    tries = sum(one.state is AttemptState.FAILED for one in record.attempts)
    pause = RETRY_PAUSES[tries - 1] if failure.is_passing and 1 <= tries <= len(RETRY_PAUSES) else None
    now = hands.clock()
    before = record.problems.get("label")
    return ProblemRecord.seen(
        "label", failure.problem, at=now, before=before, next_try=now + pause if pause else None
    )


def _with_state(record: DeliveryRecord, attempt: Attempt, state: AttemptState) -> DeliveryRecord:
    return record.with_attempt(attempt.but(state=state))


def _note(
    hands: Hands, event: str, record: DeliveryRecord, *also: Record, shipment: Shipment | None = None
) -> None:
    facts: dict[str, Json] = {"delivery": record.number, "orders": list(record.order_numbers)}
    last = record.attempts[-1].reference if record.attempts else ""
    hands.memory.note(
        event,
        record,
        *also,
        subject=f"delivery:{record.delivery_id}",
        facts={**facts, "reference": last, "shipment": shipment.id if shipment else None},
    )
    log.info("%s delivery=%s shipment=%s", event, record.number, shipment.id if shipment else "-")


def _done(action: BuyLabel, shipment: Shipment, *, cost_bearing: bool) -> Outcome:
    return _outcome(action, OutcomeKind.DONE, "", shipment=shipment, cost_bearing=cost_bearing)


def _adopted(action: AdoptShipment, shipment: Shipment, problem: Problem | None) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.DONE if problem is None else OutcomeKind.HELD,
        reason="found_by_reference" if action.found_by_reference else "made_by_hand",
        shipment_id=shipment.id,
        tracking_numbers=shipment.tracking_numbers,
        problem=problem,
    )


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
