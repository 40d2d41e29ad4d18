"""Finds the rows of a query, which ``query`` has checked, and renders them as Exact's verbose JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote

from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.query import Query
from exactsend.sandbox.exact.related import field_value
from exactsend.sandbox.exact.rows import StoredRow
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision
from exactsend.sandbox.exact.structure import EntityStructure
from exactsend.sandbox.exact.wire import Comparable, as_json_value, comparable
from exactsend.sandbox.json_tree import Json


@dataclass(frozen=True)
class RowReader:
    """Reads a division's rows for a single call."""

    world: ExactWorld
    division: SandboxDivision
    address: str
    """The address of the division: ``http://127.0.0.1:8080/api/v1/1234567``."""
    rows: Sequence[StoredRow] | None = None
    """The rows to read instead of the division's table, such as the lines of a row."""
    path: str | None = None
    """The path of these rows, when it is not the entity's own path but below a key."""

    @property
    def behaviour(self) -> ExactBehaviour:
        """The switches for what Exact's documentation leaves open."""
        return self.world.behaviour

    def page(self, entity: EntityStructure, query: Query, options: Mapping[str, str]) -> Json:
        """A page of rows: ``{"d": …}``."""
        matching = self.matching(entity, query)
        total = len(matching)
        rest = self._after(entity, query, matching)
        wanted = rest if query.top is None else rest[: query.top]
        page = wanted[: entity.page_size]
        rendered: list[Json] = [self._rendered(entity, query, row, index) for index, row in enumerate(page)]
        has_more = len(wanted) > len(page)
        if not has_more and not query.count:
            return self.single_page(rendered, is_limited=query.top is not None)
        document: dict[str, Json] = {"results": rendered}
        if query.count:
            document["__count"] = str(total)
        if has_more:
            document["__next"] = self._next(entity, query, options, page, total - len(rest))
        return {"d": document}

    def single_page(self, rendered: list[Json], *, is_limited: bool) -> Json:
        """A listing with a single page, in the form that ``behaviour`` chooses."""
        form = self.behaviour.list_form
        is_bare = is_limited if form == "either" else form == "bare"
        return {"d": rendered if is_bare else {"results": rendered}}

    def single(self, entity: EntityStructure, query: Query, row: StoredRow) -> Json:
        """A single row: ``{"d": {…}}``."""
        return {"d": self._rendered(entity, query, row, 0)}

    def lines_of(
        self, entity: EntityStructure, row: StoredRow, collection: str
    ) -> tuple[EntityStructure, "RowReader"] | None:
        """The entity and a reader for the rows of a deferred collection; None when the sandbox has no such rows."""
        link, linked = entity.link(collection), entity.linked_entity(collection)
        if link is None or linked is None:
            return None
        table, back = link
        lines = sorted(self.division.table(table).find(back, row.key), key=lambda line: line.sequence)
        return linked, replace(self, rows=lines, path=f"{entity.path}({_key(entity, row)})/{collection}")

    def by_key(self, entity: EntityStructure, key: str) -> StoredRow | None:
        """The row with this key."""
        if self.rows is None:
            return self.division.table(entity.table).get(key)
        return next((row for row in self.rows if row.key == key), None)

    def matching(self, entity: EntityStructure, query: Query) -> list[StoredRow]:
        """All rows that match the filter, in the order of the query."""
        rows = self._candidates(entity, query)
        # ``_candidates`` has already filtered by row version.
        if query.filter is not None and query.filter.fields != {"Timestamp"}:
            holds = query.filter.holds
            rows = [row for row in rows if holds(partial(self._value, entity, row))]
        ordered = list(rows)
        for name, descending in reversed(query.orderby):
            ordered.sort(key=lambda row: _sortable(self._value(entity, row, name)), reverse=descending)
        return ordered

    def _candidates(self, entity: EntityStructure, query: Query) -> Iterable[StoredRow]:
        """The rows that can match, by an index where there is one."""
        if self.rows is not None:
            return self.rows
        table = self.division.table(entity.table)
        if entity.is_sync:
            return self._visible(table.newer_than(_newer_than(query)))
        required = query.filter.required if query.filter else {}
        for name in (table.key_field, *table.indexed):
            if name in required:
                found = [row for value in required[name] for row in table.find(name, value)]
                return sorted(found, key=lambda row: row.sequence)
        return table

    def _visible(self, rows: list[StoredRow]) -> list[StoredRow]:
        before = self.world.clock() - self.behaviour.rows_visible_after
        return [row for row in rows if row.changed_at <= before]

    def _after(self, entity: EntityStructure, query: Query, rows: list[StoredRow]) -> list[StoredRow]:
        """The rows after the page that the skip token ends.

        A sync page continues after a row version, an ordered page after a number of rows, any other after a row.
        """
        token = query.skiptoken
        if token is None:
            return rows
        if entity.is_sync:
            return [row for row in rows if row.version > token]
        if query.orderby:
            return rows[token:]
        return [row for row in rows if row.sequence > token]

    def _next(
        self,
        entity: EntityStructure,
        query: Query,
        options: Mapping[str, str],
        page: list[StoredRow],
        skipped: int,
    ) -> str:
        token = page[-1].sequence
        if entity.is_sync:
            token = page[-1].version
        elif query.orderby:
            token = skipped + len(page)
        following = {**options, "$skiptoken": f"{token}L"}
        if query.top is not None:
            following["$top"] = str(query.top - len(page))
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in following.items())
        return f"{self.address}/{self.path or entity.path}?{text}"

    def _value(self, entity: EntityStructure, row: StoredRow, name: str) -> Comparable:
        value = comparable(field_value(self.division, entity.table, row, name), self.behaviour)
        if name == "ShippingMethodCode" and isinstance(value, str):
            return value.ljust(self.behaviour.shipping_method_code_width)
        return value

    def _rendered(self, entity: EntityStructure, query: Query, row: StoredRow, index: int) -> Json:
        self.world.refusals.check_record(entity.path, "GET", row.ids)
        uri, deferred_from = self._uri(entity, row), self.behaviour.lines_deferred_after
        rendered: dict[str, Json] = {
            "__metadata": {"uri": uri, "type": f"Exact.Web.Api.Models.{entity.path.replace('/', '.')}"}
        }
        for name in query.select:
            field = entity.fields[name]
            if field.is_collection:
                expanded = name in query.expand and (deferred_from is None or index < deferred_from)
                deferred: Json = {"__deferred": {"uri": f"{uri}/{name}"}}
                rendered[name] = self._lines(entity, query, row, name) if expanded else deferred
            else:
                value = field_value(self.division, entity.table, row, name)
                rendered[name] = as_json_value(field, value, self.behaviour)
        self.world.broken_fields.show(entity.table, row.ids, rendered)
        return rendered

    def _lines(self, entity: EntityStructure, query: Query, row: StoredRow, collection: str) -> Json:
        found = self.lines_of(entity, row, collection)
        if found is None:
            return {"results": []}
        linked, lines = found
        inner, found_rows = Query(select=query.expand[collection]), lines.rows or ()
        page = found_rows[: self.behaviour.expanded_lines]
        rendered: dict[str, Json] = {"results": [self._rendered(linked, inner, line, 0) for line in page]}
        if len(page) < len(found_rows):
            rendered["__next"] = f"{self.address}/{lines.path}?$skiptoken={page[-1].sequence}L"
        return rendered

    def _uri(self, entity: EntityStructure, row: StoredRow) -> str:
        return f"{self.address}/{entity.path}({_key(entity, row)})"


def query_for_all_fields(entity: EntityStructure) -> Query:
    """The query for a row with all its fields."""
    return Query(select=tuple(entity.fields))


def _key(entity: EntityStructure, row: StoredRow) -> str:
    """A row's key, as written in an address."""
    key_type = entity.fields[entity.key].type if entity.key else ""
    if key_type == "Edm.String":
        return f"'{row.key.upper()}'"
    return f"guid'{row.key}'" if key_type == "Edm.Guid" else row.key


def _newer_than(query: Query) -> int:
    """The row version that a sync read starts after: the filter's or, on later pages, the skip token's."""
    statements = query.filter.statements if query.filter else ()
    stated = [statement.constant for statement in statements if statement and statement.field == "Timestamp"]
    return max(
        query.skiptoken or 0, *(int(version) for version in stated if isinstance(version, (int, float))), 0
    )


def _sortable(value: Comparable) -> tuple[bool, Comparable]:
    """Nulls first."""
    return (value is not None, value)
