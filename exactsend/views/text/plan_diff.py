"""Compares the documents of two dry runs: new, gone and different actions. Pure."""

from collections.abc import Container, Iterator

from exactsend.http.messages import Json
from exactsend.views.text.json_documents import JsonObject

Key = tuple[str, str, str, str]
"""Division, kind, order and delivery of an action."""
NOT_NOW, NOT_BEFORE = "no plan in this run", "no plan in the earlier document"
_IGNORED = {"external_reference_id"}
_PERSONAL = ("address", "customer_details", "tax_numbers")
"""Parts of a body whose values are never shown, only that they differ."""


def differences(before: JsonObject, now: JsonObject) -> list[JsonObject]:
    """The actions that only one document has, or that differ, in the divisions that both documents have a plan for."""
    both = planned_in_both(before, now)
    earlier, current = _actions(before, both), _actions(now, both)
    found = [_difference(key, "gone", earlier[key]) for key in earlier if key not in current]
    found += [_difference(key, "new", current[key]) for key in current if key not in earlier]
    for key in current:
        if key in earlier and (fields := sorted(_fields(earlier[key], current[key], ""))):
            found.append(_difference(key, "different", current[key]) | {"fields": [*fields]})
    return found


def planned_in_both(before: JsonObject, now: JsonObject) -> set[str]:
    """The divisions that can be compared."""
    return _planned(before) & _planned(now)


def not_compared(before: JsonObject, now: JsonObject) -> list[JsonObject]:
    """The divisions that can't be compared, each with the reason."""
    earlier, both = _planned(before), planned_in_both(before, now)
    named = dict.fromkeys(str(run["division"]) for document in (before, now) for run in _runs(document))
    reasons = {name: NOT_NOW if name in earlier else NOT_BEFORE for name in named if name not in both}
    return [{"division": name, "reason": reason} for name, reason in reasons.items()]


def difference_lines(found: list[JsonObject]) -> Iterator[str]:
    """The differences as text."""
    signs = {"gone": "-", "new": "+", "different": "~"}
    for row in found:
        about = (
            f"delivery {row['delivery_number']}" if row["delivery_number"] else f"order {row['order_number']}"
        )
        yield f"  {signs[str(row['change'])]} {about}: {str(row['kind']).replace('_', ' ')}, {row['outcome']}"
        fields = row.get("fields")
        yield from (f"      {field}" for field in (fields if isinstance(fields, list) else []))
    yield f"  {len(found)} of the plan's actions changed" if found else "  nothing changed"


def _runs(document: JsonObject) -> list[JsonObject]:
    runs = document["runs"]
    assert isinstance(runs, list), "its schema says so"
    return [run for run in runs if isinstance(run, dict)]


def _planned(document: JsonObject) -> set[str]:
    """The divisions with a plan."""
    return {str(run["division"]) for run in _runs(document) if run.get("error") is None}


def _actions(document: JsonObject, divisions: Container[str]) -> dict[Key, JsonObject]:
    return {
        (
            str(run["division"]),
            str(action["kind"]),
            str(action["order_number"]),
            str(action["delivery_number"]),
        ): action
        for run in _runs(document)
        if run["division"] in divisions and isinstance(run["actions"], list)
        for action in run["actions"]
        if isinstance(action, dict)
    }


def _difference(key: Key, change: str, action: JsonObject) -> JsonObject:
    named = {name: action[name] for name in ("kind", "order_number", "delivery_number", "outcome")}
    return {"division": key[0], "change": change, **named}


def _fields(before: Json, now: Json, path: str) -> Iterator[str]:
    """The fields that differ, with both values unless they are personal data."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now} - _IGNORED):
            yield from _fields(before.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for position, (value, other) in enumerate(zip(before, now, strict=True), start=1):
            yield from _fields(value, other, f"{path}[{position}]")
    elif before != now:
        is_personal = any(part in path for part in _PERSONAL)
        yield path if is_personal else f"{path}: {_value(before)} → {_value(now)}"


def _value(value: Json) -> str:
    if value is None:
        return "nothing"
    return "…" if isinstance(value, dict | list) else str(value)
