"""The two requests to Exact's token endpoint, each sent once, and what the responses mean. Stores nothing.

Source: Exact, knowledge base, "OAuth: steps 3 and 4", "OAuth: troubleshooting". requests-oauthlib builds the requests. Each
response is passed on before the library parses it, since the old tokens are already spent by then.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

import requests

from exactsend.errors import ApiError, Broken, ExactSendError, LoginNeeded, RateLimited, Unreadable
from exactsend.exact.consent import as_https
from exactsend.http.deadline import BoundedExchange, CuttableAdapter
from exactsend.http.messages import Call, Reply, parsed
from exactsend.http.origin import Origin, is_loopback
from exactsend.http.transport import CONNECT_SECONDS, USER_AGENT
from exactsend.http.transport_errors import LIBRARY_ERRORS, error_from_exception

if TYPE_CHECKING:
    from requests_oauthlib import OAuth2Session

API = "Exact"
TOKEN_PATH = "/api/oauth2/token"  # noqa: S105 - a path
_CALL = Call("POST", TOKEN_PATH, endpoint="oauth2/token")
ANSWER_SECONDS = 60.0
_MAX_BYTES = 1024 * 1024
_CHUNK = 64 * 1024
_CONNECT = "Run exactsend connect."


class NotExpired(Exception):
    """Too early for a refresh: the current access token is still valid."""


class SpentToken(Exception):
    """This refresh token was used before."""


class _BoundedAdapter(CuttableAdapter):
    """Reads each response completely, within its time and size, before the library sees it."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        """Send the request and read the whole response.

        Raises:
            TimeoutError: the response was not complete in time.
            Unreadable: the response is too large.
        """
        options = {**kwargs, "stream": True, "timeout": (CONNECT_SECONDS, self._seconds)}
        return BoundedExchange[requests.Response](self._seconds).result_of(
            lambda: _read(super(_BoundedAdapter, self).send(request, *args, **options))  # type: ignore[arg-type] # passed on unchanged
        )


def _read(response: requests.Response) -> requests.Response:
    with response.raw as wire:
        body = bytearray()
        for chunk in wire.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > _MAX_BYTES:
                raise Unreadable(
                    "Exact's sign-in sent a response of more than 1 MB",
                    api=API,
                    method="POST",
                    path=TOKEN_PATH,
                )
    response.raw = BytesIO(body)
    return response


class _SandboxAdapter(_BoundedAdapter):
    """Sends over http to the sandbox, whose address the library gets with https.

    The library's own switch for http is an environment variable that would allow http for every host.
    """

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        """Send the request over http."""
        request.url = "http" + (request.url or "").removeprefix("https")
        return super().send(request, *args, **kwargs)


class TokenEndpoint:
    """Exact's token endpoint for one app registration.

    Args:
        on_tokens: receives each raw response with tokens before anything else happens, with Exact's own time.
        seconds: how long the whole response may take.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        on_tokens: Callable[[str, datetime | None], None],
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._on_tokens = on_tokens
        self._seconds = seconds

    def refresh(self, refresh_token: str) -> None:
        """Spend a refresh token, in one POST that is never repeated.

        Raises:
            NotExpired, SpentToken, LoginNeeded, ApiError: see ``token_error``.
        """
        with self._session() as session:
            self._send(
                lambda: session.refresh_token(
                    self._url,
                    refresh_token=refresh_token,
                    client_id=self._client_id,
                    client_secret=self._client_secret,
                )
            )

    def exchange(self, code: str, redirect_uri: str) -> None:
        """Exchange the code from the consent page for tokens, likewise."""
        with self._session(redirect_uri) as session:
            self._send(
                lambda: session.fetch_token(
                    self._url,
                    code=code,
                    include_client_id=True,
                    client_secret=self._client_secret,
                )
            )

    @property
    def _url(self) -> str:
        return (as_https(self._base_url) if is_loopback(self._base_url) else self._base_url) + TOKEN_PATH

    def _session(self, redirect_uri: str | None = None) -> "OAuth2Session":
        from requests_oauthlib import OAuth2Session  # noqa: PLC0415 - most runs have a valid token

        session = OAuth2Session(self._client_id, redirect_uri=redirect_uri)
        session.headers["User-Agent"] = USER_AGENT
        session.hooks["response"] = [self._pass_on]
        session.mount("https://", _BoundedAdapter(self._seconds))
        if is_loopback(self._base_url):
            session.trust_env = False
            if self._base_url.startswith("http:"):
                session.mount(as_https(self._base_url), _SandboxAdapter(self._seconds))
        return session

    def _pass_on(self, response: requests.Response, **_options: object) -> None:
        """Pass on the tokens, or raise an error. This hook runs before redirects, so none is followed."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(response.status_code, headers, response.content, _CALL, API)
        if error := token_error(reply):
            raise error
        self._on_tokens(response.text, _server_date(reply))

    def _send(self, request: Callable[[], object]) -> None:
        from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415 - likewise

        try:
            request()
        except LIBRARY_ERRORS as error:
            origin = Origin.of(self._base_url)
            raise error_from_exception(
                error, _CALL, api=API, host=origin.host if origin else self._base_url
            ) from error
        except (OAuth2Error, ValueError) as error:
            raise Unreadable(
                "Exact sent an unexpected response to the sign-in", api=API, method="POST", path=TOKEN_PATH
            ) from error


def _server_date(reply: Reply) -> datetime | None:
    try:
        return reply.server_date()
    except Unreadable:
        return None


def token_error(reply: Reply) -> NotExpired | SpentToken | ExactSendError | None:
    """The error in a response; None if it holds tokens.

    ``NotExpired``: keep the current token. An ApiError: use the same refresh token again later. ``SpentToken`` and
    ``LoginNeeded``: the refresh token no longer works.
    """
    answer = _document(reply)
    text = str(answer.get("error_description") or answer.get("error") or reply.body.decode(errors="replace"))
    lowered = f"{text} {reply.headers.get('reason', '')}".lower()
    if reply.status == requests.codes.ok and "access_token" in answer:
        return None
    if "not expired" in lowered or "tooearly" in lowered:
        return NotExpired(text)
    if "old refresh token" in lowered:
        return SpentToken(text)
    if reply.status == requests.codes.too_many_requests:
        return RateLimited("Exact allows no more sign-ins now", api=API, method="POST", path=TOKEN_PATH)
    if reply.status in (400, 401, 403) and "error" in answer:
        return LoginNeeded(f"Exact refuses the sign-in: {text[:300]}", hint=_CONNECT)
    return _out_of_order(reply)


def _document(reply: Reply) -> Mapping[str, object]:
    try:
        document = parsed(reply.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _out_of_order(reply: Reply) -> ApiError:
    """The error for maintenance, a gateway's page or an empty response: presumably no token was spent."""
    return Broken(
        f"Exact's sign-in is out of order ({reply.status})",
        api=API,
        method="POST",
        path=TOKEN_PATH,
        http_status=reply.status,
        hint="The next run tries again with the same sign-in.",
    )
