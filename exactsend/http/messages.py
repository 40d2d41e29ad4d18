"""An HTTP exchange as plain values: the call and the reply.

Knows neither API and opens no connection. ``transport`` sends; the ``wire`` modules build calls and read replies.
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
JsonObject = dict[str, Json]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def parsed(body: bytes) -> Json:
    """A body as JSON.

    Raises:
        ValueError: it is no JSON, or nested too deep.
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
    """The name that limits are counted under: the path without ids."""
    repeatable: bool = False
    """Whether it may be sent again if no response came: true for reads and for idempotent writes."""
    timeout_seconds: float = 60.0
    accepted_statuses: frozenset[int] = frozenset()
    """Statuses besides 2xx that count as success: 404 to a deletion, 409 to a reference that was used before."""
    reserve: int | None = None
    """For an optional call: how many calls of its kind the minute's limit must still allow after it. It never waits (S18).
    None: the call is not optional."""

    @property
    def bare_path(self) -> str:
        """The path without scheme, host and query, safe for errors and logs."""
        return urlsplit(self.path).path

    @property
    def name(self) -> str:
        """The call's name in messages."""
        return f"{self.method} {self.endpoint or self.bare_path}"

    @property
    def target(self) -> str:
        """Path and query as sent. A space is ``%20``, since not every service reads a plus sign as a space."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


@dataclass(frozen=True)
class Reply:
    """One response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    call: Call
    api: str = ""

    def json(self) -> Json:
        """The body as JSON.

        Raises:
            Unreadable: it is empty, no JSON (a login page, a gateway's error), or nested too deep.
        """
        try:
            return parsed(self.body)
        except ValueError as cause:
            is_deep = isinstance(cause.__cause__, RecursionError)
            raise self.unreadable(
                "its answer is nested too deep" if is_deep else "its answer is not JSON"
            ) from cause

    def server_date(self) -> datetime:
        """The service's own clock, from the ``Date`` header.

        Raises:
            Unreadable: the header is missing.
        """
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError as cause:
            raise self.unreadable("it has no Date") from cause
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)

    def unreadable(self, why: str) -> Unreadable:
        """The error for a response that contradicts the vendor's documentation."""
        unread = Unreadable(
            f"{self.api} sent an unexpected response to {self.call.name}: {why}",
            api=self.api,
            method=self.call.method,
            path=self.call.bare_path,
            http_status=self.status,
            hint="If this persists, the service has changed, or a proxy interferes. To see what differs, run: exactsend doctor --shapes",
        )
        unread.endpoint, unread.said = self.call.endpoint, why
        return unread


@dataclass(frozen=True)
class BadRow:
    """A row of a response that can't be read: which record it is, if known, and why. It holds nothing of the row's content.

    It proves nothing about its record, least of all that the record is gone.
    """

    id: str
    """The record's own id, for Exact in lower case. Empty if unknown."""
    name: str
    """Its name in messages: "delivery 20001"."""
    why: str
    """The rest of the sentence: "has no usable TrackingNumber"."""
    parent: str = ""
    """For a line: the id of its order or delivery. Empty if unknown."""
    number: str = ""
    """The order or delivery number that people know the record by. Empty if unknown."""
    reference: str = ""
    """Sendcloud's ``external_reference_id``. Empty if unknown."""

    def __str__(self) -> str:
        return f"{self.name} {self.why}"


class Sender(Protocol):
    """Sends a call to its service: the transport, or in tests a list of replies."""

    def send(self, call: Call) -> Reply:
        """The reply to a call: 2xx or a status that the call accepts, else an error of ``exactsend.errors``."""


MAX_PAGES = 1_000
MAX_EQUAL_PAGES = 3
"""A listing with more equal pages than this is broken, even if the pages' links differ: each row belongs on one page."""
_NEXT = re.compile(rb'"__next"\s*:\s*"(?:[^"\\]|\\.)*"')


def walk(sender: Sender, call: Call, next_link: Callable[[Reply], str | None]) -> Iterator[Reply]:
    """All pages of a listing, one after another.

    Raises:
        Unreadable: the pages form a circle, repeat the same content, or are too many.
    """
    seen: set[str] = set()
    equal_pages: Counter[bytes] = Counter()
    while True:
        reply = sender.send(call)
        yield reply
        link = next_link(reply)
        if link is None:
            return
        content = sha256(_NEXT.sub(b"", reply.body)).digest()
        equal_pages[content] += 1
        if link in seen or len(seen) == MAX_PAGES or equal_pages[content] > MAX_EQUAL_PAGES:
            raise reply.unreadable("its pages have no end")
        seen.add(link)
        call = replace(call, path=link, query={})
