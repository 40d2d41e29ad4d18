"""Chooses the credential store: ``connect`` chooses and records it, and all other commands follow the record (S8).

There is no silent fallback: two stores with the same sign-in would spend each other's tokens.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from exactsend.credentials.file_store import FileStore
from exactsend.credentials.keyring_store import KeyringStore
from exactsend.credentials.secrets import client_secret_entry, sendcloud_keys_entry
from exactsend.credentials.sign_in import received_entry, sign_in_folder, tokens_entry
from exactsend.credentials.store import CredentialStore, StoreKind
from exactsend.domain.ids import Division
from exactsend.errors import LoginNeeded, StateDamaged, UsageError
from exactsend.settings.models import StoreChoice

PROOF_CHARACTERS = 4096
"""Longer than the two tokens of a sign-in."""
_RECORD = "store.json"


@dataclass(frozen=True)
class ChosenStore:
    """The store that ``connect`` uses, and the entries moved from the previous store."""

    store: CredentialStore
    moved: tuple[str, ...] = ()
    left_behind: str = ""
    """Why the previous store could not be emptied; empty if it was, or if there was none."""


def open_store(state: Path, configured: StoreChoice) -> CredentialStore:
    """The store that ``connect`` recorded.

    Raises:
        LoginNeeded: the configuration names another store.
    """
    recorded = recorded_kind(state)
    if configured == "auto":
        return store_of(recorded or "file", state)
    if recorded not in (None, configured):
        raise LoginNeeded(
            f'the credentials are in the {recorded} store, but the configuration has credentials.store = "{configured}"',
            hint="To move them, run: exactsend connect",
        )
    return store_of(configured, state)


def choose_store(
    state: Path,
    *,
    configured: StoreChoice,
    asked: StoreKind | None,
    entries: Sequence[str],
    locks: Iterable[AbstractContextManager[object]] = (),
) -> ChosenStore:
    """Choose a store, prove that it works, move the entries there and record it. For ``connect``.

    Args:
        state: the state folder.
        configured: the choice in the configuration.
        asked: the choice on the command line. It overrides the record, and must not contradict the configuration.
        entries: all names that may be stored, for all divisions: see ``entries_of``.
        locks: the locks of all sign-ins, held during the move so that no run refreshes tokens in the previous store.

    Raises:
        LoginNeeded: the keyring was chosen and can't be used.
        LedgerError: files were chosen and can't be written.
    """
    recorded = recorded_kind(state) or "file"
    kind = _kind_to_use(configured, asked, recorded)
    store = store_of(kind, state)
    store.prove(PROOF_CHARACTERS)
    if kind == recorded:
        _record(state, kind)
        return ChosenStore(store)
    with ExitStack() as held_locks:
        for lock in locks:
            held_locks.enter_context(lock)
        return _move_entries(state, store_of(recorded, state), store, entries)


def entries_of(sign_ins: Iterable[str], divisions: Iterable[Division]) -> tuple[str, ...]:
    """The names of all entries that may be stored for these sign-ins and divisions."""
    of_sign_ins = [
        name(sign_in)
        for sign_in in dict.fromkeys(sign_ins)
        for name in (tokens_entry, received_entry, client_secret_entry)
    ]
    return (*of_sign_ins, *(sendcloud_keys_entry(division) for division in dict.fromkeys(divisions)))


def store_of(kind: StoreKind, state: Path) -> CredentialStore:
    """The store of this kind for a state folder.

    The desktop has one keyring, so the service name has the folder in it: a second installation has its own tokens and locks.
    """
    if kind == "file":
        return FileStore(sign_in_folder(state))
    return KeyringStore(f"exactsend {state.absolute()}")


def recorded_kind(state: Path) -> StoreKind | None:
    """The kind that ``connect`` recorded; None if it has not run yet."""
    record = FileStore(sign_in_folder(state)).get(_RECORD)
    if record is None:
        return None
    try:
        recorded = json.loads(record)
    except ValueError:
        recorded = None
    match recorded:
        case {"store": "file" | "keyring" as kind}:
            known: StoreKind = kind
            return known
    raise StateDamaged(
        f"{sign_in_folder(state) / _RECORD} is damaged, or newer than this program",
        hint="Delete it, then run: exactsend connect",
    )


def _kind_to_use(configured: StoreChoice, asked: StoreKind | None, recorded: StoreKind) -> StoreKind:
    if configured == "auto":
        return asked or recorded
    if asked not in (None, configured):
        raise UsageError(
            f'--store {asked} contradicts credentials.store = "{configured}" in the configuration',
            hint="Change one of the two.",
        )
    return configured


def _move_entries(
    state: Path, previous: CredentialStore, store: CredentialStore, entries: Sequence[str]
) -> ChosenStore:
    """Copy the entries, record the new store, then delete the old entries: a crash leaves all entries in the recorded store."""
    moved: list[str] = []
    left_behind = ""
    try:
        moved.extend(name for name in entries if _copy(name, previous, store))
        _record(state, store.kind)
        for name in moved:
            previous.delete(name)
    except LoginNeeded as unreachable:
        if previous.kind != "keyring":
            raise
        # People move away from a keyring because it can't be used; connect then asks for what is missing.
        _record(state, store.kind)
        left_behind = unreachable.message
    return ChosenStore(store, tuple(moved), left_behind)


def _copy(name: str, previous: CredentialStore, store: CredentialStore) -> bool:
    value = previous.get(name)
    if value is None:
        return False
    store.put(name, value)
    if store.get(name) != value:
        raise LoginNeeded(f"the {store.kind} store does not store values")
    return True


def _record(state: Path, kind: StoreKind) -> None:
    FileStore(sign_in_folder(state)).put(_RECORD, json.dumps({"store": kind}) + "\n")
