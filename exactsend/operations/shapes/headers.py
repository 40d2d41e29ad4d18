"""The headers of all answers: which there are, their form, and what is odd about those that the program reads.

Sources: Exact, knowledge base, "API limits"; Sendcloud, API guide, "Pagination" and "Rate limits"; RFC 9110 (Date, Retry-After).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from exactsend.errors import Unreadable
from exactsend.http.allowance.exact_limits import division_of
from exactsend.http.allowance.rate_limit import TOO_MANY, retry_after
from exactsend.http.allowance.usage import LIMIT_HEADERS, limit_status, number_of
from exactsend.http.messages import Reply
from exactsend.http.origin import leads_to
from exactsend.operations.shapes.differences import Difference, DifferenceKind, EndpointAnswer, Service
from exactsend.operations.shapes.expected_fields import UNREAD
from exactsend.operations.shapes.profile import ROW, FieldProfile, ObjectProfile, Profile
from exactsend.sendcloud.replies import next_link

HEADERS = "headers"
"""The name for headers in the report, where others are endpoints."""
_REPORTED = re.compile(
    r"date|link|retry-after|content-type|deprecation|sunset|[a-z-]{0,40}rate-?limit[a-z-]{0,40}"
)
_MEDIA_TYPES = ("application/json", "application/pdf", "text/plain", "text/html")


class Headers:
    """The headers of one service's answers.

    Args:
        service: the service.
        base_url: the URL that links to further pages must lead to.
        clock: for the time of an answer.
    """

    def __init__(self, service: Service, base_url: str, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._base_url = base_url
        self._clock = clock
        self._seen = ObjectProfile()
        self._odd: Counter[tuple[str, str]] = Counter()
        self.last_had_a_link = False
        """Whether the last answer linked to another page."""

    def record(self, reply: Reply) -> None:
        """Record the headers of an answer, whatever its status."""
        self._seen.count += 1
        self.last_had_a_link = bool(reply.headers.get("link"))
        for name, value in reply.headers.items():
            if _REPORTED.fullmatch(name):
                self._seen.fields.setdefault(name, FieldProfile()).types[_type(name, value)] += 1
                self._seen.expected[name] = UNREAD
        self._odd.update(self._oddities(reply))

    def as_answer(self) -> EndpointAnswer:
        """The headers recorded, as if they were the answer of one more endpoint."""
        total = self._seen.count
        odd = [
            Difference(DifferenceKind.HEADER, name, f"{why}, in {count} of {total} answers")
            for (name, why), count in sorted(self._odd.items())
        ]
        return EndpointAnswer(
            self._service, HEADERS, f"{total} answers", total, Profile({ROW: self._seen}), odd
        )

    def _oddities(self, reply: Reply) -> Iterator[tuple[str, str]]:
        try:
            reply.server_date()
        except Unreadable:
            yield "date", _missing_or("date", reply.headers)
        if reply.status < 300:  # noqa: PLR2004 - the meaning of HTTP's classes
            yield from self._of_success(reply)
        elif reply.status == TOO_MANY and "retry-after" in reply.headers:
            is_read = retry_after(reply.headers, self._clock()) is not None
            yield from () if is_read else [("retry-after", "can't be read")]

    def _of_success(self, reply: Reply) -> Iterator[tuple[str, str]]:
        if "retry-after" in reply.headers:
            yield "retry-after", "asks to wait although the request succeeded"
        if "json" in reply.call.accept and "json" not in reply.headers.get("content-type", ""):
            yield "content-type", "is not JSON"
        if self._service == "exact" and division_of(reply.call):
            yield from self._of_limits(reply)
        if self._service == "sendcloud" and "link" in reply.headers:
            yield from self._of_link(reply)

    def _of_limits(self, reply: Reply) -> Iterator[tuple[str, str]]:
        """The two limits, read as the allowance reads them."""
        at = self._clock()
        for prefix, window in LIMIT_HEADERS.items():
            for part in ("limit", "remaining", "reset"):
                if number_of(reply.headers, prefix + part) is None:
                    yield prefix + part, _missing_or(prefix + part, reply.headers)
            read, reset = (
                limit_status(reply.headers, prefix, at, at, window),
                number_of(reply.headers, f"{prefix}reset"),
            )
            if read and reset is not None and read.resets_at == at:
                yield f"{prefix}reset", "is outside the period of the limit"

    def _of_link(self, reply: Reply) -> Iterator[tuple[str, str]]:
        try:
            following = next_link(reply)
        except Unreadable:
            yield "link", "is too long for a link to a page"
            return
        if following is not None and "://" in following and not leads_to(following, self._base_url):
            yield "link", "leads to another host"
        if following is None and "prev" not in reply.headers["link"]:
            yield "link", "names no usable page"


def _missing_or(name: str, headers: Mapping[str, str]) -> str:
    return "can't be read" if name in headers else "missing"


def _type(name: str, value: str) -> str:
    """The type of a header's value, never the value itself; media types come from a closed list."""
    if name == "content-type":
        media_type = value.partition(";")[0].strip().lower()
        return media_type if media_type in _MEDIA_TYPES else "another-type"
    if re.fullmatch(r"\s*[0-9]{1,20}\s*", value):
        return "number"
    with suppress(ValueError):
        parsedate_to_datetime(value)
        return "date"
    return "text" if value.strip() else "empty"
