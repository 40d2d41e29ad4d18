"""An end for every exchange with a service, however slowly its answer drips in.

The libraries limit each wait for the next byte, not the whole, and a look-up of a name not at all. So an exchange runs in a thread of its
own: at its deadline, or when the end is asked for, its connection is cut and nobody waits for the thread any more.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

T = TypeVar("T")

_SLICE_SECONDS = 0.5
"""How often a signal is looked for while an answer is awaited."""


class BoundedExchange(Generic[T]):
    """One exchange, from connecting to the last byte of its answer.

    Args:
        seconds: how long it may take in all.
        stop: asked twice a second while it lasts; raises when the end is asked for.
    """

    def __init__(self, seconds: float, stop: Callable[[], None] = lambda: None) -> None:
        self._seconds = seconds
        self._stop = stop
        self._ended = Event()
        self._answers: list[T] = []
        self._error: BaseException | None = None
        self._lock = Lock()
        self._connection: _Connection | None = None
        self._given_up = False

    def answer_of(self, work: Callable[[], T]) -> T:
        """What ``work`` gives or raises, which must send by a ``CuttableAdapter``.

        Raises:
            TimeoutError: the time is over. What was sent may have arrived; nothing more of it will leave.
        """
        thread = Thread(target=copy_context().run, args=(self._run, work), name="exchange", daemon=True)
        try:
            thread.start()
            self._wait()
        except BaseException:
            self._give_up()
            raise
        if self._error is not None:
            raise self._error
        return self._answers[0]

    def _run(self, work: Callable[[], T]) -> None:
        _exchange.set(self)
        try:
            self._answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        finally:
            self._ended.set()

    def _wait(self) -> None:
        end = monotonic() + self._seconds
        while not self._ended.wait(max(0.0, min(_SLICE_SECONDS, end - monotonic()))):
            if monotonic() >= end:
                raise TimeoutError
            self._stop()

    def goes_by(self, connection: "_Connection") -> None:
        """Note what is to be cut; refuse to go on with an exchange that was given up.

        Raises:
            TimeoutError: nobody waits for it any more.
        """
        with self._lock:
            self._connection = connection
            if self._given_up:
                raise TimeoutError

    def _give_up(self) -> None:
        with self._lock:
            self._given_up = True
            if self._connection is not None:
                self._connection.cut()


_exchange: ContextVar[BoundedExchange[Any] | None] = ContextVar("exchange", default=None)
"""The exchange that the present thread serves."""


class _Connection(HTTPConnection):
    """A connection that another thread can cut, and that sends nothing for an exchange that was given up."""

    _opened: object = None
    """The socket, which the library forgets before the answer is read where it is to be closed after it."""

    def connect(self) -> None:
        self._still_wanted()
        super().connect()
        self._opened = self.sock
        self._still_wanted()

    def send(self, data: object) -> None:
        self._still_wanted()
        super().send(data)  # type: ignore[arg-type] # passed on as it comes

    def _still_wanted(self) -> None:
        if exchange := _exchange.get():
            exchange.goes_by(self)

    def cut(self) -> None:
        """Wake whoever reads or writes: nothing more comes, and nothing more leaves."""
        for candidate in {self.sock, self._opened}:
            plain = getattr(candidate, "socket", candidate)  # TLS within TLS, to a proxy, wraps its socket
            if isinstance(plain, socket.socket):
                with suppress(OSError):  # closed already
                    socket.socket.shutdown(
                        plain, socket.SHUT_RDWR
                    )  # not the heir's: it would drop its TLS state


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class CuttableAdapter(HTTPAdapter):
    """Opens connections that an ``BoundedExchange`` can cut, by a proxy or without."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """As the library, with these connections."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type] # passed on as it comes
        _use_cuttable(self.poolmanager)

    def proxy_manager_for(self, *args: object, **kwargs: object) -> ProxyManager:
        """As the library, with these connections."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)  # type: ignore[arg-type] # likewise
        _use_cuttable(manager)
        return manager


def _use_cuttable(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
