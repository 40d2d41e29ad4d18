"""Both services, with somebody at the wire: things happen before and after chosen calls, and answers are spoiled on their way.

Unlike ``Sandbox.faults`` it knows a call by its place in the run, and can spoil an answer after the call did its work.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug import Request, Response
from werkzeug.http import http_date

from exactsend.sandbox.faults import Fault, Kind
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.world import World

Which = Callable[[int, Request], bool]
"""Asked with the place of a call (0 is the first that is served) whether it is meant."""

Spoil = Callable[[Request, Response], Response]


@dataclass(frozen=True)
class Meddling:
    """What is done to the calls that are meant."""

    which: Which
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    spoil: Spoil = lambda _request, response: response
    """What becomes of the answer once the call has done its work."""
    instead: Callable[[Request], Response] | None = None
    """What is answered instead, and nothing is done, if anything is."""
    lose: Kind | None = None
    """How the connection is lost, if it is."""


@dataclass
class Wire:
    """Who is at the wire."""

    meddlings: list[Meddling] = field(default_factory=list)
    met: int = 0
    """How many calls were meddled with."""
    served: int = 0
    answers: list[object] = field(default_factory=list)
    """The parsed JSON of each answer as it went out."""


class Services(Sandbox):
    """The sandbox with a wire that can be meddled with."""

    def __init__(self, world: World, *, port: int = 0) -> None:
        super().__init__(world, port=port)
        self.wire = Wire()

    def meddle(self, meddling: Meddling) -> None:
        """From now on, and until ``leave_alone``."""
        self.wire.meddlings.append(meddling)

    def leave_alone(self) -> None:
        """Let everything go right again."""
        self.wire.meddlings.clear()
        self.faults.clear()

    def answer(self, request: Request) -> tuple[Response, Fault | None]:
        """Answer one call, with all that is to happen around it."""
        with self.world.lock:
            place, self.wire.served = self.wire.served, self.wire.served + 1
            meant = [meddling for meddling in self.wire.meddlings if meddling.which(place, request)]
            self.wire.met += bool(meant)
            for meddling in meant:
                meddling.before()
            lost = next((meddling.lose for meddling in meant if meddling.lose), None)
            if lost is Kind.LOST_BEFORE:
                return Response(), _loss(lost)
            instead = next((meddling.instead for meddling in meant if meddling.instead), None)
            if instead is not None:
                return self._refused(request, instead(request)), None
            response, fault = super().answer(request)
            for meddling in meant:
                meddling.after()
                response = meddling.spoil(request, response)
            self.wire.answers.append(response.get_json(silent=True))
            return response, _loss(lost) if lost else fault

    def _refused(self, request: Request, response: Response) -> Response:
        response.headers["Date"] = http_date(self.world.clock())
        self._record("sendcloud" if request.path.startswith("/api/v3") else "exact", request, response)
        self.wire.answers.append(response.get_json(silent=True))
        return response


def _loss(kind: Kind) -> Fault:
    return Fault(kind=kind, method="*", path=re.compile(""))


def at(place: int) -> Which:
    """The call at that place, counted from now on when the wire is new."""
    return lambda found, _request: found == place
