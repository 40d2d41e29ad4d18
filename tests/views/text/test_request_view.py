"""How requests and their answers are told to a person."""

from datetime import UTC, datetime

import pytest

from exactsend.http.messages import Json
from exactsend.views.data.request_history import RecordedRequest
from exactsend.views.text.request_view import answer_text, purpose_text, sent_lines, who_text

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def exchange(
    answer: dict[str, Json] | None, *, call: str = "POST /orders", means: str = "", others: int = 0
) -> RecordedRequest:
    return RecordedRequest(NOW, "ab12", "", "sync" if means else "", means, call, None, others, answer)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "no answer is recorded"),
        ({"status": None, "error": "unanswered", "message": "it hung up"}, "no answer came, it hung up"),
        (
            {"status": None, "error": "resting", "message": "too many errors"},
            "it was not sent, too many errors",
        ),
        ({"status": None, "error": "unreachable"}, "it was not sent"),
        ({"status": 202, "result": "queued"}, "202, queued"),
        ({"status": 400, "errors": [{"code": "x", "pointer": "/a"}, {"detail": "bad"}]}, "400, x (/a), bad"),
        (
            {"status": 400, "errors": [], "for_another_order": True},
            "400, refused because of another order in the same call",
        ),
        ({"status": 201, "data": [{"id": 5, "order_id": "o"}]}, "201, id 5"),
    ],
)
def test_what_came_back_is_one_line(answer: dict[str, Json] | None, told: str) -> None:
    assert answer_text(exchange(answer)) == told


def test_a_label_is_told_with_its_state_and_its_tracking_number() -> None:
    answer: dict[str, Json] = {
        "status": 201,
        "id": "5e",
        "parcels": [{"status": {"code": "READY_TO_SEND"}, "tracking_number": "3S"}],
    }

    bought = exchange(answer, call="POST /shipments/announce")

    assert answer_text(bought) == "201, id 5e, READY_TO_SEND, tracking 3S"


@pytest.mark.parametrize(
    ("means", "told"),
    [
        ("terminal", "run ab12 of sync, by hand"),
        ("systemd", "run ab12 of sync, by systemd"),
        ("unattended", "run ab12 of sync, by cron or a script"),
        ("", "run ab12"),
    ],
)
def test_who_did_it_is_told_as_far_as_it_is_known(means: str, told: str) -> None:
    assert who_text(exchange(None, means=means)) == told


def test_the_others_of_a_call_are_counted() -> None:
    assert purpose_text(exchange(None, others=1)) == "sent to the incoming orders, together with 1 other"


def test_where_nothing_is_noted_that_is_said() -> None:
    assert "nothing is recorded" in "\n".join(sent_lines((), bodies=False))


def test_what_stands_at_sendcloud_now_is_named_as_that() -> None:
    pushed = exchange({"status": 201, "data": [{"id": 5}]})

    there = "\n".join(sent_lines((pushed,), bodies=True, at_sendcloud={"5": {"name": "Jan"}}))
    gone = "\n".join(sent_lines((pushed,), bodies=True, at_sendcloud={}))

    assert 'as Sendcloud has it now: {"name": "Jan"}' in there
    assert "as Sendcloud has it now: it is gone" in gone
