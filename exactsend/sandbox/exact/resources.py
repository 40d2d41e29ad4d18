"""Calls below a division: finds the entity that the path names, and reads or writes it.

``api`` has already checked the token and the limits.
"""

import json
import re
from dataclasses import dataclass
from typing import Self

from werkzeug import Request, Response

from exactsend.sandbox.exact import query as queries
from exactsend.sandbox.exact import sync_timestamp, user_rights, writes
from exactsend.sandbox.exact.answers import ExactRefusal, atom_response, json_response, no_content
from exactsend.sandbox.exact.divisions import current_division, granted_divisions, me
from exactsend.sandbox.exact.reads import RowReader, query_for_all_fields
from exactsend.sandbox.exact.rows import StoredRow
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision
from exactsend.sandbox.exact.structure import EntityStructure, entities
from exactsend.sandbox.exact.tokens import Granted
from exactsend.sandbox.json_tree import Json

_SIGNED_IN = "current/Me"
_TRADE_MODULE = frozenset({"GoodsDeliveries", "GoodsDeliveryLines"})
_PATH = re.compile(
    r"/api/v1/(?P<division>\d+|current)/(?P<entity>[\w/]+?)"
    r"(?:\((?P<key>[^)]*)\)(?:/(?P<lines>\w+))?)?(?P<count>/\$count)?/?"
)
_KEY = re.compile(r"guid'([^']*)'|'([^']*)'|(\d+)L?")


@dataclass(frozen=True)
class ResourcePath:
    """The parts of a request's path."""

    division: int | None
    """None for ``current``."""
    entity: str
    key: str | None
    is_count: bool
    lines: str | None
    """The collection below a key, which a deferred link leads to."""

    @classmethod
    def parse(cls, path: str) -> Self:
        """The parts of a path.

        Raises:
            ExactRefusal: 404 for a malformed path, 400 for a malformed key.
        """
        parts = _PATH.fullmatch(path)
        if parts is None:
            raise ExactRefusal(404, "Resource not found for the segment.")
        division = None if parts["division"] == "current" else int(parts["division"])
        key = None if parts["key"] is None else _key(parts["key"])
        return cls(division, parts["entity"], key, bool(parts["count"]), parts["lines"])


