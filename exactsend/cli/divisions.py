"""``exactsend divisions``: the divisions of Exact that each sign-in can reach, and which of them are configured."""

from collections.abc import Sequence

from exactsend.cli.context import CommandContext
from exactsend.engine.reachable_divisions import ReachedDivision, reachable_divisions
from exactsend.errors import ExitStatus
from exactsend.views.text.json_documents import JsonObject
from exactsend.views.text.tables import Table


def list_divisions(context: CommandContext) -> ExitStatus:
    """List the divisions that the sign-ins of this configuration can reach."""
    divisions = list(reachable_divisions(context.wiring))
    if context.terminal.json:
        context.terminal.rows_document("divisions", "divisions", map(_row, divisions))
    else:
        context.terminal.table(_table(divisions))
    return ExitStatus.DONE


def _row(reached: ReachedDivision) -> JsonObject:
    return {
        "code": reached.division.code,
        "name": reached.division.description,
        "country": reached.division.country,
        "currency": reached.division.currency,
        "host": reached.exact.host,
        "configured_as": reached.configured_as or None,
    }


def _table(divisions: Sequence[ReachedDivision]) -> Table:
    rows = [
        (
            str(reached.division.code),
            reached.division.description,
            reached.division.country,
            reached.exact.host,
            reached.configured_as or "-",
        )
        for reached in divisions
    ]
    return Table(("code", "name", "country", "at", "configured as"), rows)
