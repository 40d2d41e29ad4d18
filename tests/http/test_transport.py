"""The transport over a real socket: what it repeats, what it never repeats, and where it never goes."""

import gzip
import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import requests
from requests.auth import AuthBase

from exactsend.errors import (
    Broken,
    Forbidden,
    RateLimited,
    Refused,
    Terminated,
    Unanswered,
    Unreachable,
    Unreadable,
)
from exactsend.http.allowance.rate_limit import Allowance
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.deadline import BoundedExchange
from exactsend.http.messages import Call, Reply
from exactsend.http.origin import PinnedBasicAuth
from exactsend.http.retries import RetryPolicy
from exactsend.http.transport import RenewableAuth, SizeCap, Transport, WaitBudget, new_session
from exactsend.sendcloud.wire import announce
from tests.moving_clock import MovingClock
from tests.wire_server import Answer, Drip, HangUp, WireServer, as_json

READ = Call("GET", "/things", repeatable=True)
WRITE = Call("POST", "/things", body={"name": "a"})
SAFE_WRITE = Call("PUT", "/things/1", body={"name": "a"}, repeatable=True)
WELL = as_json({"fine": True})
LOST = Answer(hang_up=HangUp.UNANSWERED)


@contextmanager
def transport_to(
    base_url: str,
    *,
    auth: AuthBase | None = None,
    allowance: Allowance | None = None,
    clock: MovingClock | None = None,
    stop: Callable[[], None] = lambda: None,
    stop_reading: Callable[[], None] = lambda: None,
    fault_hook: Callable[[str, Call], None] = lambda _when, _call: None,
    wait_budget: WaitBudget | None = None,
    cap: SizeCap | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[Transport]:
    clock = clock or MovingClock()
    with Transport(
        "Exact",
        base_url,
        auth,
        allowance=allowance or SendcloudAllowance(),
        clock=clock,
        sleep=clock.sleep,
        retry=RetryPolicy(attempts=3),
        wait_budget=wait_budget,
        stop_reading=stop_reading,
        stop=stop,
        fault_hook=fault_hook,
        cap=cap or SizeCap(),
        on_wait=on_wait,
    ) as transport:
        yield transport


def send(call: Call, *script: Answer) -> tuple[Reply, WireServer]:
    with WireServer(script) as server, transport_to(server.url) as transport:
        return transport.send(call), server


def test_a_call_arrives_as_it_was_meant() -> None:
    call = Call("POST", "/things", query={"$filter": "Name eq 'a b'"}, body={"n": 1}, accept="text/x")

    _, server = send(call, WELL)

    [asked] = server.asked
    assert asked.target == "/things?%24filter=Name%20eq%20%27a%20b%27"
    assert json.loads(asked.body) == {"n": 1}
    assert asked.headers["Accept"] == "text/x"
    assert asked.headers["User-Agent"].startswith("exactsend/")


def test_a_reply_has_status_body_and_lower_cased_headers() -> None:
    reply, _ = send(READ, as_json({"fine": True}, Link="<x>"))

    assert (reply.status, reply.json(), reply.headers["link"]) == (200, {"fine": True}, "<x>")


def test_one_connection_serves_many_calls() -> None:
    with WireServer([WELL] * 5) as server, transport_to(server.url) as transport:
        for _ in range(5):
            transport.send(READ)

        assert server.connections == 1
        assert transport.spent == 5


@pytest.mark.parametrize("hang_up", list(HangUp))
def test_a_read_is_repeated_when_its_answer_is_lost(hang_up: HangUp) -> None:
    reply, _ = send(READ, Answer(body=b"half", hang_up=hang_up), WELL)

    assert reply.json() == {"fine": True}


@pytest.mark.parametrize("hang_up", list(HangUp))
def test_a_write_that_may_have_arrived_is_never_repeated(hang_up: HangUp) -> None:
    with (
        WireServer([Answer(body=b"half", hang_up=hang_up), WELL]) as server,
        transport_to(server.url) as transport,
        pytest.raises(Unanswered),
    ):
        transport.send(WRITE)

    assert len(server.asked) == (0 if hang_up is HangUp.UNREAD else 1)


def test_a_write_that_changes_nothing_twice_is_repeated() -> None:
    _, server = send(SAFE_WRITE, LOST, WELL)

    assert len(server.asked) == 2


def test_repeating_ends_and_its_pauses_stay_short() -> None:
    clock = MovingClock()
    with (
        WireServer([LOST] * 9) as server,
        transport_to(server.url, clock=clock) as transport,
        pytest.raises(Unanswered),
    ):
        transport.send(READ)

    assert len(server.asked) == 3
    assert len(clock.pauses) == 2
    assert max(clock.pauses) <= 20


def test_a_write_that_never_left_is_repeated_and_then_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    clock = MovingClock()

    with (
        transport_to(f"http://127.0.0.1:{port}", clock=clock) as transport,
        pytest.raises(Unreachable, match="refused"),
    ):
        transport.send(WRITE)

    assert len(clock.pauses) == 2


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with (
        transport_to("https://nobody.invalid") as transport,
        pytest.raises(Unreachable, match=r"nobody\.invalid"),
    ):
        transport.send(WRITE)


def test_a_service_without_tls_is_never_talked_to_in_clear() -> None:
    with (
        WireServer([WELL] * 9) as server,
        transport_to(server.url.replace("http:", "https:")) as transport,
        pytest.raises((Unreachable, Unanswered)),
    ):
        transport.send(READ)

    assert server.asked == []


def test_a_slow_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with transport_to(url) as transport, pytest.raises(Unanswered, match="took too long"):
            transport.send(Call("POST", "/things", timeout_seconds=0.05))


# ── an end for every call ────────────────────────────────────────────────────────────────────────

SOON = 0.1
LONGER_THAN_IT_TAKES_TO_ASK = 0.6
PURCHASE = replace(
    announce({"external_reference_id": "exact-12-a-1"}, with_rules=False), timeout_seconds=SOON
)
ONE_READ = Call("GET", "/things", timeout_seconds=SOON)


@pytest.mark.parametrize("drip", list(Drip))
@pytest.mark.parametrize("call", [ONE_READ, PURCHASE], ids=["read", "purchase"])
def test_a_call_ends_however_slowly_its_answer_drips(call: Call, drip: Drip) -> None:
    with WireServer([Answer(drip=drip), WELL]) as server, transport_to(server.url) as transport:
        with pytest.raises(Unanswered, match="took too long"):
            transport.send(call)

        assert server.was_cut.wait(1)
    assert len(server.asked) == 1


@pytest.mark.parametrize("call", [ONE_READ, PURCHASE], ids=["read", "purchase"])
def test_a_call_ends_when_nobody_reads_it(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with transport_to(url) as transport, pytest.raises(Unanswered, match="took too long"):
            transport.send(call)


def test_a_call_ends_when_a_proxy_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    with WireServer([Answer(drip=Drip.HEADERS)]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        with transport_to("https://api.example.com") as transport, pytest.raises(Unanswered):
            transport.send(PURCHASE)

        assert proxy.was_cut.wait(1)
    assert [question.method for question in proxy.asked] == ["CONNECT"]


def test_the_call_after_one_that_was_given_up_gets_its_own_answer() -> None:
    with WireServer([Answer(drip=Drip.BODY), WELL]) as server, transport_to(server.url) as transport:
        with pytest.raises(Unanswered):
            transport.send(PURCHASE)

        assert transport.send(READ).json() == {"fine": True}


def test_what_was_given_up_before_it_left_never_leaves() -> None:
    go_on, tried = Event(), Event()

    def late() -> object:
        go_on.wait(5)
        try:
            return session.post(f"{server.url}/things")
        finally:
            tried.set()

    with WireServer([WELL]) as server, new_session(server.url) as session:
        with pytest.raises(TimeoutError):
            BoundedExchange[object](0.01).result_of(late)
        go_on.set()
        assert tried.wait(5)

    assert server.asked == []


def test_an_end_that_is_asked_for_is_heeded_while_a_read_is_awaited() -> None:
    def stop() -> None:
        raise Terminated("terminated")

    with (
        WireServer([Answer(drip=Drip.HEADERS)]) as server,
        transport_to(server.url, stop_reading=stop) as transport,
    ):
        with pytest.raises(Terminated):
            transport.send(replace(ONE_READ, timeout_seconds=LONGER_THAN_IT_TAKES_TO_ASK))

        assert server.was_cut.wait(1)


def test_the_answer_to_a_write_is_awaited_whatever_is_asked() -> None:
    def stop() -> None:
        raise Terminated("terminated")

    call = replace(PURCHASE, timeout_seconds=LONGER_THAN_IT_TAKES_TO_ASK)
    with (
        WireServer([Answer(drip=Drip.HEADERS)]) as server,
        transport_to(server.url, stop_reading=stop) as transport,
        pytest.raises(Unanswered),
    ):
        transport.send(call)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_service_is_asked_again_by_reads_alone(status: int) -> None:
    broken = Answer(status, b"<html>out of order</html>")

    assert send(READ, broken, WELL)[0].status == 200
    with pytest.raises(Broken):
        send(WRITE, broken, WELL)


def test_a_500_to_a_write_is_not_repeated_since_exact_words_refusals_so() -> None:
    refusal = as_json({"error": {"code": "", "message": {"value": "Data already exists"}}}, 500)

    with pytest.raises(Broken, match="Data already exists"):
        send(SAFE_WRITE, refusal, WELL)
    assert send(SAFE_WRITE, Answer(503), WELL)[0].status == 200


@pytest.mark.parametrize(
    "nothing", [Answer(), Answer(body=b"<html>login</html>", headers={"Content-Type": "text/html"})]
)
def test_nothing_or_a_page_is_no_answer_to_a_read(nothing: Answer) -> None:
    assert send(READ, nothing, WELL)[0].json() == {"fine": True}
    with pytest.raises(Broken):
        send(READ, *[nothing] * 3)


def test_a_write_may_be_answered_with_nothing() -> None:
    assert send(WRITE, Answer(204))[0].status == 204


def test_a_welcome_status_is_a_reply() -> None:
    gone = Call("DELETE", "/things/1", accepted_statuses=frozenset({404}))

    assert send(gone, Answer(404))[0].status == 404
    with pytest.raises(Refused):
        send(Call("DELETE", "/things/1"), Answer(404))


def test_a_redirect_is_not_followed() -> None:
    elsewhere = Answer(302, headers={"Location": "https://login.example.com/?session=1"})

    with pytest.raises(Unreadable, match=r"login\.example\.com"):
        send(READ, elsewhere, WELL)


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    bomb = Answer(body=gzip.compress(b" " * 3_000_000), headers={"Content-Encoding": "gzip"})

    with (
        WireServer([bomb]) as server,
        transport_to(server.url, cap=SizeCap(json=1_000_000)) as transport,
        pytest.raises(Unreadable, match="more than"),
    ):
        transport.send(READ)


def test_a_compressed_answer_is_unpacked() -> None:
    packed = Answer(body=gzip.compress(b'{"fine": true}'), headers={"Content-Encoding": "gzip"})

    assert send(READ, packed)[0].json() == {"fine": True}


def test_a_next_link_to_the_same_host_is_followed() -> None:
    with WireServer([WELL]) as server, transport_to(server.url) as transport:
        transport.send(Call("GET", f"{server.url}/things?page=2"))

    assert server.asked[0].target == "/things?page=2"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.com/things",
        "http://127.0.0.1:1/things",
        "https://127.0.0.1:{port}/things",
        "http://127.0.0.1:{port}@evil.example.com/things",
        "http://user@127.0.0.1:{port}/things",
        ".evil.example.com/things",
        "@evil.example.com/things",
        "ftp://127.0.0.1/things",
    ],
)
def test_a_link_to_any_other_host_is_refused(link: str) -> None:
    with (
        WireServer([WELL]) as server,
        transport_to(server.url) as transport,
        pytest.raises(Unreadable, match="nothing was sent"),
    ):
        transport.send(Call("GET", link.format(port=server.port)))

    assert server.asked == []


def test_basic_credentials_go_to_their_host_alone() -> None:
    basic = PinnedBasicAuth("https://panel.example.com/api/v3", "public", "secret")

    ours = requests.Request("GET", "https://panel.example.com/x", auth=basic).prepare()
    theirs = requests.Request("GET", "https://example.com/x", auth=basic).prepare()

    assert ours.headers["Authorization"].startswith("Basic ")
    assert "Authorization" not in theirs.headers


class TestEnvironment:
    """Proxies come from the environment; a .netrc never has a say."""

    @pytest.fixture
    def proxy(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[WireServer]:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine api.example.com login netrc password netrc\n")
        netrc.chmod(0o600)
        with WireServer([WELL]) as server:
            monkeypatch.setenv("NETRC", str(netrc))
            monkeypatch.setenv("http_proxy", server.url)
            monkeypatch.delenv("no_proxy", raising=False)
            yield server

    def test_a_proxy_is_used(self, proxy: WireServer) -> None:
        with transport_to("http://api.example.com") as transport:
            transport.send(READ)

        assert proxy.asked[0].target == "http://api.example.com/things"

    def test_netrc_adds_no_credentials(self, proxy: WireServer) -> None:
        with transport_to("http://api.example.com") as transport:
            transport.send(READ)

        assert "Authorization" not in proxy.asked[0].headers

    def test_netrc_overrides_no_credentials(self, proxy: WireServer) -> None:
        ours = PinnedBasicAuth("http://api.example.com", "public", "secret")
        with transport_to("http://api.example.com", auth=ours) as transport:
            transport.send(READ)

        assert proxy.asked[0].headers["Authorization"] == "Basic cHVibGljOnNlY3JldA=="

    def test_no_proxy_leads_to_this_very_machine(self, proxy: WireServer) -> None:
        with WireServer([WELL]) as server, transport_to(server.url) as transport:
            transport.send(READ)

        assert (len(server.asked), len(proxy.asked)) == (1, 0)

    def test_a_proxy_that_is_down_means_that_nothing_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.delenv("no_proxy", raising=False)
        with transport_to("http://api.example.com") as transport, pytest.raises(Unreachable):
            transport.send(WRITE)


def test_a_429_is_waited_for_even_by_a_write() -> None:
    clock = MovingClock()
    with WireServer([Answer(429), WELL]) as server, transport_to(server.url, clock=clock) as transport:
        transport.send(WRITE)

    assert clock.pauses == [2.0]


def test_a_call_that_can_be_left_out_is_not_waited_for() -> None:
    clock = MovingClock()
    optional = replace(WRITE, reserve=0)
    with (
        WireServer([Answer(429), WELL]) as server,
        transport_to(server.url, clock=clock) as transport,
        pytest.raises(RateLimited, match="this call is optional"),
    ):
        transport.send(optional)

    assert clock.pauses == []


def test_a_429_that_lasts_too_long_stops_and_says_how_long() -> None:
    limited = Answer(429, headers={"Retry-After": "45"})

    with (
        WireServer([limited]) as server,
        transport_to(server.url, wait_budget=WaitBudget(timedelta(seconds=40))) as transport,
        pytest.raises(RateLimited) as stopped,
    ):
        transport.send(READ)

    assert stopped.value.pause == timedelta(seconds=45)


def test_all_waits_of_a_run_come_from_one_purse() -> None:
    limited = Answer(429, headers={"Retry-After": "40"})
    clock = MovingClock()

    with (
        WireServer([limited, WELL, limited, WELL]) as server,
        transport_to(server.url, clock=clock, wait_budget=WaitBudget(timedelta(minutes=1))) as transport,
    ):
        transport.send(READ)
        with pytest.raises(RateLimited):
            transport.send(READ)

    assert sum(clock.pauses) == 40


def test_both_transports_of_a_run_share_its_patience() -> None:
    limited = Answer(429, headers={"Retry-After": "40"})
    clock, wait_budget = MovingClock(), WaitBudget(timedelta(minutes=1))

    with (
        WireServer([limited, WELL, limited]) as server,
        transport_to(server.url, clock=clock, wait_budget=wait_budget) as one,
        transport_to(server.url, clock=clock, wait_budget=wait_budget) as other,
    ):
        one.send(READ)
        with pytest.raises(RateLimited):
            other.send(READ)


def test_an_end_that_was_asked_for_is_heeded_before_a_send_and_never_after() -> None:
    asked = False

    def stop() -> None:
        if asked:
            raise Terminated("terminated")

    def fault_hook(_when: str, _call: Call) -> None:
        nonlocal asked
        asked = True

    with (
        WireServer([WELL, WELL]) as server,
        transport_to(server.url, stop=stop, fault_hook=fault_hook) as transport,
    ):
        assert transport.send(WRITE).status == 200
        with pytest.raises(Terminated):
            transport.send(WRITE)

    assert len(server.asked) == 1


def test_the_fault_hook_is_called_before_and_after_each_send() -> None:
    told: list[tuple[str, Call]] = []
    with (
        WireServer([LOST, WELL]) as server,
        transport_to(server.url, fault_hook=lambda when, call: told.append((when, call))) as transport,
    ):
        transport.send(READ)

    assert told == [("before", READ), ("before", READ), ("after", READ)]


class Renewing(RenewableAuth):
    """Credentials that are renewed when told to."""

    def __init__(self, *, helps: bool) -> None:
        self._helps = helps
        self._token = "old"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token
        return request

    def renew(self, reply: Reply) -> bool:
        assert reply.status == 401
        self._token = "new"
        return self._helps


def test_a_401_is_cured_once_by_new_credentials_even_for_a_write() -> None:
    with (
        WireServer([Answer(401), WELL]) as server,
        transport_to(server.url, auth=Renewing(helps=True)) as transport,
    ):
        transport.send(WRITE)

    assert [asked.headers["Authorization"] for asked in server.asked] == ["old", "new"]


@pytest.mark.parametrize("helps", [True, False])
def test_a_401_that_stays_is_forbidden(helps: bool) -> None:  # noqa: FBT001 - a case, not an option
    with (
        WireServer([Answer(401), Answer(401), WELL]) as server,
        transport_to(server.url, auth=Renewing(helps=helps)) as transport,
        pytest.raises(Forbidden),
    ):
        transport.send(READ)


def test_errors_and_logs_hold_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="exactsend")
    personal = Call("GET", "/things", query={"email": "jan@example.com"})

    with pytest.raises(Unanswered) as lost:
        send(personal, LOST)

    assert "jan" not in caplog.text + str(lost.value) + lost.value.path
    assert "call api=Exact method=GET path=/things outcome=unanswered" in caplog.text


def test_calls_from_several_threads_do_not_mix() -> None:
    def echo_of(target: str) -> Answer:
        return as_json({"target": target})

    with WireServer(lambda asked: echo_of(asked.target)) as server, transport_to(server.url) as transport:
        wrong: list[str] = []

        def ask(name: str) -> None:
            for number in range(10):
                path = f"/{name}/{number}"
                if transport.send(Call("GET", path)).json() != {"target": path}:
                    wrong.append(path)

        threads = [Thread(target=ask, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (wrong, len(server.asked)) == ([], 40)


def test_a_pause_is_counted_down_for_a_person_who_waits() -> None:
    clock, told = MovingClock(), list[str]()
    refused = Answer(status=429, headers={"Retry-After": "3"})
    with (
        WireServer([refused, WELL]) as server,
        transport_to(server.url, clock=clock, on_wait=told.append) as transport,
    ):
        transport.send(READ)

    assert told == ["Exact allows more calls in 3 s", "Exact allows more calls in 2 s"]
