"""The rows of one endpoint, in as few calls as may be: by id, fifteen in a call; or all of them, a thousand in a call.

Glue, as ``client``: ``wire`` knows the protocol and the transport the network.
"""

from collections.abc import Iterable, Iterator, Sequence

from exactsend.calls import Call, Sender, walk
from exactsend.exact import odata, wire
from exactsend.exact.odata import Row
from exactsend.exact.wire import Endpoint

FEW_CALLS = 4
"""Up to this many calls it isn't worth one more to learn whether all rows could be read in fewer."""
MANY_CALLS = 40
"""From this many on all rows are read without counting them first, and given up once that took half as many calls."""


class Listing:
    """The endpoints of one division."""

    def __init__(self, sender: Sender, division: int) -> None:
        self._sender = sender
        self._division = division

    def by_id(
        self, endpoint: Endpoint[Row], ids: Sequence[str], extra_fields: Sequence[str] = ()
    ) -> Iterator[Row]:
        """These rows, and perhaps others."""
        chain = list(self.chained(endpoint, "ID", map(odata.guid, ids), extra_fields))
        yield from self._whole(endpoint, len(chain), extra_fields) or self.rows(chain, endpoint)

    def _whole(
        self, endpoint: Endpoint[Row], chain: int, extra_fields: Sequence[str]
    ) -> Sequence[Row] | None:
        """All rows, where that takes fewer calls than the chain."""
        if chain <= FEW_CALLS:
            return None
        if chain >= MANY_CALLS:
            return self.past(endpoint, 1, most_calls=chain // 2, extra_fields=extra_fields)
        if self._calls_to_read_all(endpoint) >= chain:
            return None
        return self.past(endpoint, 1, most_calls=chain, extra_fields=extra_fields)

    def _calls_to_read_all(self, endpoint: Endpoint[Row]) -> int:
        rows = wire.read_count(self._sender.send(wire.count(endpoint, self._division)))
        return -(-rows // wire.ROWS_OF_A_TWIN)

    def past(
        self, endpoint: Endpoint[Row], version: int, *, most_calls: int, extra_fields: Sequence[str] = ()
    ) -> Sequence[Row] | None:
        """All rows past a row version; None where so many calls do not reach the end."""
        call = wire.rows_past(endpoint, self._division, version, extra_fields)
        found: list[Row] = []
        for number, reply in enumerate(walk(self._sender, call, odata.next_link), start=1):
            found += odata.read(reply, endpoint.model, division=self._division)
            if number == most_calls and odata.next_link(reply) is not None:
                return None
        return found

    def every(self, endpoint: Endpoint[Row]) -> list[Row]:
        """All rows of a short listing."""
        return list(self.rows([wire.listing(endpoint, self._division)], endpoint))

    def chained(
        self, endpoint: Endpoint[Row], field: str, literals: Iterable[str], extra_fields: Sequence[str] = ()
    ) -> Iterator[Call]:
        """The calls for the rows whose ``field`` is one of ``literals``."""
        return wire.chained(endpoint, self._division, field, literals, extra_fields=extra_fields)

    def rows(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> Iterator[Row]:
        """The rows that these calls bring, over all pages."""
        for page in self.pages(calls, endpoint):
            yield from page

    def pages(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> Iterator[list[Row]]:
        """The same, page by page."""
        for call in calls:
            for reply in walk(self._sender, call, odata.next_link):
                yield odata.read(reply, endpoint.model, division=self._division)
