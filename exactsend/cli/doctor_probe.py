"""``exactsend doctor --probe``: says what it will do, asks for consent, and reports what it found out."""

from collections.abc import Iterator

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import agreed
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.operations.probe.run import QUESTIONS, ProbeOptions, ProbeResult, run_probe
from exactsend.views.text.json_documents import JsonObject, schema


def probed(place: CommandContext, options: ProbeOptions, *, yes: bool) -> ExitStatus:
    """Try on the real accounts what the documents leave open; status 1 if something could not be restored.

    Raises:
        UsageError: several divisions are named, or nobody agreed.
    """
    division = place.one()
    place.terminal.say(
        f"This tries, for division {division.name}, what the documents of Exact and Sendcloud leave open. It will:"
    )
    for action in options.planned_actions():
        place.terminal.say(f"  - {action};")
    place.terminal.say(
        "What is cancelled costs nothing. The probe makes about fifty calls and holds this division's lock meanwhile."
    )
    if not agreed(place.terminal, place.surroundings.stdin, "Do it?", yes=yes):
        return ExitStatus.DONE
    with place.interrupts.listening_where_possible():
        found = run_probe(place.wiring, division, options, place.terminal.tell)
    if place.terminal.json:
        place.terminal.document(_document(division.name, found))
    else:
        for line in _lines(found):
            place.terminal.result(line)
    return ExitStatus.ATTENTION if found.unrestored else ExitStatus.DONE


def _lines(found: ProbeResult) -> Iterator[str]:
    for answer in found.answers:
        yield f"{QUESTIONS[answer.question]}: {answer.answer or 'not found out'} ({answer.detail})"
    yield from (f"failed: {failure}" for failure in found.failures)
    asked = {answer.question for answer in found.answers}
    not_asked = [words for name, words in QUESTIONS.items() if name not in asked]
    yield from (f"not asked: {words}" for words in not_asked)
    yield from (f"not restored: {unrestored}" for unrestored in found.unrestored)
    yield "The ledger keeps the answers. This report contains no personal data, so you can share it."


def _document(division: str, found: ProbeResult) -> JsonObject:
    answers: list[Json] = [
        {"question": answer.question, "answer": answer.answer or None, "detail": answer.detail}
        for answer in found.answers
    ]
    findings: list[Json] = [
        {
            "division": division,
            "check": "probe",
            "message": unrestored,
            "why": "The probe created or changed it, and it does not belong there.",
            "remedy": "Run exactsend doctor --probe again.",
        }
        for unrestored in found.unrestored
    ]
    probed: JsonObject = {"division": division, "answers": answers, "troubles": list[Json](found.failures)}
    return {"schema": schema("doctor"), "findings": findings, "probe": probed}
