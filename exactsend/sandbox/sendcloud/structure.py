"""Checks the form of requests against Sendcloud's API description: types, limits, enums, required fields.

`scripts/derive-sendcloud-structure` derives `structure.json`. The handlers check the content: whether an integration
exists, whether a service point is open.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class StructureProblem:
    """A difference between a body or query and the vendor's structure."""

    pointer: str
    """The path of names and indexes, such as ``/to_address/name``; for a query, the name of the parameter."""
    message: str
    code: str


def problems(call: str, body: object, *, strict: bool = False) -> list[StructureProblem]:
    """The problems of a request body, in the order of the fields.

    ``call`` is method and path as documented, such as ``POST /orders`` or ``PATCH /orders/{id}``; with ``strict``
    fields that the vendor does not know are reported too.

    Raises:
        KeyError: the call is unknown or takes no body.
    """
    faults = _validator(json.dumps(_calls()[call]["body"])).iter_errors(body)
    found = [_problem(leaf) for fault in faults for leaf in _leaves(fault)]
    unknown = _unknown_fields(_calls()[call]["body"], body, "") if strict else iter(())
    return list(dict.fromkeys([*found, *unknown]))


def answer_problems(call: str, answer: object) -> list[StructureProblem]:
    """The problems of a successful answer."""
    faults = _validator(json.dumps(_calls()[call]["answer"])).iter_errors(answer)
    return [_problem(leaf) for fault in faults for leaf in _leaves(fault)]


def query_problems(call: str, query: Mapping[str, str], *, strict: bool = False) -> list[StructureProblem]:
    """The problems of a query; of a repeated parameter only the first value is checked."""
    known: Mapping[str, Schema] = _calls()[call]["query"]
    missing = [
        StructureProblem(name, "Field required", "required")
        for name, p in known.items()
        if p["required"] and name not in query
    ]
    wrong = [
        problem
        for name, value in query.items()
        if name in known
        for problem in _parameter_problems(name, value, known[name])
    ]
    unknown = [
        StructureProblem(name, "Unknown parameter", "unknown_field") for name in query if name not in known
    ]
    return [*missing, *wrong, *(unknown if strict else ())]


@cache
def _structure() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        files(__package__).joinpath("structure.json").read_text(encoding="utf-8")
    )
    return loaded


def _calls() -> dict[str, Any]:
    calls: dict[str, Any] = _structure()["calls"]
    return calls


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        {**json.loads(schema), "$defs": _structure()["$defs"]}, format_checker=_FORMATS
    )


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or parsed_moment(value) is not None


@_FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


def parsed_moment(value: str) -> datetime | None:
    """The time in an ISO 8601 text; None when it is not a datetime or has no offset."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo is not None and "T" in value.upper() else None


def _leaves(fault: ValidationError) -> Iterator[ValidationError]:
    """The innermost faults; of a choice, those of the closest alternative."""
    if not fault.context:
        yield fault
        return
    alternatives: dict[Any, list[ValidationError]] = {}
    for inner in fault.context:
        alternatives.setdefault(inner.schema_path[0], []).append(inner)
    for inner in min(alternatives.values(), key=_distance):
        yield from _leaves(inner)


def _distance(faults: list[ValidationError]) -> tuple[bool, int]:
    """How far an alternative is from the body; one of another type is the furthest."""
    return any(fault.validator == "type" and not fault.path for fault in faults), len(faults)


def _problem(fault: ValidationError) -> StructureProblem:
    pointer = "".join(f"/{step}" for step in fault.absolute_path)
    if fault.validator == "required":
        pointer += f"/{_missing(fault)}"
    return StructureProblem(pointer, _message(fault), _CODES.get(str(fault.validator), "invalid"))


def _missing(fault: ValidationError) -> str:
    found = re.match(r"'(.+)' is a required property", fault.message)
    return found[1] if found else ""


_CODES = {"required": "required", "enum": "invalid_choice", "const": "invalid_choice", "minimum": "min_value"}


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "required": lambda _: "Field required",
    "type": lambda types: f"Input should be a valid {_type_name(types)}",
    "exclusiveMinimum": lambda bound: f"Input should be greater than {bound}",
    "minimum": lambda bound: f"Input should be greater than or equal to {bound}",
    "maximum": lambda bound: f"Input should be less than or equal to {bound}",
    "minItems": lambda bound: f"List should have at least {_counted(bound, 'item')}",
    "maxItems": lambda bound: f"List should have at most {_counted(bound, 'item')}",
    "minLength": lambda bound: f"String should have at least {_counted(bound, 'character')}",
    "maxLength": lambda bound: f"String should have at most {_counted(bound, 'character')}",
    "enum": lambda choices: f"Input should be {_either(choices)}",
    "pattern": lambda pattern: f"String should match pattern '{pattern}'",
    "format": lambda name: f"Input should be a valid {name}",
}
"""Sendcloud's messages, as far as examples are published."""


def _message(fault: ValidationError) -> str:
    words = _WORDS.get(str(fault.validator))
    return words(fault.validator_value) if words else "Invalid input"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _type_name(types: str | list[str]) -> str:
    first = types if isinstance(types, str) else types[0]
    return {"array": "list", "object": "dictionary"}.get(first, first)


def _either(choices: Iterable[object]) -> str:
    quoted = [f"'{choice}'" for choice in choices if choice is not None]
    return " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))


def _unknown_fields(schema: Schema, body: object, pointer: str) -> Iterator[StructureProblem]:
    """Fields of the body that are in no part of the schema."""
    parts = list(_parts(schema))
    if isinstance(body, list):
        for index, entry in enumerate(body):
            yield from _unknown_fields(
                {"allOf": [p["items"] for p in parts if "items" in p]}, entry, f"{pointer}/{index}"
            )
    elif isinstance(body, dict) and any("properties" in part for part in parts):
        for name, value in body.items():
            naming = [part["properties"][name] for part in parts if name in part.get("properties", {})]
            if not naming:
                yield StructureProblem(f"{pointer}/{name}", "Unknown field", "unknown_field")
            yield from _unknown_fields({"allOf": naming}, value, f"{pointer}/{name}")


def _parts(schema: Schema) -> Iterator[Schema]:
    """The schema and all its parts, with references resolved."""
    yield schema
    if "$ref" in schema:
        yield from _parts(_structure()["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    for inner in [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())]:
        yield from _parts(inner)


def _parameter_problems(name: str, value: str, schema: Schema) -> Iterator[StructureProblem]:
    if schema.get("type") == "array":
        return
    for fault in _validator(
        json.dumps({key: schema[key] for key in schema if key != "required"})
    ).iter_errors(_as_typed(value, schema)):
        yield StructureProblem(name, _message(fault), _CODES.get(str(fault.validator), "invalid"))


def _as_typed(value: str, schema: Schema) -> Any:  # noqa: ANN401 - whatever the parameter's type is
    """The text of a parameter as the schema's type; unchanged when it can't be converted."""
    readers = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}
    reader: Any = readers.get(str(schema.get("type")), str)
    try:
        return reader(value)
    except (ValueError, KeyError):
        return value
