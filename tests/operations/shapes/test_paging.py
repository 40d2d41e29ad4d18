"""Whether a listing goes on is told by its Link header alone: a full page without one is asked about once more, and found out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from exactsend.http.messages import Call, Json, Reply
from exactsend.operations.shapes.headers import Headers
from exactsend.operations.shapes.reader import ROWS_OF_LISTING, Reader
from exactsend.operations.shapes.sendcloud_reads import read_sendcloud

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DATE = {"date": "Mon, 23 Nov 2026 09:00:00 GMT", "content-type": "application/json"}


class Sendcloud:
    """One that has so many integrations' orders, and never names a further page."""

    def __init__(self, orders: int) -> None:
        self.orders = orders
        self.asked: list[str] = []
        self._on_reply: Callable[[Reply], None] = lambda _reply: None

    def observe_replies(self, on_reply: Callable[[Reply], None]) -> None:
        self._on_reply = on_reply

    def send(self, call: Call) -> Reply:
        self.asked.append(call.path)
        reply = Reply(200, DATE, json.dumps({"data": self._data(call)}).encode(), call, "Sendcloud")
        self._on_reply(reply)
        return reply

    def _data(self, call: Call) -> Json:
        if call.path == "/user/auth/metadata":
            return {"user_id": 1, "integration_id": 2}
        rows = min(self.orders, int(call.query["page_size"])) if call.path == "/orders" else 0
        return [
            {"id": str(number), "order_id": "o", "order_number": "4711", "created_at": None}
            for number in range(rows)
        ]


@pytest.mark.parametrize(
    ("orders", "asked", "missing"),
    [
        (ROWS_OF_LISTING - 1, 1, 0),
        (ROWS_OF_LISTING, 2, 0),
        (ROWS_OF_LISTING + 1, 2, 1),
        (ROWS_OF_LISTING + 9, 2, 1),
    ],
)
def test_a_link_is_missing_only_where_there_are_more_rows(orders: int, asked: int, missing: int) -> None:
    sendcloud = Sendcloud(orders)
    ask = Reader(
        "sendcloud", sendcloud, Headers("sendcloud", "https://example.com", lambda: NOW), lambda _phrase: None
    )

    read_sendcloud(ask, NOW)

    (answer,) = [candidate for candidate in ask.answers if candidate.endpoint == "orders"]
    assert sendcloud.asked.count("/orders") == asked
    assert [difference.name for difference in answer.differences] == ["link"] * missing
    assert answer.rows == min(orders, ROWS_OF_LISTING)
