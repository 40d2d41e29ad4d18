"""Finds and stores the static secrets: the client secret of an Exact app, and a division's two Sendcloud keys.

They are looked up in environment variables, in files that variables name, in systemd's credentials, then in the credential
store; never in the configuration. If one of these is set but can't be read, that is an error.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from exactsend.credentials.store import CredentialStore
from exactsend.domain.ids import Division
from exactsend.errors import ConfigError, LoginNeeded, StateDamaged, WrongAccount
from exactsend.settings.models import DivisionSettings, ExactSettings
from exactsend.settings.trusted_files import read_trusted

SendcloudKey = Literal["public_key", "secret_key"]


class SendcloudKeys(BaseModel):
    """The two keys of one Sendcloud integration."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", hide_input_in_errors=True)

    public_key: SecretStr
    secret_key: SecretStr


def client_secret_entry(sign_in: str) -> str:
    """The name of a sign-in's client secret in the store."""
    return f"{sign_in}.client-secret"


def sendcloud_keys_entry(division: Division) -> str:
    """The name of a division's keys in the store. Both are one entry, so that they are always replaced together."""
    return f"{division}.sendcloud"


class _StoredKeys(SendcloudKeys):
    """The keys in the store, with the host that they may be sent to. Keys stored by earlier versions have no host."""

    host: str | None = None


