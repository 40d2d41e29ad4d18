"""The types in the rows of an answer, how often each occurs, and the longest text. Keeps no value.

Keeps a field's name if it looks like one; anything else in its place is only counted.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from exactsend.http.messages import Json
from exactsend.operations.shapes.expected_fields import (
    FREE_TEXT,
    UNREAD,
    Field,
    FieldKind,
    fields_of,
    is_nothing,
)
from exactsend.operations.shapes.known_codes import known_codes, unknown_codes

ROW = "row"
"""The path of the rows themselves."""
MISSING, NULL, EMPTY, DEFERRED = "missing", "null", "empty", "deferred"
MAX_NAME_LENGTH = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WRAPPINGS = frozenset({"__metadata"})
"""What Exact adds to the fields of every row. Source: OData 2.0, JSON format."""


@dataclass
class FieldProfile:
    """The values of one field, counted by type."""

    types: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    """Characters of the longest text."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """The types of values that the program can't read."""
    codes: Counter[str] = field(default_factory=Counter)
    """Codes that the program does not know."""


@dataclass
class ObjectProfile:
    """All objects at one place in the rows."""

    count: int = 0
    fields: dict[str, FieldProfile] = field(default_factory=dict)
    expected: dict[str, Field] = field(default_factory=dict)
    unnamed: int = 0
    """Fields whose name does not look like one."""


@dataclass
class Profile:
    """The rows of one answer, by place: ``row``, ``parcels[]``, ``parcels[].status``."""

    places: dict[str, ObjectProfile] = field(default_factory=dict)
    odd_rows: int = 0
    """Rows that are not objects."""

    def add_rows(
        self,
        rows: Iterable[Json],
        model: type[BaseModel],
        *,
        selected: Collection[str] = (),
        extra: Mapping[str, Field] | None = None,
    ) -> None:
        """Add rows.

        Args:
            rows: as received.
            model: the model that reads them.
            selected: the fields that the request selects, those of inner objects as ``Lines/ID``; empty for all.
            extra: other fields expected in the rows.
        """
        expected = {**dict.fromkeys(_own_fields(selected), FREE_TEXT), **(extra or {}), **fields_of(model)}
        if selected:
            asked = {name.partition("/")[0] for name in selected}
            expected = {
                name: replace(expected_field, is_selected=True)
                for name, expected_field in expected.items()
                if name in asked
            }
        for row in rows:
            if isinstance(row, dict):
                self._add_object(ROW, row, model, expected, selected)
            else:
                self.odd_rows += 1

    def _add_object(
        self,
        place: str,
        row: Mapping[str, Json],
        model: type[BaseModel],
        expected: Mapping[str, Field],
        selected: Collection[str] = (),
    ) -> None:
        objects = self.places.setdefault(place, ObjectProfile())
        objects.count += 1
        objects.expected |= expected
        for name, expected_field in expected.items():
            seen = objects.fields.setdefault(name, FieldProfile())
            if name not in row:
                seen.types[MISSING] += 1
                continue
            self._count_value(seen, row[name], expected_field)
            if codes := known_codes(model, name):
                seen.codes.update(unknown_codes(row[name], codes))
            before = "" if place == ROW else f"{place}."
            self._add_inner_objects(
                f"{before}{name}", row[name], expected_field, _inner_fields(name, selected)
            )
        for name in sorted(row.keys() - expected.keys() - _WRAPPINGS):
            if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
                objects.unnamed += 1
            else:
                self._count_value(objects.fields.setdefault(name, FieldProfile()), row[name], UNREAD)
                objects.expected.setdefault(name, UNREAD)

    def _count_value(self, seen: FieldProfile, value: Json, expected: Field) -> None:
        type_name = type_of(value, expected)
        seen.types[type_name] += 1
        if isinstance(value, str):
            seen.longest = max(seen.longest, len(value))
        if type_name != DEFERRED and not _is_readable(value, expected):
            seen.unreadable[type_name] += 1

    def _add_inner_objects(self, place: str, value: Json, expected: Field, selected: Collection[str]) -> None:
        if expected.inner_model is None:
            return
        inner = {
            name: replace(expected_field, is_selected=expected.is_selected)
            for name, expected_field in fields_of(expected.inner_model).items()
            if not selected or name in selected
        }
        if expected.kind is FieldKind.OBJECT and isinstance(value, dict):
            self._add_object(place, value, expected.inner_model, inner)
        for item in _listed(value) if expected.kind is FieldKind.LIST else ():
            if isinstance(item, dict):
                self._add_object(f"{place}[]", item, expected.inner_model, inner)


def _inner_fields(name: str, selected: Iterable[str]) -> set[str]:
    """The selected fields of the objects in a field."""
    return {text.removeprefix(f"{name}/") for text in selected if text.startswith(f"{name}/")}


def _own_fields(selected: Iterable[str]) -> Iterator[str]:
    """The selected fields of the rows themselves."""
    return (name for name in selected if "/" not in name)


def _listed(value: Json) -> list[Json]:
    """The rows of an inner list, as either service wraps them."""
    if isinstance(value, dict):
        value = value.get("results")
    return value if isinstance(value, list) else []


def _is_readable(value: Json, expected: Field) -> bool:
    if expected.kind is FieldKind.UNREAD or is_nothing(value):
        return True
    if expected.kind is FieldKind.OBJECT and isinstance(value, dict):
        return True  # its own fields are checked
    if expected.kind is FieldKind.LIST:
        is_list = isinstance(value, list) or (
            isinstance(value, dict) and isinstance(value.get("results"), list)
        )
        wanted = str if expected.inner_model is None else dict
        return is_list and (wanted is str or all(isinstance(item, dict) for item in _listed(value)))
    return expected.reads(value)


def type_of(value: Json, expected: Field) -> str:
    """The type of a value; a text has the type that it is read as."""
    match value:
        case None:
            return NULL
        case bool():
            return FieldKind.FLAG
        case int() | float():
            return FieldKind.NUMBER
        case str() if is_nothing(value):
            return EMPTY
        case str():
            return _type_of_text(value, expected)
        case list():
            return FieldKind.LIST
        case {"__deferred": _}:
            return DEFERRED
        case {"results": list()} if expected.kind is FieldKind.LIST:
            return FieldKind.LIST
        case _:
            return FieldKind.OBJECT


def _type_of_text(value: str, expected: Field) -> str:
    if expected.kind not in (
        FieldKind.GUID,
        FieldKind.DATE,
        FieldKind.NUMBER,
        FieldKind.FLAG,
    ) or not expected.reads(value):
        return FieldKind.TEXT
    is_written_so = expected.kind in (FieldKind.GUID, FieldKind.DATE)
    return expected.kind if is_written_so else f"{expected.kind}-as-text"
