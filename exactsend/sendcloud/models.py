"""Sendcloud's resources, the fields that are used and no others. Mirrors the vendor; what a status means is decided in ``statuses``.

A field's type says what happens where it is missing (``fields``): most are forgiven, evidence is not (S17).
Source: Sendcloud, API v3 reference (Shipments, Orders, Service points, Sender addresses, Shipping options).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.http import json_values
from exactsend.http.json_values import AtMost, Sometimes
from exactsend.http.messages import BadRow
from exactsend.sendcloud.fields import (
    Certain,
    Flag,
    Line,
    NullableText,
    Number,
    OpaqueId,
    OptionalMoment,
    OptionalWhole,
    OrNone,
    Resource,
    Text,
    Texts,
    Whole,
    read_object,
    read_objects,
    read_rows,
)
from exactsend.sendcloud.shipping_rules import AppliedRule
from exactsend.sendcloud.statuses import Meaning, Phase, code_of_words, meaning_of

ORDERS_PER_PUSH = 100
"""The most incoming orders that one call takes."""
_GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}


def _code_of(value: object) -> str | None:
    """A status code in the one spelling that is compared: upper snake case."""
    found = json_values.text(value)
    return None if found is None else found.upper().replace("-", "_")


def _read_status(value: object) -> object:
    """A parcel's status: an object, its bare code, or null (S17).

    Where the older API's form comes through, ``{"id": 1002, "message": "Announcement failed"}``, its words tell the code.
    """
    if value is None or isinstance(value, str):
        return {"code": value}
    if not isinstance(value, dict) or value.get("code") is not None:
        return value
    return {**value, "code": code_of_words(json_values.text(value.get("message")) or "")}


class Status(Resource):
    """A parcel's status: a code and the vendor's words for it."""

    code: Annotated[str, BeforeValidator(json_values.nullable_text(_code_of))] = ""
    """Empty where it is not known."""
    message: Text = ""

    @property
    def meaning(self) -> Meaning:
        """What it says."""
        return meaning_of(self.code)


LABEL, CUSTOMS_DECLARATION, AIR_WAYBILL = "label", "customs-declaration", "air-waybill"
"""Parcel documents, by the names that they are asked for under."""
_KINDS = {
    LABEL: {LABEL},
    CUSTOMS_DECLARATION: {CUSTOMS_DECLARATION, "cn23", "cn23-default", "cp71", "commercial-invoice"},
    AIR_WAYBILL: {AIR_WAYBILL},
}
"""With what their older field says instead (Sendcloud, Shipments API v3, ``documents``)."""


class ParcelDocument(Resource):
    """A paper that belongs to a parcel. The kind stands in one of two fields."""

    type: Annotated[Text, Sometimes()] = ""
    document_type: Annotated[Text, Sometimes()] = ""
    link: Text = ""

    @property
    def kind(self) -> str:
        """What to ask for to get it; empty where that is not known."""
        return next((kind for kind, names in _KINDS.items() if names & {self.type, self.document_type}), "")


class Weight(Resource):
    """A weight, given as text or as a number."""

    value: Number
    unit: Text = "kg"

    @property
    def grams(self) -> Decimal | None:
        """The weight in grams; None in a unit that the vendor does not document."""
        factor = _GRAMS.get(self.unit)
        return None if factor is None else self.value * factor


class Parcel(Resource):
    """One parcel of a shipment."""

    id: Whole
    status: Annotated[Status, BeforeValidator(_read_status)]
    weight: Annotated[Weight | None, OrNone] = None
    tracking_number: Annotated[Line, AtMost(255)] = ""
    """Source of the length: Get tracking details, ``tracking_number``."""
    tracking_url: Line = ""
    documents: Annotated[tuple[ParcelDocument, ...], BeforeValidator(read_objects)] = ()
    updated_at: OptionalMoment = None
    announced_at: OptionalMoment = None

    @property
    def has_label(self) -> bool:
        """Whether there is a label document."""
        return LABEL in self.papers

    @property
    def phase(self) -> Phase:
        """How far it has come. A label document outweighs a status that says that there is none."""
        phase = self.status.meaning.phase
        return Phase.READY if phase in {Phase.FAILED, Phase.NO_LABEL} and self.has_label else phase

    @property
    def papers(self) -> tuple[str, ...]:
        """The kinds of its documents, each once: the label, then what goes with it."""
        return tuple(kind for kind in _KINDS if kind in {paper.kind for paper in self.documents})


class ShipmentAddress(Resource):
    """Where a shipment goes or comes from, as far as it is compared."""

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
    """Which carrier's product a shipment goes with, under which contract."""

    shipping_option_code: Text = ""
    contract_id: OptionalWhole = None


class ShipWith(Resource):
    """The vendor's wrapping of the shipping option."""

    properties: Annotated[ShippingOption, BeforeValidator(read_object)] = Field(
        default_factory=ShippingOption
    )


class AnnouncementError(Resource):
    """Why a carrier refused: its words in ``detail``."""

    code: Text = ""
    detail: Text = ""


