"""Writes the report of all answers, reads it again, and compares two reports. It contains no values, so users can share it.

Each line under an answer lists the fields of one place: ``row (6): OrderID guid; YourRef text 4, empty 2, longest 12``. Pure.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from textwrap import TextWrapper

from exactsend.operations.shapes.differences import (
    NOT_ASKED,
    DifferenceKind,
    EndpointAnswer,
    field_path,
    type_counts,
)
from exactsend.operations.shapes.expected_fields import FieldKind
from exactsend.operations.shapes.headers import HEADERS
from exactsend.operations.shapes.profile import EMPTY, NULL, FieldProfile, ObjectProfile

FORMAT = 1
"""Changes when the lines change so that an older version can't read them."""
UNREAD = "+"
_HEAD = f"shapes, format {FORMAT}"
_WRAPPED = TextWrapper(116, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
EXPLAINED = (
    "Names of fields, types, counts and lengths, but no value of a field: you can share this text.",
    f"{UNREAD} before a field: the program does not read it.",
)


def lines(
    answers: Sequence[EndpointAnswer], *, program: str, day: date, not_asked: Sequence[str]
) -> Iterator[str]:
    """The whole report, line by line."""
    yield f"{program}, {_HEAD}, {day}"
    yield from EXPLAINED
    yield ""
    yield from difference_lines(answers)
    yield ""
    for answer in answers:
        yield f"{answer.name}: {outcome_text(answer)}"
        for place, objects in answer.profile.places.items():
            yield from _WRAPPED.wrap(f"  {place} ({objects.count}): {'; '.join(_fields(objects))}")
    yield ""
    yield from _WRAPPED.wrap(f"Not asked, because they are not GET requests: {', '.join(not_asked)}")


def difference_lines(answers: Iterable[EndpointAnswer]) -> Iterator[str]:
    """What differs from what the program expects, one line each."""
    found = [
        f"! {answer.name}: {difference.kind} {difference.name or '-'}: {difference.detail}"
        for answer in answers
        for difference in answer.differences
    ]
    yield f"{len(found)} difference{'' if len(found) == 1 else 's'} from what the program expects"
    yield from found


def outcome_text(answer: EndpointAnswer) -> str:
    """The outcome of a request, with the number of rows if there are rows."""
    if answer.rows is None or answer.endpoint == HEADERS:
        return answer.outcome
    return f"{answer.outcome}, {answer.rows} row{'' if answer.rows == 1 else 's'}"


def _fields(objects: ObjectProfile) -> Iterator[str]:
    for name, field_profile in objects.fields.items():
        mark = UNREAD if objects.expected[name].kind is FieldKind.UNREAD else ""
        yield f"{mark}{name} {_types(field_profile)}"
    if objects.unnamed:
        yield f"{UNREAD}(without a name) {objects.unnamed}"


def _types(field_profile: FieldProfile) -> str:
    counts = type_counts(field_profile)
    types = (
        [f"{type_name} {count}" for type_name, count in counts.items()] if len(counts) > 1 else list(counts)
    )
    return ", ".join([*types, *([f"longest {field_profile.longest}"] if FieldKind.TEXT in counts else [])])


# ── reading it again, and comparing ──────────────────────────────────────────────────────────────


@dataclass
class Summary:
    """What a report says, as far as reports are compared."""

    outcomes: dict[str, str] = field(default_factory=dict)
    """The status of each answer, or the reason why there is none."""
    places: dict[str, dict[str, dict[str, frozenset[str]]]] = field(default_factory=dict)
    """Answer → place → field → its types, without null and empty, which vary by chance."""
    differences: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Answer, kind and name of each difference → its detail."""


class NotAReport(ValueError):
    """The text is not such a report, or is in another format."""


_DIFFERENCE = re.compile(r"! (\S+ \S+): ([a-z]+) (\S+): (.*)")
_ANSWER = re.compile(r"((?:exact|sendcloud) \S+): (.*)")
_PLACE = re.compile(r"  (\S+) \(\d+\): (.*)")
_CHANCE = frozenset({NULL, EMPTY})
_OUTCOMES = frozenset({DifferenceKind.REFUSED, DifferenceKind.UNANSWERED})


def read(text: str) -> Summary:
    """Read a report.

    Raises:
        NotAReport: it is not a report, or is in another format.
    """
    unwrapped = text.replace("\r\n", "\n").replace("\n    ", " ").split("\n")
    if _HEAD not in unwrapped[0]:
        raise NotAReport(_HEAD)
    summary, name = Summary(), ""
    for line in unwrapped[1:]:
        if found := _DIFFERENCE.fullmatch(line):
            summary.differences[found[1], found[2], found[3]] = found[4]
        elif found := _PLACE.fullmatch(line):
            summary.places.setdefault(name, {})[found[1]] = dict(_read_fields(found[2]))
        elif found := _ANSWER.fullmatch(line):
            name = found[1]
            summary.outcomes[name] = _outcome(found[2])
    return summary


def _outcome(text: str) -> str:
    """The outcome without the number of rows or answers."""
    return re.sub(r"(^|, )\d+ (rows?|answers)$", "", text)


def _read_fields(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for field_text in text.split("; "):
        name, _, types = field_text.partition(" ")
        words = {counted.split(" ")[0] for counted in types.split(", ")} - {"longest"}
        if name != f"{UNREAD}(without":
            yield name.lstrip(UNREAD), frozenset(words) - _CHANCE


@dataclass(frozen=True)
class Comparison:
    """How two reports differ; each entry is a line of text."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    not_compared: tuple[str, ...]
    """Answers that only one of the two has rows of, or asked for."""

    @property
    def is_same(self) -> bool:
        """Whether nothing is new, gone or changed."""
        return not (self.new or self.gone or self.changed)


def compare(former: Summary, now: Summary) -> Comparison:
    """What is new, gone or changed since an earlier report, or between two accounts."""
    both = [name for name in now.outcomes if name in former.outcomes]
    comparable = [name for name in both if _is_comparable(former, now, name)]
    differing = {
        (name, about)
        for these, others in ((now, former), (former, now))
        for name, _, about in _differences(these, others, comparable)
    }
    return Comparison(
        new=tuple(_only_in(now, former, comparable)),
        gone=tuple(_only_in(former, now, comparable)),
        changed=(
            *(text for name in both for text in _changed_outcome(former, now, name)),
            *(
                text
                for name, place in _shared_places(former, now, comparable)
                for text in _changed_fields(
                    name, place, former.places[name][place], now.places[name][place], differing
                )
            ),
        ),
        not_compared=tuple(name for name in both if name not in comparable),
    )


def _only_in(these: Summary, others: Summary, comparable: Collection[str]) -> Iterator[str]:
    """The answers, fields and differences in one report but not in the other."""
    for name, outcome in these.outcomes.items():
        if name not in others.outcomes:
            yield f"{name}: {outcome}"
    for name, place in _shared_places(these, others, comparable):
        yield from _fields_of(name, place, these.places[name][place], others.places[name][place])
    yield from _sentences(these, _differences(these, others, comparable))


def _shared_places(these: Summary, others: Summary, comparable: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in comparable:
        for place in these.places.get(name, {}):
            if place in others.places[name]:
                yield name, place


def _is_comparable(former: Summary, now: Summary, name: str) -> bool:
    """Whether both have rows or neither has, and both were asked or neither was: whether there is a record to ask for is chance."""
    is_asked_alike = _is_asked(former, name) == _is_asked(now, name)
    return is_asked_alike and bool(former.places.get(name)) == bool(now.places.get(name))


def _is_asked(summary: Summary, name: str) -> bool:
    return not summary.outcomes[name].startswith(NOT_ASKED)


def _changed_outcome(former: Summary, now: Summary, name: str) -> Iterator[str]:
    before, after = former.outcomes[name], now.outcomes[name]
    if before != after and _is_asked(former, name) and _is_asked(now, name):
        yield f"{name}: {after}, was {before}"


def _fields_of(
    name: str, place: str, these: Mapping[str, frozenset[str]], others: Mapping[str, frozenset[str]]
) -> list[str]:
    return [
        f"{name}: {place}: {text} ({_worded(types)})" for text, types in these.items() if text not in others
    ]


def _changed_fields(
    name: str,
    place: str,
    before: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
    differing: Collection[tuple[str, str]],
) -> Iterator[str]:
    """Fields whose type changed, without those in ``differing``. A field that was always null in one report is not compared."""
    for text, types in before.items():
        found = after.get(text)
        if types and found and found != types and (name, field_path(place, text)) not in differing:
            yield f"{name}: {place}: {text} is {_worded(found)}, was {_worded(types)}"


def _worded(types: Iterable[str]) -> str:
    return ", ".join(sorted(types)) or NULL


def _differences(these: Summary, others: Summary, comparable: Collection[str]) -> list[tuple[str, str, str]]:
    """Differences in one report but not in the other, without refusals: the outcomes show those."""
    return [
        key
        for key in these.differences
        if key not in others.differences and key[0] in comparable and key[1] not in _OUTCOMES
    ]


def _sentences(summary: Summary, keys: Iterable[tuple[str, str, str]]) -> list[str]:
    return [f"{name}: {kind} {about}: {summary.differences[name, kind, about]}" for name, kind, about in keys]


def comparison_lines(compared: Comparison) -> Iterator[str]:
    """The comparison, as lines to print."""
    for word, found in (("new", compared.new), ("gone", compared.gone), ("changed", compared.changed)):
        yield from (f"{word}: {name}" for name in found)
    if compared.is_same:
        yield "nothing is new, gone or changed"
    if compared.not_compared:
        yield f"not compared, because only one of the two reports has rows: {', '.join(compared.not_compared)}"
