"""What ``scripts/machine`` types in its emulated machine, it reads in docs/setup.md: there it must find it. Nothing is booted here."""

import pytest

from tests.deploy.machine import shell
from tests.tools import ROOT


@pytest.fixture(autouse=True)
def the_clone_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "CLONE", ROOT)


@pytest.mark.parametrize(
    ("heading", "beginning", "words"),
    [
        ("A user and its folders", "useradd", ["useradd", "/path/to/the/clone/deploy/install", "install"]),
        ("A user and its folders", "ln -s", ["ln", "install", "ln", "ln"]),
        ("A user and its folders", "sudo -u", ["sudo"]),
        ("systemd", "cp /opt", ["cp", "systemctl", "systemctl", "journalctl", "systemctl", "systemctl"]),
        ("systemd", "install -d", ["install"]),
        ("cron", "cp ", ["cp"]),
        ("Secrets", "systemd-run", ["systemd-run"]),
    ],
)
def test_it_finds_the_commands_that_it_types(heading: str, beginning: str, words: list[str]) -> None:
    lines = shell.printed(heading, beginning)

    assert [line.split()[0] for line in lines[: len(words)]] == words


def test_what_stands_behind_a_command_and_a_line_that_goes_on_are_understood() -> None:
    (started,) = [
        line for line in shell.printed("systemd", "cp /opt") if line.startswith("systemctl start exactsend@")
    ]
    (by_hand,) = shell.printed("A user and its folders", "sudo -u")

    assert started == "systemctl start exactsend@acme.service"
    assert by_hand.endswith("/opt/exactsend/bin/exactsend connect")


def test_a_command_that_is_printed_nowhere_is_an_error() -> None:
    with pytest.raises(LookupError, match="prints nothing"):
        shell.printed("cron", "systemctl")
