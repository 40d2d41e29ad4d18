"""Answers that say no, in every shape that the two services and the gateways before them use."""

import json

import pytest

from exactsend.errors import ApiError, Broken, FieldProblem, Forbidden, Refused, Unanswered, Unreadable
from exactsend.http.error_replies import error_for, problems_of
from exactsend.http.messages import Call, Reply

CALL = Call("POST", "/api/v1/12/salesorder/GoodsDeliveries", endpoint="salesorder/GoodsDeliveries")


def reply(status: int, body: object = b"", **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, headers, raw, CALL, "Exact")


POSTAL_CODE = {
    "status": "400",
    "code": "invalid",
    "detail": "Not a postal code.",
    "source": {"pointer": "/data/attributes/postal_code"},
}
NAMED = FieldProblem("/data/attributes/postal_code", "Not a postal code.", "invalid")


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"errors": [POSTAL_CODE]}, (NAMED,)),
        ([POSTAL_CODE, POSTAL_CODE], (NAMED, NAMED)),
        ({"error": {"code": "", "message": {"lang": "", "value": "No such field"}}}, (FieldProblem("", "No such field"),)),
        ({"error": {"message": "No such field"}}, (FieldProblem("", "No such field"),)),
        ({"detail": "Not found."}, (FieldProblem("", "Not found."),)),
        ({"error": "invalid", "error_description": "Why"}, (FieldProblem("", "Why", "invalid"),)),
        ({"fault": {"faultstring": "No proxy"}}, (FieldProblem("", "No proxy", "fault"),)),
        ({"errors": [{"code": "required", "source": {"parameter": "q"}}]}, (FieldProblem("q", "required", "required"),)),
        ({"errors": [{"detail": "x", "code": None, "source": None}]}, (FieldProblem("", "x"),)),
        ({"errors": [{"field": "to_address", "detail": "Field required"}]}, (FieldProblem("to_address", "Field required"),)),
        ({"errors": ["odd", None, 3]}, ()),
        ({"errors": {"odd": 1}}, ()),
        ({"error": {"message": {"value": None}}}, ()),
        (b"<html>no</html>", ()),
        (b"", ()),
        (b"\xff\xfe", ()),
        (3, ()),
    ],
)  # fmt: skip
def test_problems_are_read_from_every_shape(body: object, problems: tuple[FieldProblem, ...]) -> None:
    assert problems_of(reply(400, body)) == problems


def test_exacts_reason_header_is_a_problem_too() -> None:
    error = error_for(reply(403, b"", reason="DivisionBlocked"))

    assert isinstance(error, Forbidden)
    assert error.problems == (FieldProblem("", "DivisionBlocked", "reason"),)


def test_a_long_text_is_cut() -> None:
    [problem] = problems_of(reply(400, {"detail": "x" * 9_000}))

    assert len(problem.detail) == 300


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Forbidden),
        (402, Refused),
        (403, Forbidden),
        (404, Refused),
        (408, Unanswered),
        (409, Refused),
        (413, Refused),
        (422, Refused),
        (500, Broken),
        (502, Broken),
        (302, Unreadable),
        (700, Unreadable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[ApiError]) -> None:
    error = error_for(reply(status))

    assert type(error) is kind
    assert (error.api, error.method, error.path, error.http_status) == ("Exact", "POST", CALL.path, status)


def test_the_whole_answer_is_at_hand_for_who_knows_what_else_stands_in_it() -> None:
    document = {"errors": [POSTAL_CODE], "applied_shipping_rules": []}
    told, unreadable = error_for(reply(400, document)), error_for(reply(400, b"<html>no</html>"))

    assert isinstance(told, Refused)
    assert isinstance(unreadable, Refused)
    assert (told.answer, unreadable.answer) == (document, None)


def test_the_sentence_names_call_and_first_problem() -> None:
    error = error_for(reply(400, {"detail": "Not found."}))

    assert error.message == "Exact refused POST salesorder/GoodsDeliveries (400): Not found"
