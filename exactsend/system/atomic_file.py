"""Replaces a file that others read, at once: whoever opens it finds the old one or the new one. The ledger's files are not its business."""

import os
import stat
from pathlib import Path

from exactsend.system.temporary_files import create_beside

READABLE_BY_ALL = 0o644
"""For a file that programs of other users read."""
PRIVATE = 0o600


def replace_at_once(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Make ``content`` the content of ``path``, text as UTF-8.

    Args:
        path: the file; what stands there is replaced, also where it is a link.
        content: what it has from then on.
        mode: its mode, whatever the umask. None: the mode that it has, and for a new file the usual one, in which nobody else may write.

    Raises:
        OSError: it can't be written; the one before stays.
    """
    temporary, descriptor = create_beside(path, READABLE_BY_ALL if mode is None else PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if mode is None and path.exists():
                mode = stat.S_IMODE(path.stat().st_mode)
            if mode is not None:
                os.fchmod(descriptor, mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