class Secrets:
    """Finds the secrets for this configuration, and stores those that ``connect`` asks for."""

    def __init__(
        self, environ: Mapping[str, str], store: CredentialStore, *, division_count: int, sendcloud_host: str
    ) -> None:
        """Use this environment and this store.

        Args:
            environ: the environment variables.
            store: the store that ``connect`` fills.
            division_count: the number of configured divisions; variables without a division name count only if there is one.
            sendcloud_host: the host that the keys would be sent to; keys stored for another host are not returned.
        """
        self._environ = environ
        self._store = store
        self._single = division_count == 1
        self._sendcloud_host = sendcloud_host

    def exact_client_secret(self, division: DivisionSettings) -> SecretStr:
        """The client secret of the app that a division uses to sign in.

        Raises:
            LoginNeeded: there is none.
        """
        found = self.find_exact_client_secret(division.exact, division.name)
        if found is None:
            variable = _variable("", "exact_client_secret")
            raise _missing("Exact client secret", division, [variable], "")
        return found

    def find_exact_client_secret(self, exact: ExactSettings, division: str = "") -> SecretStr | None:
        """The client secret of a sign-in, used by a division or by none; None if ``connect`` must ask for it."""
        names = [_variable(name, "exact_client_secret") for name in dict.fromkeys([division, ""])]
        if secret := self._external(names):
            return secret
        stored = self._store.get(client_secret_entry(exact.sign_in))
        return None if stored is None else SecretStr(stored)

    def sendcloud_keys(self, division: DivisionSettings, *, pinned: bool) -> SendcloudKeys:
        """The Sendcloud keys of a division.

        Args:
            division: the division.
            pinned: whether its ledger has the host, and it is the configured one. Then stored keys without a host are for it.

        Raises:
            WrongAccount: the keys are stored for another host.
            LoginNeeded: a key is missing, or stored without a host.
        """
        public = self.find_sendcloud_key(division, "public_key", pinned=pinned)
        secret = self.find_sendcloud_key(division, "secret_key", pinned=pinned)
        if public is None or secret is None:
            raise self._keys_missing(division, public, secret)
        return SendcloudKeys(public_key=public, secret_key=secret)

    def find_sendcloud_key(
        self, division: DivisionSettings, which: SendcloudKey, *, pinned: bool
    ) -> SecretStr | None:
        """One of the two keys; None if ``connect`` must ask for it. Arguments and errors: see ``sendcloud_keys``."""
        if key := self.external_sendcloud_key(division, which):
            return key
        stored = self._stored_keys(division.code)
        if stored is None:
            return None
        self._require_same_host(division, stored.host, pinned=pinned)
        return stored.public_key if which == "public_key" else stored.secret_key

    def external_sendcloud_key(self, division: DivisionSettings, which: SendcloudKey) -> SecretStr | None:
        """One of the two keys, if it comes from outside the store, where ``connect`` can't replace it."""
        return self._external([_variable(name, f"sendcloud_{which}") for name in self._names_of(division)])

    def find_notify_url(self) -> SecretStr | None:
        """The addresses for notifications, separated by spaces. They may have passwords. ``connect`` does not store them."""
        return self._external(["EXACTSEND_NOTIFY_URL"])

    def keep_exact_client_secret(self, exact: ExactSettings, secret: SecretStr) -> None:
        """Store a client secret."""
        self._store.put(client_secret_entry(exact.sign_in), secret.get_secret_value())

    def keep_sendcloud_keys(self, division: DivisionSettings, keys: SendcloudKeys) -> None:
        """Store a division's keys, with the host that they are for."""
        stored = {
            "public_key": keys.public_key.get_secret_value(),
            "secret_key": keys.secret_key.get_secret_value(),
            "host": self._sendcloud_host,
        }
        self._store.put(sendcloud_keys_entry(division.code), json.dumps(stored))

    def _names_of(self, division: DivisionSettings) -> tuple[str, ...]:
        return (division.name, "") if self._single else (division.name,)

    def _external(self, variables: Sequence[str]) -> SecretStr | None:
        """The first secret outside the store: in variables, in the files they name, or in systemd's credentials."""
        return next(self._external_secrets(variables), None)

    def _external_secrets(self, variables: Sequence[str]) -> Iterator[SecretStr]:
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
                f"the Sendcloud keys of division {division.name} are stored without their host",
                hint=f"Enter them again: exactsend connect --division {division.name}",
            )
        if host not in {None, self._sendcloud_host}:
            raise WrongAccount(
                f"the Sendcloud keys of division {division.name} are stored for {host}, but sendcloud.base_url has "
                f"{self._sendcloud_host}; nothing was sent there",
                hint="Restore the previous address, or enter the keys for the new one: "
                f"exactsend connect --division {division.name} --move",
            )

    def _stored_keys(self, division: Division) -> _StoredKeys | None:
        stored = self._store.get(sendcloud_keys_entry(division))
        if stored is None:
            return None
        try:
            return _StoredKeys.model_validate_json(stored)
        except ValidationError as cause:
            raise StateDamaged(
                f"the Sendcloud keys of division {division} in the {self._store.kind} store are damaged",
                hint="To store them again, run: exactsend connect",
            ) from cause

    def _keys_missing(
        self, division: DivisionSettings, public: SecretStr | None, secret: SecretStr | None
    ) -> LoginNeeded:
        found: dict[SendcloudKey, SecretStr | None] = {"public_key": public, "secret_key": secret}
        missing = [key for key, value in found.items() if value is None]
        names = " and ".join(f"Sendcloud {key.replace('_', ' ')}" for key in missing)
        wanted = [_variable(division.name, f"sendcloud_{key}") for key in missing]
        shared = [_variable("", f"sendcloud_{key}") for key in missing]
        ignored = [name for name in shared if not self._single and self._environ.get(name)]
        remark = f" With several divisions, {' and '.join(ignored)} can't be used." if ignored else ""
        return _missing(names, division, wanted, remark)


def _missing(names: str, division: DivisionSettings, variables: Sequence[str], remark: str) -> LoginNeeded:
    return LoginNeeded(
        f"no {names} for division {division.name}",
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
    """The secret in a file; None if there is no such file."""
    try:
        content = read_trusted(path, f"the secret file of {variable},").decode().strip()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise ConfigError(f"{path} ({variable}) can't be read: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise ConfigError(f"{path} ({variable}) is not text") from cause
    if not content:
        raise ConfigError(f"{path} ({variable}) is empty")
    return _secret(content, f"{path} ({variable})")


def _secret(value: str, where: str) -> SecretStr:
    if not value.isprintable():
        raise ConfigError(f"the secret in {where} contains a line break or another control character")
    return SecretStr(value)
