"""The static secrets: the client secret of an app at Exact, and a division's pair of Sendcloud keys.

Looked up in the environment, in files it names, in systemd's credentials, then in the credential store; never in the
configuration. A place that is named and can't be read is an error, not a reason to look further.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from exactsend.credentials.file_store import CredentialStore
from exactsend.domain.ids import Division
from exactsend.errors import ConfigError, LoginNeeded, StateDamaged, WrongAccount
from exactsend.settings.models import DivisionSettings, ExactSettings
from exactsend.settings.trusted_files import read_trusted

SendcloudKey = Literal["public_key", "secret_key"]


class SendcloudKeys(BaseModel):
    """The pair of keys of one Sendcloud integration."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", hide_input_in_errors=True)

    public_key: SecretStr
    secret_key: SecretStr


def client_secret_entry(sign_in: str) -> str:
    """The name that the store has the client secret of a sign-in under."""
    return f"{sign_in}.client-secret"


def sendcloud_keys_entry(division: Division) -> str:
    """The name that the store has a division's pair under: one entry, so that no half of it is ever new."""
    return f"{division}.sendcloud"


class _KeptKeys(SendcloudKeys):
    """The pair as the store has it: with the host that it may be sent to. Pairs that an earlier version kept have none."""

    host: str | None = None


class Secrets:
    """Finds the secrets of this configuration, and keeps those that ``connect`` was told."""

    def __init__(
        self, environ: Mapping[str, str], store: CredentialStore, *, division_count: int, sendcloud_host: str
    ) -> None:
        """Look in this environment and this store.

        Args:
            environ: the variables.
            store: what ``connect`` fills.
            division_count: how many are configured; only a single one is served by variables without its name.
            sendcloud_host: where the keys would be sent; those that are kept for another host are not given away.
        """
        self._environ = environ
        self._store = store
        self._single = division_count == 1
        self._sendcloud_host = sendcloud_host

    def exact_client_secret(self, division: DivisionSettings) -> SecretStr:
        """The client secret of the app that a division signs in with.

        Raises:
            LoginNeeded: there is none.
        """
        found = self.find_exact_client_secret(division.exact, division.name)
        if found is None:
            variable = _variable("", "exact_client_secret")
            raise _missing("Exact client secret", division, [variable], "")
        return found

    def find_exact_client_secret(self, exact: ExactSettings, division: str = "") -> SecretStr | None:
        """The same by sign-in, for a division or for none; None where ``connect`` has to ask."""
        names = [_variable(name, "exact_client_secret") for name in dict.fromkeys([division, ""])]
        if outside := self._outside(names):
            return outside
        kept = self._store.get(client_secret_entry(exact.sign_in))
        return None if kept is None else SecretStr(kept)

    def sendcloud_keys(self, division: DivisionSettings, *, pinned: bool) -> SendcloudKeys:
        """The Sendcloud keys of a division.

        Args:
            division: whose.
            pinned: its ledger names the host, and it was compared: then keys that are kept without one are for that host.

        Raises:
            WrongAccount: the store has them for another host.
            LoginNeeded: one is missing, or both.
        """
        public = self.find_sendcloud_key(division, "public_key", pinned=pinned)
        secret = self.find_sendcloud_key(division, "secret_key", pinned=pinned)
        if public is None or secret is None:
            raise self._keys_missing(division, public, secret)
        return SendcloudKeys(public_key=public, secret_key=secret)

    def find_sendcloud_key(
        self, division: DivisionSettings, which: SendcloudKey, *, pinned: bool
    ) -> SecretStr | None:
        """One of the two; None where ``connect`` has to ask. Raises and asks as ``sendcloud_keys``."""
        if outside := self.sendcloud_key_outside(division, which):
            return outside
        kept = self._kept_keys(division.code)
        if kept is None:
            return None
        self._require_same_host(division, kept.host, pinned=pinned)
        return kept.public_key if which == "public_key" else kept.secret_key

    def sendcloud_key_outside(self, division: DivisionSettings, which: SendcloudKey) -> SecretStr | None:
        """The same where it does not stand in the store: there ``connect`` can't replace it."""
        return self._outside([_variable(name, f"sendcloud_{which}") for name in self._names_of(division)])

    def find_notify_url(self) -> SecretStr | None:
        """Where messages to people go, which may hold a password; several are parted by blanks. ``connect`` does not keep it."""
        return self._outside(["EXACTSEND_NOTIFY_URL"])

    def keep_exact_client_secret(self, exact: ExactSettings, secret: SecretStr) -> None:
        """Put a client secret into the store."""
        self._store.put(client_secret_entry(exact.sign_in), secret.get_secret_value())

    def keep_sendcloud_keys(self, division: DivisionSettings, keys: SendcloudKeys) -> None:
        """Put a division's pair into the store, with the host that it is for."""
        pair = {"public_key": keys.public_key, "secret_key": keys.secret_key}
        kept = {name: key.get_secret_value() for name, key in pair.items()}
        text = json.dumps({**kept, "host": self._sendcloud_host})
        self._store.put(sendcloud_keys_entry(division.code), text)

    def _names_of(self, division: DivisionSettings) -> tuple[str, ...]:
        return (division.name, "") if self._single else (division.name,)

    def _outside(self, variables: Sequence[str]) -> SecretStr | None:
        """What does not stand in the store: variables, the files they name, then systemd's credentials."""
        return next(self._found_outside(variables), None)

    def _found_outside(self, variables: Sequence[str]) -> Iterator[SecretStr]:
        for variable in variables:
            if value := self._environ.get(variable, "").strip():
                yield _secret(value, variable)
            if file := self._environ.get(f"{variable}_FILE"):
                yield _required_secret_in(Path(file), f"{variable}_FILE")
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        for variable in variables if folder else ():
            if found := _secret_in(Path(folder or "", variable.lower()), "CREDENTIALS_DIRECTORY"):
                yield found

    def _require_same_host(self, division: DivisionSettings, host: str | None, *, pinned: bool) -> None:
        if host is None and not pinned:
            raise LoginNeeded(
                f"the Sendcloud keys of division {division.name} are kept without the host that they are for",
                hint=f"Give them once more: exactsend connect --division {division.name}",
            )
        if host not in {None, self._sendcloud_host}:
            raise WrongAccount(
                f"the Sendcloud keys of division {division.name} are kept for {host}, and sendcloud.base_url names "
                f"{self._sendcloud_host}; nothing was sent there",
                hint="Put the former address back, or give the keys of the new one: "
                f"exactsend connect --division {division.name} --move",
            )

    def _kept_keys(self, division: Division) -> _KeptKeys | None:
        kept = self._store.get(sendcloud_keys_entry(division))
        if kept is None:
            return None
        try:
            return _KeptKeys.model_validate_json(kept)
        except ValidationError as cause:
            raise StateDamaged(
                f"the Sendcloud keys of division {division} in the {self._store.kind} store are damaged",
                hint="Run `exactsend connect` to store them again.",
            ) from cause

    def _keys_missing(
        self, division: DivisionSettings, public: SecretStr | None, secret: SecretStr | None
    ) -> LoginNeeded:
        found: dict[SendcloudKey, SecretStr | None] = {"public_key": public, "secret_key": secret}
        lacking = [key for key, value in found.items() if value is None]
        what = " and ".join(f"Sendcloud {key.replace('_', ' ')}" for key in lacking)
        wanted = [_variable(division.name, f"sendcloud_{key}") for key in lacking]
        unused = [_variable("", f"sendcloud_{key}") for key in lacking]
        set_in_vain = [name for name in unused if not self._single and self._environ.get(name)]
        remark = f" {' and '.join(set_in_vain)} can't serve several divisions." if set_in_vain else ""
        return _missing(what, division, wanted, remark)


