"""The table of rules and tests in ``docs/safety.md``: ``python -m tests.rules.page`` prints what must stand there."""

import sys
from collections.abc import Sequence

from tests.rules.rule import Clause, file_of
from tests.rules.table import CLAUSES

HEADING = "### Rule by rule\n"


def table_of(clauses: Sequence[Clause]) -> str:
    """The section below its heading."""
    rows = [_row(clause, is_first=_is_first(clauses, number)) for number, clause in enumerate(clauses)]
    return "\n".join([_INTRODUCTION, "", "| rule | clause | kept by | test |", "|---|---|---|---|", *rows])


_INTRODUCTION = """\
The tests take each clause out of the function that keeps it; the named test must then fail. `scripts/prove rules-taken-out` tries all of them,
`scripts/test` some."""


def _is_first(clauses: Sequence[Clause], number: int) -> bool:
    return number == 0 or clauses[number - 1].rule != clauses[number].rule


def _row(clause: Clause, *, is_first: bool) -> str:
    tests = ", ".join(f"[`{test}`](../tests/{file_of(test)})" for test in clause.tests)
    path = clause.function().__module__.replace(".", "/")
    kept = f"[`{clause.function().__qualname__}`](../{path}.py)"
    return f"| {clause.rule if is_first else ''} | {clause.says} | {kept} | {tests} |"


if __name__ == "__main__":
    sys.stdout.write(f"{table_of(CLAUSES)}\n")
