"""Turns the HTTP libraries' exceptions into our errors.

What matters is whether the request was certainly never sent, because only then may a write be sent again. In all other
cases the error is ``Unanswered``.
"""

import ssl
from collections.abc import Iterator
from http.client import HTTPException

import requests.exceptions
import urllib3.exceptions

from exactsend.errors import ApiError, Unanswered, Unreachable
from exactsend.http.messages import Call

LIBRARY_ERRORS = (OSError, urllib3.exceptions.HTTPError, HTTPException)
"""All exceptions that sending and reading may raise. The exceptions of ``requests`` are OSErrors."""

_NEVER_SENT = (
    urllib3.exceptions.ConnectTimeoutError,  # and its subclasses: refused, no route, unknown host
    urllib3.exceptions.ProxyError,  # raised only while connecting to the proxy
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


def error_from_exception(error: BaseException, call: Call, *, api: str, host: str) -> ApiError:
    """Our error for an exception that a library raised while sending ``call`` or reading the response."""
    if was_never_sent(error):
        return Unreachable(
            f"{api} can't be reached at {host}: {_reason(error)}",
            api=api,
            method=call.method,
            path=call.bare_path,
            hint="Nothing was sent; the next run tries again.",
        )
    return Unanswered(
        f"{api} sent no complete response to {call.name}: {_reason(error)}",
        api=api,
        method=call.method,
        path=call.bare_path,
    )


def was_never_sent(error: BaseException) -> bool:
    """Whether the request certainly did not reach the service."""
    return any(isinstance(cause, _NEVER_SENT) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those it wraps. The libraries store the cause in ``args``, ``reason`` or ``__cause__``."""
    yield error
    wrapped = (*error.args, getattr(error, "reason", None), error.__cause__)
    for cause in wrapped:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words. The outer ones repeat the URL, which may hold personal data."""
    *_, innermost = _causes(error)
    text = innermost.strerror if isinstance(innermost, OSError) else None
    return text or _REASONS.get(type(innermost).__name__, type(innermost).__name__)


_REASONS = {
    "ReadTimeoutError": "it took too long",
    "TimeoutError": "it took too long",
    "timeout": "it took too long",
    "ConnectTimeoutError": "connecting took too long",
    "NameResolutionError": "the host name is unknown",
    "gaierror": "the host name is unknown",
    "NewConnectionError": "the connection was refused",
    "RemoteDisconnected": "the connection was closed",
    "IncompleteRead": "the response broke off",
}
