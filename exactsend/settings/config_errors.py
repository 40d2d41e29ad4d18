"""Describes the errors in a table of the configuration, for the person who wrote it.

Each of pydantic's errors becomes a sentence about a dotted key. Values are shown only if they can't be secrets.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from exactsend.domain.policy import CONTRADICTION

KeyPath = tuple[str, ...]
"""The keys from the top of the file to a setting."""

SECRETS: Mapping[str, str] = {
    "client_secret": "EXACTSEND_EXACT_CLIENT_SECRET",
    "public_key": "EXACTSEND_SENDCLOUD_PUBLIC_KEY",
    "secret_key": "EXACTSEND_SENDCLOUD_SECRET_KEY",
    "url": "EXACTSEND_NOTIFY_URL",
    "urls": "EXACTSEND_NOTIFY_URL",
    "access_token": "",
    "refresh_token": "",
    "password": "",
}
"""Secrets that people put into the configuration by mistake, and the environment variable for each."""

NOT_STORED_BY_CONNECT = frozenset({"url", "urls"})

PREDICATES: Mapping[str, str] = {
    "missing": "is required",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "is_instance_of": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be text in quotes",
    "date_type": "must be a date without quotes and time, such as 2026-11-01",
    "tuple_type": "must be a value or a list of values",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "too_short": "must have at least one value",
    "string_too_short": "must not be empty",
}

WITHOUT_VALUE = frozenset({"missing", "too_short", "string_too_short"})

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class ConfigProblem:
    """One error in the configuration."""

    where: KeyPath
    sentence: str
    is_missing_key: bool = False
    """A key is missing, in this table or in one that this table completes. Nothing that is present is wrong."""

    def __str__(self) -> str:
        return self.sentence


def check(
    model: type[Model], table: object, at: KeyPath = ()
) -> tuple[Model | None, tuple[ConfigProblem, ...]]:
    """The table as its model, or None and all its problems."""
    try:
        return model.model_validate(table), ()
    except ValidationError as errors:
        found = errors.errors(include_url=False)
        return None, tuple(problem for error in found for problem in _problems(model, error, at))


def dotted(where: Sequence[str]) -> str:
    """The keys as TOML writes them."""
    return ".".join(key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key) for key in where)


def _problems(model: type[BaseModel], error: ErrorDetails, at: KeyPath) -> Iterator[ConfigProblem]:
    keys = tuple(part for part in error["loc"] if isinstance(part, str) and part != "[key]")
    context = error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        for where, sentence in _unknown(at + keys, error["input"], known_keys(model, keys[:-1])):
            yield ConfigProblem(where, sentence)
    elif error["type"] == CONTRADICTION:
        where = (*at, *keys[:-1], *context["key"].split("."))
        yield ConfigProblem(where, f"{dotted(where)} {context['sentence']}", is_missing_key=True)
    else:
        sentence = f"{dotted(at + keys)} {_predicate(error, context)}"
        yield ConfigProblem(at + keys, sentence, is_missing_key=error["type"] == "missing")


def known_keys(model: type[BaseModel], path: Sequence[str]) -> tuple[str, ...]:
    """The keys of the table at ``path`` below ``model``."""
    for key in path:
        below = model.model_fields[key].annotation
        assert isinstance(below, type)
        assert issubclass(below, BaseModel)
        model = below
    return tuple(model.model_fields)


def _unknown(where: KeyPath, value: object, known: Sequence[str]) -> Iterator[tuple[KeyPath, str]]:
    """The sentences about an unknown key. If there are secrets below it, only those are reported."""
    secrets = (
        [(where, where[-1])]
        if where[-1] in SECRETS
        else [(where + path, path[-1]) for path in _secrets_in(value)]
    )
    for place, name in secrets:
        yield place, f"{dotted(place)} does not belong in the configuration: {_advice_for_secret(name)}"
    if not secrets:
        near = difflib.get_close_matches(where[-1], known, n=1, cutoff=0.7)
        advice = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        yield where, f"unknown key {dotted(where)}; {advice}"


def _secrets_in(value: object) -> Iterator[KeyPath]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key in SECRETS:
                yield (key,)
            else:
                yield from ((key, *path) for path in _secrets_in(below))


def _advice_for_secret(name: str) -> str:
    variable = SECRETS[name]
    if name in NOT_STORED_BY_CONNECT:
        return f"put it in {variable}: it may hold a password"
    return (
        f"put it in {variable}, or let `exactsend connect` store it"
        if variable
        else "`exactsend connect` stores it"
    )


def _predicate(error: ErrorDetails, context: Mapping[str, object]) -> str:
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] not in PREDICATES:
        return f"is wrong: {error['msg']}"
    predicate = PREDICATES[error["type"]].format_map(context)
    return predicate if error["type"] in WITHOUT_VALUE else f"{predicate}, not {_shown(error)}"


def _shown(error: ErrorDetails) -> str:
    """The wrong value. Text is shown only if the setting is a choice, since any other text may be private."""
    match error["input"]:
        case bool(value):
            return str(value).lower()
        case int() | Decimal():
            return str(error["input"])
        case date() as day:
            return day.isoformat()
        case str(text):
            return json.dumps(text[:40], ensure_ascii=False) if error["type"] == "literal_error" else "text"
        case list():
            return "a list"
        case _:
            return "a table"
