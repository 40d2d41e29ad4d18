"""Reads whole listings from Exact's sync endpoints, a thousand rows per call, if that takes fewer calls than other ways."""

from collections.abc import Sequence

from exactsend.exact import endpoints, odata, replies, wire
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.odata import Row
from exactsend.exact.page_reader import PageReader
from exactsend.exact.refused_groups import GroupRows
from exactsend.http.messages import BadRow, Sender, walk

FEW_CALLS = 4
"""Up to this many calls, counting the rows first would not save any."""
MANY_CALLS = 40
"""From this many calls on, all rows are read without counting them first, using at most half as many calls."""


class SyncReader:
    """Reads whole listings of one division."""

    def __init__(self, sender: Sender, division: int, pages: PageReader) -> None:
        self._sender = sender
        self._division = division
        self._pages = pages
        self.sizes: dict[str, int] = {}
        """How many rows listings have, as far as known, so that they need no counting."""

    def all_rows(
        self, endpoint: Endpoint[Row], calls: int, extra_fields: Sequence[str]
    ) -> GroupRows[Row] | None:
        """All rows, if that takes fewer than ``calls`` and is not refused."""
        if calls <= FEW_CALLS:
            return None
        if calls >= MANY_CALLS:
            max_calls = calls // 2
        else:
            size = self.sizes.get(endpoint.path) or self._count(endpoint)
            if size is None or -(-size // endpoints.ROWS_PER_SYNC_PAGE) >= calls:
                return None
            max_calls = calls
        found = self._rows_after_if_allowed(endpoint, 1, max_calls, extra_fields)
        self.sizes.pop(endpoint.path, None)
        if found is not None:
            self.sizes[endpoint.path] = len(found.rows) + len(found.bad)
        return found

    def _count(self, endpoint: Endpoint[Row]) -> int | None:
        call = wire.count(endpoint, self._division)
        size = self._pages.optional(call.endpoint, lambda: replies.read_count(self._sender.send(call)))
        if size is not None:
            self.sizes[endpoint.path] = size
        return size

    def _rows_after_if_allowed(
        self, endpoint: Endpoint[Row], version: int, max_calls: int, extra_fields: Sequence[str] = ()
    ) -> GroupRows[Row] | None:
        return self._pages.optional(
            endpoints.sync_path(endpoint),
            lambda: self.rows_after(endpoint, version, max_calls=max_calls, extra_fields=extra_fields),
        )

    def rows_after(
        self, endpoint: Endpoint[Row], version: int, *, max_calls: int, extra_fields: Sequence[str] = ()
    ) -> GroupRows[Row] | None:
        """All rows after a row version; None if ``max_calls`` do not reach the end."""
        call = wire.rows_after(endpoint, self._division, version, extra_fields)
        rows: list[Row] = []
        bad: list[BadRow] = []
        for number, reply in enumerate(walk(self._sender, call, odata.next_link), start=1):
            good, unread = odata.read_each(reply, endpoint.model, division=self._division)
            rows += good
            bad += unread
            if number == max_calls and odata.next_link(reply) is not None:
                return None
        return GroupRows(rows, bad)

    def lines_after(self, endpoint: Endpoint[Row], version: int, *, max_calls: int) -> Sequence[Row]:
        """All rows after a row version; none if that is refused, takes more calls, or a row is unreadable."""
        found = self._rows_after_if_allowed(endpoint, version, max_calls)
        return () if found is None or found.bad else found.rows
