"""Reads certain records in as few calls as possible. An unreadable record does not spoil the others (S13)."""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic

from exactsend.errors import ApiError, Refused, is_refusal
from exactsend.exact import odata, replies, wire
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.errors import missing_right, unreadable
from exactsend.exact.odata import Row
from exactsend.exact.page_reader import PageReader
from exactsend.exact.query_results import ReadRows, UnreadableRow
from exactsend.exact.refused_groups import GroupResults, GroupRows
from exactsend.exact.sync_reader import SyncReader
from exactsend.http.messages import Call, Sender

NUMBERS = frozenset({"OrderNumber", "DeliveryNumber"})
"""Fields other than the id that identify a record."""


@dataclass(frozen=True)
class KeyQuery(Generic[Row]):
    """A query for the rows that have certain values, the keys, in one field."""

    endpoint: Endpoint[Row]
    field: str
    key_of: Callable[[Row], str]
    """The key of a row."""
    literal: Callable[[str], str] = odata.guid
    """A key as a literal for a filter."""
    condition: str = ""
    """Another filter that must hold."""
    extra_fields: Sequence[str] = ()
    """Selected besides the fields that the model reads."""
    complete: Callable[[Sequence[Row]], Sequence[Row]] = lambda rows: rows
    """Completes the rows of a page, by further calls if necessary."""

    def call(self, division: int, literals: Sequence[str]) -> Call:
        """The call for the rows with these keys."""
        return wire.rows_with(
            self.endpoint,
            division,
            self.field,
            literals,
            also=self.condition,
            extra_fields=self.extra_fields,
        )


@dataclass(frozen=True)
class KnownNumbers:
    """The visible numbers of records, as far as known: records with neighbouring numbers are read in one call."""

    field: str
    numbers: Mapping[str, int]
    """The number of each key."""


