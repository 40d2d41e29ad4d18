"""Takes one clause after another out of the program and plays the tests that must notice.

``python -m tests.rules.play --lane 0/2 --every 1`` prints a line of JSON for each clause. Forks for each, so that none meets another.
"""

import argparse
import ast
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import hypothesis  # noqa: F401
import pytest

# Loaded once here, and not once in each fork.
from tests.prove.lane import Hung, in_fork
from tests.prove.run import RULES, STRUCK
from tests.prove.trial import Verdict
from tests.rules.faults import NoSuchSpot
from tests.rules.rule import Clause, faulty, file_of, replace_code
from tests.rules.table import CLAUSES

ROOT = Path(__file__).parents[2]
PYTEST = ("-q", "-p", "no:cacheprovider", "-p", "no:warnings")
NOTICED = ("AssertionError", "Failed", "assert ", "exactsend.errors.")
"""How the crash of a test begins that noticed something; anything else broke for another reason."""


@dataclass(eq=False)  # pytest keeps its plugins in sets
class _Watcher:
    """Notes which tests failed."""

    noticed: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)
    """Tests that failed for another reason than that they noticed, with it."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.failed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        said = str(crash.message if crash else report.longrepr)
        name = report.nodeid.rpartition("::")[2].partition("[")[0]
        if report.when == "call" and said.startswith(NOTICED):
            self.noticed.add(name)
        else:
            self.broken[name] = said.partition("\n")[0][:200]


def played(clause: Clause) -> Verdict:
    """Whether each of its tests, and nothing but these, notices that the clause is gone."""
    began = time.monotonic()
    try:
        watcher = in_fork(partial(_without, clause, faulty(clause)))
    except NoSuchSpot as error:
        watcher = _Watcher(broken={"all of it": str(error)})
    except Hung:
        watcher = _Watcher(broken={"all of it": "it hung, or died"})
    findings = [f"{test} does not notice it" for test in clause.tests if test not in watcher.noticed]
    findings += [f"{name} broke: {said}" for name, said in watcher.broken.items()]
    seconds = time.monotonic() - began
    return Verdict(RULES, f"{clause.rule}, {clause.says}", tuple(findings), {STRUCK: 1}, seconds)


def _without(clause: Clause, function: ast.FunctionDef) -> _Watcher:
    """What its tests say while it is taken out. In a process of its own, which says nothing else."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    os.chdir(ROOT)
    replace_code(clause.function(), function)
    watcher = _Watcher()
    pytest.main([*PYTEST, *(f"tests/{file_of(test)}::{test}" for test in clause.tests)], plugins=[watcher])
    return watcher


def main(arguments: Sequence[str]) -> None:
    """Play a share of the clauses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lane", default="0/1")
    parser.add_argument("--every", type=int, default=1)
    reported = parser.parse_args(arguments)
    lane, lanes = (int(part) for part in reported.lane.split("/"))
    for clause in CLAUSES[:: reported.every][lane::lanes]:
        sys.stdout.write(json.dumps(asdict(played(clause))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
