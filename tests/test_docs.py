"""The documents say what the program does: where one changes without the other, a test here fails."""

import inspect
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest

from exactsend import errors
from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.credentials import secrets
from exactsend.domain.problems import Code
from exactsend.domain.records import AttemptState, IncomingState
from exactsend.engine.plan.accepted_errors import ACCEPTABLE
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.http.allowance.exact_limits import RIGHT_OF
from exactsend.operations.doctor.check_list import CHECKS
from exactsend.operations.monitoring import GAUGES
from exactsend.operations.probe.run import QUESTIONS
from exactsend.settings.models import Topic
from tests.derived.command_table import with_command_table
from tests.documents import (
    DOCUMENTS,
    README,
    ROOT,
    command_lines,
    commands,
    leads_somewhere,
    links,
    literals,
    names_defined_in,
    python_files,
    quoted,
    table,
    texts_of_the_repository,
)

ERRORS, RULES, SETUP, STATES = (
    ROOT / "docs" / f"{name}.md" for name in ("errors", "rules", "setup", "states")
)
PROGRAM = [path for path in python_files() if "sandbox" not in path.relative_to(ROOT).parts]

# ── commands ─────────────────────────────────────────────────────────────────────────────────────


def test_the_readme_lists_every_command_and_no_other_as_the_help_does() -> None:
    readme = README.read_text(encoding="utf-8")
    listed = [name for row in table(README, "command") for name in quoted(row[0])]

    assert listed == [f"exactsend {name}" for name in commands()]
    assert readme == with_command_table(readme), "scripts/derive writes the table"


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, *sorted((ROOT / "deploy").rglob("exactsend*"))], ids=lambda path: path.name
)
def test_every_command_line_that_is_shown_exists(document: Path) -> None:
    for line in command_lines(document.read_text(encoding="utf-8")):
        words = line.split()
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in commands()), None)
        options = {word.partition("=")[0] for word in words if word.startswith("-")}

        assert name or words[0] in {command.split()[0] for command in commands()}, line
        assert options <= commands().get(name or "", frozenset()) | {"--help"}, line


@pytest.mark.parametrize("command", commands())
def test_the_help_of_a_command_mentions_each_of_its_options_once(command: str) -> None:
    out = StringIO()
    assert main([*command.split(), "--help"], ProcessIO({}, StringIO(), out, out)) == ExitStatus.DONE
    begins = re.findall(r"^ +(-[^ ].*?)(?:  |$)", out.getvalue(), re.MULTILINE)
    shown = [option for line in begins for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line)]

    assert sorted(shown) == sorted({*commands()[command], "--help"})


def test_the_readme_lists_every_exit_status() -> None:
    listed = {int(status) for row in table(README, "status", "meaning") for status in quoted(row[0])}

    assert listed == set(ExitStatus)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


def test_the_drawn_tree_of_errors_is_the_tree_of_classes() -> None:
    assert list(_drawn(errors.__doc__ or "")) == list(_real(ExactSendError, 0))


def _drawn(text: str) -> Iterator[tuple[int, str, int | None]]:
    """Depth, class and, where it stands there, status."""
    for line in text.splitlines():
        if match := re.match(r" {4}([│ ├└─]*)([A-Z][A-Za-z]+) {2,}.*?(?: {2,}(\d+))?$", line):
            yield len(match[1]) // 4, match[2], int(match[3]) if match[3] else None


def _real(error: type[ExactSendError], depth: int) -> Iterator[tuple[int, str, int | None]]:
    as_all_of_apis = issubclass(error, errors.ApiError) and depth > 1 and error.status is ExitStatus.API
    yield (depth, error.__name__, None if depth == 0 or as_all_of_apis else int(error.status))
    for below in error.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _real(below, depth + 1)


def test_every_error_that_ends_a_run_is_documented() -> None:
    listed = {
        (code, name, int(row[2]))
        for row in table(ERRORS, "code", "class")
        for code, name in [quoted(row[0] + row[1])]
    }
    classes = [
        found
        for found in vars(errors).values()
        if inspect.isclass(found) and issubclass(found, ExactSendError)
    ]

    assert listed == {
        (candidate.code, candidate.__name__, int(candidate.status))
        for candidate in classes
        if candidate is not ExactSendError
    }


def test_every_code_is_documented_and_no_other() -> None:
    listed = [code for row in table(ERRORS, "code", "stage") for code in quoted(row[0])]

    assert sorted(listed) == sorted(Code)


def test_codes_that_nothing_gives_are_said_to_be_so() -> None:
    only_name_codes = {"problems.py", "problem_catalogue.py", "accepted_errors.py"}
    code_of_the_program = "".join(path.read_text() for path in PROGRAM if path.name not in only_name_codes)
    given = {code for code in Code if f"Code.{code.name}" in code_of_the_program}
    said = {
        code
        for row in table(ERRORS, "code", "stage")
        for code in quoted(row[0])
        if "Not given by this version" in "".join(row)
    }

    assert said == set(Code) - given


def test_what_labels_accept_closes_is_said_to_be_so() -> None:
    said = {
        code
        for row in table(ERRORS, "code", "stage")
        for code in quoted(row[0])
        if "labels accept" in row[-1]
    }

    assert said == set(ACCEPTABLE)


