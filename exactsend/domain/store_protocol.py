"""What a ledger must be able to do for the records, and the overlay for dry runs that stores nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from exactsend.http.messages import Json

JsonRecord = dict[str, Json]
Put = tuple[str, str, JsonRecord | None]
Change = tuple[str, str, JsonRecord]
"""The fields of a record that change; None takes one away."""


class Reader(Protocol):
    """Sections of JSON records."""

    def get(self, section: str, key: str) -> JsonRecord | None:
        """The record, or None."""

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """All records of a section with their keys."""

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """Those that are open or were closed recently."""

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        """The orders or deliveries with one of these numbers; a delivery also has those of its orders."""


class Store(Reader, Protocol):
    """The same, and a log of what happened."""

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] = ...,
        puts: Sequence[Put] = ...,
        changes: Sequence[Change] = ...,
    ) -> None:
        """Note durably that ``event`` happened, what the records are afterwards, and what changed of others."""


class Overlay:
    """A store over another one that takes writes and forgets them: what a dry run writes to."""

    def __init__(self, below: Reader) -> None:
        self._below = below
        self._above: dict[str, dict[str, JsonRecord | None]] = {}

    def get(self, section: str, key: str) -> JsonRecord | None:
        """The record as it would be."""
        above = self._above.get(section, {})
        return above[key] if key in above else self._below.get(section, key)

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """All records of a section as they would be."""
        return self._over(section, self._below.items(section))

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """Those that would be open or closed recently."""
        return self._over(section, self._below.recent(section))

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        """Those that would bear one of these numbers."""
        found = self._over(section, self._below.with_numbers(section, numbers))
        return ((key, record) for key, record in found if _numbers_of(record) & {*numbers})

    def _over(
        self, section: str, below: Iterator[tuple[str, JsonRecord]]
    ) -> Iterator[tuple[str, JsonRecord]]:
        above = self._above.get(section, {})
        yield from ((key, record) for key, record in below if key not in above)
        yield from ((key, changed) for key, changed in above.items() if changed is not None)

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] | None = None,
        puts: Sequence[Put] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        """Remember the records for as long as this overlay lives."""
        del event, subject, facts
        for section, key, record in puts:
            self._above.setdefault(section, {})[key] = record
        for section, key, changed in changes:
            now = {**(self.get(section, key) or {}), **changed}
            kept = {name: value for name, value in now.items() if value is not None or name not in changed}
            self._above.setdefault(section, {})[key] = kept


def _numbers_of(record: JsonRecord) -> set[str]:
    orders = record.get("order_numbers")
    return {str(record["number"]), *(map(str, orders) if isinstance(orders, list) else ())}
