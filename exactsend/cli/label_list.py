"""``exactsend labels list``: deliveries and their labels."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from exactsend.cli.context import CommandContext
from exactsend.cli.ledgers import ReadLedgers, read_ledgers
from exactsend.cli.since import moment_of
from exactsend.errors import ExitStatus, UsageError
from exactsend.views.data.view_types import DeliveryView
from exactsend.views.text.json_documents import schema
from exactsend.views.text.record_view import delivery_object, delivery_table

ROWS_OF_A_TABLE = 1_000


def list_labels(context: CommandContext, *, only_waiting: bool, since: str) -> ExitStatus:
    """List deliveries and their labels: recent ones, those that wait, or those since a day."""
    if only_waiting and since:
        raise UsageError(
            "--waiting and --since exclude each other",
            hint="--waiting lists every waiting delivery, however old.",
        )
    start = moment_of(since, context.process_io.clock()) if since else None
    ledgers = read_ledgers(context)
    deliveries = chain.from_iterable(
        model.deliveries_since(start)
        if start
        else model.unlabelled_deliveries()
        if only_waiting
        else model.deliveries()
        for model in ledgers.models
    )
    if context.terminal.json:
        rows = (delivery_object(delivery) for delivery in deliveries)
        context.terminal.long_document({"schema": schema("labels list")}, "deliveries", rows)
    else:
        _print_tables(context, deliveries, ledgers, if_empty=_no_delivery(start, only_waiting))
    if not start and not only_waiting and not context.terminal.quiet:
        _note_completed_deliveries(context, ledgers)
    return ledgers.status


def _print_tables(
    context: CommandContext, deliveries: Iterator[DeliveryView], ledgers: ReadLedgers, *, if_empty: str
) -> None:
    """Print tables of limited length, each aligned separately, so that the first rows appear at once."""
    is_empty = True
    while rows := [*islice(deliveries, ROWS_OF_A_TABLE)]:
        is_empty = False
        context.terminal.table(delivery_table(rows, named=ledgers.are_several))
    if is_empty and not context.terminal.quiet:
        context.terminal.result(if_empty)


def _no_delivery(start: datetime | None, only_waiting: bool) -> str:
    if only_waiting:
        return "no delivery waits for a label"
    return f"no delivery was seen or labelled since {start:%Y-%m-%d}" if start else "no delivery was seen yet"


def _note_completed_deliveries(context: CommandContext, ledgers: ReadLedgers) -> None:
    divisions = [model.division for model in ledgers.models if model.has_closed]
    if divisions:
        names = f" ({', '.join(divisions)})" if ledgers.are_several else ""
        context.terminal.note(
            f"exactsend: deliveries completed long ago are left out{names}; to list those since a day: exactsend labels list --since 90d, "
            "to see one: exactsend explain NUMBER"
        )
