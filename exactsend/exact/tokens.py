"""Exact's pair of tokens as values, and the interface of their store. No I/O.

Source: Exact, knowledge base, "OAuth: steps 3 and 4" and "API limits". Rule S8.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from exactsend.system.elapsed import elapsed

MARGIN = timedelta(seconds=30)
"""A token must stay valid until the end of the call that uses it."""
EARLIEST_REFRESH = timedelta(seconds=570)
"""Exact refuses an earlier refresh and counts it as an error."""
UNUSED_LIFE = timedelta(days=30)
"""A refresh token that is not used for this long expires."""


class TokenStore(Protocol):
    """The store for the tokens of one sign-in, shared by all processes that use it."""

    def load(self) -> str | None:
        """The saved tokens; None if there are none."""

    def load_raw(self) -> str | None:
        """The last saved raw response; None if there is none."""

    def prove_writable(self, size: int) -> None:
        """Write and fsync ``size`` bytes to prove that saving will work; raises LedgerError if that fails."""

    def save_raw(self, text: str) -> None:
        """Save a raw response durably."""

    def save(self, text: str) -> None:
        """Save the tokens durably."""

    def lock(self) -> AbstractContextManager[None]:
        """Exclude all other threads and processes."""


class TokenReply(BaseModel):
    """The response of Exact's token endpoint; ``expires_in`` is a string of seconds."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    expires_in: PositiveInt


class ReceivedReply(BaseModel):
    """A raw response, kept until it is parsed: its tokens are the only valid ones."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    received_at: AwareDatetime
    answer: str = Field(repr=False)


class Tokens(BaseModel):
    """A pair of tokens, and when it was received."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    received_at: AwareDatetime
    expires_in: PositiveInt
    """Seconds."""

    @classmethod
    def of(cls, received: ReceivedReply) -> Self:
        """The pair in a response; ValidationError if there is none."""
        answer = TokenReply.model_validate_json(received.answer)
        return cls(received_at=received.received_at, **answer.model_dump())

    def age(self, now: datetime) -> timedelta:
        """How long ago it was received; negative if the clock was set back since."""
        return now - self.received_at

    def life_left(self, now: datetime) -> timedelta:
        """How long the access token is still valid."""
        return timedelta(seconds=self.expires_in) - self.age(now)

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token can be used without a refresh. If the clock was set back, the token is simply tried."""
        return self.life_left(now) >= MARGIN

    def too_early_by(self, now: datetime) -> timedelta:
        """How long Exact will still refuse a refresh; zero if the clock was set back, as it is unknown then."""
        age = self.age(now)
        return max(timedelta(0), EARLIEST_REFRESH - age) if age >= timedelta(0) else timedelta(0)

    def days_left(self, now: datetime) -> int:
        """Whole days until the refresh token expires if nothing uses it."""
        return max(0, (UNUSED_LIFE - elapsed(self.received_at, now)).days)


def latest(saved: str | None, raw: str | None) -> Tokens | None:
    """The newest readable pair in the store.

    If a process dies between saving the raw response and the parsed pair, the raw response is the newer one.
    """
    pairs = [pair for pair in (_saved_pair(saved), _pair_in_reply(raw)) if pair]
    return max(pairs, key=lambda pair: pair.received_at, default=None)


def _saved_pair(text: str | None) -> Tokens | None:
    try:
        return Tokens.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _pair_in_reply(text: str | None) -> Tokens | None:
    try:
        return Tokens.of(ReceivedReply.model_validate_json(text)) if text else None
    except ValidationError:
        return None
