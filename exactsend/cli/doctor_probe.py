"""``exactsend doctor --probe``: says what it will do, asks for consent, and reports what was found out."""

from collections.abc import Iterator

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import agreed
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.operations.probe.run import QUESTIONS, ChosenProbes, Findings, probe
from exactsend.views.text.json_documents import JsonObject, schema


def probed(place: CommandContext, chosen: ChosenProbes, *, yes: bool) -> ExitStatus:
    """Find out on the real accounts what the documents leave open; status 1 where something is still to be put back.

    Raises:
        UsageError: several divisions are named, or nobody said yes.
    """
    division = place.one()
    place.terminal.say(
        f"This asks Exact and Sendcloud, for division {division.name}, what their documents leave open. It will:"
    )
    for action in chosen.actions():
        place.terminal.say(f"  - {action};")
    place.terminal.say(
        "Nothing is charged for what is cancelled. It makes about fifty calls, and holds this division's lock meanwhile."
    )
    if not agreed(place.terminal, place.surroundings.stdin, "Do it?", yes=yes):
        return ExitStatus.DONE
    with place.interrupts.handling_signals_if_main_thread():
        found = probe(place.wiring, division, chosen, place.terminal.tell)
    if place.terminal.json:
        place.terminal.document(_document(division.name, found))
    else:
        for line in _lines(found):
            place.terminal.result(line)
    return ExitStatus.ATTENTION if found.left else ExitStatus.DONE


def _lines(found: Findings) -> Iterator[str]:
    for answer in found.answers:
        yield f"{QUESTIONS[answer.question]}: {answer.answer or 'not found out'} ({answer.detail})"
    yield from (f"trouble: {trouble}" for trouble in found.troubles)
    asked = {answer.question for answer in found.answers}
    open_ones = [words for name, words in QUESTIONS.items() if name not in asked]
    yield from (f"not asked: {words}" for words in open_ones)
    yield from (f"still to be put back: {left}" for left in found.left)
    yield "The answers are kept in the ledger. This report has no personal data in it: it may be sent in."


def _document(division: str, found: Findings) -> JsonObject:
    answers: list[Json] = [
        {"question": answer.question, "answer": answer.answer or None, "detail": answer.detail}
        for answer in found.answers
    ]
    findings: list[Json] = [
        {
            "division": division,
            "check": "probe",
            "message": left,
            "why": "It was made by the probe and does not belong there.",
            "remedy": "Run exactsend doctor --probe again.",
        }
        for left in found.left
    ]
    probed: JsonObject = {"division": division, "answers": answers, "troubles": list[Json](found.troubles)}
    return {"schema": schema("doctor"), "findings": findings, "probe": probed}
