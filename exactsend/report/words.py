"""What became of an action, and why nothing did, in the words of people who work in Exact. Sentences only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from exactsend.plan.actions import Kind, Outcome, OutcomeKind

REASONS = {
    "": "",
    # an order, or a delivery, is not sent
    "cancelled": "cancelled in Exact",
    "deleted": "deleted in Exact",
    "not_approved": "not approved in Exact",
    "complete": "complete in Exact without having been delivered",
    "before_start_date": "from before the start date",
    "too_old": "older than orders.look_back_days",
    "status": "not in one of orders.statuses",
    "method_none": "its shipping method is mapped to none: collected, or transported otherwise",
    "no_goods": "no goods on it that could be sent",
    "has_tracking_number": "has a tracking number in Exact that exactsend did not write",
    "taken_in_panel": "taken out of the incoming orders in Sendcloud's panel",
    # it stands where it should
    "in_step": "stands among the incoming orders as it is in Exact",
    "delivered": "delivered: its deliveries are what is sent now",
    "labelled": "has its label",
    "labelled_before_delivery": "has a label at Sendcloud already, and no delivery in Exact yet",
    "waits_for_label": "waits for a label made by hand",
    # later
    "label_unknown": "the outcome of a purchase is not known yet; the next run looks again",
    "still_processing": "Sendcloud is still working on it; the next run tries again",
    "changed_meanwhile": "changed in Exact during the run; the next run decides anew",
    "safety_limit": "stopped by a safety limit",
    "still_there": "was still there",
    "another_is_not_next": "the number given with --another is not the next one",
    # a cancellation
    "cancellation_queued": "queued at the carrier; until then it counts as live",
    # how a label was found
    "found_by_reference": "bought by an earlier run",
    "made_by_hand": "made by hand",
}
"""The reason codes of the JSON documents. Where a problem is told, its message is said instead."""

_DONE = {
    Kind.ORDER_PUSH: "sent to the incoming orders",
    Kind.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    Kind.LABEL_BUY: "label bought",
    Kind.LABEL_ADOPT: "label taken over",
    Kind.LABEL_WATCH: "looked at",
    Kind.LABEL_CANCEL: "label cancelled",
    Kind.WRITEBACK: "tracking written to Exact",
}
_PLANNED = {
    Kind.ORDER_PUSH: "would be sent to the incoming orders",
    Kind.ORDER_WITHDRAW: "would be withdrawn from the incoming orders",
    Kind.LABEL_BUY: "would get its label, which costs money",
    Kind.LABEL_ADOPT: "label would be taken over",
    Kind.LABEL_WATCH: "would be looked at",
    Kind.LABEL_CANCEL: "label is to be cancelled",
    Kind.WRITEBACK: "tracking would be written to Exact",
}
_NOT_DONE = {
    Kind.ORDER_PUSH: "not among the incoming orders",
    Kind.ORDER_WITHDRAW: "not withdrawn",
    Kind.LABEL_BUY: "no label",
    Kind.LABEL_ADOPT: "label not taken over",
    Kind.LABEL_WATCH: "needs a person",
    Kind.LABEL_CANCEL: "label not cancelled",
    Kind.WRITEBACK: "not written to Exact",
}


def reason_text(code: str) -> str:
    """A reason code in words; the code itself where nobody gave it words."""
    return REASONS.get(code, code.replace("_", " "))


def subject_name(outcome: Outcome) -> str:
    """The order or delivery, with the number that people know."""
    return outcome.subject.name


def lines_of(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each outcome that is listed; two where there is a remedy."""
    listed = [
        one for _, group in groupby(outcomes, key=_kind) for one in sorted(group, key=_number) if one.listed
    ]
    width = max((len(subject_name(one)) for one in listed), default=0)
    lines: list[str] = []
    for one in listed:
        lines.append(f"{subject_name(one):<{width}}  {sentence(one)}")
        if one.problem and one.problem.remedy:
            lines.append(f"{'':<{width}}  → {one.problem.remedy}")
    return lines


def sentence(outcome: Outcome) -> str:
    """What became of it, without the name of what it is about."""
    match outcome.outcome:
        case OutcomeKind.DONE:
            return _with_numbers(outcome, _with_reason(_DONE[outcome.kind], outcome))
        case OutcomeKind.PLANNED:
            return _with_reason(_PLANNED[outcome.kind], outcome)
        case OutcomeKind.UNKNOWN:
            return reason_text("label_unknown")
        case _:
            return f"{_NOT_DONE[outcome.kind]}: {_why(outcome)}"


def _with_reason(text: str, outcome: Outcome) -> str:
    reason = reason_text(outcome.reason)
    return f"{text} ({reason})" if reason else text


def _with_numbers(outcome: Outcome, text: str) -> str:
    numbers = ", ".join(outcome.tracking_numbers)
    return f"{text}: {numbers}" if numbers else text


def _why(outcome: Outcome) -> str:
    if outcome.problem is None:
        return reason_text(outcome.reason)
    detail = outcome.problem.detail
    return f"{outcome.problem.message} ({detail})" if detail else outcome.problem.message


def _kind(outcome: Outcome) -> Kind:
    return outcome.kind


def _number(outcome: Outcome) -> int:
    """What the lines of one step are sorted by."""
    return outcome.subject.delivery_number or (*outcome.subject.order_numbers, 0)[0]


# ── the sum of a run ─────────────────────────────────────────────────────────────────────────────

_COUNTED = {
    (Kind.ORDER_PUSH, OutcomeKind.DONE): "sent",
    (Kind.ORDER_WITHDRAW, OutcomeKind.DONE): "withdrawn",
    (Kind.LABEL_BUY, OutcomeKind.DONE): "bought",
    (Kind.LABEL_ADOPT, OutcomeKind.DONE): "taken over",
    (Kind.WRITEBACK, OutcomeKind.DONE): "written to Exact",
}
_THINGS = {
    Kind.ORDER_PUSH: ("incoming order", "incoming orders"),
    Kind.ORDER_WITHDRAW: ("incoming order", "incoming orders"),
    Kind.LABEL_BUY: ("label", "labels"),
    Kind.LABEL_ADOPT: ("label", "labels"),
    Kind.WRITEBACK: ("tracking number", "tracking numbers"),
}


def summary(outcomes: Iterable[Outcome], *, needs_a_person: int) -> str:
    """One line: how much of what was done, and how much needs a person."""
    parts = [*_counted_parts(outcomes)]
    if needs_a_person:
        parts.append(f"{counted(needs_a_person, 'needs', 'need')} a person")
    return ", ".join(parts) or "nothing to do"


def _counted_parts(outcomes: Iterable[Outcome]) -> Iterator[str]:
    counts = Counter((one.kind, one.outcome) for one in outcomes if one.listed)
    for key, done in _COUNTED.items():
        if count := counts[key]:
            yield f"{counted(count, *_THINGS[key[0]])} {done}"


def counted(count: int, one: str, several: str) -> str:
    """A number and its noun."""
    return f"{count} {one if count == 1 else several}"
