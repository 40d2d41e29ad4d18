"""What is shown of a problem: the catalogue has a text for every one that the program makes, and no other."""

import ast
import string

import pytest

from exactsend.domain.problem_catalogue import PHRASES
from exactsend.domain.problems import AS_STORED, Code, Phrase, Problem, Values
from exactsend.domain.shown_problem import phrase_text, shown
from exactsend.domain.templates import placeholders
from exactsend.engine.plan.cancellation_terms import RULES
from exactsend.engine.plan.carrier_errors import CAUSES
from tests.documents import ROOT
from tests.problem_templates import (
    Module,
    made_phrases,
    made_problems,
    misfits,
    modules,
    phrases_of_causes,
    templates,
    texts,
)
from tests.told_problems import a_told_problem

MADE = [made for module in modules() for made in made_problems(module)]
MADE_PHRASES = [made for module in modules() for made in made_phrases(module)]


# ── the catalogue and what problems are made with ────────────────────────────────────────────────


def test_every_problem_has_a_text_that_names_its_values_and_no_others() -> None:
    assert [misfit for made in MADE for misfit in misfits(made)] == []


def test_every_text_is_one_of_a_problem() -> None:
    assert texts().keys() - {kind for made in MADE for kind in made.kinds} == set()


def test_every_phrase_has_the_values_that_its_text_names() -> None:
    given = {key: values for _, keys, values in MADE_PHRASES for key in keys} | phrases_of_causes()

    assert {key: placeholders(PHRASES[key]) for key in given} == given
    assert {f"refund.{carrier}" for carrier in RULES} == PHRASES.keys() - given.keys() - {"refund"}


def test_every_code_has_a_text_or_stands_for_a_cause() -> None:
    with_text = {code for code, _ in texts() if code is not None}
    of_causes = {cause.code for cause in CAUSES if cause.code} | {Code.LABEL_FAILED, Code.LABEL_REFUSED}

    assert with_text | of_causes == {*Code}


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


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ('Problem(Code.TRACKING_TAKEN, {"name": name})', 0),
        ('hold(Code.METHOD_UNMAPPED, {"name": name}, variant="none")', 0),
        (
            'Problem(Code.TRACKING_TRUNCATED, {"name": name, "accept": name}, variant="" if name else "in_part")',
            0,
        ),
        ("Problem(Code.NO_GOODS, {**named})", 0),
        ("Problem(Code.TRACKING_TAKEN)", 1),
        ('Problem(Code.TRACKING_TAKEN, {"name": name, "number": name})', 1),
        ('Problem(Code.TRACKING_TAKEN, {"name": name}, "other")', 1),
    ],
)
def test_a_value_that_is_missing_or_one_too_many_is_found(call: str, wrong: int) -> None:
    source = f'def told(name):\n    named = {{"name": name}}\n    return {call}\n'

    (made,) = made_problems(Module(ROOT / "exactsend" / "given.py", ast.parse(source)))

    assert len(misfits(made)) == wrong


def test_a_value_that_the_source_does_not_show_is_found() -> None:
    source = "def told(values):\n    return Problem(Code.NO_GOODS, values)\n"

    with pytest.raises(ValueError, match="not enough values to unpack"):
        list(made_problems(Module(ROOT / "exactsend" / "given.py", ast.parse(source))))


# ── what is shown ────────────────────────────────────────────────────────────────────────────────


def test_a_problem_is_shown_with_its_values_and_its_remedy() -> None:
    words = shown(Problem(Code.COUNTRY_UNKNOWN, {"record": "the account of order 4711"}, detail="XX"))

    assert words.message == (
        "In Exact, the account of order 4711 has no country, or one that is no ISO code of two letters."
    )
    assert words.remedy == "Choose the country there; the next run goes on with it."
    assert (words.field, words.detail) == ("Country", "XX")


def test_a_phrase_is_shown_in_its_words() -> None:
    values: Values = {
        "name": "delivery 20001",
        "cause": Phrase("cause.postcode"),
        "tries": "6",
        "retry": "again",
    }

    assert shown(Problem(Code.LABEL_GIVEN_UP, values, "failed_passing")).message == (
        "the label of delivery 20001 could not be made: the postcode is not accepted, 6 times; it is not tried again by itself"
    )


def test_a_problem_that_was_stored_with_its_sentences_is_shown_as_stored() -> None:
    words = shown(a_told_problem(Code.LABEL_FAILED, "no {label}", field="Postcode", remedy="Wait."))

    assert (words.message, words.field, words.remedy) == ("no {label}", "Postcode", "Wait.")


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (Problem(Code.NO_GOODS, {"name": "order 1"}, "of_tomorrow"), "no_goods of_tomorrow: name=order 1"),
        (Problem(Code.NO_GOODS, {"number": "1"}), "no_goods: number=1"),
        (Problem(Code.NO_GOODS), "no_goods"),
        (
            Problem(Code.NO_GOODS, {"why": Phrase("of_tomorrow", {"a": "b"})}, "x"),
            "no_goods x: why=of_tomorrow: a=b",
        ),
        (
            Problem(Code.NO_GOODS, {"message": "only this"}, AS_STORED),
            "no_goods as_stored: message=only this",
        ),
    ],
)
def test_what_another_version_wrote_is_shown_by_its_code_and_values(problem: Problem, message: str) -> None:
    words = shown(problem)

    assert (words.message, words.field, words.remedy) == (message, "", "")


def test_a_value_that_no_text_names_is_no_hindrance() -> None:
    assert (
        "order 1 has nothing to send"
        in shown(Problem(Code.NO_GOODS, {"name": "order 1", "new": "x"})).message
    )


def test_a_phrase_that_lacks_a_value_is_shown_by_its_key() -> None:
    assert phrase_text(Phrase("limits.between", {"least": "1 kg"})) == "limits.between: least=1 kg"
