"""Serves a world over HTTP on the loopback interface.

It routes each call to its service, applies the faults that are switched on and records the call.
"""

import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread, current_thread
from types import TracebackType
from typing import Self

from werkzeug import Request, Response
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server

from exactsend.sandbox.control_panel import PREFIX, ControlPanel
from exactsend.sandbox.exact.api import ExactApi
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.faults import FaultKind, Faults, WireFault
from exactsend.sandbox.sendcloud.api import SendcloudApi
from exactsend.sandbox.sendcloud.panel import Panel
from exactsend.sandbox.world import World

_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REFUSED_FROM = 400
_DRIP_SECONDS = 0.02
_READING_POSTS = frozenset({"/api/v3/shipping-options", "/api/v3/addresses/validate"})
"""Calls by POST that change nothing."""


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """A call as the sandbox saw it."""

    api: str
    """``exact`` or ``sendcloud``."""
    method: str
    path: str
    query: str
    body: object
    """The parsed JSON body, or None."""
    status: int
    """The status of the answer, even where the answer was lost."""
    refused: str | None
    """The body of a refusal, shortened."""
    at: datetime

    @property
    def is_write(self) -> bool:
        """Whether it could change something; sign-in calls do not count."""
        only_reads = self.path in _READING_POSTS or self.path.startswith("/api/oauth2/")
        return self.method in _WRITING and not only_reads


class Sandbox:
    """A world, served on a port of 127.0.0.1 until stopped.

    Example:
        >>> with Sandbox(starting_worlds.small_shop(wall_clock)) as sandbox:
        ...     print(sandbox.exact_url)
    """

    def __init__(self, world: World, *, port: int = 0) -> None:
        self.world = world
        self.faults = Faults()
        self.office = Office(world.exact, lock=world.lock)
        self.panel = Panel(world)
        self.latency = 0.0
        """How many seconds every answer takes."""
        self.calls: list[RecordedCall] = []
        self.crashes: list[str] = []
        """Tracebacks of calls that crashed the sandbox; tests assert that there are none."""
        self._control_panel = ControlPanel(self.office, self.panel)
        self._apis: dict[str, Callable[[Request], Response]] = {
            "exact": ExactApi(world.exact),
            "sendcloud": SendcloudApi(world.sendcloud),
        }
        self._port = port
        self._stopping = Event()
        self._connections: dict[Thread, socket.socket] = {}

    def start(self) -> None:
        """Start to listen; the port is open when this returns.

        Raises:
            OSError: the port can't be used.
        """
        sandbox = self

        class Connection(_Connection):
            serving = sandbox

        # When the port is taken, werkzeug would end the process.
        with socket.create_server(("127.0.0.1", self._port), backlog=128) as listening:
            self._server = make_server(
                "127.0.0.1",
                self._port,
                app=_unused_application,
                threaded=True,
                request_handler=Connection,
                fd=listening.fileno(),
            )
        self._port = self._server.port
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for the last thread."""
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for thread, connection in list(self._connections.items()):
            _hang_up(connection)
            thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address that both APIs are served under."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def exact_url(self) -> str:
        """The base address of Exact, in place of ``https://start.exactonline.nl``."""
        return self.url

    @property
    def sendcloud_url(self) -> str:
        """The base address of Sendcloud's API."""
        return f"{self.url}/api/v3"

    def calls_since(self, mark: int) -> list[RecordedCall]:
        """The calls after the first ``mark`` ones; ``mark`` is an earlier ``len(sandbox.calls)``."""
        return self.calls[mark:]

    def writes(self, api: str | None = None) -> list[RecordedCall]:
        """The calls that could change something."""
        return [call for call in self.calls if call.is_write and api in (None, call.api)]

    def answer(self, request: Request) -> tuple[Response, WireFault | None]:
        """Answer a call; also returns the fault to apply to the answer."""
        if request.path.startswith(PREFIX):
            return self._control_panel(request), None
        api = "sendcloud" if request.path.startswith("/api/v3") else "exact"  # an unknown path is Exact's 404
        with self.world.lock:
            fault = self.faults.next_for(api, request)
            response = self._fault_response(fault) or self._api_response(api, request)
            response.headers["Date"] = http_date(self.world.clock())
            self.world.altered.change(request, response)
            self._record(api, request, response)
        self._stopping.wait(self.latency + (fault.seconds if fault and fault.kind is FaultKind.SLOW else 0))
        return response, fault

    def _fault_response(self, fault: WireFault | None) -> Response | None:
        if fault is None:
            return None
        if fault.kind is FaultKind.LOST_BEFORE:
            return Response("lost before it arrived", 503)
        return fault.answer() if fault.answer else None

    def _api_response(self, api: str, request: Request) -> Response:
        try:
            return self._apis[api](request)
        except Exception:  # noqa: BLE001 - a crash of the sandbox is recorded, not hidden in a thread
            self.crashes.append(traceback.format_exc())
            return Response("the sandbox itself failed; see Sandbox.crashes", 500)

    def _record(self, api: str, request: Request, response: Response) -> None:
        refused = response.status_code >= _REFUSED_FROM
        self.calls.append(
            RecordedCall(
                api=api,
                method=request.method,
                path=request.path,
                query=request.query_string.decode(),
                body=request.get_json(silent=True),
                status=response.status_code,
                refused=response.get_data(as_text=True)[:500] if refused else None,
                at=self.world.clock(),
            )
        )

    def wait_for_stop(self, seconds: float) -> bool:
        """Wait up to this many seconds; True as soon as the sandbox is stopped."""
        return self._stopping.wait(seconds)

    def add_connection(self, connection: socket.socket) -> None:
        """Store the current thread's connection, so that ``stop`` can close it."""
        self._connections[current_thread()] = connection

    def remove_connection(self) -> None:
        """Remove the current thread's connection."""
        self._connections.pop(current_thread(), None)


