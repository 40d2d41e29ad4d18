"""What people do in Sendcloud's panel: make, cancel and correct labels, and edit orders.

It changes the world directly, without the API and its checks.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import Protocol

from exactsend.sandbox.json_tree import Json, JsonObject, object_at, objects_at, text
from exactsend.sandbox.sendcloud.accounts import Account
from exactsend.sandbox.sendcloud.announcement import (
    ShipmentRequest,
    announce,
    announce_to_carrier,
    apply_due_changes,
    save_without_label,
)
from exactsend.sandbox.sendcloud.catalogue import ShippingOption
from exactsend.sandbox.sendcloud.records import Order, Shipment
from exactsend.sandbox.sendcloud.shipping_rules import completed_request
from exactsend.sandbox.sendcloud.statuses import FAILED
from exactsend.sandbox.sendcloud.world import SendcloudWorld


class LockedWorld(Protocol):
    """A world and its lock."""

    @property
    def sendcloud(self) -> SendcloudWorld:
        """The Sendcloud side."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held during each change."""


class Panel:
    """What a person sees and does at app.sendcloud.com."""

    def __init__(self, world: LockedWorld) -> None:
        self._world = world.sendcloud
        self._lock = world.lock

    def incoming(self, integration_id: int | None = None) -> list[Order]:
        """The "Incoming orders": saved, without a label."""
        with self._lock:
            return [
                order for order in self._world.orders(integration_id=integration_id) if not order.is_shipped
            ]

    def labels(self, order_number: str | None = None) -> list[Shipment]:
        """The live shipments, oldest first."""
        with self._lock:
            apply_due_changes(self._world)
            return self._world.live_shipments(order_number=order_number)

    def shipment(self, shipment: Shipment) -> Shipment:
        """The current version of a shipment."""
        with self._lock:
            apply_due_changes(self._world)
            return self._world.shipment(shipment.shipment_id) or shipment

    def make_label(
        self, order_number: str, option: str | None = None, *, integration_id: int | None = None
    ) -> Shipment:
        """Make a label from an incoming order; it has no ``external_reference_id``."""
        with self._lock:
            order = self._incoming(order_number, integration_id)
            shipment = self._ship(order, option)
            if shipment.is_live:
                self._mark_shipped(order)
            return shipment

    def make_shipment_without_label(self, order_number: str) -> Shipment:
        """Make a shipment from an incoming order without a label; it is listed and not charged."""
        with self._lock:
            order = self._incoming(order_number, None)
            return save_without_label(self._world, self._shipment_request(order, None))

    def _mark_shipped(self, order: Order) -> None:
        gone = not self._world.behaviour.panel_label_keeps_order
        self._world.save_order(replace(order, is_shipped=True, is_gone=gone))

    def _ship(self, order: Order, option: str | None, made_by: str = "panel") -> Shipment:
        return announce(self._world, self._shipment_request(order, option, made_by))

    def _shipment_request(self, order: Order, option: str | None, made_by: str = "panel") -> ShipmentRequest:
        account = self._world.account_of(order.integration_id)
        details: JsonObject = {}
        if point := text(order.body, "service_point_details", "id"):
            details["to_service_point"] = {"id": point}
        if customs := object_at(order.body, "customs_details"):
            details["customs_information"] = customs
        return ShipmentRequest(
            user_id=account.user_id,
            integration_id=self._integration_of(order),
            option=_option(account, order, option),
            to_address=order.shipping_address,
            from_address=_sender(account),
            parcels=[_parcel(account, order)],
            details=details,
            order_number=order.order_number,
            made_by=made_by,
        )

    def _integration_of(self, order: Order) -> int:
        return order.integration_id if self._world.behaviour.panel_label_under_own_keys else 0

    def make_label_elsewhere(
        self,
        order_number: str,
        integration_id: int,
        *,
        to_address: Mapping[str, str],
        option: str | None = None,
    ) -> Shipment:
        """Make a label as another app does, through its own integration of the account."""
        with self._lock:
            body: JsonObject = {"order_number": order_number, "shipping_address": dict(to_address)}
            body["order_details"] = {"integration": {"id": integration_id}}
            now = self._world.clock()
            order = Order(pk=0, body=body, created_at=now, modified_at=now, visible_at=now)
            return self._ship(order, option, made_by="another app")

    def make_return(self, shipment: Shipment) -> Shipment:
        """Make a return label: the same order number, from the customer to the shop."""
        with self._lock:
            back = replace(shipment, from_address=shipment.to_address)
            return announce(self._world, _request_like(back, shipment.from_address))

    def edit_order(self, order_number: str, *, integration_id: int | None = None, **address: str) -> Order:
        """Change lines of an incoming order's shipping address."""
        with self._lock:
            order = self._incoming(order_number, integration_id)
            changed: JsonObject = {**order.shipping_address, **address}
            edited = replace(
                order, body={**order.body, "shipping_address": changed}, modified_at=self._world.clock()
            )
            self._world.save_order(edited)
            return edited

    def delete_order(self, order_number: str, *, integration_id: int | None = None) -> None:
        """Delete an incoming order."""
        with self._lock:
            self._world.drop_order(self._incoming(order_number, integration_id).pk)

    def cancel_label(self, order_number: str | None = None, *, shipment_id: str | None = None) -> Shipment:
        """Cancel the newest live label of an order, or the shipment with this id."""
        with self._lock:
            live = self._world.live_shipments(order_number=order_number)
            matching = [shipment for shipment in live if shipment_id in (None, shipment.shipment_id)]
            if not matching:
                raise LookupError(f"no live label for {order_number or shipment_id}")
            shipment = matching[-1]
            if shipment.made_by == "panel" and self._world.behaviour.cancelled_label_returns_order:
                self._return_to_incoming(shipment)
            return self._world.cancel_now(shipment)

    def _return_to_incoming(self, shipment: Shipment) -> None:
        for order in self._world.orders(
            integration_id=shipment.integration_id, order_number=shipment.order_number
        ):
            self._world.save_order(replace(order, is_shipped=False))

    def restore_label(self, shipment: Shipment) -> Shipment:
        """Reject a cancellation, as the carrier does: the label is live and charged again."""
        with self._lock:
            return self._world.revive(self._world.shipment(shipment.shipment_id) or shipment)

    def retry_failed(self, order_number: str, *, as_new_shipment: bool = False, **address: str) -> Shipment:
        """Correct the address of a failed announcement and announce again, as the same shipment or as a new one."""
        with self._lock:
            failed = [s for s in self._world.shipments(order_number=order_number) if s.status == FAILED][-1]
            to_address: JsonObject = {**failed.to_address, **address}
            if as_new_shipment:
                return announce(self._world, _request_like(failed, to_address))
            return announce_to_carrier(self._world, replace(failed, to_address=to_address))

    def set_status(self, shipment: Shipment, code: str) -> Shipment:
        """Set a status, as the carrier does; any code, known or not."""
        with self._lock:
            current = self._world.shipment(shipment.shipment_id) or shipment
            return self._world.save_shipment(current.with_status(code, self._world.clock()))

    def _incoming(self, order_number: str, integration_id: int | None) -> Order:
        found = [order for order in self.incoming(integration_id) if order.order_number == order_number]
        if not found:
            raise LookupError(f"no incoming order {order_number}")
        return found[-1]


