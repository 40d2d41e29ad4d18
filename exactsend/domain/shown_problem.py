"""A problem as a person reads it: the catalogue's texts with the problem's values. Pure, and never raises.

Only what shows problems imports this: what decides knows codes and values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from exactsend.domain.problem_catalogue import PHRASES, SHARED, TEXTS, Text
from exactsend.domain.problems import Code, Phrase, Values
from exactsend.domain.templates import placeholders, sentence


class _Described(Protocol):
    """What a problem and the record of one have in common."""

    @property
    def code(self) -> Code: ...
    @property
    def variant(self) -> str: ...
    @property
    def values(self) -> Values: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True)
class ShownProblem:
    """The sentences of a problem."""

    code: Code
    message: str
    field: str
    """The field to correct: by Exact's name where it is in Exact, by Sendcloud's where it is there. Empty where there is none."""
    remedy: str
    """Where to correct what, and how to get on."""
    detail: str


def shown(problem: _Described) -> ShownProblem:
    """The sentences of a problem.

    One that the catalogue does not fit, since another version wrote it, is shown by its code and values.
    """
    values = _in_words(problem.values)
    text = text_of(problem.code, problem.variant)
    if text is None or not text.placeholders <= values.keys():
        return ShownProblem(problem.code, _unworded(problem, values), "", "", problem.detail)
    message, field, remedy = (
        sentence(template, **values) for template in (text.message, text.field, text.remedy)
    )
    return ShownProblem(problem.code, message, field, remedy, problem.detail)


def text_of(code: Code, variant: str) -> Text | None:
    """The text of a code and variant; None where there is none."""
    return TEXTS.get((code, variant)) or SHARED.get(variant)


def phrase_text(phrase: Phrase) -> str:
    """The words of a phrase; of one that is not known, its key and values."""
    template = PHRASES.get(phrase.key)
    if template is None or not placeholders(template) <= phrase.values.keys():
        return _listed(phrase.key, phrase.values)
    return sentence(template, **phrase.values)


def _in_words(values: Values) -> dict[str, str]:
    return {
        name: phrase_text(value) if isinstance(value, Phrase) else value for name, value in values.items()
    }


def _unworded(problem: _Described, values: Mapping[str, str]) -> str:
    return _listed(f"{problem.code} {problem.variant}".strip(), values)


def _listed(called: str, values: Mapping[str, str]) -> str:
    listed = ", ".join(f"{name}={value}" for name, value in values.items())
    return f"{called}: {listed}" if listed else called
