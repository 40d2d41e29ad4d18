"""What is sent is written down with the next event, what comes back with the one after it, and nothing twice."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import Change, JsonRecord, Overlay, Put
from exactsend.engine.request_log import RequestLog
from exactsend.errors import Unanswered
from exactsend.http.messages import Call, Json
from tests.script import Answer, Script, says

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PUSH = Call("POST", "/orders", body=[{"order_id": "exact-1-o-2"}])
DELETE = Call("DELETE", "/orders/5")


@pytest.fixture
def request_log() -> RequestLog:
    return RequestLog(lambda: NOW, by="labels create", means="terminal")


class Kept(Overlay):
    """A store that keeps the facts of its events."""

    def __init__(self) -> None:
        super().__init__(Nothing())
        self.facts: list[Mapping[str, Json]] = []

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] | None = None,
        puts: Sequence[Put] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        super().record(event, subject=subject, facts=facts, puts=puts, changes=changes)
        self.facts.append(dict(facts or {}))


class Nothing:
    """A store without records."""

    def get(self, section: str, key: str) -> None:
        del section, key

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        del section
        return iter(())

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        return self.items(section)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        del section, numbers
        return iter(())


def test_the_event_before_the_call_has_the_request_and_the_one_after_it_the_answer(
    request_log: RequestLog,
) -> None:
    store = Kept()
    records = RecordStore(store, request_log.take)
    sender = request_log.logged(Script(says({"data": [{"id": 5, "order_id": "exact-1-o-2"}]}, 201)))
    request_log.record_and_send(
        "", PUSH, sender.send, intent=lambda: records.note("entries_pushing", facts={"count": 1})
    )
    records.note("entries_pushed")
    records.note("run_ended")

    before, after, last = store.facts
    assert before == {
        "count": 1,
        "sent": [
            {
                "n": 1,
                "at": "2026-11-23T09:00:00Z",
                "by": "labels create",
                "means": "terminal",
                "call": "POST /orders",
                "body": [{"order_id": "exact-1-o-2"}],
            }
        ],
    }
    assert after == {
        "answers": [{"n": 1, "ms": 0, "status": 201, "data": [{"id": 5, "order_id": "exact-1-o-2"}]}]
    }
    assert last == {}


def test_an_error_is_an_answer_too(request_log: RequestLog) -> None:
    sender = request_log.logged(Script(Unanswered("nothing came")))
    with pytest.raises(Unanswered):
        request_log.record_and_send("exact-1-o-2", DELETE, sender.send)

    assert request_log.take()["answers"] == [
        {"n": 1, "ms": 0, "status": None, "error": "unanswered", "message": "nothing came"}
    ]


def test_the_answer_to_a_call_that_was_not_logged_is_dropped(request_log: RequestLog) -> None:
    request_log.logged(Script(Answer(status=204))).send(DELETE)

    assert request_log.is_empty


def test_the_same_call_twice_has_two_answers(request_log: RequestLog) -> None:
    sender = request_log.logged(Script(Answer(status=204), Answer(status=404)))
    for _ in range(2):
        request_log.record_and_send("exact-1-o-2", DELETE, sender.send)

    assert request_log.take()["answers"] == [
        {"n": 1, "ms": 0, "status": 204},
        {"n": 2, "ms": 0, "status": 404},
    ]
    assert request_log.is_empty
