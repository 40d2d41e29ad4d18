"""Writes the ledger events and log entries of purchases, all in one form."""

from exactsend.domain.records import RETRY_PAUSES, AttemptState, DeliveryRecord, ProblemRecord, Record
from exactsend.engine.plan.applied_rules import rules_of, rules_text
from exactsend.engine.plan.service_errors import Failure, given_up
from exactsend.engine.run_context import RunContext
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment


def record_label_event(
    context: RunContext, event: str, record: DeliveryRecord, *also: Record, shipment: Shipment | None = None
) -> None:
    """Record what happened to a delivery's label, with the delivery's new record."""
    facts: dict[str, Json] = {"delivery": record.number, "orders": list(record.order_numbers)}
    if rules := rules_text(rules_of(shipment)) if shipment else "":
        facts["shipping_rules"] = rules
    last = record.attempts[-1].reference if record.attempts else ""
    context.records.note(
        event,
        record,
        *also,
        subject=f"delivery:{record.delivery_id}",
        facts={**facts, "reference": last, "shipment": shipment.id if shipment else None},
    )


def failure_record(context: RunContext, record: DeliveryRecord, failure: Failure) -> ProblemRecord:
    """The failure as a problem record, with the time of the next try if it may pass (S6)."""
    now, before = context.clock(), record.problems.get("label")
    first = ProblemRecord.seen("label", failure.problem, at=now, before=before)
    if not failure.is_passing:
        return first
    # A refusal uses up no reference, so its tries are counted by the problem, not by the attempt.
    failures = sum(attempt.state is AttemptState.FAILED for attempt in record.attempts)
    tries = max(failures, first.attempts)
    if tries > len(RETRY_PAUSES):
        problem = given_up(failure.problem, tries, delivery=record.number, division=context.identity.called)
        return ProblemRecord.seen("label", problem, at=now, before=before)
    return first.replace(next_try=now + RETRY_PAUSES[tries - 1])
