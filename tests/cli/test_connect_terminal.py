"""``connect`` at a real terminal: what is secret is not shown while it is typed."""

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.sandbox.clock import wall_clock
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.starting_worlds import small_shop
from tests.cli.person import addresses
from tests.installation import SERVICES

SECRETS = ("sandbox-client-secret", "sandbox-public", "sandbox-secret")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_shop(wall_clock)) as sandbox:
        yield sandbox


@pytest.fixture
def config(tmp_path: Path, sandbox: Sandbox) -> Path:
    path = tmp_path / "config.toml"
    services = SERVICES.format(exact_url=sandbox.exact_url, sendcloud_url=sandbox.sendcloud_url)
    path.write_text(f"{services}[divisions.sandbox]\ncode = 1234567\n")
    return path


class Terminal:
    """A terminal with one command running in it."""

    def __init__(self, *command: str) -> None:
        self.seen = ""
        self._ours, theirs = pty.openpty()
        # In a session of its own it has no other terminal that it could ask for secrets at.
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)

    def read_until(self, words: str) -> None:
        """Read on until these words were shown."""
        while words not in self.seen:
            self.seen += os.read(self._ours, 4096).decode()

    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def end(self) -> int:
        status = self._process.wait(30)
        os.close(self._ours)
        return status


@pytest.fixture
def terminal(config: Path, tmp_path: Path) -> Terminal:
    """``connect``, which has printed its address and waits for the other one."""
    place = ("-c", str(config), "--state-dir", str(tmp_path / "state"))
    terminal = Terminal(sys.executable, "-m", "exactsend", "connect", *place)
    terminal.read_until("redirected address: ")
    return terminal


def test_secrets_are_typed_unseen(sandbox: Sandbox, terminal: Terminal) -> None:
    assert terminal.echoes()
    terminal.type(sandbox.office.consent(addresses(terminal.seen)[0]))
    for question, secret in zip(
        ("client secret: ", "public key of sandbox: ", "secret key of sandbox: "), SECRETS, strict=True
    ):
        terminal.read_until(question)
        assert not terminal.echoes()
        terminal.type(secret)
    terminal.read_until("sandbox: connected")
    terminal.read_until("sync --quiet")

    assert terminal.end() == 0
    assert not [secret for secret in SECRETS if secret in terminal.seen]


def test_a_slip_is_mended_without_beginning_anew(sandbox: Sandbox, terminal: Terminal) -> None:
    printed = addresses(terminal.seen)[0]
    terminal.type(printed)
    terminal.read_until("That address has no code in it")
    terminal.type(sandbox.office.consent(printed))
    for question, given in (
        ("client secret: ", "sandbox-client-secret"),
        ("public key of sandbox: ", "sandbox-pubic"),
        ("secret key of sandbox: ", "sandbox-secret"),
        ("public key of sandbox (empty: no change): ", "sandbox-public"),
        ("secret key of sandbox (empty: no change): ", ""),
    ):
        terminal.read_until(question)
        terminal.type(given)
    terminal.read_until("sandbox: connected")
    terminal.read_until("sync --quiet")

    assert terminal.end() == 0
    assert "Sendcloud refuses these keys. Enter them once more." in terminal.seen
