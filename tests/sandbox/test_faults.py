"""What goes wrong on the wire, as a client sees it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.server import Sandbox

TOKEN = "/api/oauth2/token"
FORM = {
    "client_id": starting_worlds.CLIENT_ID,
    "client_secret": starting_worlds.CLIENT_SECRET,
    "grant_type": "refresh_token",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(starting_worlds.empty(SettableClock(datetime(2026, 11, 23, 9, 30, tzinfo=UTC)))) as sandbox:
        yield sandbox
    assert sandbox.crashes == []


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def token_calls_counted(sandbox: Sandbox) -> bool:
    """Whether the one token call that is allowed today was made."""
    return not sandbox.world.exact.metering.token_call_allowed(starting_worlds.CLIENT_ID)


def test_a_lost_call_changes_nothing(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.world.exact.limits.tokens_per_day = 1
    sandbox.faults.lose_call("POST", TOKEN)

    with pytest.raises(requests.ConnectionError):
        session.post(sandbox.url + TOKEN, data=FORM)

    assert not token_calls_counted(sandbox)


def test_a_lost_answer_comes_after_the_change(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.world.exact.limits.tokens_per_day = 1
    sandbox.faults.lose_answer("POST", TOKEN)

    with pytest.raises(requests.ConnectionError):
        session.post(sandbox.url + TOKEN, data=FORM)

    assert token_calls_counted(sandbox)


def test_a_cut_answer_ends_in_the_middle(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.cut_answer("GET", "/current/Me")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        session.get(f"{sandbox.url}/api/v1/current/Me")


def test_another_answer_replaces_the_right_one(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.answer_instead("GET", "/x", status=429, headers={"Retry-After": "3"}, text="<p>Later")

    answer = session.get(f"{sandbox.url}/x")

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (429, "<p>Later", "3")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_answer_can_be_empty(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.answer_instead("GET", "/x", status=200)

    assert session.get(f"{sandbox.url}/x").content == b""


def test_a_fault_happens_as_often_as_asked_for(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.answer_instead("*", "/x", status=502, times=2)

    assert [session.get(f"{sandbox.url}/x").status_code for _ in range(3)] == [502, 502, 404]
    assert list(sandbox.faults.pending()) == []


def test_a_fault_can_last_until_it_is_cleared(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.answer_instead("*", "/x", status=502, times=None)
    assert [session.get(f"{sandbox.url}/x").status_code for _ in range(3)] == [502] * 3

    sandbox.faults.clear()

    assert session.get(f"{sandbox.url}/x").status_code == 404


def test_a_fault_meets_only_what_it_names(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.answer_instead("POST", "/x", status=502)
    sandbox.faults.answer_instead("GET", "/x", status=502, api="sendcloud")
    sandbox.faults.answer_instead("GET", r"/y\?a=1$", status=502)
    sandbox.faults.answer_instead("PUT", "/x", status=502, body=lambda body: body == {"a": 1})

    assert session.get(f"{sandbox.url}/x").status_code == 404
    assert session.get(f"{sandbox.url}/y?a=2").status_code == 404
    assert session.put(f"{sandbox.url}/x", json={"a": 2}).status_code == 404
    assert len(list(sandbox.faults.pending())) == 4
    assert session.get(f"{sandbox.url}/y?a=1").status_code == 502
    assert session.put(f"{sandbox.url}/x", json={"a": 1}).status_code == 502


def test_a_slow_answer_comes_late(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.slow("GET", "/x", seconds=0.2)
    started = time.perf_counter()

    assert session.get(f"{sandbox.url}/x").status_code == 404
    assert time.perf_counter() - started >= 0.2


def test_a_slow_answer_does_not_hold_up_others(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.slow("GET", "/x", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        session.get(f"{sandbox.url}/x", timeout=0.05)

    assert session.get(f"{sandbox.url}/y", timeout=5).status_code == 404


def test_a_redirect_leads_elsewhere(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.faults.redirect("GET", "/x", to="https://elsewhere.example/")

    answer = session.get(f"{sandbox.url}/x", allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://elsewhere.example/")
