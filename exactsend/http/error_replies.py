"""Turns error responses into our errors. Pure: reads a reply, sends nothing.

Exact reports a problem as ``{"error": {"message": {"value": …}}}``. Sendcloud uses ``{"errors": [{"detail": …}]}``, the bare
array, or ``{"detail": …}``; a few of its calls name the ``field`` without a pointer. Gateways send a web page or nothing.
Any of these forms can come from either service.
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

_MAX_DETAIL_LENGTH = 300
"""Characters kept of a problem's text: enough to act on, but not a whole page."""
_MIN_VALUE_LENGTH = 4
"""Shorter values of a request are not searched for in a message: a house number "1" occurs in half of them."""
_TIMEOUT = 408
_UNAUTHORIZED = 401
_RENEW_KEYS = "Check in Sendcloud under Settings > Integrations that this integration still has these keys, then run: exactsend connect"


def is_success(reply: Reply) -> bool:
    """Whether the status is 2xx, or one that the call accepts."""
    return 200 <= reply.status < 300 or reply.status in reply.call.accepted_statuses  # noqa: PLR2004 - the meaning of HTTP's classes


def error_for(reply: Reply) -> ApiError:
    """The error for a reply that is no success."""
    if reply.status == _TIMEOUT:
        return _unanswered(reply)
    match reply.status // 100:
        case 3:
            return _redirected(reply)
        case 4:
            return _refused(reply)
        case 5:
            return _broken(reply)
        case _:
            return reply.unreadable(f"with status {reply.status}")


def gateway_page_error(reply: Reply) -> Broken | None:
    """The error for a read whose 2xx response is empty or a gateway's web page; None for any other."""
    call = reply.call
    if call.method != "GET" or "json" not in call.accept or reply.status in call.accepted_statuses:
        return None
    if reply.body.strip() and "html" not in reply.headers.get("content-type", ""):
        return None
    content = "a web page" if reply.body.strip() else "an empty response"
    return _as_broken(reply, f"{reply.api} answered {call.name} with {content}")


def problems_of(reply: Reply) -> tuple[FieldProblem, ...]:
    """The problems that the service names; empty if it names none in a known form."""
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
    """The problem in a JSON:API error object, if it is one."""
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
    """A service's message on one line, shortened."""
    return " ".join(str(text).split())[:_MAX_DETAIL_LENGTH]


def _pointer(source: Json) -> str:
    if not isinstance(source, dict):
        return ""
    return str(source.get("pointer") or source.get("parameter") or source.get("header") or "")


def _first_detail(reply: Reply) -> str:
    """The first problem, as the end of a sentence. Empty if it repeats a value that we sent: that may be a customer's name."""
    texts = [problem.detail for problem in problems_of(reply)]
    if not texts or any(sent in texts[0].casefold() for sent in _sent_values(reply.call.body)):
        return ""
    return f": {texts[0].rstrip(' .')}"


def _sent_values(body: Json) -> Iterator[str]:
    """The texts in a request that are long enough to be recognised in a message."""
    match body:
        case str() if len(body) >= _MIN_VALUE_LENGTH:
            yield body.casefold()
        case dict():
            for value in body.values():
                yield from _sent_values(value)
        case list():
            for value in body:
                yield from _sent_values(value)


def _refused(reply: Reply) -> Refused:
    error_class, hint = _refusal_class(reply)
    refused = error_class(
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


def _refusal_class(reply: Reply) -> tuple[type[Refused], str]:
    """The class of the error, and its hint."""
    if reply.api == "Sendcloud" and reply.status == _UNAUTHORIZED:
        return KeysRefused, _RENEW_KEYS
    if reply.status in (401, 403):
        return Forbidden, "A right, a key or a setting is missing. To see which, run: exactsend doctor"
    return Refused, ""


def _broken(reply: Reply) -> Broken:
    """The error for a 5xx. Exact sends many refusals as 500, but may also have acted: it never proves that nothing was created."""
    detail = _first_detail(reply)
    broken = _as_broken(reply, f"{reply.api} failed on {reply.call.name} ({reply.status}){detail}")
    broken.said = detail.removeprefix(": ") if _has_documented_form(reply) else ""
    return broken


def _has_documented_form(reply: Reply) -> bool:
    """Whether the body has the service's documented error form, as neither a gateway's nor a crash's has."""
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
        f"{reply.api} timed out during {call.name}",
        api=reply.api,
        method=call.method,
        path=call.bare_path,
        http_status=reply.status,
    )


def _redirected(reply: Reply) -> Unreadable:
    """The error for a redirect, which is never followed: the credentials are for one host."""
    target = Origin.of(reply.headers.get("location", ""))
    return reply.unreadable(f"it redirects to {target.host if target else 'another address'}")
