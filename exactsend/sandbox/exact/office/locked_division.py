"""The base of all parts of the office: the division, the lock, and finding rows by their visible names."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from threading import RLock
from typing import Self, TypeVar, cast

from exactsend.sandbox.exact.rows import StoredRow, StoredValue, first
from exactsend.sandbox.exact.state import ExactWorld, SandboxDivision

_Method = TypeVar("_Method", bound=Callable[..., object])


class LockedDivision:
    """A division that people change while the API is locked out."""

    def __init__(
        self,
        world: ExactWorld,
        *,
        lock: AbstractContextManager[object] | None = None,
        division: int | None = None,
    ) -> None:
        self.world = world
        self.lock: AbstractContextManager[object] = RLock() if lock is None else lock
        """Held during each change; the sandbox's server holds the same lock during each call."""
        self._code = division

    @property
    def division(self) -> SandboxDivision:
        """The chosen division; by default the first."""
        code = next(iter(self.world.divisions)) if self._code is None else self._code
        return self.world.divisions[code]

    def in_division(self, code: int) -> Self:
        """The same office for another division."""
        return type(self)(self.world, lock=self.lock, division=code)

    def row(self, table: str, name: str, value: StoredValue) -> StoredRow:
        """The row with this visible name or number.

        Raises:
            LookupError: there is no such row.
        """
        found = first(self.division.table(table).find(name, value))
        if found is None:
            raise LookupError(f"{table} has no row with {name} {value!r}")
        return found

    def row_id(self, table: str, name: str, value: StoredValue) -> str | None:
        """The id of the row with this visible name; None when the name is None."""
        return None if value is None else self.row(table, name, value).key


def locked(method: _Method) -> _Method:
    """Hold the lock during a method, so that no call of the API runs meanwhile."""

    @wraps(method)
    def with_lock(self: LockedDivision, *args: object, **kwargs: object) -> object:
        with self.lock:
            return method(self, *args, **kwargs)

    return cast("_Method", with_lock)
