"""The lock that a run holds on a division, or on a sign-in while it renews its tokens.

The kernel releases it when the process ends, however it ends. So there is no stale lock, and nobody needs to delete the
file.
"""

import fcntl
import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from exactsend.errors import AlreadyRunning, LedgerError
from exactsend.system.durable_files import PRIVATE_FILE, disk_errors, make_private_folder

Clock = Callable[[], datetime]
"""The current time, aware."""
Sleep = Callable[[float], None]
"""Waits for so many seconds."""

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "9p",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.gcsfuse",
        "afs",
    },
)
MOUNTS = Path("/proc/self/mountinfo")

_LOOK_AGAIN_SECONDS = 0.2


class Lock:
    """The lock at ``path``. The file is never deleted; otherwise two runs could lock two files of the same name.

    On a network disk two machines could get the lock, so it is refused unless ``trust_network_disk`` is set.
    """

    def __init__(self, path: Path, *, trust_network_disk: bool = False, mounts: Path = MOUNTS) -> None:
        self._path = path
        self._trust_network_disk = trust_network_disk
        self._mounts = mounts
        self._descriptor: int | None = None

    def acquire(self, *, run_id: str, clock: Clock, sleep: Sleep, wait: timedelta = timedelta(0)) -> Self:
        """Take the lock, waiting up to ``wait`` in total.

        Raises:
            AlreadyRunning: another process holds it; names it.
            LedgerError: the file can't be created, or is on a network disk.
        """
        make_private_folder(self._path.parent)
        if not self._trust_network_disk:
            _refuse_network_disk(self._path.parent, self._mounts)
        with disk_errors(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            self._wait_for(descriptor, sleep, wait.total_seconds())
            self._sign(descriptor, run_id, clock())
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self

    def _wait_for(self, descriptor: int, sleep: Sleep, seconds: float) -> None:
        # Count the seconds slept instead of reading the clock, which may be set meanwhile.
        while not self._locked(descriptor):
            if seconds <= 0:
                raise self._already_running(descriptor)
            pause = min(_LOOK_AGAIN_SECONDS, seconds)
            sleep(pause)
            seconds -= pause

    def _locked(self, descriptor: int) -> bool:
        # Not lockf: such a lock ends when any descriptor of the file is closed in this process.
        with disk_errors(self._path):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def _sign(self, descriptor: int, run_id: str, now: datetime) -> None:
        holder = {
            "pid": os.getpid(),
            "host": platform.node(),
            "since": now.astimezone(UTC).isoformat(timespec="seconds"),
            "run": run_id,
        }
        with disk_errors(self._path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode("ascii") + b"\n", 0)

    def _already_running(self, descriptor: int) -> AlreadyRunning:
        return AlreadyRunning(
            f"another run holds {self._path}: {_holder(os.pread(descriptor, 4096, 0))}",
            hint="Wait for it, or let this one wait with --wait SECONDS. The lock ends with its process: never delete the file.",
        )

    def release(self) -> None:
        """Release the lock. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _holder(signed: bytes) -> str:
    try:
        holder: dict[str, object] = json.loads(signed)
        return "process {pid} on {host} since {since}, run {run}".format_map(holder)
    except (ValueError, KeyError, TypeError):  # the holder has locked but not written its name yet
        return "it has only just begun"


def _refuse_network_disk(folder: Path, mounts: Path) -> None:
    kind = file_system_of(folder, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise LedgerError(
            f"{folder} is on a network disk ({kind}), where a lock may be given to two machines at once",
            hint="Name a folder on a disk of this machine with --state-dir.",
        )


def file_system_of(folder: Path, mounts: Path = MOUNTS) -> str | None:
    """The type of the file system that has ``folder``; None if the system doesn't say.

    Found by device number, so that bind mounts and links need no resolving (Linux, proc_pid_mountinfo(5)).
    """
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    lines = mounts.read_text(errors="replace").splitlines() if mounts.exists() else []
    for line in lines:
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == wanted:
            return source.split()[0]
    return None
