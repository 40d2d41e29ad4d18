"""How Sendcloud says no: the error body, and the exception that carries it up to the API's door."""

from collections.abc import Iterable

from exactsend.sandbox.json_tree import JsonObject
from exactsend.sandbox.sendcloud.structure import StructureProblem


class SendcloudRefusal(Exception):
    """A call is refused with this status and these errors."""

    def __init__(self, status: int, *errors: JsonObject) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = list(errors)
        self.beside: JsonObject = {}
        """What else the answer holds."""


def error(status: int, code: str | None, detail: str, **source: str) -> JsonObject:
    """One error in the vendor's form; ``source`` is a ``pointer`` or ``parameter``."""
    told: JsonObject = {"status": str(status), "code": code, "detail": detail}
    return {**told, "source": dict(source)} if source else told


def invalid(detail: str, pointer: str, code: str = "invalid") -> SendcloudRefusal:
    """A 400 about one field of the body."""
    return SendcloudRefusal(400, error(400, code, detail, pointer=pointer))


def not_found(detail: str = "Not found.") -> SendcloudRefusal:
    """A 404."""
    return SendcloudRefusal(404, error(404, "not_found", detail))


def wrong_parameter(parameter: str, detail: str, code: str = "invalid") -> SendcloudRefusal:
    """A 400 about one parameter of the query."""
    return SendcloudRefusal(400, error(400, code, detail, parameter=parameter))


def refuse_query(problems: Iterable[StructureProblem]) -> None:
    """Refuse a query in which something is wrong."""
    errors = [error(400, problem.code, problem.message, parameter=problem.pointer) for problem in problems]
    if errors:
        raise SendcloudRefusal(400, *errors)
