"""The tokens of one sign-in, kept in a credential store under a lock that all runs share (S8).

Keeps texts and knows nothing of what stands in them: that is ``exact.auth``'s.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from exactsend.credentials.file_store import CredentialStore
from exactsend.system.lock import Clock, Lock, Sleep

PATIENCE = timedelta(minutes=3)
"""Longer than any answer to a renewal may take: who still holds the lock then is stuck."""


def sign_in_folder(state: Path) -> Path:
    """Where the file store keeps its files, and where the locks of all sign-ins are."""
    return state / "sign-in"


def tokens_entry(sign_in: str) -> str:
    """The name of the parsed pair of tokens."""
    return f"{sign_in}.json"


def answer_entry(sign_in: str) -> str:
    """The name of an answer that was received and not yet parsed."""
    return f"{sign_in}.received"


class SignInStore:
    """Where ``exact.auth`` keeps the tokens of one sign-in."""

    def __init__(
        self, store: CredentialStore, sign_in: str, *, state: Path, run_id: str, clock: Clock, sleep: Sleep
    ) -> None:
        self._store = store
        self._tokens = tokens_entry(sign_in)
        self._answer = answer_entry(sign_in)
        self._lock_path = sign_in_folder(state) / f"{sign_in}.lock"
        self._run_id = run_id
        self._clock = clock
        self._sleep = sleep

    def load(self) -> str | None:
        """The parsed pair; None before the first sign-in."""
        return self._store.get(self._tokens)

    def load_raw(self) -> str | None:
        """An answer that was received and whose parsed pair was not saved: newer than what ``load`` gives."""
        return self._store.get(self._answer)

    def prove_writable(self, size: int) -> None:
        """Show that ``size`` characters could be saved, before a token is spent that can't be had again."""
        self._store.prove(size)

    def save_raw(self, text: str) -> None:
        """Keep an answer as it came, durably."""
        self._store.put(self._answer, text)

    def save(self, text: str) -> None:
        """Keep the parsed pair, durably; the answer that it was parsed from has then served."""
        self._store.put(self._tokens, text)
        self._store.delete(self._answer)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one, in any process or thread, that renews these tokens.

        Raises:
            AlreadyRunning: another process has held it for ``PATIENCE``.
        """
        lock = Lock(self._lock_path)
        with lock.acquire(run_id=self._run_id, clock=self._clock, sleep=self._sleep, wait=PATIENCE):
            yield
