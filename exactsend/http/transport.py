"""Sends calls to one API over HTTP and brings back replies. The only place that waits.

Whether an answer makes sense is not its business; that it is an answer, is.
"""

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import requests
from requests.auth import AuthBase

from exactsend import __version__
from exactsend.errors import ApiError, RateLimited, Unreadable
from exactsend.http.allowance.rate_limit import NO_PAUSE, TOO_MANY, Allowance
from exactsend.http.deadline import BoundedExchange, CuttableAdapter
from exactsend.http.error_replies import is_well, page_instead_of_answer, refusal
from exactsend.http.messages import Call, Reply
from exactsend.http.origin import NoAuth, Origin, is_loopback, leads_to
from exactsend.http.retries import USUAL_RETRIES, RetryPolicy, repeatedly
from exactsend.http.transport_errors import LIBRARY_ERRORS, failure
from exactsend.system.structured_log import tell

CONNECT_SECONDS = 5.0
USER_AGENT = f"exactsend/{__version__}"
_MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SizeCap:
    """The largest answers that are read, in bytes."""

    json: int = 16 * _MEGABYTE
    document: int = 25 * _MEGABYTE

    def of(self, call: Call) -> int:
        """The cap for the answer to a call."""
        return self.json if "json" in call.accept else self.document


def new_session(base_url: str) -> requests.Session:
    """A session that takes proxies and CA bundles from the environment, save for this very machine: no proxy leads there."""
    session = requests.Session()
    session.headers["User-Agent"] = USER_AGENT
    session.trust_env = not is_loopback(base_url)
    for scheme in ("https://", "http://"):
        session.mount(scheme, CuttableAdapter())
    return session


class Patience:
    """How long one run may still wait for allowances, by whichever of its transports: all pauses together."""

    def __init__(self, in_all: timedelta = timedelta(minutes=10)) -> None:
        self._left = in_all

    def allows(self, pause: timedelta) -> bool:
        """Whether so long a pause is left; it is taken then."""
        if pause > self._left:
            return False
        self._left -= pause
        return True


class RenewableAuth(AuthBase):
    """Credentials that may have expired by the time they are used."""

    def renew(self, reply: Reply) -> bool:
        """Get new credentials if that is what this 401 is about; False where it is about something else."""
        raise NotImplementedError


