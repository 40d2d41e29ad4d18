"""The time of a shop, shared by all processes that work in it. Stands still until somebody moves it."""

from datetime import UTC, datetime, timedelta
from mmap import mmap

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BYTES = 8


class SharedClock:
    """A settable clock in memory that forked processes share: when one of them waits, time passes for all."""

    def __init__(self, start: datetime) -> None:
        self._cell = mmap(-1, _BYTES)
        self._set(start)

    def __call__(self) -> datetime:
        """The present moment."""
        return _EPOCH + timedelta(microseconds=int.from_bytes(self._cell[:], "little"))

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._set(self() + by)

    def sleep(self, seconds: float) -> None:
        """What a run calls when it waits."""
        self.advance(timedelta(seconds=seconds))

    def part(self) -> None:
        """Go on alone, from the same moment: processes forked before no longer follow."""
        now = self()
        self._cell = mmap(-1, _BYTES)
        self._set(now)

    def _set(self, moment: datetime) -> None:
        self._cell[:] = ((moment - _EPOCH) // timedelta(microseconds=1)).to_bytes(_BYTES, "little")
