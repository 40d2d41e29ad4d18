"""What ``docs/states.md`` says of states and changes is what the code decides and what the cases show."""

import pytest

from exactsend.domain.policy import OrdersPolicy
from exactsend.domain.problems import Code
from exactsend.engine.plan.checks import reason_of
from exactsend.engine.plan.order_rules import evidence_checks, first_push_checks
from exactsend.exact.models import CANCELLED, COMPLETE, OPEN, PARTIAL
from exactsend.views.data.view_types import LabelState
from tests.cases_file import read_case, words
from tests.documents import ROOT, quoted, table
from tests.installation import MONDAY
from tests.trade.builders import a_line, an_order

STATES = ROOT / "docs" / "states.md"
CASES = {
    path.stem: read_case(path) for path in (ROOT / "tests" / "cases").glob("*.toml") if path.stem != "usual"
}
CHANGES = table(STATES, "change in Exact")
CELLS = [
    (row[0], when, cell) for row in CHANGES for when, cell in zip(("before", "after"), row[1:], strict=True)
]
IDS = [f"{change}, {when}" for change, when, _ in CELLS]


def cases_in(cell: str) -> list[str]:
    return [name for name in quoted(cell) if name not in set(Code)]


def test_every_state_of_a_delivery_is_told() -> None:
    told = [state for row in table(STATES, "delivery", "meaning") for state in quoted(row[0])]

    assert told == list(LabelState)


@pytest.mark.parametrize("status", [OPEN, PARTIAL, COMPLETE, CANCELLED])
@pytest.mark.parametrize("approval", range(4))
def test_an_order_in_each_state_is_decided_about_as_told(status: int, approval: int) -> None:
    order = an_order(
        sales_order_lines=(a_line(),), status=status, approval_status=approval, order_date=MONDAY
    )
    decided = reason_of([*evidence_checks(order), *first_push_checks(order, OrdersPolicy(), MONDAY)])

    assert decided == told_reason(status, approval)


def told_reason(status: int, approval: int) -> str:
    """What the first row that fits says."""
    for _, statuses, approvals, _, reason in table(STATES, "order in Exact"):
        if fits(statuses, status) and fits(approvals, approval):
            return "".join(quoted(reason))
    raise AssertionError(f"no row tells of status {status}, approval {approval}")


def fits(cell: str, number: int) -> bool:
    return cell.startswith("any") or str(number) in cell.split(", ")


@pytest.mark.parametrize(("change", "when", "cell"), CELLS, ids=IDS)
def test_what_is_said_of_a_change_is_what_its_cases_show(change: str, when: str, cell: str) -> None:
    named = cases_in(cell)
    told = {code for code in quoted(cell) if code in set(Code)}
    shown = {
        problem.partition(" at ")[0]
        for name in named
        for problem in words(CASES[name].promises.get("problems", []))
    }

    assert named, f"{change}, {when}: no case shows it"
    assert shown == told


@pytest.mark.parametrize(("change", "when", "cell"), CELLS, ids=IDS)
def test_after_the_label_means_that_one_was_paid_before(change: str, when: str, cell: str) -> None:
    del change
    if when == "after":
        for name in cases_in(cell):
            stands = CASES[name].promises["stands"]
            assert stands.get("paid") or stands.get("labels") or stands.get("deliveries"), name


def test_every_case_of_a_change_around_the_label_stands_in_the_table() -> None:
    told = {name for _, _, cell in CELLS for name in cases_in(cell)}
    about_it = {name for name, case in CASES.items() if "S14" in case.promises.get("rules", "").split()}

    assert about_it - told == set()


def test_each_change_is_told_once() -> None:
    assert len({row[0] for row in CHANGES}) == len(CHANGES)
