"""What both sides say of one number now, rendered: rules, the address as it is sent, the request. Prints nothing.

The address block holds personal data: it is for the person who asks, and stands in no file of ours.
"""

import json
from collections.abc import Iterator, Sequence

from exactsend.engine.live_lookup import LookedUp
from exactsend.engine.plan.actions import Outcome, OutcomeKind
from exactsend.engine.plan.checks import Check
from exactsend.engine.plan.explanation import Explained
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment, Status
from exactsend.trade.masking import masked_body
from exactsend.trade.recipient import Recipient
from exactsend.views.text.json_documents import JsonObject, action_object
from exactsend.views.text.outcome_phrases import reason_text, sentence
from exactsend.views.text.rule_phrases import found_text, why_text
from exactsend.views.text.view_phrases import ASKS

_GAP = "  "
_ADDRESSES = ("to_address", "shipping_address", "customer_details")
"""Parts of a request that the address block has told already."""


# ── as text ──────────────────────────────────────────────────────────────────────────────────────


def now_lines(found: LookedUp, *, show_data: bool) -> Iterator[str]:
    """Everything that both sides say of a number now."""
    for explanation in found.explained:
        yield ""
        yield f"{explanation.subject.name}, as it is now"
        yield from _section("Exact says", [said for said in explanation.says if said[1]])
        yield from _section(
            "rules, as they were checked", [_check_row(check) for check in explanation.checks]
        )
        yield from _section(
            f"to whom it goes{_as_sent(explanation)}", list(_block(explanation.to)) if explanation.to else []
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
    """What the next run does about it."""
    if outcome.outcome is OutcomeKind.SKIPPED:
        return f"nothing: {reason_text(outcome.reason)}"
    said = f"the next run: {sentence(outcome)}"
    return f"{said} → {outcome.problem.remedy}" if outcome.problem and outcome.problem.remedy else said


def _section(heading: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield f"  {heading}"
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "    " + _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _check_row(check: Check) -> tuple[str, ...]:
    told = found_text(check)
    if not check.passed:
        told = f"{told} → {why_text(check)}" if told else f"→ {why_text(check)}"
    return ("ok" if check.passed else "no", ASKS[check.rule], told)


def _as_sent(explanation: Explained) -> str:
    if explanation.is_as_sent is None:
        return ""
    return (
        " (what was sent says the same)" if explanation.is_as_sent else " (what was sent said something else)"
    )


def _block(to: Recipient) -> Iterator[tuple[str, str, str]]:
    """The address block as it is sent: field, value, and where the value came from."""
    for field, value in to.body().items():
        yield field, str(value), f"from {to.sources[field]}"


def _request_heading(*, show_data: bool) -> str:
    return "what is sent" if show_data else "what is sent, without the address (--show-data shows all)"


def _request_rows(request: Json, *, show_data: bool) -> list[tuple[str, str]]:
    """A line for each part of a body. Our reference is left out: it is chosen in the moment of the purchase."""
    if not isinstance(request, dict):
        return []
    left_out = {"external_reference_id"} if show_data else {"external_reference_id", *_ADDRESSES}
    shown = {key: kept for key, kept in request.items() if key not in left_out}
    return [(key, _compact(kept if show_data else masked_body(kept))) for key, kept in shown.items()]


def _compact(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shipment_rows(shipment: Shipment) -> Iterator[tuple[str, str, str]]:
    yield "shipment", shipment.id, ""
    yield "shipping_option", shipment.shipping_option.shipping_option_code, ""
    for parcel in shipment.parcels:
        yield f"parcel {parcel.id}", status_text(parcel.status), parcel.tracking_number


def status_text(status: Status) -> str:
    """A parcel's status in Sendcloud's words, with what there is to know of it."""
    meaning = status.meaning
    words = status.message or meaning.words or status.code
    if meaning.needs_a_person:
        return f"{words} (needs a person)"
    if meaning.is_final:
        return f"{words} (nothing more is expected)"
    return words if meaning.words else f"{words} (not in Sendcloud's list of statuses; counts as live)"


# ── as a document ────────────────────────────────────────────────────────────────────────────────


def now_objects(found: LookedUp, *, show_data: bool) -> list[Json]:
    """The same as rows of the explain document."""
    return [_now_object(found, explanation, show_data=show_data) for explanation in found.explained]


def _now_object(found: LookedUp, explanation: Explained, *, show_data: bool) -> JsonObject:
    subject, to = explanation.subject, explanation.to
    return {
        "order_numbers": [str(number) for number in subject.order_numbers],
        "delivery_number": None if subject.delivery_number is None else str(subject.delivery_number),
        "says": {field: value for field, value in explanation.says if value},
        "checks": [_check_object(check) for check in explanation.checks],
        "address": [
            {"field": field, "value": value if show_data else f"<{field}>", "source": source}
            for field, value, source in (_block(to) if to else ())
        ],
        "notes": list(to.notes) if to else [],
        "request": explanation.request if show_data else masked_body(explanation.request),
        "is_as_sent": explanation.is_as_sent,
        "shipment_status": _status_of(explanation.shipment) if explanation.shipment else None,
        "next": [action_object(outcome) for outcome in found.next_of(explanation)],
    }


def _status_of(shipment: Shipment) -> str:
    """The code of its first parcel's status, Sendcloud's own."""
    return shipment.parcels[0].status.code if shipment.parcels else ""


def _check_object(check: Check) -> JsonObject:
    problem = check.problem if not check.passed else None
    return {
        "rule": check.rule.value,
        "passed": check.passed,
        "reason": "" if check.passed else check.reason,
        "found": check.found,
        "wanted": check.wanted,
        "message": problem.message if problem else "",
        "field": problem.field if problem else "",
        "remedy": problem.remedy if problem else "",
    }
