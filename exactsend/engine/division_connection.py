"""Connects a division: proves its Sendcloud keys and its Exact division, stores the keys, and pins the accounts in the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydantic import SecretStr

from exactsend.credentials.secrets import SendcloudKey, SendcloudKeys
from exactsend.domain.division_records import Pins
from exactsend.domain.record_store import RecordStore
from exactsend.engine.division_run import locked_ledger, require_own_integration
from exactsend.engine.gather.account_identity import require_same, require_same_hosts
from exactsend.engine.plan.account_move import (
    records_after_move,
    require_movable,
    require_same_exact,
    todo_after_move,
)
from exactsend.engine.wiring import Wiring
from exactsend.errors import ApiError, Forbidden, LoginNeeded, StateDamaged, WrongAccount
from exactsend.exact.client import ExactClient
from exactsend.exact.models import ReachableDivision
from exactsend.sendcloud.client import SendcloudClient
from exactsend.sendcloud.models import AuthMetadata
from exactsend.settings.models import DivisionSettings

KEY_NAMES: tuple[SendcloudKey, SendcloudKey] = ("public_key", "secret_key")


def require_right_hosts(wiring: Wiring, division: DivisionSettings, *, move: bool) -> None:
    """Require that the configuration names the hosts that the division's ledger and keys belong to. Checked before anything is sent (S8).

    Raises:
        WrongAccount: it names others, and the division does not move.
    """
    pinned, hosts = wiring.pins(division), wiring.hosts(division)
    if move:
        require_same_exact(pinned, host=hosts.exact, division=division.code)
        return
    require_same_hosts(pinned, hosts, division.code)
    with suppress(StateDamaged, LoginNeeded):  # keys that are unreadable or missing are asked for
        wiring.secrets().sendcloud_keys(division, pinned=pinned is not None)


@dataclass(frozen=True)
class ProvedKeys:
    """Keys that Sendcloud accepts, and the account they belong to."""

    keys: SendcloudKeys
    account: AuthMetadata
    are_new: bool
    """They are not in the store yet."""


@dataclass(frozen=True)
class DivisionConnection:
    """A division that is being connected, under its lock."""

    wiring: Wiring
    division: DivisionSettings
    records: RecordStore
    move: bool
    """Another Sendcloud account is accepted."""

    def known_key(self, name: SendcloudKey) -> SecretStr | None:
        """The key in the environment or the store; None where it must be asked for."""
        is_pinned = self.wiring.pins(self.division) is not None
        try:
            return self.wiring.secrets().find_sendcloud_key(self.division, name, pinned=is_pinned)
        except (StateDamaged, LoginNeeded):
            return None
        except WrongAccount:
            if not self.move:
                raise
            return None  # the keys of the previous host stay there

    @property
    def has_replaceable_keys(self) -> bool:
        """Whether the keys come from the store. Those of the environment can be changed there alone."""
        secrets = self.wiring.secrets()
        return all(secrets.external_sendcloud_key(self.division, name) is None for name in KEY_NAMES)

    def prove_keys(self, keys: SendcloudKeys, *, are_new: bool) -> ProvedKeys:
        """Ask Sendcloud whose the keys are.

        Raises:
            LoginNeeded: it refuses them.
        """
        public, secret = keys.public_key.get_secret_value(), keys.secret_key.get_secret_value()
        for key in (public, secret):
            self.wiring.process.redaction.add(key)
        with self.wiring.sendcloud_transport(public, secret) as transport:
            try:
                return ProvedKeys(keys, SendcloudClient(transport).who_am_i(), are_new)
            except Forbidden as refused:
                raise LoginNeeded(
                    "Sendcloud refuses these keys",
                    hint="Copy both keys of this division's integration from Sendcloud, Settings > Integrations > Sendcloud "
                    "API, then run exactsend connect again.",
                ) from refused

    def complete(self, proved: ProvedKeys) -> ReachableDivision:
        """Store the keys and pin the accounts; return the division as Exact names it.

        Raises:
            LoginNeeded: the sign-in does not reach the division.
            WrongAccount: the ledger belongs to other accounts, and the division does not move.
        """
        reached = self._reached_division()
        hosts = self.wiring.hosts(self.division)
        accounts = Pins(
            exact_host=hosts.exact,
            division=self.division.code,
            sendcloud_host=hosts.sendcloud,
            user=proved.account.user_id,
            integration=proved.account.integration_id,
        )
        self._require_right_accounts(accounts)
        if proved.are_new:
            self.wiring.secrets().keep_sendcloud_keys(self.division, proved.keys)
        self._pin(accounts)
        return reached

    def _reached_division(self) -> ReachableDivision:
        division = self.division
        secret = self.wiring.secrets().exact_client_secret(division)
        with self.wiring.exact_transport(division.exact, secret.get_secret_value()) as transport:
            client = ExactClient(transport, division.code)
            try:
                found = client.division()
                reachable = [] if found else client.divisions()
            finally:
                self.wiring.save_exact_counters(division.exact)
        if found is None:
            raise _out_of_reach(division, reachable)
        if found.blocking_status:
            raise ApiError(
                f"Exact division {division.code} is blocked at the moment (back-up or conversion)",
                api="Exact",
                hint="Run exactsend connect again later.",
            )
        return found

    def _require_right_accounts(self, accounts: Pins) -> None:
        if self.move:
            require_movable(self.records.pins, self.records.open_deliveries(), accounts)
        else:
            require_same(self.records.pins, accounts)
        if self.records.pins != accounts:
            require_own_integration(self.wiring, self.division, accounts.integration)

    def _pin(self, accounts: Pins) -> None:
        records, facts = self.records, {"integration": accounts.integration}
        if records.pins == accounts:
            return
        if records.pins is None:
            records.note("accounts_pinned", accounts, facts=facts)
            return
        # Mark what must be read again first: marking it twice is harmless, forgetting it is not.
        todo = todo_after_move(records.open_orders(), records.open_deliveries())
        records.note_changes(todo, at=self.wiring.process.clock(), cursors={})
        changed = records_after_move(records.schedule, records.open_incoming(), accounts)
        records.note("accounts_moved", *changed, facts=facts)


@contextmanager
def open_connection(
    wiring: Wiring, division: DivisionSettings, *, move: bool
) -> Iterator[DivisionConnection]:
    """Take the division's lock to connect it.

    Raises:
        AlreadyRunning: a run holds the division.
        WrongAccount: as ``require_right_hosts``.
    """
    with locked_ledger(wiring, division) as ledger:
        require_right_hosts(wiring, division, move=move)
        yield DivisionConnection(wiring, division, RecordStore(ledger), move)


def _out_of_reach(division: DivisionSettings, reachable: list[ReachableDivision]) -> LoginNeeded:
    names = ", ".join(f"{found.code} ({found.description})" for found in reachable) or "none"
    return LoginNeeded(
        f"the sign-in does not reach Exact division {division.code}; it reaches: {names}",
        hint=f"Correct divisions.{division.name}.code, or connect again and allow access to that division.",
    )
