"""The credential store that keeps secrets in private files."""

import re
from pathlib import Path

from exactsend.credentials.store import PROBE, StoreKind
from exactsend.errors import StateDamaged
from exactsend.system.durable_files import (
    FaultHook,
    disk_errors,
    fsync_folder,
    leftovers,
    make_private_folder,
    no_fault,
    replace,
    require_private,
)


class FileStore:
    """Stores each name as a file, in a folder that only this user can access.

    Every method raises ``LedgerError`` if the disk fails, or if other users can read the folder or the file.
    """

    kind: StoreKind = "file"

    def __init__(self, folder: Path, *, fault_hook: FaultHook = no_fault) -> None:
        self._folder = folder
        self._fault_hook = fault_hook

    def get(self, name: str) -> str | None:
        """The value of ``name``; None if there is none."""
        path = self._path(name)
        with disk_errors(path):
            if not path.exists():
                return None
            require_private(self._folder)
            require_private(path)
            content = path.read_bytes()
        try:
            return content.decode()
        except UnicodeDecodeError as cause:
            raise StateDamaged(
                f"{path} is damaged: it is not text", hint="Delete it, then run: exactsend connect"
            ) from cause

    def put(self, name: str, value: str) -> None:
        """Replace the whole file: a crash leaves the old value or the new one."""
        path = self._path(name)
        make_private_folder(self._folder)
        require_private(self._folder)
        replace(path, value.encode(), name="credential", fault_hook=self._fault_hook)

    def delete(self, name: str) -> None:
        """Delete the file, and temporary files that a crash may have left."""
        path = self._path(name)
        with disk_errors(path):
            if self._folder.exists():
                for file in (path, *leftovers(path)):
                    file.unlink(missing_ok=True)
                fsync_folder(self._folder)

    def prove(self, size: int) -> None:
        """Write and delete a file of the same size."""
        self.put(PROBE, "-" * size)
        self.delete(PROBE)

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9{}._-]*", name):
            raise ValueError(f"{name!r} can't be the name of a credential")
        return self._folder / name
