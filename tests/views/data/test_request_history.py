"""Requests and their answers are read from the ledger's events, wherever these have them."""

from datetime import UTC, datetime

import pytest

from exactsend.http.messages import Json
from exactsend.ledger.journal import Event, Put
from exactsend.views.data.action_history import actions
from exactsend.views.data.request_history import RecordedRequest, RequestPurpose, facts_about, requests_about

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
A, B = "exact-1-o-a", "exact-1-o-b"


def event(run: str = "r1", name: str = "happened", puts: tuple[Put, ...] = (), **facts: Json) -> Event:
    return Event(1, NOW, run, name, None, facts, puts)


def request(
    number: int, body: Json = None, *, about: str = "", call: str = "POST /orders"
) -> dict[str, Json]:
    return {
        "n": number,
        "about": about,
        "at": "2026-11-23T09:00:00Z",
        "by": "sync",
        "call": call,
        "body": body,
    }


def test_an_answer_may_stand_in_any_later_event_of_its_run() -> None:
    events = [
        event(sent=[request(1, about=A, call="DELETE /orders/5")]),
        event("r2", sent=[request(1, about=B, call="DELETE /orders/6")]),
        event("r2", answers=[{"n": 1, "ms": 7, "status": 404}]),
        event(answers=[{"n": 1, "ms": 3, "status": 204}]),
    ]

    (recorded,) = requests_about(events, {A})
    assert (recorded.status, recorded.milliseconds, recorded.purpose) == (
        204,
        3,
        RequestPurpose.ORDER_WITHDRAW,
    )
    assert requests_about(events, {B})[0].status == 404


def test_the_same_number_again_is_another_command_of_the_same_process() -> None:
    events = [
        event(sent=[request(1, about=A, call="DELETE /orders/5")]),
        event(sent=[request(1, about=A, call="DELETE /orders/6")]),
        event(answers=[{"n": 1, "status": 204}]),
    ]

    assert [request.status for request in requests_about(events, {A})] == [None, 204]


def test_of_a_batch_an_order_has_its_own_part() -> None:
    answered: Json = {"n": 1, "status": 201, "data": [{"id": 1, "order_id": A}, {"id": 2, "order_id": B}]}
    events = [event(sent=[request(1, [{"order_id": A}, {"order_id": B}])]), event(answers=[answered])]

    (recorded,) = requests_about(events, {B})

    assert (recorded.body, recorded.others, recorded.created_id) == ([{"order_id": B}], 1, "2")
    assert recorded.answer == {"status": 201, "data": [{"id": 2, "order_id": B}]}
    assert requests_about(events, {"exact-1-o-c"}) == ()


@pytest.mark.parametrize(("ref", "errors"), [(A, 0), (B, 1)])
def test_of_a_refused_batch_only_the_one_that_is_accused_has_the_error(ref: str, errors: int) -> None:
    refused: Json = {
        "n": 1,
        "status": 400,
        "error": "refused",
        "errors": [{"pointer": "/data/[1]/name", "code": "x"}],
    }
    events = [event(sent=[request(1, [{"order_id": A}, {"order_id": B}])]), event(answers=[refused])]

    (recorded,) = requests_about(events, {ref})

    assert recorded.answer is not None
    assert len(recorded.answer["errors"]) == errors  # type: ignore[arg-type]  # a list
    assert ("for_another_order" in recorded.answer) is (errors == 0)


def test_the_ledgers_own_words_leave_out_the_others() -> None:
    batch = event(sent=[request(1, [{"order_id": A}, {"order_id": B}]), request(2, about=B)], count=2)

    assert facts_about(batch.facts, {A}) == {"count": 2, "sent": [request(1, [{"order_id": A}])]}


def test_a_request_goes_with_the_deed_that_it_led_to_not_with_the_intent() -> None:
    entry = Put("incoming", A, {"number": "4711"})
    events = [
        event(name="entries_pushing", puts=(entry,), sent=[request(1, [{"order_id": A}])]),
        event(name="entries_pushed", puts=(entry,), answers=[{"n": 1, "status": 201}]),
        event(name="entry_withdrawing", puts=(entry,), sent=[request(2, about=A, call="DELETE /orders/5")]),
        event(name="run_ended", answers=[{"n": 2, "status": 204}]),
    ]

    pushed, withdrawn = actions("acme", events)

    assert [request.status for request in pushed.sent] == [201]
    assert [(request.purpose, request.status) for request in withdrawn.sent] == [
        (RequestPurpose.ORDER_WITHDRAW, 204)
    ]


def test_entries_of_one_push_are_all_told_where_one_of_them_cures_a_delivery() -> None:
    puts = (
        Put("incoming", A, {"number": "4711"}),
        Put("incoming", B, {"number": "4712"}),
        Put("deliveries", "d", {"number": 20001, "order_numbers": [4712]}),
    )

    told = [action.order_numbers for action in actions("acme", [event(name="entries_pushed", puts=puts)])]

    assert told == [("4711",), ("4712",)]


@pytest.mark.parametrize(
    ("call", "purpose"),
    [
        ("POST /shipments/announce-with-shipping-rules", RequestPurpose.LABEL_BUY),
        ("POST /shipments/5e/cancel", RequestPurpose.LABEL_CANCEL),
        ("PUT /api/v1/1/salesorder/GoodsDeliveries(guid'd')", RequestPurpose.DELIVERY_UPDATE),
        ("POST /api/v1/1/documents/Documents", RequestPurpose.DOCUMENT),
        ("POST /api/v1/1/documents/DocumentAttachments", RequestPurpose.ATTACHMENT),
        ("POST /something", RequestPurpose.OTHER),
    ],
)
def test_what_a_call_is_for(call: str, purpose: RequestPurpose) -> None:
    assert RecordedRequest(NOW, "r1", A, "sync", "", call, None).purpose is purpose
