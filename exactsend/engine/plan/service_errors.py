"""From a service's refusal or a carrier's words to a problem with its cure, and whether time may cure it (S6). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from exactsend.domain.problems import Code, Problem
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
        sentence("the label of {name} could not be made", name=subject.name),
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
        sentence("the label of {name} was refused by Sendcloud", name=subject.name),
        said,
        request,
        Code.LABEL_REFUSED,
        rules=applied_rules(refused.answer),
    )


def given_up(problem: Problem, tries: int, *, delivery: int, division: str = "") -> Problem:
    """A passing cause that did not pass: it is not tried again by itself (S6)."""
    return Problem(
        Code.LABEL_GIVEN_UP,
        sentence(
            "{happened}, {tries} times; it is not tried again by itself",
            happened=problem.message,
            tries=tries,
        ),
        remedy=sentence(
            "When that is over: {retry}. Or choose another shipping method.",
            retry=Subject(delivery_number=delivery, division=division).by_hand("retry"),
        ),
        detail=problem.detail,
    )


def order_refusal(subject: Subject, problems: Sequence[FieldProblem], said: str, request: Json) -> Problem:
    """An incoming order that Sendcloud refused."""
    detail = masked("; ".join(_worded(problem) for problem in problems) or said, request)
    cause = _behind(detail)
    return Problem(
        Code.ORDER_REFUSED,
        _with_cause(
            sentence("Sendcloud refused {name} as an incoming order", name=subject.name),
            _says(subject, cause, NOTHING_KNOWN),
        ),
        field=cause.field if cause else "",
        remedy=sentence("{cure}; the next run sends it again.", cure=_cure(subject, cause)),
        detail=detail,
    )


def not_withdrawn(number: str, said: str) -> Problem:
    """An incoming order that is no longer wanted and that Sendcloud does not delete.

    Args:
        number: its number in the panel.
        said: what Sendcloud says of it.
    """
    return Problem(
        Code.ENTRY_NOT_WITHDRAWN,
        sentence(
            "Sendcloud does not delete incoming order {number}, which is no longer wanted", number=number
        ),
        remedy=sentence(
            "Delete it in Sendcloud's panel and make no label from it; it is tried again by itself, after ever longer pauses."
        ),
        detail=masked(said),
    )


def _failure(
    subject: Subject,
    happened: str,
    said: str,
    request: Json,
    code: Code,
    *,
    rules: Sequence[AppliedRule] = (),
) -> Failure:
    circumstances = _circumstances(request, rules)
    detail = masked(said, request)
    cause = _behind(detail, circumstances)
    is_passing = cause is not None and cause.is_passing
    problem = Problem(
        (cause.code if cause else None) or code,
        _says_it_all(subject, cause, circumstances)
        or _with_cause(happened, _says(subject, cause, circumstances)),
        field=cause.field if cause else "",
        remedy=_remedy(subject, cause, request),
        detail=_with_rules(detail, circumstances),
    )
    return Failure(problem, is_passing)


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


def _says(subject: Subject, cause: Cause | None, circumstances: Circumstances) -> str:
    """The cause in words; empty where nobody here knows it."""
    if cause is None:
        return ""
    return sentence(
        cause.says,
        name=subject.name,
        rules=circumstances.rules,
        option=circumstances.option,
        country=circumstances.country or "the destination",
    )


def _says_it_all(subject: Subject, cause: Cause | None, circumstances: Circumstances) -> str:
    """A cause that names what it is about needs nothing before it; empty for others."""
    return _says(subject, cause, circumstances) if cause and "{name}" in cause.says else ""


def _with_cause(happened: str, says: str) -> str:
    return sentence("{happened}: {cause}", happened=happened, cause=says) if says else happened


def _remedy(subject: Subject, cause: Cause | None, request: Json) -> str:
    cure = _cure(subject, cause)
    if cause is not None and cause.is_passing:
        return sentence(
            "{cure}; it is tried again by itself, and at once with: {retry}.",
            cure=cure,
            retry=subject.by_hand("retry"),
        )
    return sentence(
        "{cure}; the next run tries again. Or correct it in Sendcloud's panel in {entry} and make the label there.",
        cure=cure,
        entry=_entry(subject, request),
    )


def _cure(subject: Subject, cause: Cause | None) -> str:
    if cause is None:
        return sentence("Correct what Sendcloud names in the records of {name} in Exact", name=subject.name)
    return sentence(cause.place.value, field=cause.field)


def _entry(subject: Subject, request: Json) -> str:
    """What the panel lists it as: the number that was sent."""
    number = request.get("order_number") if isinstance(request, dict) else None
    if number:
        return sentence("incoming order {number}", number=str(number))
    return sentence("the incoming order of {name}", name=subject.name)


def _worded(problem: FieldProblem) -> str:
    """With the field's name; with that of its table too where the sender's fields could be taken for the recipient's."""
    steps = [step for step in problem.pointer.split("/") if step]
    place = "/".join(steps[-2:]) if "from_address" in steps else "".join(steps[-1:])
    return f"{place}: {problem.detail}" if place else problem.detail