def _missing(what: str, division: DivisionSettings, variables: Sequence[str], remark: str) -> LoginNeeded:
    return LoginNeeded(
        f"no {what} for division {division.name}",
        hint=f"Run `exactsend connect --division {division.name}`, or set {' and '.join(variables)}.{remark}",
    )


def _variable(division: str, secret: str) -> str:
    return "_".join(part for part in ("exactsend", division, secret) if part).upper()


def _required_secret_in(path: Path, variable: str) -> SecretStr:
    found = _secret_in(path, variable)
    if found is None:
        raise ConfigError(f"{variable} names {path}, which does not exist")
    return found


def _secret_in(path: Path, variable: str) -> SecretStr | None:
    """The secret that a file holds; None where there is no such file."""
    try:
        content = read_trusted(path, f"the secret that {variable} leads to,").decode().strip()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise ConfigError(f"{variable} leads to {path}, which can't be read: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise ConfigError(f"{variable} leads to {path}, which is not text") from cause
    if not content:
        raise ConfigError(f"{variable} leads to {path}, which is empty")
    return _secret(content, f"{path} ({variable})")


def _secret(value: str, where: str) -> SecretStr:
    if not value.isprintable():
        raise ConfigError(f"the secret in {where} has a line break or another control character in it")
    return SecretStr(value)
