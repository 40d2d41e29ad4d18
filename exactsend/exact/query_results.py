"""The results of a query for certain records: the rows that were read, and the reasons why others were not.

A record that was queried and is in neither is gone: its absence from a sound response is evidence (S16).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Generic

from exactsend.exact.odata import Row


@dataclass(frozen=True)
class UnreadableRow:
    """Why one record was not read."""

    why: str
    """The service's message, or the name of the missing field; nothing of the record's content."""
    status: int | None = None
    """The HTTP status of the response; None if there was none."""
    is_its_own: bool = True
    """Whether the record itself is refused or unreadable. Otherwise its group was refused, and is divided in a later run."""
    again_at: datetime | None = None
    """When it will be read again; None if unknown."""


@dataclass(frozen=True)
class ReadRows(Generic[Row]):
    """The result of a query for certain records."""

    rows: tuple[Row, ...] = ()
    unread: Mapping[str, UnreadableRow] = field(default_factory=dict)
    """By key: an id in lower case, or a number."""

    def gone(self, asked: Iterable[str], read: Iterable[str]) -> frozenset[str]:
        """The ids that were ``asked`` for and are neither ``read`` nor unread."""
        return frozenset(asked) - frozenset(read) - frozenset(self.unread)


class OrdersBy(Enum):
    """The ways to query the orders of the last weeks, the cheapest first. Exact may refuse even a documented filter.

    Source: picqer/exact-php-client, issues #500 and #532 ("Filtering on these fields is not supported").
    """

    BULK = "bulk, a thousand in one call"
    LISTING = "the plain listing with the same filter"
    STATUS = "the plain listing by status alone"
