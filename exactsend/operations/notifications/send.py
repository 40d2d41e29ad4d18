"""Sends a message through apprise, which is an extra: ``pip install 'exactsend[notify]'``. The only place that knows it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exactsend.errors import ExactSendError
from exactsend.http.deadline import BoundedExchange
from exactsend.operations.notifications.message import Message

if TYPE_CHECKING:
    from apprise import Apprise

LONGEST_SECONDS = 60.0
_INSTALL = "Install it where exactsend is: pip install 'exactsend[notify]'"


class NotSent(ExactSendError):
    """A message was not sent. Its words never quote the address: that is a secret."""

    code = "not_sent"


def require_sendable(urls: str) -> None:
    """Let pass addresses that a message could be sent to; blanks part them.

    Raises:
        NotSent: apprise is not installed, or does not know such an address.
    """
    _apprise_for(urls)


def send(message: Message, url: str, *, seconds: float = LONGEST_SECONDS) -> None:
    """Send a message to one address.

    Raises:
        NotSent: apprise is not installed, does not know such an address, or it did not take the message in time.
    """
    found = _apprise_for(url)
    with _its_own_errors(), _unlogged():
        try:
            taken = BoundedExchange[object](seconds).result_of(
                lambda: found.notify(title=message.title, body=message.body, body_format="text")
            )
        except TimeoutError as late:
            _silence()
            raise NotSent("the mail server or the service did not answer in time") from late
    if not taken:
        raise NotSent("the mail server or the service did not take the message")


def _apprise_for(urls: str) -> "Apprise":
    try:
        import apprise  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as cause:
        raise NotSent("notify is configured, and apprise is not installed", hint=_INSTALL) from cause
    asset = apprise.AppriseAsset(app_id="exactsend", app_desc="exactsend", app_url="", async_mode=False)
    found = apprise.Apprise(asset=asset)
    for place, url in enumerate(urls.split(), start=1):
        with _its_own_errors(), _unlogged():
            is_known = found.add(url)
        if not is_known:
            raise NotSent(
                f"apprise does not know the address number {place} of EXACTSEND_NOTIFY_URL",
                hint="It is written as apprise wants it, such as mailtos://user:password@example.com.",
            )
    return found


def _silence() -> None:
    """For the rest of the process: what is still under way may log the address when it fails."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).propagate = False


@contextmanager
def _its_own_errors() -> Iterator[None]:
    """A plug-in of a service may raise anything, and its words may quote the address."""
    try:
        yield
    except NotSent:
        raise
    except Exception as cause:
        raise NotSent(f"apprise failed ({type(cause).__name__})") from cause


@contextmanager
def _unlogged() -> Iterator[None]:
    """Nothing is logged meanwhile: apprise, and the libraries that it sends with, log addresses with all that stands in them."""
    root = logging.getLogger()
    former = root.handlers[:]
    root.handlers[:] = [logging.NullHandler()]
    try:
        yield
    finally:
        root.handlers[:] = former
