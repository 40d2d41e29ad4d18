"""A total deadline for each HTTP exchange, however slowly the response drips in.

The libraries limit each wait for the next byte, but not the total time, and a DNS look-up not at all. So each exchange runs
in its own thread. At the deadline, or on a signal, the connection is cut and the thread is abandoned.
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
"""How often ``stop`` is called while waiting for a response."""


class BoundedExchange(Generic[T]):
    """One exchange, from connecting to the last byte of the response.

    Args:
        seconds: how long it may take in total.
        stop: called twice a second meanwhile; raises to abandon the exchange.
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

    def result_of(self, work: Callable[[], T]) -> T:
        """The result of ``work``, which must send through a ``CuttableAdapter``; its exceptions are raised here.

        Raises:
            TimeoutError: the time is up. What was sent may have arrived; nothing more will be sent.
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
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            self._error = error
        finally:
            self._ended.set()

    def _wait(self) -> None:
        end = monotonic() + self._seconds
        while not self._ended.wait(max(0.0, min(_SLICE_SECONDS, end - monotonic()))):
            if monotonic() >= end:
                raise TimeoutError
            self._stop()

    def use_connection(self, connection: "_Connection") -> None:
        """Store the connection to cut at the deadline.

        Raises:
            TimeoutError: the exchange was abandoned already.
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
"""The exchange that runs in the current thread."""


class _Connection(HTTPConnection):
    """A connection that another thread can cut, and that sends nothing for an abandoned exchange."""

    _opened: object = None
    """The socket. The library drops its own reference before reading the response if the connection will close afterwards."""

    def connect(self) -> None:
        self._check_not_abandoned()
        super().connect()
        self._opened = self.sock
        self._check_not_abandoned()

    def send(self, data: object) -> None:
        self._check_not_abandoned()
        super().send(data)  # type: ignore[arg-type] # the library's stub omits the types that it accepts

    def _check_not_abandoned(self) -> None:
        if exchange := _exchange.get():
            exchange.use_connection(self)

    def cut(self) -> None:
        """Shut the socket down, which wakes the thread that reads or writes."""
        for opened in {self.sock, self._opened}:
            plain = getattr(opened, "socket", opened)  # TLS within TLS, to a proxy, wraps its socket
            if isinstance(plain, socket.socket):
                with suppress(OSError):  # closed already
                    # not the subclass's own method, which would drop its TLS state
                    socket.socket.shutdown(plain, socket.SHUT_RDWR)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same, with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class CuttableAdapter(HTTPAdapter):
    """Opens connections that a ``BoundedExchange`` can cut, with or without a proxy."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """As in the library, with cuttable connections."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type] # passed on unchanged
        _use_cuttable(self.poolmanager)

    def proxy_manager_for(self, *args: object, **kwargs: object) -> ProxyManager:
        """As in the library, with cuttable connections."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)  # type: ignore[arg-type] # passed on unchanged
        _use_cuttable(manager)
        return manager


def _use_cuttable(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
