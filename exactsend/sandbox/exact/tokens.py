"""Sign-ins: codes, access tokens and refresh tokens, and their rules.

Source of the rules: Exact's knowledge base, "OAuth: steps 2 to 4" and "API limits".
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.behaviour import ExactBehaviour

ACCESS_TOKEN_LIFE = timedelta(seconds=600)
_CODE_LIFE = timedelta(minutes=3)
_REFRESH_TOKEN_LIFE = timedelta(days=30)


class TokenRefusal(Exception):
    """The token endpoint refuses a call."""

    def __init__(self, status: int, error: str, description: str = "", reason: str = "") -> None:
        super().__init__(description or error)
        self.status = status
        self.reason = reason
        """The ``Reason`` header, empty when there is none."""
        described = {"error_description": description} if description else {}
        self.body = json.dumps({"error": error, **described})


@dataclass(frozen=True)
class Granted:
    """What a consent, and every token that it leads to, gives access to."""

    client_id: str
    divisions: frozenset[int]


@dataclass(frozen=True)
class TokenPair:
    """The answer of the token endpoint."""

    access_token: str
    refresh_token: str


@dataclass
class _Code:
    granted: Granted
    redirect_uri: str
    issued: datetime
    used: bool = False


@dataclass
class _Chain:
    """The refresh tokens of a consent; only the last is valid."""

    granted: Granted
    refresh_token: str
    answered: datetime
    used_tokens: set[str] = field(default_factory=set)


@dataclass
class _Access:
    granted: Granted
    expires: datetime


@dataclass
class SignIns:
    """Every sign-in of the user."""

    clock: Clock
    _codes: dict[str, _Code] = field(default_factory=dict)
    _chains: dict[str, _Chain] = field(default_factory=dict)
    """The valid chain of each client id."""
    _ended: set[str] = field(default_factory=set)
    """Refresh tokens of chains that a newer consent or a revocation has ended."""
    _access: dict[str, _Access] = field(default_factory=dict)

    def consent(self, client_id: str, redirect_uri: str, state: str | None, divisions: frozenset[int]) -> str:
        """Give an app access, and return the address that the browser is sent to."""
        code = f"stampNL001.{secrets.token_urlsafe(24)}!"
        self._codes[code] = _Code(Granted(client_id, divisions), redirect_uri, self.clock())
        stated = "" if state is None else f"&state={quote(state, safe='')}"
        joint = "&" if "?" in redirect_uri else "?"
        return f"{redirect_uri}{joint}code={quote(code, safe='')}{stated}"

    def exchange(self, client_id: str, code: str, redirect_uri: str) -> TokenPair:
        """Exchange a code for the first token pair of a new chain; this ends the previous chain.

        Exact does not document how it refuses a code; OAuth 2 requires ``invalid_grant``.
        """
        found = self._codes.get(code)
        if found is None or found.granted.client_id != client_id or found.redirect_uri != redirect_uri:
            raise TokenRefusal(400, "invalid_grant", "The authorization code is not valid.")
        if found.used or self.clock() > found.issued + _CODE_LIFE:
            raise TokenRefusal(400, "invalid_grant", "The authorization code was used or has expired.")
        found.used = True
        self._end_chain(client_id)
        return self._new_pair(found.granted, set())

    def refresh(self, client_id: str, refresh_token: str, behaviour: ExactBehaviour) -> TokenPair:
        """Exchange the valid refresh token for the next token pair; it can be used only once."""
        chain = self._chains.get(client_id)
        if chain is not None and refresh_token in chain.used_tokens:
            raise TokenRefusal(401, "unauthorized_client", "Old refresh token used.")
        if refresh_token in self._ended:
            raise TokenRefusal(
                400, "invalid_grant", "Token is not allowed, because of invalid or empty chainId"
            )
        if chain is None or refresh_token != chain.refresh_token:
            raise TokenRefusal(400, "invalid_request")
        self._check_age(chain, behaviour)
        return self._new_pair(chain.granted, chain.used_tokens | {refresh_token})

    def access(self, access_token: str) -> Granted | None:
        """What an access token gives access to; None when it is unknown or has expired."""
        found = self._access.get(access_token)
        return found.granted if found and self.clock() < found.expires else None

    def client_of(self, access_token: str) -> str:
        """The app that a token was given to, also when it has expired; empty for an unknown token."""
        found = self._access.get(access_token)
        return found.granted.client_id if found else ""

    def revoke(self, client_id: str) -> None:
        """End an app's access, as the user does in the App Center."""
        self._end_chain(client_id)
        self._access = {
            token: found for token, found in self._access.items() if found.granted.client_id != client_id
        }

    def _check_age(self, chain: _Chain, behaviour: ExactBehaviour) -> None:
        now = self.clock()
        expires = chain.answered + _REFRESH_TOKEN_LIFE
        if now > expires:
            raise TokenRefusal(
                400,
                "invalid_request",
                f"The refresh token expired at {expires:%Y-%m-%d %H:%M:%S} and it is now {now:%Y-%m-%d %H:%M:%S}",
            )
        if now >= chain.answered + timedelta(seconds=behaviour.refresh_from_seconds):
            return
        if behaviour.early_refresh_as_401:
            raise TokenRefusal(401, "unauthorized_client", "Access Token not expired")
        raise TokenRefusal(
            400,
            "access_denied",
            "Rate limit exceeded: access_token not expired",
            reason="TooEarlyToRefreshTokens: the access token has not expired",
        )

    def _new_pair(self, granted: Granted, used_tokens: set[str]) -> TokenPair:
        pair = TokenPair(
            access_token=f"gAAAAA{secrets.token_urlsafe(48)}",
            refresh_token=f"stampNL001.{secrets.token_urlsafe(24)}!{secrets.token_urlsafe(24)}",
        )
        now = self.clock()
        self._chains[granted.client_id] = _Chain(granted, pair.refresh_token, now, used_tokens)
        self._access[pair.access_token] = _Access(granted, now + ACCESS_TOKEN_LIFE)
        return pair

    def _end_chain(self, client_id: str) -> None:
        chain = self._chains.pop(client_id, None)
        if chain is not None:
            self._ended |= chain.used_tokens | {chain.refresh_token}
