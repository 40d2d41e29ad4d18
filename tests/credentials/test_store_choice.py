"""Which store it is: recorded by connect, followed by all others, never changed in silence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import KeyringLocked

from exactsend.credentials.store import CredentialStore, StoreKind
from exactsend.credentials.store_choice import choose_store, entries_of, open_store, recorded_kind, store_of
from exactsend.domain.ids import Division
from exactsend.errors import LoginNeeded, StateDamaged, UsageError

ENTRIES = entries_of(["host-client", "host-client"], [Division(7)])


class SwitchableKeyring(KeyringBackend):
    """A desktop's keyring that can be locked."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(autouse=True)
def desktop() -> Iterator[SwitchableKeyring]:
    desktop = SwitchableKeyring()
    keyring.set_keyring(desktop)
    yield desktop
    keyring.set_keyring(load_keyring("keyring.backends.fail.Keyring"))


def connected(state: Path, kind: StoreKind) -> CredentialStore:
    store = choose_store(state, configured="auto", asked=kind, entries=ENTRIES).store
    for name in ENTRIES:
        store.put(name, f"value of {name}")
    return store


def test_the_entries_are_those_of_each_sign_in_and_division_once() -> None:
    assert ENTRIES == (
        "host-client.json",
        "host-client.received",
        "host-client.client-secret",
        "7.sendcloud",
    )


def test_before_connect_it_is_files_and_nothing_is_written(tmp_path: Path) -> None:
    assert open_store(tmp_path, "auto").kind == "file"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_what_connect_chose_is_what_runs_use(tmp_path: Path, kind: StoreKind) -> None:
    connected(tmp_path, kind)

    assert recorded_kind(tmp_path) == kind
    assert open_store(tmp_path, "auto").get("7.sendcloud") == "value of 7.sendcloud"


def test_connecting_again_keeps_the_store(tmp_path: Path) -> None:
    connected(tmp_path, "keyring")

    assert choose_store(tmp_path, configured="auto", asked=None, entries=ENTRIES).store.kind == "keyring"


def test_a_keyring_is_never_chosen_unasked(tmp_path: Path) -> None:
    assert choose_store(tmp_path, configured="auto", asked=None, entries=ENTRIES).store.kind == "file"


def test_a_keyring_that_fails_the_round_trip_is_not_chosen(
    tmp_path: Path, desktop: SwitchableKeyring
) -> None:
    desktop.locked = True

    with pytest.raises(LoginNeeded, match="it is locked"):
        choose_store(tmp_path, configured="auto", asked="keyring", entries=ENTRIES)

    assert recorded_kind(tmp_path) is None


def test_a_recorded_keyring_that_is_locked_is_no_reason_to_look_elsewhere(
    tmp_path: Path, desktop: SwitchableKeyring
) -> None:
    connected(tmp_path, "keyring")
    desktop.locked = True

    with pytest.raises(LoginNeeded, match="the keyring can't be used: it is locked"):
        open_store(tmp_path, "auto").get("host-client.json")


@pytest.mark.parametrize(("before", "after"), [("file", "keyring"), ("keyring", "file")])
def test_moving_takes_everything_along_and_leaves_nothing(
    tmp_path: Path, before: StoreKind, after: StoreKind
) -> None:
    former = connected(tmp_path, before)

    chosen = choose_store(tmp_path, configured="auto", asked=after, entries=ENTRIES)

    assert chosen.moved == ENTRIES
    assert [chosen.store.get(name) for name in ENTRIES] == [f"value of {name}" for name in ENTRIES]
    assert [former.get(name) for name in ENTRIES] == [None] * len(ENTRIES)
    assert recorded_kind(tmp_path) == after


def test_the_locks_are_held_while_entries_move_and_only_then(tmp_path: Path) -> None:
    seen: list[StoreKind | None] = []

    @contextmanager
    def lock() -> Iterator[None]:
        seen.append(recorded_kind(tmp_path))
        yield
        seen.append(recorded_kind(tmp_path))

    choose_store(tmp_path, configured="auto", asked="file", entries=ENTRIES, locks=[lock()])
    assert seen == []

    choose_store(tmp_path, configured="auto", asked="keyring", entries=ENTRIES, locks=[lock()])
    assert seen == ["file", "keyring"]


def test_one_can_move_away_from_a_keyring_that_no_longer_opens(
    tmp_path: Path, desktop: SwitchableKeyring
) -> None:
    connected(tmp_path, "keyring")
    desktop.locked = True

    chosen = choose_store(tmp_path, configured="auto", asked="file", entries=ENTRIES)

    assert (chosen.store.kind, chosen.moved) == ("file", ())
    assert "it is locked" in chosen.left_behind
    assert recorded_kind(tmp_path) == "file"


def test_two_installations_do_not_share_tokens(tmp_path: Path) -> None:
    store_of("keyring", tmp_path / "a").put("host-client.json", "tokens")

    assert store_of("keyring", tmp_path / "b").get("host-client.json") is None


def test_a_configuration_that_names_another_store_than_connect_used_is_told(tmp_path: Path) -> None:
    connected(tmp_path, "keyring")

    with pytest.raises(LoginNeeded, match="in the keyring store") as error:
        open_store(tmp_path, "file")

    assert "exactsend connect" in error.value.hint


def test_connect_follows_the_configuration_and_moves(tmp_path: Path) -> None:
    connected(tmp_path, "keyring")

    assert choose_store(tmp_path, configured="file", asked=None, entries=ENTRIES).moved == ENTRIES
    assert open_store(tmp_path, "file").get("7.sendcloud") == "value of 7.sendcloud"


def test_the_command_line_may_not_contradict_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--store keyring contradicts"):
        choose_store(tmp_path, configured="file", asked="keyring", entries=ENTRIES)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"store": "vault"}', '{"store": ["file"]}'])
def test_a_record_that_is_not_understood_is_never_guessed_at(tmp_path: Path, record: str) -> None:
    connected(tmp_path, "file")
    (tmp_path / "sign-in" / "store.json").write_text(record)

    with pytest.raises(StateDamaged, match=r"store\.json is damaged"):
        open_store(tmp_path, "auto")
