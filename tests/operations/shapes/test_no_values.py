"""Whatever stands in the rows and headers of an answer, the text tells none of it; and what the text tells, it can be read for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from exactsend.cli.doctor_shapes import profile_as_json
from exactsend.exact import models as exact
from exactsend.http.messages import Call, Json, Reply
from exactsend.operations.shapes import report_text
from exactsend.operations.shapes.differences import EndpointAnswer
from exactsend.operations.shapes.expected_fields import fields_of
from exactsend.operations.shapes.headers import Headers
from exactsend.operations.shapes.profile import Profile
from exactsend.sendcloud import models as sendcloud
from exactsend.sendcloud import parcels
from tests import published_answers

MODELS: tuple[type[BaseModel], ...] = (
    exact.SalesOrder,
    exact.GoodsDelivery,
    exact.Account,
    exact.Item,
    sendcloud.Shipment,
    parcels.Status,
    sendcloud.ServicePoint,
    sendcloud.ReadOrder,
)
DAY = date(2026, 11, 23)

_LETTERS = "ΑΒΓΔΩжщя"
"""None of them stands in any text of the program."""
_TEXTS = st.text(_LETTERS, min_size=1, max_size=90)
_NUMBERS = st.integers(10**7, 10**17)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.just(""),
    _TEXTS,
    _NUMBERS,
    _NUMBERS.map(str),
    _NUMBERS.map(lambda number: number + 0.5),
)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_TEXTS, inner, max_size=2)),
    max_leaves=5,
)


def rows_of(model: type[BaseModel], depth: int = 2) -> st.SearchStrategy[Any]:
    """Rows that are half as the model wants them: its fields, some left out, with anything in them, and others beside."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in fields_of(model).items():
        fields[name] = _ANYTHING
        if field.inner_model is not None and depth:
            inner = rows_of(field.inner_model, depth - 1)
            fields[name] = st.one_of(_ANYTHING, inner, st.lists(inner, max_size=2))
    known = st.fixed_dictionaries({}, optional=fields)
    return st.tuples(known, st.dictionaries(_TEXTS, _ANYTHING, max_size=2)).map(
        lambda both: both[1] | both[0]
    )


def values_in(row: Json) -> Iterator[str]:
    """Every value of a row, and every name in it that is none, as it would look in a text."""
    match row:
        case dict():
            for name, value in row.items():
                yield from [name] if set(name) <= set(_LETTERS) else []
                yield from values_in(value)
        case list():
            for value in row:
                yield from values_in(value)
        case bool() | None | "":
            return
        case _:
            yield str(row)


def told(answers: list[EndpointAnswer]) -> str:
    return "\n".join(
        report_text.lines(answers, program="exactsend", day=DAY, not_asked=["exact POST documents/Documents"])
    )


def answer_of(model: type[BaseModel], rows: list[Json]) -> EndpointAnswer:
    seen = Profile()
    seen.add_rows(rows, model)
    return EndpointAnswer("exact", "salesorder/SalesOrders", "200", len(rows), seen)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_no_value_of_a_row_is_told(model: type[BaseModel], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.one_of(rows_of(model), _ANYTHING), max_size=3))
    answer = answer_of(model, rows)

    shown = (told([answer]) + str(profile_as_json(answer))).upper()

    assert {value for row in rows for value in values_in(row) if value.upper() in shown} == set()


