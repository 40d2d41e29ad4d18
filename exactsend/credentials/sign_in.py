"""Stores the tokens of one sign-in, under a lock that all runs share (S8).

It stores texts and does not know their content; ``exact.auth`` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from exactsend.credentials.store import CredentialStore
from exactsend.system.lock import Clock, Lock, Sleep

LOCK_TIMEOUT = timedelta(minutes=3)
"""Longer than a refresh may take: a process that still holds the lock is stuck."""


def sign_in_folder(state: Path) -> Path:
    """The folder of the file store and of the locks of all sign-ins."""
    return state / "sign-in"


def tokens_entry(sign_in: str) -> str:
    """The name of the parsed tokens in the store."""
    return f"{sign_in}.json"


def received_entry(sign_in: str) -> str:
    """The name of a response that was received but not parsed yet."""
    return f"{sign_in}.received"


class SignInStore:
    """The store for the tokens of one sign-in, used by ``exact.auth``."""

    def __init__(
        self, store: CredentialStore, sign_in: str, *, state: Path, run_id: str, clock: Clock, sleep: Sleep
    ) -> None:
        self._store = store
        self._tokens = tokens_entry(sign_in)
        self._received = received_entry(sign_in)
        self._lock_path = sign_in_folder(state) / f"{sign_in}.lock"
        self._run_id = run_id
        self._clock = clock
        self._sleep = sleep

    def load(self) -> str | None:
        """The parsed tokens; None before the first sign-in."""
        return self._store.get(self._tokens)

    def load_raw(self) -> str | None:
        """A response that was received but whose tokens were not saved, so it is newer than ``load``; None if there is none."""
        return self._store.get(self._received)

    def prove_writable(self, size: int) -> None:
        """Prove that ``size`` characters can be saved, before a token is spent."""
        self._store.prove(size)

    def save_raw(self, text: str) -> None:
        """Save a raw response durably."""
        self._store.put(self._received, text)

    def save(self, text: str) -> None:
        """Save the parsed tokens durably, and delete the raw response."""
        self._store.put(self._tokens, text)
        self._store.delete(self._received)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Exclude all other threads and processes from refreshing these tokens.

        Raises:
            AlreadyRunning: another process holds the lock for longer than ``LOCK_TIMEOUT``.
        """
        lock = Lock(self._lock_path)
        with lock.acquire(run_id=self._run_id, clock=self._clock, sleep=self._sleep, wait=LOCK_TIMEOUT):
            yield
