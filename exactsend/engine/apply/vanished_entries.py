"""Entries that somebody took out of Sendcloud's panel, or made a label from, since a run has seen them (S7). Asks, and writes nothing."""

from collections.abc import Sequence

from exactsend.domain.ids import IncomingRef
from exactsend.domain.records import IncomingRecord
from exactsend.engine.apply.context import Hands
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.actions import PushIncoming

LOOKED_UP_SINGLY = 5
"""Up to this many are asked for one by one; of more the whole list is read first."""


def is_absent(hands: Hands, entry: IncomingRecord) -> bool:
    """Whether Sendcloud has no such entry now."""
    return hands.sendcloud.stored_order(entry.ref, integration=hands.identity.integration) is None


def taken_since(hands: Hands, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    """Those that are about to be brought up to date and are gone, each as it is to be remembered.

    Bringing one up to date that is gone would put it among the incoming orders anew. Where the question is refused, none is known to be gone.
    """
    try:
        return hands.questions.ask("sendcloud", "GET orders", lambda: _gone(hands, actions))
    except NotAnswered:
        return {}


def _gone(hands: Hands, actions: Sequence[PushIncoming]) -> dict[IncomingRef, IncomingRecord]:
    known = [entry for action in actions if (entry := hands.memory.incoming(action.ref)) is not None]
    seen = [entry for entry in known if entry.was_seen]
    if len(seen) > LOOKED_UP_SINGLY:
        listed = {
            stored_entry.order_id
            for stored_entry in hands.sendcloud.stored_orders(integration=hands.identity.integration)
        }
        seen = [entry for entry in seen if entry.ref not in listed]
    return {entry.ref: _taken(hands, entry) for entry in seen if is_absent(hands, entry)}


def _taken(hands: Hands, entry: IncomingRecord) -> IncomingRecord:
    found = hands.memory.shipments_with_number(entry.number)
    return entry.seen_gone(hands.clock(), is_labelled=any(shipment.state == "live" for shipment in found))
