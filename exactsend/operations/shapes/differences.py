"""The answer of an endpoint and how it differs from what is expected. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from exactsend.operations.shapes.expected_fields import Field, FieldKind
from exactsend.operations.shapes.profile import MISSING, NULL, ROW, FieldProfile, ObjectProfile, Profile

Service = Literal["exact", "sendcloud"]
NOT_ASKED = "not asked"
"""The outcome of a request that was not made; the reason follows it."""


class DifferenceKind(StrEnum):
    """The ways in which an answer can differ; part of the report's format."""

    REFUSED = "refused"
    UNANSWERED = "unanswered"
    BODY = "body"
    MISSING = "missing"
    NULL = "null"
    TYPE = "type"
    LONGER = "longer"
    CODE = "code"
    HEADER = "header"


@dataclass(frozen=True)
class Difference:
    """One way in which an answer is not as expected."""

    kind: DifferenceKind
    name: str
    """The field, header or code; empty if it is the whole answer."""
    detail: str
    """The rest of the sentence, with counts and consequences."""


@dataclass
class EndpointAnswer:
    """The answer of one endpoint."""

    service: Service
    endpoint: str
    outcome: str
    """The HTTP status; "no answer"; or "not asked", with why."""
    rows: int | None = None
    """None if the answer has no rows, or there is none."""
    profile: Profile = field(default_factory=Profile)
    others: list[Difference] = field(default_factory=list)
    """Differences other than those of fields."""

    @property
    def name(self) -> str:
        """The service and the endpoint."""
        return f"{self.service} {self.endpoint}"

    @property
    def differences(self) -> list[Difference]:
        """All differences."""
        return [*self.others, *_row_differences(self.profile)]


def _row_differences(profile: Profile) -> Iterator[Difference]:
    if profile.odd_rows:
        yield Difference(
            DifferenceKind.BODY, ROW, f"{_counted(profile.odd_rows, 'row')} that is no object; not read"
        )
    for place, objects in profile.places.items():
        for name, field_profile in objects.fields.items():
            expected = objects.expected[name]
            yield from _field_differences(field_path(place, name), field_profile, expected, objects)


def field_path(place: str, name: str) -> str:
    """A field's path from the row."""
    return name if place == ROW else f"{place}.{name}"


def _field_differences(
    path: str, seen: FieldProfile, expected: Field, objects: ObjectProfile
) -> Iterator[Difference]:
    if expected.kind is FieldKind.UNREAD:
        return
    missing, null = seen.types[MISSING], seen.types[NULL]
    is_nowhere = missing == objects.count and expected.is_always_present
    if missing and (is_nowhere or expected.is_selected or not expected.may_be_missing):
        then = "read as none" if expected.may_be_missing else "not read without it"
        yield Difference(DifferenceKind.MISSING, path, f"in {missing} of {objects.count}; {then}")
    if null and not expected.may_be_null:
        yield Difference(DifferenceKind.NULL, path, f"in {null} of {objects.count}; not read without it")
    for type_name, count in sorted(seen.unreadable.items()):
        then = "read as none" if expected.may_be_null and expected.may_be_missing else "not read"
        found = f"{type_name} that can't be read" if type_name == expected.kind else type_name
        yield Difference(
            DifferenceKind.TYPE,
            path,
            f"{found} instead of {expected.kind} in {count} of {objects.count}; {then}",
        )
    if expected.at_most is not None and seen.longest > expected.at_most:
        yield Difference(
            DifferenceKind.LONGER, path, f"{seen.longest} characters, {expected.at_most} foreseen; read whole"
        )
    for code, count in sorted(seen.codes.items()):
        yield Difference(DifferenceKind.CODE, code, f"not known; {path} in {count} of {objects.count}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def type_counts(field_profile: FieldProfile) -> Mapping[str, int]:
    """The types seen, most frequent first."""
    return dict(sorted(field_profile.types.items(), key=lambda counted: (-counted[1], counted[0])))
