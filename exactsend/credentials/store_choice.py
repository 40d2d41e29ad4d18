"""Which store keeps the credentials: chosen and recorded by ``connect``, followed by everything else (S8).

Never a silent fallback: two stores with one sign-in would use up each other's tokens.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from exactsend.credentials.file_store import CredentialStore, FileStore, Kind
from exactsend.credentials.keyring_store import KeyringStore
from exactsend.credentials.secrets import client_secret_entry, sendcloud_keys_entry
from exactsend.credentials.sign_in import answer_entry, sign_in_folder, tokens_entry
from exactsend.domain.ids import Division
from exactsend.errors import LoginNeeded, StateDamaged, UsageError
from exactsend.settings.models import StoreChoice

PROOF_CHARACTERS = 4096
"""More than the two tokens of a sign-in take."""
_RECORD = "store.json"


@dataclass(frozen=True)
class Chosen:
    """The store that ``connect`` goes on with, and what came along from the former one."""

    store: CredentialStore
    moved: tuple[str, ...] = ()
    left_behind: str = ""
    """Why the former store could not be emptied; empty when it was, or when there was none."""


def open_store(state: Path, configured: StoreChoice) -> CredentialStore:
    """The store that ``connect`` recorded.

    Raises:
        LoginNeeded: the configuration names another one.
    """
    recorded = recorded_kind(state)
    if configured == "auto":
        return store_of(recorded or "file", state)
    if recorded not in (None, configured):
        raise LoginNeeded(
            f"the credentials are kept in the {recorded} store, and the configuration says credentials.store = "
            f'"{configured}"',
            hint="`exactsend connect` moves them.",
        )
    return store_of(configured, state)


def choose_store(
    state: Path,
    *,
    configured: StoreChoice,
    asked: Kind | None,
    entries: Sequence[str],
    locks: Iterable[AbstractContextManager[object]] = (),
) -> Chosen:
    """Decide for a store, prove that it works, bring the entries there, record it. For ``connect``.

    Args:
        state: the state folder.
        configured: what the configuration says.
        asked: what the command line says; wins over what was recorded, and may not contradict the configuration.
        entries: every name that may be kept, of all divisions: see ``entries_of``.
        locks: those of all sign-ins; held while entries move, so that no run renews tokens in the former store.

    Raises:
        LoginNeeded: the keyring was chosen and can't be used.
        LedgerError: files were chosen and can't be written.
    """
    recorded = recorded_kind(state) or "file"
    kind = _decided(configured, asked, recorded)
    store = store_of(kind, state)
    store.prove(PROOF_CHARACTERS)
    if kind == recorded:
        _record(state, kind)
        return Chosen(store)
    with ExitStack() as held:
        for lock in locks:
            held.enter_context(lock)
        return _moved(state, store_of(recorded, state), store, entries)


def entries_of(sign_ins: Iterable[str], divisions: Iterable[Division]) -> tuple[str, ...]:
    """The names of all that may be kept for these sign-ins and divisions."""
    of_sign_ins = [
        name(sign_in)
        for sign_in in dict.fromkeys(sign_ins)
        for name in (tokens_entry, answer_entry, client_secret_entry)
    ]
    return (*of_sign_ins, *(sendcloud_keys_entry(division) for division in dict.fromkeys(divisions)))


def store_of(kind: Kind, state: Path) -> CredentialStore:
    """The store of that kind that belongs to a state folder.

    The keyring is one for the whole desktop, so the folder is in the name: a second installation has its own tokens,
    as it has its own locks.
    """
    if kind == "file":
        return FileStore(sign_in_folder(state))
    return KeyringStore(f"exactsend {state.absolute()}")


def recorded_kind(state: Path) -> Kind | None:
    """The kind that ``connect`` recorded; None before the first time."""
    record = FileStore(sign_in_folder(state)).get(_RECORD)
    if record is None:
        return None
    try:
        recorded = json.loads(record)
    except ValueError:
        recorded = None
    match recorded:
        case {"store": "file" | "keyring" as kind}:
            known: Kind = kind
            return known
    raise StateDamaged(
        f"{sign_in_folder(state) / _RECORD} is damaged, or newer than this program",
        hint="Delete it and run `exactsend connect` again.",
    )


def _decided(configured: StoreChoice, asked: Kind | None, recorded: Kind) -> Kind:
    if configured == "auto":
        return asked or recorded
    if asked not in (None, configured):
        raise UsageError(
            f'--store {asked} contradicts credentials.store = "{configured}" in the configuration',
            hint="Change one of the two.",
        )
    return configured


def _moved(state: Path, former: CredentialStore, store: CredentialStore, entries: Sequence[str]) -> Chosen:
    """Copy, record, then forget: dying in between leaves everything where the record says."""
    moved: list[str] = []
    left_behind = ""
    try:
        moved.extend(name for name in entries if _copied(name, former, store))
        _record(state, store.kind)
        for name in moved:
            former.delete(name)
    except LoginNeeded as unreachable:
        if former.kind != "keyring":
            raise
        # A keyring that can't be used is what people move away from; connect asks for what is missing then.
        _record(state, store.kind)
        left_behind = unreachable.message
    return Chosen(store, tuple(moved), left_behind)


def _copied(name: str, former: CredentialStore, store: CredentialStore) -> bool:
    value = former.get(name)
    if value is None:
        return False
    store.put(name, value)
    if store.get(name) != value:
        raise LoginNeeded(f"the {store.kind} store does not keep what it is given")
    return True


def _record(state: Path, kind: Kind) -> None:
    FileStore(sign_in_folder(state)).put(_RECORD, json.dumps({"store": kind}) + "\n")
