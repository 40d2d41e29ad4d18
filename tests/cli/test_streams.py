"""Streams that are closed, full or left: another process, as cron and shells start it. The work is done all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shop import Shop

FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")


def in_a_shell(redirected: str, *command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The program in a shell that does this with its streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-m", "exactsend", *command],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("redirected", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_run_whose_streams_were_closed_ends_as_any_other(tmp_path: Path, redirected: str) -> None:
    with Shop(tmp_path) as shop:
        shop.come_to_the_present()
        shop.connect()
        done = in_a_shell(redirected, "sync", **shop.env)

        assert done.returncode == 0
        assert "Traceback" not in done.stderr
        assert in_a_shell("", "ledger", "verify", **shop.env).stdout == "nothing is wrong\n"


def test_a_question_to_nobody_is_an_input_that_ended(tmp_path: Path) -> None:
    done = in_a_shell("<&-", "init", EXACTSEND_CONFIG=str(tmp_path / "config.toml"))

    assert done.returncode == 2
    assert "the input ended" in done.stderr


@pytest.mark.parametrize("command", [["errors"], ["errors", "--json"], ["status"], ["sync", "--dry-run"]])
def test_a_result_that_can_not_be_written_is_said_and_is_no_success(shop: Shop, command: list[str]) -> None:
    done = in_a_shell(f">{FULL}", *command, **shop.env)

    assert done.returncode == 1
    assert done.stderr.startswith("exactsend: the output can't be written: No space left on device\n")


@pytest.mark.parametrize(("command", "status"), [("--help", 1), ("--version", 1), ("nonsense", 2)])
def test_help_that_can_not_be_written_is_no_bug(command: str, status: int) -> None:
    done = in_a_shell(f">{FULL} 2>{FULL}", command)

    assert (done.returncode, done.stderr) == (status, "")


def test_words_that_can_not_be_written_change_no_status(tmp_path: Path) -> None:
    done = in_a_shell(f"2>{FULL}", "errors", EXACTSEND_CONFIG=str(tmp_path / "none.toml"))

    assert done.returncode == 3


def test_who_has_read_enough_may_go() -> None:
    done = in_a_shell("| head -n 1; exit ${PIPESTATUS:-0}", "--help")

    assert done.stdout == "Usage: exactsend [OPTIONS] COMMAND [ARGS]...\n"
    assert done.stderr == ""
