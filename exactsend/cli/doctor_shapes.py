"""``exactsend doctor --shapes``: how the form of both services' answers differs from what is expected, or from an earlier report."""

from collections.abc import Sequence
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.engine.wiring import PROGRAM
from exactsend.errors import ExitStatus, UsageError
from exactsend.http.messages import Json
from exactsend.operations.shapes import report_text
from exactsend.operations.shapes.differences import EndpointAnswer
from exactsend.operations.shapes.exact_reads import read_exact
from exactsend.operations.shapes.expected_fields import FieldKind
from exactsend.operations.shapes.headers import Headers
from exactsend.operations.shapes.reader import Reader, not_asked
from exactsend.operations.shapes.sendcloud_reads import read_sendcloud
from exactsend.settings.models import DivisionSettings
from exactsend.views.text.json_documents import JsonObject, schema


def doctor(place: CommandContext, former_file: Path | None) -> ExitStatus:
    """Read, and report how it differs from what is expected or from an earlier report; status 1 if it does.

    Raises:
        UsageError: several divisions are named, or the file is not such a report.
    """
    former = None if former_file is None else _former(former_file)
    division = place.one()
    answers = _answers(place, division)
    today = place.surroundings.clock().date()
    lines = list(report_text.lines(answers, program=PROGRAM, day=today, not_asked=not_asked()))
    if former is None:
        return _tell_differences(place, division.name, answers, lines)
    compared = report_text.compare(former, report_text.read("\n".join(lines)))
    return _tell_compared(place, division.name, answers, compared)


def _tell_differences(
    place: CommandContext, division: str, answers: Sequence[EndpointAnswer], lines: Sequence[str]
) -> ExitStatus:
    head, *found = report_text.difference_lines(answers)
    if place.terminal.json:
        place.terminal.document(_document(division, answers, found))
    elif not place.terminal.quiet:
        place.terminal.result("\n".join(lines))
    elif found:
        place.terminal.result("\n".join([head, *found]))
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _tell_compared(
    place: CommandContext, division: str, answers: Sequence[EndpointAnswer], compared: report_text.Comparison
) -> ExitStatus:
    found = [*compared.new, *compared.gone, *compared.changed]
    if place.terminal.json:
        document = _document(division, answers, found) | {"compared": _compared(compared)}
        place.terminal.document(document)
    elif found or not place.terminal.quiet:
        place.terminal.result("\n".join(report_text.comparison_lines(compared)))
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _former(file: Path) -> report_text.Summary:
    try:
        return report_text.read(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise UsageError(
            f"{file} can't be read: {cause.strerror or cause}",
            hint="Create one first: exactsend doctor --shapes > FILE",
        ) from cause
    except ValueError as cause:  # another text, or not a text
        raise UsageError(
            f"{file} is not a report of exactsend doctor --shapes",
            hint="Create one with this version: exactsend doctor --shapes > FILE",
        ) from cause


def _answers(place: CommandContext, division: DivisionSettings) -> list[EndpointAnswer]:
    """The answers of both services. If one can't be reached, the other is still asked."""
    wiring, tell = place.wiring, place.terminal.tell
    clock = wiring.process.clock
    with wiring.systems(division, pinned=wiring.pins(division), tell=tell) as systems:
        exact = Reader(
            "exact", systems.exact_transport, Headers("exact", division.exact.host_url, clock), tell
        )
        base_url = wiring.settings.sendcloud.base_url
        sendcloud = Reader(
            "sendcloud", systems.sendcloud_transport, Headers("sendcloud", base_url, clock), tell
        )
        read_exact(exact, division.code, division.policy, clock())
        read_sendcloud(sendcloud, clock())
    return [*exact.answers, exact.headers.as_answer(), *sendcloud.answers, sendcloud.headers.as_answer()]


def _document(division: str, answers: Sequence[EndpointAnswer], found: Sequence[str]) -> JsonObject:
    findings: list[Json] = [
        {
            "division": division,
            "check": "shapes",
            "message": name.removeprefix("! "),
            "why": "The program may misread it.",
            "remedy": "Send its report to the program's maintainer: exactsend doctor --shapes",
        }
        for name in found
    ]
    return {
        "schema": schema("doctor"),
        "findings": findings,
        "shapes": [profile_as_json(answer) for answer in answers],
    }


def profile_as_json(answer: EndpointAnswer) -> Json:
    """The profile of one answer, as in the JSON document."""
    fields: list[Json] = [
        {
            "place": place,
            "name": name,
            "types": dict(field.types),
            "longest": field.longest,
            "is_read": objects.expected[name].kind is not FieldKind.UNREAD,
        }
        for place, objects in answer.profile.places.items()
        for name, field in objects.fields.items()
    ]
    return {
        "service": answer.service,
        "endpoint": answer.endpoint,
        "outcome": answer.outcome,
        "rows": answer.rows,
        "fields": fields,
    }


def _compared(compared: report_text.Comparison) -> JsonObject:
    return {
        "new": list[Json](compared.new),
        "gone": list[Json](compared.gone),
        "changed": list[Json](compared.changed),
        "not_compared": list[Json](compared.not_compared),
    }
