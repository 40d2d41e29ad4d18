"""What an installation is made of: files that are named by their hashes, and an image that is named by its digest."""

import os
import re
import stat
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tools import ROOT

DEPLOY = ROOT / "deploy"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, Version]:
    """The versions that a lock names."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+) \\$", (DEPLOY / name).read_text(), re.MULTILINE)
    return {project: Version(version) for project, version in found}


EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
RUNTIME, NOTIFY, BUILD = "requirements.lock", "requirements-notify.lock", "requirements-build.lock"
WANTED: dict[str, list[str]] = {
    RUNTIME: PROJECT["project"]["dependencies"],
    NOTIFY: PROJECT["project"]["dependencies"] + EXTRAS["notify"],
    BUILD: PROJECT["build-system"]["requires"],
}


@pytest.mark.parametrize("name", WANTED)
def test_each_file_is_named_by_its_hash(name: str) -> None:
    text = (DEPLOY / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]

    assert blocks
    assert [block for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)] == []
    assert len(blocks) == len(locked(name))


@pytest.mark.parametrize("name", WANTED)
def test_no_index_is_named(name: str) -> None:
    """Whichever mirror the files come from, their hashes are the same."""
    text = (DEPLOY / name).read_text()

    assert re.findall(r"https?://\S+|^--\S+|\bfile:\S+", text, re.MULTILINE) == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", WANTED)
def test_a_lock_has_all_that_is_needed_on_each_python(name: str, python: str) -> None:
    """As the distributions that are installed here tell it: what each needs in turn, and in which versions."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "extra": "",
    }
    have, seen, lacking = locked(name), set(), []
    waiting = [Requirement(text) for text in WANTED[name]]
    while waiting:
        requirement = waiting.pop()
        project = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        if project not in have or have[project] not in requirement.specifier:
            lacking.append(str(requirement))
        if project not in seen:
            seen.add(project)
            waiting += [Requirement(needed) for needed in _needs_of(project)]

    assert lacking == []
    assert len(seen) > 3


def _needs_of(project: str) -> list[str]:
    try:
        return metadata.requires(project) or []
    except metadata.PackageNotFoundError:  # what only another Python needs is not installed here
        return []


def test_no_lock_installs_what_only_the_sandbox_needs() -> None:
    extra = {canonicalize_name(Requirement(text).name) for text in EXTRAS["sandbox"]}

    assert extra == {"werkzeug", "jsonschema"}
    assert [name for name in WANTED if extra & locked(name).keys()] == []


def test_the_environment_for_development_has_every_extra() -> None:
    wanted = {text for requirements in EXTRAS.values() for text in requirements}

    assert wanted <= set(PROJECT["dependency-groups"]["dev"])


def test_urllib3_is_named_since_older_ones_unpack_what_has_no_end() -> None:
    (named,) = [Requirement(row) for row in PROJECT["project"]["dependencies"] if row.startswith("urllib3")]

    assert Version("2.5.0") not in named.specifier
    assert locked(RUNTIME)["urllib3"] >= Version("2.6")


def test_image_and_set_up_install_from_the_locks_alone() -> None:
    recipe = (DEPLOY / "docker" / "Dockerfile").read_text()
    install = (DEPLOY / "install").read_text()

    assert "deploy/install /opt/exactsend" in recipe
    assert "pip install" not in recipe
    for line in re.findall(r'^"\S+/bin/pip" (?:install|wheel).*$', install, re.MULTILINE):
        assert "--require-hashes" in line or "--no-deps" in line


@pytest.mark.parametrize("argv", [[], ["a", "b"], ["--notify"]])
def test_wrong_usage_of_the_installer_is_told(argv: list[str]) -> None:
    done = subprocess.run([DEPLOY / "install", *argv], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "usage: deploy/install" in done.stderr


# ── the base image ───────────────────────────────────────────────────────────────────────────────

DIGEST = "sha256:" + "ab" * 32
DOCKER = f"""#!/bin/sh
echo "$@" >>"$ASKED"
[ "$1 $2" = "image inspect" ] && echo "docker.example/python@{DIGEST}"
exit 0
"""


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """A program with docker's words, which writes down what it was asked."""
    program = tmp_path / "docker"
    program.write_text(DOCKER)
    program.chmod(stat.S_IRWXU)
    return program


def build(docker: Path, **environ: str) -> list[str]:
    asked = docker.with_name("asked")
    subprocess.run(
        [DEPLOY / "docker" / "build", "-t", "exactsend:new"],
        env={"PATH": os.defpath, "DOCKER": str(docker), "ASKED": str(asked), **environ},
        capture_output=True,
        check=True,
    )
    return asked.read_text().splitlines()


def test_the_image_is_built_on_the_digest_that_the_tag_leads_to_now(docker: Path) -> None:
    pulled, inspected, built = build(docker)

    assert pulled == "pull python:3.13-slim-bookworm"
    assert inspected.endswith(" python:3.13-slim-bookworm")
    assert f"PYTHON_IMAGE=python:3.13-slim-bookworm@{DIGEST} " in built
    assert f"--label org.opencontainers.image.base.digest={DIGEST} " in built
    assert built.endswith("-t exactsend:new .")


def test_a_digest_that_is_named_is_built_on_as_it_is(docker: Path) -> None:
    (built,) = build(docker, PYTHON_IMAGE=f"mirror.example/python:3.12@{DIGEST}")

    assert f"PYTHON_IMAGE=mirror.example/python:3.12@{DIGEST} " in built
    assert "base.name=mirror.example/python:3.12 " in built
