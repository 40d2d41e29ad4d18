"""JSON bodies as typed trees, and how to reach into them.

Only reading; what the fields mean is told by those who ask for them.
"""

from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]


def at(tree: Json, *path: str) -> Json:
    """What stands at the path; None where the path breaks off."""
    for key in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree


def text(tree: Json, *path: str) -> str:
    """The text at the path, numbers written out; empty where there is none."""
    found = at(tree, *path)
    return "" if found is None or isinstance(found, list | dict) else str(found)


def whole(tree: Json, *path: str) -> int | None:
    """The whole number at the path, if one stands there."""
    found = at(tree, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def branch(tree: Json, *path: str) -> JsonObject:
    """The object at the path; empty where there is none."""
    found = at(tree, *path)
    return found if isinstance(found, dict) else {}


def branches(tree: Json, *path: str) -> list[JsonObject]:
    """The objects of the list at the path."""
    found = at(tree, *path)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
