"""Staying signed in to Exact: one pair of tokens, refreshed once by whoever comes first, stored before it is used.

A refresh token works once. Whoever loses the answer to a refresh must be connected again by a person, so everything here
serves to lose none (S8). What the tokens are and what the endpoint says, ``tokens`` and ``token_endpoint`` know; where
they are stored, the store.
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
from exactsend.exact.tokens import Received, Tokens, TokenStore, latest
from exactsend.http.messages import Reply
from exactsend.http.origin import leads_to
from exactsend.http.transport import RenewableAuth
from exactsend.system.clock import TOLERANCE
from exactsend.system.elapsed import lasts
from exactsend.system.signals import Interrupts

_KEEP_FOR = timedelta(seconds=15)
_LEAST_ROOM = 8 * 1024
_REST_AFTER_FAILURE = timedelta(minutes=1)
_CONNECT = "Run exactsend connect."
_WHY_IT_ENDED = (
    "Exact ends a sign-in when it was not used for 30 days, when the user's password was changed, and when access was"
    " withdrawn. Sign in again: exactsend connect"
)
"""Source of the password: a connector's help page (read 2026-11-30). Which answer it brings is not known, so each names it."""


class SignIn:
    """One sign-in to Exact, for all threads and processes that share its store.

    Args:
        clock: tells the present moment in UTC.
        interrupts: holds signals back between sending a refresh and having stored its answer.
        learned: told each token that comes, so that logs can be kept free of it.
        answer_seconds: how long Exact's answer to a refresh may take in all.
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
        learned: Callable[[str], None] = lambda _token: None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._interrupts = interrupts
        self._learned = learned
        self._endpoint = TokenEndpoint(
            base_url, client_id, client_secret, received=self._keep_as_it_came, seconds=answer_seconds
        )
        self._arrived: Received | None = None
        self._known: Tokens | None = None
        self._kept_until: datetime | None = None
        self._failure: tuple[datetime, ApiError | LoginNeeded] | None = None
        self._threads = RLock()

    def bearer(self) -> str:
        """An access token that outlives a call.

        Raises:
            LoginNeeded: there is no sign-in, or it is dead.
            LedgerError: the store can't be written; nothing was spent.
            ApiError: Exact can't be asked now; the sign-in is as good as before.
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
        """Get another access token than the one that Exact just called expired; False when it is good after all.

        Raises:
            LoginNeeded: it is too new to be expired, so something else is wrong with this sign-in.
        """
        with self._threads, self._store.lock():
            tokens = self._stored()
            if tokens.access_token == refused:
                if tokens.too_early_by(self._clock()):
                    raise LoginNeeded(
                        "Exact calls an access token expired that it gave less than ten minutes ago",
                        hint=_WHY_IT_ENDED,
                    )
                tokens = self._refreshed(tokens)
            return self._remember(tokens).access_token != refused

    def exchange_code(self, code: str, redirect_uri: str) -> None:
        """Sign in with the code of a consent; every older sign-in of this user and app ends.

        Raises:
            LoginNeeded: Exact refuses the code.
            RateLimited: the last sign-in is too recent.
        """
        with self._threads, self._store.lock():
            try:
                tokens = self._spend(lambda: self._endpoint.exchange(code, redirect_uri))
            except NotExpired as early:
                raise RateLimited(
                    "Exact gives new tokens ten minutes after the last ones at the soonest; connect again then",
                    pause=timedelta(minutes=10),
                    api=API,
                    method="POST",
                    path=TOKEN_PATH,
                ) from early
            except SpentToken as refused:
                raise LoginNeeded("Exact refuses the code: it was used before", hint=_CONNECT) from refused
            self._remember(tokens)

    def days_left(self, now: datetime) -> int | None:
        """Days until this sign-in dies if it is not used; None when there is none."""
        tokens = latest(self._store.load(), self._store.load_raw())
        return tokens.days_left(now) if tokens else None

    def _is_good(self, tokens: Tokens) -> bool:
        now = self._clock()
        return tokens.is_fresh(now) or lasts(self._kept_until, now, _KEEP_FOR)

    def _stored(self) -> Tokens:
        """The pair in the store; what an earlier process received and could not save any more is saved first."""
        saved, raw = self._store.load(), self._store.load_raw()
        tokens = latest(saved, raw)
        if tokens is None:
            raise LoginNeeded("this installation is not signed in to Exact", hint=_CONNECT)
        self._learn(tokens)
        if tokens != latest(saved, None):
            self._store.save(tokens.model_dump_json())
        return tokens

    def _refreshed(self, tokens: Tokens) -> Tokens:
        """The pair after these, or these where Exact says that they are still good. The lock is held."""
        now = self._clock()
        if pause := tokens.too_early_by(now):
            return _still_usable(tokens, now, pause)
        # Every call and every division would ask again what was answered a moment ago.
        if self._failure and self._failure[0] <= now < self._failure[0] + _REST_AFTER_FAILURE:
            raise self._failure[1]
        try:
            return self._asked(tokens, now)
        except (ApiError, LoginNeeded) as failed:
            self._failure = (now, failed)
            raise

    def _asked(self, tokens: Tokens, now: datetime) -> Tokens:
        try:
            return self._spend(lambda: self._refresh(tokens))
        except NotExpired:
            # Their clock is behind ours. Asking again at once would count as an error.
            self._kept_until = now + _KEEP_FOR
            return tokens
        except SpentToken as spent:
            return self._after_somebody_else(tokens, spent)

    def _refresh(self, tokens: Tokens) -> None:
        try:
            self._endpoint.refresh(tokens.refresh_token)
        except LoginNeeded as refused:
            raise LoginNeeded(refused.message, hint=_WHY_IT_ENDED) from refused

    def _spend(self, ask: Callable[[], None]) -> Tokens:
        """Ask for tokens and store them; signals wait until that is done, and then are heeded."""
        with self._interrupts.uninterrupted():
            tokens = self._asked_and_stored(ask)
        self._interrupts.stop()
        return tokens

    def _asked_and_stored(self, ask: Callable[[], None]) -> Tokens:
        self._store.prove_writable(max(_LEAST_ROOM, 2 * len(self._store.load() or "")))
        self._arrived = None
        try:
            ask()
        finally:
            # Whatever went wrong after the answer had come: its tokens are the only good ones.
            tokens = self._saved_as_pair()
        if tokens is None:
            raise Unreadable(
                "Exact sent an unexpected response to the sign-in", api=API, method="POST", path=TOKEN_PATH
            )
        return tokens

    def _keep_as_it_came(self, answer: str, date: datetime | None) -> None:
        now = self._clock()
        # Where our clock is wrong, the next run must know the age of these tokens all the same.
        received_at = now if date is None or abs(now - date) <= TOLERANCE else date
        self._arrived = Received(received_at=received_at, answer=answer)
        # If this can't be written, the parsed pair may still be: that decides.
        with suppress(LedgerError, LoginNeeded):
            self._store.save_raw(self._arrived.model_dump_json())

    def _saved_as_pair(self) -> Tokens | None:
        tokens = latest(None, self._arrived.model_dump_json()) if self._arrived else None
        if tokens:
            self._store.save(tokens.model_dump_json())
        return tokens

    def _after_somebody_else(self, tokens: Tokens, spent: SpentToken) -> Tokens:
        """Exact saw this refresh token before: by another process that did not hold the lock, or elsewhere."""
        stored = self._stored()
        if stored.refresh_token != tokens.refresh_token and self._is_good(stored):
            return stored
        raise LoginNeeded(
            "the sign-in to Exact was used elsewhere: another installation, or a copy of this one, uses the same app and"
            " user (or the answer to the last refresh was lost on its way)",
            hint=f"Give each installation its own app registration. If there is no other: {_WHY_IT_ENDED}",
        ) from spent

    def _remember(self, tokens: Tokens) -> Tokens:
        self._known = tokens
        self._learn(tokens)
        return tokens

    def _learn(self, tokens: Tokens) -> None:
        self._learned(tokens.access_token)
        self._learned(tokens.refresh_token)


