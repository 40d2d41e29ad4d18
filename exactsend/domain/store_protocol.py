"""The interface of the ledger's store, and an overlay for dry runs that discards writes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from exactsend.http.messages import Json

JsonRecord = dict[str, Json]
Put = tuple[str, str, JsonRecord | None]
Change = tuple[str, str, JsonRecord]
"""The changed fields of a record; None removes one."""


class Reader(Protocol):
    """Sections of JSON records."""

    def get(self, section: str, key: str) -> JsonRecord | None:
        """The record, or None."""

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """All records of a section with their keys."""

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """The records that are not archived: open or recent ones."""

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        """Orders or deliveries with one of these numbers; a delivery has its orders' numbers too."""


class Store(Reader, Protocol):
    """A reader that also records events."""

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] = ...,
        puts: Sequence[Put] = ...,
        changes: Sequence[Change] = ...,
    ) -> None:
        """Record durably that ``event`` happened, with the new records and the changed fields of others."""


class Overlay:
    """A store over another one that keeps writes in memory only, for dry runs."""

    def __init__(self, below: Reader) -> None:
        self._below = below
        self._above: dict[str, dict[str, JsonRecord | None]] = {}

    def get(self, section: str, key: str) -> JsonRecord | None:
        """The record, with the overlay's writes."""
        above = self._above.get(section, {})
        return above[key] if key in above else self._below.get(section, key)

    def items(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """All records of a section, with the overlay's writes."""
        return self._over(section, self._below.items(section))

    def recent(self, section: str) -> Iterator[tuple[str, JsonRecord]]:
        """The records that are not archived, with the overlay's writes."""
        return self._over(section, self._below.recent(section))

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, JsonRecord]]:
        """Records with these numbers, with the overlay's writes."""
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
        """Keep the records as long as this overlay exists."""
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
