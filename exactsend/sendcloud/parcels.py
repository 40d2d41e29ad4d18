"""Sendcloud's parcels: status, weight, documents. Mirrors the vendor; ``statuses`` says what a status means.

Source: Sendcloud, API v3 reference (Shipments).
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from exactsend.http import json_values
from exactsend.http.json_values import AtMost, Sometimes
from exactsend.sendcloud.fields import (
    Line,
    Number,
    OptionalMoment,
    OrNone,
    Resource,
    Text,
    Whole,
    read_objects,
)
from exactsend.sendcloud.statuses import Meaning, Phase, code_for_words, meaning_of

_GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}


def _code_of(value: object) -> str | None:
    """A status code in upper snake case, the spelling of ``statuses``."""
    found = json_values.text(value)
    return None if found is None else found.upper().replace("-", "_")


def _read_status(value: object) -> object:
    """A parcel's status: an object, only its code, or null (S17).

    The older API's form, ``{"id": 1002, "message": "Announcement failed"}``, has no code; it is looked up by the words.
    """
    if value is None or isinstance(value, str):
        return {"code": value}
    if not isinstance(value, dict) or value.get("code") is not None:
        return value
    return {**value, "code": code_for_words(json_values.text(value.get("message")) or "")}


class Status(Resource):
    """A parcel's status: a code and the vendor's words for it."""

    code: Annotated[str, BeforeValidator(json_values.nullable_text(_code_of))] = ""
    """Empty if unknown."""
    message: Text = ""

    @property
    def meaning(self) -> Meaning:
        """What the status means."""
        return meaning_of(self.code)


LABEL, CUSTOMS_DECLARATION, AIR_WAYBILL = "label", "customs-declaration", "air-waybill"
"""The kinds of parcel documents, as the endpoint for documents names them."""
_KINDS = {
    LABEL: {LABEL},
    CUSTOMS_DECLARATION: {CUSTOMS_DECLARATION, "cn23", "cn23-default", "cp71", "commercial-invoice"},
    AIR_WAYBILL: {AIR_WAYBILL},
}
"""Each kind with all its names, since the two fields have different ones (Sendcloud, Shipments API v3, ``documents``)."""


class ParcelDocument(Resource):
    """A document of a parcel. One of two fields has its kind."""

    type: Annotated[Text, Sometimes()] = ""
    document_type: Annotated[Text, Sometimes()] = ""
    link: Text = ""

    @property
    def kind(self) -> str:
        """The kind that the endpoint for documents expects; empty if unknown."""
        return next((kind for kind, names in _KINDS.items() if names & {self.type, self.document_type}), "")


class Weight(Resource):
    """A weight; its value is a text or a number."""

    value: Number
    unit: Text = "kg"

    @property
    def grams(self) -> Decimal | None:
        """The weight in grams; None if the vendor does not document the unit."""
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
        return LABEL in self.document_kinds

    @property
    def phase(self) -> Phase:
        """How far it has come. If there is a label document, a status that denies it is ignored."""
        phase = self.status.meaning.phase
        return Phase.READY if phase in {Phase.FAILED, Phase.NO_LABEL} and self.has_label else phase

    @property
    def document_kinds(self) -> tuple[str, ...]:
        """The kinds of its documents, without duplicates: the label, then the others."""
        kinds = {document.kind for document in self.documents}
        return tuple(kind for kind in _KINDS if kind in kinds)
