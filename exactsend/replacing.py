"""Replaces a file that others read, at once: whoever opens it finds the old one or the new one. The ledger's files are not its business."""

import os
from pathlib import Path

READABLE_BY_ALL = 0o644
"""For a file that programs of other users read."""


def replace_at_once(path: Path, text: str, *, mode: int | None = None) -> None:
    """Make ``text`` the content of ``path``, with this mode; without one it keeps the mode that it has.

    Raises:
        OSError: it can't be written; the one before stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        if mode is None and path.exists():
            mode = path.stat().st_mode & 0o777
        if mode is not None:
            beside.chmod(mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
