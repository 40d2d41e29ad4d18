"""What is installed: the wheel is built as pip builds it, and looked into."""

import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tools import ROOT, run, tool

SHARED = "data/share/"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's file."""
    folder = tmp_path_factory.mktemp("wheel")
    done = run(tool("hatchling"), "build", "-t", "wheel", "-d", folder)
    assert done.returncode == 0, done.stderr
    (wheel,) = Path(folder).glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(built: Path) -> dict[str, int]:
    """Each file of the wheel, without the parts of its name that change, with its mode."""
    with zipfile.ZipFile(built) as files:
        return {_plain(member.filename): member.external_attr >> 16 for member in files.infolist()}


def _plain(name: str) -> str:
    """The name without its version."""
    _, data, path = name.partition(".data/data/")
    return f"data/{path}" if data else name


def test_completions_and_the_manual_page_come_to_where_shells_and_man_look(wheel: dict[str, int]) -> None:
    assert {
        f"{SHARED}bash-completion/completions/exactsend",
        f"{SHARED}zsh/site-functions/_exactsend",
        f"{SHARED}fish/vendor_completions.d/exactsend.fish",
        f"{SHARED}man/man1/exactsend.1",
        f"{SHARED}doc/exactsend/config.example.toml",
        f"{SHARED}exactsend/cron/exactsend",
    } <= wheel.keys()


def test_the_units_come_along_and_what_they_start(wheel: dict[str, int]) -> None:
    units = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}

    assert {f"{SHARED}exactsend/systemd/{name}" for name in units} <= wheel.keys()
    assert wheel[f"{SHARED}exactsend/systemd/tell-failure"] & 0o111


def test_tests_and_scripts_stay_at_home(wheel: dict[str, int]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"exactsend", "data"}


def test_only_the_extra_sandbox_needs_what_the_sandbox_needs(built: Path) -> None:
    (metadata,) = distributions(path=[str(built)])
    requirements = [Requirement(line) for line in metadata.requires or []]
    needed_by = {
        extra: {
            canonicalize_name(requirement.name)
            for requirement in requirements
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        }
        for extra in ("", "notify", "sandbox")
    }

    assert "requests" in needed_by[""]
    assert needed_by["sandbox"] - needed_by[""] == {"werkzeug", "jsonschema"}
    assert needed_by["notify"] - needed_by[""] == {"apprise"}
