"""Answers of another form than the services': what is switched on is altered, in every wrapping, and nothing else."""

import json
from collections.abc import Callable

import pytest
from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from exactsend.sandbox.answer_changes import AnswerChanges

ROW = '{"Name": "x", "Lines": {"results": [{"ID": 1}, {"ID": 2}]}, "parcels": [{"status": {"code": "A"}}]}'


def altered(
    switch: Callable[[AnswerChanges], None],
    text: str,
    *,
    path: str = "/api/v1/1/crm/Accounts",
    status: int = 200,
) -> Response:
    """An answer after its way through what is switched on."""
    rules, response = AnswerChanges(), Response(text, status, content_type="application/json")
    switch(rules)
    rules.change(Request(EnvironBuilder(path).get_environ()), response)
    return response


@pytest.mark.parametrize(
    "wrapping",
    ['{"d": {"results": [%s]}}', '{"d": [%s]}', '{"d": %s}', '{"data": [%s]}', '{"data": %s}', "%s"],
)
def test_a_field_is_left_out_of_every_row_whatever_wraps_it(wrapping: str) -> None:
    response = altered(lambda rules: rules.leave_out("crm/Accounts", "Name"), wrapping % ROW)

    assert json.loads(response.get_data()) == json.loads(wrapping % ROW.replace('"Name": "x", ', ""))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Name", '"x"', "null"),
        ("Lines.ID", '"ID": 1}, {"ID": 2', '"ID": null}, {"ID": null'),
        ("parcels.status.code", '"A"', "null"),
    ],
)
def test_another_value_stands_at_the_end_of_the_way(name: str, before: str, after: str) -> None:
    response = altered(lambda rules: rules.put("crm/Accounts", name, None), f'{{"d": [{ROW}]}}')

    assert json.loads(response.get_data()) == json.loads(f'{{"d": [{ROW.replace(before, after)}]}}')


def test_other_endpoints_and_refusals_stay_as_they_are() -> None:
    def switch(rules: AnswerChanges) -> None:
        rules.leave_out("crm/Accounts", "Name")
        rules.put("v3/shipments", "Name", 1)

    assert altered(switch, ROW, path="/api/v3/shipments/1").get_data(as_text=True) == ROW
    assert altered(switch, ROW, status=403).get_data(as_text=True) == ROW


def test_what_was_switched_off_again_alters_nothing() -> None:
    def switch(rules: AnswerChanges) -> None:
        rules.leave_out("crm/Accounts", "Name")
        rules.restore()

    assert altered(switch, ROW).get_data(as_text=True) == ROW


@pytest.mark.parametrize("value", ["soon", None])
def test_a_header_has_another_value_or_is_left_out(value: str | None) -> None:
    response = altered(lambda rules: rules.set_header("crm/Accounts", "Content-Type", value), ROW)

    assert response.headers.get("Content-Type") == value
