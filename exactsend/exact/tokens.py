"""The pair of tokens that Exact gives, as values, and what their store must be able to do. No I/O.

Source: Exact, knowledge base, "OAuth: steps 3 and 4" and "API limits". Rule S8.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from exactsend.system.elapsed import elapsed

MARGIN = timedelta(seconds=30)
"""A token must outlive the call that bears it."""
EARLIEST_REFRESH = timedelta(seconds=570)
"""Exact refuses, and counts as an error, what comes sooner after its last answer."""
UNUSED_LIFE = timedelta(days=30)
"""A refresh token that is not used for so long is dead."""


class TokenStore(Protocol):
    """Where the tokens of one sign-in live, shared by all processes that use it."""

    def load(self) -> str | None:
        """The tokens as they were saved; None when there are none."""

    def load_raw(self) -> str | None:
        """The last raw answer as it was saved; None when there is none."""

    def prove_writable(self, size: int) -> None:
        """Write and fsync as many bytes as will have to be saved; raises LedgerError when that fails."""

    def save_raw(self, text: str) -> None:
        """Save a raw answer, durably when it returns."""

    def save(self, text: str) -> None:
        """Save the tokens, durably when it returns."""

    def lock(self) -> AbstractContextManager[None]:
        """Nobody else, thread or process, is inside at the same time."""


class TokenReply(BaseModel):
    """What Exact's token endpoint answers; ``expires_in`` comes as a string of seconds."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    expires_in: PositiveInt


class Received(BaseModel):
    """An answer just as it arrived, kept until it is understood: its tokens are the only ones that are still good."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    received_at: AwareDatetime
    answer: str = Field(repr=False)


class Tokens(BaseModel):
    """A pair of tokens and when it came."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    received_at: AwareDatetime
    expires_in: PositiveInt
    """Seconds."""

    @classmethod
    def of(cls, received: Received) -> Self:
        """The pair in an answer; ValidationError when it is none."""
        answer = TokenReply.model_validate_json(received.answer)
        return cls(received_at=received.received_at, **answer.model_dump())

    def age(self, now: datetime) -> timedelta:
        """How long ago it came; negative when the clock was set back since."""
        return now - self.received_at

    def life_left(self, now: datetime) -> timedelta:
        """How long the access token is still good."""
        return timedelta(seconds=self.expires_in) - self.age(now)

    def is_fresh(self, now: datetime) -> bool:
        """Whether to use it without further thought. After a clock set back nothing is known: it is tried."""
        return self.life_left(now) >= MARGIN

    def too_early_by(self, now: datetime) -> timedelta:
        """How long Exact would still refuse a refresh; nothing when the clock was set back, for then nobody knows."""
        age = self.age(now)
        return max(timedelta(0), EARLIEST_REFRESH - age) if age >= timedelta(0) else timedelta(0)

    def days_left(self, now: datetime) -> int:
        """Whole days until the refresh token dies if nothing uses it."""
        return max(0, (UNUSED_LIFE - elapsed(self.received_at, now)).days)


def latest(saved: str | None, raw: str | None) -> Tokens | None:
    """The newest pair that can be read from what is stored.

    A raw answer that is newer than the parsed pair is what a process left that died between the two.
    """
    pairs = [pair for pair in (_saved(saved), _adopted(raw)) if pair]
    return max(pairs, key=lambda pair: pair.received_at, default=None)


def _saved(text: str | None) -> Tokens | None:
    try:
        return Tokens.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _adopted(text: str | None) -> Tokens | None:
    try:
        return Tokens.of(Received.model_validate_json(text)) if text else None
    except ValidationError:
        return None
