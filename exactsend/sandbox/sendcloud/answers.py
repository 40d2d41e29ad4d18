"""Orders and shipments as Sendcloud's answers show them, with the vendor's spellings and types."""

from datetime import datetime

from exactsend.sandbox.json_tree import Json, JsonObject, object_at, text
from exactsend.sandbox.sendcloud.records import Order, Shipment, StoredParcel
from exactsend.sandbox.sendcloud.statuses import status_message

_DETAILS = (
    "reference",
    "total_order_price",
    "customs_information",
    "label_details",
    "to_service_point",
    "brand_id",
)
_COSTS = ("discount_granted", "insurance_costs", "freight_costs", "other_costs")
_DOCUMENT_TYPES = {"label": ("label", "a6"), "customs-declaration": ("commercial-invoice", "a4")}

_NOT_GIVEN: JsonObject = {"company_name": "", "address_line_2": "", "po_box": ""}
"""Fields that an address shows although they were not sent (recorded, September 2026). House number and state were null,
which the vendor's description does not allow; they are left out."""


def timestamp(moment: datetime) -> str:
    """A time, as shipments show it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shipment_answer(shipment: Shipment, base_url: str) -> JsonObject:
    """A shipment; the links to its documents begin with ``base_url``."""
    answer: JsonObject = {
        "id": shipment.shipment_id,
        "carrier": {"code": shipment.option.carrier.code, "name": shipment.option.carrier.name},
        "order_number": shipment.order_number,
        "external_reference_id": shipment.external_reference_id,
        "from_address": {**_NOT_GIVEN, **shipment.from_address},
        "to_address": {**_NOT_GIVEN, **shipment.to_address},
        "ship_with": _ship_with(shipment),
        "errors": list(shipment.errors),
        "parcels": [_parcel(shipment, parcel, base_url) for parcel in shipment.parcels],
    }
    answer.update({name: shipment.details[name] for name in _DETAILS if name in shipment.details})
    if "delivery_dates" in shipment.details:
        answer["delivery-dates"] = shipment.details["delivery_dates"]
    return answer


def _ship_with(shipment: Shipment) -> JsonObject:
    properties: JsonObject = {
        "shipping_option_code": shipment.option.code,
        "contract_id": shipment.contract_id,
    }
    return {"type": "shipping_option_code", "properties": properties}


def _parcel(shipment: Shipment, parcel: StoredParcel, base_url: str) -> JsonObject:
    return {
        **parcel.body,
        "id": parcel.parcel_id,
        "status": {"code": parcel.status, "message": status_message(parcel.status)},
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "documents": [_document(parcel, kind, base_url) for kind in parcel.documents],
        "additional_carrier_data": {"awb_tracking_number": None, "box_number": None},
        "created_at": timestamp(shipment.created_at),
        "updated_at": timestamp(shipment.updated_at),
        "announced_at": None if parcel.announced_at is None else timestamp(parcel.announced_at),
    }


def _document(parcel: StoredParcel, kind: str, base_url: str) -> JsonObject:
    old_type, size = _DOCUMENT_TYPES[kind]
    link = f"{base_url}/parcels/{parcel.parcel_id}/documents/{kind}"
    return {"type": old_type, "document_type": kind, "size": size, "link": link}


def order_receipt(order: Order) -> JsonObject:
    """The answer to a POST or PATCH, in which the id is a number."""
    return {"id": order.pk, "order_id": order.order_id, "order_number": order.order_number}


def order_answer(order: Order) -> JsonObject:
    """The answer to a GET, in which the id is text and costs are numbers, as in a recorded answer."""
    answer: JsonObject = {
        **order.body,
        "id": str(order.pk),
        "created_at": order.created_at.isoformat(),
        "modified_at": order.modified_at.isoformat(),
    }
    return {**answer, "payment_details": _payment(object_at(order.body, "payment_details"))}


def _payment(payment: JsonObject) -> JsonObject:
    costs: dict[str, Json] = {
        name: {**object_at(payment, name), "value": float(text(payment, name, "value"))}
        for name in _COSTS
        if text(payment, name, "value")
    }
    return {**payment, **costs}
