"""The scripts that a clone is used through. What they run has tests of its own; here: that they would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.measures import Measure
from tests.bench.run import PAGE, with_part

ROOT = Path(__file__).parent.parent
SCRIPTS = [
    "scripts/environment",
    "scripts/demo",
    "scripts/test",
    "scripts/coverage",
    "scripts/check",
    "scripts/format",
    "scripts/tools",
    "scripts/browser",
    "scripts/screenshots",
    ".ci/run",
]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the scripts, and a ``.venv`` of nothing but scripts that say how they were called."""
    clone = tmp_path / "a clone"
    for script in SCRIPTS:
        copy = clone / script
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / script).read_bytes())
        copy.chmod(0o755)
    (clone / "pyproject.toml").write_text("")
    for tool in ("python", "ruff", "mypy", "lint-imports", "coverage"):
        fake = clone / ".venv" / "bin" / tool
        fake.parent.mkdir(parents=True, exist_ok=True)
        fake.write_text(
            f'#!/bin/sh\n[ "$1" = -c ] || echo "{tool} $*" >>"{clone}/called"\necho "1 passed in 0.1s"\n'
        )
        fake.chmod(0o755)
    browser = clone / "browser" / "chromium"
    browser.parent.mkdir()
    browser.touch(0o755)
    return clone


def run(clone: Path, script: str, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(clone / script), *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{clone / 'browser'}:{os.environ['PATH']}", **environ},
    )


def called(clone: Path) -> list[str]:
    """How the tools were called since this was last asked."""
    log = clone / "called"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_can_be_run_and_stops_at_the_first_error(script: str) -> None:
    path = ROOT / script

    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -eu" in path.read_text()


def test_the_environment_is_made_once_for_each_pyproject(clone: Path) -> None:
    assert run(clone, "scripts/environment").returncode == 0
    assert len(called(clone)) == 3

    run(clone, "scripts/environment")
    assert called(clone) == []

    (clone / "pyproject.toml").write_text("# changed")
    run(clone, "scripts/environment")
    assert len(called(clone)) == 3


def test_the_environment_has_the_project_and_its_development_group(clone: Path) -> None:
    run(clone, "scripts/environment")

    assert [call.split()[-4:] for call in called(clone)][1] == ["--group", "dev", "--editable", "."]


def test_an_interpreter_that_is_too_old_is_refused(clone: Path) -> None:
    (clone / ".venv" / "bin" / "python").unlink()

    done = run(clone, "scripts/environment", PYTHON="/bin/false")

    assert done.returncode == 1
    assert "/bin/false is no Python 3.11 or newer with venv" in done.stderr


def test_the_demo_takes_options(clone: Path) -> None:
    run(clone, "scripts/demo", "--help")

    assert called(clone)[-1] == "python -m exactsend demo --help"


def test_the_tests_run_after_the_checks(clone: Path) -> None:
    done = run(clone, "scripts/test")

    tools = [" ".join(call.split()[:3]) for call in called(clone)[3:]]
    assert tools == [
        "ruff format --check",
        "ruff check --quiet",
        "mypy --no-error-summary",
        "lint-imports",
        "python -m pytest",
        "python -m pytest",
    ]
    assert done.returncode == 0


def test_the_report_of_coverage_ends_with_how_the_tests_went(clone: Path) -> None:
    done = run(clone, "scripts/coverage")

    tools = [" ".join(call.split()[:3]) for call in called(clone)[3:]]
    assert tools == ["python -m pytest", "coverage combine --quiet", "coverage report --skip-covered"]
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "1 passed in 0.1s"


TOOLS = ("systemd-analyze", "kubectl", "mandoc", "groff", "zsh", "fish")


def path_with(clone: Path, *more: str) -> str:
    """A PATH of the commonest commands and of these, which only say how they were called."""
    folder = clone / "bin"
    folder.mkdir()
    for name in (
        "bash",
        "env",
        "dirname",
        "cat",
        "cksum",
        "head",
        "sh",
        "mktemp",
        "tee",
        "tail",
        "rm",
        "id",
    ):
        (folder / name).symlink_to(shutil.which(name) or name)
    (folder / "python3").symlink_to(
        Path(sys.executable).resolve()
    )  # the one on the PATH may be a script that needs more
    for name in more:
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{clone}/called"\n')
        (folder / name).chmod(0o755)
    return str(folder)


