"""``exactsend doctor --shapes``: shows how the answers of both services differ in form from what is expected, or from an earlier output."""

from collections.abc import Sequence
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.engine.wiring import PROGRAM
from exactsend.errors import ExitStatus, UsageError
from exactsend.http.messages import Json
from exactsend.operations.shapes import report_text
from exactsend.operations.shapes.differences import EndpointAnswer
from exactsend.operations.shapes.expected_fields import FieldKind
from exactsend.operations.shapes.reader import not_asked
from exactsend.operations.shapes.run import read_shapes
from exactsend.views.text.json_documents import JsonObject, schema


def check_shapes(context: CommandContext, earlier_file: Path | None) -> ExitStatus:
    """Show how the answers differ from what is expected, or from an earlier output; status 1 where they do.

    Raises:
        UsageError: several divisions are named, or the file has no such output.
    """
    earlier = None if earlier_file is None else _earlier_output(earlier_file)
    division = context.single_division()
    answers = read_shapes(context.wiring, division, context.terminal.progress)
    today = context.process_io.clock().date()
    lines = list(report_text.lines(answers, program=PROGRAM, day=today, not_asked=not_asked()))
    if earlier is None:
        return _print_differences(context, division.name, answers, lines)
    compared = report_text.compare(earlier, report_text.read("\n".join(lines)))
    return _print_compared(context, division.name, answers, compared)


def _print_differences(
    context: CommandContext, division: str, answers: Sequence[EndpointAnswer], lines: Sequence[str]
) -> ExitStatus:
    head, *found = report_text.difference_lines(answers)
    if context.terminal.json:
        context.terminal.document(_document(division, answers, found))
    elif not context.terminal.quiet:
        context.terminal.result("\n".join(lines))
    elif found:
        context.terminal.result("\n".join([head, *found]))
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _print_compared(
    context: CommandContext,
    division: str,
    answers: Sequence[EndpointAnswer],
    compared: report_text.Comparison,
) -> ExitStatus:
    found = [*compared.new, *compared.gone, *compared.changed]
    if context.terminal.json:
        document = _document(division, answers, found) | {"compared": _compared(compared)}
        context.terminal.document(document)
    elif found or not context.terminal.quiet:
        context.terminal.result("\n".join(report_text.comparison_lines(compared)))
    return ExitStatus.ATTENTION if found else ExitStatus.DONE


def _earlier_output(file: Path) -> report_text.Summary:
    try:
        return report_text.read(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise UsageError(
            f"{file} can't be read: {cause.strerror or cause}",
            hint="Create one first: exactsend doctor --shapes > FILE",
        ) from cause
    except ValueError as cause:  # something else, or no text at all
        raise UsageError(
            f"{file} is not the output of exactsend doctor --shapes",
            hint="Create one with this version: exactsend doctor --shapes > FILE",
        ) from cause


def _document(division: str, answers: Sequence[EndpointAnswer], found: Sequence[str]) -> JsonObject:
    findings: list[Json] = [
        {
            "division": division,
            "check": "shapes",
            "message": name.removeprefix("! "),
            "why": "The program may misread it.",
            "remedy": "Send in the output of: exactsend doctor --shapes",
        }
        for name in found
    ]
    return {
        "schema": schema("doctor"),
        "findings": findings,
        "shapes": [profile_as_json(answer) for answer in answers],
    }


def profile_as_json(answer: EndpointAnswer) -> Json:
    """One answer's shape, for a document."""
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
