"""Answers of either service with another form than its own: a field left out, another value in its place, other headers.

Tests and trials switch it on; both services answer as they always do, and what they say is altered on its way. Knows neither.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug import Request, Response

from exactsend.sandbox.json_tree import Json

Alter = Callable[[dict[str, Json], str], None]

_WRAPPINGS = ("d", "results", "data")
"""What the rows of an answer are wrapped in, by either service."""


@dataclass(frozen=True)
class _Rule:
    """One thing that is otherwise in the answers of some endpoint."""

    path: "re.Pattern[str]"
    alter: Callable[[Response], None]


@dataclass
class AnswerChanges:
    """What is altered; nothing at first.

    Every method takes the end of the path that it is about, as in ``crm/Accounts`` or ``shipments``, as a regular expression. A field
    is named by its way from the row: ``YourRef``, ``parcels.status.code``; lists on the way are gone through.
    """

    _rules: list[_Rule] = field(default_factory=list)

    def leave_out(self, endpoint: str, name: str) -> None:
        """Leave a field out of every row."""
        self._add(endpoint, lambda response: _alter_rows(response, name, _leave_out))

    def put(self, endpoint: str, name: str, value: Json) -> None:
        """Show this in a field of every row instead of what stands there."""

        def put(row: dict[str, Json], last: str) -> None:
            row[last] = value

        self._add(endpoint, lambda response: _alter_rows(response, name, put))

    def set_header(self, endpoint: str, name: str, value: str | None) -> None:
        """Send a header with this value; None leaves it out."""

        def alter(response: Response) -> None:
            response.headers.pop(name, None)
            if value is not None:
                response.headers[name] = value

        self._add(endpoint, alter)

    def restore(self) -> None:
        """Alter nothing any more."""
        self._rules.clear()

    def change(self, request: Request, response: Response) -> None:
        """Alter one answer, in place."""
        for rule in self._rules:
            if rule.path.search(request.path):
                rule.alter(response)

    def _add(self, endpoint: str, alter: Callable[[Response], None]) -> None:
        self._rules.append(_Rule(re.compile(f"(?:{endpoint})$"), alter))


def _leave_out(row: dict[str, Json], last: str) -> None:
    row.pop(last, None)


def _alter_rows(response: Response, name: str, alter: Alter) -> None:
    if response.status_code >= 400 or not response.is_json:  # noqa: PLR2004 - the meaning of HTTP's classes
        return
    document: Json = json.loads(response.get_data())
    _alter_at(_unwrapped(document), name.split("."), alter)
    response.set_data(json.dumps(document))


def _unwrapped(document: Json) -> Json:
    """The rows, whatever they are wrapped in."""
    while isinstance(document, dict) and (wrapping := document.keys() & set(_WRAPPINGS)):
        document = document[next(iter(wrapping))]
    return document


def _alter_at(value: Json, path: list[str], alter: Alter) -> None:
    if isinstance(value, list):
        for number in value:
            _alter_at(number, path, alter)
    elif isinstance(value, dict) and "results" in value:
        _alter_at(value["results"], path, alter)
    elif isinstance(value, dict) and len(path) > 1:
        _alter_at(value.get(path[0]), path[1:], alter)
    elif isinstance(value, dict):
        alter(value, path[0])
