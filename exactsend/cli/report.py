"""``exactsend report``: the page of the divisions that were named, written to a file. Takes no lock and talks to no service."""

import re
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.errors import ExitStatus, UsageError, worst
from exactsend.http.messages import Json
from exactsend.views.dashboard.page_file import Told, Written, write_report
from exactsend.views.text.json_documents import schema, time_text

LONGEST = 366
"""More days than a year would be thinner than a line."""


def save_report(context: CommandContext, output: Path, since: str) -> ExitStatus:
    """Write the page, and say where it stands."""
    days = days_of(since)
    chosen = context.chosen()
    try:
        written = write_report(output, context.wiring, chosen, days=days)
    except OSError as failed:
        raise UsageError(
            f"{output} can't be written: {failed.strerror or failed}",
            hint="Give --output a file in a folder that is there and that you may write to.",
        ) from failed
    for name, error in written.errors:
        print_error(error, context.terminal, division=name)
    _print(context, output, written)
    return worst([ExitStatus.DONE, *(error.status for _, error in written.errors)])


def days_of(text: str) -> int:
    """The days that ``--since`` names, as in 30d.

    Raises:
        UsageError: it names none, or too many.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,3})d?", text.strip())
    if match is None or int(match[1]) > LONGEST:
        raise UsageError(f"--since is a number of days from 1d to {LONGEST}d, such as 30d, and not {text!r}")
    return int(match[1])


def _print(context: CommandContext, output: Path, written: Written) -> None:
    if context.terminal.json:
        rows: list[Json] = [_row(division) for division in written.divisions]
        document: dict[str, Json] = {"schema": schema("report"), "file": str(output)}
        context.terminal.document({**document, "since": time_text(written.since), "divisions": rows})
    elif not context.terminal.quiet:
        context.terminal.result(f"{output} is written; open it in a browser")


def _row(told: Told) -> dict[str, Json]:
    return {
        "division": told.division,
        "health": told.health.value,
        "deliveries": told.deliveries,
        "errors": told.errors,
    }
