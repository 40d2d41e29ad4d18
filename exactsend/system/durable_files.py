"""Files that survive a power cut, files that are replaced in one step, and the messages for what goes wrong with them.

Every file that the program appends to or replaces goes through this module.

A new file is written next to the one that it replaces, under a random name. It is always created, never opened, and not through a
link: nobody who may write to the folder can prepare a name that leads our content elsewhere.
"""

import errno
import os
import pwd
import re
import shlex
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Self

from exactsend.errors import LedgerError

FaultHook = Callable[[str], None]
"""Called just before each lasting effect with its name ("journal.fsync"), so that tests can die or fail right there."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
READABLE_BY_ALL = 0o644
"""For a file that programs of other users read."""
_ROOT = 0
_SUFFIX = ".tmp"
_UNUSED_AFTER_SECONDS = 3600
"""No replacement takes that long: what is older was left by a process that died."""


def no_fault(_effect: str) -> None:
    """The fault hook of ordinary runs: does nothing."""


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
def disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of the operating system into a LedgerError about ``path``.

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

    Opening it cuts off everything beyond ``whole_bytes`` and makes the rest durable: its writer may have died before the fsync.
    """

    def __init__(self, path: Path, *, whole_bytes: int, name: str, fault_hook: FaultHook) -> None:
        self._path, self._name, self._fault_hook = path, name, fault_hook
        with disk_errors(path):
            self._descriptor = os.open(
                path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE
            )
        try:
            self._make_whole(whole_bytes)
        except BaseException:
            self.close()
            raise

    def _make_whole(self, whole_bytes: int) -> None:
        with disk_errors(self._path):
            if os.fstat(self._descriptor).st_size > whole_bytes:
                self._fault_hook(f"{self._name}.repair")
                os.ftruncate(self._descriptor, whole_bytes)
            self._fault_hook(f"{self._name}.fsync")
            os.fsync(self._descriptor)
            fsync_folder(self._path.parent)

    def append(self, content: bytes) -> None:
        """Add ``content`` at the end, durably.

        Raises:
            LedgerError: it may be written in part, whole, or not at all.
        """
        with disk_errors(self._path):
            self._fault_hook(f"{self._name}.write")
            _write_whole(self._descriptor, content)
            self._fault_hook(f"{self._name}.fsync")
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file. Calling it twice does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write_whole(descriptor: int, content: bytes) -> None:
    """Write all of ``content``: the system may accept only a part when the disk is nearly full."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    name: str,
    fault_hook: FaultHook = no_fault,
    previous: Path | None = None,
) -> None:
    """Replace the file at ``path`` durably: at any moment it is either the old one or the new one.

    Args:
        path: the file.
        content: what it has from then on, whole or in pieces.
        name: what the fault hook calls its effects.
        fault_hook: called before each lasting effect.
        previous: where the old file stays.
    """
    with disk_errors(path), _new_file(path, PRIVATE_FILE) as (temporary, descriptor):
        fault_hook(f"{name}.write")
        for piece in [content] if isinstance(content, bytes) else content:
            _write_whole(descriptor, piece)
        fault_hook(f"{name}.fsync")
        os.fsync(descriptor)
        if previous is not None:
            fault_hook(f"{name}.keep")
            _keep(path, previous)
        fault_hook(f"{name}.rename")
        temporary.replace(path)
        fault_hook(f"{name}.settle")
        fsync_folder(path.parent)


def replace_atomically(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Replace the file at ``path`` in one step, without waiting for the disk.

    Args:
        path: the file; a link is replaced, not followed.
        content: what it has from then on; text becomes UTF-8.
        mode: its mode, whatever the umask. None: the mode that it has; a new file gets the usual one, in which only the owner may write.

    Raises:
        OSError: it can't be written; the old file stays.
    """
    with _new_file(path, READABLE_BY_ALL if mode is None else PRIVATE_FILE) as (temporary, descriptor):
        _write_whole(descriptor, content.encode() if isinstance(content, str) else content)
        if mode is None and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
        if mode is not None:
            os.fchmod(descriptor, mode)
        temporary.replace(path)


@contextmanager
def _new_file(path: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """A new file next to ``path``, open for writing; deleted afterwards unless it was renamed."""
    temporary, descriptor = create_next_to(path, mode)
    try:
        yield temporary, descriptor
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)


def create_next_to(path: Path, mode: int) -> tuple[Path, int]:
    """Create an empty file next to ``path``, open for writing; returns its path and descriptor. Removes abandoned ones.

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
        with suppress(OSError):  # another process was quicker, or it is another user's
            if leftover.lstat().st_mtime < latest:
                leftover.unlink()
    return temporary, descriptor


def leftovers(path: Path) -> Iterator[Path]:
    """The files next to ``path`` that were meant to replace it, whether their process died or is still writing."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
    earlier_name = f"{path.name}{_SUFFIX}"
    with suppress(OSError):
        for neighbour in path.parent.iterdir():
            if neighbour.name == earlier_name or name.fullmatch(neighbour.name):
                yield neighbour


def remove(path: Path, *, name: str, fault_hook: FaultHook) -> None:
    """Delete a file durably."""
    with disk_errors(path):
        fault_hook(f"{name}.remove")
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


def remove_leftovers(path: Path) -> None:
    """Remove what a ``replace`` of ``path`` that died left. Only for the holder of the lock that guards ``path``."""
    for leftover in leftovers(path):
        with disk_errors(leftover):
            leftover.unlink()


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` and missing folders above it, private; existing ones stay as they are."""
    with disk_errors(folder):
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(PRIVATE_FOLDER, exist_ok=True)
            fsync_folder(missing.parent)


def require_private(path: Path) -> None:
    """Refuse a file or folder that is not private.

    Raises:
        LedgerError: it belongs to another user, or others may read or change it; names the command that fixes it.
    """
    with disk_errors(path):
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
