"""The access token on its way: to Exact alone, and renewed once when Exact calls it expired."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from exactsend.errors import Broken, Forbidden, LoginNeeded
from exactsend.exact.auth import BearerAuth, SignIn
from exactsend.exact.tokens import Tokens
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.messages import Call
from exactsend.http.transport import Transport
from exactsend.system.signals import Interrupts
from tests.exact.token_office import MemoryStore, TokenOffice
from tests.moving_clock import MORNING, MovingClock
from tests.wire_server import Answer, Asked, WireServer, as_json

FIRST = Tokens(access_token="access-1", refresh_token="stampe!1", received_at=MORNING, expires_in=600)
READ = Call("GET", "/api/v1/12/crm/Accounts", repeatable=True)
WRITE = Call("POST", "/api/v1/12/documents/Documents", body={})
EXPIRED = Answer(401, headers={"WWW-Authenticate": 'Bearer error_description="The access token has expired"'})


class Exact:
    """Signs in, and answers calls that bear one of the tokens that are good."""

    def __init__(self) -> None:
        self.clock = MovingClock()
        self.office = TokenOffice(self.clock)
        self.good = {"access-1", "access-2"}
        self.refusal = EXPIRED
        self.bearers: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.target == "/api/oauth2/token":
            return self.office(asked)
        self.bearers.append(asked.headers["Authorization"].removeprefix("Bearer "))
        return as_json({"d": []}) if self.bearers[-1] in self.good else self.refusal


@contextmanager
def connected(exact: Exact) -> Iterator[Transport]:
    store = MemoryStore(FIRST.model_dump_json())
    with WireServer(exact) as server:
        sign_in = SignIn(
            server.url, "id", "secret", store, clock=exact.clock, interrupts=Interrupts(exact.clock.sleep)
        )
        with Transport(
            "Exact",
            server.url,
            BearerAuth(server.url, sign_in),
            allowance=SendcloudAllowance(),
            clock=exact.clock,
            sleep=exact.clock.sleep,
        ) as transport:
            yield transport


def test_calls_bear_the_token() -> None:
    exact = Exact()
    with connected(exact) as transport:
        transport.send(READ)

    assert exact.bearers == ["access-1"]


def test_a_token_near_its_end_is_replaced_before_the_call() -> None:
    exact = Exact()
    exact.clock.advance(seconds=580)
    with connected(exact) as transport:
        transport.send(WRITE)

    assert exact.bearers == ["access-2"]


def test_a_token_that_exact_calls_expired_is_renewed_once_even_for_a_write() -> None:
    exact = Exact()
    exact.good = {"access-2"}
    exact.clock.advance(seconds=-60)  # set back: by our clock the token is good
    with connected(exact) as transport:
        transport.send(WRITE)

    assert exact.bearers == ["access-1", "access-2"]


def test_a_new_token_that_exact_calls_expired_needs_a_person() -> None:
    exact = Exact()
    exact.good = set()
    exact.clock.advance(seconds=100)
    with connected(exact) as transport, pytest.raises(LoginNeeded, match="less than ten minutes"):
        transport.send(READ)

    assert exact.office.given == 1


@pytest.mark.parametrize(
    "refusal", [Answer(401), Answer(401, b"The license has expired"), Answer(401, b"Unauthorized")]
)
def test_a_401_about_anything_else_is_forbidden(refusal: Answer) -> None:
    exact = Exact()
    exact.good, exact.refusal = set(), refusal
    with connected(exact) as transport, pytest.raises(Forbidden):
        transport.send(READ)

    assert exact.bearers == ["access-1"]


def test_trouble_with_signing_in_is_not_repeated_by_the_transport() -> None:
    exact = Exact()
    exact.clock.advance(seconds=580)
    exact.office.instead = [Answer(503)] * 9
    with connected(exact) as transport, pytest.raises(Broken, match="sign-in"):
        transport.send(READ)

    assert len(exact.office.instead) == 8
    assert exact.clock.pauses == []


def test_the_token_goes_to_its_host_alone() -> None:
    exact = Exact()
    sign_in = SignIn(
        "https://start.exactonline.nl",
        "id",
        "secret",
        MemoryStore(FIRST.model_dump_json()),
        clock=exact.clock,
        interrupts=Interrupts(exact.clock.sleep),
    )
    bearer = BearerAuth("https://start.exactonline.nl", sign_in)

    ours = requests.Request("GET", "https://start.exactonline.nl/api/v1/x", auth=bearer).prepare()
    theirs = requests.Request("GET", "https://start.exactonline.be/api/v1/x", auth=bearer).prepare()
    in_clear = requests.Request("GET", "http://start.exactonline.nl/api/v1/x", auth=bearer).prepare()

    assert ours.headers["Authorization"] == "Bearer access-1"
    assert "Authorization" not in theirs.headers
    assert "Authorization" not in in_clear.headers
