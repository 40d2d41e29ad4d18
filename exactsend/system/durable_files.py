"""Files that survive a power cut, files that are replaced in one step, and errors that name the file and the remedy.

Every file that the program appends to or replaces goes through this module.

A replacement is written next to its target, under a random name. It is always created, never opened, and not through a
link, so nobody who may write to the folder can redirect our content.
"""

import errno
import os
import pwd
import re
import shlex
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Self

from exactsend.errors import LedgerError

Tap = Callable[[str], None]
"""Called just before each durable effect with its name ("journal.fsync"), so that tests can stop or fail there."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
READABLE_BY_ALL = 0o644
"""For files that other users' programs read."""
_ROOT = 0
_SUFFIX = ".tmp"
_UNUSED_AFTER_SECONDS = 3600
"""No replacement takes that long: older files were left by a process that died."""


def untapped(_effect: str) -> None:
    """The default hook: does nothing."""


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
    """Turn operating system errors about ``path`` into errors with a remedy.

    Raises:
        LedgerError: names the file and the next step.
    """
    try:
        yield
    except OSError as error:
        cause, hint = _CAUSES.get(error.errno or 0, (error.strerror or str(error), ""))
        raise LedgerError(f"{path} can't be used: {cause}", hint=hint) from error


class AppendOnlyFile:
    """A file that only grows. Each addition is durable before ``append`` returns.

    Opening it cuts off everything beyond ``whole_bytes`` and syncs the rest, because its writer may have died before
    the fsync.
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
            LedgerError: it may be there in part, whole, or not at all.
        """
        with touching(self._path):
            self._tap(f"{self._name}.write")
            write_whole(self._descriptor, content)
            self._tap(f"{self._name}.fsync")
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_whole(descriptor: int, content: bytes) -> None:
    """Write all of ``content``: the system may accept only a part when the disk is nearly full."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    name: str,
    tap: Tap = untapped,
    previous: Path | None = None,
) -> None:
    """Replace the file at ``path`` durably: at any time it is either the old one or the new one.

    Args:
        path: the file.
        content: the new content, whole or in pieces.
        name: the prefix of the hook's effect names.
        tap: the fault hook.
        previous: where to keep the old file.
    """
    with touching(path), _new_file(path, PRIVATE_FILE) as (temporary, descriptor):
        tap(f"{name}.write")
        for piece in [content] if isinstance(content, bytes) else content:
            write_whole(descriptor, piece)
        tap(f"{name}.fsync")
        os.fsync(descriptor)
        if previous is not None:
            tap(f"{name}.keep")
            _keep(path, previous)
        tap(f"{name}.rename")
        temporary.replace(path)
        tap(f"{name}.settle")
        fsync_folder(path.parent)


def replace_by_pieces(path: Path, pieces: Iterable[bytes], *, name: str, tap: Tap) -> None:
    """Replace the file at ``path`` durably with content larger than memory, after reading it back.

    Raises:
        LedgerError: the disk refuses, or does not return what was written.
    """
    checksum = 0
    with touching(path), _new_file(path, PRIVATE_FILE) as (temporary, descriptor):
        tap(f"{name}.write")
        for piece in pieces:
            write_whole(descriptor, piece)
            checksum = zlib.crc32(piece, checksum)
        tap(f"{name}.fsync")
        os.fsync(descriptor)
        if _checksum_of(temporary) != checksum:
            raise LedgerError(
                f"{temporary} does not read as it was written",
                hint="Look at the system log and move the state folder to a sound disk.",
            )
        tap(f"{name}.rename")
        temporary.replace(path)
        tap(f"{name}.settle")
        fsync_folder(path.parent)


def _checksum_of(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            checksum = zlib.crc32(piece, checksum)
    return checksum


def replace_at_once(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Replace the file at ``path`` in one step, without waiting for the disk.

    Args:
        path: the file; a link is replaced, not followed.
        content: the new content; text is encoded as UTF-8.
        mode: the new file's mode, whatever the umask. None: the old file's mode, or 0644 for a new one.

    Raises:
        OSError: it can't be written; the old file stays.
    """
    with _new_file(path, READABLE_BY_ALL if mode is None else PRIVATE_FILE) as (temporary, descriptor):
        write_whole(descriptor, content.encode() if isinstance(content, str) else content)
        if mode is None and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
        if mode is not None:
            os.fchmod(descriptor, mode)
        temporary.replace(path)


@contextmanager
def _new_file(path: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """A new file next to ``path``, open for writing. It is deleted afterwards unless it was renamed."""
    temporary, descriptor = create_beside(path, mode)
    try:
        yield temporary, descriptor
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)


def create_beside(path: Path, mode: int) -> tuple[Path, int]:
    """Create an empty file next to ``path`` and remove abandoned ones. Returns its path and open descriptor.

    Args:
        path: the file to be replaced.
        mode: the mode of the new file, less the umask.

    Raises:
        OSError: it can't be created.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}{_SUFFIX}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    latest = os.fstat(descriptor).st_mtime - _UNUSED_AFTER_SECONDS
    for leftover in leftovers(path):
        with suppress(OSError):  # another process was quicker, or it belongs to another user
            if leftover.lstat().st_mtime < latest:
                leftover.unlink()
    return temporary, descriptor


def leftovers(path: Path) -> Iterator[Path]:
    """The replacements next to ``path`` that are unfinished or abandoned."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
    earlier_name = f"{path.name}{_SUFFIX}"
    with suppress(OSError):
        for neighbour in path.parent.iterdir():
            if neighbour.name == earlier_name or name.fullmatch(neighbour.name):
                yield neighbour


def remove(path: Path, *, name: str, tap: Tap) -> None:
    """Delete a file, durably."""
    with touching(path):
        tap(f"{name}.remove")
        path.unlink()
        fsync_folder(path.parent)


def _keep(path: Path, previous: Path) -> None:
    """Keep the file at ``path`` under a second name too. After a rename it would be missing for a moment."""
    previous.unlink(missing_ok=True)
    with suppress(FileNotFoundError):  # the first snapshot has no predecessor
        previous.hardlink_to(path)


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable; a file's own fsync does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what an interrupted ``replace`` left. The caller holds the folder's lock."""
    for leftover in folder.glob(f"*{_SUFFIX}"):
        with touching(leftover):
            leftover.unlink()


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and its missing parents, readable by nobody else. Existing folders stay as they are."""
    with touching(folder):
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(PRIVATE_FOLDER, exist_ok=True)
            fsync_folder(missing.parent)


def require_private(path: Path) -> None:
    """Refuse a file or folder that other users own, or may read or change.

    Raises:
        LedgerError: names the command that corrects it.
    """
    with touching(path):
        found = path.stat()
    shell_path = shlex.quote(str(path))
    if found.st_uid != os.geteuid():
        owner, we = _user_name(found.st_uid), _user_name(os.geteuid())
        give_over = f", or give it over: chown -R {we} {shell_path}"
        raise LedgerError(
            f"{path} belongs to the user {owner}, and exactsend runs as {we}",
            # Running as root once is usually a mistake; the timer's user can't read files that root took over.
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
    except KeyError:  # a container's user often has only a number
        return str(uid)
