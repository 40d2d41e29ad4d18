"""Whom the configuration, files of secrets and the state folder may belong to, and who may change them."""

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exactsend.errors import ConfigError
from exactsend.settings import trusted_files
from exactsend.settings.trusted_files import read_trusted, require_trusted_folder
from tests.shop import Shop

ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
SOMEBODY = 12345


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("content")
    path.chmod(0o600)
    return path


def read(path: Path) -> bytes:
    return read_trusted(path, "the configuration")


@pytest.mark.parametrize("mode", [0o400, 0o444, 0o600, 0o640, 0o644, 0o755])
def test_what_only_its_owner_may_change_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)

    assert read(file) == b"content"


@pytest.mark.parametrize("mode", [0o602, 0o646, 0o666, 0o777])
def test_what_everybody_may_change_is_refused_with_its_mode(file: Path, mode: int) -> None:
    file.chmod(mode)

    with pytest.raises(
        ConfigError, match=rf"everybody may change the configuration .*\(mode 0{mode:o}\)"
    ) as error:
        read(file)

    assert f"chmod o-w {file}" in error.value.hint


def test_what_a_group_may_change_is_read_with_one_warning(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.chmod(0o664)

    assert read(file) == read(file) == b"content"

    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "(mode 0664)" in warning.getMessage()
    assert f"chmod g-w {file}" in warning.getMessage()


@ONLY_ROOT
def test_what_another_user_owns_is_refused_with_its_owner_and_mode(file: Path) -> None:
    os.chown(file, SOMEBODY, -1)

    with pytest.raises(ConfigError, match=rf"belongs to the user {SOMEBODY} \(mode 0600\)") as error:
        read(file)

    assert error.value.hint == f"Run exactsend as {SOMEBODY}"


def test_what_root_owns_is_read_by_another_user(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of Docker, or of a unit: mode 0444, of root."""
    file.chmod(0o444)
    owner = file.stat().st_uid
    monkeypatch.setattr(trusted_files, "_ROOT", owner)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    assert read(file) == b"content"


def test_who_is_not_root_is_told_how_to_take_it_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    us = SOMEBODY
    monkeypatch.setattr(trusted_files, "_ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: us)

    with pytest.raises(ConfigError) as error:
        read(file)

    assert error.value.hint.endswith(f"or change the owner: chown {us} {file}")


# ── what is no file ──────────────────────────────────────────────────────────────────────────────


def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)

    with pytest.raises(ConfigError, match="is a named pipe, not a regular file"):
        read(pipe)


def test_a_device_is_refused() -> None:
    with pytest.raises(ConfigError, match="/dev/null is a device, not a regular file"):
        read(Path("/dev/null"))


def test_a_link_is_followed_and_what_it_leads_to_counts(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert read(link) == b"content"

    file.chmod(0o606)
    with pytest.raises(ConfigError, match="mode 0606"):
        read(link)


# ── the folder ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(file: Path) -> Iterator[Path]:
    yield file.parent
    file.parent.chmod(0o700)


def test_a_file_that_everybody_may_exchange_is_refused(file: Path, folder: Path) -> None:
    folder.chmod(0o777)

    with pytest.raises(
        ConfigError, match=r"others may replace the configuration .*: its folder .* \(mode 0777\)"
    ) as error:
        read(file)

    assert f"chmod o-w {folder}" in error.value.hint


def test_in_a_folder_such_as_tmp_nobody_else_can_exchange_it(file: Path, folder: Path) -> None:
    folder.chmod(0o1777)

    assert read(file) == b"content"


def test_the_folder_that_a_link_leads_to_counts_too(tmp_path: Path, file: Path, folder: Path) -> None:
    ours = tmp_path / "ours"
    ours.mkdir(0o700)
    (ours / "link").symlink_to(file)
    folder.chmod(0o777)

    with pytest.raises(ConfigError, match="others may replace the configuration"):
        read(ours / "link")


def test_a_folder_that_is_mounted_read_only_is_closed_whatever_its_mode(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are the volumes that Kubernetes makes of a ConfigMap: mode 0777."""
    folder.chmod(0o777)

    class Mounted:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda _path: Mounted)

    assert read(file) == b"content"


@ONLY_ROOT
def test_a_file_in_a_folder_of_another_user_is_refused(file: Path, folder: Path) -> None:
    os.chown(folder, SOMEBODY, -1)

    with pytest.raises(ConfigError, match=f"its folder .* belongs to the user {SOMEBODY}"):
        read(file)


def test_folders_further_up_do_not_count(tmp_path: Path) -> None:
    below = tmp_path / "open" / "ours"
    below.mkdir(parents=True)
    below.parent.chmod(0o777)
    (below / "config.toml").write_text("content")

    assert read(below / "config.toml") == b"content"


# ── the state ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", [0o702, 0o777, 0o1777])
def test_a_state_folder_that_everybody_may_write_into_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)

    with pytest.raises(
        ConfigError, match=rf"everybody may change the state folder .*mode {mode:04o}"
    ) as error:
        require_trusted_folder(folder, "the state folder")

    assert f"{folder}/state" in error.value.hint


