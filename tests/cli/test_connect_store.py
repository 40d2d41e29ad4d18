"""``connect`` decides where credentials are kept, and brings along those that were kept elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import KeyringLocked

from tests.cli.person import connects
from tests.shop import Shop


class Desktop(KeyringBackend):
    """A desktop's keyring, which can be locked."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        del service
        if self.locked:
            raise KeyringLocked
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        del service
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del service, self.entries[username]


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    desktop = Desktop()
    keyring.set_keyring(desktop)
    yield desktop
    keyring.set_keyring(load_keyring("keyring.backends.fail.Keyring"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """One whose keys are typed."""
    with Shop(tmp_path) as shop:
        keys = [shop.env.pop(f"EXACTSEND_SENDCLOUD_{which}_KEY") for which in ("PUBLIC", "SECRET")]
        connects(shop, answers=keys)
        shop.pass_time(minutes=15)
        yield shop


def test_what_was_kept_in_files_is_moved_to_the_keyring(shop: Shop, desktop: Desktop) -> None:
    done = connects(shop, "--store", "keyring")

    assert done.status == 0
    assert "The credentials were moved to the keyring store." in done.err
    assert "sandbox-secret" in desktop.entries["1234567.sendcloud"]
    assert not (shop.state / "sign-in" / "1234567.sendcloud").exists()
    assert shop.run("sync").status == 0


def test_without_a_keyring_everything_stays_in_files(shop: Shop) -> None:
    keyring.set_keyring(load_keyring("keyring.backends.fail.Keyring"))

    done = connects(shop, "--store", "keyring")

    assert done.status == 4
    assert "the keyring can't be used: there is none here" in done.err
    assert shop.run("sync").status == 0


def test_a_keyring_that_is_locked_can_be_left(shop: Shop, desktop: Desktop) -> None:
    connects(shop, "--store", "keyring")
    desktop.locked = True
    shop.pass_time(minutes=15)

    done = connects(shop, "--store", "file", answers=["sandbox-public", "sandbox-secret"])

    assert done.status == 0
    assert (
        "The credentials in the previous store could not be moved: the keyring can't be used: it is locked."
        in done.err
    )
    assert shop.run("sync").status == 0
