"""What a command loads before it answers: nothing that it does not need, so that it is quick on any machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.serving import Served
from tests.bench.shop import Shop

TELLS_WHAT_IS_LOADED = """
import sys
from exactsend.cli import main
status = main(sys.argv[1:])
print("\\n".join(sys.modules), file=sys.stderr)
sys.exit(status)
"""
HEAVY = {
    "cryptography", "hypothesis", "jsonschema", "keyring", "oauthlib", "pydantic", "requests", "requests_oauthlib",
    "rich", "tenacity", "urllib3", "werkzeug", "sqlite3", "asyncio", "http.client", "email", "ssl",
}  # fmt: skip
NEEDED_BY_A_RUN = {"pydantic", "requests", "tenacity", "urllib3", "http.client", "email", "ssl"}


def unmeasured(environ: dict[str, str]) -> dict[str, str]:
    """Without what measures the tests' coverage, which loads modules of its own."""
    return {name: value for name, value in environ.items() if name != "COVERAGE_PROCESS_START"}


def loaded(*arguments: str, **environ: str) -> set[str]:
    """The modules that a command line loads."""
    ended = subprocess.run(
        [sys.executable, "-c", TELLS_WHAT_IS_LOADED, *arguments],
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
    "exactsend", "exactsend.cli", "exactsend.cli.app", "exactsend.cli.completing", "exactsend.cli.labels_app",
    "exactsend.cli.options", "exactsend.cli.program", "exactsend.cli.surroundings", "exactsend.errors",
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


def test_an_idle_run_loads_neither_the_sandbox_nor_what_others_need(tmp_path: Path) -> None:
    with Served("small") as served:
        shop = Shop(tmp_path, served)
        shop.run("sync")
        modules = loaded("sync", "--config", str(shop.config), "--state-dir", str(shop.state), **shop.environ)

    assert modules & HEAVY <= NEEDED_BY_A_RUN
    parts = {name.split(".")[1] for name in ours(modules) if "." in name}
    assert parts & {"sandbox", "demo", "monitoring", "probe"} == set()
