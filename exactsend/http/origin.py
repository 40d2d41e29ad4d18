"""The single host that calls and credentials may go to. No I/O."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The origin of an HTTP URL; None for anything else, and for a URL that carries a user name."""
        try:
            parts = urlsplit(url)
            port = parts.port or _USUAL_PORTS[parts.scheme]
        except (ValueError, KeyError):
            return None
        if not parts.hostname or "@" in parts.netloc:
            return None
        return cls(parts.scheme, parts.hostname, port)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, as the sandbox's does."""
    origin = Origin.of(url)
    if origin is None:
        return False
    try:
        return ip_address(origin.host).is_loopback
    except ValueError:
        return origin.host == "localhost"


def leads_to(url: str, base_url: str) -> bool:
    """Whether ``url`` has the same scheme, host and port as ``base_url``."""
    return (origin := Origin.of(url)) is not None and origin == Origin.of(base_url)


class NoAuth(AuthBase):
    """No credentials, not even those in a ``.netrc`` file."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Leave the request unchanged."""
        return request


class PinnedBasicAuth(AuthBase):
    """HTTP Basic, only for the host of one base URL."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self._base_url = base_url
        self._basic = HTTPBasicAuth(user, password)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the credentials if the request goes to that host."""
        return self._basic(request) if leads_to(request.url or "", self._base_url) else request
