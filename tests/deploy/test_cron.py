"""The crontab: its lines are whole, and its commands are those that are installed."""

import re

from tests.documents import command_lines, commands
from tests.tools import ROOT

CRONTAB = ROOT / "deploy" / "cron" / "exactsend"
TIME = r"(?:\*|\d+(?:,\d+)*)(?:/\d+)?"
LINE = re.compile(
    rf"(?P<when>{TIME}(?: {TIME}){{4}}) (?P<user>[a-z]+) /usr/bin/timeout (?P<limit>[^/]+) (?P<command>/\S+) (?P<words>.+)"
)
VARIABLE = re.compile(r"[A-Z_]+=\S+")


def lines() -> list[str]:
    return [line for line in CRONTAB.read_text().splitlines() if line and not line.startswith("#")]


def test_each_line_is_a_variable_or_a_command_with_its_time_and_user() -> None:
    odd = [line for line in lines() if not (VARIABLE.fullmatch(line) or LINE.fullmatch(line))]

    assert odd == []
    assert CRONTAB.read_text().endswith("\n")  # cron leaves a last line without an end out
    assert "." not in CRONTAB.name  # and a file with a dot in its name


def test_the_user_and_the_program_are_those_of_the_set_up() -> None:
    jobs = [found for line in lines() if (found := LINE.fullmatch(line))]

    assert [(job["user"], job["command"]) for job in jobs] == [
        ("exactsend", "/opt/exactsend/bin/exactsend")
    ] * 2
    assert [job["limit"] for job in jobs] == ["--kill-after=3m 45m", "2m"]  # as the units for systemd
    assert "%" not in "".join(job["words"] for job in jobs)  # which cron takes for a new line


def test_the_commands_exist() -> None:
    shown = command_lines(CRONTAB.read_text())

    assert [line.split()[0] for line in shown] == ["sync", "status"]
    assert all(line.split()[0] in commands() for line in shown)
