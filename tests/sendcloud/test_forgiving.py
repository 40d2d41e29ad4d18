"""What an answer of Sendcloud may lack: any optional field may be anything, evidence is never guessed (S17)."""

import json
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsend.http.messages import BadRow, Call, Reply
from exactsend.sendcloud import replies
from exactsend.sendcloud.address_check import AddressCheck, CheckedAddress, ValidationResult
from exactsend.sendcloud.fields import Resource
from exactsend.sendcloud.models import (
    AuthMetadata,
    CarrierContract,
    Integration,
    OrderDetails,
    ReadOrder,
    SenderAddress,
    ServicePoint,
    ServicePointAddress,
    Shipment,
    ShipmentAddress,
    ShippingOption,
    ShipWith,
    StoredOrder,
)
from exactsend.sendcloud.offered_options import OfferedOption, Quote, QuotedPrice, Requirements, WeightRange
from exactsend.sendcloud.parcels import Parcel, ParcelDocument
from tests.any_json import ANY_JSON, NEARLY

STATUS = {"code": "READY_TO_SEND", "message": "Ready to send"}


class Needs(NamedTuple):
    """What a resource can't be read without, with ordinary values, and which of it may be null."""

    model: type[Resource]
    fields: dict[str, object]
    nullable: frozenset[str] = frozenset()


NEEDS = [
    Needs(
        Shipment,
        {"id": "a", "order_number": "4711", "external_reference_id": "exact-1-d-1"},
        frozenset({"order_number", "external_reference_id"}),
    ),
    Needs(Parcel, {"id": 7, "status": STATUS}, frozenset({"status"})),
    Needs(StoredOrder, {"id": "900", "order_number": "4711"}, frozenset({"order_number"})),
    Needs(ReadOrder, {"id": "900", "order_number": "4711"}, frozenset({"order_number"})),
    Needs(AuthMetadata, {"user_id": "1", "integration_id": 17}),
    *(Needs(model, {"id": 17}) for model in (SenderAddress, Integration, CarrierContract)),
    Needs(
        ServicePoint,
        {
            "id": 1000002,
            "carrier": {"code": "postnl"},
            "address": {"country_code": "NL"},
            "is_expired": False,
        },
    ),
    Needs(ServicePointAddress, {"country_code": "NL"}, frozenset({"country_code"})),
    Needs(OfferedOption, {"code": "postnl:standard"}),
    *(
        Needs(model, {})
        for model in (
            AddressCheck,
            CheckedAddress,
            OrderDetails,
            ParcelDocument,
            Quote,
            QuotedPrice,
            Requirements,
            ShipWith,
            ShipmentAddress,
            ShippingOption,
            ValidationResult,
            WeightRange,
        )
    ),
]
NEEDED = [(need, name) for need in NEEDS for name in need.fields]
OPTIONAL = [(need, name) for need in NEEDS for name in need.model.model_fields if name not in need.fields]


def named(value: object) -> str:
    return value.model.__name__ if isinstance(value, Needs) else str(value)


def read(model: type[Resource], row: object) -> Resource | BadRow:
    call = Call("GET", "/shipments", endpoint="shipments")
    good, bad = replies.read_each(
        Reply(200, {}, json.dumps({"data": [row]}).encode(), call, "Sendcloud"), model
    )
    found: list[Resource | BadRow] = [*good, *bad]
    assert len(found) == 1
    return found[0]


def held(found: Resource | BadRow) -> dict[str, object]:
    assert isinstance(found, Resource), found
    return found.model_dump()


@pytest.mark.parametrize("needs", NEEDS, ids=named)
def test_a_resource_with_nothing_but_what_is_needed_is_read(needs: Needs) -> None:
    assert needs.fields.keys() <= held(read(needs.model, needs.fields)).keys()


@pytest.mark.parametrize(("needs", "name"), OPTIONAL, ids=named)
def test_an_optional_field_may_be_nearly_right(needs: Needs, name: str) -> None:
    for value in NEARLY:
        assert_forgiven(needs, name, value)


@given(chosen=st.sampled_from(OPTIONAL), value=ANY_JSON)
def test_an_optional_field_may_be_anything(chosen: tuple[Needs, str], value: object) -> None:
    assert_forgiven(*chosen, value)


def assert_forgiven(needs: Needs, name: str, value: object) -> None:
    """The row is read, and no other field than this one is changed; only parcels that can't be read are told."""
    is_read = read(needs.model, {**needs.fields, name: value})
    if name == "parcels" and isinstance(is_read, BadRow):
        assert name in is_read.why
        return
    assert {**held(is_read), name: None} == {**held(read(needs.model, needs.fields)), name: None}


