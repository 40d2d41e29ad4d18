"""An HTTP exchange as plain values: the call that is to be made, and the reply that came.

Knows neither API and opens no connection; transport.py sends, the ``wire`` modules ask and read.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Literal, Protocol
from urllib.parse import quote, urlencode, urlsplit

from exactsend.errors import Unreadable

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def parsed(body: bytes) -> Json:
    """A body as JSON.

    Raises:
        ValueError: it is none, or nested deeper than anybody reads.
    """
    try:
        document: Json = json.loads(body)
    except RecursionError as cause:
        raise ValueError("nested too deep") from cause
    return document


@dataclass(frozen=True)
class Call:
    """One request: everything but the host and the credentials."""

    method: Method
    path: str
    """Below the API's base URL, with a leading slash; an absolute URL only for a "next" link that the service gave."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    accept: str = "application/json"
    endpoint: str = ""
    """The name that allowances are counted under: the path without ids."""
    repeatable: bool = False
    """May be sent again when no answer came: true for reads, and for writes that change nothing when they arrive twice."""
    timeout_seconds: float = 60.0
    welcome: frozenset[int] = frozenset()
    """Statuses beside 2xx that answer the question: 404 to a deletion, 409 to a reference that was used before."""
    leaves: int | None = None
    """Of a call that can be left out: how many of its kind the minute must still allow after it. It never waits. None: it can't be left out."""

    @property
    def bare_path(self) -> str:
        """The path without scheme, host and query: fit for errors and logs."""
        return urlsplit(self.path).path

    @property
    def name(self) -> str:
        """What the call is named in sentences for people."""
        return f"{self.method} {self.endpoint or self.bare_path}"

    @property
    def target(self) -> str:
        """Path and query as they go over the wire. A space is ``%20``: not every service reads a plus sign as one."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True)
class Reply:
    """One answer. Header names are lower-cased."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    call: Call
    api: str = ""

    def json(self) -> Json:
        """The body as JSON.

        Raises:
            Unreadable: it is empty, no JSON (a login page, a gateway's error), or nested too deep to be read.
        """
        try:
            return parsed(self.body)
        except ValueError as cause:
            is_deep = isinstance(cause.__cause__, RecursionError)
            raise self.unreadable(
                "its answer is nested too deep" if is_deep else "its answer is not JSON"
            ) from cause

    def server_date(self) -> datetime:
        """The service's own clock, as the ``Date`` header tells it.

        Raises:
            Unreadable: there is none.
        """
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError as cause:
            raise self.unreadable("it has no Date") from cause
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)

    def unreadable(self, why: str) -> Unreadable:
        """The error for an answer that is not what the documentation says."""
        unread = Unreadable(
            f"{self.api} answered {self.call.name} in an unknown way: {why}",
            api=self.api,
            method=self.call.method,
            path=self.call.bare_path,
            http_status=self.status,
            hint="If it stays, the service has changed, or something stands between. What differs tells: exactsend doctor --shapes",
        )
        unread.endpoint, unread.said = self.call.endpoint, why
        return unread


@dataclass(frozen=True)
class BadRow:
    """A row of an answer that can't be read: which record it is, as far as it tells, and why. Nothing of its content.

    It proves nothing of its record, least of all that it is gone.
    """

    id: str
    """The record's own id: in lower case at Exact, as it stands at Sendcloud. Empty where it is not known."""
    name: str
    """What to call it in a sentence: "delivery 20001"."""
    why: str
    """The rest of the sentence: "has no usable TrackingNumber"."""
    parent: str = ""
    """The id of the order or delivery that a line belongs to; empty where it is none, or not known."""
    number: str = ""
    """The number that people know the record by; empty where it has none, or it is not known."""
    reference: str = ""
    """Sendcloud's ``external_reference_id``; empty where there is none, or it is not known."""

    def __str__(self) -> str:
        return f"{self.name} {self.why}"


class Sender(Protocol):
    """What carries a call to its service: the transport, and in tests a script of replies."""

    def send(self, call: Call) -> Reply:
        """The reply to a call: 2xx or a status that the call welcomes, else an error of ``exactsend.errors``."""


MOST_PAGES = 1_000
MOST_PAGES_ALIKE = 3
"""More pages that say the same, however their links differ, are no listing: each row stands on one page."""
_NEXT = re.compile(rb'"__next"\s*:\s*"(?:[^"\\]|\\.)*"')


def walk(sender: Sender, call: Call, next_link: Callable[[Reply], str | None]) -> Iterator[Reply]:
    """All pages of a listing, one after another.

    Raises:
        Unreadable: the pages lead in a circle, say the same again and again, or there is no end to them.
    """
    seen: set[str] = set()
    alike: Counter[bytes] = Counter()
    while True:
        reply = sender.send(call)
        yield reply
        link = next_link(reply)
        if link is None:
            return
        content = sha256(_NEXT.sub(b"", reply.body)).digest()
        alike[content] += 1
        if link in seen or len(seen) == MOST_PAGES or alike[content] > MOST_PAGES_ALIKE:
            raise reply.unreadable("its pages have no end")
        seen.add(link)
        call = replace(call, path=link, query={})
