import io
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.errors import ExitStatus, Terminated
from exactsend.sandbox.demo import demo
from tests.shop import Stream

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("EXACTSEND_")}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def shown(**environ: str) -> tuple[int, str]:
    """The demo as a user sees it, off a terminal and with nothing to read."""
    out = Stream()
    status = main(["demo"], ProcessIO(environ, Stream(), out, out, clock=lambda: START))
    return status, out.getvalue()


def test_it_shows_every_chapter_and_succeeds() -> None:
    status, out = shown()

    assert status == 0
    chapters = [line.strip("─ ") for line in out.splitlines() if line.startswith("──")]
    assert chapters == [
        "1. Connect",
        "2. Dry run",
        "3. Orders",
        "4. Labels, and tracking back to Exact",
        "5. One label failed",
        "6. Run it again",
        "What to do next",
    ]


def test_it_shows_the_output_that_users_see() -> None:
    _, out = shown()

    assert "$ exactsend sync --dry-run\n    new among the incoming orders\n      order 4711\n" in out
    assert "has no house number" in out
    assert "$ exactsend errors\n    no errors\n" in out
    assert out.rindex("nothing to do") < out.rindex("Calls that wrote something: 0 to Exact, 0 to Sendcloud.")


def test_it_leaves_nothing_behind(temporary: Path) -> None:
    assert shown()[0] == 0

    assert list(temporary.iterdir()) == []


def test_it_touches_no_installation_of_the_user(tmp_path: Path) -> None:
    status, _ = shown(
        EXACTSEND_CONFIG=str(tmp_path / "own.toml"), EXACTSEND_STATE_DIR=str(tmp_path / "state")
    )

    assert status == 0
    assert list(tmp_path.iterdir()) == []


def test_a_failed_check_is_reported_and_ends_it() -> None:
    out = io.StringIO()

    def does_nothing(*_: object, **__: object) -> int:
        return ExitStatus.DONE

    status = demo(does_nothing, out, {}, lambda: START)

    assert status == ExitStatus.BUG
    assert "a check failed: the dry run names every order" in out.getvalue()


def test_a_command_that_fails_ends_it() -> None:
    out = io.StringIO()

    assert demo(lambda *_, **__: 7, out, {}, lambda: START) == ExitStatus.BUG
    assert "`connect` ends with 0, not 7" in out.getvalue()


@pytest.mark.parametrize(
    ("status", "ending"),
    [(ExitStatus.INTERRUPTED, KeyboardInterrupt), (ExitStatus.TERMINATED, Terminated)],
)
def test_ending_one_of_its_commands_ends_the_demo(
    temporary: Path, status: ExitStatus, ending: type[BaseException]
) -> None:
    with pytest.raises(ending):
        demo(lambda *_, **__: status, io.StringIO(), {}, lambda: START)

    assert list(temporary.iterdir()) == []


def test_ctrl_c_ends_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "exactsend", "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment(), "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here; a job in the background ignores it
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.stdout.read()

    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
