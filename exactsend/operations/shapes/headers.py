"""What was heard in the headers of all answers: which there are, of which form, and what is odd about those that the program reads.

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
from exactsend.operations.shapes.differences import Difference, EndpointAnswer, Service, What
from exactsend.operations.shapes.expected_fields import UNREAD
from exactsend.operations.shapes.profile import ROW, FieldProfile, ObjectProfile, Profile
from exactsend.sendcloud.replies import next_link

HEADERS = "headers"
"""The name under which they are told, beside the endpoints."""
_TOLD = re.compile(
    r"date|link|retry-after|content-type|deprecation|sunset|[a-z-]{0,40}rate-?limit[a-z-]{0,40}"
)
_MEDIA_TYPES = ("application/json", "application/pdf", "text/plain", "text/html")


class Headers:
    """The headers of one service's answers.

    Args:
        service: whose.
        base_url: where its pages must lead.
        clock: tells when an answer came.
    """

    def __init__(self, service: Service, base_url: str, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._base_url = base_url
        self._clock = clock
        self._seen = ObjectProfile()
        self._odd: Counter[tuple[str, str]] = Counter()
        self.last_had_a_link = False
        """The last answer named another page."""

    def hear(self, reply: Reply) -> None:
        """Take in one answer, whatever it says."""
        self._seen.count += 1
        self.last_had_a_link = bool(reply.headers.get("link"))
        for name, value in reply.headers.items():
            if _TOLD.fullmatch(name):
                self._seen.fields.setdefault(name, FieldProfile()).types[_type(name, value)] += 1
                self._seen.expected[name] = UNREAD
        self._odd.update(self._oddities(reply))

    def told(self) -> EndpointAnswer:
        """What was heard, as if it were one more endpoint."""
        total = self._seen.count
        odd = [
            Difference(What.HEADER, name, f"{why}, in {count} of {total} answers")
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
            yield "retry-after", "asks to wait beside an answer"
        if "json" in reply.call.accept and "json" not in reply.headers.get("content-type", ""):
            yield "content-type", "is not that of JSON"
        if self._service == "exact" and division_of(reply.call):
            yield from self._of_limits(reply)
        if self._service == "sendcloud" and "link" in reply.headers:
            yield from self._of_link(reply)

    def _of_limits(self, reply: Reply) -> Iterator[tuple[str, str]]:
        """The two limits as the allowance reads them."""
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
                yield f"{prefix}reset", "lies outside the time that the limit is about"

    def _of_link(self, reply: Reply) -> Iterator[tuple[str, str]]:
        try:
            following = next_link(reply)
        except Unreadable:
            yield "link", "is longer than any that names a page"
            return
        if following is not None and "://" in following and not leads_to(following, self._base_url):
            yield "link", "leads to another host"
        if following is None and "prev" not in reply.headers["link"]:
            yield "link", "names no page that can be followed"


def _missing_or(name: str, headers: Mapping[str, str]) -> str:
    return "can't be read" if name in headers else "missing"


def _type(name: str, value: str) -> str:
    """What a header holds, without its value; media types are those of a closed list."""
    if name == "content-type":
        media_type = value.partition(";")[0].strip().lower()
        return media_type if media_type in _MEDIA_TYPES else "another-type"
    if re.fullmatch(r"\s*[0-9]{1,20}\s*", value):
        return "number"
    with suppress(ValueError):
        parsedate_to_datetime(value)
        return "date"
    return "text" if value.strip() else "empty"
