"""Sendcloud's shipments, incoming orders, service points and account settings: the fields that are used. Mirrors the vendor.

A field's type says what happens if it is missing (``fields``): most fields may be, evidence may not (S17).
Source: Sendcloud, API v3 reference (Shipments, Orders, Service points, Sender addresses, Integrations, Contracts).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.http.json_values import AtMost, Sometimes
from exactsend.http.messages import BadRow
from exactsend.sendcloud.fields import (
    Flag,
    NullableText,
    OpaqueId,
    OptionalMoment,
    OptionalWhole,
    OrNone,
    RequiredFlag,
    Resource,
    Text,
    Texts,
    Whole,
    read_object,
    read_objects,
    read_rows,
)
from exactsend.sendcloud.parcels import Parcel
from exactsend.sendcloud.shipping_rules import AppliedRule
from exactsend.sendcloud.statuses import Phase


class ShipmentAddress(Resource):
    """The address that a shipment goes to or comes from: the fields that are compared."""

    country_code: Text = ""
    postal_code: Text = ""
    name: Text = ""
    company_name: Text = ""
    address_line_1: Text = ""
    address_line_2: Text = ""
    house_number: Text = ""
    city: Text = ""
    email: Text = ""
    phone_number: Text = ""


class Carrier(Resource):
    """The carrier of a shipment."""

    code: Text = ""
    name: Text = ""


class ShippingOption(Resource):
    """The carrier's product that a shipment uses, and the contract."""

    shipping_option_code: Text = ""
    contract_id: OptionalWhole = None


class ShipWith(Resource):
    """Wraps the shipping option."""

    properties: Annotated[ShippingOption, BeforeValidator(read_object)] = Field(
        default_factory=ShippingOption
    )


class AnnouncementError(Resource):
    """Why a carrier refused a shipment: ``detail`` has its words."""

    code: Text = ""
    detail: Text = ""


class Shipment(Resource):
    """A shipment, announced to a carrier or not. Announcing one costs money."""

    id: OpaqueId
    order_number: NullableText
    external_reference_id: NullableText
    carrier: Annotated[Carrier | None, OrNone] = None
    to_address: Annotated[ShipmentAddress, BeforeValidator(read_object)] = Field(
        default_factory=ShipmentAddress
    )
    from_address: Annotated[ShipmentAddress, BeforeValidator(read_object)] = Field(
        default_factory=ShipmentAddress
    )
    ship_with: Annotated[ShipWith, BeforeValidator(read_object)] = Field(default_factory=ShipWith)
    errors: Annotated[tuple[AnnouncementError, ...], BeforeValidator(read_objects)] = ()
    applied_shipping_rules: Annotated[
        tuple[AppliedRule, ...], BeforeValidator(read_objects), Sometimes()
    ] = ()
    """The panel's rules that changed it. Only the response to a purchase with rules lists them."""
    parcels: Annotated[tuple[Parcel, ...], BeforeValidator(read_rows)] = ()
    """All parcels: if one can't be read, neither can the shipment."""

    @property
    def shipping_option(self) -> ShippingOption:
        """The carrier's product and the contract."""
        return self.ship_with.properties

    @property
    def updated_at(self) -> datetime | None:
        """When the last of its parcels was updated. The shipment itself has no times."""
        return max(_known(parcel.updated_at for parcel in self.parcels), default=None)

    @property
    def announced_at(self) -> datetime | None:
        """When the first of its parcels was announced."""
        return min(_known(parcel.announced_at for parcel in self.parcels), default=None)

    @property
    def is_failed(self) -> bool:
        """Every parcel's announcement failed and none has a label document: nothing was bought (S5, S6)."""
        return self._is_all(Phase.FAILED)

    @property
    def is_cancelled(self) -> bool:
        """Every parcel is cancelled or never had a label. One that is still being cancelled counts as live."""
        return self._is_all(Phase.CANCELLED, Phase.NO_LABEL)

    @property
    def is_being_cancelled(self) -> bool:
        """Cancellation was requested, and the carrier has not confirmed it for every parcel."""
        return not self.is_cancelled and self._is_all(Phase.CANCELLING, Phase.CANCELLED)

    @property
    def is_cancellation_failed(self) -> bool:
        """Cancellation was requested, and the carrier refused it for at least one parcel."""
        return any(parcel.status.meaning.is_cancellation_failed for parcel in self.parcels)

    @property
    def is_live(self) -> bool:
        """Presumably paid: neither failed nor cancelled, and not without a label. Unknown status codes count as live (S5)."""
        return not self.is_failed and not self.is_cancelled

    @property
    def is_printable(self) -> bool:
        """Every parcel has a label document (S5)."""
        return bool(self.parcels) and all(parcel.has_label for parcel in self.parcels)

    @property
    def document_kinds(self) -> tuple[str, ...]:
        """The kinds of documents that its parcels have, without duplicates."""
        return tuple(dict.fromkeys(kind for parcel in self.parcels for kind in parcel.document_kinds))

    @property
    def is_tracked(self) -> bool:
        """Every parcel is announced and not cancelled, and has a tracking number (S5)."""
        return self.is_on_its_way and all(parcel.tracking_number for parcel in self.parcels)

    @property
    def is_on_its_way(self) -> bool:
        """Every parcel is announced; none is cancelled or being cancelled."""
        return bool(self.parcels) and all(parcel.status.meaning.is_tracked for parcel in self.parcels)

    @property
    def has_moved(self) -> bool:
        """Whether a parcel has a status that only a carrier reports. Unknown codes count as such."""
        return any(parcel.status.meaning.has_moved for parcel in self.parcels)

    def _is_all(self, *phases: Phase) -> bool:
        return bool(self.parcels) and all(parcel.phase in phases for parcel in self.parcels)

    @property
    def tracking_numbers(self) -> tuple[str, ...]:
        """The tracking numbers of all parcels, in their order."""
        return tuple(parcel.tracking_number for parcel in self.parcels if parcel.tracking_number)


