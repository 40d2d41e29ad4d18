"""Each clause of the safety rules has a test that fails when it is taken out, and the page that says which tells the truth."""

from ast import unparse
from dataclasses import replace
from pathlib import Path

import pytest

from exactsend.engine.plan.purchase_verdict import judge
from tests.prove.run import played as played_by
from tests.rules.faults import NoSuchSpot, never, statement
from tests.rules.page import HEADING, table_of
from tests.rules.play import played
from tests.rules.rule import Clause, faulty, file_of, tree_of
from tests.rules.table import CLAUSES

ROOT = Path(__file__).parents[2]
EVERY = 12
"""One clause in so many: ``scripts/prove`` plays them all."""

DELETED = Clause(
    rule="S2",
    says="a delivery that is gone is not bought",
    kept_by=judge,
    fault=statement("deleted", becomes='raise AssertionError("gone")'),
    tests=("test_what_changed_in_exact_or_the_panel_stops_it",),
)


def test_a_clause_that_is_taken_out_is_noticed() -> None:
    verdicts = played_by(["rules-taken-out"], every=EVERY)

    assert {verdict.trial: verdict.findings for verdict in verdicts if verdict.findings} == {}
    assert len(verdicts) == len(CLAUSES[::EVERY])


def test_one_that_no_test_notices_is_told() -> None:
    unnoticed = replace(DELETED, tests=("test_nothing_found_is_bought_under_the_first_reference",))

    assert played(unnoticed).findings == (
        "test_nothing_found_is_bought_under_the_first_reference does not notice it",
    )


def test_one_whose_test_fails_for_another_reason_is_told() -> None:
    broken = replace(DELETED, fault=statement("deleted", becomes='raise KeyError("gone")'))

    assert len(played(broken).findings) == 2


def test_what_is_taken_out_is_taken_out_of_that_process_alone() -> None:
    before = judge.__code__

    assert played(DELETED).findings == ()
    assert judge.__code__ is before


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: f"{clause.rule} {clause.says}")
def test_a_clause_names_a_spot_and_tests_that_there_are(clause: Clause) -> None:
    assert unparse(faulty(clause)) != unparse(tree_of(clause.function()))
    assert clause.tests
    assert [file_of(test) for test in clause.tests]


def test_a_clause_that_is_nowhere_in_its_function_is_an_error() -> None:
    nowhere = replace(DELETED, fault=never("a_word_that_is_not_there"))

    with pytest.raises(NoSuchSpot, match=r"S2, a delivery that is gone .*judge has 0 conditions"):
        faulty(nowhere)


def test_one_that_fits_several_spots_is_an_error() -> None:
    ambiguous = replace(DELETED, fault=never("live"))

    with pytest.raises(NoSuchSpot, match=r"judge has 2 conditions"):
        faulty(ambiguous)


def test_every_rule_has_clauses_and_no_two_are_the_same() -> None:
    assert {clause.rule for clause in CLAUSES} == {f"S{number}" for number in range(1, 19)}
    assert len({(clause.rule, clause.says) for clause in CLAUSES}) == len(CLAUSES)


def test_the_page_on_safety_has_the_table() -> None:
    page = (ROOT / "docs/safety.md").read_text()

    assert page.partition(HEADING)[2].partition("\n## ")[0].strip() == table_of(CLAUSES)
