"""Whether a short cut is of use, asked without loading SQLite: runs ask it, and mostly need no more."""

from pathlib import Path

from exactsend.system.durable_files import touching

ARCHIVE_INDEX_VERSION = 2
HISTORY_INDEX_VERSION = 1
_WHERE = 60
"""Where SQLite's header has the number that ``PRAGMA user_version`` sets."""


def is_fit(path: Path, version: int) -> bool:
    """Whether a file of SQLite of this version stands there."""
    if not path.exists():
        return False
    with touching(path), path.open("rb") as file:
        file.seek(_WHERE)
        return file.read(4) == version.to_bytes(4, "big")
