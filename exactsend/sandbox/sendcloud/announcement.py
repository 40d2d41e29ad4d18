"""Creates shipments and announces them to their carriers, for the API and for people in the panel.

The callers have checked the form of the request; `answers` renders the answer.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from exactsend.sandbox.json_tree import JsonObject, text
from exactsend.sandbox.sendcloud.carriers import (
    announcement_problems,
    needs_customs,
    tracking_number,
    tracking_url,
)
from exactsend.sandbox.sendcloud.catalogue import ServicePoint, ShippingOption
from exactsend.sandbox.sendcloud.records import Shipment, StoredParcel
from exactsend.sandbox.sendcloud.refusals import error
from exactsend.sandbox.sendcloud.statuses import (
    ANNOUNCING,
    CANCELLATION_FAILED,
    CANCELLED,
    CANCELLING,
    FAILED,
    NO_LABEL,
    READY,
)
from exactsend.sandbox.sendcloud.world import SendcloudWorld


@dataclass(frozen=True, kw_only=True)
class ShipmentRequest:
    """A shipment to create."""

    user_id: int
    integration_id: int
    option: ShippingOption
    contract_id: int | None = None
    to_address: JsonObject
    from_address: JsonObject
    parcels: Sequence[JsonObject]
    details: JsonObject = field(default_factory=dict)
    order_number: str = ""
    external_reference_id: str | None = None
    applied_rules: tuple[JsonObject, ...] = ()
    made_by: str = "api"


def announce(world: SendcloudWorld, wanted: ShipmentRequest) -> Shipment:
    """Create the shipment and announce it: now or, if `behaviour` says so, at the next read."""
    shipment = world.save_shipment(_new_shipment(world, wanted))
    if wanted.made_by == "api" and world.behaviour.announce_answers_announcing:
        return shipment
    return announce_to_carrier(world, shipment)


def save_without_label(world: SendcloudWorld, wanted: ShipmentRequest) -> Shipment:
    """Create the shipment without a label."""
    return world.save_shipment(_new_shipment(world, wanted).with_status(NO_LABEL, world.clock()))


def _new_shipment(world: SendcloudWorld, wanted: ShipmentRequest) -> Shipment:
    now = world.clock()
    parcels = tuple(
        StoredParcel(parcel_id=383_000_000 + world.next_number(), body=body) for body in wanted.parcels
    )
    return Shipment(
        shipment_id=str(uuid.UUID(int=(0x5E << 120) + world.next_number(), version=4)),
        user_id=wanted.user_id,
        integration_id=wanted.integration_id,
        option=wanted.option,
        contract_id=wanted.contract_id or wanted.option.contract_id,
        to_address=wanted.to_address,
        from_address=wanted.from_address,
        details=wanted.details,
        parcels=parcels,
        created_at=now,
        updated_at=now,
        order_number=wanted.order_number,
        external_reference_id=wanted.external_reference_id,
        applied_rules=wanted.applied_rules,
        made_by=wanted.made_by,
    )


def announce_to_carrier(world: SendcloudWorld, shipment: Shipment) -> Shipment:
    """Announce a shipment; the carrier accepts or refuses it."""
    problems = announcement_problems(shipment, _point(world, shipment), world.behaviour)
    if problems:
        return world.save_shipment(_failed(world, shipment, problems))
    world.charge(shipment)
    return world.save_shipment(_ready(world, shipment))


def _point(world: SendcloudWorld, shipment: Shipment) -> ServicePoint | None:
    wanted = shipment.details.get("to_service_point")
    carrier_point_id, point_id = text(wanted, "carrier_service_point_id"), text(wanted, "id")
    if carrier_point_id:
        return next(
            (point for point in world.service_points if point.carrier_point_id == carrier_point_id), None
        )
    return world.service_point(point_id) if point_id else None


def _failed(world: SendcloudWorld, shipment: Shipment, problems: list[str]) -> Shipment:
    errors = tuple(error(500, "parcel_announcement_error", problem) for problem in problems)
    numbered = _numbered(world, shipment) if world.behaviour.failed_with_tracking_number else shipment
    return replace(numbered.with_status(FAILED, world.clock()), errors=errors)


def _ready(world: SendcloudWorld, shipment: Shipment) -> Shipment:
    kinds = ("label", "customs-declaration") if needs_customs(shipment) else ("label",)
    numbered = _numbered(world, shipment)
    parcels = tuple(replace(parcel, documents=kinds) for parcel in numbered.parcels)
    return replace(numbered, parcels=parcels, errors=()).with_status(READY, world.clock())


def _numbered(world: SendcloudWorld, shipment: Shipment) -> Shipment:
    return replace(
        shipment, parcels=tuple(_numbered_parcel(world, shipment, parcel) for parcel in shipment.parcels)
    )


def _numbered_parcel(world: SendcloudWorld, shipment: Shipment, parcel: StoredParcel) -> StoredParcel:
    if not shipment.option.is_tracked and not world.behaviour.untracked_have_numbers:
        return replace(parcel, announced_at=world.clock())
    number = tracking_number(shipment.option.carrier.code, world.next_number())
    now = world.clock()
    return replace(
        parcel, tracking_number=number, tracking_url=tracking_url(shipment, number, now), announced_at=now
    )


def apply_due_changes(world: SendcloudWorld) -> None:
    """Carry out what is due: announcements, queued cancellations, and cancellations that the carrier rejects."""
    behaviour = world.behaviour
    for shipment in world.unsettled_shipments():
        age = world.clock() - shipment.updated_at
        if shipment.status == ANNOUNCING:
            announce_to_carrier(world, shipment)
        elif shipment.status == CANCELLING and age >= behaviour.cancellation_takes:
            if behaviour.queued_cancellation_fails:
                world.save_shipment(shipment.with_status(CANCELLATION_FAILED, world.clock()))
            else:
                world.cancel_now(shipment)
        elif shipment.status == CANCELLED and age >= (behaviour.cancelled_comes_back or timedelta.max):
            world.revive(shipment)
