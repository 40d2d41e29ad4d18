"""Files of SQLite that answer quickly what is written elsewhere: how they are opened, known and thrown away.

None of them is the truth. One that is missing, damaged, of another version or of other files is made anew from what it is about.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exactsend.errors import LedgerError
from exactsend.system import durable_files

_FINAL = 8
"""What we write ends with a checksum: by so many bytes another file of the same length is known."""


def for_writing(path: Path, version: int) -> sqlite3.Connection:
    """The file, made where there is none.

    Raises:
        sqlite3.DatabaseError: it is of no use.
    """
    with durable_files.touching(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable_files.PRIVATE_FILE))
        is_new = path.stat().st_size == 0
    connection = _connected(path, mode="rw")
    try:
        if is_new:
            connection.execute(f"PRAGMA user_version = {version}")
        _require(connection, version)
    except BaseException:
        connection.close()
        raise
    return connection


def for_reading(path: Path, version: int) -> sqlite3.Connection:
    """The file as it stands.

    Raises:
        sqlite3.DatabaseError: there is none, or it is of no use.
    """
    connection = _connected(path, mode="ro")
    try:
        _require(connection, version)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path, *, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False)


def _require(connection: sqlite3.Connection, version: int) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found != version:
        raise sqlite3.DatabaseError("of another version")


@contextmanager
def told(path: Path, made_from: str) -> Iterator[None]:
    """Work with the file.

    Raises:
        LedgerError: SQLite can't.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(
            f"{path} can't be used: {error}",
            hint=f"Make room on its disk if it is full, or delete this one file: it is made anew from the {made_from}.",
        ) from error


def remove(path: Path) -> None:
    """Take the file away: who needs it next makes it anew."""
    for leftover in path.parent.glob(f"{path.name}*"):
        with durable_files.touching(leftover):
            leftover.unlink()


def final_bytes(path: Path, length: int) -> bytes:
    """How what counts of a file ends; empty where there is no file."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        return b""
    with durable_files.touching(path), opened:
        opened.seek(max(0, length - _FINAL))
        return opened.read(_FINAL)


def number_of(*words: str) -> int:
    """A number that stands for these words, in little room and without telling them."""
    digest = hashlib.blake2b("\0".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