@pytest.mark.parametrize(("needs", "name"), NEEDED, ids=named)
def test_what_is_needed_is_told_by_name_where_it_is_left_out(needs: Needs, name: str) -> None:
    found = read(needs.model, {field: value for field, value in needs.fields.items() if field != name})

    assert isinstance(found, BadRow)
    assert found.why == f"has no usable {name}"


@pytest.mark.parametrize(("needs", "name"), NEEDED, ids=named)
def test_null_is_an_answer_only_where_there_may_be_none(needs: Needs, name: str) -> None:
    found = read(needs.model, {**needs.fields, name: None})

    assert isinstance(found, BadRow) is (name not in needs.nullable)


@given(chosen=st.sampled_from(NEEDED), value=ANY_JSON)
def test_whatever_stands_in_a_needed_field_the_row_is_read_or_told(
    chosen: tuple[Needs, str], value: object
) -> None:
    needs, name = chosen
    found = read(needs.model, {**needs.fields, name: value})

    assert isinstance(found, needs.model) or (isinstance(found, BadRow) and name in found.why)


@pytest.mark.parametrize(
    ("model", "name", "odd"),
    [
        (Shipment, "id", {"value": "a"}),
        (Shipment, "id", True),
        (Shipment, "order_number", {"value": "4711"}),
        (Shipment, "order_number", True),
        (Shipment, "external_reference_id", []),
        (Parcel, "id", "seven"),
        (Parcel, "status", 1002),
        (Parcel, "status", ["READY_TO_SEND"]),
        (Parcel, "status", {"code": {"value": "READY_TO_SEND"}}),
        (StoredOrder, "order_number", {}),
        (ServicePoint, "is_expired", "perhaps"),
    ],
)
def test_evidence_of_sendcloud_that_is_of_another_kind_is_not_guessed(
    model: type[Resource], name: str, odd: object
) -> None:
    needs = next(need for need in NEEDS if need.model is model)

    found = read(model, {**needs.fields, name: odd})

    assert isinstance(found, BadRow)
    assert name in found.why


@pytest.mark.parametrize(
    ("model", "name", "value", "same_as"),
    [
        (Shipment, "id", 664, "664"),
        (Shipment, "order_number", 4711, "4711"),
        (Shipment, "carrier", "postnl", None),
        (Shipment, "errors", {"detail": "no"}, []),
        (Shipment, "errors", [None, {"detail": "no"}], [{"detail": "no"}]),
        (Parcel, "id", "7", 7),
        (Parcel, "status", "ready-to-send", {"code": "READY_TO_SEND"}),
        (Parcel, "status", {"message": "Ready to send"}, STATUS),
        (Parcel, "weight", {"value": "heavy"}, None),
        (Parcel, "updated_at", 1795428900, None),
        (Parcel, "updated_at", "2026-11-23T10:00:00", "2026-11-23T11:00:00+01:00"),
        (ShippingOption, "contract_id", "517", 517),
        (Integration, "service_point_enabled", 1, True),
        (Integration, "service_point_carriers", ["postnl", None], ["postnl"]),
        (ServicePoint, "is_expired", "true", True),
        (ShipmentAddress, "postal_code", 1017, "1017"),
        (ShipmentAddress, "city", "Oss\ud83d", "Oss"),
        (QuotedPrice, "total", {"currency": "EUR"}, None),
        (WeightRange, "max", {"value": "23.001", "unit": "kg"}, {"value": 23.001}),
    ],
)
def test_a_neighbouring_type_reads_as_what_is_meant(
    model: type[Resource], name: str, value: object, same_as: object
) -> None:
    needs = next(need for need in NEEDS if need.model is model)

    found = read(model, {**needs.fields, name: value})

    assert held(found) == held(read(model, {**needs.fields, name: same_as}))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"id": 1002, "message": "Announcement failed"}, "ANNOUNCEMENT_FAILED"),
        ({"id": 2000, "message": "Cancelled"}, "CANCELLED"),
        ({"code": None, "message": "Cancellation requested"}, "CANCELLING"),
        ({"code": "SOMETHING_NEW", "message": "Announcement failed"}, "SOMETHING_NEW"),
        ({"id": 1002, "message": "Mislukt"}, ""),
        ({"id": 1002}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_without_a_code_the_vendors_words_tell_it_or_it_is_not_known(status: object, code: str) -> None:
    parcel = read(Parcel, {"id": 7, "status": status})

    assert isinstance(parcel, Parcel)
    assert parcel.status.code == code
