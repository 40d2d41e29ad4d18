"""Connects one division: finds or asks for its Sendcloud keys, proves both services, and pins the accounts.

Signing in to Exact has happened before; nothing here syncs.
"""

from contextlib import suppress
from dataclasses import dataclass

from pydantic import SecretStr

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import Prompts
from exactsend.credentials.secrets import SendcloudKey, SendcloudKeys
from exactsend.domain.record_store import Memory
from exactsend.domain.records import Pins
from exactsend.engine.division_run import locked_ledger, require_own_integration
from exactsend.engine.gather.account_identity import require_same, require_same_hosts
from exactsend.engine.plan.account_move import (
    records_after_move,
    require_movable,
    require_same_exact,
    todo_after_move,
)
from exactsend.errors import ApiError, Forbidden, LoginNeeded, StateDamaged, WrongAccount
from exactsend.exact.client import ExactClient
from exactsend.exact.models import ReachableDivision
from exactsend.sendcloud.client import SendcloudClient
from exactsend.sendcloud.models import AuthMetadata
from exactsend.settings.models import DivisionSettings

_WHICH: tuple[SendcloudKey, SendcloudKey] = ("public_key", "secret_key")


@dataclass(frozen=True)
class Found:
    """A division's keys, and which of them have to be kept."""

    keys: SendcloudKeys
    told: bool = False
    """A person just gave one of them."""


def require_right_hosts(place: CommandContext, division: DivisionSettings, *, move: bool) -> None:
    """Let pass the hosts that a division's ledger and keys belong to. Asked before anything is sent there (S8).

    Raises:
        WrongAccount: the configuration names others, and nobody said that the division moves.
    """
    pinned, hosts = place.wiring.pins(division), place.wiring.hosts(division)
    if move:
        require_same_exact(pinned, host=hosts.exact, division=division.code)
        return
    require_same_hosts(pinned, hosts, division.code)
    with suppress(StateDamaged, LoginNeeded):  # what can't be read, or is not there, is asked for
        place.wiring.secrets().sendcloud_keys(division, pinned=pinned is not None)


def connect_division(
    place: CommandContext, questions: Prompts, division: DivisionSettings, *, move: bool
) -> None:
    """Prove a division's accounts and keep its keys; its ledger belongs to these accounts from now on.

    Raises:
        LoginNeeded: a service refuses, or the sign-in does not reach the division.
        WrongAccount: the ledger belongs to other accounts, and nobody said that it moves.
        AlreadyRunning: a run is at work on this division.
    """
    with locked_ledger(place.wiring, division) as ledger:
        memory = Memory(ledger)
        require_right_hosts(place, division, move=move)
        found, who = _proved_keys(place, questions, division, move=move)
        reached = _reached_division(place, division)
        hosts = place.wiring.hosts(division)
        accounts = Pins(
            exact_host=hosts.exact,
            division=division.code,
            sendcloud_host=hosts.sendcloud,
            user=who.user_id,
            integration=who.integration_id,
        )
        _require_right_accounts(place, division, memory, accounts, move=move)
        if found.told:
            place.wiring.secrets().keep_sendcloud_keys(division, found.keys)
        _pin(place, memory, accounts)
    place.terminal.result(
        f"{division.name}: connected to Exact division {division.code} ({reached.description}) and to Sendcloud "
        f"integration {who.integration_id}"
    )


# ── Sendcloud ────────────────────────────────────────────────────────────────────────────────────


def _proved_keys(
    place: CommandContext, questions: Prompts, division: DivisionSettings, *, move: bool
) -> tuple[Found, AuthMetadata]:
    """Keys that Sendcloud knows, and whose they are. Those that it refuses are asked for anew: keys of the store, and typing errors."""
    found = _keys(place, questions, division, move=move)
    try:
        return found, _who(place, found.keys)
    except LoginNeeded as refused:
        if not _may_be_replaced(place, division) or (found.told and not questions.is_a_person):
            raise
        what_now = "Give them once more." if found.told else "If they were renewed, give the new ones."
        place.terminal.say(f"{division.name}: {refused.message}. {what_now}")
        renewed = _asked_again(questions, division, found.keys)
        if renewed is None:
            raise
        return Found(renewed, told=True), _who(place, renewed)


def _keys(place: CommandContext, questions: Prompts, division: DivisionSettings, *, move: bool) -> Found:
    known = {which: _known_key(place, division, which, move=move) for which in _WHICH}
    if move and None not in known.values() and _may_be_replaced(place, division):
        return _keys_after_move(questions, division, known)
    keys = {
        which: key or SecretStr(questions.secret(_question(division, which))) for which, key in known.items()
    }
    return Found(SendcloudKeys(**keys), told=None in known.values())


