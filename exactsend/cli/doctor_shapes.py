"""``exactsend doctor --shapes``: how the answers of both services differ in form from what is expected; compared with a former text."""

from collections.abc import Sequence
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.engine.wiring import PROGRAM
from exactsend.errors import ExitStatus, UsageError
from exactsend.http.messages import Json
from exactsend.operations.shapes import report_text
from exactsend.operations.shapes.differences import EndpointAnswer
from exactsend.operations.shapes.endpoints import Reader, not_asked, read_exact, read_sendcloud
from exactsend.operations.shapes.expected_fields import FieldKind
from exactsend.operations.shapes.headers import Headers
from exactsend.settings.models import DivisionSettings
from exactsend.views.text.json_documents import JsonObject, schema


def doctor(place: CommandContext, former_file: Path | None) -> ExitStatus:
    """Read, and tell how it differs from what is expected, or from a former text; status 1 where it does.

    Raises:
        UsageError: several divisions are named, or the file holds no such text.
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
    place: CommandContext, division: str, answers: Sequence[EndpointAnswer], compared: report_text.Compared
) -> ExitStatus:
    found = [*compared.new, *compared.gone, *compared.changed]
    if place.terminal.json:
        document = _document(division, answers, found) | {"compared": _compared(compared)}
        place.terminal.document(document)
    elif found or not place.terminal.quiet:
        place.terminal.result("\n".join(report_text.compared_lines(compared)))
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _former(file: Path) -> report_text.Summary:
    try:
        return report_text.read(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise UsageError(
            f"{file} can't be read: {cause.strerror or cause}",
            hint="Make one first: exactsend doctor --shapes > FILE",
        ) from cause
    except ValueError as cause:  # another text, or none at all
        raise UsageError(
            f"{file} is no text of exactsend doctor --shapes",
            hint="Make one of this version: exactsend doctor --shapes > FILE",
        ) from cause


def _answers(place: CommandContext, division: DivisionSettings) -> list[EndpointAnswer]:
    """What both services answer: one that is out of reach keeps nobody from asking the other."""
    wiring, tell = place.wiring, place.terminal.tell
    clock = wiring.process.clock
    with wiring.services(division, pinned=wiring.pins(division), show_phase=tell) as systems:
        exact = Reader(
            "exact", systems.exact_transport, Headers("exact", division.exact.host_url, clock), tell
        )
        base_url = wiring.settings.sendcloud.base_url
        sendcloud = Reader(
            "sendcloud", systems.sendcloud_transport, Headers("sendcloud", base_url, clock), tell
        )
        read_exact(exact, division.code, division.policy, clock())
        read_sendcloud(sendcloud, clock())
    return [*exact.answers, exact.headers.told(), *sendcloud.answers, sendcloud.headers.told()]


def _document(division: str, answers: Sequence[EndpointAnswer], found: Sequence[str]) -> JsonObject:
    findings: list[Json] = [
        {
            "division": division,
            "check": "shapes",
            "message": name.removeprefix("! "),
            "why": "The program may read it otherwise than it is meant.",
            "remedy": "Send in the text of: exactsend doctor --shapes",
        }
        for name in found
    ]
    return {
        "schema": schema("doctor"),
        "findings": findings,
        "shapes": [profile_as_json(answer) for answer in answers],
    }


def profile_as_json(answer: EndpointAnswer) -> Json:
    """What was seen of one question's answer, as documents show it."""
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


def _compared(compared: report_text.Compared) -> JsonObject:
    return {
        "new": list[Json](compared.new),
        "gone": list[Json](compared.gone),
        "changed": list[Json](compared.changed),
        "not_compared": list[Json](compared.not_compared),
    }
