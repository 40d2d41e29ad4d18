"""Finds incoming orders that a person removed in the panel, or made a label from, since a run saw them (S7). Reads only."""

from collections.abc import Sequence

from exactsend.domain.ids import IncomingRef
from exactsend.domain.records import IncomingRecord
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.actions import PushIncoming
from exactsend.engine.run_context import RunContext

LOOKED_UP_SINGLY = 5
"""Up to this many are looked up one by one; for more, the whole list is read first."""


def is_absent(context: RunContext, entry: IncomingRecord) -> bool:
    """Whether Sendcloud doesn't have this incoming order."""
    return context.sendcloud.stored_order(entry.ref, integration=context.identity.integration) is None


def taken_since(context: RunContext, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    """Those about to be updated that no longer exist, as records.

    Updating one would create it again. If the request is refused, none counts as gone.
    """
    try:
        return context.questions.ask("sendcloud", "GET orders", lambda: _gone(context, actions))
    except NotAnswered:
        return {}


def _gone(context: RunContext, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    known = [entry for action in actions if (entry := context.memory.incoming(action.ref)) is not None]
    seen = [entry for entry in known if entry.was_seen]
    if len(seen) > LOOKED_UP_SINGLY:
        listed = {
            stored_entry.order_id
            for stored_entry in context.sendcloud.stored_orders(integration=context.identity.integration)
        }
        seen = [entry for entry in seen if entry.ref not in listed]
    return {entry.ref: _taken(context, entry) for entry in seen if is_absent(context, entry)}


def _taken(context: RunContext, entry: IncomingRecord) -> IncomingRecord:
    found = context.memory.shipments_with_number(entry.number)
    return entry.seen_gone(context.clock(), is_labelled=any(shipment.state == "live" for shipment in found))