def _known_key(
    place: CommandContext, division: DivisionSettings, which: SendcloudKey, *, move: bool
) -> SecretStr | None:
    pinned = place.wiring.pins(division)
    try:
        return place.wiring.secrets().find_sendcloud_key(division, which, pinned=pinned is not None)
    except (StateDamaged, LoginNeeded):  # keys that can't be read are asked for
        return None
    except WrongAccount:
        if not move:
            raise
        return None  # those of the former host stay there


def _keys_after_move(
    questions: Prompts, division: DivisionSettings, known: dict[SendcloudKey, SecretStr | None]
) -> Found:
    """The new account's keys; those of the store where nothing is given."""
    kept = SendcloudKeys.model_validate(known)
    renewed = _asked_again(questions, division, kept)
    return Found(renewed, told=True) if renewed else Found(kept)


def _asked_again(questions: Prompts, division: DivisionSettings, kept: SendcloudKeys) -> SendcloudKeys | None:
    public = questions.secret_or_nothing(f"{_question(division, 'public_key')} (empty: as it is)")
    secret = questions.secret_or_nothing(f"{_question(division, 'secret_key')} (empty: as it is)")
    if not public and not secret:
        return None
    return SendcloudKeys(
        public_key=SecretStr(public) if public else kept.public_key,
        secret_key=SecretStr(secret) if secret else kept.secret_key,
    )


def _may_be_replaced(place: CommandContext, division: DivisionSettings) -> bool:
    """Whether the keys stand in the store: what the environment says, only the environment can change."""
    secrets = place.wiring.secrets()
    return all(secrets.external_sendcloud_key(division, which) is None for which in _WHICH)


def _question(division: DivisionSettings, which: SendcloudKey) -> str:
    return f"Sendcloud {which.replace('_', ' ')} of {division.name}"


def _who(place: CommandContext, keys: SendcloudKeys) -> AuthMetadata:
    public, secret = keys.public_key.get_secret_value(), keys.secret_key.get_secret_value()
    for key in (public, secret):
        place.redaction.add(key)
    with place.wiring.sendcloud_transport(public, secret) as transport:
        try:
            return SendcloudClient(transport).who_am_i()
        except Forbidden as refused:
            raise LoginNeeded(
                "Sendcloud refuses these keys",
                hint="Copy both keys of this division's integration from Sendcloud, Settings > Integrations > Sendcloud "
                "API, then run exactsend connect again.",
            ) from refused


# ── Exact ────────────────────────────────────────────────────────────────────────────────────────


def _reached_division(place: CommandContext, division: DivisionSettings) -> ReachableDivision:
    secret = place.wiring.secrets().exact_client_secret(division)
    with place.wiring.exact_transport(division.exact, secret.get_secret_value()) as transport:
        client = ExactClient(transport, division.code)
        try:
            found = client.division()
            reachable = [] if found else client.divisions()
        finally:
            place.wiring.save_exact_counters(division.exact)
    if found is None:
        raise _out_of_reach(division, reachable)
    if found.blocking_status:
        raise ApiError(
            f"Exact division {division.code} is blocked for the moment (back-up or conversion)",
            api="Exact",
            hint="Run exactsend connect again later.",
        )
    return found


def _out_of_reach(division: DivisionSettings, reachable: list[ReachableDivision]) -> LoginNeeded:
    names = ", ".join(f"{candidate.code} ({candidate.description})" for candidate in reachable) or "none"
    return LoginNeeded(
        f"the sign-in does not reach Exact division {division.code}; it reaches: {names}",
        hint=f"Correct divisions.{division.name}.code, or connect again and allow access to that division.",
    )


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────


def _require_right_accounts(
    place: CommandContext, division: DivisionSettings, memory: Memory, accounts: Pins, *, move: bool
) -> None:
    if move:
        require_movable(memory, accounts)
    else:
        require_same(memory.pins, accounts)
    if memory.pins != accounts:
        require_own_integration(place.wiring, division, accounts.integration)


def _pin(place: CommandContext, memory: Memory, accounts: Pins) -> None:
    if memory.pins == accounts:
        return
    facts = {"integration": accounts.integration}
    if memory.pins is None:
        memory.note("accounts_pinned", accounts, facts=facts)
        return
    # What is to be looked at again is noted first: noted twice it does no harm, forgotten it would.
    memory.note_changes(todo_after_move(memory), at=place.surroundings.clock(), cursors={})
    memory.note("accounts_moved", *records_after_move(memory, accounts), facts=facts)
