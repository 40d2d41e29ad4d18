"""The last look before a purchase: ask everything that could speak against it (S2). Judging it is ``plan.look``'s."""

from collections.abc import Iterable
from itertools import count

from exactsend.apply.hands import Hands
from exactsend.domain.ids import label_reference
from exactsend.domain.records import DeliveryRecord, IncomingState
from exactsend.exact.models import GoodsDelivery
from exactsend.plan.actions import BuyLabel
from exactsend.plan.look import Look, numbers_of
from exactsend.plan.polled import named_owner
from exactsend.sendcloud.models import Shipment


def look_once_more(hands: Hands, action: BuyLabel, delivery: GoodsDelivery | None) -> Look:
    """Ask everything that could speak against the purchase. A question that fails ends it: not answered is not "none"."""
    numbers = numbers_of(action.consignment)
    found = {one.id: one for number in numbers for one in hands.sendcloud.shipments_with_number(number)}
    attempts = _attempts(hands, action.record, found.values())
    others = [one for one in found.values() if one.id not in {own.id for own in attempts}]
    return Look(
        delivery=delivery,
        attempts=attempts,
        with_numbers=tuple(found.values()),
        of_this_integration=_of_this_integration(hands, {one.order_number for one in others}),
        entry_is_gone=_entry_is_gone(hands, action),
    )


def _attempts(hands: Hands, record: DeliveryRecord, with_numbers: Iterable[Shipment]) -> tuple[Shipment, ...]:
    """Every earlier attempt, found by its reference or number or remembered, read by its id: as it is now, not as an index says (S6)."""
    found: dict[str, Shipment] = {}
    for number in count(1):
        shipment = hands.sendcloud.shipment_with_reference(
            label_reference(hands.identity.division, record.delivery_id, number)
        )
        if shipment is None:
            break
        found[shipment.id] = hands.sendcloud.shipment(shipment.id) or shipment
    ours = [one.id for one in with_numbers if named_owner(hands.identity.division, one) == record.delivery_id]
    remembered = [one.shipment for one in record.attempts if one.shipment]
    for key in [one for one in dict.fromkeys((*remembered, *ours)) if one not in found]:
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
