"""The one text that a reading comes to, and how two of them are compared. It can be sent in, and read again.

Each line under an answer tells the fields of one place: ``row (6): OrderID guid; YourRef text 4, empty 2, longest 12``. Pure.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from textwrap import TextWrapper

from exactsend.operations.shapes.differences import NOT_ASKED, EndpointAnswer, What, counts_of, path_of
from exactsend.operations.shapes.expected_fields import FieldKind
from exactsend.operations.shapes.headers import HEADERS
from exactsend.operations.shapes.profile import EMPTY, NULL, FieldProfile, ObjectProfile

FORMAT = 1
"""Another number stands for lines that are read otherwise."""
UNREAD = "+"
_HEAD = f"shapes, format {FORMAT}"
_WRAPPED = TextWrapper(116, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
EXPLAINED = (
    "Names of fields, types, counts and lengths. No value of a field stands here: this text may be sent in.",
    f"{UNREAD} before a field: the program does not read it.",
)


def lines(
    answers: Sequence[EndpointAnswer], *, program: str, day: date, not_asked: Sequence[str]
) -> Iterator[str]:
    """The whole text, line by line."""
    yield f"{program}, {_HEAD}, {day}"
    yield from EXPLAINED
    yield ""
    yield from difference_lines(answers)
    yield ""
    for answer in answers:
        yield f"{answer.name}: {outcome_of(answer)}"
        for place, objects in answer.profile.places.items():
            yield from _WRAPPED.wrap(f"  {place} ({objects.count}): {'; '.join(_fields(objects))}")
    yield ""
    yield from _WRAPPED.wrap(f"Not asked, since they are no GET: {', '.join(not_asked)}")


def difference_lines(answers: Iterable[EndpointAnswer]) -> Iterator[str]:
    """What differs from what the program expects, one line each."""
    found = [
        f"! {answer.name}: {difference.what} {difference.name or '-'}: {difference.detail}"
        for answer in answers
        for difference in answer.differences
    ]
    yield f"{len(found)} difference{'' if len(found) == 1 else 's'} from what the program expects"
    yield from found


def outcome_of(answer: EndpointAnswer) -> str:
    """How a question was answered, with the number of rows where there are rows."""
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
    counts = counts_of(field_profile)
    types = (
        [f"{type_name} {count}" for type_name, count in counts.items()] if len(counts) > 1 else list(counts)
    )
    return ", ".join([*types, *([f"longest {field_profile.longest}"] if FieldKind.TEXT in counts else [])])


# ── reading it again, and comparing ──────────────────────────────────────────────────────────────


@dataclass
class Summary:
    """What a text tells, as far as two of them are compared."""

    outcomes: dict[str, str] = field(default_factory=dict)
    """The status of each answer, or why there is none."""
    places: dict[str, dict[str, dict[str, frozenset[str]]]] = field(default_factory=dict)
    """Answer → place → field → its types, without null and empty: which of these a row has is chance."""
    differences: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Answer, kind and name of each difference → its detail."""


class NoSuchText(ValueError):
    """It is no such text, or one in another format."""


_DIFFERENCE = re.compile(r"! (\S+ \S+): ([a-z]+) (\S+): (.*)")
_ANSWER = re.compile(r"((?:exact|sendcloud) \S+): (.*)")
_PLACE = re.compile(r"  (\S+) \(\d+\): (.*)")
_CHANCE = frozenset({NULL, EMPTY})
_OUTCOMES = frozenset({What.REFUSED, What.UNANSWERED})


def read(text: str) -> Summary:
    """What a text tells.

    Raises:
        NoSuchText: it is none, or is in another format.
    """
    unwrapped = text.replace("\r\n", "\n").replace("\n    ", " ").split("\n")
    if _HEAD not in unwrapped[0]:
        raise NoSuchText(_HEAD)
    told, name = Summary(), ""
    for line in unwrapped[1:]:
        if found := _DIFFERENCE.fullmatch(line):
            told.differences[found[1], found[2], found[3]] = found[4]
        elif found := _PLACE.fullmatch(line):
            told.places.setdefault(name, {})[found[1]] = dict(_read_fields(found[2]))
        elif found := _ANSWER.fullmatch(line):
            name = found[1]
            told.outcomes[name] = _outcome(found[2])
    return told


