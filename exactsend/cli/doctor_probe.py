"""``exactsend doctor --probe``: lists what it will do, asks for consent, and reports the answers."""

from collections.abc import Iterator

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import confirm
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.operations.probe.run import QUESTIONS, ChosenProbes, Findings, probe
from exactsend.views.text.json_documents import JsonObject, schema


def run_probe(
    context: CommandContext, *, order: int | None, delivery: int | None, refresh: bool, yes: bool
) -> ExitStatus:
    """Test on the real accounts what the vendors' documentation leaves open; status 1 where something could not be put back.

    Raises:
        UsageError: several divisions are named, or there is no terminal and no ``--yes``.
    """
    division, chosen = context.single_division(), ChosenProbes(order, delivery, refresh)
    context.terminal.note(
        f"This tests, on the accounts of division {division.name}, what the documentation of Exact and Sendcloud leaves open. It will:"
    )
    for action in chosen.actions():
        context.terminal.note(f"  - {action};")
    context.terminal.note(
        "Cancelled labels are not charged. The probe makes about fifty calls and holds this division's lock meanwhile."
    )
    if not confirm(context.terminal, context.process_io.stdin, "Go ahead?", yes=yes):
        return ExitStatus.DONE
    with context.interrupts.listening_where_possible():
        found = probe(context.wiring, division, chosen, context.terminal.progress)
    if context.terminal.json:
        context.terminal.document(_document(division.name, found))
    else:
        for line in _lines(found):
            context.terminal.result(line)
    return ExitStatus.ATTENTION if found.left else ExitStatus.DONE


def _lines(found: Findings) -> Iterator[str]:
    for answer in found.answers:
        yield f"{QUESTIONS[answer.question]}: {answer.answer or 'not found out'} ({answer.detail})"
    yield from (f"trouble: {trouble}" for trouble in found.troubles)
    asked = {answer.question for answer in found.answers}
    open_ones = [words for name, words in QUESTIONS.items() if name not in asked]
    yield from (f"not asked: {words}" for words in open_ones)
    yield from (f"still to be put back: {left}" for left in found.left)
    yield "The answers are stored in the ledger. This report contains no personal data, so you can send it in."


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
            "why": "The probe made it, and it does not belong there.",
            "remedy": "Run exactsend doctor --probe again.",
        }
        for left in found.left
    ]
    probed: JsonObject = {"division": division, "answers": answers, "troubles": list[Json](found.troubles)}
    return {"schema": schema("doctor"), "findings": findings, "probe": probed}
