"""The store that hands secrets to the desktop's keyring.

Used only where somebody asked for it: cron has no keyring, and one that is locked waits for a person. So each question
gets three seconds, and one that is not answered ends the run instead of looking elsewhere (S8).
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from exactsend.credentials.file_store import PROBE, Kind
from exactsend.errors import LoginNeeded

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Answer = TypeVar("Answer")

UNFIT = {
    "keyring.backends.fail": "there is none here",
    "keyring.backends.null": "it is switched off",
    "keyring.backends.chainer": (
        "several answer at once; name one in PYTHON_KEYRING_BACKEND, such as keyring.backends.SecretService.Keyring"
    ),
    "keyrings.alt": "it keeps files without protection",
}
"""Backends, by the beginning of their module's name, that lose secrets, spread them or leave them open."""


class KeyringStore:
    """Entries of one service in the keyring of this user.

    Every method raises ``LoginNeeded`` when the keyring can't be used.
    """

    kind: Kind = "keyring"

    def __init__(self, service: str, *, patience_seconds: float = 3.0) -> None:
        self._service = service
        self._patience_seconds = patience_seconds

    def get(self, name: str) -> str | None:
        """What is kept under ``name``; None when nothing is."""
        return self._ask(lambda keyring: keyring.get_password(self._service, name))

    def put(self, name: str, value: str) -> None:
        """Keep ``value`` and read it back: some keyrings fail to save without a word."""

        def keep(keyring: "KeyringBackend") -> str | None:
            keyring.set_password(self._service, name, value)
            return keyring.get_password(self._service, name)

        if self._ask(keep) != value:
            raise _unusable("it does not keep what it is given")

    def delete(self, name: str) -> None:
        """Forget ``name``."""

        def forget(keyring: "KeyringBackend") -> None:
            if keyring.get_password(self._service, name) is not None:
                keyring.delete_password(self._service, name)

        self._ask(forget)

    def prove(self, size: int) -> None:
        """Let a value of the same size make the round trip."""
        self.put(PROBE, "-" * size)
        self.delete(PROBE)

    def _ask(self, question: Callable[["KeyringBackend"], Answer]) -> Answer:
        """The keyring's answer. A thread that gets none is left behind; it does not keep the program from ending."""
        answer: Future[Answer] = Future()
        Thread(target=_answer, args=(question, answer), daemon=True).start()
        try:
            return answer.result(self._patience_seconds)
        except TimeoutError as cause:
            raise _unusable(
                f"no answer within {self._patience_seconds:g} seconds, it may be locked"
            ) from cause
        except LoginNeeded:
            raise
        except Exception as cause:
            raise _unusable(_reason(cause)) from cause


def _answer(question: Callable[["KeyringBackend"], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(question(_keyring()))
    except BaseException as cause:  # noqa: BLE001 - it is raised where the question was asked
        answer.set_exception(cause)


def _keyring() -> "KeyringBackend":
    # Imported late: it takes a tenth of a second, and looking for backends may hang on the D-Bus.
    import keyring  # noqa: PLC0415 - see above

    found = keyring.get_keyring()
    for module, reason in UNFIT.items():
        if type(found).__module__.startswith(module):
            raise _unusable(reason)
    return found


def _reason(cause: Exception) -> str:
    """Why, without the backend's own words: they might quote what was to be kept."""
    from keyring.errors import KeyringLocked, NoKeyringError  # noqa: PLC0415 - it is loaded by now

    if isinstance(cause, KeyringLocked):
        return "it is locked"
    if isinstance(cause, NoKeyringError):
        return UNFIT["keyring.backends.fail"]
    return f"it failed ({type(cause).__name__})"


def _unusable(reason: str) -> LoginNeeded:
    return LoginNeeded(
        f"the keyring can't be used: {reason}",
        hint="Unlock it, or keep the credentials in files: exactsend connect --store file",
    )
