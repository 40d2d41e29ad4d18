"""Reads the pages of calls to one division, and keeps track of optional calls."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from exactsend.errors import NAMELESS, ApiError, Resting, is_refusal
from exactsend.exact import odata, wire
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.errors import unreadable
from exactsend.exact.odata import Row
from exactsend.http.messages import BadRow, Call, Sender, walk

T = TypeVar("T")


class PageReader:
    """Reads rows of one division."""

    def __init__(self, sender: Sender, division: int) -> None:
        self._sender = sender
        self._division = division
        self.done_without: list[ApiError] = []
        """Refusals of optional calls, and rows that were skipped."""
        self.avoided: frozenset[str] = frozenset()
        """Endpoints that are not used if there is another way."""

    def read(
        self,
        call: Call,
        endpoint: Endpoint[Row],
        complete: Callable[[Sequence[Row]], Sequence[Row]] = lambda rows: rows,
    ) -> tuple[list[Row], list[BadRow]]:
        """The rows of all pages of a call, and those that can't be read."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        for reply in walk(self._sender, call, odata.next_link):
            good, unread = odata.read_each(reply, endpoint.model, division=self._division)
            rows += complete(good)
            bad += unread
        return rows, bad

    def first_page(self, call: Call, endpoint: Endpoint[Row]) -> list[Row]:
        """The readable rows of the first page."""
        return odata.read_each(self._sender.send(call), endpoint.model, division=self._division)[0]

    def every(self, endpoint: Endpoint[Row]) -> list[Row]:
        """All readable rows of a short listing."""
        return self.rows([wire.listing(endpoint, self._division)], endpoint)

    def rows(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> list[Row]:
        """The readable rows of all pages of these calls."""
        return [row for call in calls for row in self.read(call, endpoint)[0]]

    def strict_rows(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> Iterator[Row]:
        """The rows of all pages of these calls.

        Raises:
            Unreadable: a row can't be read.
        """
        for call in calls:
            for reply in walk(self._sender, call, odata.next_link):
                yield from odata.read(reply, endpoint.model, division=self._division)

    def calls_with(self, endpoint: Endpoint[Row], field: str, literals: Iterable[str]) -> Iterator[Call]:
        """The calls for the rows whose ``field`` is one of ``literals``."""
        return wire.calls_with(endpoint, self._division, field, literals)

    def optional(self, name: str, ask: Callable[[], T | None]) -> T | None:
        """The result of a query that only saves other calls; None if it is refused now or was refused recently."""
        if name in self.avoided:
            return None
        try:
            return ask()
        except ApiError as refused:
            rests = isinstance(refused, Resting) and refused.http_status is not None
            if not is_refusal(refused) and not rests:
                raise
            self.done_without.append(refused)
            self.avoided |= {name}
            return None

    def report_unidentified(self, call: Call, rows: Sequence[BadRow]) -> None:
        """Report rows that lack the key of their record, since nothing else can be done about them."""
        if not rows:
            return
        others = f", and {len(rows) - 1} more rows" if len(rows) > 1 else ""
        path, why = call.endpoint.partition("?")[0], f"{rows[0]}{others}"
        message = f"Exact lists rows at {path} that do not identify a record: {why}"
        self.done_without.append(unreadable(path + NAMELESS, why, message))
