"""What a command loads before it answers: nothing that it does not need, so that it is quick on any machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from exactsend.cli.app import app
from exactsend.cli.options import whole
from tests.bench.sandbox_process import Served
from tests.bench.shop import Shop

TELLS_WHAT_IS_LOADED = """
import sys
from exactsend.cli import main
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
TELLS_WHAT_IS_SEARCHED_AT_THE_END = """
import gc, sys
from exactsend.cli import main
status = main()
print("next to nothing" if gc.get_freeze_count() > 100 * len(gc.get_objects()) else "everything", file=sys.stderr)
sys.exit(status)
"""
HEAVY = {
    "apprise", "cryptography", "hypothesis", "jinja2", "jsonschema", "keyring", "oauthlib", "phonenumbers", "pydantic", "pypdf",
    "requests", "requests_oauthlib", "rich", "tenacity", "urllib3", "werkzeug", "sqlite3", "asyncio", "http.client", "email", "ssl",
}  # fmt: skip
NEEDED_BY_A_RUN = {"pydantic", "requests", "tenacity", "urllib3", "http.client", "email", "ssl"}
NOT_NEEDED_BY_A_RUN = {
    "dashboard", "demo", "doctor", "lookup", "monitoring", "notify", "probe", "readmodel", "sandbox",
}  # fmt: skip


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


DECLARING = {
    "exactsend", "exactsend.cli", "exactsend.cli.app", "exactsend.cli.completion", "exactsend.cli.labels",
    "exactsend.cli.options", "exactsend.cli.run", "exactsend.cli.process_io", "exactsend.errors",
}  # fmt: skip


def test_the_version_needs_no_command_to_be_declared() -> None:
    modules = loaded("--version")

    assert ours(modules) == {"exactsend", "exactsend.cli"}
    assert "typer" not in modules


@pytest.mark.parametrize("arguments", [["--help"], ["sync", "--help"], ["labels", "--help"]])
def test_help_loads_what_declares_commands_and_nothing_that_carries_them_out(arguments: list[str]) -> None:
    modules = loaded(*arguments)

    assert ours(modules) <= DECLARING
    assert modules & HEAVY == set()


def test_completion_likewise() -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "exactsend"],
        env=unmeasured(
            {
                **os.environ,
                "_EXACTSEND_COMPLETE": "complete_bash",
                "COMP_WORDS": "exactsend syn",
                "COMP_CWORD": "1",
            }
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    modules = {line.rsplit("|", 1)[-1].strip() for line in ended.stderr.splitlines()}

    assert "sync-orders" in ended.stdout
    assert ours(modules) <= DECLARING | {"exactsend.__main__"}
    assert modules & HEAVY == set()


def test_a_command_that_is_only_listed_has_no_options_read() -> None:
    listed = typer.main.get_command(app).commands["sync"]  # type: ignore[attr-defined]  # a group

    assert listed.params == []
    assert "dry_run" in {parameter.name for parameter in whole(listed).params}


def test_an_idle_run_loads_neither_the_sandbox_nor_what_others_need(tmp_path: Path) -> None:
    with Served("small") as served:
        shop = Shop(tmp_path, served)
        shop.run("sync")
        line = ("sync", "--config", str(shop.config_path), "--state-dir", str(shop.state))
        modules = loaded(*line, **shop.env)

    assert modules & HEAVY <= NEEDED_BY_A_RUN
    parts = {name.split(".")[1] for name in ours(modules) if "." in name}
    assert parts & NOT_NEEDED_BY_A_RUN == set()


def test_python_looks_for_garbage_in_nothing_when_the_process_ends() -> None:
    assert told(TELLS_WHAT_IS_SEARCHED_AT_THE_END, "--help") == {"next", "to", "nothing"}


def test_loading_builds_no_model() -> None:
    """Most of them are not read in a run; to build one takes as long as to load a module."""
    assert told(TELLS_WHAT_IS_BUILT) == set()
