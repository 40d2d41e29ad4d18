"""What Exact's entities look like: names, types, methods, who may write what.

Read from ``entities.json``, which ``scripts/derive-exact-structure`` derives. The one thing added by hand is which
endpoints are views of the same stored rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

_SCOPES = {"read/sync/Sync/SyncTimestamp": "Organization administration"}
"""Scopes that the documentation names elsewhere than on the endpoint's own page."""
_TABLES = {"SalesOrderHeaders": "SalesOrders"}
_LINKS = {
    "SalesOrderLines": ("SalesOrderLines", "OrderID"),
    "GoodsDeliveryLines": ("GoodsDeliveryLines", "EntryID"),
}


@dataclass(frozen=True, kw_only=True)
class FieldStructure:
    """One field of an entity."""

    name: str
    type: str
    post: bool
    put: bool
    mandatory: bool
    """Must be sent with POST."""
    filter: bool
    """Satisfies the mandatory filter."""

    @property
    def is_collection(self) -> bool:
        """Whether it leads to other rows instead of holding a value."""
        return not self.type.startswith(("Edm.", "php:"))


@dataclass(frozen=True, kw_only=True)
class EntityStructure:
    """One endpoint."""

    path: str
    key: str | None
    methods: frozenset[str]
    scope: str | None
    page_size: int
    select_mandatory: bool
    select_star: bool
    only_filters: frozenset[str]
    """When not empty: the only fields that may be filtered on."""
    fields: Mapping[str, FieldStructure]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def table(self) -> str:
        """The stored rows that it shows; several endpoints may show the same."""
        return _TABLES.get(self.name, self.name)

    @property
    def is_sync(self) -> bool:
        """Whether it tells what changed, by row version."""
        return self.path.startswith("sync/")

    @property
    def mandatory_filters(self) -> frozenset[str]:
        """The fields of which at least one must be filtered on; empty when there is no such rule."""
        return frozenset(field.name for field in self.fields.values() if field.filter)

    def link(self, collection: str) -> tuple[str, str] | None:
        """The table behind a collection and its field that refers back, or None where the sandbox has no rows."""
        return _LINKS.get(self.fields[collection].type)

    def linked_entity(self, collection: str) -> "EntityStructure | None":
        """The endpoint that describes the rows of a collection."""
        linked = self.link(collection)
        return None if linked is None else entities().get(f"salesorder/{linked[0]}")


@cache
def entities() -> Mapping[str, EntityStructure]:
    """Every endpoint that the sandbox serves, by path."""
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
    """The docs leave the scope of some bulk and sync pages out; they are taken to share their sibling's."""
    if entity.scope:
        return entity
    return replace(entity, scope=_SCOPES.get(entity.path) or scopes.get(entity.table))
