"""``history``: every action that was ever taken, and the labels that were paid for and not used. Reads the ledgers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from exactsend.cli.context import CommandContext
from exactsend.cli.queries import look
from exactsend.cli.since import moment_of
from exactsend.errors import ExitStatus, UsageError
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
    """Rows in each of the forms that they are asked for in."""

    rows: list[JsonObject]
    table: Table
    columns: Sequence[str]
    key: str
    """Of the document."""
    nothing: str
    """What is said where there are none."""


def history(place: CommandContext, *, since: str, unused: bool, csv: bool) -> ExitStatus:
    """List what was done, or with ``unused`` the labels that nothing seems to have used."""
    if csv and place.terminal.json:
        raise UsageError("--csv and --json exclude each other")
    now = place.surroundings.clock()
    start = moment_of(since, now) if since else None
    looked = look(place)
    if unused:
        begun = start or now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        labels = [label for model in looked.models for label in model.unused_labels(begun, now)]
        listing = Listing(
            [unused_object(label) for label in labels],
            unused_table(labels),
            UNUSED_COLUMNS,
            "unused",
            f"no label since {begun:%Y-%m-%d} seems unused",
        )
    else:
        deeds = sorted(
            (action for model in looked.models for action in model.past_actions(start)),
            key=lambda action: action.at,
        )
        listing = Listing(
            [deed_object(action) for action in deeds],
            history_table(deeds),
            HISTORY_COLUMNS,
            "actions",
            "nothing was done",
        )
    _tell(place, listing, csv=csv)
    return looked.status


def _tell(place: CommandContext, listing: Listing, *, csv: bool) -> None:
    if place.terminal.json:
        place.terminal.document({"schema": schema("history"), listing.key: [*listing.rows]})
    elif csv:
        place.terminal.spreadsheet(
            listing.columns, [[row[column] for column in listing.columns] for row in listing.rows]
        )
    elif listing.rows:
        place.terminal.table(listing.table)
    elif not place.terminal.quiet:
        place.terminal.result(listing.nothing)
