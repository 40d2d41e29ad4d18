"""Adopts an existing shipment as a delivery's label: made by hand, or bought by an earlier run (S4). Buys nothing."""

from collections.abc import Sequence

from exactsend.domain.ids import Reference, ShipmentId, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import Attempt, AttemptState, DeliveryRecord, LabelRecord, ProblemRecord
from exactsend.engine.apply.label_events import failure_record, record_label_event
from exactsend.engine.plan.actions import AdoptShipment, BuyLabel, Outcome, OutcomeKind
from exactsend.engine.plan.after_label import cancelled_after_label
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.label_problems import cancelled
from exactsend.engine.plan.ownership import incoming_orders_given_back
from exactsend.engine.plan.poll_results import label_with, shipment_record
from exactsend.engine.plan.service_errors import announcement_failure
from exactsend.engine.run_context import RunContext
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment

AdoptResult = tuple[Outcome, Shipment | None]
"""The outcome, and the shipment's current state if there is one."""


def adopt(context: RunContext, action: AdoptShipment, *, request: BuyLabel | None = None) -> AdoptResult:
    """Adopt a shipment made by hand, or bought by an earlier run whose answer was lost."""
    shipment = action.shipment
    owned = shipment_record(shipment, action.delivery_id)
    record = _with_own_attempt(action, context) if action.found_by_reference else action.record
    if not shipment.is_live:
        return _adopt_dead(context, action, record, request), shipment
    how = "found" if action.found_by_reference else "adopted"
    label = LabelRecord(
        shipment=ShipmentId(shipment.id),
        how="found" if action.found_by_reference else "adopted",
        at=shipment.announced_at or context.clock(),
        content=action.content,
        differs=bool(action.differing),
        beside=known_shipments(record),
    )
    record = record.with_label(label_with(label, shipment))
    problem = _differs(action) if action.differing else None
    if record.gone:
        problem = cancelled_after_label(action.subject)
    if problem is not None:
        record = record.with_problem(ProblemRecord.seen("label", problem, at=context.clock(), before=None))
    settled = incoming_orders_given_back(context.records, context.identity.division, record, shipment)
    record_label_event(context, f"label_{how}", record, owned, *settled, shipment=shipment)
    return _adopted(action, shipment, problem), shipment


def _adopt_dead(
    context: RunContext, action: AdoptShipment, record: DeliveryRecord, request: BuyLabel | None
) -> Outcome:
    """Record and report an earlier attempt of ours that failed."""
    problem = _record_of_dead(context, action, record, request)
    record_label_event(
        context,
        "label_failed" if action.shipment.is_failed else "label_cancelled",
        record.with_problem(problem),
        shipment_record(action.shipment, action.delivery_id),
        shipment=action.shipment,
    )
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.FAILED,
        reason=problem.code,
        shipment_id=action.shipment.id,
        problem=problem.as_problem(),
    )


def _record_of_dead(
    context: RunContext, action: AdoptShipment, record: DeliveryRecord, request: BuyLabel | None
) -> ProblemRecord:
    if action.shipment.is_failed:
        body: Json = request.request.body if request else action.shipment.to_address.model_dump(mode="json")
        return failure_record(context, record, announcement_failure(action.subject, action.shipment, body))
    following = max((attempt.number for attempt in record.attempts), default=0) + 1
    before = record.problems.get("label")
    return ProblemRecord.seen(
        "label", cancelled(action.subject, following), at=context.clock(), before=before
    )


def _with_own_attempt(action: AdoptShipment, context: RunContext) -> DeliveryRecord:
    parsed = parse_reference(action.shipment.external_reference_id)
    if parsed is None:
        return action.record
    known = next((attempt for attempt in action.record.attempts if attempt.number == parsed[2]), None)
    attempt = known or Attempt(
        number=parsed[2],
        reference=Reference(action.shipment.external_reference_id),
        fingerprint="",
        state=AttemptState.UNKNOWN,
        at=action.shipment.announced_at or context.clock(),
    )
    shipment = action.shipment
    state = (
        AttemptState.LIVE
        if shipment.is_live
        else AttemptState.FAILED
        if shipment.is_failed
        else AttemptState.CANCELLED
    )
    return action.record.with_attempt(attempt.replace(state=state, shipment=ShipmentId(shipment.id)))


def _differs(action: AdoptShipment) -> Problem:
    return Problem(
        Code.DIFFERS_FROM_DELIVERY,
        {
            "name": action.subject.name,
            "fields": ", ".join(action.differing),
            "field": action.differing[0],
            "accept": action.subject.by_hand("accept"),
            "cancel": action.subject.by_hand("cancel"),
            "terms": refund_terms(action.shipment.carrier.code if action.shipment.carrier else ""),
        },
    )


def adoption(
    action: BuyLabel, shipment: Shipment, differing: Sequence[str], *, found_by_reference: bool
) -> AdoptShipment:
    """The adoption that replaces a purchase whose shipment already exists."""
    return AdoptShipment(
        subject=action.subject,
        delivery_id=action.delivery_id,
        record=action.record,
        shipment=shipment,
        content=action.content,
        found_by_reference=found_by_reference,
        differing=tuple(differing),
    )


def known_shipments(record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """The live shipments that a person knew of when requesting another label."""
    return (*record.label.beside, record.label.shipment) if record.label else ()


def _adopted(action: AdoptShipment, shipment: Shipment, problem: Problem | None) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.DONE if problem is None else OutcomeKind.HELD,
        reason=adoption_reason(action),
        shipment_id=shipment.id,
        tracking_numbers=shipment.tracking_numbers,
        problem=problem,
        notes=(action.corrected,) if action.corrected else (),
    )


def adoption_reason(action: AdoptShipment) -> str:
    """The reason code: how the label came about."""
    if action.found_by_reference:
        return "found_by_reference"
    return "corrected_in_panel" if action.corrected else "made_by_hand"
