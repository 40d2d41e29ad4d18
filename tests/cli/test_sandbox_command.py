"""``exactsend sandbox`` as people start and stop it: another process, real signals."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

SERVED = re.compile(r"Exact Online and Sendcloud, simulated, at (http://127\.0\.0\.1:\d+)")


def environment(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EXACTSEND_")}
    return {**inherited, **more}


@contextmanager
def serving(*options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A sandbox of its own process, and its address."""
    command = [sys.executable, "-m", "exactsend", "sandbox", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            found = SERVED.match(process.stdout.readline())
            assert found is not None
            yield process, found[1]
        finally:
            process.kill()


@contextmanager
def in_its_shell(env_file: Path, *command: str) -> Iterator["subprocess.Popen[str]"]:
    """A command in a shell that has read the written environment."""
    read_and_run = 'set -a; . "$1"; set +a; shift; exec "$@"'
    with subprocess.Popen(
        ["/bin/sh", "-euc", read_and_run, "sh", str(env_file), sys.executable, "-m", "exactsend", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    ) as process:
        yield process


def allow_access(address: str) -> str:
    """Press the button on the sandbox's page; the address that the browser is sent to."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc)
    connection.request("POST", f"{parts.path}?{parts.query}")
    sent_to = connection.getresponse().headers["Location"]
    connection.close()
    assert sent_to is not None
    return sent_to


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped_which_is_a_good_end(asked: signal.Signals) -> None:
    with serving() as (process, url):
        with urlopen(f"{url}/_sandbox/") as page:  # noqa: S310 - an address on this machine
            assert b"4711" in page.read()

        process.send_signal(asked)

        assert process.wait(10) == 0


def test_a_port_in_use_is_wrong_usage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "exactsend", "sandbox", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
        )

    assert done.returncode == 2
    assert f"port {port} can't be used" in done.stderr


def test_the_written_files_are_all_that_a_shell_needs_to_connect_and_sync(tmp_path: Path) -> None:
    folder = tmp_path / "trial folder"
    with serving("--write-config", str(folder)):
        with in_its_shell(folder / "sandbox.env", "connect") as connecting:
            assert connecting.stdout is not None
            connecting.communicate(allow_access(connecting.stdout.readline().strip()) + "\n")
        with in_its_shell(folder / "sandbox.env", "sync", "--dry-run") as syncing:
            said, _ = syncing.communicate()

    assert (connecting.returncode, syncing.returncode) == (0, 0)
    assert [order for order in range(4711, 4721) if str(order) in said] == list(range(4711, 4717))


def test_the_files_with_secrets_are_open_to_nobody_else(tmp_path: Path) -> None:
    with serving("--write-config", str(tmp_path / "trial")):
        assert (tmp_path / "trial").stat().st_mode & 0o077 == 0


def test_a_folder_that_can_not_be_written_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = subprocess.run(
        [sys.executable, "-m", "exactsend", "sandbox", "--write-config", str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )

    assert done.returncode == 2
    assert "can't be written" in done.stderr


WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None
from exactsend.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize("command", ["demo", "sandbox"])
@pytest.mark.parametrize("library", ["werkzeug", "jsonschema"])
def test_without_the_extra_one_line_says_what_to_install(library: str, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, library, command],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "exactsend: the simulated services are not installed; to install them: pip install 'exactsend[sandbox]'\n"
    )
