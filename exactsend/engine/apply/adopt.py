"""Take a shipment that is there as a delivery's own: made by hand, or bought by an earlier run (S4). Buys nothing."""

from collections.abc import Sequence

from exactsend.domain.ids import Reference, ShipmentId, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import Attempt, AttemptState, DeliveryRecord, LabelRecord, ProblemRecord
from exactsend.engine.apply.label_events import note, seen
from exactsend.engine.plan.actions import AdoptShipment, BuyLabel, Outcome, OutcomeKind
from exactsend.engine.plan.after_label import cancelled_after_label
from exactsend.engine.plan.cancellation_terms import refund_terms
from exactsend.engine.plan.label_problems import cancelled
from exactsend.engine.plan.ownership import entries_given_back
from exactsend.engine.plan.poll_results import label_with, shipment_record
from exactsend.engine.plan.service_errors import announcement_failure
from exactsend.engine.run_context import RunContext
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment

Result = tuple[Outcome, Shipment | None]
"""How it ended, and the shipment as it is now where there is one."""


def adopt(context: RunContext, action: AdoptShipment, *, request: BuyLabel | None = None) -> Result:
    """Take a shipment as the delivery's own: made by hand, or bought by an earlier run whose answer was lost."""
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
        beside=known_of(record),
    )
    record = record.with_label(label_with(label, shipment))
    problem = _differs(action) if action.differing else None
    if record.gone:
        problem = cancelled_after_label(action.subject)
    if problem is not None:
        record = record.with_problem(ProblemRecord.seen("label", problem, at=context.clock(), before=None))
    settled = entries_given_back(context.memory, context.identity.division, record, shipment)
    note(context, f"label_{how}", record, owned, *settled, shipment=shipment)
    return _adopted(action, shipment, problem), shipment


def _adopt_dead(
    context: RunContext, action: AdoptShipment, record: DeliveryRecord, request: BuyLabel | None
) -> Outcome:
    """An earlier attempt of ours that came to nothing: learned now, and told."""
    told = _told_of_dead(context, action, record, request)
    note(
        context,
        "label_failed" if action.shipment.is_failed else "label_cancelled",
        record.with_problem(told),
        shipment_record(action.shipment, action.delivery_id),
        shipment=action.shipment,
    )
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.FAILED,
        reason=told.code,
        shipment_id=action.shipment.id,
        problem=told.as_problem(),
    )


def _told_of_dead(
    context: RunContext, action: AdoptShipment, record: DeliveryRecord, request: BuyLabel | None
) -> ProblemRecord:
    if action.shipment.is_failed:
        body: Json = request.request.body if request else action.shipment.to_address.model_dump(mode="json")
        return seen(context, record, announcement_failure(action.subject, action.shipment, body))
    following = max((attempt.number for attempt in record.attempts), default=0) + 1
    before = record.problems.get("label")
    return ProblemRecord.seen(
        "label", cancelled(action.subject, following), at=context.clock(), before=before
    )


def _with_own_attempt(action: AdoptShipment, context: RunContext) -> DeliveryRecord:
    parsed = parse_reference(action.shipment.external_reference_id)
    if parsed is None:
        return action.record
    known = next((candidate for candidate in action.record.attempts if candidate.number == parsed[2]), None)
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
    """What a purchase becomes when the shipment is there already."""
    return AdoptShipment(
        subject=action.subject,
        delivery_id=action.delivery_id,
        record=action.record,
        shipment=shipment,
        content=action.content,
        found_by_reference=found_by_reference,
        differing=tuple(differing),
    )


def known_of(record: DeliveryRecord) -> tuple[ShipmentId, ...]:
    """The live shipments that a person knows of: another label was asked for in so many words."""
    return (*record.label.beside, record.label.shipment) if record.label else ()


def _adopted(action: AdoptShipment, shipment: Shipment, problem: Problem | None) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.DONE if problem is None else OutcomeKind.HELD,
        reason=reason_of(action),
        shipment_id=shipment.id,
        tracking_numbers=shipment.tracking_numbers,
        problem=problem,
        notes=(action.corrected,) if action.corrected else (),
    )


def reason_of(action: AdoptShipment) -> str:
    """How the label came about, as a reason code."""
    if action.found_by_reference:
        return "found_by_reference"
    return "corrected_in_panel" if action.corrected else "made_by_hand"
