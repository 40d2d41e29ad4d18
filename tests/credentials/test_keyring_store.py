"""The keyring store, against backends that are written with the real keyring's interface."""

from collections.abc import Iterator
from threading import Event

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from exactsend.credentials.keyring_store import KeyringStore
from exactsend.errors import LoginNeeded


class DesktopKeyring(KeyringBackend):
    """Keeps what it is given, as a desktop's keyring does when it is unlocked."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("no such password")
        del self.entries[service, username]


class LockedKeyring(DesktopKeyring):
    """Nobody unlocked it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"locked: {service} {username}")


class ForgetfulKeyring(DesktopKeyring):
    """Says that it saved, and didn't."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class BrokenKeyring(DesktopKeyring):
    """Fails with an error of its own that quotes the secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"{service} {username} {password}")


class WaitingKeyring(DesktopKeyring):
    """Waits for a person who is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.person_came = Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.person_came.wait()
        return super().get_password(service, username)


@pytest.fixture(autouse=True)
def _no_real_keyring() -> Iterator[None]:
    yield
    keyring.set_keyring(load_keyring("keyring.backends.fail.Keyring"))


def store_on(backend: KeyringBackend) -> KeyringStore:
    keyring.set_keyring(backend)
    return KeyringStore("exactsend /state", timeout_seconds=0.2 if isinstance(backend, WaitingKeyring) else 3)


def test_what_is_put_is_got_under_the_name_of_the_installation() -> None:
    desktop = DesktopKeyring()
    store = store_on(desktop)

    store.put("host-client.json", "tokens")

    assert store.get("host-client.json") == "tokens"
    assert desktop.entries == {("exactsend /state", "host-client.json"): "tokens"}


def test_what_is_deleted_is_gone_and_may_be_deleted_again() -> None:
    store = store_on(DesktopKeyring())
    store.put("a", "1")

    store.delete("a")
    store.delete("a")

    assert store.get("a") is None


def test_proving_leaves_nothing() -> None:
    desktop = DesktopKeyring()

    store_on(desktop).prove(4096)

    assert desktop.entries == {}


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (load_keyring("keyring.backends.fail.Keyring"), "there is none here"),
        (load_keyring("keyring.backends.null.Keyring"), "it is switched off"),
        (load_keyring("keyring.backends.chainer.ChainerBackend"), "several are active"),
        (LockedKeyring(), "it is locked"),
        (ForgetfulKeyring(), "it does not store values"),
        (BrokenKeyring(), r"it failed \(RuntimeError\)"),
    ],
    ids=lambda value: type(value).__module__ + type(value).__name__,
)
def test_a_keyring_that_can_not_be_used_says_why_and_how_to_do_without(
    backend: KeyringBackend, reason: str
) -> None:
    with pytest.raises(LoginNeeded, match=f"the keyring can't be used: {reason}") as error:
        store_on(backend).put("a", "s3cret")

    assert "connect --store file" in error.value.hint
    assert "s3cret" not in str(error.value)


def test_a_backend_that_keeps_open_files_is_refused() -> None:
    class Plaintext(DesktopKeyring):
        __module__ = "keyrings.alt.file"

    with pytest.raises(LoginNeeded, match="it stores unprotected files"):
        store_on(Plaintext()).get("a")


def test_a_keyring_that_waits_for_a_person_is_given_up() -> None:
    waiting = WaitingKeyring()

    with pytest.raises(LoginNeeded, match=r"no response within 0\.2 seconds; it may be locked"):
        store_on(waiting).get("a")

    waiting.person_came.set()
