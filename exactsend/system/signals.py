"""Signals that ask the program to end, held back where stopping would lose something.

SIGTERM ends a run at its next safe point; SIGINT does so at once, but never inside a section that must be finished.
Which sections those are, the callers know; and whether a pause of theirs, in which no write is in flight, is a safe point all the same.
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
    """How many sections a thread is in, one inside the other."""

    depth = 0
    but_for_pauses = 0
    """How many of them may end in a pause."""


class Interrupts:
    """What was asked of this process by signal, and when it may happen.

    Python delivers signals to the main thread alone: there they are noted, and every thread obeys where it calls ``stop``. The main
    thread must be ``listening``, or ``uninterrupted``, while it waits for the others.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._asked: signal.Signals | None = None
        self._sections = _Sections()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note the signals instead of dying of them; the former handlers are put back at the end. Main thread only.

        What was asked too late to be obeyed is passed on to another one that was listening before.
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

    def listening_where_possible(self) -> AbstractContextManager[None]:
        """The same in the main thread; elsewhere, where no signal arrives, nothing."""
        return self.listening() if current_thread() is main_thread() else nullcontext()

    @contextmanager
    def uninterrupted(self, *, but_for_pauses: bool = False) -> Iterator[None]:
        """A section that is finished whatever is asked, and can tell what it did: what was asked happens at the next ``stop`` after it.

        With ``but_for_pauses`` it may end where it waits, for time to pass or for the answer to a read. That raises ``Terminated`` or
        ``Interrupted``, and nothing else does inside a section: so whoever catches them there knows that no write was in flight.
        """
        self._sections.depth += 1
        self._sections.but_for_pauses += but_for_pauses
        try:
            with self.listening_where_possible():
                yield
        finally:
            self._sections.but_for_pauses -= but_for_pauses
            self._sections.depth -= 1

    def stop(self) -> None:
        """Go on, unless the end was asked for: the safe point. Inside a section it is none.

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
        """Wait, but hardly longer than until the end is asked for; then as ``stop``.

        Raises:
            Terminated, Interrupted: the end was asked for inside a section that may end in a pause.
        """
        # In slices: a signal handler can't wake another thread without locks, and a lock may be held when it comes.
        while seconds > 0:
            self.stop_in_a_pause()
            self._sleep(min(_SLICE_SECONDS, seconds))
            seconds -= _SLICE_SECONDS
        self.stop_in_a_pause()

    def stop_in_a_pause(self) -> None:
        """The safe point of whoever waits while no write is in flight: as ``stop``, and inside a section that may end in a pause, too.

        Raises:
            Terminated, Interrupted: see ``wait``.
        """
        self.stop()
        may_end = 0 < self._sections.depth == self._sections.but_for_pauses
        if self._asked is not None and may_end:
            raise Interrupted(_INTERRUPTED) if self._asked is signal.SIGINT else Terminated(_TERMINATED)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked = signal.Signals(number)
        if self._asked is signal.SIGINT and not self._sections.depth:
            raise KeyboardInterrupt
