"""Cancel a label that a person no longer wants. Nothing is cancelled by itself (S14)."""

from exactsend.apply.hands import Hands
from exactsend.apply.noting import note
from exactsend.domain.ids import ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.plan.actions import Kind, Outcome, OutcomeKind, Subject
from exactsend.plan.polled import shipment_record, with_shipment
from exactsend.sendcloud.wire import cancel


def cancel_label(hands: Hands, record: DeliveryRecord, shipment: ShipmentId) -> Outcome:
    """Cancel a shipment of a delivery, and remember what that has made of it.

    Until the carrier has agreed it counts as live: another label would be a second one.
    """
    hands.exchanges.will_send(record.delivery_id, cancel(shipment))
    answer = hands.sendcloud.cancel(shipment)
    found = hands.sendcloud.shipment(shipment)
    if found is not None:
        owned = shipment_record(found, record.delivery_id)
        note(hands, "label_cancelled", with_shipment(record, found), owned, shipment=found)
    subject = Subject(
        delivery_id=record.delivery_id, order_numbers=record.order_numbers, delivery_number=record.number
    )
    if answer == "cancelled":
        return Outcome(Kind.LABEL_CANCEL, subject, OutcomeKind.DONE, shipment_id=shipment)
    return Outcome(
        Kind.LABEL_CANCEL, subject, OutcomeKind.PLANNED, reason="cancellation_queued", shipment_id=shipment
    )
