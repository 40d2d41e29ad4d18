"""What a credential store does, and the one that keeps files. The other one is ``keyring_store``."""

import re
from pathlib import Path
from typing import Literal, Protocol

from exactsend.errors import StateDamaged
from exactsend.system.durable_files import (
    Tap,
    fsync_folder,
    leftovers,
    make_private_folder,
    replace,
    require_private,
    touching,
    untapped,
)

Kind = Literal["file", "keyring"]
PROBE = "probe"
"""The name of what is written only to see whether it can be written."""


class CredentialStore(Protocol):
    """Keeps secrets under names. An answer that is not had is an exception, never None."""

    @property
    def kind(self) -> Kind:
        """What people call it."""

    def get(self, name: str) -> str | None:
        """What is kept under ``name``; None when nothing is."""

    def put(self, name: str, value: str) -> None:
        """Keep ``value``; when this returns it outlives a power cut."""

    def delete(self, name: str) -> None:
        """Forget ``name``; nothing happens when it is not known."""

    def prove(self, size: int) -> None:
        """Show that a value of ``size`` characters could be put now."""


class FileStore:
    """One file for each name, in a folder that is open to nobody else.

    Every method raises ``LedgerError`` when the disk refuses, or when somebody else could read what stands there.
    """

    kind: Kind = "file"

    def __init__(self, folder: Path, *, tap: Tap = untapped) -> None:
        self._folder = folder
        self._tap = tap

    def get(self, name: str) -> str | None:
        """What is kept under ``name``; None when nothing is."""
        path = self._path(name)
        with touching(path):
            if not path.exists():
                return None
            require_private(self._folder)
            require_private(path)
            content = path.read_bytes()
        try:
            return content.decode()
        except UnicodeDecodeError as cause:
            raise StateDamaged(
                f"{path} is damaged: it is not text", hint="Delete it and run `exactsend connect`."
            ) from cause

    def put(self, name: str, value: str) -> None:
        """Replace the file as a whole: a crash leaves the old value or the new one."""
        path = self._path(name)
        make_private_folder(self._folder)
        require_private(self._folder)
        replace(path, value.encode(), name="credential", tap=self._tap)

    def delete(self, name: str) -> None:
        """Remove the file, and what a crash may have left of a newer one."""
        path = self._path(name)
        with touching(path):
            if self._folder.exists():
                for each in (path, *leftovers(path)):
                    each.unlink(missing_ok=True)
                fsync_folder(self._folder)

    def prove(self, size: int) -> None:
        """Go through a whole ``put`` with a file of the same size."""
        self.put(PROBE, "-" * size)
        self.delete(PROBE)

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9{}._-]*", name):
            raise ValueError(f"{name!r} is no name for a credential")
        return self._folder / name
