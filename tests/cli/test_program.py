"""The frame around every command: quick start, options before and after the name, endings, logs."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exactsend import __version__
from exactsend.cli.log_output import logging_to
from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import Terminal
from exactsend.views.text.terminal_escape import shown, shown_on_one_line
from tests.shop import Shop, Stream

HEAVY = ("requests", "pydantic", "rich", "keyring", "oauthlib", "tenacity", "werkzeug", "phonenumbers")


@pytest.mark.parametrize(
    "argv", [["--version"], ["--help"], ["sync", "--help"], ["labels", "create", "--help"]], ids=" ".join
)
def test_help_and_version_load_nothing_heavy(argv: list[str]) -> None:
    script = (
        "import sys; from exactsend.cli.main import main\n"
        f"status = main({argv!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], status)"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ended.stdout.splitlines()[-1] == "[] 0"


def test_completion_loads_nothing_heavy() -> None:
    script = f"import sys, atexit; atexit.register(lambda: print([n for n in {HEAVY!r} if n in sys.modules]))\nfrom exactsend.cli.main import main\nmain([])"
    env = os.environ | {
        "_EXACTSEND_COMPLETE": "complete_bash", "COMP_WORDS": "exactsend sync-", "COMP_CWORD": "1"
    }  # fmt: skip

    ended = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )

    assert ended.stdout.splitlines() == ["sync-orders", "sync-deliveries", "[]"]


def test_the_module_runs_like_the_console_script() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "exactsend", "--version"], capture_output=True, text=True, check=True
    )

    assert ended.stdout == f"exactsend {__version__}\n"


def test_common_options_are_taken_before_and_after_the_name(shop: Shop) -> None:
    shop.env.pop("EXACTSEND_CONFIG")
    shop.env.pop("EXACTSEND_STATE_DIR")
    here = ["--config", str(shop.config_path), "--state-dir", str(shop.state)]

    assert shop.run(*here, "--json", "status").out == shop.run("status", *here, "--json").out
    assert shop.run("-d", "nobody", "status", *here).status == 2


def test_without_a_configuration_it_says_where_it_looked(shop: Shop) -> None:
    finished = shop.run("status", "--config", "/nowhere/config.toml")

    assert finished.status == 3
    assert finished.err == (
        "exactsend: there is no configuration at /nowhere/config.toml\n  Write one: exactsend init --config /nowhere/config.toml\n"
    )


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        terminal = Terminal(gone, io.StringIO())
        terminal.result("one")
        terminal.result("two")


def test_text_shows_what_would_steer_a_terminal() -> None:
    assert shown("a\x1b[31mb\u202ec\nd\te") == "a\\x1b[31mb\\u202ec\nd\te"
    assert shown_on_one_line("a\nb\tc") == "a\\nb\\tc"
    assert shown("\ud800") == "\\ud800"


def test_a_log_line_is_one_line_with_time_and_level() -> None:
    stream = io.StringIO()

    with logging_to(stream, {}, verbosity=1) as redaction:
        redaction.add("hunter2hunter2")
        logging.getLogger("exactsend.test").info("key=%s\nforged", "hunter2hunter2")
        logging.getLogger("exactsend.test").debug("not shown")

    time, level, message = stream.getvalue().split(maxsplit=2)
    assert time.endswith("Z")
    assert (level, message) == ("INFO", "key=[redacted]\\nforged\n")


def test_under_the_journal_lines_bear_their_priority_and_no_time(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w+") as journal:
        stands = os.fstat(journal.fileno())
        environ = {"JOURNAL_STREAM": f"{stands.st_dev}:{stands.st_ino}"}
        with logging_to(journal, environ, verbosity=0):
            logging.getLogger("exactsend.test").warning("look here")
        journal.seek(0)

        assert journal.read() == "<4>look here\n"


def test_logging_is_afterwards_as_it_was_before() -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)

    with logging_to(Stream(), {}, verbosity=2):
        assert root.level == logging.DEBUG

    assert (root.handlers, root.level) == before


def test_the_traceback_of_a_bug_shows_no_secret(shop: Shop) -> None:
    class Leak(Exception):
        pass

    words = "the key " + "is sandbox-secret"
    calls = 0

    def clock() -> object:
        nonlocal calls
        calls += 1
        if calls == 12:
            raise Leak(words)
        return shop.clock()

    finished = shop.run("sync", clock=clock)  # type: ignore[arg-type]  # it never returns anything else

    assert finished.status == 70
    assert "Leak" in finished.err
    assert "the key is" not in finished.err


class Gone(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, _text: str, /) -> int:
        raise BrokenPipeError


def test_a_reader_who_goes_early_ends_no_command(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}

    assert main(["demo"], ProcessIO(environ, Stream(), Gone(), Stream())) == 0
    assert main(["errors"], ProcessIO(environ, Stream(), Gone(), Gone())) == 3