@given(
    st.dictionaries(
        st.sampled_from(["date", "link", "retry-after", "content-type", "x-ratelimit-limit"]),
        _TEXTS | _NUMBERS.map(str),
    )
)
def test_no_value_of_a_header_is_told(headers: dict[str, str]) -> None:
    heard = Headers("exact", "https://start.exactonline.nl", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    heard.record(Reply(200, headers, b"", Call("GET", "/api/v1/1/crm/Accounts"), "Exact"))

    shown = told([heard.as_answer()])

    assert {value for value in headers.values() if value in shown} == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_text_compared_with_itself_differs_in_nothing(model: type[BaseModel], data: st.DataObject) -> None:
    answer = answer_of(model, data.draw(st.lists(rows_of(model), max_size=3)))
    again = report_text.read(told([answer]))

    assert report_text.compare(again, again).is_same
    assert len(again.differences) == len(
        {(difference.kind, difference.name) for difference in answer.differences}
    )
    places = again.places.get("exact salesorder/SalesOrders", {})
    assert {place: set(fields) for place, fields in places.items()} == {
        place: set(object_profile.fields) for place, object_profile in answer.profile.places.items()
    }
    for place, objects in answer.profile.places.items():
        for name, field in objects.fields.items():
            assert places[place][name] == set(field.types) - {"null", "empty"}


def test_a_name_that_is_none_is_counted_and_not_told() -> None:
    shown = told(
        [answer_of(parcels.Status, [{"code": "ANNOUNCED", "message": "Announced", "Jan de Boer": 1}])]
    )

    assert "Jan" not in shown
    assert "+(without a name) 1" in shown


@pytest.mark.parametrize("code", ["Jan de Boer", "jan@example.com", 12345678, "12345678", "Á", "X" * 50])
def test_a_code_that_has_not_the_form_of_one_is_counted_and_not_told(code: Json) -> None:
    answer = answer_of(parcels.Status, [{"code": code, "message": "Announced"}])

    assert [(difference.kind, difference.name) for difference in answer.differences] == [
        ("code", "(no-code)")
    ]
    assert str(code).upper() not in told([answer]).upper()


@pytest.mark.parametrize("code", ["TELEPORTED", "teleported", "lost-in-transit"])
def test_a_code_is_told_in_the_spelling_that_is_compared(code: str) -> None:
    answer = answer_of(
        sendcloud.Shipment, [LETTER | {"parcels": [{"id": 1, "status": code, "weight": None}]}]
    )

    assert ("code", code.upper().replace("-", "_")) in [
        (difference.kind, difference.name) for difference in answer.differences
    ]


# ── recorded answers ─────────────────────────────────────────────────────────────────────────────

LETTER: dict[str, Json] = {
    "id": "5a3e1f0c",
    "order_number": "1",
    "external_reference_id": "r",
    "applied_shipping_rules": [],
    "carrier": {"code": "sendcloud", "name": "Sendcloud"},
    "errors": [],
    "parcels": [
        {
            "id": 1,
            "status": {"code": "READY_TO_SEND", "message": "Ready to send"},
            "weight": {"value": "0.100", "unit": "kg"},
            "tracking_number": "SCCWZ",
            "documents": [],
            "updated_at": None,
            "announced_at": "2026-09-24T10:00:00Z",
            "tracking_url": None,
        }
    ],
    "from_address": dict.fromkeys(fields_of(sendcloud.ShipmentAddress), "x"),
    "to_address": dict.fromkeys(fields_of(sendcloud.ShipmentAddress), None),
    "ship_with": {
        "type": "shipping_option_code",
        "properties": {"shipping_option_code": "sendcloud:letter", "contract_id": None},
    },
}
"""A shipment of the form that was recorded in September 2026."""


def test_a_shipment_of_the_recorded_form_differs_in_nothing() -> None:
    answer = answer_of(sendcloud.Shipment, [LETTER])

    assert answer.differences == []
    assert "+type text" in " ".join(told([answer]).split())


def test_a_field_that_sound_answers_leave_out_is_not_missing() -> None:
    paper: Json = {"document_type": "label", "link": "https://example.com/label"}
    parcel: Json = {"id": 1, "status": None, "documents": [paper]}

    missing = [difference.name for difference in answer_of(parcels.Parcel, [parcel]).differences]

    assert "weight" in missing
    assert "documents[].type" not in missing


@pytest.mark.parametrize("name", ["announce_letter_200.json", "announce_409_same_reference.json"])
def test_recorded_shipments_differ_in_nothing(name: str) -> None:
    answer = answer_of(sendcloud.Shipment, [published_answers.document("sendcloud", name)["data"]])

    assert answer.differences == []
