"""From a service's refusal or a carrier's words to a problem with its cure, and whether time may cure it (S6). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from exactsend.calls import Json
from exactsend.domain.problems import Code, Problem
from exactsend.errors import FieldProblem, Refused
from exactsend.mapping.masking import masked
from exactsend.plan.actions import Subject
from exactsend.sendcloud.models import Shipment


@dataclass(frozen=True)
class Failure:
    """Why there is no label."""

    problem: Problem
    is_passing: bool
    """Time may cure it: it is tried again by itself, with growing pauses."""


_HOUSE_NUMBER = re.compile(r"house.?number", re.IGNORECASE)
_PASSING = re.compile(
    r"unavailable|temporar|try again|time.?d? ?out|timeout|service is down|internal error|could not connect|connecting to|maintenance",
    re.IGNORECASE,
)
_IN_EXACT = (
    (re.compile(r"postal.?code|zip", re.IGNORECASE), "Postcode"),
    (re.compile(r"\bcity\b|town", re.IGNORECASE), "City"),
    (re.compile(r"phone|telephone|mobile", re.IGNORECASE), "Phone"),
    (re.compile(r"e-?mail", re.IGNORECASE), "Email"),
    (re.compile(r"address.?line|street|address_1|address_2", re.IGNORECASE), "AddressLine1"),
    (re.compile(r"weight", re.IGNORECASE), "GrossWeight"),
    (re.compile(r"hs.?code|tariff", re.IGNORECASE), "StatisticalCode"),
    (re.compile(r"country", re.IGNORECASE), "Country"),
)
_ITEM_FIELDS = frozenset({"GrossWeight", "StatisticalCode"})


def announcement_failure(subject: Subject, shipment: Shipment, request: Json) -> Failure:
    """A shipment that was made, whose announcement the carrier refused: 201 without a label (S5)."""
    said = [error.detail for error in shipment.errors if error.detail]
    said += [parcel.status.message for parcel in shipment.parcels if not said and parcel.status.message]
    return _failure(subject, "; ".join(said) or "no reason given", request, Code.LABEL_FAILED)


def refusal(subject: Subject, refused: Refused, request: Json) -> Failure:
    """A request that Sendcloud refused: nothing was made."""
    said = "; ".join(_worded(one) for one in refused.problems) or refused.message
    failure = _failure(subject, said, request, Code.LABEL_REFUSED)
    return Failure(failure.problem, is_passing=False)


def given_up(problem: Problem, tries: int, *, delivery: int) -> Problem:
    """A passing cause that did not pass: it is not tried again by itself (S6)."""
    return Problem(
        Code.LABEL_GIVEN_UP,
        f"{problem.message} {tries} times; it is not tried again by itself",
        remedy=f"When the carrier's trouble is over: exactsend labels retry --delivery {delivery}. Or choose another shipping method.",
        detail=problem.detail,
    )


def order_refusal(subject: Subject, problems: Sequence[FieldProblem], said: str, request: Json) -> Problem:
    """An incoming order that Sendcloud refused."""
    words = "; ".join(_worded(one) for one in problems) or said
    field = _field(words)
    return Problem(
        Code.ORDER_REFUSED,
        f"Sendcloud refused {subject.name} as an incoming order",
        field=field,
        remedy=f"{_in_exact(subject, field)}; the next run sends it again.",
        detail=masked(words, request),
    )


def _failure(subject: Subject, said: str, request: Json, code: Code) -> Failure:
    if _HOUSE_NUMBER.search(said):
        return Failure(_house_number_missing(subject, said, request), is_passing=False)
    passing = bool(_PASSING.search(said))
    field = "" if passing else _field(said)
    verb = (
        "could not be made: the carrier refused it"
        if code is Code.LABEL_FAILED
        else "was refused by Sendcloud"
    )
    problem = Problem(
        code,
        f"the label of {subject.name} {verb}",
        field=field,
        remedy="It is tried again by itself." if passing else _remedy(subject, field, request),
        detail=masked(said, request),
    )
    return Failure(problem, passing)


def _house_number_missing(subject: Subject, said: str, request: Json) -> Problem:
    return Problem(
        Code.HOUSE_NUMBER_MISSING,
        f"the delivery address of {subject.name} has no house number that the carrier can read",
        field="AddressLine1",
        remedy="Correct the first line of the delivery address in Exact (street and house number); the next run makes the label. "
        f"Or correct it in Sendcloud's panel in {_entry(subject, request)} and make the label there.",
        detail=masked(said, request),
    )


def _remedy(subject: Subject, field: str, request: Json) -> str:
    return (
        f"{_in_exact(subject, field)}; the next run tries again. "
        f"Or correct it in Sendcloud's panel in {_entry(subject, request)} and make the label there."
    )


def _in_exact(subject: Subject, field: str) -> str:
    if field in _ITEM_FIELDS:
        return f"Correct {field} of the item in Exact"
    if field:
        return (
            f"Correct {field} of the delivery address, or of the account or contact it comes from, in Exact"
        )
    return f"Correct what Sendcloud names in the records of {subject.name} in Exact"


def _entry(subject: Subject, request: Json) -> str:
    """What the panel lists it as: the number that was sent."""
    number = request.get("order_number") if isinstance(request, dict) else None
    return f"incoming order {number}" if number else f"the incoming order of {subject.name}"


def _worded(problem: FieldProblem) -> str:
    place = problem.pointer.rsplit("/", 1)[-1]
    return f"{place}: {problem.detail}" if place else problem.detail


def _field(said: str) -> str:
    return next((field for pattern, field in _IN_EXACT if pattern.search(said)), "")
