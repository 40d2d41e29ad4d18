"""Handles SIGTERM and SIGINT: delays them where stopping would lose something.

SIGTERM ends a run at its next safe point; SIGINT ends it at once, but never inside an uninterrupted section. Callers
choose the sections, and whether a section's pauses, with no write in flight, are safe points.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import current_thread, local, main_thread
from types import FrameType

from exactsend.errors import Interrupted, Terminated

_Handler = Callable[[int, FrameType | None], object] | int | None
_ASKING = (signal.SIGTERM, signal.SIGINT)
_SLICE_SECONDS = 0.5
_TERMINATED = "terminated; what had begun was finished, the next run goes on from here"
_INTERRUPTED = "interrupted; what had begun was finished, the next run goes on from here"


class _Sections(local):
    """How many nested sections a thread is in."""

    depth = 0
    except_pauses = 0
    """How many of them may end in a pause."""


class Interrupts:
    """The signals received by this process, and when to obey them.

    Python delivers signals to the main thread only. There they are noted, and every thread obeys them when it calls
    ``stop``. The main thread must be in ``handling_signals`` or ``uninterrupted`` while it waits for the others.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._asked: signal.Signals | None = None
        self._sections = _Sections()

    @contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Note signals instead of dying. Restores the previous handlers at the end. Main thread only.

        A signal that came too late to be obeyed is passed to an outer ``handling_signals``.
        """
        former: dict[signal.Signals, _Handler] = {
            number: signal.signal(number, self._note) for number in _ASKING
        }
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
        before = former.get(self._asked) if self._asked else None
        if self._asked and callable(before) and before is not signal.default_int_handler:
            before(self._asked, None)

    def handling_signals_if_main_thread(self) -> AbstractContextManager[None]:
        """The same in the main thread; does nothing in others, which get no signals."""
        return self.handling_signals() if current_thread() is main_thread() else nullcontext()

    @contextmanager
    def uninterrupted(self, *, except_pauses: bool = False) -> Iterator[None]:
        """A section that is finished whatever signals come; they are obeyed at the next ``stop`` after it.

        With ``except_pauses`` it may end in a wait, for time to pass or for a read. That raises ``Terminated`` or
        ``Interrupted``, which nothing else inside a section does: whoever catches them knows that no write was in
        flight.
        """
        self._sections.depth += 1
        self._sections.except_pauses += except_pauses
        try:
            with self.handling_signals_if_main_thread():
                yield
        finally:
            self._sections.except_pauses -= except_pauses
            self._sections.depth -= 1

    def stop(self) -> None:
        """A safe point: end if a signal asked for it. Does nothing inside a section.

        Raises:
            Terminated: SIGTERM came.
            KeyboardInterrupt: SIGINT came.
        """
        if self._asked is None or self._sections.depth:
            return
        if self._asked is signal.SIGINT:
            raise KeyboardInterrupt
        raise Terminated(_TERMINATED)

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until a signal asks to end; then as ``stop``.

        Raises:
            Terminated, Interrupted: in a section that may end in a pause.
        """
        # In slices: a signal handler can't wake another thread without locks, and one may be held when it comes.
        while seconds > 0:
            self.stop_in_pause()
            self._sleep(min(_SLICE_SECONDS, seconds))
            seconds -= _SLICE_SECONDS
        self.stop_in_pause()

    def stop_in_pause(self) -> None:
        """A safe point with no write in flight: as ``stop``, and also in a section that may end in a pause.

        Raises:
            Terminated, Interrupted: see ``wait``.
        """
        self.stop()
        may_end = 0 < self._sections.depth == self._sections.except_pauses
        if self._asked is not None and may_end:
            raise Interrupted(_INTERRUPTED) if self._asked is signal.SIGINT else Terminated(_TERMINATED)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked = signal.Signals(number)
        if self._asked is signal.SIGINT and not self._sections.depth:
            raise KeyboardInterrupt
