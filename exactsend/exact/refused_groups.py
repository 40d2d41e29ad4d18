"""Divides groups of records that Exact refuses to read, until the records that cause it are found (S13). Sends nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from exactsend.errors import ApiError, Refused
from exactsend.exact.errors import unreadable
from exactsend.exact.odata import Row
from exactsend.exact.query_results import ReadRows, UnreadableRow
from exactsend.http.messages import BadRow

SEVERAL = 3
"""If this many single records fail and none can be read, the service is at fault and not the records."""
LATER = "it is read in a later run, apart from the other records that were refused with it"


@dataclass(frozen=True)
class GroupRows(Generic[Row]):
    """The rows of one reply or of several, and those that can't be read."""

    rows: Sequence[Row]
    bad: Sequence[BadRow] = ()


@dataclass
class GroupResults(Generic[Row]):
    """The results of the groups of one query so far."""

    refused_at: str
    """The endpoint of the last refusal."""
    costs_refusals: bool
    """Whether Exact counts the last refusal as an error; too many of these block the key (S9)."""
    _suspicious: set[str]
    """Keys of groups that were refused."""
    _key_of: Callable[[Row], str]
    _identity: str
    """The attribute that identifies a row."""
    _rows: dict[str, Row] = field(default_factory=dict)
    unread: dict[str, UnreadableRow] = field(default_factory=dict)
    is_known_to_answer: bool = False
    _single_refusals: list[ApiError] = field(default_factory=list)

    def is_suspicious(self, group: Sequence[str]) -> bool:
        """Whether the group is part of one that was refused."""
        return not self._suspicious.isdisjoint(group)

    def halves(self, group: Sequence[str], refused: ApiError) -> list[list[str]]:
        """The halves of a refused group. None for a single record: it is the cause, and is stored as unread.

        Raises:
            ApiError: several single records were refused, and none was read.
        """
        self.refused_at = refused.endpoint
        self.costs_refusals = isinstance(refused, Refused)
        if len(group) > 1:
            self._suspicious |= set(group)
            middle = len(group) // 2
            return [list(group[:middle]), list(group[middle:])]
        self._single_refusals.append(refused)
        if len(self._single_refusals) >= SEVERAL and not self._rows:
            raise refused
        self.unread[group[0]] = UnreadableRow(refused.said or refused.message, refused.http_status)
        return []

    def postpone(self, group: Sequence[str]) -> None:
        """Leave the group to a later run, since too many refusals block the key."""
        self.unread |= dict.fromkeys(group, UnreadableRow(LATER, is_its_own=False))

    def add(self, group: Sequence[str], result: GroupRows[Row]) -> None:
        """Add the rows of a group and the reasons of its unreadable rows. Rows that were not asked for are dropped."""
        asked = set(group)
        self._rows |= {
            str(getattr(row, self._identity)): row for row in result.rows if self._key_of(row) in asked
        }
        self.unread |= {row.id: UnreadableRow(row.why) for row in result.bad if row.id}
        if any(not row.id for row in result.bad):
            why = next(row.why for row in result.bad if not row.id)
            read = {self._key_of(row) for row in result.rows}
            missing = [key for key in group if key not in read and key not in self.unread]
            self.unread |= dict.fromkeys(missing, UnreadableRow(why))

    def all_rows(self) -> ReadRows[Row]:
        """The rows of all groups.

        Raises:
            Unreadable: there are several rows, and all are unreadable for the same reason: the service is at fault.
        """
        reasons = [
            record.why for record in self.unread.values() if record.is_its_own and record.status is None
        ]
        if not self._rows and len(reasons) >= SEVERAL and len(set(reasons)) == 1:
            raise unreadable(self.refused_at, f"each of {len(reasons)} rows {reasons[0]}")
        return ReadRows(tuple(self._rows.values()), self.unread)
