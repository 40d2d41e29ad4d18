"""What problems say is made of templates with named values, all of which could be handed to a translator."""

import ast
import string

import pytest

from exactsend.domain.templates import capitalized, sentence
from tests.documents import ROOT
from tests.problem_templates import Module, Said, modules, placeholders, said, templates, untold


@pytest.mark.parametrize("value", ["{name}", "{0}", "{", "}", "{{}}", "{name.__class__}", "%s"])
def test_braces_in_a_value_do_nothing(value: str) -> None:
    assert sentence("{name}: {said}", name="delivery 5", said=value) == f"delivery 5: {value}"


def test_a_template_without_values_is_said_as_it_is() -> None:
    assert (
        sentence("Split it into several deliveries in Exact.") == "Split it into several deliveries in Exact."
    )


@pytest.mark.parametrize(("called", "begins"), [("order 5", "Order 5"), ("Order 5", "Order 5"), ("", "")])
def test_a_sentence_begins_with_a_capital(called: str, begins: str) -> None:
    assert capitalized(called) == begins


def test_every_problem_is_told_in_sentences() -> None:
    assert untold(modules()) == []


def test_the_values_of_every_sentence_are_those_that_its_template_names() -> None:
    assert [candidate for candidate in said() if not candidate.templates or not candidate.fits] == []


def test_every_template_names_its_values_by_bare_names() -> None:
    parsed = [part for template in templates() for part in string.Formatter().parse(template)]

    assert all(name is None or name.isidentifier() for _, name, _, _ in parsed)
    assert all(not spec and not conversion for _, _, spec, conversion in parsed)


def test_a_translator_is_handed_all_templates() -> None:
    handed = templates()

    assert "the label of {name} was cancelled at Sendcloud" in handed
    assert "the postcode is not accepted" in handed
    assert "In Exact, {record} lacks the country." in handed
    assert len(handed) == len(set(handed)) > 100


PASSED_ON = """
from exactsend.domain.templates import sentence

def told(code, message, *, cure=""):
    return hold(code, message, remedy=cure or _choose())

def _choose():
    return sentence("Choose.")

def hold(code, message, *, remedy=""):
    return Problem(code, message, remedy=remedy)

"""


@pytest.mark.parametrize(
    "call",
    [
        "told(1, sentence('It is {name}.', name=name), cure=sentence('Mend it.') if name else '')",
        "Problem(1, _choose())",
    ],
)
def test_sentences_that_are_handed_on_are_found(call: str) -> None:
    assert untold([_module(PASSED_ON + call)]) == []


@pytest.mark.parametrize(
    "wrong",
    ["f'It is {name}.'", "'It is so.'", "sentence('It is ') + name", "'It is {}.'.format(name)", "name"],
)
@pytest.mark.parametrize(
    "call", ["told(1, {})", "told(1, '', cure={})", "Problem(1, {})", "hold(1, '', remedy={})"]
)
def test_what_is_formatted_otherwise_is_found(call: str, wrong: str) -> None:
    assert len(untold([_module(PASSED_ON + call.format(wrong))])) == 1


@pytest.mark.parametrize(
    ("template", "values", "fits"),
    [
        ("of {name}", {"name"}, True),
        ("of {name}", set(), False),
        ("of {name}", {"name", "number"}, False),
        ("of {name.first}", {"name"}, False),
        ("of {}", {"name"}, False),
    ],
)
def test_a_template_and_its_values_are_compared(template: str, values: set[str], fits: bool) -> None:  # noqa: FBT001 - a row of the table
    assert Said("here", (template,), frozenset(values), is_of_a_table=False).fits is fits


def test_the_names_of_a_template_are_read() -> None:
    assert placeholders("{name} weighs {weight}") == {"name", "weight"}


def _module(source: str) -> Module:
    return Module(ROOT / "exactsend" / "given.py", ast.parse(source))
