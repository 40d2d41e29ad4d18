"""The live part of ``explain``: checks, recipient, request and the next action, as text and as rows of the document.

The recipient is personal data: shown to the user, and never written to a file.
"""

import json
from collections.abc import Iterator, Sequence

from exactsend.domain.shown_problem import shown
from exactsend.engine.live_lookup import LiveLookup
from exactsend.engine.plan.actions import Outcome, OutcomeKind
from exactsend.engine.plan.checks import Check
from exactsend.engine.plan.explanation import Explanation
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.parcels import Status
from exactsend.trade.masking import masked_body
from exactsend.trade.recipient import Recipient
from exactsend.views.text.json_documents import JsonObject, action_object
from exactsend.views.text.outcome_phrases import reason_text, sentence
from exactsend.views.text.record_phrases import FOUND, RULES

_GAP = "  "
_ADDRESSES = ("to_address", "shipping_address", "customer_details")
"""Parts of a request that the recipient section already shows."""


# ── as text ──────────────────────────────────────────────────────────────────────────────────────


def now_lines(found: LiveLookup, *, show_data: bool) -> Iterator[str]:
    """What Exact and Sendcloud have under a number now, and what the next run does."""
    for explanation in found.explanations:
        yield ""
        yield f"{explanation.subject.name}, as it is now"
        yield from _section("Exact says", [field for field in explanation.says if field[1]])
        yield from _section("checks", [_check_row(check) for check in explanation.checks])
        yield from _section(
            f"recipient{_sent_note(explanation)}",
            list(_address_rows(explanation.to)) if explanation.to else [],
        )
        yield from (f"    {note}" for note in (explanation.to.notes if explanation.to else ()))
        yield from _section(
            _request_heading(show_data=show_data), _request_rows(explanation.request, show_data=show_data)
        )
        yield from _section(
            "Sendcloud says", list(_shipment_rows(explanation.shipment)) if explanation.shipment else []
        )
        yield from _section("next", [(next_text(outcome),) for outcome in found.next_of(explanation)])


def next_text(outcome: Outcome) -> str:
    """What the next run does."""
    if outcome.outcome is OutcomeKind.SKIPPED:
        return f"nothing ({reason_text(outcome.reason)})"
    text = f"the next run: {sentence(outcome)}"
    remedy = shown(outcome.problem).remedy if outcome.problem else ""
    return f"{text} → {remedy}" if remedy else text


def _section(heading: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield f"  {heading}"
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "    " + _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _check_row(check: Check) -> tuple[str, ...]:
    text = _found_text(check)
    if not check.passed:
        text = f"{text} → {_failure_text(check)}".lstrip()
    return ("ok" if check.passed else "no", RULES[check.rule], text)


def _found_text(check: Check) -> str:
    """The value that was checked, and the wanted value where the check failed."""
    found = FOUND.get((check.rule, check.found), check.found)
    if check.passed or not check.wanted:
        return found
    return f"{found or 'nothing'}; wanted: {check.wanted}"


def _failure_text(check: Check) -> str:
    return shown(check.problem).message if check.problem else reason_text(check.reason)


def _sent_note(explanation: Explanation) -> str:
    if explanation.is_as_sent is None:
        return ""
    return " (same as what was sent)" if explanation.is_as_sent else " (differs from what was sent)"


def _address_rows(to: Recipient) -> Iterator[tuple[str, str, str]]:
    """Field, value and source of each part of the recipient."""
    for field, value in to.body().items():
        yield field, str(value), f"from {to.sources[field]}"


def _request_heading(*, show_data: bool) -> str:
    return "request" if show_data else "request, without the address (--show-data shows everything)"


def _request_rows(request: Json, *, show_data: bool) -> list[tuple[str, str]]:
    """A row per part of a request, without our reference, which is only chosen at the purchase."""
    if not isinstance(request, dict):
        return []
    left_out = {"external_reference_id"} if show_data else {"external_reference_id", *_ADDRESSES}
    return [
        (key, _compact(value if show_data else masked_body(value)))
        for key, value in request.items()
        if key not in left_out
    ]


def _compact(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shipment_rows(shipment: Shipment) -> Iterator[tuple[str, str, str]]:
    yield "shipment", shipment.id, ""
    yield "shipping_option", shipment.shipping_option.shipping_option_code, ""
    for parcel in shipment.parcels:
        yield f"parcel {parcel.id}", status_text(parcel.status), parcel.tracking_number


def status_text(status: Status) -> str:
    """A parcel's status in Sendcloud's words, and what it means."""
    meaning = status.meaning
    words = status.message or meaning.words or status.code
    if meaning.needs_a_person:
        return f"{words} (needs a person)"
    if meaning.is_final:
        return f"{words} (nothing more is expected)"
    return words if meaning.words else f"{words} (not in Sendcloud's list of statuses; counts as live)"


# ── as a document ────────────────────────────────────────────────────────────────────────────────


def now_objects(found: LiveLookup, *, show_data: bool) -> list[Json]:
    """The live part of the explain document."""
    return [_now_object(found, explanation, show_data=show_data) for explanation in found.explanations]


def _now_object(found: LiveLookup, explanation: Explanation, *, show_data: bool) -> JsonObject:
    subject, to = explanation.subject, explanation.to
    return {
        "order_numbers": [str(number) for number in subject.order_numbers],
        "delivery_number": None if subject.delivery_number is None else str(subject.delivery_number),
        "says": {field: value for field, value in explanation.says if value},
        "checks": [_check_object(check) for check in explanation.checks],
        "address": [
            {"field": field, "value": value if show_data else f"<{field}>", "source": source}
            for field, value, source in (_address_rows(to) if to else ())
        ],
        "notes": list(to.notes) if to else [],
        "request": explanation.request if show_data else masked_body(explanation.request),
        "is_as_sent": explanation.is_as_sent,
        "shipment_status": _status_of(explanation.shipment) if explanation.shipment else None,
        "next": [action_object(outcome) for outcome in found.next_of(explanation)],
    }


def _status_of(shipment: Shipment) -> str:
    """Sendcloud's status code of the first parcel."""
    return shipment.parcels[0].status.code if shipment.parcels else ""


def _check_object(check: Check) -> JsonObject:
    words = shown(check.problem) if check.problem and not check.passed else None
    return {
        "rule": check.rule.value,
        "passed": check.passed,
        "reason": "" if check.passed else check.reason,
        "found": check.found,
        "wanted": check.wanted,
        "message": words.message if words else "",
        "field": words.field if words else "",
        "remedy": words.remedy if words else "",
    }
