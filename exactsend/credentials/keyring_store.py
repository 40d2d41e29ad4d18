"""The credential store that keeps secrets in the desktop's keyring.

It is used only if the operator chooses it: cron has no keyring, and a locked keyring waits for a person. So each access may
take three seconds; if it takes longer, the run ends instead of trying another store (S8).
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from exactsend.credentials.store import PROBE, StoreKind
from exactsend.errors import LoginNeeded

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

UNUSABLE_BACKENDS = {
    "keyring.backends.fail": "there is none here",
    "keyring.backends.null": "it is switched off",
    "keyring.backends.chainer": (
        "several are active; choose one in PYTHON_KEYRING_BACKEND, such as keyring.backends.SecretService.Keyring"
    ),
    "keyrings.alt": "it stores unprotected files",
}
"""Backends that lose secrets, copy them or store them unprotected, by the beginning of their module's name; and why not."""


class KeyringStore:
    """Stores secrets as entries of one service in this user's keyring.

    Every method raises ``LoginNeeded`` if the keyring can't be used.
    """

    kind: StoreKind = "keyring"

    def __init__(self, service: str, *, timeout_seconds: float = 3.0) -> None:
        self._service = service
        self._timeout_seconds = timeout_seconds

    def get(self, name: str) -> str | None:
        """The value of ``name``; None if there is none."""
        return self._ask(lambda keyring: keyring.get_password(self._service, name))

    def put(self, name: str, value: str) -> None:
        """Store ``value`` and read it back, since some keyrings fail silently."""

        def round_trip(keyring: "KeyringBackend") -> str | None:
            keyring.set_password(self._service, name, value)
            return keyring.get_password(self._service, name)

        if self._ask(round_trip) != value:
            raise _unusable("it does not store values")

    def delete(self, name: str) -> None:
        """Delete ``name``, if it exists."""

        def delete_existing(keyring: "KeyringBackend") -> None:
            if keyring.get_password(self._service, name) is not None:
                keyring.delete_password(self._service, name)

        self._ask(delete_existing)

    def prove(self, size: int) -> None:
        """Store and delete a value of the same size."""
        self.put(PROBE, "-" * size)
        self.delete(PROBE)

    def _ask(self, access: Callable[["KeyringBackend"], T]) -> T:
        """The result of accessing the keyring. After a timeout the thread goes on, but does not keep the program running."""
        future: Future[T] = Future()
        Thread(target=_set_result, args=(access, future), daemon=True).start()
        try:
            return future.result(self._timeout_seconds)
        except TimeoutError as cause:
            raise _unusable(
                f"no response within {self._timeout_seconds:g} seconds; it may be locked"
            ) from cause
        except LoginNeeded:
            raise
        except Exception as cause:
            raise _unusable(_reason(cause)) from cause


def _set_result(access: Callable[["KeyringBackend"], T], future: Future[T]) -> None:
    try:
        future.set_result(access(_keyring()))
    except BaseException as cause:  # noqa: BLE001 - the waiting thread raises it
        future.set_exception(cause)


def _keyring() -> "KeyringBackend":
    # Importing takes a tenth of a second, and the search for backends may hang on the D-Bus.
    import keyring  # noqa: PLC0415 - slow

    backend = keyring.get_keyring()
    for module, reason in UNUSABLE_BACKENDS.items():
        if type(backend).__module__.startswith(module):
            raise _unusable(reason)
    return backend


def _reason(cause: Exception) -> str:
    """The reason, without the backend's own message, which might quote the secret."""
    from keyring.errors import KeyringLocked, NoKeyringError  # noqa: PLC0415 - loaded by now

    if isinstance(cause, KeyringLocked):
        return "it is locked"
    if isinstance(cause, NoKeyringError):
        return UNUSABLE_BACKENDS["keyring.backends.fail"]
    return f"it failed ({type(cause).__name__})"


def _unusable(reason: str) -> LoginNeeded:
    return LoginNeeded(
        f"the keyring can't be used: {reason}",
        hint="Unlock it, or store the credentials in files: exactsend connect --store file",
    )
