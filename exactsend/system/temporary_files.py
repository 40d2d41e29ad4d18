"""The new file that is about to take the place of another one: beside it, under a name that nobody can foresee.

It is made, never opened, and not through a link: whoever may write into the folder can't lay out a name beforehand to have
something of ours written elsewhere. All files of the program that are replaced are replaced by way of this.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

SUFFIX = ".tmp"
NOT_IN_USE_AFTER_SECONDS = 3600
"""No replacement takes that long. What is older was left by a process that died."""


def create_beside(path: Path, mode: int) -> tuple[Path, int]:
    """A new, empty file beside ``path``, open for writing; gives its path and the descriptor. What died long ago is removed.

    Args:
        path: what is to be replaced.
        mode: the mode of the new file, less the umask.

    Raises:
        OSError: it can't be made.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}{SUFFIX}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    latest = os.fstat(descriptor).st_mtime - NOT_IN_USE_AFTER_SECONDS
    for leftover in leftovers(path):
        with suppress(OSError):  # another process was quicker, or it is another user's
            if leftover.lstat().st_mtime < latest:
                leftover.unlink()
    return temporary, descriptor


def leftovers(path: Path) -> Iterator[Path]:
    """The files beside ``path`` that were to replace it and did not, whether their process died or is at it now."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}{re.escape(SUFFIX)}")
    former = f"{path.name}{SUFFIX}"  # how an earlier version named it
    with suppress(OSError):
        for candidate in path.parent.iterdir():
            if candidate.name == former or name.fullmatch(candidate.name):
                yield candidate
