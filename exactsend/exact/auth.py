"""The sign-in to Exact: one pair of tokens, refreshed by one process at a time and stored before use.

A refresh token works once. If the response to a refresh is lost, a person must connect again, so this module makes sure that
none is lost (S8). ``tokens`` has the tokens as values, and ``token_endpoint`` the calls.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import RLock

from requests import PreparedRequest

from exactsend.errors import ApiError, LedgerError, LoginNeeded, RateLimited, Unreadable
from exactsend.exact.token_endpoint import (
    ANSWER_SECONDS,
    API,
    TOKEN_PATH,
    NotExpired,
    SpentToken,
    TokenEndpoint,
)
from exactsend.exact.tokens import ReceivedReply, Tokens, TokenStore, latest
from exactsend.http.messages import Reply
from exactsend.http.origin import leads_to
from exactsend.http.transport import RenewableAuth
from exactsend.system.clock import TOLERANCE
from exactsend.system.elapsed import is_not_over
from exactsend.system.signals import Interrupts

_KEEP_FOR = timedelta(seconds=15)
_MIN_STORE_ROOM = 8 * 1024
_PAUSE_AFTER_FAILURE = timedelta(minutes=1)
_CONNECT = "Run exactsend connect."
_WHY_IT_ENDED = (
    "Exact ends a sign-in that was not used for 30 days, whose user changed the password, or whose access was withdrawn."
    " To sign in again, run: exactsend connect"
)
"""The password comes from a connector's help page (read 2026-11-30). It does not say which error follows, so all errors name it."""


