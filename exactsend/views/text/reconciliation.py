"""The result of ``reconcile`` as lines and as a document."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from exactsend.errors import ExactSendError
from exactsend.http.messages import Json
from exactsend.views.data.reconciliation import Discrepancy, Reconciliation, StateThere, UnassignedShipment
from exactsend.views.text.cancellation import cancelling_text
from exactsend.views.text.json_documents import JsonObject, error_object, schema, time_text
from exactsend.views.text.outcome_phrases import counted
from exactsend.views.text.record_phrases import MISMATCH_REMEDIES, MISMATCHES, STATE_REMEDIES, STATES_THERE
from exactsend.views.text.time_format import moment_text

Line = tuple[bool, str]
"""Whether a line is printed with ``--quiet`` too, and the line."""


def reconciled_lines(
    came_to: Reconciliation, shipments: int, since: datetime, now: datetime, *, name: str
) -> Iterator[Line]:
    """The findings with their remedies, then notes."""
    prefix = f"{name}: " if name else ""
    for finding in came_to.findings:
        yield True, f"{prefix}{finding.kind.value}: {message_of(finding)}"
        yield from (
            (True, f"  {text}") for text in (_deadline(finding, now), f"→ {remedy_of(finding)}") if text
        )
    if came_to.unanswered:
        yield True, f"{prefix}no answer, so the state is unknown: shipment {', '.join(came_to.unanswered)}"
    for waiting in came_to.awaited:
        yield False, f"{prefix}note: {_awaited_text(waiting)}"
    if not came_to.findings and not came_to.unanswered:
        compared = counted(shipments, "shipment", "shipments")
        yield (
            False,
            f"{prefix}no discrepancies: {compared} changed since {since:%Y-%m-%d}, all as expected",
        )


def message_of(discrepancy: Discrepancy) -> str:
    """The finding in a sentence."""
    number = ", ".join(discrepancy.order_numbers)
    return MISMATCHES[discrepancy.kind].format(
        delivery=f"delivery {discrepancy.delivery_number}" + (f" (order {number})" if number else ""),
        shipment=discrepancy.shipment,
        number=f"number {number}" if number else "no number",
        state=STATES_THERE[discrepancy.state],
    )


def remedy_of(discrepancy: Discrepancy) -> str:
    """What to do about it."""
    return MISMATCH_REMEDIES[discrepancy.kind].format(
        delivery=discrepancy.delivery_number,
        shipment=discrepancy.shipment,
        of_state=STATE_REMEDIES[discrepancy.state],
    )


def _deadline(discrepancy: Discrepancy, now: datetime) -> str:
    if discrepancy.state is not StateThere.LIVE:
        return ""
    made = f"Made {moment_text(discrepancy.made_at)}. " if discrepancy.made_at else ""
    return f"{made}{cancelling_text(discrepancy.made_at, now, carrier=discrepancy.carrier, country=discrepancy.sent_from)}"


def _awaited_text(awaited: UnassignedShipment) -> str:
    return (
        f"shipment {awaited.shipment} belongs to no delivery yet; the next run takes it over if it finds a delivery without a label that has "
        f"number {awaited.order_number} and the same country and postal code"
    )


def reconciled_document(since: datetime, divisions: Sequence[JsonObject]) -> JsonObject:
    """The reconcile document; each division comes from ``reconciled_object``."""
    return {"schema": schema("reconcile"), "since": time_text(since), "divisions": [*divisions]}


def reconciled_object(
    division: str, came_to: Reconciliation, shipments: int, error: ExactSendError | None
) -> JsonObject:
    """A division in the document."""
    findings: list[Json] = [_finding(finding) for finding in came_to.findings]
    return {
        "division": division,
        "shipments": shipments,
        "findings": findings,
        "awaited": [_awaited(awaited) for awaited in came_to.awaited],
        "not_answered": [*came_to.unanswered],
        "error": error_object(error) if error else None,
    }


def _finding(discrepancy: Discrepancy) -> JsonObject:
    return {
        "kind": discrepancy.kind.value,
        "delivery_number": discrepancy.delivery_number or None,
        "order_numbers": [*discrepancy.order_numbers],
        "shipment_id": discrepancy.shipment,
        "at_sendcloud": discrepancy.state.value,
        "made_at": time_text(discrepancy.made_at),
        "free_until": time_text(discrepancy.free_until),
        "message": message_of(discrepancy),
        "remedy": remedy_of(discrepancy),
    }


def _awaited(awaited: UnassignedShipment) -> JsonObject:
    return {"shipment_id": awaited.shipment, "order_number": awaited.order_number}
