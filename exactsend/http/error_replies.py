"""Answers that say no, as errors of ours. Pure: reads a reply, never asks again.

Exact words a problem as ``{"error": {"message": {"value": …}}}``, Sendcloud as ``{"errors": [{"detail": …}]}``, as the
bare array, or as ``{"detail": …}``; a few of its calls name the ``field`` without a pointer; gateways send a page or nothing at all. Each may stand where another is expected.
"""

from collections.abc import Iterator
from contextlib import suppress

from exactsend.errors import (
    ApiError,
    Broken,
    FieldProblem,
    Forbidden,
    KeysRefused,
    Refused,
    Unanswered,
    Unreadable,
)
from exactsend.http.messages import Json, Reply, parsed
from exactsend.http.origin import Origin

_LONGEST = 300
"""Characters kept of a problem: enough to act on, too few to drag a whole page along."""
_TELLING = 4
"""Characters from which a value counts as recognised in a text: a house number "1" stands in half of them."""
_TIMEOUT = 408
_UNAUTHORIZED = 401
_HAS_KEYS = "Sendcloud"
_RENEW_KEYS = "Look in Sendcloud under Settings > Integrations whether this integration still has these keys, then run: exactsend connect"


def is_well(reply: Reply) -> bool:
    """Whether the answer is one that the call asked for."""
    return 200 <= reply.status < 300 or reply.status in reply.call.welcome  # noqa: PLR2004 - the meaning of HTTP's classes


def refusal(reply: Reply) -> ApiError:
    """The error for an answer that is not well."""
    if reply.status == _TIMEOUT:
        return _unanswered(reply)
    match reply.status // 100:
        case 3:
            return _sent_elsewhere(reply)
        case 4:
            return _refused(reply)
        case 5:
            return _broken(reply)
        case _:
            return reply.unreadable(f"with status {reply.status}")


def page_instead_of_answer(reply: Reply) -> Broken | None:
    """The error for a read that was answered with nothing, or with a gateway's page, under a status that says "well"."""
    call = reply.call
    if call.method != "GET" or "json" not in call.accept or reply.status in call.welcome:
        return None
    if reply.body.strip() and "html" not in reply.headers.get("content-type", ""):
        return None
    what = "a web page" if reply.body.strip() else "nothing"
    return _as_broken(reply, f"{reply.api} answered {call.name} with {what} for now")


def problems_of(reply: Reply) -> tuple[FieldProblem, ...]:
    """What the service names as wrong; empty where it names nothing that can be read."""
    reason = reply.headers.get("reason", "")
    named = [FieldProblem(pointer="", detail=_sentence(reason), code="reason")] if reason else []
    try:
        document = parsed(reply.body)
    except ValueError:
        return tuple(named)
    return (*named, *_problems(document))


def _problems(document: Json) -> Iterator[FieldProblem]:
    match document:
        case list():
            for entry in document:
                yield from _problem(entry)
        case {"errors": list() as entries}:
            yield from _problems(entries)
        case {"error": {"message": {"value": str(text)}}} | {"error": {"message": str(text)}}:
            yield FieldProblem(pointer="", detail=_sentence(text))
        case {"error": str(code), **rest}:
            yield FieldProblem(pointer="", detail=_sentence(rest.get("error_description") or code), code=code)
        case {"fault": {"faultstring": str(text)}}:
            yield FieldProblem(pointer="", detail=_sentence(text), code="fault")
        case dict():
            yield from _problem(document)
        case _:
            return


def _problem(entry: Json) -> Iterator[FieldProblem]:
    """One JSON:API error object, or nothing where it is none."""
    if not isinstance(entry, dict):
        return
    detail = entry.get("detail") or entry.get("title") or entry.get("message")
    code = entry.get("code")
    if detail or code:
        yield FieldProblem(
            pointer=_pointer(entry.get("source")) or _sentence(entry.get("field") or ""),
            detail=_sentence(detail or code),
            code=str(code or ""),
        )


def _sentence(text: object) -> str:
    """What a service says, on one line and not too long."""
    return " ".join(str(text).split())[:_LONGEST]


def _pointer(source: Json) -> str:
    if not isinstance(source, dict):
        return ""
    return str(source.get("pointer") or source.get("parameter") or source.get("header") or "")


def _first_detail(reply: Reply) -> str:
    """The first problem named, to end a sentence with; not where it repeats what we sent, which may be a customer's name."""
    texts = [problem.detail for problem in problems_of(reply)]
    if not texts or any(sent in texts[0].casefold() for sent in _texts(reply.call.body)):
        return ""
    return f": {texts[0].rstrip(' .')}"


def _texts(body: Json) -> Iterator[str]:
    """The values of a request that are telling enough to be recognised."""
    match body:
        case str() if len(body) >= _TELLING:
            yield body.casefold()
        case dict():
            for value in body.values():
                yield from _texts(value)
        case list():
            for value in body:
                yield from _texts(value)


def _refused(reply: Reply) -> Refused:
    kind, hint = _kind_of(reply)
    refused = kind(
        f"{reply.api} refused {reply.call.name} ({reply.status}){_first_detail(reply)}",
        problems=problems_of(reply),
        api=reply.api,
        method=reply.call.method,
        path=reply.call.bare_path,
        http_status=reply.status,
        hint=hint,
    )
    refused.said = _first_detail(reply).removeprefix(": ")
    with suppress(ValueError):
        refused.answer = parsed(reply.body)
    return refused


def _kind_of(reply: Reply) -> tuple[type[Refused], str]:
    """Which refusal it is, and what to do."""
    if reply.api == _HAS_KEYS and reply.status == _UNAUTHORIZED:
        return KeysRefused, _RENEW_KEYS
    if reply.status in (401, 403):
        return Forbidden, "A right, a key or a setting is missing: exactsend doctor tells which."
    return Refused, ""


def _broken(reply: Reply) -> Broken:
    """5xx. Exact often words a refusal as 500; since it may also have acted, that is never taken for "nothing was made"."""
    said = _first_detail(reply)
    broken = _as_broken(reply, f"{reply.api} failed at {reply.call.name} ({reply.status}){said}")
    broken.said = said.removeprefix(": ") if _is_worded(reply) else ""
    return broken


def _is_worded(reply: Reply) -> bool:
    """Whether the service itself says what is wrong, in its documented form: no gateway and no crash does."""
    try:
        document = parsed(reply.body)
    except ValueError:
        return False
    match document:
        case {"error": {"message": {"value": str(text)}}} | {"errors": [{"detail": str(text)}, *_]}:
            return bool(text.strip())
        case _:
            return False


def _as_broken(reply: Reply, message: str) -> Broken:
    call = reply.call
    return Broken(message, api=reply.api, method=call.method, path=call.bare_path, http_status=reply.status)


def _unanswered(reply: Reply) -> Unanswered:
    call = reply.call
    return Unanswered(
        f"{reply.api} gave up waiting during {call.name}",
        api=reply.api,
        method=call.method,
        path=call.bare_path,
        http_status=reply.status,
    )


def _sent_elsewhere(reply: Reply) -> Unreadable:
    """A redirect is never followed: the credentials are for one host."""
    place = Origin.of(reply.headers.get("location", ""))
    return reply.unreadable(f"it sent us on to {place.host if place else 'another address'} instead")
