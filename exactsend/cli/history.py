"""``exactsend history``: every action taken, and the labels that were paid for but apparently not used. Reads the ledgers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exactsend.cli.context import CommandContext
from exactsend.cli.ledgers import read_ledgers
from exactsend.cli.since import moment_of
from exactsend.errors import ExitStatus, UsageError
from exactsend.views.data.ledger_queries import LedgerQueries
from exactsend.views.text.history import (
    HISTORY_COLUMNS,
    UNUSED_COLUMNS,
    deed_object,
    history_table,
    unused_object,
    unused_table,
)
from exactsend.views.text.json_documents import JsonObject, schema
from exactsend.views.text.tables import Table


@dataclass(frozen=True)
class Listing:
    """Rows for a table, a CSV file and a JSON document."""

    rows: list[JsonObject]
    table: Table
    columns: Sequence[str]
    key: str
    """The key of the rows in the document."""
    nothing: str
    """What is printed where there are none."""


def list_history(context: CommandContext, *, since: str, unused: bool, csv: bool) -> ExitStatus:
    """List every action, or with ``unused`` the labels that were apparently not used."""
    if csv and context.terminal.json:
        raise UsageError("--csv and --json exclude each other")
    now = context.process_io.clock()
    start = moment_of(since, now) if since else None
    ledgers = read_ledgers(context)
    listing = _unused_labels(ledgers.models, start, now) if unused else _actions(ledgers.models, start)
    _print(context, listing, csv=csv)
    return ledgers.status


def _unused_labels(models: Sequence[LedgerQueries], start: datetime | None, now: datetime) -> Listing:
    start = start or now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    labels = [label for model in models for label in model.unused_labels(start, now)]
    return Listing(
        [unused_object(label) for label in labels],
        unused_table(labels),
        UNUSED_COLUMNS,
        "unused",
        f"no label since {start:%Y-%m-%d} seems unused",
    )


def _actions(models: Sequence[LedgerQueries], start: datetime | None) -> Listing:
    found = (action for model in models for action in model.past_actions(start))
    actions = sorted(found, key=lambda action: action.at)
    return Listing(
        [deed_object(action) for action in actions],
        history_table(actions),
        HISTORY_COLUMNS,
        "actions",
        "nothing was done",
    )


def _print(context: CommandContext, listing: Listing, *, csv: bool) -> None:
    if context.terminal.json:
        context.terminal.document({"schema": schema("history"), listing.key: [*listing.rows]})
    elif csv:
        context.terminal.spreadsheet(
            listing.columns, [[row[column] for column in listing.columns] for row in listing.rows]
        )
    elif listing.rows:
        context.terminal.table(listing.table)
    elif not context.terminal.quiet:
        context.terminal.result(listing.nothing)
