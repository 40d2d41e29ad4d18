"""Writes the files that a command makes for a person: readable by their owner only, never half written, and never over another file unasked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exactsend.errors import UsageError
from exactsend.system.durable_files import PRIVATE_FILE, replace_atomically


def require_new(path: Path, hint: str) -> None:
    """Refuse to write over an existing file.

    Raises:
        UsageError: there is one.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} already exists", hint=hint)


def save(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    """Write a file, and make its folder where there is none.

    Raises:
        UsageError: it can't be written, or exists and may not be overwritten.
    """
    with _write_errors_reported(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if overwrite:
            replace_atomically(path, content, mode=PRIVATE_FILE)
            return
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def _write_errors_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}") from error
