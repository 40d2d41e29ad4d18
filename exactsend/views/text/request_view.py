"""What was sent and what came back, rendered: the section of ``explain`` and the rows of its and the history's document."""

import json
from collections.abc import Iterator, Mapping, Sequence

from exactsend.http.messages import Json
from exactsend.views.data.request_history import RecordedRequest
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.outcome_phrases import counted
from exactsend.views.text.time_format import moment_text
from exactsend.views.text.view_phrases import MEANS, PURPOSES

_NEVER_LEFT = frozenset({"unreachable", "resting", "terminated", "interrupted", "login_needed"})
"""Errors, by their codes, that surely come before anything is sent: a connection that fails, an allowance of ours, the end that was asked for in a pause."""
NOTHING_NOTED = "  nothing is noted: nothing was sent, or by a version of exactsend that did not note it"
BODIES_HINT = "  (--bodies shows the requests, with personal data masked)"


def sent_lines(
    sent: Sequence[RecordedRequest], *, bodies: bool, stands: Mapping[str, Json] | None = None
) -> Iterator[str]:
    """Every request with its answer, oldest first.

    Args:
        sent: the requests.
        bodies: with the masked bodies.
        stands: what stands at Sendcloud now, by its id, where that was asked for.
    """
    yield ""
    yield "what was sent, and what came back:"
    if not sent:
        yield NOTHING_NOTED
        return
    for exchange in sent:
        yield f"  {moment_text(exchange.at)}  {purpose_text(exchange)}: {answer_text(exchange)}  {who_text(exchange)}"
        if bodies:
            yield f"    {exchange.call}"
            yield f"    request, masked: {_compact(exchange.body)}"
            yield f"    answer, masked: {_compact(exchange.answer)}"
        if stands is not None and exchange.made:
            yield f"    as Sendcloud has it now: {_compact(stands[exchange.made]) if exchange.made in stands else 'it is gone'}"
    if not bodies:
        yield BODIES_HINT


def purpose_text(exchange: RecordedRequest) -> str:
    """What was asked for, in words."""
    said = PURPOSES[exchange.purpose]
    return f"{said}, together with {counted(exchange.others, 'other', 'others')}" if exchange.others else said


def who_text(exchange: RecordedRequest) -> str:
    """Which run it was, and whose doing."""
    means = MEANS.get(exchange.means, "")
    return (
        f"run {exchange.run}"
        + (f" of {exchange.by}" if exchange.by else "")
        + (f", {means}" if means else "")
    )


def answer_text(exchange: RecordedRequest) -> str:
    """What came back, on one line."""
    if exchange.answer is None:
        return "no answer is noted"
    answer = exchange.answer
    parts = [f"{exchange.status}" if exchange.status else _without_status(answer)]
    if answer.get("for_another_order"):
        parts.append("refused because of another order of the same call")
    if exchange.made:
        parts.append(f"id {exchange.made}")
    if result := answer.get("result"):
        parts.append(str(result))
    parts += [part for parcel in _rows(answer.get("parcels")) for part in _parcel_parts(parcel)]
    parts += [_error_text(error) for error in _rows(answer.get("errors"))]
    if message := answer.get("message"):
        parts.append(str(message))
    return ", ".join(parts)


def _without_status(answer: JsonObject) -> str:
    return "it never left" if answer.get("error") in _NEVER_LEFT else "no answer came"


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


def sent_object(exchange: RecordedRequest) -> JsonObject:
    """A request and its answer as a row of a document."""
    return {
        "at": time_text(exchange.at),
        "run": exchange.run,
        "command": exchange.by or None,
        "means": exchange.means or None,
        "purpose": exchange.purpose.value,
        "call": exchange.call,
        "request": exchange.body,
        "with_others": exchange.others,
        "status": exchange.status,
        "answer": exchange.answer,
        "milliseconds": exchange.milliseconds,
    }
