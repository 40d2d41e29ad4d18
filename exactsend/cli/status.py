"""``exactsend status``: the state of each division."""

from datetime import timedelta

from exactsend.cli.context import CommandContext
from exactsend.cli.ledgers import read_ledgers
from exactsend.cli.terminal import Severity
from exactsend.errors import ExitStatus, worst
from exactsend.views.data.view_types import DivisionStatus
from exactsend.views.text.status import (
    age_text,
    refused_lines,
    status_object,
    status_table,
    warnings_of,
)


def show_status(context: CommandContext, *, max_age_minutes: float | None) -> ExitStatus:
    """Show the state of each division; with an age, status 1 where the last good run is older."""
    terminal = context.terminal
    ledgers = read_ledgers(context)
    now = context.process_io.clock()
    standings = [model.status(context.wiring, now) for model in ledgers.models]
    if terminal.json:
        terminal.rows_document("status", "divisions", [status_object(standing) for standing in standings])
    else:
        terminal.table(status_table(standings))
        for line in refused_lines(standings):
            terminal.result(line)
    for standing in standings:
        for warning in warnings_of(standing):
            terminal.error(f"exactsend: {standing.division}: {warning}", Severity.WARNING)
    age_statuses = [_age_status(context, standing, max_age_minutes) for standing in standings]
    return worst([ledgers.status, *age_statuses])


def _age_status(
    context: CommandContext, standing: DivisionStatus, max_age_minutes: float | None
) -> ExitStatus:
    if max_age_minutes is None:
        return ExitStatus.DONE
    if standing.age is not None and standing.age <= timedelta(minutes=max_age_minutes):
        return ExitStatus.DONE
    last = "there was no good run yet"
    if standing.age is not None:
        last = f"the last good run was {age_text(standing.age)} ago"
    context.terminal.error(f"exactsend: {standing.division}: {last}")
    return ExitStatus.ATTENTION
