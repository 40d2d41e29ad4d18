"""One run at a time, whatever happens to the one before."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import AlreadyRunning, ExitStatus, LedgerError
from exactsend.system.lock import Lock, file_system_of
from tests.ledger.ledgers import now

HOLDER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from exactsend.system.lock import Lock
lock = Lock(Path(sys.argv[1])).acquire(
    run_id="run-of-the-other", clock=lambda: datetime(2026, 11, 23, 9, tzinfo=UTC), sleep=lambda s: None)
print("held", flush=True)
sys.stdin.read()
"""


class Naps:
    """Sleeping that takes no time and is counted; ``at_each`` is what happens meanwhile."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds


def take(path: Path, wait: timedelta = timedelta(0), naps: Naps | None = None) -> Lock:
    return Lock(path).acquire(run_id="mine", clock=now, sleep=naps or Naps(), wait=wait)


@contextmanager
def held_by_another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-I", "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "lock"


def test_a_second_process_is_told_who_holds_the_lock(path: Path) -> None:
    with held_by_another_process(path) as other, pytest.raises(AlreadyRunning) as caught:
        take(path)

    assert f"process {other.pid} on " in caught.value.message
    assert "since 2026-11-23T09:00:00+00:00, run run-of-the-other" in caught.value.message
    assert caught.value.status == ExitStatus.LOCKED


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    with held_by_another_process(path) as other:
        other.kill()
        other.wait()

        take(path).release()


def test_a_second_lock_of_the_same_process_waits_too(path: Path) -> None:
    with take(path), pytest.raises(AlreadyRunning, match="run mine"):
        take(path)


def test_a_lock_given_back_is_free_and_its_file_stays(path: Path) -> None:
    lock = take(path)
    inode = path.stat().st_ino
    lock.release()
    lock.release()

    with take(path):
        assert path.stat().st_ino == inode


def test_waiting_takes_as_long_as_was_allowed_and_no_longer(path: Path) -> None:
    naps = Naps()
    with take(path), pytest.raises(AlreadyRunning):
        take(path, timedelta(seconds=1.5), naps)

    assert naps.seconds == pytest.approx(1.5)


def test_a_lock_that_is_given_back_meanwhile_is_taken(path: Path) -> None:
    first = take(path)

    def sleep(_seconds: float) -> None:
        first.release()

    with Lock(path).acquire(run_id="mine", clock=now, sleep=sleep, wait=timedelta(seconds=9)):
        pass


def test_a_holder_that_has_not_signed_yet_is_no_error(path: Path) -> None:
    with take(path):
        path.write_text("")

        with pytest.raises(AlreadyRunning, match="only just begun"):
            take(path)


def test_no_child_inherits_the_lock(path: Path) -> None:
    lock = take(path)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:  # noqa: S607 - any child does
        lock.release()

        take(path).release()
        child.kill()


def mounts(tmp_path: Path, kind: str) -> Path:
    device = tmp_path.stat().st_dev
    table = tmp_path / "mountinfo"
    table.write_text(
        "21 1 0:5 / /proc rw - proc proc rw\n"
        f"36 35 {device >> 8}:{device & 255} / /mnt/a\\040b rw,noatime master:1 - {kind} server:/x rw\n"
    )
    return table


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.s3fs"])
def test_a_network_disk_is_refused(path: Path, tmp_path: Path, kind: str) -> None:
    with pytest.raises(LedgerError, match=f"network disk \\({kind}\\)"):
        Lock(path, mounts=mounts(tmp_path, kind)).acquire(run_id="mine", clock=now, sleep=Naps())


def test_a_network_disk_is_taken_when_it_is_said_to_be_trusted(path: Path, tmp_path: Path) -> None:
    lock = Lock(path, trust_network_disk=True, mounts=mounts(tmp_path, "nfs4"))

    lock.acquire(run_id="mine", clock=now, sleep=Naps()).release()


def test_the_file_system_of_this_machine_is_told_or_unknown(tmp_path: Path) -> None:
    assert file_system_of(tmp_path, mounts(tmp_path, "xfs")) == "xfs"
    assert file_system_of(tmp_path, tmp_path / "no such table") is None
