"""Every exception of the HTTP libraries becomes one of ours, and says rightly whether the request can have arrived."""

import inspect
import ssl
from collections.abc import Iterator
from http.client import HTTPException, RemoteDisconnected

import pytest
import requests
import requests.exceptions
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from exactsend.errors import Unanswered, Unreachable
from exactsend.http.allowance.sendcloud_limits import SendcloudAllowance
from exactsend.http.messages import Call
from exactsend.http.transport import Transport
from exactsend.http.transport_errors import LIBRARY_ERRORS, error_from_exception, was_never_sent
from tests.moving_clock import MovingClock

WRITE = Call("POST", "/things")
NOT_RAISED_BY_SENDING = {
    "MessageDefect",  # of the mail package
    "CompatJSONDecodeError",  # of reading JSON, which Reply does itself
    "ProxySchemeUnsupported",  # a ValueError of building a proxy by hand
}


def exceptions_of(*modules: object) -> Iterator[type[Exception]]:
    for module in modules:
        for name, found in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(found, Exception)
                and not issubclass(found, Warning)
                and name not in NOT_RAISED_BY_SENDING
            ):
                yield found


def made(kind: type[Exception]) -> Exception:
    """An exception without the arguments that its making would ask for: only its type matters here."""
    return kind.__new__(kind)


class RaisingAdapter(HTTPAdapter):
    """Raises instead of sending."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def send(self, *_args: object, **_options: object) -> requests.Response:
        raise self._error


@pytest.mark.parametrize("kind", list(exceptions_of(requests.exceptions, urllib3.exceptions)))
def test_every_library_exception_is_mapped(kind: type[Exception]) -> None:
    clock = MovingClock()
    with Transport(
        "Exact", "http://127.0.0.1:9", None, allowance=SendcloudAllowance(), clock=clock, sleep=clock.sleep
    ) as transport:
        transport._session.mount("http://", RaisingAdapter(made(kind)))

        with pytest.raises((Unreachable, Unanswered)):
            transport.send(WRITE)


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout(),
        requests.ConnectionError(urllib3.exceptions.ProtocolError("gone", RemoteDisconnected("closed"))),
        requests.exceptions.SSLError(ssl.SSLEOFError()),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ContentDecodingError(),
        requests.TooManyRedirects(),
        ConnectionResetError(),
        HTTPException(),
    ],
    ids=repr,
)
def test_what_may_have_arrived_is_never_called_unreachable(error: Exception) -> None:
    assert isinstance(error, LIBRARY_ERRORS)
    assert not was_never_sent(error)


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectTimeout(),
        requests.exceptions.ProxyError(),
        requests.exceptions.InvalidURL(),
        requests.exceptions.InvalidJSONError(),
        requests.exceptions.SSLError(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError())),
    ],
    ids=repr,
)
def test_what_never_left_is_known_as_such(error: Exception) -> None:
    assert was_never_sent(error)


def test_a_sentence_names_the_cause_and_not_the_url() -> None:
    wrapped = requests.ConnectionError("https://x/?email=jan@example.com", ConnectionResetError(104, "reset"))

    error = error_from_exception(wrapped, WRITE, api="Exact", host="start.exactonline.nl")

    assert error.message == "Exact sent no complete response to POST /things: reset"
