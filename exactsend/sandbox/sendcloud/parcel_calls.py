"""Calls about single parcels: their documents, their statuses, their tracking."""

from collections.abc import Sequence

from werkzeug import Response

from exactsend.sandbox.json_tree import Json, text
from exactsend.sandbox.sendcloud.answers import timestamp
from exactsend.sandbox.sendcloud.call import ApiCall, answer, answer_data
from exactsend.sandbox.sendcloud.labels import POINTS, label_lines, pdf, png, zpl
from exactsend.sandbox.sendcloud.records import Shipment, StoredParcel
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error, not_found, wrong_parameter
from exactsend.sandbox.sendcloud.statuses import MESSAGES, status_message

_KINDS = ("label", "customs-declaration", "air-waybill")
_USUAL_SIZE = {"label": "A6", "customs-declaration": "A4", "air-waybill": "A4"}
_FORMATS = ("application/pdf", "application/zpl", "image/png")
_DPI = {"application/pdf": (72,), "image/png": (150, 300)}
_MAX_PARCELS = 20


def list_statuses(call: ApiCall) -> Response:
    """List the status codes that a parcel can have."""
    codes = [*MESSAGES, *call.world.behaviour.extra_statuses]
    return answer_data([{"code": code, "message": status_message(code)} for code in codes])


def get_document(call: ApiCall, parcel_id: int, kind: str) -> Response:
    """Download a document of a parcel."""
    return _document(call, [parcel_id], kind)


def get_documents(call: ApiCall, kind: str) -> Response:
    """Download the same document of several parcels in one file."""
    listed = ",".join(call.request.args.getlist("parcels")).split(",")
    if not all(parcel_id.isdigit() for parcel_id in listed):
        raise wrong_parameter("parcels", "Input should be a valid integer")
    if len(listed) > _MAX_PARCELS:
        raise wrong_parameter("parcels", f"List should have at most {_MAX_PARCELS} items")
    return _document(call, [int(parcel_id) for parcel_id in listed], kind)


def _document(call: ApiCall, parcel_ids: Sequence[int], kind: str) -> Response:
    if kind not in _KINDS:
        raise SendcloudRefusal(400, error(400, "invalid", "Invalid document type."))
    size = call.request.args.get("paper_size", _USUAL_SIZE[kind])
    if size not in POINTS:
        raise wrong_parameter("paper_size", "Input should be 'A4', 'A5' or 'A6'", "invalid_choice")
    found = [_parcel(call, parcel_id, kind) for parcel_id in parcel_ids]
    per_piece = call.world.behaviour.customs_price_per_piece
    pages = [label_lines(shipment, parcel, kind, price_per_piece=per_piece) for shipment, parcel in found]
    media_type = _media_type(call, found[0][0])
    dpi = _dpi(call, media_type)
    files = {"application/pdf": pdf(pages, size), "application/zpl": zpl(pages), "image/png": png(dpi)}
    return Response(files[media_type], content_type=media_type)


def _parcel(call: ApiCall, parcel_id: int, kind: str) -> tuple[Shipment, StoredParcel]:
    shipment = call.world.shipment_of_parcel(parcel_id)
    if shipment is not None and shipment.user_id == call.account.user_id:
        for parcel in shipment.parcels:
            if parcel.parcel_id == parcel_id and kind in parcel.documents:
                return shipment, parcel
    raise not_found("No Parcel matches the given query.")


def _media_type(call: ApiCall, shipment: Shipment) -> str:
    """The type in the Accept header; a label that was made as ZPL is always ZPL."""
    if text(shipment.details, "label_details", "mime_type") == "application/zpl":
        return "application/zpl"
    return call.request.accept_mimetypes.best_match(_FORMATS, _FORMATS[0]) or _FORMATS[0]


def _dpi(call: ApiCall, media_type: str) -> int:
    valid = _DPI.get(media_type)
    requested = call.request.args.get("dpi")
    if valid is None or requested is None:
        return valid[-1] if valid else 0
    if requested not in map(str, valid):
        raise wrong_parameter("dpi", f"{requested} is not valid for {media_type}", "invalid_choice")
    return int(requested)


def get_tracking(call: ApiCall, number: str) -> Response:
    """Read the tracking of a parcel: a bare object, and errors in another form than elsewhere."""
    for shipment in call.world.shipments():
        for parcel in shipment.parcels:
            if (
                parcel.tracking_number == number
                and parcel.announced_at
                and shipment.user_id == call.account.user_id
            ):
                return answer(_tracking(shipment, parcel))
    return answer({"detail": "Parcel does not exist"}, 404)


def _tracking(shipment: Shipment, parcel: StoredParcel) -> Json:
    return {
        "announced_at": timestamp(parcel.announced_at or shipment.created_at),
        "created_at": timestamp(shipment.created_at),
        "updated_at": timestamp(shipment.updated_at),
        "details": {
            "integration_id": shipment.integration_id,
            "is_return": False,
            "is_to_service_point": "to_service_point" in shipment.details,
        },
        "events": [
            {
                "event_at": timestamp(shipment.updated_at),
                "event_type": "carrier",
                "status_code": parcel.status,
                "sub_status_code": parcel.status,
                "status_description": status_message(parcel.status),
            }
        ],
        "from_address": shipment.from_address,
        "to_address": shipment.to_address,
        "source_id": str(parcel.parcel_id),
        "tracking_numbers": [
            {
                "carrier_code": shipment.option.carrier.code,
                "tracking_number": parcel.tracking_number,
                "tracking_url": parcel.tracking_url,
            }
        ],
    }
