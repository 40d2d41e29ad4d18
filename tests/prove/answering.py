"""Every read of a run gets a bad answer of every kind: no traceback, nothing bought on it, and all is well once it is over."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from werkzeug import Request, Response

from exactsend.calls import Json
from exactsend.errors import ExitStatus
from tests.prove.invariants import check
from tests.prove.losing import from_then_on, kind_of
from tests.prove.services import Meddling, Spoil, Which, at
from tests.prove.shop import Shop
from tests.prove.trial import Play, Rehearsal, Trial

REST = timedelta(minutes=61)
"""An endpoint that refused three times rests for an hour (S9)."""
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Bad:
    """A bad answer."""

    name: str
    spoil: Spoil


def _answer(status: int, text: str = "", content_type: str = "application/json", **headers: str) -> Spoil:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _response: Response(text, status, named, content_type=content_type)


def _half(_request: Request, response: Response) -> Response:
    whole = response.get_data()
    return Response(whole[: len(whole) // 2], response.status_code, content_type=response.content_type)


def _padded(megabytes: int) -> Spoil:
    def pad(_request: Request, response: Response) -> Response:
        return Response(response.get_data() + b" " * megabytes * MEGABYTE, content_type=response.content_type)

    return pad


def _circle(request: Request, response: Response) -> Response:
    return _with_next(request, response, request.url)


def _elsewhere(request: Request, response: Response) -> Response:
    return _with_next(request, response, "http://127.0.0.1:{}/elsewhere")


def _with_next(_request: Request, response: Response, link: str) -> Response:
    """The answer with a next page, in the words of either service."""
    link = link.format(TRAP.port)
    document = response.get_json(silent=True)
    if isinstance(document, dict) and "d" in document:
        rows = document["d"].get("results", []) if isinstance(document["d"], dict) else document["d"]
        document = {"d": {"results": rows, "__next": link}}
    linked = Response(json.dumps(document), response.status_code, content_type=response.content_type)
    linked.headers["Link"] = f'<{link}>; rel="next"'
    return linked


class Trap:
    """Another host: nothing may ever come here."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.socket.setblocking(False)  # noqa: FBT003 - the socket's own name
        self.port = self.socket.getsockname()[1]

    def was_sprung(self) -> bool:
        """Whether somebody connected."""
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


TRAP = Trap()

BAD_ANSWERS = (
    Bad("a page", _answer(200, "<html>Sign in</html>", "text/html")),
    Bad("nothing", _answer(200)),
    Bad("no content", _answer(204)),
    Bad("null", _answer(200, "null")),
    Bad("a list", _answer(200, "[]")),
    Bad("a text", _answer(200, '"well"')),
    Bad("an object", _answer(200, "{}")),
    Bad("empty d", _answer(200, '{"d": {}}')),
    Bad("data is a text", _answer(200, '{"data": "none", "d": "none"}')),
    Bad("half of it", _half),
    Bad("10 MB more", _padded(10)),
    Bad("20 MB more", _padded(20)),
    Bad("a redirect", lambda _request, _response: Response(status=302, headers={"Location": f"http://127.0.0.1:{TRAP.port}/"})),
    Bad("next is itself", _circle),
    Bad("next is elsewhere", _elsewhere),
    Bad("400", _answer(400, '{"error": {"code": "", "message": {"value": "no"}}}')),
    Bad("401", _answer(401, "Unauthorized", "text/plain")),
    Bad("401 expired", _answer(401, "", WWW_Authenticate='Bearer error_description="token expired"')),
    Bad("403", _answer(403, "Forbidden", "text/html")),
    Bad("404", _answer(404, "Not found", "text/html")),
    Bad("429", _answer(429)),
    Bad("429 with seconds", _answer(429, Retry_After="30")),
    Bad("429 with a date", _answer(429, Retry_After="Mon, 23 Nov 2026 12:00:00 GMT")),
    Bad("500", _answer(500, "{}")),
    Bad("502 of a gateway", _answer(502, '{"message": "Bad gateway"}')),
    Bad("503 maintenance", _answer(503, "<html>Back soon</html>", "text/html")),
    Bad("504", _answer(504, "", "text/html")),
)


def bad_answers(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each read of the run, and then all of its kind, with each bad answer."""
    for place, call in _reads(rehearsal):
        for bad in BAD_ANSWERS:
            yield Trial(f"{place} {call}: {bad.name}", _answered(from_then_on(place, call), bad))
            if bad.name in {"500", "502 of a gateway", "429 with seconds", "nothing"}:
                yield Trial(f"{place} {call}: {bad.name}, once", _answered(at(place), bad))


def _reads(rehearsal: Rehearsal) -> Iterator[tuple[int, str]]:
    return ((place, call) for place, call in enumerate(rehearsal.calls) if call.startswith("GET"))


def _answered(which: Which, bad: Bad, *, only_money: bool = False) -> Play:
    def play(shop: Shop) -> None:
        with shop.serving() as services:
            services.meddle(Meddling(which, spoil=bad.spoil))
            status = shop.run()
            shop.counts["struck"] += services.wire.met
            services.leave_alone()
            if status is ExitStatus.LOGIN:
                shop.connect()
            shop.clock.advance(REST)
            shop.go_on()
            check(shop, only_money=only_money)
        if TRAP.was_sprung():
            shop.findings.append("something was sent to another host")

    return play


# ── answers of another shape ─────────────────────────────────────────────────────────────────────


def other_shapes(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each read of the run with one field missing, empty, of another type or with a value that nobody knows."""
    for place, call in _reads(rehearsal):
        for name, spoil in (("texts are numbers", _texts_as_numbers), ("lists are objects", _lists_as_objects)):
            yield Trial(f"{place} {call}: {name}", _answered(from_then_on(place, call), Bad(name, _reshaped(spoil)), only_money=True))
        for number in range(40):
            yield Trial(f"{place} {call}: field {number} missing", _answered(from_then_on(place, call), Bad("", _without(number)), only_money=True))
            yield Trial(f"{place} {call}: field {number} null", _answered(from_then_on(place, call), Bad("", _nulled(number)), only_money=True))
