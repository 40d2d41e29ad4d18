"""Recorded requests and answers: a section of ``explain``, and rows of its document and of the history document."""

import json
from collections.abc import Iterator, Mapping, Sequence

from exactsend.http.messages import Json
from exactsend.views.data.request_history import RecordedRequest
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.outcome_phrases import counted
from exactsend.views.text.record_phrases import MEANS, PURPOSES
from exactsend.views.text.time_format import moment_text

_NOT_SENT = frozenset({"unreachable", "resting", "terminated", "interrupted", "login_needed"})
"""Codes of errors that occur before anything is sent: no connection, an allowance used up, an interruption during a pause."""
NOTHING_RECORDED = (
    "  nothing is recorded: nothing was sent, or an older version of exactsend did not record it"
)
BODIES_HINT = "  (--bodies shows the requests, with personal data masked)"


def sent_lines(
    sent: Sequence[RecordedRequest], *, bodies: bool, at_sendcloud: Mapping[str, Json] | None = None
) -> Iterator[str]:
    """Every request with its answer, oldest first.

    Args:
        sent: the requests.
        bodies: include the masked bodies.
        at_sendcloud: what Sendcloud has now, by id; None if it was not asked.
    """
    yield ""
    yield "requests and answers:"
    if not sent:
        yield NOTHING_RECORDED
        return
    for request in sent:
        yield f"  {moment_text(request.at)}  {purpose_text(request)}: {answer_text(request)}  {who_text(request)}"
        if bodies:
            yield f"    {request.call}"
            yield f"    request, masked: {_compact(request.body)}"
            yield f"    answer, masked: {_compact(request.answer)}"
        if at_sendcloud is not None and request.created_id:
            yield f"    as Sendcloud has it now: {_compact(at_sendcloud[request.created_id]) if request.created_id in at_sendcloud else 'it is gone'}"
    if not bodies:
        yield BODIES_HINT


def purpose_text(request: RecordedRequest) -> str:
    """The purpose, and how many other orders were in the same call."""
    purpose = PURPOSES[request.purpose]
    others = counted(request.others, "other", "others")
    return f"{purpose}, together with {others}" if request.others else purpose


def who_text(request: RecordedRequest) -> str:
    """The run, its command, and how that was started."""
    means = MEANS.get(request.means, "")
    return (
        f"run {request.run}" + (f" of {request.by}" if request.by else "") + (f", {means}" if means else "")
    )


def answer_text(request: RecordedRequest) -> str:
    """The answer in one line."""
    if request.answer is None:
        return "no answer is recorded"
    answer = request.answer
    parts = [f"{request.status}" if request.status else _without_status(answer)]
    if answer.get("for_another_order"):
        parts.append("refused because of another order in the same call")
    if request.created_id:
        parts.append(f"id {request.created_id}")
    if result := answer.get("result"):
        parts.append(str(result))
    parts += [part for parcel in _rows(answer.get("parcels")) for part in _parcel_parts(parcel)]
    parts += [_error_text(error) for error in _rows(answer.get("errors"))]
    if message := answer.get("message"):
        parts.append(str(message))
    return ", ".join(parts)


def _without_status(answer: JsonObject) -> str:
    return "it was not sent" if answer.get("error") in _NOT_SENT else "no answer came"


def _rows(rows: Json) -> list[JsonObject]:
    return [value for value in (rows if isinstance(rows, list) else ()) if isinstance(value, dict)]


def _parcel_parts(parcel: JsonObject) -> Iterator[str]:
    status = parcel.get("status")
    if isinstance(status, dict) and status.get("code"):
        yield str(status["code"])
    if parcel.get("tracking_number"):
        yield f"tracking {parcel['tracking_number']}"


def _error_text(error: JsonObject) -> str:
    where = f" ({error['pointer']})" if error.get("pointer") else ""
    return f"{error.get('detail') or error.get('code') or ''}{where}"


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def sent_object(request: RecordedRequest) -> JsonObject:
    """A row of a document: a request and its answer."""
    return {
        "at": time_text(request.at),
        "run": request.run,
        "command": request.by or None,
        "means": request.means or None,
        "purpose": request.purpose.value,
        "call": request.call,
        "request": request.body,
        "with_others": request.others,
        "status": request.status,
        "answer": request.answer,
        "milliseconds": request.milliseconds,
    }