def test_tools_that_are_there_are_not_installed_again(clone: Path) -> None:
    done = run(clone, "scripts/tools", PATH=path_with(clone, "apt-get", *TOOLS))

    assert done.returncode == 0
    assert [call.split()[-2:] for call in called(clone)[3:]] == [["--group", "deploy"]]


def test_tools_that_are_missing_are_installed_where_that_is_possible(clone: Path) -> None:
    path = path_with(clone, "apt-get", *TOOLS[1:])
    (clone / "bin" / "id").unlink()
    (clone / "bin" / "id").write_text("#!/bin/sh\necho 0\n")
    (clone / "bin" / "id").chmod(0o755)

    run(clone, "scripts/tools", PATH=path)

    installs = [call for call in called(clone) if call.startswith("apt-get")]
    assert installs[0].endswith("update")
    assert installs[1].endswith("install --no-install-recommends systemd")


def test_where_tools_can_not_be_installed_they_are_named(clone: Path) -> None:
    done = run(clone, "scripts/tools", PATH=path_with(clone, *TOOLS[2:]))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "please install: systemd kubernetes-client"


@pytest.mark.parametrize(("there", "must"), [(TOOLS, "1"), (TOOLS[1:], "")])
def test_the_machine_leaves_no_check_out_where_the_tools_are(
    clone: Path, there: tuple[str, ...], must: str
) -> None:
    (clone / "scripts" / "test").write_text('#!/bin/sh\necho "required: ${EXACTSEND_REQUIRE_TOOLS:-}"\n')

    done = run(clone, ".ci/run", PATH=path_with(clone, *there))

    assert done.stdout.splitlines()[-1].partition(": ")[2] == must


def test_a_browser_that_is_there_is_left_alone(clone: Path) -> None:
    done = run(clone, "scripts/browser", PATH=path_with(clone, "apt-get", "chromium"))

    assert (done.returncode, done.stderr, called(clone)) == (0, "", [])


def test_a_browser_that_is_missing_is_installed_where_that_is_possible(clone: Path) -> None:
    path = path_with(clone, "apt-get")
    (clone / "bin" / "id").unlink()
    (clone / "bin" / "id").write_text("#!/bin/sh\necho 0\n")
    (clone / "bin" / "id").chmod(0o755)

    run(clone, "scripts/browser", PATH=path)

    assert [call.split()[-3:] for call in called(clone)][1] == [
        "--no-install-recommends",
        "chromium",
        "fonts-inter",
    ]


def test_where_no_browser_can_be_installed_it_says_that_tests_are_skipped(clone: Path) -> None:
    done = run(clone, "scripts/browser", PATH=path_with(clone))

    assert done.returncode == 0
    assert "tests of the report in a browser are skipped" in done.stderr


def test_arguments_are_for_pytest_alone(clone: Path) -> None:
    run(clone, "scripts/test", "tests/cli", "-k", "connect")

    assert called(clone)[3:] == ["python -m pytest tests/cli -k connect"]


def test_a_check_that_fails_is_named_after_all_have_run(clone: Path) -> None:
    (clone / ".venv" / "bin" / "mypy").write_text("#!/bin/sh\nexit 1\n")

    done = run(clone, "scripts/check")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "failed: types"
    assert called(clone)[-1].startswith("python -m pytest")


@pytest.mark.parametrize(("script", "last"), [("test", "python -m pytest"), ("coverage", "coverage report")])
def test_tests_that_fail_make_the_script_fail_after_its_report(clone: Path, script: str, last: str) -> None:
    python = clone / ".venv" / "bin" / "python"
    python.write_text(python.read_text() + 'case "$*" in *--numprocesses*) exit 1;; esac\n')

    done = run(clone, f"scripts/{script}")

    assert done.returncode == 1
    assert called(clone)[-1].startswith(last)


def test_a_part_that_is_measured_by_itself_leaves_the_others_as_they_are() -> None:
    page = PAGE.read_text()

    anew = with_part(page, "many divisions", [Measure("calls", 7, "calls", 9)])

    assert anew.partition("### Many divisions")[0] == page.partition("### Many divisions")[0]
    assert anew.partition("### Compared")[2] == page.partition("### Compared")[2]
    assert "| calls | 7 calls | 9 calls | 0.78 |" in anew
    assert "200 idle divisions" not in anew
