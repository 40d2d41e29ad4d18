"""Both services, with faults on the wire: something happens before or after chosen calls, or their answers are spoiled.

Unlike ``Sandbox.faults``, a fault chooses its calls by their position in the run, and can spoil an answer after the call took effect.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug import Request, Response
from werkzeug.http import http_date

from exactsend.sandbox.faults import FaultKind, WireFault
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.world import World

Which = Callable[[int, Request], bool]
"""Whether the call at a position (0 is the first) is disturbed."""

Spoil = Callable[[Request, Response], Response]


@dataclass(frozen=True)
class CallFault:
    """What happens to the chosen calls."""

    which: Which
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    spoil: Spoil = lambda _request, response: response
    """Changes the answer after the call took effect."""
    instead: Callable[[Request], Response] | None = None
    """Answers in the place of the service; the call then has no effect."""
    lose: FaultKind | None = None
    """How the connection breaks."""


@dataclass
class Wire:
    """The faults, and what went over the wire."""

    faults: list[CallFault] = field(default_factory=list)
    hits: int = 0
    """How many calls were disturbed."""
    served: int = 0
    answers: list[object] = field(default_factory=list)
    """The parsed JSON of each answer as it went out."""


class Services(Sandbox):
    """The sandbox with faults on the wire."""

    def __init__(self, world: World, *, port: int = 0) -> None:
        super().__init__(world, port=port)
        self.wire = Wire()

    def inject(self, fault: CallFault) -> None:
        """Add a fault, until ``clear_faults``."""
        self.wire.faults.append(fault)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.wire.faults.clear()
        self.faults.clear()

    def answer(self, request: Request) -> tuple[Response, WireFault | None]:
        """Answer a call, with the faults that choose it."""
        with self.world.lock:
            position, self.wire.served = self.wire.served, self.wire.served + 1
            faults = [fault for fault in self.wire.faults if fault.which(position, request)]
            self.wire.hits += bool(faults)
            for fault in faults:
                fault.before()
            lost = next((fault.lose for fault in faults if fault.lose), None)
            if lost is FaultKind.LOST_BEFORE:
                return Response(), _loss(lost)
            instead = next((fault.instead for fault in faults if fault.instead), None)
            if instead is not None:
                return self._refused(request, instead(request)), None
            response, sandbox_fault = super().answer(request)
            for fault in faults:
                fault.after()
                response = fault.spoil(request, response)
            self.wire.answers.append(response.get_json(silent=True))
            return response, _loss(lost) if lost else sandbox_fault

    def _refused(self, request: Request, response: Response) -> Response:
        response.headers["Date"] = http_date(self.world.clock())
        self._record("sendcloud" if request.path.startswith("/api/v3") else "exact", request, response)
        self.wire.answers.append(response.get_json(silent=True))
        return response


def _loss(kind: FaultKind) -> WireFault:
    return WireFault(kind=kind, method="*", path=re.compile(""))


def at(place: int) -> Which:
    """The call at that position, counted from the moment the services were started."""
    return lambda position, _request: position == place
