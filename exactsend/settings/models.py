"""The settings as frozen values: the services, the credential store, monitoring and the divisions.

``domain.policy`` has a division's settings for shipping, and ``load`` reads the file.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from exactsend.domain.ids import Division
from exactsend.domain.policy import MethodTable, Policy, contradiction
from exactsend.errors import ConfigError

Site = Literal["nl", "be", "fr", "de", "es", "uk", "com"]
StoreChoice = Literal["auto", "keyring", "file"]

EXACT_HOSTS: Mapping[Site, str] = {
    "nl": "start.exactonline.nl",
    "be": "start.exactonline.be",
    "fr": "start.exactonline.fr",
    "de": "start.exactonline.de",
    "es": "start.exactonline.es",
    "uk": "start.exactonline.co.uk",
    "com": "start.exactonline.com",
}


def _split(url: str) -> SplitResult:
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise ValueError("must be an address without spaces and backslashes")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as cause:
        raise ValueError(f"is not an address: {cause}") from cause
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("must be an address such as https://example.com/path, without user and fragment")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _base_url(url: str) -> str:
    parts = _split(url)
    if parts.query:
        raise ValueError("must be an address without a query")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("must begin with https:// (http:// is for loopback addresses only)")
    return url.rstrip("/")


def _https_url(url: str) -> str:
    if _split(url).scheme != "https":
        raise ValueError("must begin with https://, exactly as it is registered at Exact")
    return url


def _web_url(url: str) -> str:
    if _split(url).scheme not in {"http", "https"}:
        raise ValueError("must begin with https:// or http://")
    return url.rstrip("/")


def _client_id(client_id: str) -> str:
    # It becomes part of a file name and of a header.
    if not re.fullmatch(r"[A-Za-z0-9{}._-]{1,100}", client_id):
        raise ValueError("must be the client id as Exact's app centre shows it: letters, digits and dashes")
    return client_id


def _absolute_path(value: object) -> Path:
    if not isinstance(value, str):
        raise ValueError("must be the path of a file, in quotes")  # noqa: TRY004 - pydantic collects ValueErrors
    if not Path(value).is_absolute():
        raise ValueError("must be an absolute path: cron's working directory is not yours")
    return Path(value)


def _as_tuple(value: object) -> object:
    """A list from the file as a tuple."""
    return tuple(value) if isinstance(value, list) else value


BaseUrl = Annotated[str, AfterValidator(_base_url)]
DivisionCode = Annotated[Division, Field(ge=1)]


class ExactSettings(MethodTable):
    """One sign-in to Exact: the site, the app registered there, and its daily limit of calls."""

    site: Site | None = None
    base_url: BaseUrl | None = None
    client_id: Annotated[str, AfterValidator(_client_id)]
    redirect_uri: Annotated[str, AfterValidator(_https_url)]
    max_calls_per_day: int = Field(default=15_000, ge=1)

    @field_validator("base_url")
    @classmethod
    def _a_host_is_known(cls, base_url: str | None, others: ValidationInfo) -> str | None:
        if base_url is None and others.data.get("site", "wrong, and reported already") is None:
            raise contradiction("site", f"is required: one of {', '.join(EXACT_HOSTS)}")
        return base_url

    @property
    def host_url(self) -> str:
        """Scheme and host of the sign-in and the API, without a trailing slash. ``base_url`` overrides ``site``."""
        if self.base_url is not None:
            return self.base_url
        assert self.site is not None  # the validator requires one of the two
        return f"https://{EXACT_HOSTS[self.site]}"

    @property
    def host(self) -> str:
        """The host, with the port if the address has one."""
        return urlsplit(self.host_url).netloc.lower()

    @property
    def sign_in(self) -> str:
        """The name under which the tokens and the client secret of this sign-in are stored."""
        host = re.sub("[^a-z0-9.-]+", "_", self.host).strip("_")
        return f"{host}-{self.client_id}"


class SendcloudSettings(MethodTable):
    """The address of Sendcloud."""

    base_url: BaseUrl = "https://panel.sendcloud.sc/api/v3"


class CredentialsSettings(MethodTable):
    """Where tokens and keys are stored; "auto" means the store that ``connect`` recorded."""

    store: StoreChoice = "auto"


class MonitoringSettings(MethodTable):
    """Where a run reports its result."""

    ping_url: Annotated[str, AfterValidator(_web_url)] | None = None
    ping_fail_on_errors: bool = False
    metrics_file: Annotated[Path, BeforeValidator(_absolute_path)] | None = None
    report_file: Annotated[Path, BeforeValidator(_absolute_path)] | None = None


Topic = Literal["errors", "cures", "labels", "stops", "sign_in", "status"]
"""The topics of notifications."""


class NotifySettings(MethodTable):
    """The topics of notifications, and their minimum interval. The addresses are secrets: ``EXACTSEND_NOTIFY_URL``."""

    on: Annotated[tuple[Topic, ...], BeforeValidator(_as_tuple)] = ()
    every_minutes: int = Field(default=60, ge=0)


@dataclass(frozen=True)
class DivisionSettings:
    """A configured division without errors."""

    name: str
    """Its name on the command line."""
    code: Division
    exact: ExactSettings
    """The division's own keys merged over the shared ones."""
    policy: Policy


@dataclass(frozen=True)
class BrokenDivision:
    """A configured division with errors in its tables: it can't run, but does not stop the others."""

    name: str
    code: Division | None
    problems: tuple[str, ...]

    def error(self) -> ConfigError:
        """The error to raise if this division is used."""
        return ConfigError(
            f"the configuration of division {self.name} has errors",
            problems=self.problems,
            hint="Correct the configuration. To check it, run: exactsend doctor",
        )


@dataclass(frozen=True)
class Settings:
    """The whole configuration."""

    path: Path
    exact: ExactSettings | None
    """The shared ``[exact]`` table; None if it is incomplete because every division completes it."""
    sendcloud: SendcloudSettings
    credentials: CredentialsSettings
    monitoring: MonitoringSettings
    notify: NotifySettings
    divisions: Mapping[str, DivisionSettings | BrokenDivision]
    """By name, in the order of the file. Read-only."""

    @property
    def reports_runs(self) -> bool:
        """Whether runs report their result to anybody."""
        return self.monitoring != MonitoringSettings() or bool(self.notify.on)
