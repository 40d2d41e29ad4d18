"""Recorded answers of Sendcloud, each read as it is meant. Skipped where they are not at hand; ``test_shapes`` has the same shapes."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.service_errors import refusal as label_refusal
from exactsend.engine.plan.writebacks import UNTRACKED
from exactsend.errors import Refused
from exactsend.http.error_replies import error_for
from exactsend.http.messages import Call, Reply
from exactsend.sendcloud import refusals, replies
from exactsend.sendcloud.models import ServicePoint, Shipment
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.sendcloud.parcels import Parcel
from exactsend.sendcloud.statuses import STATUSES
from tests import published_answers

CALL = Call("POST", "/shipments/announce", endpoint="shipments/announce")


def reply(document: object, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(document).encode(), CALL, "Sendcloud")


def announced(document: Any, status: int) -> Shipment:  # noqa: ANN401 - any JSON
    inner = document["data"]
    read = replies.read_announced(reply(document, status), inner["external_reference_id"])

    assert (read.id, read.order_number, read.carrier and read.carrier.code) == (
        inner["id"],
        inner["order_number"],
        inner["carrier"]["code"],
    )
    assert read.to_address.postal_code == inner["to_address"]["postal_code"]
    assert read.parcels[0].weight is not None
    assert read.updated_at is not None
    return read


def bought(document: Any) -> None:  # noqa: ANN401 - likewise
    for status in (200, 201):
        read = announced(document, status)
        assert (read.is_live, read.is_printable, read.is_tracked, read.has_moved) == (True, True, True, False)
        assert read.shipping_option.shipping_option_code in UNTRACKED


def bought_before(document: Any) -> None:  # noqa: ANN401 - likewise
    assert announced(document, 409).is_live


def failed(document: Any) -> None:  # noqa: ANN401 - likewise
    for status in (200, 201):
        read = announced(document, status)
        assert (read.is_failed, read.is_live, read.is_tracked) == (True, False, False)
    assert [error.detail for error in read.errors] == [
        error["detail"] for error in document["data"]["errors"]
    ]


def a_cancellation(document: Any) -> None:  # noqa: ANN401 - likewise
    assert replies.read_cancellation(reply(document, 202)) == document["data"]["status"]


def a_refusal(document: Any) -> None:  # noqa: ANN401 - likewise
    error = error_for(reply(document, 409))

    assert isinstance(error, Refused)
    assert [problem.detail for problem in error.problems] == [row["detail"] for row in document["errors"]]


def a_missing_sender(document: Any) -> None:  # noqa: ANN401 - likewise
    a_refusal(document)
    error = error_for(reply(document, 400))
    assert isinstance(error, Refused)

    problem = label_refusal(Subject(delivery_number=20001), error, {}).problem

    assert (problem.code, shown(problem).field) == ("sender_refused", "warehouses")


def a_named_field(document: Any) -> None:  # noqa: ANN401 - likewise
    error = error_for(reply(document, 400))

    assert isinstance(error, Refused)
    assert [(problem.pointer, problem.detail) for problem in error.problems] == [
        (row["field"], row["detail"]) for row in document["errors"]
    ]


def a_second_cancellation(document: Any) -> None:  # noqa: ANN401 - likewise
    error = error_for(reply(document, 409))

    assert isinstance(error, Refused)
    assert refusals.is_being_cancelled(error)


def statuses(document: Any) -> None:  # noqa: ANN401 - likewise
    for status in document["data"]:
        read = Parcel.model_validate({"id": 1, "status": status})
        by_words = Parcel.model_validate({"id": 1, "status": {"message": status["message"]}})
        assert read.status.code == status["code"]
        assert by_words.status.code == status["code"]
    assert [(meaning.code, meaning.words) for meaning in STATUSES] == [
        (status["code"], status["message"]) for status in document["data"]
    ]


def a_service_point(document: Any) -> None:  # noqa: ANN401 - likewise
    inner = document["data"]
    for row in inner.get("results", [inner]):
        read = replies.read(reply({"data": row}), ServicePoint)
        assert (read.id, read.carrier_code, read.country_code, read.is_expired) == (
            row["id"],
            row["carrier"]["code"],
            row["address"]["country_code"],
            row["is_expired"],
        )


def options(document: Any) -> None:  # noqa: ANN401 - likewise
    read = replies.read_list(reply(document), OfferedOption)

    assert [
        (option.code, option.contract.id, option.requirements.is_service_point_required) for option in read
    ] == [
        (
            row["code"],
            row["contract"] and row["contract"]["id"],
            row["requirements"]["is_service_point_required"],
        )
        for row in document["data"]
    ]
    assert [option.functionalities.tracked for option in read] == [
        row["functionalities"]["tracked"] for row in document["data"]
    ]
    for option, row in zip(read, document["data"], strict=True):
        limit = Decimal(row["weight"]["max"]["value"])
        assert option.weight.max_grams == (limit * 1000 if row["contract"] is None else limit * 1000 - 1)
        assert list(option.requirements.fields) == row["requirements"]["fields"]
        total = row["quotes"] and row["quotes"][0]["price"]["total"]
        assert (option.price and option.price.value) == (Decimal(total["value"]) if total else None)
        assert (option.quote_error and option.quote_error.code) == (
            row["quote_error"] and row["quote_error"]["code"]
        )


READ: dict[str, Callable[[Any], None]] = {
    "announce_409_same_reference.json": bought_before,
    "announce_failed.json": failed,
    "announce_failed_v2_status_shape.json": failed,
    "announce_letter_200.json": bought,
    "cancel_202.json": a_cancellation,
    "cancel_409.json": a_second_cancellation,
    "error_400_from_address.json": a_missing_sender,
    "error_returns_validate_field.json": a_named_field,
    "parcel_statuses_v3.json": statuses,
    "service_point.json": a_service_point,
    "service_points_list.json": a_service_point,
    "shipping_options_es_es.json": options,
    "shipping_options_es_ie.json": options,
}


@pytest.mark.parametrize("name", READ)
def test_a_recorded_answer_is_read_as_it_is_meant(name: str) -> None:
    READ[name](published_answers.document("sendcloud", name))


def test_every_recorded_answer_is_read() -> None:
    assert set(published_answers.names("sendcloud")) <= READ.keys()
