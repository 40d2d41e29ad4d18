"""Exact's token endpoint as far as signing in goes, and stores to keep tokens in; for the tests of signing in."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from exactsend.errors import LedgerError
from tests.wire_server import Answer, Asked, as_json


class TokenOffice:
    """Gives tokens out, one after another: each refresh token once, and not before 570 s have passed.

    ``instead`` holds answers that are given before any other; ``meanwhile`` happens while a request is being answered.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.instead: list[Answer] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.given = 1
        self.replays = 0
        self._clock = clock
        self._last: datetime | None = None

    def __call__(self, asked: Asked) -> Answer:
        self.meanwhile()
        if self.instead:
            return self.instead.pop(0)
        form = asked.form()
        if form["grant_type"] == "refresh_token":
            return self._refreshed(form["refresh_token"])
        return self.next_pair()

    def _refreshed(self, token: str) -> Answer:
        if token != f"stampe!{self.given}":
            self.replays += 1
            return refused(401, "unauthorized_client", "Old refresh token used.")
        if self._last and self._clock() - self._last < timedelta(seconds=570):
            return refused(400, "access_denied", "Rate limit exceeded: access_token not expired")
        return self.next_pair()

    def next_pair(self) -> Answer:
        self.given += 1
        self._last = self._clock()
        return pair(self.given)


def pair(number: int, expires_in: object = "600") -> Answer:
    """The answer with the pair of tokens that bears this number."""
    return as_json(
        {
            "access_token": f"access-{number}",
            "token_type": "bearer",
            "expires_in": expires_in,
            "refresh_token": f"stampe!{number}",
        }
    )


def refused(status: int, error: str, description: str = "") -> Answer:
    """A refusal as Exact words it."""
    return as_json({"error": error, "error_description": description}, status)


class MemoryStore:
    """Keeps tokens in memory; breaks on request."""

    def __init__(self, saved: str | None = None) -> None:
        self.saved = saved
        self.raw: str | None = None
        self.steps: list[str] = []
        self.breaks_at = ""
        self._lock = Lock()

    def load(self) -> str | None:
        return self.saved

    def load_raw(self) -> str | None:
        return self.raw

    def prove_writable(self, size: int) -> None:
        assert size > 0
        self._step("prove")

    def save_raw(self, text: str) -> None:
        self._step("save raw")
        self.raw = text

    def save(self, text: str) -> None:
        self._step("save")
        self.saved = text

    @contextmanager
    def lock(self) -> Iterator[None]:
        with self._lock:
            yield

    def _step(self, step: str) -> None:
        if step == self.breaks_at:
            raise LedgerError("no space left")
        self.steps.append(step)


class FolderStore:
    """Keeps tokens in a folder, for several processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> str | None:
        return self._read("saved")

    def load_raw(self) -> str | None:
        return self._read("raw")

    def prove_writable(self, size: int) -> None:
        (self._folder / "proof").write_bytes(b"x" * size)

    def save_raw(self, text: str) -> None:
        (self._folder / "raw").write_text(text)

    def save(self, text: str) -> None:
        (self._folder / "new").write_text(text)
        (self._folder / "new").replace(self._folder / "saved")

    @contextmanager
    def lock(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _read(self, name: str) -> str | None:
        path = self._folder / name
        return path.read_text() if path.exists() else None
