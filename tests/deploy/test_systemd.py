"""The units for systemd: systemd itself reads them, weighs how exposed they are, and the one that tells of a failure does so."""

import os
import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from exactsend.errors import ExitStatus
from tests.tools import ROOT, run, tool

SYSTEMD = ROOT / "deploy" / "systemd"
UNITS = sorted(SYSTEMD.glob("*@.*"))
INSTALLED = "/opt/exactsend/"


def settings(unit: str, section: str) -> dict[str, str]:
    """What stands in a section; of what stands there twice, the last."""
    parser = RawConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parser.read(SYSTEMD / unit)
    return dict(parser[section])


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The units and the program where an administrator puts them, under another root."""
    for unit in UNITS:
        copy = tmp_path / "etc" / "systemd" / "system" / unit.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(unit.read_text())
    for program in ("opt/exactsend/bin/exactsend", "bin/sh"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    return tmp_path


def test_systemd_finds_nothing_wrong_with_the_units(machine: Path) -> None:
    names = [unit.name.replace("@", "@acme") for unit in UNITS]
    done = run(
        tool("systemd-analyze"), "verify", "--root", machine, "--man=no", "--recursive-errors=no", *names
    )

    assert "exactsend" not in done.stderr
    assert len(UNITS) == 5


def test_systemd_does_find_what_is_wrong(machine: Path) -> None:
    unit = machine / "etc" / "systemd" / "system" / "exactsend@.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystems=strict"))

    done = run(tool("systemd-analyze"), "verify", "--root", machine, "--man=no", "exactsend@acme.service")

    assert "ProtectSystems" in done.stderr


@pytest.mark.parametrize(("unit", "most"), [("exactsend@.service", 1.9), ("exactsend-watch@.service", 0.9)])
def test_a_unit_is_hardly_exposed(unit: str, most: float) -> None:
    done = run(
        tool("systemd-analyze"),
        "security",
        "--offline=true",
        "--no-pager",
        f"--threshold={int(most * 10)}",
        SYSTEMD / unit,
    )
    level = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)

    assert level is not None
    assert float(level[1]) <= most
    assert done.returncode == 0


def test_what_a_run_may_end_with_by_itself_is_no_failure_of_the_unit() -> None:
    told = {int(status) for status in settings("exactsend@.service", "Service")["SuccessExitStatus"].split()}

    assert told == {ExitStatus.ATTENTION, ExitStatus.API, ExitStatus.LOCKED, ExitStatus.TERMINATED}


def test_what_fails_is_told_and_what_stays_away_too() -> None:
    for unit in ("exactsend@.service", "exactsend-watch@.service"):
        assert settings(unit, "Unit")["OnFailure"] == "exactsend-failed@%i.service"
    assert "OnFailure" not in settings("exactsend-failed@.service", "Unit")


def test_the_names_of_the_credentials_are_those_that_the_program_looks_for() -> None:
    # A folder is loaded as one credential for each of its files: the name, an underscore, the file's name.
    prefix, _, folder = settings("exactsend@.service", "Service")["LoadCredential"].partition(":")

    assert f"{prefix}_sendcloud_public_key".upper() == "EXACTSEND_SENDCLOUD_PUBLIC_KEY"
    assert folder == "/etc/exactsend/secrets"


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_what_a_unit_starts_is_what_is_installed(unit: Path) -> None:
    started = settings(unit.name, "Service")["ExecStart"]
    words = [word.removeprefix(INSTALLED) for word in started.split() if word.startswith(INSTALLED)]

    assert words in (["bin/exactsend"], ["share/exactsend/systemd/tell-failure"])


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def path_with_a_journal(tmp_path: Path) -> Path:
    """A PATH on which the journal holds one line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command(
        folder / "journalctl", 'echo "2026-11-25T03:00:00 exactsend: a person must sign in"; echo "$@" >&2'
    )
    for name in ("uname", "cat", "find", "touch"):
        found = tool(name)
        (folder / name).symlink_to(found)
    return folder


def command(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_failure_is_told_by_mail_with_the_end_of_the_log(path_with_a_journal: Path, tmp_path: Path) -> None:
    command(path_with_a_journal / "sendmail", f"cat >'{tmp_path}/mail'")

    done = run(
        "/bin/sh", SYSTEMD / "tell-failure", "acme", PATH=str(path_with_a_journal), EXACTSEND_MAIL_TO="ops"
    )

    mail = (tmp_path / "mail").read_text()
    assert done.returncode == 0
    assert mail.startswith("To: ops\nSubject: exactsend: division acme failed on ")
    assert "\n\nWhat the last runs of division acme said:\n" in mail
    assert "a person must sign in" in mail
    assert "--unit=exactsend@acme.service --unit=exactsend-watch@acme.service" in done.stderr
    assert done.stdout == "<2>exactsend: division acme failed; ops was told by mail\n"


def test_one_mail_an_hour_is_enough_and_the_journal_hears_of_each_failure(
    path_with_a_journal: Path, tmp_path: Path
) -> None:
    command(path_with_a_journal / "sendmail", f"cat >>'{tmp_path}/mail'")

    def fails() -> str:
        return run(
            "/bin/sh",
            SYSTEMD / "tell-failure",
            "acme",
            PATH=str(path_with_a_journal),
            RUNTIME_DIRECTORY=str(tmp_path),
        ).stdout

    said = [fails(), fails()]
    mailed_at = (tmp_path / "acme").stat().st_mtime
    os.utime(tmp_path / "acme", (mailed_at - 3700,) * 2)
    said.append(fails())
    os.utime(tmp_path / "acme", (mailed_at + 3700,) * 2)  # the clock was set back
    said.append(fails())

    told = "<2>exactsend: division acme failed; root was told by mail\n"
    again = "<2>exactsend: division acme failed again; root was told by mail within the last hour\n"
    assert said == [told, again, told, told]
    assert (tmp_path / "mail").read_text().count("Subject: ") == 3


def test_a_mail_that_could_not_be_sent_is_tried_again(path_with_a_journal: Path, tmp_path: Path) -> None:
    command(path_with_a_journal / "sendmail", "exit 75")

    done = run(
        "/bin/sh",
        SYSTEMD / "tell-failure",
        "acme",
        PATH=str(path_with_a_journal),
        RUNTIME_DIRECTORY=str(tmp_path),
    )

    assert done.returncode != 0
    assert not (tmp_path / "acme").exists()


def test_a_mail_program_that_works_on_after_it_has_returned_is_not_killed() -> None:
    assert settings("exactsend-failed@.service", "Service")["KillMode"] == "process"


def test_without_a_mail_program_the_journal_says_that_nobody_was_told(path_with_a_journal: Path) -> None:
    done = run("/bin/sh", SYSTEMD / "tell-failure", "acme", PATH=str(path_with_a_journal))

    assert done.returncode == 0
    assert done.stdout.startswith("<2>exactsend: division acme failed; this machine has no sendmail")


@pytest.mark.parametrize("unit", ["exactsend@.service", "exactsend-watch@.service"])
def test_a_run_leaves_no_dump_of_its_memory_and_can_not_take_all_of_it(unit: str) -> None:
    service = settings(unit, "Service")

    assert service["LimitCORE"] == "0"
    assert service["MemoryMax"] == "512M"
