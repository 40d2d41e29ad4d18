"""The structure of Exact's entities: fields, types, methods and scopes.

Read from ``entities.json``, which ``scripts/derive-exact-structure`` derives. Added by hand: which endpoints show the
same stored rows, and which collections the sandbox has rows for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

_SCOPES = {"read/sync/Sync/SyncTimestamp": "Organization administration"}
"""Scopes that the documentation does not name on the endpoint's own page."""
_TABLES = {"SalesOrderHeaders": "SalesOrders"}
_LINKS = {
    "SalesOrderLines": ("SalesOrderLines", "OrderID"),
    "GoodsDeliveryLines": ("GoodsDeliveryLines", "EntryID"),
}


@dataclass(frozen=True, kw_only=True)
class FieldStructure:
    """A field of an entity."""

    name: str
    type: str
    post: bool
    put: bool
    mandatory: bool
    """A POST must contain it."""
    filter: bool
    """A filter on it satisfies the mandatory filter."""

    @property
    def is_collection(self) -> bool:
        """Whether it refers to other rows instead of having a value."""
        return not self.type.startswith(("Edm.", "php:"))


@dataclass(frozen=True, kw_only=True)
class EntityStructure:
    """An entity, which is an endpoint of the API."""

    path: str
    key: str | None
    methods: frozenset[str]
    scope: str | None
    page_size: int
    select_mandatory: bool
    select_star: bool
    only_filters: frozenset[str]
    """The only fields that may be filtered on; empty: no such rule."""
    fields: Mapping[str, FieldStructure]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def table(self) -> str:
        """The table that it shows; several endpoints may show the same one."""
        return _TABLES.get(self.name, self.name)

    @property
    def is_sync(self) -> bool:
        """Whether it lists changes, by row version."""
        return self.path.startswith("sync/")

    @property
    def mandatory_filters(self) -> frozenset[str]:
        """The fields of which a filter must use at least one; empty: no such rule."""
        return frozenset(field.name for field in self.fields.values() if field.filter)

    def link(self, collection: str) -> tuple[str, str] | None:
        """A collection's table and the field in it that refers back; None when the sandbox has no rows for it."""
        return _LINKS.get(self.fields[collection].type)

    def linked_entity(self, collection: str) -> "EntityStructure | None":
        """The structure of a collection's rows."""
        linked = self.link(collection)
        return None if linked is None else entities().get(f"salesorder/{linked[0]}")


@cache
def entities() -> Mapping[str, EntityStructure]:
    """Every entity that the sandbox serves, by path."""
    text = files(__package__).joinpath("entities.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    read = {path: _entity(path, entity) for path, entity in raw.items()}
    scopes = {entity.table: entity.scope for entity in read.values() if entity.scope}
    return {path: _with_scope(entity, scopes) for path, entity in read.items()}


def _entity(path: str, raw: Mapping[str, object]) -> EntityStructure:
    fields = raw["fields"]
    methods = raw["methods"]
    only_filters = raw["only_filters"]
    page_size = raw["page_size"]
    assert isinstance(fields, dict)
    assert isinstance(methods, list)
    assert isinstance(only_filters, list)
    assert isinstance(page_size, int)
    return EntityStructure(
        path=path,
        key=raw["key"] if isinstance(raw["key"], str) else None,
        methods=frozenset(methods),
        scope=raw["scope"] if isinstance(raw["scope"], str) else None,
        page_size=page_size,
        select_mandatory=bool(raw["select_mandatory"]),
        select_star=bool(raw["select_star"]),
        only_filters=frozenset(only_filters),
        fields={name: _field(name, field) for name, field in fields.items()},
    )


def _field(name: str, raw: Mapping[str, object]) -> FieldStructure:
    return FieldStructure(
        name=name,
        type=str(raw["type"]),
        post=bool(raw.get("post")),
        put=bool(raw.get("put")),
        mandatory=bool(raw.get("mandatory")),
        filter=bool(raw.get("filter")),
    )


def _with_scope(entity: EntityStructure, scopes: Mapping[str, str | None]) -> EntityStructure:
    """The entity with its scope. The docs omit it for some bulk and sync pages, which get the scope of the same table."""
    if entity.scope:
        return entity
    return replace(entity, scope=_SCOPES.get(entity.path) or scopes.get(entity.table))
