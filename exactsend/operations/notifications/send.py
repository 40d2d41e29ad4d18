"""Sends a message through apprise, which is an extra: ``pip install 'exactsend[notify]'``. Only this module uses it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exactsend.errors import ExactSendError
from exactsend.http.deadline import BoundedExchange
from exactsend.operations.notifications.message import Message

if TYPE_CHECKING:
    from apprise import Apprise

TIMEOUT_SECONDS = 60.0
_INSTALL = "Install it beside exactsend: pip install 'exactsend[notify]'"


class NotSent(ExactSendError):
    """A message was not sent. It never quotes the address, which is a secret."""

    code = "not_sent"


def require_sendable(urls: str) -> None:
    """Check that a message could be sent to these addresses, separated by blanks.

    Raises:
        NotSent: apprise is not installed, or does not support an address.
    """
    _apprise_for(urls)


def send(message: Message, url: str, *, seconds: float = TIMEOUT_SECONDS) -> None:
    """Send a message to one address.

    Raises:
        NotSent: apprise is not installed, does not support the address, or the message was not accepted in time.
    """
    found = _apprise_for(url)
    with _apprise_errors(), _without_logging():
        try:
            taken = BoundedExchange[object](seconds).result_of(
                lambda: found.notify(title=message.title, body=message.body, body_format="text")
            )
        except TimeoutError as late:
            _silence_loggers()
            raise NotSent("the mail server or the service did not answer in time") from late
    if not taken:
        raise NotSent("the mail server or the service did not accept the message")


def _apprise_for(urls: str) -> "Apprise":
    try:
        import apprise  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as cause:
        raise NotSent("notify is configured, but apprise is not installed", hint=_INSTALL) from cause
    asset = apprise.AppriseAsset(app_id="exactsend", app_desc="exactsend", app_url="", async_mode=False)
    found = apprise.Apprise(asset=asset)
    for number, url in enumerate(urls.split(), start=1):
        with _apprise_errors(), _without_logging():
            is_known = found.add(url)
        if not is_known:
            raise NotSent(
                f"apprise does not support address number {number} of EXACTSEND_NOTIFY_URL",
                hint="Write it as apprise expects it, for example mailtos://user:password@example.com.",
            )
    return found


def _silence_loggers() -> None:
    """Silence them for the rest of the process: a request still under way may log the address when it fails."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).propagate = False


@contextmanager
def _apprise_errors() -> Iterator[None]:
    """Turn every error into NotSent: a plug-in may raise anything, and its message may quote the address."""
    try:
        yield
    except NotSent:
        raise
    except Exception as cause:
        raise NotSent(f"apprise failed ({type(cause).__name__})") from cause


@contextmanager
def _without_logging() -> Iterator[None]:
    """Log nothing meanwhile: apprise and the libraries that it uses log whole addresses."""
    root = logging.getLogger()
    former = root.handlers[:]
    root.handlers[:] = [logging.NullHandler()]
    try:
        yield
    finally:
        root.handlers[:] = former