def _option(account: Account, order: Order, code: str | None) -> ShippingOption:
    """The given option, else the order's, else the one that the account's rules and defaults choose."""
    shipping = object_at(order.body, "shipping_details")
    chosen = code or text(shipping, "ship_with", "properties", "shipping_option_code")
    if not chosen:
        request: JsonObject = {"to_address": object_at(order.body, "shipping_address")}
        request["delivery_indicator"] = text(shipping, "delivery_indicator")
        chosen = text(
            completed_request(account, request).body, "ship_with", "properties", "shipping_option_code"
        )
    option = account.option(chosen)
    if option is None:
        raise LookupError(f"no shipping option {chosen}")
    return option


def _sender(account: Account) -> JsonObject:
    """The account's default sender."""
    return {
        name: value for name, value in asdict(account.sender_addresses[0]).items() if name != "address_id"
    }


def _parcel(account: Account, order: Order) -> JsonObject:
    weight: Json = object_at(order.body, "shipping_details", "measurement", "weight")
    if not weight:
        weight = {"value": f"{account.default_weight_grams / 1000:.3f}", "unit": "kg"}
    parcel: JsonObject = {"weight": {"value": text(weight, "value"), "unit": text(weight, "unit")}}
    if object_at(order.body, "customs_details"):
        parcel["parcel_items"] = [
            _item(item) for item in objects_at(order.body, "order_details", "order_items")
        ]
    return parcel


def _item(item: JsonObject) -> JsonObject:
    """An item of an order, in the form of a shipment's item."""
    price = object_at(item, "unit_price") or object_at(item, "total_price")
    return {
        "description": text(item, "description") or text(item, "name"),
        "quantity": item.get("quantity"),
        "hs_code": text(item, "hs_code"),
        "origin_country": text(item, "country_of_origin"),
        "weight": object_at(item, "measurement", "weight"),
        "price": {"value": text(price, "value"), "currency": text(price, "currency")},
    }


def _request_like(shipment: Shipment, to_address: JsonObject) -> ShipmentRequest:
    return ShipmentRequest(
        user_id=shipment.user_id,
        integration_id=shipment.integration_id,
        option=shipment.option,
        contract_id=shipment.contract_id,
        to_address=to_address,
        from_address=shipment.from_address,
        parcels=[parcel.body for parcel in shipment.parcels],
        details=shipment.details,
        order_number=shipment.order_number,
        made_by="panel",
    )