class Transport:
    """One API, as one division's run uses it: one connection kept open, one allowance, an end for every call.

    Args:
        api: "Exact" or "Sendcloud", for sentences.
        base_url: what the paths of calls stand below; nothing is ever sent to another host.
        longest_call: seconds after which every call is given up, whatever it says itself.
        patience: how long this run may wait for allowances; its transports share it.
        sleep: waits so many seconds; may raise when the end is asked for.
        stop: asked before each send; raises when the end is asked for.
        stop_reading: asked while the answer to a read is awaited, never to a write; raises likewise, and the answer is given up.
        heard: told what time the service says it is, with each answer that says it.
        tell: takes a phrase each second of a pause, for a person who waits; None: nobody does.
        tap: told "before" and "after" each send, so that tests can end the process there.
    """

    def __init__(
        self,
        api: str,
        base_url: str,
        auth: AuthBase | None,
        *,
        allowance: Allowance,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        retry: RetryPolicy = USUAL_RETRIES,
        longest_call: float = math.inf,
        patience: Patience | None = None,
        stop: Callable[[], None] = lambda: None,
        stop_reading: Callable[[], None] = lambda: None,
        heard: Callable[[datetime], None] = lambda _date: None,
        tell: Callable[[str], None] | None = None,
        tap: Callable[[str, Call], None] = lambda _when, _call: None,
        cap: SizeCap = SizeCap(),
    ) -> None:
        self.spent = 0
        """The calls that were sent."""
        self._api = api
        self._base_url = base_url.rstrip("/")
        self._auth = auth or NoAuth()
        self._allowance = allowance
        self._clock = clock
        self._sleep = sleep
        self._retry = retry
        self._longest_call = longest_call
        self._patience = patience or Patience()
        self._stop = stop
        self._stop_reading = stop_reading
        self._heard = heard
        self._tell = tell
        self._tap = tap
        self._cap = cap
        self._overheard: Callable[[Reply], None] = lambda _reply: None
        self._session = new_session(self._base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def count_with(self, allowance: Allowance) -> None:
        """Ask this allowance from now on: the account behind the credentials turned out to be shared."""
        self._allowance = allowance

    def tell_answers_to(self, overheard: Callable[[Reply], None]) -> None:
        """Tell of every answer from now on, refusals too, before anything is made of it."""
        self._overheard = overheard

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, call: Call) -> Reply:
        """The reply to a call: 2xx, or a status that the call welcomes.

        Raises:
            Unreachable: it never left, even when tried again.
            Unanswered: it left and no whole answer came. A write that may have arrived is never sent again.
            RateLimited: the service allows no more for longer than this run may wait, or too few for a call that can be left out.
            Resting: an allowance of ours says no; nothing was sent.
            Refused: their answer is no, and nothing was made.
            Broken: their side is broken for now; a write may have arrived all the same.
            Unreadable: something that is not the service answered, or it named another host.
        """
        url = self._url(call)
        try:
            return repeatedly(self._retry, call, self._sleep)(self._attempt, call, url)
        except ApiError as failed:
            if failed.path == call.bare_path:  # an error of signing in is about another call
                failed.endpoint, failed.method = call.endpoint, call.method
            raise

    def _url(self, call: Call) -> str:
        url = call.target if "://" in call.path else self._base_url + call.target
        if leads_to(url, self._base_url):
            return url
        origin = Origin.of(url)
        raise Unreadable(
            f"{self._api} named an address at {origin.host if origin else 'another host'}; nothing was sent there",
            api=self._api,
            method=call.method,
            path=call.bare_path,
        )

    def _attempt(self, call: Call, url: str) -> Reply:
        reply = self._exchange(call, url)
        if reply.status == 401 and isinstance(self._auth, RenewableAuth) and self._auth.renew(reply):  # noqa: PLR2004 - Unauthorized
            reply = self._exchange(call, url)  # a 401 did nothing, so even a purchase may be sent again
        while reply.status == TOO_MANY:
            reply = self._exchange(call, url)
        if not is_well(reply):
            raise refusal(reply)
        if broken := page_instead_of_answer(reply):
            raise broken
        return reply

    def _exchange(self, call: Call, url: str) -> Reply:
        """One send and its answer, whatever it says, once the allowance agrees."""
        self._await_allowance(call)
        self._stop()
        self._tap("before", call)
        sent_at = self._clock()
        try:
            reply = self._over_the_wire(call, url)
        except LIBRARY_ERRORS as error:
            raise self._failure(error, call, sent_at) from error
        self._tap("after", call)
        self._overheard(reply)
        with suppress(Unreadable):  # it does not say the time
            self._heard(reply.server_date())
        self._log(call, str(reply.status), sent_at)
        self._allowance.after(call, reply.status, reply.headers, self._clock())
        return reply

    def _over_the_wire(self, call: Call, url: str) -> Reply:
        self.spent += 1
        headers = {"Accept": call.accept}
        # Signing it may need a new token, which is stored before it is used and has an end of its own.
        request = self._session.prepare_request(
            requests.Request(call.method, url, json=call.body, headers=headers, auth=self._auth)
        )
        seconds = min(call.timeout_seconds, self._longest_call)
        exchange = (
            BoundedExchange[Reply](seconds, self._stop_reading)
            if call.method == "GET"
            else BoundedExchange[Reply](seconds)
        )
        return exchange.answer_of(lambda: self._whole_answer(call, request))

    def _whole_answer(self, call: Call, request: requests.PreparedRequest) -> Reply:
        around = self._session.merge_environment_settings(
            request.url or "", proxies={}, stream=True, verify=None, cert=None
        )
        timeout = (CONNECT_SECONDS, call.timeout_seconds)
        with self._session.send(request, timeout=timeout, allow_redirects=False, **around) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            reply = Reply(response.status_code, headers, b"", call, self._api)
            return Reply(response.status_code, headers, self._body(response, reply), call, self._api)

    def _body(self, response: requests.Response, reply: Reply) -> bytes:
        cap, body = self._cap.of(reply.call), bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > cap:
                raise reply.unreadable(f"with more than {cap // _MEGABYTE} MB")
        return bytes(body)

    def _await_allowance(self, call: Call) -> None:
        while (pause := self._allowance.before(call, self._clock())) > NO_PAUSE:
            if call.leaves is not None or not self._patience.allows(pause):
                short = (
                    "this call waits for none" if call.leaves is not None else "longer than this run may wait"
                )
                raise RateLimited(
                    f"{self._api} allows no more calls for {pause.total_seconds():.0f} s, {short}",
                    pause=pause,
                    api=self._api,
                    method=call.method,
                    path=call.bare_path,
                )
            tell(_log, logging.DEBUG, "wait", api=self._api, seconds=round(pause.total_seconds(), 1))
            self._pause(pause.total_seconds())

    def _pause(self, seconds: float) -> None:
        while self._tell is not None and seconds > 1:
            self._tell(f"{self._api} allows more calls in {seconds:.0f} s")
            self._sleep(1)
            seconds -= 1
        self._sleep(seconds)

    def _failure(self, error: Exception, call: Call, sent_at: datetime) -> ApiError:
        host = Origin.of(self._base_url)
        failed = failure(error, call, api=self._api, host=host.host if host else self._base_url)
        self._log(call, failed.code, sent_at)
        return failed

    def _log(self, call: Call, outcome: str, sent_at: datetime) -> None:
        took = self._clock() - sent_at
        tell(
            _log,
            logging.DEBUG,
            "call",
            api=self._api,
            method=call.method,
            path=call.bare_path,
            outcome=outcome,
            ms=int(took / timedelta(milliseconds=1)),
        )