class Shipment(Resource):
    """A shipment: what was, or was to be, handed to a carrier. Money is spent here."""

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
    """The panel's rules that had a part in it. Told when a label is made by rules, and not again."""
    parcels: Annotated[tuple[Parcel, ...], BeforeValidator(read_rows)] = ()
    """All of them: one that can't be read makes the shipment unreadable."""

    @property
    def shipping_option(self) -> ShippingOption:
        """What it goes with."""
        return self.ship_with.properties

    @property
    def updated_at(self) -> datetime | None:
        """When the last of its parcels was updated: only parcels carry moments."""
        return max(_known(parcel.updated_at for parcel in self.parcels), default=None)

    @property
    def announced_at(self) -> datetime | None:
        """When the first of its parcels was announced."""
        return min(_known(parcel.announced_at for parcel in self.parcels), default=None)

    @property
    def is_failed(self) -> bool:
        """Every parcel's announcement failed and there is no label document: nothing was bought (S5, S6)."""
        return self._is_all(Phase.FAILED)

    @property
    def is_cancelled(self) -> bool:
        """Every parcel is cancelled, or has no label. "Cancelling" is not: it counts as live."""
        return self._is_all(Phase.CANCELLED, Phase.NO_LABEL)

    @property
    def is_being_cancelled(self) -> bool:
        """It was asked to be cancelled, and some of its parcels still wait for the carrier."""
        return not self.is_cancelled and self._is_all(Phase.CANCELLING, Phase.CANCELLED)

    @property
    def is_cancellation_failed(self) -> bool:
        """It was asked to be cancelled, and the carrier did not agree for one of its parcels."""
        return any(parcel.status.meaning.is_cancellation_failed for parcel in self.parcels)

    @property
    def is_live(self) -> bool:
        """Paid as far as one can know: neither failed nor cancelled, nor without a label. Unknown status codes count as live (S5)."""
        return not self.is_failed and not self.is_cancelled

    @property
    def is_printable(self) -> bool:
        """A label document exists for every parcel (S5)."""
        return bool(self.parcels) and all(parcel.has_label for parcel in self.parcels)

    @property
    def papers(self) -> tuple[str, ...]:
        """The kinds of documents that its parcels have."""
        return tuple(dict.fromkeys(kind for parcel in self.parcels for kind in parcel.papers))

    @property
    def is_tracked(self) -> bool:
        """Every parcel has a tracking number and none is being announced or cancelled, has failed or is cancelled (S5)."""
        return self.is_on_its_way and all(parcel.tracking_number for parcel in self.parcels)

    @property
    def is_on_its_way(self) -> bool:
        """Every parcel is announced, and none is cancelled or about to be."""
        return bool(self.parcels) and all(parcel.status.meaning.is_tracked for parcel in self.parcels)

    @property
    def has_moved(self) -> bool:
        """Whether a parcel has a status that only a carrier gives, as far as one can know."""
        return any(parcel.status.meaning.has_moved for parcel in self.parcels)

    def _is_all(self, *phases: Phase) -> bool:
        return bool(self.parcels) and all(parcel.phase in phases for parcel in self.parcels)

    @property
    def tracking_numbers(self) -> tuple[str, ...]:
        """The numbers of all parcels, in their order."""
        return tuple(parcel.tracking_number for parcel in self.parcels if parcel.tracking_number)


def _known(moments: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in moments if moment is not None]


@dataclass(frozen=True)
class ShipmentsWalk:
    """A walk through the shipments list that ended well."""

    shipments: tuple[Shipment, ...]
    server_date: datetime
    """Sendcloud's own clock at the first answer of the walk (its ``Date`` header)."""
    bad: tuple[BadRow, ...] = ()
    """Rows that can't be read. A purchase under their number finds them once more, and is not made."""


@dataclass(frozen=True)
class Announced:
    """The answer to a purchase."""

    shipment: Shipment
    existed: bool
    """The reference had been used before (409): this is what it was used for."""


class StoredOrder(Resource):
    """An incoming order as Sendcloud names it: only its identities, and since when it is stored."""

    id: OpaqueId
    order_id: Text = ""
    order_number: NullableText
    created_at: OptionalMoment = None
    """When Sendcloud stored it, by its own clock."""


class OrderDetails(Resource):
    """What of an incoming order's details is read back: its lines."""

    order_items: Annotated[tuple[dict[str, object], ...], BeforeValidator(read_objects)] = ()


class ReadOrder(StoredOrder):
    """An incoming order with its lines."""

    order_details: Annotated[OrderDetails, BeforeValidator(read_object)] = Field(default_factory=OrderDetails)


class AuthMetadata(Resource):
    """Who the keys belong to."""

    user_id: OpaqueId
    integration_id: Whole


class TaxNumber(Resource):
    """A number that customs know a party by."""

    name: Text = ""
    country_code: Annotated[Text, AtMost(2)] = ""
    value: Annotated[Text, AtMost(100)] = ""


class SenderAddress(Resource):
    """An address that parcels are sent from."""

    id: Whole
    company_name: Text = ""
    name: Text = ""
    """The person's."""
    country_code: Text = ""
    postal_code: Text = ""
    city: Text = ""
    address_line_1: Text = ""
    house_number: Text = ""
    tax_numbers: Annotated[tuple[TaxNumber, ...], BeforeValidator(read_objects)] = ()


class ServicePointAddress(Resource):
    """Where a service point is."""

    street: Text = ""
    house_number: Text = ""
    postal_code: Text = ""
    city: Text = ""
    country_code: NullableText


class ServicePoint(Resource):
    """A point where the recipient collects the parcel. What decides whether it will do must be told (T10)."""

    id: Whole
    name: Text = ""
    carrier: Carrier
    address: ServicePointAddress
    is_expired: Certain

    @property
    def carrier_code(self) -> str:
        """Whose point it is."""
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