class BearerAuth(RenewableAuth):
    """Attaches the access token to what goes to Exact, and to nothing else. One for each transport."""

    def __init__(self, base_url: str, sign_in: SignIn) -> None:
        self._base_url = base_url
        self._sign_in = sign_in
        self._used = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign the request if it goes to our host."""
        if leads_to(request.url or "", self._base_url):
            self._used = self._sign_in.bearer()
            request.headers["Authorization"] = f"Bearer {self._used}"
        return request

    def renew(self, reply: Reply) -> bool:
        """Get a new token if this 401 names expiry."""
        return _names_expiry(reply) and self._sign_in.renew(self._used)


def _names_expiry(reply: Reply) -> bool:
    """Whether a 401 is about the token's age; a licence may have expired too, and no token cures that."""
    body = reply.body.decode(errors="replace").lower()
    return "expired" in reply.headers.get("www-authenticate", "").lower() or "token expired" in body


def _still_usable(tokens: Tokens, now: datetime, pause: timedelta) -> Tokens:
    """A token of short life, too old to be sure of and too young to be refreshed."""
    if tokens.life_left(now) > timedelta(0):
        return tokens
    raise RateLimited(
        "the access token is used up before Exact gives another",
        pause=pause,
        api=API,
        method="POST",
        path=TOKEN_PATH,
    )
