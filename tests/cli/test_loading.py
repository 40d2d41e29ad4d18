"""What a command loads before it answers: nothing that it does not need, so that it is quick on any machine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exactsend.cli.app import program
from tests.bench.sandbox_process import Served
from tests.bench.shop import Shop
from tests.documents import commands

TELLS_WHAT_IS_LOADED = """
import sys
from exactsend.cli.main import main
status = main()
print("\\n".join(sys.modules), file=sys.stderr)
sys.exit(status)
"""
TELLS_WHAT_IS_BUILT = """
import gc, sys
import exactsend.cli.sync
from pydantic import BaseModel
ours = [one for one in gc.get_objects() if isinstance(one, type) and issubclass(one, BaseModel) and one is not BaseModel]
assert len(ours) > 50
print("\\n".join(one.__name__ for one in ours if one.__pydantic_complete__), file=sys.stderr)
"""
PRINTS_WHETHER_GARBAGE_IS_SEARCHED_FOR_AT_THE_END = """
import gc, sys
from exactsend.cli.main import main
status = main()
print("frozen" if gc.get_freeze_count() > 100 * len(gc.get_objects()) else "searched", file=sys.stderr)
sys.exit(status)
"""
HEAVY = {
    "apprise", "cryptography", "hypothesis", "jinja2", "jsonschema", "keyring", "oauthlib", "phonenumbers", "pydantic", "pypdf",
    "requests", "requests_oauthlib", "rich", "tenacity", "urllib3", "werkzeug", "sqlite3", "asyncio", "http.client", "email", "ssl",
}  # fmt: skip
NEEDED_BY_A_RUN = {"pydantic", "requests", "tenacity", "urllib3", "http.client", "email", "ssl"}
NOT_NEEDED_BY_A_RUN = {
    "dashboard",
    "doctor",
    "live_lookup",
    "monitoring",
    "notifications",
    "probe",
    "read_model",
    "sandbox",
}


def unmeasured(environ: dict[str, str]) -> dict[str, str]:
    """Without what measures the tests' coverage, which loads modules of its own."""
    return {name: value for name, value in environ.items() if name != "COVERAGE_PROCESS_START"}


def loaded(*arguments: str, **environ: str) -> set[str]:
    """The modules that a command line loads."""
    return told(TELLS_WHAT_IS_LOADED, *arguments, **environ)


def told(script: str, *arguments: str, **environ: str) -> set[str]:
    """The words that a script says of itself."""
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=unmeasured({**os.environ, **environ}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(ended.stderr.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] == "exactsend"}


PARSING = {
    "exactsend", "exactsend.cli", "exactsend.cli.app", "exactsend.cli.completion", "exactsend.cli.main",
    "exactsend.cli.options", "exactsend.cli.process_io", "exactsend.errors",
}  # fmt: skip


def test_the_version_needs_no_command_to_be_loaded() -> None:
    assert ours(loaded("--version")) == PARSING


def test_the_help_of_a_group_needs_none_either() -> None:
    assert ours(loaded("--help")) == ours(loaded("labels", "--help")) == PARSING


@pytest.mark.parametrize("command", [*commands()])
def test_the_help_of_a_command_loads_its_options_and_nothing_that_carries_it_out(command: str) -> None:
    modules = loaded(*command.split(), "--help")

    (module,) = ours(modules) - PARSING - {"exactsend.cli.commands"}
    assert module.startswith("exactsend.cli.commands.")
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "completed"), [("exactsend syn", "sync-orders"), ("exactsend sync --dr", "--dry-run")]
)
def test_completion_likewise(words: str, completed: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "exactsend"],
        env=unmeasured(
            {
                **os.environ,
                "_EXACTSEND_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(words.count(" ")),
            }
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    modules = {line.rsplit("|", 1)[-1].strip() for line in ended.stderr.splitlines()}

    assert completed in ended.stdout
    assert ours(modules) <= PARSING | {
        "exactsend.__main__",
        "exactsend.cli.commands",
        "exactsend.cli.commands.sync",
    }
    assert modules & HEAVY == set()


def test_a_command_that_is_only_listed_has_no_options_read() -> None:
    group: Any = program()
    listed = group.commands["sync"]

    assert listed.params == []
    assert "dry_run" in {parameter.name for parameter in listed.load(group).params}


def test_an_idle_run_loads_neither_the_sandbox_nor_what_others_need(tmp_path: Path) -> None:
    with Served("small") as served:
        shop = Shop(tmp_path, served)
        shop.run("sync")
        line = ("sync", "--config", str(shop.config_path), "--state-dir", str(shop.state))
        modules = loaded(*line, **shop.env)

    assert modules & HEAVY <= NEEDED_BY_A_RUN
    parts = {part for name in ours(modules) for part in name.split(".")}
    assert parts & NOT_NEEDED_BY_A_RUN == set()


def test_python_searches_for_no_garbage_when_the_process_ends() -> None:
    assert told(PRINTS_WHETHER_GARBAGE_IS_SEARCHED_FOR_AT_THE_END, "--help") == {"frozen"}


def test_loading_builds_no_model() -> None:
    """Most of them are not read in a run; to build one takes as long as to load a module."""
    assert told(TELLS_WHAT_IS_BUILT) == set()