class _Connection(WSGIRequestHandler):
    """A client's connection, kept open between calls.

    werkzeug's own handler closes the connection after each answer and waits 10 ms for stray bytes. Real services
    keep it open, and clients fail differently then, so answers are written here.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    serving: Sandbox

    def setup(self) -> None:
        super().setup()
        self.serving.add_connection(self.connection)

    def finish(self) -> None:
        self.serving.remove_connection()
        super().finish()

    def run_wsgi(self) -> None:
        request = Request(self.make_environ())
        try:
            request.get_data(cache=True)  # read to the end, or the rest would be taken for the next call
        except ClientDisconnected:  # the client died before the whole request was sent
            self.close_connection = True
            return
        response, fault = self.serving.answer(request)
        head, body = _response_bytes(request, response)
        kind = fault.kind if fault else None
        if kind in (FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER):
            self._hang_up()
        elif kind is FaultKind.CUT_ANSWER:
            self._send(head + body[: len(body) // 2])
            self._hang_up()
        elif kind is FaultKind.DRIPPING_HEAD:
            self._drip(head + body)
        elif kind is FaultKind.DRIPPING_BODY:
            self._send(head)
            self._drip(body)
        else:
            self._send(head + body)

    def _drip(self, answer: bytes) -> None:
        for byte in answer:
            self._send(bytes([byte]))
            if self.close_connection or self.serving.wait_for_stop(_DRIP_SECONDS):
                self.close_connection = True
                return

    def _send(self, answer: bytes) -> None:
        try:
            self.wfile.write(answer)
        except OSError:  # the client has gone
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        _hang_up(self.connection)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Do nothing: calls are recorded, not logged."""


def _response_bytes(request: Request, response: Response) -> tuple[bytes, bytes]:
    chunks, status, headers = response.get_wsgi_response(request.environ)
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1"), b"".join(chunks)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the client closed it first
        return


def _unused_application(environ: object, start_response: object) -> list[bytes]:
    """An application for werkzeug, which requires it; ``_Connection`` answers instead."""
    del environ, start_response
    return []
