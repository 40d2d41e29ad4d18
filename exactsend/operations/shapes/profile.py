"""What was seen of the rows of an answer: types, how often, and the longest text. Keeps no value.

A name is kept where it is one: anything else that stands in its place is counted alone.
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
from exactsend.operations.shapes.known_codes import known_codes, spelled

ROW = "row"
"""The path of the rows themselves."""
MISSING, NULL, EMPTY, DEFERRED = "missing", "null", "empty", "deferred"
MOST_OF_NAMES = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WRAPPINGS = frozenset({"__metadata"})
"""What Exact puts beside the fields of every row. Source: OData 2.0, JSON format."""


@dataclass
class FieldProfile:
    """What was seen of one field."""

    types: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    """Characters of the longest text."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Forms of the values that the program makes nothing of."""
    codes: Counter[str] = field(default_factory=Counter)
    """Codes that the program does not know, by their names."""


@dataclass
class ObjectProfile:
    """What was seen of all objects that stand at one place of the rows."""

    count: int = 0
    fields: dict[str, FieldProfile] = field(default_factory=dict)
    expected: dict[str, Field] = field(default_factory=dict)
    unnamed: int = 0
    """Fields whose name is none."""


@dataclass
class Profile:
    """What was seen of the rows of one question, by place: ``row``, ``parcels[]``, ``parcels[].status``."""

    places: dict[str, ObjectProfile] = field(default_factory=dict)
    odd_rows: int = 0
    """Rows that are no objects."""

    def add_rows(
        self,
        rows: Iterable[Json],
        model: type[BaseModel],
        *,
        selected: Collection[str] = (),
        beside: Mapping[str, Field] | None = None,
    ) -> None:
        """Take in rows.

        Args:
            rows: as they came.
            model: what they are read as.
            selected: the fields that were asked for, those of inner objects as ``Lines/ID``; none: all.
            beside: what else is expected in the rows themselves.
        """
        expected = {**dict.fromkeys(_plain(selected), FREE_TEXT), **(beside or {}), **fields_of(model)}
        if selected:
            asked = {name.partition("/")[0] for name in selected}
            expected = {
                name: replace(candidate, is_selected=True)
                for name, candidate in expected.items()
                if name in asked
            }
        for row in rows:
            if isinstance(row, dict):
                self._take(ROW, row, model, expected, selected)
            else:
                self.odd_rows += 1

    def _take(
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
        for name, candidate in expected.items():
            seen = objects.fields.setdefault(name, FieldProfile())
            if name not in row:
                seen.types[MISSING] += 1
                continue
            self._value(seen, row[name], candidate)
            if codes := known_codes(model, name):
                seen.codes.update(spelled(row[name], codes))
            before = "" if place == ROW else f"{place}."
            self._inside(f"{before}{name}", row[name], candidate, _inside_of(name, selected))
        for name in sorted(row.keys() - expected.keys() - _WRAPPINGS):
            if len(name) > MOST_OF_NAMES or not _NAME.fullmatch(name):
                objects.unnamed += 1
            else:
                self._value(objects.fields.setdefault(name, FieldProfile()), row[name], UNREAD)
                objects.expected.setdefault(name, UNREAD)

    def _value(self, seen: FieldProfile, value: Json, expected: Field) -> None:
        type_name = type_of(value, expected)
        seen.types[type_name] += 1
        if isinstance(value, str):
            seen.longest = max(seen.longest, len(value))
        if type_name != DEFERRED and not _is_readable(value, expected):
            seen.unreadable[type_name] += 1

    def _inside(self, place: str, value: Json, expected: Field, selected: Collection[str]) -> None:
        if expected.inner is None:
            return
        inner = {
            name: replace(candidate, is_selected=expected.is_selected)
            for name, candidate in fields_of(expected.inner).items()
            if not selected or name in selected
        }
        if expected.kind is FieldKind.OBJECT and isinstance(value, dict):
            self._take(place, value, expected.inner, inner)
        for number in _listed(value) if expected.kind is FieldKind.LIST else ():
            if isinstance(number, dict):
                self._take(f"{place}[]", number, expected.inner, inner)


def _inside_of(name: str, selected: Iterable[str]) -> set[str]:
    """The selected fields of the objects that stand in a field."""
    return {text.removeprefix(f"{name}/") for text in selected if text.startswith(f"{name}/")}


def _plain(selected: Iterable[str]) -> Iterator[str]:
    """The selected fields that stand in the rows themselves."""
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
        return True  # its own fields tell
    if expected.kind is FieldKind.LIST:
        is_list = isinstance(value, list) or (
            isinstance(value, dict) and isinstance(value.get("results"), list)
        )
        wanted = str if expected.inner is None else dict
        return is_list and (wanted is str or all(isinstance(number, dict) for number in _listed(value)))
    return expected.reads(value)


def type_of(value: Json, expected: Field) -> str:
    """What kind of value stands there; a text is named for what it is read as."""
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