class SignIn:
    """One sign-in to Exact, for all threads and processes that share its store.

    Args:
        clock: returns the current time in UTC.
        interrupts: delays signals from sending a refresh until its response is stored.
        on_token: receives each token, so that it can be kept out of the logs.
        answer_seconds: how long Exact may take for the whole response to a refresh.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        store: TokenStore,
        *,
        clock: Callable[[], datetime],
        interrupts: Interrupts,
        on_token: Callable[[str], None] = lambda _token: None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._interrupts = interrupts
        self._on_token = on_token
        self._endpoint = TokenEndpoint(
            base_url, client_id, client_secret, on_tokens=self._save_raw, seconds=answer_seconds
        )
        self._received: ReceivedReply | None = None
        self._known: Tokens | None = None
        self._kept_until: datetime | None = None
        self._failure: tuple[datetime, ApiError | LoginNeeded] | None = None
        self._threads = RLock()

    def bearer(self) -> str:
        """An access token that stays valid for the duration of a call.

        Raises:
            LoginNeeded: there is no sign-in, or it has ended.
            LedgerError: the store can't be written; no token was spent.
            ApiError: Exact can't be reached now; the sign-in is unchanged.
        """
        known = self._known
        if known and self._is_good(known):
            return known.access_token
        with self._threads, self._store.lock():
            tokens = self._stored()
            if not self._is_good(tokens):
                tokens = self._refreshed(tokens)
            return self._remember(tokens).access_token

    def renew(self, refused: str) -> bool:
        """Replace the access token that Exact just called expired. False if the token is still valid after all.

        Raises:
            LoginNeeded: the token is too new to be expired, so something else is wrong with the sign-in.
        """
        with self._threads, self._store.lock():
            tokens = self._stored()
            if tokens.access_token == refused:
                if tokens.too_early_by(self._clock()):
                    raise LoginNeeded(
                        "Exact says that an access token expired that it issued less than ten minutes ago",
                        hint=_WHY_IT_ENDED,
                    )
                tokens = self._refreshed(tokens)
            return self._remember(tokens).access_token != refused

    def exchange_code(self, code: str, redirect_uri: str) -> None:
        """Sign in with the code from the consent page. This ends every older sign-in of this user and app.

        Raises:
            LoginNeeded: Exact refuses the code.
            RateLimited: the last sign-in was less than ten minutes ago.
        """
        with self._threads, self._store.lock():
            try:
                tokens = self._spend(lambda: self._endpoint.exchange(code, redirect_uri))
            except NotExpired as early:
                raise RateLimited(
                    "Exact issues new tokens at most every ten minutes; wait ten minutes and connect again",
                    pause=timedelta(minutes=10),
                    api=API,
                    method="POST",
                    path=TOKEN_PATH,
                ) from early
            except SpentToken as refused:
                raise LoginNeeded("Exact refuses the code: it was used before", hint=_CONNECT) from refused
            self._remember(tokens)

    def days_left(self, now: datetime) -> int | None:
        """Days until this sign-in ends if it is not used; None if there is none."""
        tokens = latest(self._store.load(), self._store.load_raw())
        return tokens.days_left(now) if tokens else None

    def _is_good(self, tokens: Tokens) -> bool:
        now = self._clock()
        return tokens.is_fresh(now) or is_not_over(self._kept_until, now, _KEEP_FOR)

    def _stored(self) -> Tokens:
        """The pair in the store. A response that an earlier process received but could not parse and save is saved first."""
        saved, raw = self._store.load(), self._store.load_raw()
        tokens = latest(saved, raw)
        if tokens is None:
            raise LoginNeeded("this installation is not signed in to Exact", hint=_CONNECT)
        self._report_tokens(tokens)
        if tokens != latest(saved, None):
            self._store.save(tokens.model_dump_json())
        return tokens

    def _refreshed(self, tokens: Tokens) -> Tokens:
        """The next pair, or this one if Exact says that it is still valid. The caller holds the lock."""
        now = self._clock()
        if pause := tokens.too_early_by(now):
            return _still_usable(tokens, now, pause)
        # Otherwise every call of every division would repeat a refresh that failed a moment ago.
        if self._failure and self._failure[0] <= now < self._failure[0] + _PAUSE_AFTER_FAILURE:
            raise self._failure[1]
        try:
            return self._spend_refresh_token(tokens, now)
        except (ApiError, LoginNeeded) as failed:
            self._failure = (now, failed)
            raise

    def _spend_refresh_token(self, tokens: Tokens, now: datetime) -> Tokens:
        try:
            return self._spend(lambda: self._refresh(tokens))
        except NotExpired:
            # Exact's clock is behind ours. Refreshing again at once would count as an error.
            self._kept_until = now + _KEEP_FOR
            return tokens
        except SpentToken as spent:
            return self._tokens_of_another_process(tokens, spent)

    def _refresh(self, tokens: Tokens) -> None:
        try:
            self._endpoint.refresh(tokens.refresh_token)
        except LoginNeeded as refused:
            raise LoginNeeded(refused.message, hint=_WHY_IT_ENDED) from refused

    def _spend(self, ask: Callable[[], None]) -> Tokens:
        """Request tokens and store them. Signals are delayed until that is done."""
        with self._interrupts.uninterrupted():
            tokens = self._requested_and_saved(ask)
        self._interrupts.stop()
        return tokens

    def _requested_and_saved(self, ask: Callable[[], None]) -> Tokens:
        self._store.prove_writable(max(_MIN_STORE_ROOM, 2 * len(self._store.load() or "")))
        self._received = None
        try:
            ask()
        finally:
            # Even if something failed after the response came: its tokens are the only valid ones.
            tokens = self._save_pair()
        if tokens is None:
            raise Unreadable(
                "Exact sent an unexpected response to the sign-in", api=API, method="POST", path=TOKEN_PATH
            )
        return tokens

    def _save_raw(self, answer: str, date: datetime | None) -> None:
        now = self._clock()
        # Even if our clock is wrong, the next run must know the age of these tokens.
        received_at = now if date is None or abs(now - date) <= TOLERANCE else date
        self._received = ReceivedReply(received_at=received_at, answer=answer)
        # If this fails, saving the parsed pair may still succeed, and that decides.
        with suppress(LedgerError, LoginNeeded):
            self._store.save_raw(self._received.model_dump_json())

    def _save_pair(self) -> Tokens | None:
        tokens = latest(None, self._received.model_dump_json()) if self._received else None
        if tokens:
            self._store.save(tokens.model_dump_json())
        return tokens

    def _tokens_of_another_process(self, tokens: Tokens, spent: SpentToken) -> Tokens:
        """The stored pair, if another process on this machine used the refresh token; otherwise it was used elsewhere."""
        stored = self._stored()
        if stored.refresh_token != tokens.refresh_token and self._is_good(stored):
            return stored
        raise LoginNeeded(
            "the sign-in to Exact was used elsewhere: another installation, or a copy of this one, uses the same app and"
            " user (or the response to the last refresh was lost)",
            hint=f"Give each installation its own app registration. If this is the only installation: {_WHY_IT_ENDED}",
        ) from spent

    def _remember(self, tokens: Tokens) -> Tokens:
        self._known = tokens
        self._report_tokens(tokens)
        return tokens

    def _report_tokens(self, tokens: Tokens) -> None:
        self._on_token(tokens.access_token)
        self._on_token(tokens.refresh_token)


class BearerAuth(RenewableAuth):
    """Adds the access token to requests to Exact, and to no others. Each transport has its own."""

    def __init__(self, base_url: str, sign_in: SignIn) -> None:
        self._base_url = base_url
        self._sign_in = sign_in
        self._used = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the token if the request goes to Exact's host."""
        if leads_to(request.url or "", self._base_url):
            self._used = self._sign_in.bearer()
            request.headers["Authorization"] = f"Bearer {self._used}"
        return request

    def renew(self, reply: Reply) -> bool:
        """Get a new token if this 401 says that the token expired."""
        return _is_token_expired(reply) and self._sign_in.renew(self._used)


def _is_token_expired(reply: Reply) -> bool:
    """Whether a 401 says that the token expired. A licence may expire too, and no token cures that."""
    body = reply.body.decode(errors="replace").lower()
    return "expired" in reply.headers.get("www-authenticate", "").lower() or "token expired" in body


def _still_usable(tokens: Tokens, now: datetime, pause: timedelta) -> Tokens:
    """These tokens, which are too young to be refreshed, unless the access token's life is over."""
    if tokens.life_left(now) > timedelta(0):
        return tokens
    raise RateLimited(
        "the access token has expired, and it is too early for Exact to issue another",
        pause=pause,
        api=API,
        method="POST",
        path=TOKEN_PATH,
    )