def test_a_folder_inside_of_it_will_do(folder: Path) -> None:
    (folder / "state").mkdir(0o700)
    folder.chmod(0o777)

    require_trusted_folder(folder / "state", "the state folder")


def test_one_that_is_not_there_yet_is_made_by_the_run(folder: Path) -> None:
    require_trusted_folder(folder / "state", "the state folder")


# ── in the commands ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Shop(tmp_path_factory.mktemp("shop")) as shop:
        shop.connect()
        yield shop


def fifo(shop: Shop) -> None:
    shop.config_path.rename(shop.folder / "kept")
    os.mkfifo(shop.config_path, 0o600)


SPOILED: dict[str, tuple[Callable[[Shop], None], str]] = {
    "configuration": (lambda shop: shop.config_path.chmod(0o666), "the configuration"),
    "state": (lambda shop: shop.state.chmod(0o707), "the state folder"),
    "pipe": (fifo, "named pipe"),
    "secret": (lambda shop: (shop.folder / "secret").chmod(0o666), "EXACTSEND_SENDCLOUD_SECRET_KEY_FILE"),
}


@pytest.fixture(params=SPOILED)
def spoiled(request: pytest.FixtureRequest, signed_in: Shop) -> Iterator[tuple[Shop, str]]:
    """The shop with one thing that others may have written, and what is said of it."""
    secret = signed_in.folder / "secret"
    secret.write_text(signed_in.env.pop("EXACTSEND_SENDCLOUD_SECRET_KEY"))
    secret.chmod(0o600)
    signed_in.env["EXACTSEND_SENDCLOUD_SECRET_KEY_FILE"] = str(secret)
    config = signed_in.config_path.read_text()
    spoil, said = SPOILED[request.param]
    spoil(signed_in)
    yield signed_in, said
    del signed_in.env["EXACTSEND_SENDCLOUD_SECRET_KEY_FILE"]
    signed_in.env["EXACTSEND_SENDCLOUD_SECRET_KEY"] = secret.read_text()
    signed_in.state.chmod(0o700)
    signed_in.config_path.unlink()
    signed_in.config_path.write_text(config)


@pytest.mark.parametrize("command", ["sync", "sync --dry-run", "labels create 4711 --yes", "reconcile"])
def test_no_command_uses_it_and_nothing_is_sent(spoiled: tuple[Shop, str], command: str) -> None:
    shop, said = spoiled
    mark = len(shop.sandbox.calls)

    done = shop.run(*command.split())

    assert done.status == 3, done.err
    assert said in done.err
    assert len(shop.sandbox.calls) == mark


def test_doctor_tells_of_a_group(signed_in: Shop) -> None:
    signed_in.config_path.chmod(0o664)

    done = signed_in.run("doctor")

    signed_in.config_path.chmod(0o644)
    assert done.status == 1
    assert "chmod go-w" in done.out


# ── whatever the umask ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077, 0o777])
def test_what_the_program_writes_it_reads_again_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """A container's may be anything."""
    config = tmp_path / "new" / "config.toml"
    answers = "nl\nc0ffee\nhttps://example.com/back\n1234567 acme\nno\n"
    command = [
        sys.executable,
        "-m",
        "exactsend",
        "--config",
        str(config),
        "--state-dir",
        str(tmp_path / "state"),
    ]
    status = ["status", "--json"]

    made = subprocess.run(
        [*command, "init"], input=answers, text=True, umask=umask, check=False, capture_output=True
    )
    done = subprocess.run([*command, *status], text=True, umask=umask, check=False, capture_output=True)

    assert (made.returncode, done.returncode) == (0, 0), made.stderr + done.stderr
    assert not stat.S_IMODE(config.stat().st_mode) & 0o022
