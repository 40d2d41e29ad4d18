"""Sends calls to one API over HTTP and returns the replies. The only module that waits.

It checks that a reply is a response of the service; what the response says is the caller's concern.
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
from exactsend.http.error_replies import error_for, gateway_page_error, is_success
from exactsend.http.messages import Call, Reply
from exactsend.http.origin import NoAuth, Origin, is_loopback, leads_to
from exactsend.http.retries import DEFAULT_RETRIES, RetryPolicy, retrying
from exactsend.http.transport_errors import LIBRARY_ERRORS, error_from_exception
from exactsend.system.structured_log import log_event

CONNECT_SECONDS = 5.0
USER_AGENT = f"exactsend/{__version__}"
_MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SizeCap:
    """The largest responses that are read, in bytes."""

    json: int = 16 * _MEGABYTE
    document: int = 25 * _MEGABYTE

    def of(self, call: Call) -> int:
        """The cap for the response to a call."""
        return self.json if "json" in call.accept else self.document


def new_session(base_url: str) -> requests.Session:
    """A session that takes proxies and CA bundles from the environment, except for this machine itself: no proxy leads there."""
    session = requests.Session()
    session.headers["User-Agent"] = USER_AGENT
    session.trust_env = not is_loopback(base_url)
    for scheme in ("https://", "http://"):
        session.mount(scheme, CuttableAdapter())
    return session


class WaitBudget:
    """The total time that one run may still wait for rate limits, in all its transports together."""

    def __init__(self, total: timedelta = timedelta(minutes=10)) -> None:
        self._left = total

    def spend(self, pause: timedelta) -> bool:
        """Take the pause from the budget. False, and nothing is taken, if too little is left."""
        if pause > self._left:
            return False
        self._left -= pause
        return True


class RenewableAuth(AuthBase):
    """Credentials that may expire before they are used."""

    def renew(self, reply: Reply) -> bool:
        """Get new credentials if this 401 says that they expired. False if it has another cause."""
        raise NotImplementedError


class Transport:
    """One API for one division's run: one connection, one allowance, a deadline for every call.

    Args:
        api: "Exact" or "Sendcloud", for messages.
        base_url: prefix of all paths; nothing is ever sent to another host.
        longest_call: seconds after which every call is abandoned, even if the call itself allows more.
        wait_budget: how long this run may wait for rate limits; its transports share it.
        sleep: waits for the given seconds; may raise to end the run.
        stop: called before each send; raises to end the run.
        stop_reading: called while waiting for the response to a read, never to a write; raises to abandon it and end the run.
        on_server_date: receives the service's own time, with each response that has it.
        on_wait: receives a phrase for each second of a pause, to show to a waiting person; None: nobody waits.
        fault_hook: called with "before" and "after" each send, so that tests can end the process there.
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
        retry: RetryPolicy = DEFAULT_RETRIES,
        longest_call: float = math.inf,
        wait_budget: WaitBudget | None = None,
        stop: Callable[[], None] = lambda: None,
        stop_reading: Callable[[], None] = lambda: None,
        on_server_date: Callable[[datetime], None] = lambda _date: None,
        on_wait: Callable[[str], None] | None = None,
        fault_hook: Callable[[str, Call], None] = lambda _when, _call: None,
        cap: SizeCap = SizeCap(),
    ) -> None:
        self.spent = 0
        """How many calls were sent."""
        self._api = api
        self._base_url = base_url.rstrip("/")
        self._auth = auth or NoAuth()
        self._allowance = allowance
        self._clock = clock
        self._sleep = sleep
        self._retry = retry
        self._longest_call = longest_call
        self._wait_budget = wait_budget or WaitBudget()
        self._stop = stop
        self._stop_reading = stop_reading
        self._on_server_date = on_server_date
        self._on_wait = on_wait
        self._fault_hook = fault_hook
        self._cap = cap
        self._on_reply: Callable[[Reply], None] = lambda _reply: None
        self._session = new_session(self._base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def use_allowance(self, allowance: Allowance) -> None:
        """Count calls with this allowance from now on, since the account turned out to be shared."""
        self._allowance = allowance

    def observe_replies(self, on_reply: Callable[[Reply], None]) -> None:
        """Pass every reply from now on, including refusals, to ``on_reply`` before it is used."""
        self._on_reply = on_reply

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, call: Call) -> Reply:
        """The reply to a call: 2xx, or a status that the call accepts.

        Raises:
            Unreachable: it was never sent, even when tried again.
            Unanswered: it was sent, but no complete response came. A write that may have arrived is never sent again.
            RateLimited: the service allows no call for longer than this run may wait, or too few for an optional call.
            Resting: one of our own limits stops the call; nothing was sent.
            Refused: the service refused the call, and nothing was created.
            Broken: the service is out of order for now; a write may still have taken effect.
            Unreadable: the response is not the service's, or it named another host.
        """
        url = self._url(call)
        try:
            return retrying(self._retry, call, self._sleep)(self._attempt, call, url)
        except ApiError as failed:
            if failed.path == call.bare_path:  # a sign-in error belongs to another call
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
            reply = self._exchange(call, url)  # a 401 has no effect, so even a purchase may be sent again
        while reply.status == TOO_MANY:
            reply = self._exchange(call, url)
        if not is_success(reply):
            raise error_for(reply)
        if broken := gateway_page_error(reply):
            raise broken
        return reply

    def _exchange(self, call: Call, url: str) -> Reply:
        """Send once, as soon as the allowance permits, and return the reply, whatever its status."""
        self._await_allowance(call)
        self._stop()
        self._fault_hook("before", call)
        sent_at = self._clock()
        try:
            reply = self._reply(call, url)
        except LIBRARY_ERRORS as error:
            raise self._logged_error(error, call, sent_at) from error
        self._fault_hook("after", call)
        self._on_reply(reply)
        with suppress(Unreadable):  # no Date header
            self._on_server_date(reply.server_date())
        self._log(call, str(reply.status), sent_at)
        self._allowance.after(call, reply.status, reply.headers, self._clock())
        return reply

    def _reply(self, call: Call, url: str) -> Reply:
        self.spent += 1
        headers = {"Accept": call.accept}
        # Outside the deadline: this may fetch a new token, which must be stored before use and has its own deadline.
        request = self._session.prepare_request(
            requests.Request(call.method, url, json=call.body, headers=headers, auth=self._auth)
        )
        seconds = min(call.timeout_seconds, self._longest_call)
        exchange = (
            BoundedExchange[Reply](seconds, self._stop_reading)
            if call.method == "GET"
            else BoundedExchange[Reply](seconds)
        )
        return exchange.result_of(lambda: self._complete_reply(call, request))

    def _complete_reply(self, call: Call, request: requests.PreparedRequest) -> Reply:
        environment = self._session.merge_environment_settings(
            request.url or "", proxies={}, stream=True, verify=None, cert=None
        )
        timeout = (CONNECT_SECONDS, call.timeout_seconds)
        with self._session.send(request, timeout=timeout, allow_redirects=False, **environment) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            reply = Reply(response.status_code, headers, b"", call, self._api)
            return Reply(response.status_code, headers, self._body(response, reply), call, self._api)

    def _body(self, response: requests.Response, reply: Reply) -> bytes:
        cap, body = self._cap.of(reply.call), bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > cap:
                raise reply.unreadable(f"it has more than {cap // _MEGABYTE} MB")
        return bytes(body)

    def _await_allowance(self, call: Call) -> None:
        while (pause := self._allowance.before(call, self._clock())) > NO_PAUSE:
            if call.reserve is not None or not self._wait_budget.spend(pause):
                why = (
                    "and this call is optional"
                    if call.reserve is not None
                    else "longer than this run may wait"
                )
                raise RateLimited(
                    f"{self._api} allows no more calls for {pause.total_seconds():.0f} s, {why}",
                    pause=pause,
                    api=self._api,
                    method=call.method,
                    path=call.bare_path,
                )
            log_event(_log, logging.DEBUG, "wait", api=self._api, seconds=round(pause.total_seconds(), 1))
            self._pause(pause.total_seconds())

    def _pause(self, seconds: float) -> None:
        while self._on_wait is not None and seconds > 1:
            self._on_wait(f"{self._api} allows more calls in {seconds:.0f} s")
            self._sleep(1)
            seconds -= 1
        self._sleep(seconds)

    def _logged_error(self, error: Exception, call: Call, sent_at: datetime) -> ApiError:
        origin = Origin.of(self._base_url)
        host = origin.host if origin else self._base_url
        failed = error_from_exception(error, call, api=self._api, host=host)
        self._log(call, failed.code, sent_at)
        return failed

    def _log(self, call: Call, outcome: str, sent_at: datetime) -> None:
        took = self._clock() - sent_at
        log_event(
            _log,
            logging.DEBUG,
            "call",
            api=self._api,
            method=call.method,
            path=call.bare_path,
            outcome=outcome,
            ms=int(took / timedelta(milliseconds=1)),
        )