_GIVEN = re.compile(
    r"""(?:reason=|(?:Refrain|WithdrawIncoming|_wait|_exclude|_in_step|_remember|_withdraw|_withdraw_or_exclude)\([^()"]*|^[A-Z_]+ = )"""
    r""""([a-z]+(?:_[a-z]+)*)"|^ +return "([a-z]+(?:_[a-z]+)*)"$""",
    re.MULTILINE,
)
"""Where the code gives a reason: in a call, as a constant, or as the answer of a function."""


def test_every_reason_is_documented_and_no_other() -> None:
    listed = {reason for row in table(ERRORS, "reason", "of") for reason in quoted(row[0])}
    deciding = [*python_files("exactsend/engine/plan"), *python_files("exactsend/engine/apply")]
    given = {
        reason for path in deciding for pair in _GIVEN.findall(path.read_text()) for reason in pair if reason
    }

    assert given - set(Code) <= listed
    assert listed <= {text for path in deciding for text in literals(path)}


# ── states and rules ─────────────────────────────────────────────────────────────────────────────


def test_the_documented_states_are_those_of_the_records() -> None:
    entries = [state for row in table(STATES, "entry") for state in quoted(row[0])]
    attempts = [state for row in table(STATES, "attempt") for state in quoted(row[0])]

    assert entries == list(IncomingState)
    assert attempts == list(AttemptState)


def test_everything_that_the_documents_name_in_the_code_is_there() -> None:
    named = [(document, text, target) for document, text, target in links() if target.endswith(".py")]
    missing = [
        f"{document.name}: {text} in {target}"
        for document, text, target in named
        if quoted(text) and text.strip("`") not in names_defined_in((document.parent / target).resolve())
    ]

    assert named
    assert missing == []


def test_every_rule_has_its_heading_in_order() -> None:
    headings = re.findall(r"^## ([ST]\d+) ", RULES.read_text(), re.MULTILINE)

    assert headings == [*(f"S{n}" for n in range(1, 19)), *(f"T{n}" for n in range(1, 12))]


def test_every_rule_that_the_code_cites_exists() -> None:
    headings = set(re.findall(r"^## ([ST]\d+) ", RULES.read_text(), re.MULTILINE))
    cited = {rule for path in PROGRAM for rule in re.findall(r"\b[ST][1-9]\d?\b", path.read_text())}

    assert cited <= headings


def test_the_rights_that_the_app_needs_are_those_that_the_program_names() -> None:
    assert {row[0] for row in table(ROOT / "docs" / "exact.md", "right")} == set(RIGHT_OF.values())


def test_the_checks_of_doctor_are_those_that_are_documented() -> None:
    listed = [name for row in table(ROOT / "docs" / "doctor.md", "check") for name in quoted(row[0])]
    made = dict.fromkeys(re.sub(": .*", ": …", check.name) for check in CHECKS)

    assert sorted(listed) == sorted(made)


def test_the_questions_of_a_probe_are_those_that_are_documented() -> None:
    listed = [name for row in table(ROOT / "docs" / "doctor.md", "question") for name in quoted(row[0])]

    assert listed == list(QUESTIONS)


def test_the_metrics_are_those_that_are_documented() -> None:
    listed = [name for row in table(ROOT / "docs" / "monitoring.md", "metric") for name in quoted(row[0])]

    assert listed == [*(gauge.name for gauge in GAUGES), "exit_status", "calls"]


def test_the_topics_of_messages_are_those_that_are_documented() -> None:
    listed = [name for row in table(ROOT / "docs" / "monitoring.md", "`on`") for name in quoted(row[0])]

    assert listed == list(get_args(Topic))


# ── environment, links, words ────────────────────────────────────────────────────────────────────

_VARIABLE = re.compile(r"(EXACTSEND|XDG)_[A-Z_]+|[A-Z]+_DIRECTORY|NO_COLOR|JOURNAL_STREAM|HOME")


def test_the_environment_variables_that_are_told_are_those_of_the_program() -> None:
    listed = {name for row in table(SETUP, "variable") for name in quoted(row[0])}
    read = {text for path in PROGRAM for text in literals(path) if _VARIABLE.fullmatch(text)}
    kinds = ("exact_client_secret", "sendcloud_public_key", "sendcloud_secret_key")

    assert listed == read | {secrets._variable("", kind) for kind in kinds}


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.name}: {target}"
        for document, _, target in links()
        if "://" not in target and not leads_somewhere(document, target)
    ]

    assert broken == []


_UNWANTED = re.compile(
    "|".join(
        (
            r"\.\./shar" + "ed",
            r"(?<![\w.])/wo" + r"rk\b",
            r"/ro" + r"ot\b",
            r"des" + r"ign\.md",
            r"refer" + r"ence/(exact|sendcloud|style)",
            r"\bpyp" + r"i\.org|python" + r"hosted|registry\.np" + r"mjs|/opt/py" + "pi",
            r"\bA" + r"I\b|\bL" + r"LM\b|\bhelper ag" + "ent|a sess" + r"ion\b(?! that takes| of)",
        )
    )
)
"""Written in pieces, so that this file does not find itself."""


def test_no_file_names_the_place_it_was_written_at() -> None:
    found = [
        f"{path}: {match[0]}"
        for path, text in texts_of_the_repository()
        for match in _UNWANTED.finditer(text)
    ]

    assert found == []