class RowReader:
    """Reads records of one division.

    Args:
        refusals_left: how many refusals may still be risked on an endpoint in this hour (S9).
    """

    def __init__(
        self,
        sender: Sender,
        division: int,
        pages: PageReader,
        listings: SyncReader,
        refusals_left: Callable[[str], int],
    ) -> None:
        self._sender = sender
        self._division = division
        self._pages = pages
        self._listings = listings
        self._refusals_left = refusals_left
        self._rights: dict[str, bool] = {}
        """Whether the user may read an endpoint, as far as known."""

    def by_key(
        self,
        query: KeyQuery[Row],
        keys: Sequence[str],
        *,
        apart: Sequence[Sequence[str]] = (),
        known: KnownNumbers | None = None,
    ) -> ReadRows[Row]:
        """The rows with these keys; for each key that could not be queried or read, the reason.

        Args:
            query: what to read.
            keys: the keys to look for.
            apart: groups of keys that were refused before; each is read separately.
            known: the numbers of the keys, if the rows can also be read by number.
        """
        keys = list(dict.fromkeys(key.lower() for key in keys))
        suspicious = {key for group in apart for key in group}
        neighbours = self._neighbours(query, known, {key for key in keys if key not in suspicious})
        rest = [key for key in keys if key not in neighbours]
        others = self._by_key(query, rest, suspicious, apart)
        return ReadRows((*neighbours.values(), *others.rows), others.unread)

    def _by_key(
        self, query: KeyQuery[Row], keys: Sequence[str], suspicious: set[str], apart: Sequence[Sequence[str]]
    ) -> ReadRows[Row]:
        endpoint = query.endpoint
        keys_by_literal = {query.literal(key): key for key in keys}
        together = [literal for literal, key in keys_by_literal.items() if key not in suspicious]
        grouped = wire.grouped(together, partial(query.call, self._division))
        groups = [[keys_by_literal[literal] for literal in group] for group in grouped]
        groups += [list(group) for group in apart]
        results = GroupResults(endpoint.path, bool(apart), suspicious, query.key_of, endpoint.identity)
        check = wire.query_for_no_rows(endpoint, self._division, query.extra_fields)
        found = self._read_groups(groups, partial(self._group_rows, query), check, results)
        is_by_identity = query.field in {endpoint.key, *NUMBERS}
        if keys and is_by_identity and not found.rows and not found.unread:
            self._require_right(endpoint.path)
        return found

    def _group_rows(self, query: KeyQuery[Row], group: Sequence[str]) -> GroupRows[Row]:
        """The rows of one group.

        Raises:
            Unreadable: a bad row does not identify its key, so it must be found by smaller groups.
        """
        endpoint = query.endpoint
        call = query.call(self._division, [query.literal(key) for key in group])
        rows, bad = self._pages.read(call, endpoint, query.complete)
        if bad and query.field != endpoint.key:
            raise unreadable(endpoint.path, f"{bad[0].name} {bad[0].why}")
        _require_answers(group, [*map(query.key_of, rows), *(row.id for row in bad if row.id)], endpoint)
        return GroupRows(rows, bad)

    def _neighbours(
        self, query: KeyQuery[Row], known: KnownNumbers | None, keys: Collection[str]
    ) -> dict[str, Row]:
        """Rows with neighbouring numbers, read a page at a time, by key.

        A record that is missing here, unreadable or without its lines is read by its key afterwards.
        """
        if known is None:
            return {}
        rows_by_key: dict[str, Row] = {}
        for number_range in wire.number_ranges(
            number for key, number in known.numbers.items() if key in keys
        ):
            call = wire.rows_in_range(
                query.endpoint, self._division, known.field, number_range, extra_fields=query.extra_fields
            )
            rows = self._pages.optional(call.endpoint, partial(self._pages.first_page, call, query.endpoint))
            if rows is None:
                break
            try:
                complete = query.complete([row for row in rows if query.key_of(row) in keys])
            except ApiError as refused:
                if not is_refusal(refused):
                    raise
                continue
            rows_by_key |= {query.key_of(row): row for row in complete}
        return rows_by_key

    def _require_right(self, path: str) -> None:
        """Check that the user may read an endpoint: without the right, Exact returns an empty list, which proves nothing (S16).

        Source: Exact, knowledge base: "Integrate efficiently with OData" (read 2026-11-30).

        Raises:
            Forbidden: the user has no right to read it.
        """
        if path not in self._rights:
            call = wire.user_has_right(self._division, path, "GET")
            answer = self._pages.optional(
                call.endpoint, lambda: replies.read_user_right(self._sender.send(call))
            )
            self._rights[path] = answer is not False
        if not self._rights[path]:
            raise missing_right(path)

    def by_id(
        self,
        endpoint: Endpoint[Row],
        ids: Sequence[str],
        *,
        key_of: Callable[[Row], str],
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[Row]:
        """The rows with these ids. Many are read from the whole listing if that takes fewer calls."""
        query = KeyQuery(endpoint, "ID", key_of, extra_fields=extra_fields)
        suspicious = {key for group in apart for key in group}
        together = [key for key in dict.fromkeys(ids) if key not in suspicious]
        calls = len(list(self._pages.calls_with(endpoint, "ID", map(odata.guid, together))))
        everything = self._listings.all_rows(endpoint, calls, extra_fields)
        if everything is None:
            return self.by_key(query, ids, apart=apart)
        wanted = set(together)
        rows = [row for row in everything.rows if key_of(row) in wanted]
        read = {key_of(row) for row in rows}
        unread = {row.id: UnreadableRow(row.why) for row in everything.bad if row.id in wanted}
        rest = self.by_key(query, [key for key in ids if key not in read and key not in unread], apart=apart)
        return ReadRows((*rows, *rest.rows), {**unread, **rest.unread})

    def _read_groups(
        self,
        groups: Sequence[list[str]],
        read: Callable[[Sequence[str]], GroupRows[Row]],
        check: Call,
        results: GroupResults[Row],
    ) -> ReadRows[Row]:
        """Read each group; divide a refused one until the record that causes the refusal is found.

        Raises:
            ApiError: the endpoint itself refuses, or several single records were refused and none was read.
        """
        waiting = deque(groups)
        while waiting:
            group = waiting.popleft()
            may_risk = self._refusals_left(results.refused_at) > 0
            if results.is_suspicious(group) and results.costs_refusals and not may_risk:
                results.postpone(group)
                continue
            try:
                rows = read(group)
            except ApiError as refused:
                if not is_refusal(refused):
                    raise
                self._require_that_it_answers(check, refused, results)
                waiting.extend(results.halves(group, refused))
            else:
                results.add(group, rows)
        return results.all_rows()

    def _require_that_it_answers(self, check: Call, refused: ApiError, results: GroupResults[Row]) -> None:
        """Send the same query for a record that does not exist. If that is refused too, the query is at fault and no record.

        A success also ends the series of refusals after which an endpoint rests (S9). A 500 is not part of any series, so
        one check is enough.
        """
        if results.is_known_to_answer and not isinstance(refused, Refused):
            return
        try:
            self._sender.send(wire.line_query_for_no_rows(refused.endpoint, self._division) or check)
        except ApiError as other:
            raise (refused if is_refusal(other) else other) from other
        results.is_known_to_answer = True


def _require_answers(asked: Collection[str], answered: Collection[str], endpoint: Endpoint[Row]) -> None:
    """Check that a response is sound. A record missing from a sound response counts as gone (S16).

    Raises:
        Unreadable: it has other records instead of some that were asked for, so it proves nothing.
    """
    if set(answered) - set(asked) and set(asked) - set(answered):
        raise unreadable(endpoint.path, "it has records that were not asked for")
