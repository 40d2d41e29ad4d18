"""What a question for certain records was answered with: the rows that could be read, and why the others could not.

A record that was asked for and is in neither is gone: its absence from an answer that was otherwise sound is evidence (S16).
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
    """In the service's words, or naming the field that is missing; nothing of the record's content."""
    status: int | None = None
    """Of the answer; None where it was not asked for."""
    is_its_own: bool = True
    """The record itself is refused or can't be read. Otherwise it waits: its group was refused and is divided in a later run."""
    again_at: datetime | None = None
    """When it is asked for again; None where that is not known."""


@dataclass(frozen=True)
class ReadRows(Generic[Row]):
    """The answer to a question for certain records."""

    rows: tuple[Row, ...] = ()
    unread: Mapping[str, UnreadableRow] = field(default_factory=dict)
    """By what was asked for: an id in lower case, or a number."""

    def gone(self, asked: Iterable[str], read: Iterable[str]) -> frozenset[str]:
        """Those that were asked for, are not among the ids that were ``read``, and are not merely unread."""
        return frozenset(asked) - frozenset(read) - frozenset(self.unread)


class OrdersBy(Enum):
    """How the orders of the last weeks are asked for, the cheapest way first: a filter that is documented may be refused all the same.

    Source: picqer/exact-php-client, issues #500 and #532 ("Filtering on these fields is not supported").
    """

    BULK = "bulk, a thousand in one call"
    LISTING = "the plain listing with the same filter"
    STATUS = "the plain listing by status alone"
