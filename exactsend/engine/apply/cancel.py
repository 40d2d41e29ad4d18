"""Cancels a label on a person's request. Nothing is cancelled automatically (S14)."""

from collections.abc import Callable

from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.apply.label_events import record_label_event
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind, Subject
from exactsend.engine.plan.poll_results import shipment_record, with_shipment
from exactsend.engine.ports import Sendcloud
from exactsend.engine.run_context import RunContext
from exactsend.errors import Refused
from exactsend.http.messages import Call
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.refusals import is_being_cancelled
from exactsend.sendcloud.wire import cancel


def cancel_label(context: RunContext, record: DeliveryRecord, shipment: ShipmentId) -> Outcome:
    """Cancel a delivery's shipment and record the result.

    Until the carrier agrees the label counts as live: another one would be a second label.

    Raises:
        Refused: Sendcloud does not cancel it.
    """
    found = shipment_after_cancelling(
        context.sendcloud,
        shipment,
        send=lambda call: context.request_log.record_and_send(
            record.delivery_id, call, context.sendcloud.cancel
        ),
    )
    if found is not None:
        owned = shipment_record(found, record.delivery_id)
        record_label_event(context, "label_cancelled", with_shipment(record, found), owned, shipment=found)
    subject = Subject(
        delivery_id=record.delivery_id, order_numbers=record.order_numbers, delivery_number=record.number
    )
    if found is None or found.is_cancelled:
        return Outcome(ActionKind.LABEL_CANCEL, subject, OutcomeKind.DONE, shipment_id=shipment)
    return Outcome(
        ActionKind.LABEL_CANCEL,
        subject,
        OutcomeKind.PLANNED,
        reason="cancellation_queued",
        shipment_id=shipment,
    )


def shipment_after_cancelling(
    sendcloud: Sendcloud, shipment: str, *, send: Callable[[Call], str]
) -> Shipment | None:
    """Cancel a shipment with ``send``, then read it. A second cancellation is no error.

    Source: Sendcloud, API v3 reference (Cancel a shipment): 202 where it is queued, 409 "already being cancelled" the
    second time.

    Raises:
        Refused: Sendcloud does not cancel it.
    """
    try:
        send(cancel(shipment))
    except Refused as refused:
        found = sendcloud.shipment(shipment)
        if is_being_cancelled(refused) or (found and (found.is_being_cancelled or found.is_cancelled)):
            return found
        raise
    return sendcloud.shipment(shipment)
