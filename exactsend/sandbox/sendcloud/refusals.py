"""Refusals: the error body of an answer, and the exception that `api` turns into the answer."""

from collections.abc import Iterable

from exactsend.sandbox.json_tree import JsonObject
from exactsend.sandbox.sendcloud.structure import StructureProblem


class SendcloudRefusal(Exception):
    """A refused call, with the status and errors of the answer."""

    def __init__(self, status: int, *errors: JsonObject) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = list(errors)
        self.extra_fields: JsonObject = {}
        """Further fields of the answer, beside ``errors``."""


def error(status: int, code: str | None, detail: str, **source: str) -> JsonObject:
    """An error in the vendor's form; ``source`` is a ``pointer`` or ``parameter``."""
    fields: JsonObject = {"status": str(status), "code": code, "detail": detail}
    return {**fields, "source": dict(source)} if source else fields


def invalid(detail: str, pointer: str, code: str = "invalid") -> SendcloudRefusal:
    """A 400 about a field of the body."""
    return SendcloudRefusal(400, error(400, code, detail, pointer=pointer))


def not_found(detail: str = "Not found.") -> SendcloudRefusal:
    """A 404."""
    return SendcloudRefusal(404, error(404, "not_found", detail))


def wrong_parameter(parameter: str, detail: str, code: str = "invalid") -> SendcloudRefusal:
    """A 400 about a parameter of the query."""
    return SendcloudRefusal(400, error(400, code, detail, parameter=parameter))


def refuse_query(problems: Iterable[StructureProblem]) -> None:
    """Refuse a query that has problems."""
    errors = [error(400, problem.code, problem.message, parameter=problem.pointer) for problem in problems]
    if errors:
        raise SendcloudRefusal(400, *errors)
