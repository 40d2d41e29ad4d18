"""Problems that an earlier version stored as sentences, in today's form. Pure."""

from exactsend.domain.problems import AS_STORED
from exactsend.http.messages import Json
from exactsend.ledger.journal import Record

_SENTENCES = ("message", "field", "remedy")


def with_present_problems(record: Record) -> Record:
    """The record of an order, delivery or entry with its problems in today's form; itself where there is nothing to change.

    The sentences of a problem become the values of a variant that shows them as they are.
    """
    problem, problems = record.get("problem"), record.get("problems")
    if _is_of_sentences(problem):
        record = {**record, "problem": _converted(problem)}
    if isinstance(problems, dict) and any(map(_is_of_sentences, problems.values())):
        converted = {
            stage: _converted(stored) if _is_of_sentences(stored) else stored
            for stage, stored in problems.items()
        }
        record = {**record, "problems": converted}
    return record


def _is_of_sentences(problem: Json) -> bool:
    return isinstance(problem, dict) and "message" in problem


def _converted(problem: Json) -> Json:
    assert isinstance(problem, dict)
    values: dict[str, Json] = {name: problem.get(name, "") for name in _SENTENCES}
    kept = {name: value for name, value in problem.items() if name not in _SENTENCES}
    return {**kept, "variant": AS_STORED, "values": values}
