"""A real HTTP server on 127.0.0.1 that answers by a script and records what it was asked.

It can also break connections at each point where a real one breaks: before it read the request, after it read it, and in the
middle of the answer.
"""

import json
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

_DROP_SECONDS, _DROPS = 0.01, 150


class HangUp(Enum):
    """Where the connection is closed."""

    UNREAD = "before the request was read"
    UNANSWERED = "after the request was read"
    HALFWAY = "in the middle of the answer"


class Drip(Enum):
    """Which part of the answer comes so slowly that it does not end in the time of a test."""

    STATUS_LINE = (b"HTTP/1.1 200 ", b"O")
    HEADERS = (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")
    BODY = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n", b" ")
    LAST_BODY = (b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", b" ")
    CHUNKS = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")
    NOTHING = (b"", b"")

    @property
    def begin(self) -> bytes:
        """What comes at once."""
        return self.value[0]

    @property
    def drop(self) -> bytes:
        """What comes again and again."""
        return self.value[1]


@dataclass(frozen=True)
class Answer:
    """One answer of the script."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: HangUp | None = None
    drip: Drip | None = None


def as_json(document: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; header names with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json", **named})


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    """Path and query; the whole URL where the server acts as a proxy."""
    headers: Message
    body: bytes

    def form(self) -> dict[str, str]:
        """The body of a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Script = Iterable[Answer] | Callable[[Asked], Answer]


class WireServer:
    """Answers one script entry after another, or whatever a function says; without any left, 599."""

    def __init__(self, script: Script = (), *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._answers = None if callable(script) else list(script)
        self._answer_to = script if callable(script) else None
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        self.asked: list[Asked] = []
        self.connections = 0
        self.was_cut = Event()
        """The client closed the connection on an answer that dripped."""

    def __enter__(self) -> Self:
        server: WireServer = self

        class Connection(_Connection):
            wire = server

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Connection)
        self._server.daemon_threads = False
        if self._tls:
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                _close(connection)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def then(self, *answers: Answer) -> None:
        """Add to the script."""
        assert self._answers is not None
        self._answers.extend(answers)

    def first(self, answer: Answer) -> None:
        """Put an answer before the rest of the script."""
        assert self._answers is not None
        self._answers.insert(0, answer)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def refuses_to_read(self) -> bool:
        """Whether the next answer is to close the connection unread; that uses it up."""
        with self._lock:
            if self._answers and self._answers[0].hang_up is HangUp.UNREAD:
                self._answers.pop(0)
                return True
            return False

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if self._answers is not None:
                return self._answers.pop(0) if self._answers else Answer(599, b"the script is over")
        assert self._answer_to is not None
        return self._answer_to(asked)


class Keeper(WireServer):
    """Takes whatever it is sent, and keeps it: a web hook, a service that monitors."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.status = 200
        """The answer to everything."""
        self.taken: list[Asked] = []
        """What was answered with 200."""

    def _take(self, asked: Asked) -> Answer:
        if self.status == 200:
            self.taken.append(asked)
        return Answer(self.status)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wire: WireServer

    def setup(self) -> None:
        super().setup()
        self.wire.opened(self.connection)

    def finish(self) -> None:
        self.wire.closed(self.connection)
        super().finish()

    def handle_one_request(self) -> None:
        try:
            if not self.rfile.peek(1) or self.wire.refuses_to_read():  # type: ignore[attr-defined] # a BufferedReader
                self.close_connection = True
                return
            super().handle_one_request()
        except OSError:  # the client was quicker
            self.close_connection = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.wire.answer(Asked(self.command, self.path, self.headers, body))
        if answer.drip:
            self._drip(answer.drip)
        if answer.drip or answer.hang_up is HangUp.UNANSWERED:
            self.close_connection = True
            return
        self.send_response_only(answer.status)  # without the real time, which is not that of the tests
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.hang_up is HangUp.HALFWAY:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
        elif answer.status != 204:
            self.wfile.write(answer.body)

    def _drip(self, drip: Drip) -> None:
        self.wfile.write(drip.begin)
        self.connection.settimeout(_DROP_SECONDS)
        for _ in range(_DROPS):
            try:
                self.wfile.write(drip.drop)
                is_closed = self.connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                is_closed = True
            if is_closed:
                self.wire.was_cut.set()
                return

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = _answer  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent: requests are recorded, not logged."""


def _close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the client was quicker
        return