def _known(moments: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in moments if moment is not None]


@dataclass(frozen=True)
class ShipmentsWalk:
    """A complete walk through the list of shipments."""

    shipments: tuple[Shipment, ...]
    server_date: datetime
    """Sendcloud's own clock at the first response (its ``Date`` header)."""
    bad: tuple[BadRow, ...] = ()
    """Unreadable rows. A purchase for the same number finds them again, and then is not made."""


@dataclass(frozen=True)
class Announced:
    """The response to a purchase."""

    shipment: Shipment
    existed: bool
    """The reference was used before (409), for this shipment."""


class StoredOrder(Resource):
    """An incoming order: only its identifiers, and when it was stored."""

    id: OpaqueId
    order_id: Text = ""
    order_number: NullableText
    created_at: OptionalMoment = None
    """When Sendcloud stored it, by Sendcloud's clock."""


class OrderDetails(Resource):
    """The details of an incoming order: only its lines."""

    order_items: Annotated[tuple[dict[str, object], ...], BeforeValidator(read_objects)] = ()


class ReadOrder(StoredOrder):
    """An incoming order with its lines."""

    order_details: Annotated[OrderDetails, BeforeValidator(read_object)] = Field(default_factory=OrderDetails)


class AuthMetadata(Resource):
    """The user and the integration that own the keys."""

    user_id: OpaqueId
    integration_id: Whole


class TaxNumber(Resource):
    """A number that identifies a party to customs."""

    name: Text = ""
    country_code: Annotated[Text, AtMost(2)] = ""
    value: Annotated[Text, AtMost(100)] = ""


class SenderAddress(Resource):
    """An address that parcels are sent from."""

    id: Whole
    company_name: Text = ""
    name: Text = ""
    """The person's name."""
    country_code: Text = ""
    postal_code: Text = ""
    city: Text = ""
    address_line_1: Text = ""
    house_number: Text = ""
    tax_numbers: Annotated[tuple[TaxNumber, ...], BeforeValidator(read_objects)] = ()


class ServicePointAddress(Resource):
    """The address of a service point."""

    street: Text = ""
    house_number: Text = ""
    postal_code: Text = ""
    city: Text = ""
    country_code: NullableText


class ServicePoint(Resource):
    """A point where the recipient collects the parcel. The fields that decide whether it can be used are required (T10)."""

    id: Whole
    name: Text = ""
    carrier: Carrier
    address: ServicePointAddress
    is_expired: RequiredFlag

    @property
    def carrier_code(self) -> str:
        """The carrier whose point it is."""
        return self.carrier.code

    @property
    def country_code(self) -> str:
        """The country it is in."""
        return self.address.country_code


class Integration(Resource):
    """A connection between the account and a shop."""

    id: Whole
    shop_name: Annotated[Text, AtMost(250)] = ""
    type: Text = ""
    service_point_enabled: Flag = False
    service_point_carriers: Texts = ()


class CarrierContract(Resource):
    """A contract of the account with a carrier."""

    id: Whole
    carrier: Annotated[Carrier | None, OrNone] = None
    state: Text = ""
