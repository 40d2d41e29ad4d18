"""Files that outlive a power cut, and the sentences for what goes wrong with them.

Everything in this package that changes the disk does it here: append and fsync, replace atomically, keep others out.
Knows neither events nor records.
"""

import errno
import os
import pwd
import shlex
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from exactsend.errors import LedgerError
from exactsend.system.temporary_files import SUFFIX, create_beside

Tap = Callable[[str], None]
"""Called just before each lasting effect with its name ("journal.fsync"), so that tests can die or fail right there."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_ROOT = 0


def untapped(_effect: str) -> None:
    """The tap of every day: does nothing."""


_CAUSES = {
    errno.ENOSPC: ("no space is left on its disk", "Make room and run again: it goes on where it stopped."),
    errno.EDQUOT: ("its disk quota is used up", "Raise the quota or make room, then run again."),
    errno.EIO: (
        "the disk reports an error",
        "Look at the system log and move the state folder to a sound disk.",
    ),
    errno.EROFS: (
        "its file system is read-only",
        "Mount it for writing, or name another folder with --state-dir.",
    ),
    errno.EACCES: ("permission is denied", "The state folder must belong to the user that runs exactsend."),
    errno.EPERM: ("permission is denied", "The state folder must belong to the user that runs exactsend."),
}


@contextmanager
def touching(path: Path) -> Iterator[None]:
    """Work on ``path``.

    Raises:
        LedgerError: the operating system refuses; names the file and the next step.
    """
    try:
        yield
    except OSError as error:
        cause, hint = _CAUSES.get(error.errno or 0, (error.strerror or str(error), ""))
        raise LedgerError(f"{path} can't be used: {cause}", hint=hint) from error


class AppendOnlyFile:
    """A file that only grows, each addition durable before ``append`` returns.

    Opening it cuts off what stands beyond ``whole_bytes``, and makes durable what is found: whoever wrote it may have died before the fsync.
    """

    def __init__(self, path: Path, *, whole_bytes: int, name: str, tap: Tap) -> None:
        self._path, self._name, self._tap = path, name, tap
        with touching(path):
            self._descriptor = os.open(
                path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE
            )
        try:
            self._make_whole(whole_bytes)
        except BaseException:
            self.close()
            raise

    def _make_whole(self, whole_bytes: int) -> None:
        with touching(self._path):
            if os.fstat(self._descriptor).st_size > whole_bytes:
                self._tap(f"{self._name}.repair")
                os.ftruncate(self._descriptor, whole_bytes)
            self._tap(f"{self._name}.fsync")
            os.fsync(self._descriptor)
            fsync_folder(self._path.parent)

    def append(self, content: bytes) -> None:
        """Add ``content`` at the end, durably.

        Raises:
            LedgerError: it may stand there now in part, whole, or not at all.
        """
        with touching(self._path):
            self._tap(f"{self._name}.write")
            write_whole(self._descriptor, content)
            self._tap(f"{self._name}.fsync")
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Give the file back; twice is once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_whole(descriptor: int, content: bytes) -> None:
    """Write all of ``content``: the system may take it in pieces when the disk is nearly full."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(
    path: Path, content: bytes, *, name: str, tap: Tap = untapped, previous: Path | None = None
) -> None:
    """Make ``content`` the file at ``path``: before, during and after it is either the old one or the new one.

    ``previous`` is where the old one stays.
    """
    with touching(path), _written_beside(path, [content], name, tap) as (temporary, _):
        if previous is not None:
            tap(f"{name}.keep")
            _keep(path, previous)
        tap(f"{name}.rename")
        temporary.replace(path)
        tap(f"{name}.settle")
        fsync_folder(path.parent)


def replace_by_pieces(path: Path, pieces: Iterable[bytes], *, name: str, tap: Tap) -> None:
    """The same with what need not be in memory all at once; it has been read back before it takes the place of the old one.

    Raises:
        LedgerError: the disk refuses, or does not give back what it took.
    """
    with touching(path), _written_beside(path, pieces, name, tap) as (temporary, wrote):
        if _checksum_of(temporary) != wrote:
            raise LedgerError(
                f"{temporary} does not read as it was written",
                hint="Look at the system log and move the state folder to a sound disk.",
            )
        tap(f"{name}.rename")
        temporary.replace(path)
        tap(f"{name}.settle")
        fsync_folder(path.parent)


@contextmanager
def _written_beside(path: Path, pieces: Iterable[bytes], name: str, tap: Tap) -> Iterator[tuple[Path, int]]:
    """A new file beside ``path`` that has these pieces durably, with their checksum; gone afterwards unless it took its place."""
    temporary, descriptor = create_beside(path, PRIVATE_FILE)
    try:
        yield temporary, _write_durably(descriptor, pieces, name, tap)
    finally:
        temporary.unlink(missing_ok=True)


def _write_durably(descriptor: int, pieces: Iterable[bytes], name: str, tap: Tap) -> int:
    checksum = 0
    try:
        tap(f"{name}.write")
        for piece in pieces:
            write_whole(descriptor, piece)
            checksum = zlib.crc32(piece, checksum)
        tap(f"{name}.fsync")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return checksum


def _checksum_of(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            checksum = zlib.crc32(piece, checksum)
    return checksum


def remove(path: Path, *, name: str, tap: Tap) -> None:
    """Take a file away, durably."""
    with touching(path):
        tap(f"{name}.remove")
        path.unlink()
        fsync_folder(path.parent)


def _keep(path: Path, previous: Path) -> None:
    """Give the file at ``path`` a second name. Renaming it would leave a moment without it."""
    previous.unlink(missing_ok=True)
    with suppress(FileNotFoundError):  # the first snapshot has none before it
        previous.hardlink_to(path)


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable; a file's own fsync does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what a ``replace`` left that died half-way. For the one that holds the folder's lock."""
    for leftover in folder.glob(f"*{SUFFIX}"):
        with touching(leftover):
            leftover.unlink()


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and the folders above it that are missing, open to nobody else; those that exist stay as they are."""
    with touching(folder):
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(PRIVATE_FOLDER, exist_ok=True)
            fsync_folder(missing.parent)


def require_private(path: Path) -> None:
    """Refuse a file or folder that is not ours alone.

    Raises:
        LedgerError: it belongs to another user, or others may read or change it; tells the command that cures it.
    """
    with touching(path):
        found = path.stat()
    shell_path = shlex.quote(str(path))
    if found.st_uid != os.geteuid():
        owner, we = _user_name(found.st_uid), _user_name(os.geteuid())
        give_over = f", or give it over: chown -R {we} {shell_path}"
        raise LedgerError(
            f"{path} belongs to the user {owner}, and exactsend runs as {we}",
            # Root was a slip of the hand; what it took over, the timer's user could not read any more.
            hint=f"Run exactsend as {owner}{'' if os.geteuid() == _ROOT else give_over}",
        )
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        wanted = PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE
        raise LedgerError(
            f"other users may read or change {path}", hint=f"Close it: chmod {wanted:o} {shell_path}"
        )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user often has a number only
        return str(uid)
