"""Changes to the form of either service's answers: a field left out, another value, other headers.

Tests and trials switch them on. The services answer as always; the server changes the answer before it sends it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug import Request, Response

from exactsend.sandbox.json_tree import Json

Alter = Callable[[dict[str, Json], str], None]

_WRAPPINGS = ("d", "results", "data")
"""The keys that either service wraps the rows of an answer in."""


@dataclass(frozen=True)
class _Rule:
    """A change to the answers of some endpoint."""

    path: "re.Pattern[str]"
    alter: Callable[[Response], None]


@dataclass
class AnswerChanges:
    """The changes that are switched on; none at first.

    Every method takes the end of the endpoint's path as a regular expression: ``crm/Accounts``, ``shipments``. A field
    is named by its path from the row: ``YourRef``, ``parcels.status.code``. Lists on that path are gone through.
    """

    _rules: list[_Rule] = field(default_factory=list)

    def leave_out(self, endpoint: str, name: str) -> None:
        """Leave a field out of every row."""
        self._add(endpoint, lambda response: _alter_rows(response, name, _leave_out))

    def put(self, endpoint: str, name: str, value: Json) -> None:
        """Set a field of every row to this value."""

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
        """Undo all changes."""
        self._rules.clear()

    def change(self, request: Request, response: Response) -> None:
        """Change an answer in place."""
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
    """The rows, without what they are wrapped in."""
    while isinstance(document, dict) and (wrapping := document.keys() & set(_WRAPPINGS)):
        document = document[next(iter(wrapping))]
    return document


def _alter_at(value: Json, path: list[str], alter: Alter) -> None:
    if isinstance(value, list):
        for entry in value:
            _alter_at(entry, path, alter)
    elif isinstance(value, dict) and "results" in value:
        _alter_at(value["results"], path, alter)
    elif isinstance(value, dict) and len(path) > 1:
        _alter_at(value.get(path[0]), path[1:], alter)
    elif isinstance(value, dict):
        alter(value, path[0])
