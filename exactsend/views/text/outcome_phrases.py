"""Sentences about the outcomes of a run: a line per action, and the summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind
from exactsend.engine.snapshot import WorkLeft
from exactsend.views.text.action_phrases import COUNTED, DONE, NOT_DONE, PLANNED, REASONS, THINGS


def reason_text(code: str) -> str:
    """The phrase for a reason code; the code itself where there is none."""
    return REASONS.get(code, code.replace("_", " "))


def subject_name(outcome: Outcome) -> str:
    """The order or delivery with its number."""
    return outcome.subject.name


def lines_of(outcomes: Sequence[Outcome]) -> list[str]:
    """The listed outcomes, a line each, with a second line for remedies and notes."""
    listed = [
        outcome
        for _, group in groupby(outcomes, key=_kind)
        for outcome in sorted(group, key=_number)
        if outcome.listed
    ]
    width = max((len(subject_name(outcome)) for outcome in listed), default=0)
    lines: list[str] = []
    for outcome in listed:
        lines.append(f"{subject_name(outcome):<{width}}  {sentence(outcome)}")
        if outcome.problem and (remedy := shown(outcome.problem).remedy):
            lines.append(f"{'':<{width}}  → {remedy}")
        if outcome.kind is ActionKind.LABEL_ADOPT:
            lines += [f"{'':<{width}}  → {note}" for note in outcome.notes]
    return lines


def sentence(outcome: Outcome) -> str:
    """The outcome, without the order or delivery it is about."""
    match outcome.outcome:
        case OutcomeKind.DONE:
            return _with_numbers(outcome, _with_reason(DONE[outcome.kind], outcome))
        case OutcomeKind.PLANNED:
            return _with_reason(PLANNED[outcome.kind], outcome)
        case OutcomeKind.UNKNOWN:
            return reason_text("label_unknown")
        case OutcomeKind.FAILED | OutcomeKind.HELD | OutcomeKind.SKIPPED:
            return f"{NOT_DONE[outcome.kind]}: {_why(outcome)}"


def _with_reason(text: str, outcome: Outcome) -> str:
    reason = reason_text(outcome.reason)
    return f"{text} ({reason})" if reason else text


def _with_numbers(outcome: Outcome, text: str) -> str:
    numbers = ", ".join(outcome.tracking_numbers)
    return f"{text}: {numbers}" if numbers else text


def _why(outcome: Outcome) -> str:
    if outcome.problem is None:
        return reason_text(outcome.reason)
    words = shown(outcome.problem)
    return f"{words.message} ({words.detail})" if words.detail else words.message


def _kind(outcome: Outcome) -> ActionKind:
    return outcome.kind


def _number(outcome: Outcome) -> int:
    """The sort key of the lines of one step."""
    return outcome.subject.delivery_number or (*outcome.subject.order_numbers, 0)[0]


# ── the summary of a run ─────────────────────────────────────────────────────────────────────────────


def summary(outcomes: Iterable[Outcome], *, needs_a_person: int) -> str:
    """What was done and how many need a person, in one line."""
    parts = [*_counted_parts(outcomes)]
    if needs_a_person:
        parts.append(f"{counted(needs_a_person, 'needs', 'need')} a person")
    return ", ".join(parts) or "nothing to do"


def left_sentence(left: WorkLeft) -> str:
    """What waits for the next run, and why; empty if nothing waits."""
    parts = [
        *([counted(left.deliveries, "delivery", "deliveries")] if left.deliveries else []),
        *([counted(left.orders, "order", "orders")] if left.orders else []),
    ]
    if not parts:
        return ""
    verb = "waits" if sum(left) == 1 else "wait"
    return f"{' and '.join(parts)} {verb} for the next run: Exact allows no more calls in this one"


def _counted_parts(outcomes: Iterable[Outcome]) -> Iterator[str]:
    counts = Counter((outcome.kind, outcome.outcome) for outcome in outcomes if outcome.listed)
    for key, done in COUNTED.items():
        if count := counts[key]:
            yield f"{counted(count, *THINGS[key[0]])} {done}"


def counted(count: int, one: str, several: str) -> str:
    """A number and its noun."""
    return f"{count} {one if count == 1 else several}"
