"""Finds incoming orders that a person removed in the panel, or made a label from, since a run saw them (S7). Reads only."""

from collections.abc import Sequence

from exactsend.domain.ids import IncomingRef
from exactsend.domain.records import IncomingRecord
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.actions import PushIncoming
from exactsend.engine.run_context import RunContext

LOOKED_UP_SINGLY = 5
"""Up to this many are looked up one by one; for more, the whole list is read first."""


def is_absent(context: RunContext, incoming_order: IncomingRecord) -> bool:
    """Whether Sendcloud doesn't have this incoming order."""
    return (
        context.sendcloud.stored_order(incoming_order.ref, integration=context.identity.integration) is None
    )


def vanished_since(context: RunContext, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    """Those about to be updated that no longer exist, as records.

    Updating one would create it again. If the request is refused, none counts as gone.
    """
    try:
        return context.questions.ask("sendcloud", "GET orders", lambda: _vanished(context, actions))
    except NotAnswered:
        return {}


def _vanished(context: RunContext, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    known = [
        incoming_order
        for action in actions
        if (incoming_order := context.records.incoming(action.ref)) is not None
    ]
    seen = [incoming_order for incoming_order in known if incoming_order.was_seen]
    if len(seen) > LOOKED_UP_SINGLY:
        listed = {
            stored_order.order_id
            for stored_order in context.sendcloud.stored_orders(integration=context.identity.integration)
        }
        seen = [incoming_order for incoming_order in seen if incoming_order.ref not in listed]
    return {
        incoming_order.ref: _taken(context, incoming_order)
        for incoming_order in seen
        if is_absent(context, incoming_order)
    }


def _taken(context: RunContext, incoming_order: IncomingRecord) -> IncomingRecord:
    found = context.records.shipments_with_number(incoming_order.number)
    return incoming_order.seen_gone(
        context.clock(), is_labelled=any(shipment.state == "live" for shipment in found)
    )