def _outcome(told: str) -> str:
    """Without the number of rows or answers."""
    return re.sub(r"(^|, )\d+ (rows?|answers)$", "", told)


def _read_fields(told: str) -> Iterator[tuple[str, frozenset[str]]]:
    for text in told.split("; "):
        name, _, types = text.partition(" ")
        words = {counted.split(" ")[0] for counted in types.split(", ")} - {"longest"}
        if name != f"{UNREAD}(without":
            yield name.lstrip(UNREAD), frozenset(words) - _CHANCE


@dataclass(frozen=True)
class Compared:
    """What two texts differ in, each a sentence."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    not_compared: tuple[str, ...]
    """Answers that had rows, or were asked for, in one of them alone."""

    @property
    def is_alike(self) -> bool:
        """Nothing is new, gone or changed."""
        return not (self.new or self.gone or self.changed)


def compare(former: Summary, now: Summary) -> Compared:
    """What is new, gone and changed since a former reading, or between two accounts."""
    both = [name for name in now.outcomes if name in former.outcomes]
    left_out = [name for name in both if not _is_comparable(former, now, name)]
    comparable = [name for name in both if name not in left_out]
    came, went = (_differences(these, others, comparable) for these, others in ((now, former), (former, now)))
    told = {(name, about) for name, _, about in (*came, *went)}
    places = [
        (name, place, former.places[name][place], now.places[name][place])
        for name in comparable
        for place in former.places.get(name, {})
        if place in now.places[name]
    ]
    return Compared(
        new=(
            *(f"{name}: {now.outcomes[name]}" for name in now.outcomes if name not in former.outcomes),
            *(
                text
                for name, place, before, after in places
                for text in _fields_of(name, place, after, before)
            ),
            *_sentences(now, came),
        ),
        gone=(
            *(f"{name}: {former.outcomes[name]}" for name in former.outcomes if name not in now.outcomes),
            *(
                text
                for name, place, before, after in places
                for text in _fields_of(name, place, before, after)
            ),
            *_sentences(former, went),
        ),
        changed=(
            *(text for name in both for text in _changed_outcome(former, now, name)),
            *(name for place in places for name in _changed_fields(*place, told)),
        ),
        not_compared=tuple(left_out),
    )


def _is_comparable(former: Summary, now: Summary, name: str) -> bool:
    """Both have rows, or neither has; and both were asked: what there was nobody to ask for is chance."""
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
    told: Collection[tuple[str, str]],
) -> Iterator[str]:
    """Fields of another form, of which no difference tells. Where one reading saw nothing but null there is nothing to compare."""
    for text, types in before.items():
        found = after.get(text)
        if types and found and found != types and (name, path_of(place, text)) not in told:
            yield f"{name}: {place}: {text} is {_worded(found)}, was {_worded(types)}"


def _worded(types: Iterable[str]) -> str:
    return ", ".join(sorted(types)) or NULL


def _differences(these: Summary, others: Summary, comparable: Collection[str]) -> list[tuple[str, str, str]]:
    """What differs here and not there. That a question is refused its outcome says."""
    return [
        key
        for key in these.differences
        if key not in others.differences and key[0] in comparable and key[1] not in _OUTCOMES
    ]


def _sentences(told: Summary, keys: Iterable[tuple[str, str, str]]) -> list[str]:
    return [f"{name}: {what} {about}: {told.differences[name, what, about]}" for name, what, about in keys]


def compared_lines(compared: Compared) -> Iterator[str]:
    """The comparison, for a person."""
    for word, found in (("new", compared.new), ("gone", compared.gone), ("changed", compared.changed)):
        yield from (f"{word}: {name}" for name in found)
    if compared.is_alike:
        yield "nothing is new, gone or changed"
    if compared.not_compared:
        yield f"not compared, since only one of the two has rows of it: {', '.join(compared.not_compared)}"
