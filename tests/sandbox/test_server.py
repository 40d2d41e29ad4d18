"""The sandbox on the wire: one port, two APIs, connections that stay open, everything recorded."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        starting_worlds.small_shop(SettableClock(datetime(2026, 11, 23, 9, 30, tzinfo=UTC)))
    ) as sandbox:
        yield sandbox
    assert sandbox.crashes == []


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[requests.Session]:
    """An app that went through the whole sign-in."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {sign_in(sandbox, session)}"
        session.headers["Accept"] = "application/json"
        yield session


def sign_in(sandbox: Sandbox, session: requests.Session) -> str:
    authorize = (
        f"{sandbox.exact_url}/api/oauth2/auth?client_id={starting_worlds.CLIENT_ID}"
        f"&redirect_uri={starting_worlds.REDIRECT_URI}&response_type=code&state=s"
    )
    code = parse_qs(urlsplit(sandbox.office.consent(authorize)).query)["code"][0]
    form = {
        "client_id": starting_worlds.CLIENT_ID,
        "client_secret": starting_worlds.CLIENT_SECRET,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": starting_worlds.REDIRECT_URI,
    }
    return str(session.post(f"{sandbox.exact_url}/api/oauth2/token", data=form).json()["access_token"])


def test_an_app_signs_in_reads_and_writes(sandbox: Sandbox, app: requests.Session) -> None:
    delivery = sandbox.office.deliver(starting_worlds.DOMESTIC)
    division = f"{sandbox.exact_url}/api/v1/{starting_worlds.DIVISION}"
    found = app.get(f"{division}/salesorder/GoodsDeliveries?$select=EntryID").json()["d"]["results"]

    key = f"(guid'{found[0]['EntryID']}')"
    written = app.put(f"{division}/salesorder/GoodsDeliveries{key}", json={"TrackingNumber": "3S"})

    assert written.status_code == 204
    assert sandbox.office.tracking(delivery) == "3S"


def test_both_apis_share_a_port(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        exact = session.get(f"{sandbox.exact_url}/api/v1/current/Me")
        sendcloud = session.get(f"{sandbox.sendcloud_url}/user/auth")

    assert (exact.status_code, sendcloud.status_code) == (401, 401)
    assert [call.api for call in sandbox.calls] == ["exact", "sendcloud"]


def test_an_unknown_path_is_not_found(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/elsewhere", timeout=5).status_code == 404


def test_a_connection_stays_open_between_calls(sandbox: Sandbox) -> None:
    connection = HTTPConnection("127.0.0.1", urlsplit(sandbox.url).port or 0, timeout=5)
    statuses, sockets = [], set()
    for method, path in [("GET", "/api/v1/current/Me"), ("POST", "/api/oauth2/token"), ("GET", "/x")]:
        connection.request(method, path, body=b"{}" if method == "POST" else None)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        sockets.add(connection.sock)
    connection.close()

    assert statuses == [401, 401, 404]
    assert len(sockets) == 1


def test_calls_are_recorded_with_body_and_outcome(sandbox: Sandbox, app: requests.Session) -> None:
    mark = len(sandbox.calls)
    app.post(
        f"{sandbox.exact_url}/api/v1/{starting_worlds.DIVISION}/documents/Documents?x=1",
        json={"Subject": "no type"},
    )

    (call,) = sandbox.calls_since(mark)
    assert (call.api, call.method, call.query, call.status) == ("exact", "POST", "x=1", 500)
    assert call.body == {"Subject": "no type"}
    assert "Type" in str(call.refused)
    assert call.at == sandbox.world.clock()


def test_sign_in_calls_are_no_writes(sandbox: Sandbox, app: requests.Session) -> None:
    app.get(f"{sandbox.exact_url}/api/v1/current/Me")

    assert sandbox.writes() == []
    assert len(sandbox.calls) == 2


def test_answers_bear_the_sandbox_s_time(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/x", timeout=5)

    assert answer.headers["Date"] == "Mon, 23 Nov 2026 09:30:00 GMT"


def test_a_crash_of_the_sandbox_is_kept_for_the_test() -> None:
    broken = Sandbox(starting_worlds.empty(SettableClock(datetime(2026, 11, 23, tzinfo=UTC))))
    del broken.world.exact.behaviour
    with broken:
        answer = requests.get(f"{broken.url}/api/v1/current/Me", timeout=5)

    assert answer.status_code == 500
    assert "AttributeError" in broken.crashes[0]


def test_stopping_leaves_no_thread_even_with_open_connections() -> None:
    threads = threading.active_count()
    sandbox = Sandbox(starting_worlds.empty(SettableClock(datetime(2026, 11, 23, tzinfo=UTC))))
    sandbox.start()
    with requests.Session() as session:
        session.get(f"{sandbox.url}/x")
        sandbox.stop()

    assert threading.active_count() == threads


def test_it_starts_quickly() -> None:
    world = starting_worlds.small_shop(SettableClock(datetime(2026, 11, 23, tzinfo=UTC)))
    started = time.perf_counter()

    with Sandbox(world):
        assert time.perf_counter() - started < 0.2


def test_calls_of_many_threads_are_all_answered(sandbox: Sandbox) -> None:
    statuses: list[int] = []

    def call() -> None:
        statuses.append(requests.get(f"{sandbox.url}/api/v1/current/Me", timeout=5).status_code)

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [401] * 20
