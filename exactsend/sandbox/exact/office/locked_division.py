"""What every part of the office needs: the division, the lock and finding rows by their visible names."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from threading import RLock
from typing import Self, TypeVar, cast

from exactsend.sandbox.exact.rows import StoredRow, StoredValue, first
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision

_Work = TypeVar("_Work", bound=Callable[..., object])


class LockedDivision:
    """A place to work at in one division."""

    def __init__(
        self,
        world: ExactWorld,
        *,
        lock: AbstractContextManager[object] | None = None,
        division: int | None = None,
    ) -> None:
        self.world = world
        self.lock: AbstractContextManager[object] = RLock() if lock is None else lock
        """Held during each change; a sandbox's server holds the same one during each call."""
        self._code = division

    @property
    def division(self) -> SandboxDivision:
        """The division worked in: the one asked for, else the first."""
        code = next(iter(self.world.divisions)) if self._code is None else self._code
        return self.world.divisions[code]

    def in_division(self, code: int) -> Self:
        """The same staff at work in another division."""
        return type(self)(self.world, lock=self.lock, division=code)

    def row(self, table: str, name: str, value: StoredValue) -> StoredRow:
        """The row that bears a visible name or number.

        Raises:
            LookupError: there is none.
        """
        found = first(self.division.table(table).find(name, value))
        if found is None:
            raise LookupError(f"{table} has none with {name} {value!r}")
        return found

    def row_id(self, table: str, name: str, value: StoredValue) -> str | None:
        """The id of the row that bears a visible name; None for no name."""
        return None if value is None else self.row(table, name, value).key


def locked(work: _Work) -> _Work:
    """Keep the API out while a person changes something."""

    @wraps(work)
    def work_with_lock(self: LockedDivision, *args: object, **kwargs: object) -> object:
        with self.lock:
            return work(self, *args, **kwargs)

    return cast("_Work", work_with_lock)
