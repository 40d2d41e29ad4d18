"""No secret in what every user of the machine can see of a process, nor in anything that is handed to another process."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest

from exactsend.engine.wiring import now_utc
from tests.cli.test_checking import DesktopKeyring
from tests.hostile.test_secrets import found_in, secrets
from tests.installation import SECRETS
from tests.shop import AUTOMATIC, Shop

PROC = Path("/proc")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """One whose two services live at this very moment, as the processes of this test do."""
    with Shop(tmp_path) as shop:
        shop.clock.advance(now_utc() - shop.clock())
        shop.connect()
        yield shop


# ── while it runs ────────────────────────────────────────────────────────────────────────────────


def in_files(shop: Shop) -> dict[str, str]:
    """The secrets as files, and in the environment their names alone."""
    for name, secret in SECRETS.items():
        (shop.folder / name).write_text(secret)
    return {f"{name}_FILE": str(shop.folder / name) for name in SECRETS}


def seen_while_it_runs(shop: Shop, given: Mapping[str, str]) -> dict[str, set[str]]:
    """Arguments and environment of ``exactsend sync`` and of all that it starts, as they are at each of its calls."""
    seen: dict[str, set[str]] = {"cmdline": set(), "environ": set()}
    running: list[int] = []

    def look(_body: object) -> bool:
        for process in [*running, *descendants(running)]:
            for what, texts in seen.items():
                texts.add((PROC / str(process) / what).read_bytes().decode(errors="replace"))
        return False

    shop.sandbox.faults.lose_call("*", "", times=None, body=look)
    environ = {name: value for name, value in shop.env.items() if name not in SECRETS}
    started = subprocess.Popen(
        [sys.executable, "-m", "exactsend", "sync", "-vv"],
        env={"PATH": os.environ["PATH"], **environ, **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    running.append(started.pid)
    assert started.wait() in {0, 1}
    assert any("exactsend" in text for text in seen["cmdline"])
    return seen


def descendants(processes: list[int]) -> list[int]:
    """The processes that these have started, and so on."""
    started = [
        int(child)
        for process in processes
        for task in (PROC / str(process) / "task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [*started, *descendants(started)] if started else []


def test_a_running_process_shows_no_secret(shop: Shop) -> None:
    seen = seen_while_it_runs(shop, in_files(shop))

    for what, texts in seen.items():
        assert found_in("".join(texts), secrets(shop)) == [], what


def test_its_environment_has_the_secrets_that_it_was_given_there_and_no_others(shop: Shop) -> None:
    seen = seen_while_it_runs(shop, SECRETS)

    assert found_in("".join(seen["cmdline"]), secrets(shop)) == []
    assert found_in("".join(seen["environ"]), secrets(shop)) == sorted(SECRETS.values())


# ── what it starts ───────────────────────────────────────────────────────────────────────────────

_STARTED: list[str] = []
_STARTING = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system"})
_watching = False


def _note(event: str, what: tuple[object, ...]) -> None:
    if _watching and event in _STARTING:
        _STARTED.append(repr(what))


sys.addaudithook(_note)  # for good: an audit hook can't be taken away, so it listens only while it is told to


@contextmanager
def watched() -> Iterator[list[str]]:
    """The processes that are started meanwhile: program, arguments, folder and environment."""
    global _watching  # noqa: PLW0603 - there is one hook in a process, and it takes no object along
    _STARTED.clear()
    _watching = True
    try:
        yield _STARTED
    finally:
        _watching = False


@pytest.fixture
def _desktop() -> Iterator[None]:
    former = keyring.get_keyring()
    keyring.set_keyring(DesktopKeyring())
    yield
    keyring.set_keyring(former)


@pytest.mark.usefixtures("_desktop")
def test_a_process_that_it_starts_is_handed_no_secret(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    known = secrets(shop)
    shop.configure(f'[credentials]\nstore = "keyring"\n{AUTOMATIC}')
    shop.connect()
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)

    with watched() as started:
        shop.run("doctor")

    assert len(started) == 1
    assert found_in("".join(started), known) == []


def test_nothing_but_doctor_starts_a_process(shop: Shop) -> None:
    with watched() as started:
        for command in (
            "sync",
            "errors",
            "status",
            "labels list",
            "explain 4711",
            "reconcile",
            "ledger verify",
        ):
            shop.run(*command.split())

    assert started == []
