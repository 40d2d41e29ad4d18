"""Fetches the documents of a delivery's label from Sendcloud: labels and customs papers. Buys nothing and takes no lock."""

from collections.abc import Sequence
from dataclasses import dataclass

from exactsend.domain.records import DeliveryRecord
from exactsend.engine.delivery_selector import DeliverySelector, deliveries_to_download, delivery_name
from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division
from exactsend.engine.wiring import Wiring
from exactsend.errors import UsageError
from exactsend.sendcloud.parcels import AIR_WAYBILL, CUSTOMS_DECLARATION, LABEL
from exactsend.settings.models import DivisionSettings

DOCUMENT_KINDS = (LABEL, CUSTOMS_DECLARATION, AIR_WAYBILL)


@dataclass(frozen=True)
class LabelDocument:
    """One document of one parcel."""

    kind: str
    delivery: int
    parcel: int
    pdf: bytes


@dataclass(frozen=True)
class DeliveryDocuments:
    """The documents of one delivery, or why there are none."""

    documents: tuple[LabelDocument, ...] = ()
    missing: str = ""


def fetch_documents(
    wiring: Wiring, division: DivisionSettings, selectors: Sequence[DeliverySelector]
) -> list[DeliveryDocuments]:
    """Fetch the documents of all deliveries that are named.

    Raises:
        UsageError: none is named, or one in several ways.
    """
    if not selectors:
        raise UsageError("name the deliveries: NUMBERs, --order NUMBER, or --delivery NUMBER")
    for selector in selectors:
        selector.require_complete()
    with open_division(wiring, division, RunOptions(dry_run=True), Progress(), {}) as opened:
        deliveries = deliveries_to_download(opened.records, selectors)
        return [_fetch(opened, delivery) for delivery in deliveries]


def _fetch(opened: OpenDivision, record: DeliveryRecord) -> DeliveryDocuments:
    name = delivery_name(record)
    if record.label is None:
        command = f"exactsend labels create --delivery {record.number}"
        return DeliveryDocuments(missing=f"{name} has no label; to buy one: {command}")
    sendcloud = opened.services.sendcloud
    shipment = sendcloud.shipment(record.label.shipment)
    if shipment is None or not shipment.is_live:
        return DeliveryDocuments(
            missing=f"the label of {name} is cancelled or gone at Sendcloud; to update the ledger: exactsend sync"
        )
    if not shipment.is_printable:
        return DeliveryDocuments(
            missing=f"the carrier has not made the label of {name} yet; try again in a few minutes"
        )
    return DeliveryDocuments(
        tuple(
            LabelDocument(kind, record.number, parcel.id, sendcloud.document_pdf(parcel.id, kind))
            for parcel in shipment.parcels
            for kind in parcel.document_kinds
        )
    )