class Resources:
    """The entities of every division."""

    def __init__(self, world: ExactWorld) -> None:
        self._world = world

    def current(self, request: Request, address: ResourcePath, granted: Granted) -> Response:
        """Answer ``current/Me``, the only read without a division."""
        if address.entity != "Me" or request.method != "GET":
            raise ExactRefusal(404, "Resource not found for the segment.")
        entity, division = entities()[_SIGNED_IN], current_division(self._world, granted)
        self._world.refusals.check_call(entity.path, request.method)
        query = self._query(_options(request), entity)
        reader = self._reader(request, division, [me(self._world, granted)])
        return self._rendered(request, reader.page(entity, query, {}))

    def answer(
        self, request: Request, address: ResourcePath, division: SandboxDivision, granted: Granted
    ) -> Response:
        """Answer a call for an entity of a division."""
        try:
            entity = self._entity(request, address, granted)
            rows = granted_divisions(self._world, granted, entity.path)
            if not self._world.user_rights.allow(entity.path, request.method):
                rows = []  # the user lacks the right, and ``behaviour`` shows nothing instead of refusing
            reader = self._reader(request, division, rows)
            if request.method == "GET":
                return self._read(request, address, entity, reader)
            return self._write(request, address, entity, reader)
        except ExactRefusal as refusal:
            return refusal.response()

    def _entity(self, request: Request, address: ResourcePath, granted: Granted) -> EntityStructure:
        entity = entities().get(address.entity)
        if entity is None or entity.path == _SIGNED_IN:
            raise ExactRefusal(404, f"Resource not found for the segment '{address.entity}'.")
        if request.method not in entity.methods:
            raise ExactRefusal(405, f"The method {request.method} is not allowed on {entity.name}.")
        right = self._world.apps[granted.client_id].rights.get(entity.scope or "")
        if right is None or (request.method != "GET" and right != "manage"):
            raise ExactRefusal(403, f"Forbidden - Application Scope Violated. Cannot {_verb(request)}")
        self._check_user(entity, request.method)
        if entity.table in _TRADE_MODULE and not self._world.behaviour.trade_module:
            raise ExactRefusal(403, "Forbidden")
        self._world.refusals.check_call(entity.path, request.method)
        return entity

    def _check_user(self, entity: EntityStructure, method: str) -> None:
        shows_nothing = method == "GET" and self._world.behaviour.missing_right == "nothing"
        if not self._world.user_rights.allow(entity.path, method) and not shows_nothing:
            raise ExactRefusal(403, "Forbidden")

    def _read(
        self, request: Request, address: ResourcePath, entity: EntityStructure, reader: RowReader
    ) -> Response:
        options, behaviour = _options(request), self._world.behaviour
        if entity.path == sync_timestamp.PATH:
            first = sync_timestamp.sync_timestamp(reader.division, options, behaviour, self._world.clock())
            return self._rendered(request, reader.single_page(first, is_limited=True))
        if entity.path == user_rights.PATH:
            rights = self._world.user_rights
            return self._rendered(request, user_rights.user_has_rights(rights, options, behaviour))
        if address.key is not None:
            row = _row(reader, entity, address.key)
            if address.lines is not None:
                return self._read_lines(request, address.lines, entity, row, reader)
            query = self._query(options, entity, by_key=True)
            return self._rendered(request, reader.single(entity, query, row))
        query = self._query(options, entity)
        if address.is_count:
            return Response(str(len(reader.matching(entity, query))), content_type="text/plain")
        return self._rendered(request, reader.page(entity, query, options))

    def _read_lines(
        self, request: Request, collection: str, entity: EntityStructure, row: StoredRow, reader: RowReader
    ) -> Response:
        if collection not in entity.fields or not entity.fields[collection].is_collection:
            raise ExactRefusal(404, f"Resource not found for the segment '{collection}'.")
        found = reader.lines_of(entity, row, collection)
        if found is None:
            return self._rendered(request, reader.single_page([], is_limited=False))
        linked, lines = found
        options = _options(request)
        query = self._query(options, linked, by_key=True)
        return self._rendered(request, lines.page(linked, query, options))

    def _write(
        self, request: Request, address: ResourcePath, entity: EntityStructure, reader: RowReader
    ) -> Response:
        division, behaviour = reader.division, self._world.behaviour
        if request.method == "POST":
            row = writes.create(division, entity, _body(request), behaviour)
            return self._rendered(request, reader.single(entity, query_for_all_fields(entity), row), 201)
        if address.key is None:
            raise ExactRefusal(405, f"{request.method} needs a key.")
        row = _row(reader, entity, address.key)
        self._world.refusals.check_record(entity.path, request.method, row.ids)
        if request.method == "PUT":
            writes.update(division, entity, row, _body(request), behaviour)
        else:
            writes.delete(division, entity, row)
        return no_content()

    def _query(
        self, options: dict[str, str], entity: EntityStructure, *, by_key: bool = False
    ) -> queries.Query:
        return queries.parse(options, entity, self._world.behaviour, self._world.refusals, by_key=by_key)

    def _rendered(self, request: Request, document: Json, status: int = 200) -> Response:
        """JSON when requested; XML is the default, also for created rows."""
        if "json" not in request.headers.get("Accept", ""):
            return atom_response(document, status)
        return json_response(document, status, escaped_dates=self._world.behaviour.date_form == "escaped")

    def _reader(self, request: Request, division: SandboxDivision, rows: list[StoredRow] | None) -> RowReader:
        address = f"{request.host_url}api/v1/{division.code}"
        return RowReader(self._world, division, address, rows)


def _row(reader: RowReader, entity: EntityStructure, key: str) -> StoredRow:
    row = None if entity.is_sync else reader.by_key(entity, key)
    if row is None:
        raise ExactRefusal(404, f"Resource not found for the segment '{entity.name}'.")
    return row


def _verb(request: Request) -> str:
    return "read" if request.method == "GET" else "write"


def _key(text: str) -> str:
    parts = _KEY.fullmatch(text)
    if parts is None:
        raise ExactRefusal(400, f"Bad key '{text}'.")
    return next(part for part in parts.groups() if part is not None)


def _options(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.args.items() if value}


def _body(request: Request) -> Json:
    try:
        body: Json = json.loads(request.get_data())
    except ValueError:
        raise ExactRefusal(400, "The body is not JSON.") from None
    return body
