"""From a service's refusal or a carrier's words to a problem with its cure, and whether time may cure it (S6). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from exactsend.domain.problems import Code, Phrase, Problem, Values
from exactsend.domain.templates import sentence
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.applied_rules import rules_text, storable_rules
from exactsend.engine.plan.carrier_errors import NOTHING_KNOWN, Cause, Circumstances, cause_of
from exactsend.errors import FieldProblem, Refused
from exactsend.http.messages import Json
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.shipping_rules import AppliedRule, applied_rules
from exactsend.trade.masking import masked

_PLACEHOLDER = re.compile(r"<\w+>")
"""What masking puts in the place of a value of ours: a street called after a phone says nothing of phones."""


Happened = Literal["failed", "refused"]
"""Sendcloud made the shipment and the carrier refused it; or Sendcloud refused the request. With what is known of it, a variant of the text."""


@dataclass(frozen=True)
class Failure:
    """Why there is no label."""

    problem: Problem
    is_passing: bool
    """Time may cure it: it is tried again by itself, with growing pauses."""


def announcement_failure(subject: Subject, shipment: Shipment, request: Json) -> Failure:
    """A shipment that was made, whose announcement the carrier refused: 201 without a label (S5)."""
    said = [error.detail for error in shipment.errors if error.detail]
    said += [parcel.status.message for parcel in shipment.parcels if not said and parcel.status.message]
    return _failure(
        subject,
        "failed",
        "; ".join(said) or "no reason given",
        request,
        Code.LABEL_FAILED,
        rules=shipment.applied_shipping_rules,
    )


def refusal(subject: Subject, refused: Refused, request: Json) -> Failure:
    """A request that Sendcloud refused: nothing was made."""
    said = "; ".join(_worded(problem) for problem in refused.problems) or refused.message
    return _failure(
        subject,
        "refused",
        said,
        request,
        Code.LABEL_REFUSED,
        rules=applied_rules(refused.answer),
    )


def given_up(problem: Problem, tries: int, *, delivery: int, division: str = "") -> Problem:
    """A passing cause that did not pass: it is not tried again by itself (S6)."""
    values = {"name": problem.values["name"], "cause": problem.values["cause"]}
    retry = Subject(delivery_number=delivery, division=division).by_hand("retry")
    return Problem(
        Code.LABEL_GIVEN_UP,
        {**values, "tries": str(tries), "retry": retry},
        variant=problem.variant,
        detail=problem.detail,
    )


def order_refusal(subject: Subject, problems: Sequence[FieldProblem], said: str, request: Json) -> Problem:
    """An incoming order that Sendcloud refused."""
    detail = masked("; ".join(_worded(problem) for problem in problems) or said, request)
    cause = _behind(detail)
    if cause is None:
        return Problem(Code.ORDER_REFUSED, {"name": subject.name}, detail=detail)
    values = {"name": subject.name, **_of_cause(subject, cause, NOTHING_KNOWN)}
    return Problem(Code.ORDER_REFUSED, values, "known", detail)


def not_withdrawn(number: str, said: str) -> Problem:
    """An incoming order that is no longer wanted and that Sendcloud does not delete.

    Args:
        number: its number in the panel.
        said: what Sendcloud says of it.
    """
    return Problem(Code.ENTRY_NOT_WITHDRAWN, {"number": number}, detail=masked(said))


def _failure(
    subject: Subject,
    happened: Happened,
    said: str,
    request: Json,
    code: Code,
    *,
    rules: Sequence[AppliedRule] = (),
) -> Failure:
    circumstances = _circumstances(request, rules)
    detail = masked(said, request)
    cause = _behind(detail, circumstances)
    full_detail = _with_rules(detail, circumstances)
    entry = _entry(subject, request)
    if cause is None:
        return Failure(
            Problem(code, {"name": subject.name, "entry": entry}, happened, full_detail), is_passing=False
        )
    code = cause.code or code
    behind = _of_cause(subject, cause, circumstances)
    if "name" in cause.names:
        return Failure(
            Problem(code, {**behind, "entry": entry}, "cause_alone", full_detail), is_passing=False
        )
    values: Values = {"name": subject.name, **behind}
    if cause.is_passing:
        retry = {"retry": subject.by_hand("retry")}
        return Failure(
            Problem(code, {**values, **retry}, f"{happened}_passing", full_detail), is_passing=True
        )
    return Failure(
        Problem(code, {**values, "entry": entry}, f"{happened}_known", full_detail), is_passing=False
    )


def _of_cause(subject: Subject, cause: Cause, circumstances: Circumstances) -> dict[str, str | Phrase]:
    """What is behind it, and where that is cured."""
    return {"cause": cause.says(subject.name, circumstances), "cure": cause.cure, "field": cause.field}


def _circumstances(request: Json, rules: Sequence[AppliedRule]) -> Circumstances:
    body = request if isinstance(request, dict) else {}
    return Circumstances(
        rules=rules_text(storable_rules(rules, request)),
        rules_add=any(rule.adds for rule in rules),
        by_rules=body.get("apply_shipping_rules") is True,
        to_point="to_service_point" in body,
        option=_text(body, "ship_with", "properties", "shipping_option_code"),
        country=_text(body, "to_address", "country_code"),
    )


def _text(body: Json, *names: str) -> str:
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def _with_rules(detail: str, circumstances: Circumstances) -> str:
    """What was said, and which shipping rules had a part in it."""
    if not circumstances.rules:
        return detail
    return sentence(
        "{detail}; shipping rules that were applied: {rules}", detail=detail, rules=circumstances.rules
    )


def _behind(detail: str, circumstances: Circumstances = NOTHING_KNOWN) -> Cause | None:
    return cause_of(_PLACEHOLDER.sub(" ", detail).replace("_", " "), circumstances)


def _entry(subject: Subject, request: Json) -> Phrase:
    """What the panel lists it as: the number that was sent."""
    number = request.get("order_number") if isinstance(request, dict) else None
    if number:
        return Phrase("entry", {"number": str(number)})
    return Phrase("entry_of", {"name": subject.name})


def _worded(problem: FieldProblem) -> str:
    """With the field's name; with that of its table too where the sender's fields could be taken for the recipient's."""
    steps = [step for step in problem.pointer.split("/") if step]
    place = "/".join(steps[-2:]) if "from_address" in steps else "".join(steps[-1:])
    return f"{place}: {problem.detail}" if place else problem.detail
