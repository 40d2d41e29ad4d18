"""``exactsend doctor --shapes``: how the answers of both services differ in form from what is expected; compared with a former text."""

from collections.abc import Sequence
from pathlib import Path

from exactsend.calls import Json
from exactsend.cli.place import Place
from exactsend.errors import ExitStatus, UsageError
from exactsend.report.documents import JsonObject, schema
from exactsend.shapes import text
from exactsend.shapes.answers import Answer
from exactsend.shapes.expected import Kind
from exactsend.shapes.headers import Headers
from exactsend.shapes.reading import Interview, not_asked, read_exact, read_sendcloud
from exactsend.wiring import PROGRAM


def doctor(place: Place, former_file: Path | None) -> ExitStatus:
    """Read, and tell how it differs from what is expected, or from a former text; status 1 where it does.

    Raises:
        UsageError: several divisions are named, or the file holds no such text.
    """
    former = None if former_file is None else _former(former_file)
    division = place.one()
    answers = _answers(place)
    whole = list(
        text.lines(answers, program=PROGRAM, day=place.surroundings.clock().date(), not_asked=not_asked())
    )
    if former is None:
        found = [line for line in text.difference_lines(answers) if line.startswith("!")]
        document = _document(division.name, answers, found)
        told = list(text.difference_lines(answers)) if place.terminal.quiet and found else whole
        if place.terminal.quiet and not found:
            told = []
    else:
        compared = text.compare(former, text.read("\n".join(whole)))
        found = [*compared.new, *compared.gone, *compared.changed]
        document = _document(division.name, answers, found) | {"compared": _compared(compared)}
        told = [] if place.terminal.quiet and compared.is_alike else list(text.compared_lines(compared))
    if place.terminal.json:
        place.terminal.document(document)
    else:
        for line in told:
            place.terminal.result(line)
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _former(file: Path) -> text.Told:
    try:
        return text.read(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise UsageError(f"{file} can't be read: {cause.strerror or cause}") from cause
    except ValueError as cause:  # another text, or none at all
        raise UsageError(
            f"{file} is no text of exactsend doctor --shapes",
            hint="Make one of this version: exactsend doctor --shapes > FILE",
        ) from cause


def _answers(place: Place) -> list[Answer]:
    """What both services answer: one that is out of reach keeps nobody from asking the other."""
    division, wiring = place.one(), place.wiring
    with wiring.systems(division, pinned=wiring.pins(division), tell=place.terminal.tell) as systems:
        clock = wiring.process.clock
        of_exact = Interview(
            "exact",
            systems.exact_transport,
            Headers("exact", division.exact.host_url, clock),
            place.terminal.tell,
        )
        of_sendcloud = Interview(
            "sendcloud",
            systems.sendcloud_transport,
            Headers("sendcloud", wiring.settings.sendcloud.base_url, clock),
            place.terminal.tell,
        )
        read_exact(of_exact, division.code, division.policy, clock())
        read_sendcloud(of_sendcloud, clock())
    return [
        *(answer for one in (of_exact, of_sendcloud) for answer in (*one.answers, one.headers.told())),
    ]


def _document(division: str, answers: Sequence[Answer], found: Sequence[str]) -> JsonObject:
    findings: list[Json] = [
        {
            "division": division,
            "check": "shapes",
            "message": one.removeprefix("! "),
            "why": "The program may read it otherwise than it is meant.",
            "remedy": "Send in the text of: exactsend doctor --shapes",
        }
        for one in found
    ]
    return {
        "schema": schema("doctor"),
        "findings": findings,
        "shapes": [seen_as_json(one) for one in answers],
    }


def seen_as_json(answer: Answer) -> Json:
    """What was seen of one question's answer, as documents show it."""
    fields: list[Json] = [
        {
            "place": place,
            "name": name,
            "forms": dict(one.forms),
            "longest": one.longest,
            "is_read": objects.expected[name].kind is not Kind.UNREAD,
        }
        for place, objects in answer.seen.places.items()
        for name, one in objects.fields.items()
    ]
    return {
        "service": answer.service,
        "endpoint": answer.endpoint,
        "outcome": answer.outcome,
        "rows": answer.rows,
        "fields": fields,
    }


def _compared(compared: text.Compared) -> JsonObject:
    return {
        "new": list[Json](compared.new),
        "gone": list[Json](compared.gone),
        "changed": list[Json](compared.changed),
        "not_compared": list[Json](compared.not_compared),
    }
