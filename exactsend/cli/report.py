"""``exactsend report``: writes the HTML page of the chosen divisions to a file. Takes no lock and calls no service."""

import re
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.errors import ExitStatus, UsageError, worst
from exactsend.http.messages import Json
from exactsend.views.dashboard.page_file import Told, Written, write_report
from exactsend.views.text.json_documents import schema, time_text

MAX_DAYS = 366
"""With more days, a day of the chart would be thinner than a line."""


def save_report(context: CommandContext, output: Path, since: str) -> ExitStatus:
    """Write the page, and print its path."""
    days = parsed_days(since)
    chosen = context.chosen()
    try:
        written = write_report(output, context.wiring, chosen, days=days)
    except OSError as failed:
        raise UsageError(
            f"{output} can't be written: {failed.strerror or failed}",
            hint="Give --output a file in an existing folder that you may write to.",
        ) from failed
    for name, error in written.errors:
        print_error(error, context.terminal, division=name)
    _print(context, output, written)
    return worst([ExitStatus.DONE, *(error.status for _, error in written.errors)])


def parsed_days(text: str) -> int:
    """The number of days that ``--since`` names, as in 30d.

    Raises:
        UsageError: it names none, or too many.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,3})d?", text.strip())
    if match is None or int(match[1]) > MAX_DAYS:
        raise UsageError(
            f"--since must be a number of days from 1d to {MAX_DAYS}d, such as 30d, not {text!r}"
        )
    return int(match[1])


def _print(context: CommandContext, output: Path, written: Written) -> None:
    if context.terminal.json:
        rows: list[Json] = [_row(division) for division in written.divisions]
        document: dict[str, Json] = {"schema": schema("report"), "file": str(output)}
        context.terminal.document({**document, "since": time_text(written.since), "divisions": rows})
    elif not context.terminal.quiet:
        context.terminal.result(f"Wrote {output}; open it in a browser.")


def _row(row: Told) -> dict[str, Json]:
    return {
        "division": row.division,
        "health": row.health.value,
        "deliveries": row.deliveries,
        "errors": row.errors,
    }
