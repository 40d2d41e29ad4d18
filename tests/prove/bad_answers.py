"""Every read of a run gets a bad answer of every kind: no traceback, nothing bought on it, and all is well once it is over."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial

from werkzeug import Request, Response

from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from tests.prove.invariants import check
from tests.prove.lost_answers import from_then_on, short
from tests.prove.services import CallFault, Spoil, Which, at
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
    link = link.format(trap().port)
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


@cache
def trap() -> Trap:
    """The trap of this process."""
    return Trap()


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
    Bad(
        "a redirect",
        lambda _request, _response: Response(
            status=302, headers={"Location": f"http://127.0.0.1:{trap().port}/"}
        ),
    ),
    Bad("next is itself", _circle),
    Bad("next is elsewhere", _elsewhere),
    Bad("400", _answer(400, '{"error": {"code": "", "message": {"value": "no"}}}')),
    Bad("401", _answer(401, "Unauthorized", "text/plain")),
    Bad("401 expired", _answer(401, "", WWW_Authenticate='Bearer error_description="token expired"')),
    Bad("403", _answer(403, "Forbidden", "text/html")),
    Bad("404", _answer(404, "Not found", "text/html")),
    Bad("429", _answer(429)),
    Bad("429 with seconds", _answer(429, Retry_After="30")),
    Bad("429 with a date", _answer(429, Retry_After="Mon, 23 Nov 2026 09:30:00 GMT")),
    Bad("500", _answer(500, "{}")),
    Bad("502 of a gateway", _answer(502, '{"message": "Bad gateway"}')),
    Bad("503 maintenance", _answer(503, "<html>Back soon</html>", "text/html")),
    Bad("504", _answer(504, "", "text/html")),
)


def bad_answers(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each read of the run, and then all of its kind, with each bad answer."""
    for place, call in reads(rehearsal):
        for bad in BAD_ANSWERS:
            yield Trial(f"{place} {short(call)}: {bad.name}", _answered(from_then_on(place, call), bad))
            if bad.name in {"500", "502 of a gateway", "429 with seconds", "nothing"}:
                yield Trial(f"{place} {short(call)}: {bad.name}, once", _answered(at(place), bad))


def reads(rehearsal: Rehearsal) -> Iterator[tuple[int, str]]:
    """The reads of a run, each with its place."""
    return ((place, call) for place, call in enumerate(rehearsal.calls) if call.startswith("GET"))


def _answered(which: Which, bad: Bad, *, only_money: bool = False) -> Play:
    def play(shop: Shop) -> None:
        with shop.serving() as services:
            services.inject(CallFault(which, spoil=bad.spoil))
            status = shop.run()
            shop.counts["struck"] += services.wire.hits
            services.clear_faults()
            if status is ExitStatus.LOGIN:
                shop.connect()
            shop.clock.advance(REST)
            shop.go_on()
            check(shop, only_money=only_money)
        if trap().was_sprung():
            shop.findings.append("something was sent to another host")

    return play


# ── answers of another shape ─────────────────────────────────────────────────────────────────────

Reshape = Callable[[Json], Json]
CODES = frozenset({"code", "type", "Status", "ApprovalStatus", "Type", "EntityType", "BlockingStatus"})
"""Fields whose values the documentations list."""


def other_shapes(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each read of the run with one field missing, empty, or with a value that nobody knows; and with other types."""
    for place, call in reads(rehearsal):
        changes: dict[str, Reshape] = {
            "texts are numbers": _texts_as_numbers,
            "lists are objects": _lists_as_objects,
        }
        for name in rehearsal.fields[place]:
            changes[f"no {name}"] = partial(_changed, name, None)
            changes[f"{name} is null"] = partial(_changed, name, lambda _value: None)
            if name in CODES:
                changes[f"{name} is new"] = partial(_changed, name, _unknown_code)
        for name, change in changes.items():
            bad = Bad(name, _reshaped(change))
            yield Trial(
                f"{place} {short(call)}: {name}", _answered(from_then_on(place, call), bad, only_money=True)
            )


def _reshaped(change: Reshape) -> Spoil:
    def spoil(_request: Request, response: Response) -> Response:
        document = response.get_json(silent=True)
        if document is None:
            return response
        text = json.dumps(change(document))
        return Response(
            text, response.status_code, {"Date": response.headers["Date"]}, content_type="application/json"
        )

    return spoil


def _texts_as_numbers(value: Json) -> Json:
    return 7 if isinstance(value, str) else _inside(value, _texts_as_numbers)


def _lists_as_objects(value: Json) -> Json:
    return {} if isinstance(value, list) else _inside(value, _lists_as_objects)


def _changed(name: str, change: Reshape | None, value: Json) -> Json:
    """The document with every field of that name changed, or left out."""
    if not isinstance(value, dict):
        return _inside(value, partial(_changed, name, change))
    kept = {key: _changed(name, change, inner) for key, inner in value.items() if key != name}
    return kept | {name: change(value[name])} if change and name in value else kept


def _unknown_code(value: Json) -> Json:
    """A value of the same type that no documentation names."""
    return "SOMETHING_NEW" if isinstance(value, str) else 987_654


def _inside(value: Json, change: Reshape) -> Json:
    if isinstance(value, dict):
        return {key: change(inner) for key, inner in value.items()}
    return [change(inner) for inner in value] if isinstance(value, list) else value
