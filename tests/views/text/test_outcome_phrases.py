"""Every outcome has its sentence."""

import re
from datetime import UTC, datetime
from io import StringIO
from itertools import product
from pathlib import Path

import pytest

from exactsend.cli.sync_output import print_runs
from exactsend.cli.terminal import Terminal
from exactsend.domain.problems import Code
from exactsend.engine.division_run import Run
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind, Subject
from exactsend.engine.snapshot import WorkLeft
from exactsend.engine.sync import RunResult
from exactsend.views.text.action_phrases import REASONS
from exactsend.views.text.outcome_phrases import left_sentence, lines_of, reason_text, sentence, summary
from tests.told_problems import a_told_problem

PACKAGE = Path(__file__).parents[3] / "exactsend"
DELIVERY = Subject(order_numbers=(4711,), delivery_number=20001)
ORDER = Subject(order_numbers=(4711,))


@pytest.mark.parametrize(("kind", "outcome"), list(product(ActionKind, OutcomeKind)))
def test_every_kind_and_outcome_has_a_sentence(kind: ActionKind, outcome: OutcomeKind) -> None:
    assert sentence(Outcome(kind, DELIVERY, outcome, reason="cancelled"))


def test_every_reason_that_the_program_gives_has_words() -> None:
    decisions = [*PACKAGE.glob("engine/plan/*.py"), *PACKAGE.glob("engine/apply/*.py")]
    given = {
        reason
        for path in decisions
        for reason in re.findall(
            r'(?:reason=|DoNotBuy\(|excluded=)"([a-z_]+)"', path.read_text(encoding="utf-8")
        )
    }

    assert given
    assert given - {code.value for code in Code} <= set(REASONS)


def test_a_reason_without_words_is_its_code() -> None:
    assert reason_text("some_new_reason") == "some new reason"


def test_a_problem_is_told_with_the_carriers_words_and_its_remedy() -> None:
    problem = a_told_problem(
        Code.LABEL_FAILED, "no label for delivery 20001", remedy="Wait.", detail="too heavy"
    )
    outcome = Outcome(ActionKind.LABEL_BUY, DELIVERY, OutcomeKind.FAILED, problem=problem)

    assert lines_of([outcome]) == [
        "delivery 20001  no label: no label for delivery 20001 (too heavy)",
        "                → Wait.",
    ]


def test_what_is_only_counted_has_no_line() -> None:
    outcome = Outcome(ActionKind.ORDER_PUSH, ORDER, OutcomeKind.SKIPPED, reason="in_step", listed=False)

    assert lines_of([outcome]) == []
    assert summary([outcome], needs_a_person=0) == "nothing to do"


def test_a_summary_counts_what_was_done() -> None:
    bought = Outcome(ActionKind.LABEL_BUY, DELIVERY, OutcomeKind.DONE)
    sent = Outcome(ActionKind.ORDER_PUSH, ORDER, OutcomeKind.DONE)

    assert (
        summary([bought, sent, bought], needs_a_person=2)
        == "1 incoming order sent, 2 labels bought, 2 need a person"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (WorkLeft(), ""),
        (
            WorkLeft(deliveries=1),
            "1 delivery waits for the next run: Exact allows no more calls in this one",
        ),
        (
            WorkLeft(2, 1),
            "2 deliveries and 1 order wait for the next run: Exact allows no more calls in this one",
        ),
    ],
)
def test_what_waits_for_the_next_run_is_counted(left: WorkLeft, words: str) -> None:
    assert left_sentence(left) == words


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_run_prints_what_waits(*, dry_run: bool) -> None:
    out, at = StringIO(), datetime(2026, 11, 23, tzinfo=UTC)
    run = Run("main", dry_run, at, at, RunResult((), left=WorkLeft(orders=3)))

    print_runs(Terminal(out, StringIO()), "sync", [run])

    assert "3 orders wait for the next run" in out.getvalue()
