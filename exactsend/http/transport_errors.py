"""What the HTTP libraries raise, as errors of ours. One question counts: did the request surely never leave?

For a write the answer decides whether it may be sent again, so "never left" is said only where nothing else is
possible; all the rest is "no whole answer came".
"""

import ssl
from collections.abc import Iterator
from http.client import HTTPException

import requests.exceptions
import urllib3.exceptions

from exactsend.errors import ApiError, Unanswered, Unreachable
from exactsend.http.messages import Call

LIBRARY_ERRORS = (OSError, urllib3.exceptions.HTTPError, HTTPException)
"""Everything that sending and reading may raise; ``requests``' own exceptions are OSErrors."""

_NEVER_LEFT = (
    urllib3.exceptions.ConnectTimeoutError,  # and its heirs: refused, no route, no such name
    urllib3.exceptions.ProxyError,  # raised only until the proxy has been connected to
    urllib3.exceptions.LocationValueError,
    urllib3.exceptions.InvalidHeader,
    ssl.SSLCertVerificationError,  # any other TLS error may come after the request was sent
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidJSONError,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.URLRequired,
)


def failure(error: BaseException, call: Call, *, api: str, host: str) -> ApiError:
    """The error of ours for what a library raised while ``call`` was sent or its answer was read."""
    if surely_never_left(error):
        return Unreachable(
            f"{api} can't be reached at {host}: {_reason(error)}",
            api=api,
            method=call.method,
            path=call.bare_path,
            hint="Nothing was sent; the next run tries again.",
        )
    return Unanswered(
        f"{api} gave no whole answer to {call.name}: {_reason(error)}",
        api=api,
        method=call.method,
        path=call.bare_path,
    )


def surely_never_left(error: BaseException) -> bool:
    """Whether the request can't have reached the service."""
    return any(isinstance(cause, _NEVER_LEFT) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it wraps: the libraries put the cause into ``args``, ``reason`` or ``__cause__``."""
    yield error
    wrapped = (*error.args, getattr(error, "reason", None), error.__cause__)
    for cause in wrapped:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)


def _reason(error: BaseException) -> str:
    """The innermost cause in few words: the outer ones repeat the URL, which may hold personal data."""
    *_, innermost = _causes(error)
    text = innermost.strerror if isinstance(innermost, OSError) else None
    return text or _WORDS.get(type(innermost).__name__, type(innermost).__name__)


_WORDS = {
    "ReadTimeoutError": "it took too long",
    "TimeoutError": "it took too long",
    "timeout": "it took too long",
    "ConnectTimeoutError": "connecting took too long",
    "NameResolutionError": "its name is not known",
    "gaierror": "its name is not known",
    "NewConnectionError": "the connection was refused",
    "RemoteDisconnected": "the connection was closed",
    "IncompleteRead": "the answer broke off",
}
