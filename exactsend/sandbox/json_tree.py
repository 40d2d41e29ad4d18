"""Typed JSON, and functions that read a value at a path."""

from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]


def at(tree: Json, *path: str) -> Json:
    """The value at the path; None when there is none."""
    for key in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree


def text(tree: Json, *path: str) -> str:
    """The text or number at the path, as text; empty when there is none."""
    found = at(tree, *path)
    return "" if found is None or isinstance(found, list | dict) else str(found)


def whole_number(tree: Json, *path: str) -> int | None:
    """The whole number at the path; None when there is none."""
    found = at(tree, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def object_at(tree: Json, *path: str) -> JsonObject:
    """The object at the path; empty when there is none."""
    found = at(tree, *path)
    return found if isinstance(found, dict) else {}


def objects_at(tree: Json, *path: str) -> list[JsonObject]:
    """The objects in the list at the path; empty when there is none."""
    found = at(tree, *path)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
