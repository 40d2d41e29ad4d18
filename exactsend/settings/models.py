"""The settings as frozen values: the services, where secrets are kept, monitoring, and the divisions.

What a division decides about its shipping is ``domain.policy``'s; how the file becomes these values is ``load``'s.
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
        raise ValueError("must be an address without blanks and backslashes")
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
    # It becomes part of a file name, and of a header.
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
    """Configuration files know lists."""
    return tuple(value) if isinstance(value, list) else value


BaseUrl = Annotated[str, AfterValidator(_base_url)]
DivisionCode = Annotated[Division, Field(ge=1)]


class ExactSettings(MethodTable):
    """One sign-in at Exact: the site, the app registered there, and its daily share of calls."""

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
        """Scheme and host that sign-in and API share, without a slash at the end; ``base_url`` wins over ``site``."""
        if self.base_url is not None:
            return self.base_url
        assert self.site is not None  # one of the two is there, or the table would have been refused
        return f"https://{EXACT_HOSTS[self.site]}"

    @property
    def host(self) -> str:
        """The host, with its port where the address names one."""
        return urlsplit(self.host_url).netloc.lower()

    @property
    def sign_in(self) -> str:
        """The name that tokens and client secret of this sign-in are kept under."""
        host = re.sub("[^a-z0-9.-]+", "_", self.host).strip("_")
        return f"{host}-{self.client_id}"


class SendcloudSettings(MethodTable):
    """Where Sendcloud is."""

    base_url: BaseUrl = "https://panel.sendcloud.sc/api/v3"


class CredentialsSettings(MethodTable):
    """Where tokens and keys are kept; "auto" is what ``connect`` chose and recorded."""

    store: StoreChoice = "auto"


class MonitoringSettings(MethodTable):
    """Whom a run tells how it went."""

    ping_url: Annotated[str, AfterValidator(_web_url)] | None = None
    ping_fail_on_errors: bool = False
    metrics_file: Annotated[Path, BeforeValidator(_absolute_path)] | None = None
    report_file: Annotated[Path, BeforeValidator(_absolute_path)] | None = None


Topic = Literal["errors", "cures", "labels", "stops", "sign_in", "status"]
"""What can be told of."""


class NotifySettings(MethodTable):
    """What people are told of, and how often at most. To whom is a secret: ``EXACTSEND_NOTIFY_URL``."""

    on: Annotated[tuple[Topic, ...], BeforeValidator(_as_tuple)] = ()
    every_minutes: int = Field(default=60, ge=0)


@dataclass(frozen=True)
class DivisionSettings:
    """A configured division whose tables are right."""

    name: str
    """What ``--division`` calls it."""
    code: Division
    exact: ExactSettings
    """Effective: the division's own keys over the shared ones."""
    policy: Policy


@dataclass(frozen=True)
class BrokenDivision:
    """A configured division whose own tables are wrong: it can't run, and doesn't stop the others."""

    name: str
    code: Division | None
    problems: tuple[str, ...]

    def error(self) -> ConfigError:
        """What to raise when this division was to run."""
        return ConfigError(
            f"the configuration of division {self.name} is wrong",
            problems=self.problems,
            hint="Correct the configuration; `exactsend doctor` tells whether it is right.",
        )


@dataclass(frozen=True)
class Settings:
    """The whole configuration."""

    path: Path
    exact: ExactSettings | None
    """The shared ``[exact]`` table; None where it is not whole because every division completes it."""
    sendcloud: SendcloudSettings
    credentials: CredentialsSettings
    monitoring: MonitoringSettings
    notify: NotifySettings
    divisions: Mapping[str, DivisionSettings | BrokenDivision]
    """By name, in the order of the file. Read-only."""

    @property
    def tells_somebody(self) -> bool:
        """Whether anybody is to be told how runs went."""
        return self.monitoring != MonitoringSettings() or bool(self.notify.on)
