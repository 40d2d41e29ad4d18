"""The filters of `GET /shipments`, parsed strictly."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from exactsend.sandbox.sendcloud.records import Shipment
from exactsend.sandbox.sendcloud.refusals import SendcloudRefusal, error
from exactsend.sandbox.sendcloud.structure import parsed_moment

ShipmentTest: TypeAlias = Callable[[Shipment], bool]
_MAX_IDS = 100


def shipment_filter(query: Mapping[str, str]) -> ShipmentTest:
    """Whether a shipment is listed.

    Raises:
        SendcloudRefusal: a time is not an ISO 8601 datetime with an offset, or a list is too long.
    """
    tests = [make(query[name], name) for name, make in _TESTS.items() if name in query]
    return lambda shipment: all(test(shipment) for test in tests)


def _equal(value_of: Callable[[Shipment], str | None]) -> Callable[[str, str], ShipmentTest]:
    return lambda wanted, _name: lambda shipment: value_of(shipment) == wanted


def _among(values_of: Callable[[Shipment], set[str]]) -> Callable[[str, str], ShipmentTest]:
    def make(listed: str, name: str) -> ShipmentTest:
        wanted = _ids(listed, name)
        return lambda shipment: bool(values_of(shipment) & wanted)

    return make


def _before(moment_of: Callable[[Shipment], datetime | None]) -> Callable[[str, str], ShipmentTest]:
    def make(limit: str, name: str) -> ShipmentTest:
        end = _moment(limit, name)
        return lambda shipment: (value := moment_of(shipment)) is not None and value < end

    return make


def _after(moment_of: Callable[[Shipment], datetime | None]) -> Callable[[str, str], ShipmentTest]:
    def make(limit: str, name: str) -> ShipmentTest:
        start = _moment(limit, name)
        return lambda shipment: (value := moment_of(shipment)) is not None and value > start

    return make


def _updated_at(shipment: Shipment) -> datetime:
    return shipment.updated_at


def _announced_at(shipment: Shipment) -> datetime | None:
    return shipment.parcels[0].announced_at


_TESTS: Mapping[str, Callable[[str, str], ShipmentTest]] = {
    "parcel_status": _equal(lambda shipment: shipment.status),
    "tracking_number": _among(lambda shipment: {parcel.tracking_number for parcel in shipment.parcels}),
    "external_reference_id": _equal(lambda shipment: shipment.external_reference_id),
    "order_number": _equal(lambda shipment: shipment.order_number),
    "integration_id": _equal(lambda shipment: str(shipment.integration_id)),
    "ids": _among(lambda shipment: {str(parcel.parcel_id) for parcel in shipment.parcels}),
    "shipment_uuids": _among(lambda shipment: {shipment.shipment_id}),
    "updated_after": _after(_updated_at),
    "updated_before": _before(_updated_at),
    "announced_after": _after(_announced_at),
    "announced_before": _before(_announced_at),
}


def _ids(listed: str, name: str) -> set[str]:
    ids = set(listed.split(","))
    if len(ids) > _MAX_IDS:
        raise _refused(f"{name} may not contain more than {_MAX_IDS} ids")
    return ids


def _moment(value: str, name: str) -> datetime:
    read = parsed_moment(value)
    if read is None:
        raise _refused(f"{name} is not a datetime")
    return read


def _refused(reason: str) -> SendcloudRefusal:
    """A 400 whose inner status is 404, as in the vendor's example."""
    return SendcloudRefusal(
        400, error(404, "validation_error", f"Validation failed, {reason}", pointer="/list_shipments/filters")
    )
