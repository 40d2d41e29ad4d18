"""``exactsend doctor --probe``: lists what it will do, asks for consent, and reports the answers."""

from collections.abc import Iterator

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import confirm
from exactsend.errors import ExitStatus
from exactsend.http.messages import Json
from exactsend.operations.probe import run
from exactsend.operations.probe.run import QUESTIONS, ProbeOptions, ProbeResult
from exactsend.views.text.json_documents import JsonObject, schema


def run_probe(
    context: CommandContext, *, order: int | None, delivery: int | None, refresh: bool, yes: bool
) -> ExitStatus:
    """Test on the real accounts what the vendors' documentation leaves open; status 1 where something could not be restored.

    Raises:
        UsageError: several divisions are named, or there is no terminal and no ``--yes``.
    """
    division, options = context.single_division(), ProbeOptions(order, delivery, refresh)
    context.terminal.note(
        f"This tests, on the accounts of division {division.name}, what the documentation of Exact and Sendcloud leaves open. It will:"
    )
    for action in options.planned_actions():
        context.terminal.note(f"  - {action};")
    context.terminal.note(
        "Cancelled labels are not charged. The probe makes about fifty calls and holds this division's lock meanwhile."
    )
    if not confirm(context.terminal, context.process_io.stdin, "Go ahead?", yes=yes):
        return ExitStatus.DONE
    with context.interrupts.handling_signals_if_main_thread():
        found = run.run_probe(context.wiring, division, options, context.terminal.progress)
    if context.terminal.json:
        context.terminal.document(_document(division.name, found))
    else:
        for line in _lines(found):
            context.terminal.result(line)
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
