"""The commands that only look: errors, status, labels list, ledger verify. They render the read model.

They take no lock and repair nothing. Only ``errors`` talks to a service, where it is asked to name the customers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from exactsend.cli.context import CommandContext
from exactsend.cli.customer_lookup import customers, names_of
from exactsend.cli.run import say_error
from exactsend.cli.since import moment_of
from exactsend.cli.terminal import Gravity
from exactsend.errors import ExactSendError, ExitStatus, UsageError, worst
from exactsend.http.messages import Json
from exactsend.ledger.verify import verify as verify_folder
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.data.ledger_queries import LedgerQueries, ledger_queries
from exactsend.views.data.values import DeliveryView, DivisionStatus
from exactsend.views.text.json_documents import schema
from exactsend.views.text.record_view import (
    delivery_object,
    delivery_table,
    problem_lines,
    problem_object,
    raw_object,
)
from exactsend.views.text.status import (
    age_text,
    last_run_warnings,
    refused_lines,
    status_object,
    status_table,
    warnings_of,
)

ROWS_OF_A_TABLE = 1_000


@dataclass(frozen=True)
class Looked:
    """The divisions that could be read, and what the others end the command with."""

    models: tuple[LedgerQueries, ...]
    status: ExitStatus

    @property
    def named(self) -> bool:
        """Whether rows need the name of their division."""
        return len(self.models) > 1


def errors(place: CommandContext, *, with_customers: bool) -> ExitStatus:
    """List what needs a person."""
    looked = look(place)
    problems = [problem for model in looked.models for problem in model.problems()]
    names = customers(place, problems) if with_customers and problems else {}
    if place.terminal.json:
        rows = [problem_object(problem) for problem in problems]
        if with_customers:
            rows = [
                row | {"customers": [*names_of(problem, names)]}
                for row, problem in zip(rows, problems, strict=True)
            ]
        document(place, "errors", "errors", rows)
    elif problems:
        blocks = [
            problem_lines(problem, named=looked.named, customers=names_of(problem, names))
            for problem in problems
        ]
        place.terminal.result("\n\n".join("\n".join(lines) for lines in blocks))
    elif not place.terminal.quiet:
        place.terminal.result("no errors")
    for model in looked.models:
        last = model.last_run(place.wiring, place.surroundings.clock())
        for warning in last_run_warnings(last):
            place.terminal.complain(f"exactsend: {model.division}: {warning}", Gravity.WARNING)
    return looked.status


def labels(place: CommandContext, *, only_waiting: bool, since: str) -> ExitStatus:
    """List deliveries and their labels: those of late, those that wait, or those since a day."""
    if only_waiting and since:
        raise UsageError(
            "--waiting and --since exclude each other", hint="What waits is listed however old it is."
        )
    start = moment_of(since, place.surroundings.clock()) if since else None
    looked = look(place)
    if start:
        deliveries = chain.from_iterable(model.deliveries_since(start) for model in looked.models)
    else:
        wanted = LedgerQueries.unlabelled_deliveries if only_waiting else LedgerQueries.deliveries
        deliveries = chain.from_iterable(map(wanted, looked.models))
    if place.terminal.json:
        rows = (delivery_object(delivery) for delivery in deliveries)
        place.terminal.long_document({"schema": schema("labels list")}, "deliveries", rows)
    else:
        _tell_labels(place, deliveries, named=looked.named, nothing=_no_delivery(start, only_waiting))
    if not start and not only_waiting and not place.terminal.quiet:
        _tell_of_older_ones(place, looked)
    return looked.status


def _tell_labels(
    place: CommandContext, deliveries: Iterator[DeliveryView], *, named: bool, nothing: str
) -> None:
    """In tables of so many rows, each aligned by itself: nobody waits for the last row to see the first."""
    is_empty = True
    while rows := [*islice(deliveries, ROWS_OF_A_TABLE)]:
        is_empty = False
        place.terminal.table(delivery_table(rows, named=named))
    if is_empty and not place.terminal.quiet:
        place.terminal.result(nothing)


def _no_delivery(start: datetime | None, only_waiting: bool) -> str:
    if only_waiting:
        return "no delivery waits for a label"
    return f"no delivery was seen or labelled since {start:%Y-%m-%d}" if start else "no delivery was seen yet"


def _tell_of_older_ones(place: CommandContext, looked: Looked) -> None:
    older = [model.division for model in looked.models if model.has_archived]
    if older:
        place.terminal.say(
            "exactsend: what is long done is left out"
            + (f" ({', '.join(older)})" if looked.named else "")
            + "; from a day on: exactsend labels list --since 90d, one delivery: exactsend explain NUMBER"
        )


def status(place: CommandContext, *, max_age_minutes: float | None) -> ExitStatus:
    """Tell how each division stands."""
    looked = look(place)
    now = place.surroundings.clock()
    statuses = [model.status(place.wiring, now) for model in looked.models]
    if place.terminal.json:
        document(place, "status", "divisions", [status_object(candidate) for candidate in statuses])
    else:
        place.terminal.table(status_table(statuses))
        for line in refused_lines(statuses):
            place.terminal.result(line)
    for status in statuses:
        for warning in warnings_of(status):
            place.terminal.complain(f"exactsend: {status.division}: {warning}", Gravity.WARNING)
    return worst([looked.status, *(_age_status(place, candidate, max_age_minutes) for candidate in statuses)])


def verify(place: CommandContext) -> ExitStatus:
    """Read every byte of the ledgers and tell what is wrong with them."""
    findings: list[Json] = []
    for division in ready(place):
        for finding in verify_folder(place.wiring.folder(division)):
            findings.append({"division": division.name, "message": finding.message, "remedy": finding.hint})
            if not place.terminal.json:
                place.terminal.result(f"{division.name}: {finding.message}\n  → {finding.hint}")
    if place.terminal.json:
        document(place, "ledger verify", "findings", findings)
    elif not findings and not place.terminal.quiet:
        place.terminal.result("nothing is wrong")
    return ExitStatus.LEDGER if findings else ExitStatus.DONE


def show(place: CommandContext, number: str) -> ExitStatus:
    """Show the ledger's own records of a number, and the events that made them: JSON, on a terminal too."""
    looked = look(place)
    found = [raw_object(raw) for model in looked.models if (raw := model.raw_records(number))]
    if not found:
        raise ExactSendError(f"the ledger has nothing under number {number}")
    document(place, "ledger show", "found", found)
    return looked.status


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def ready(place: CommandContext) -> Iterator[DivisionSettings]:
    """The divisions that were named; one whose tables are wrong ends the command."""
    for division in place.chosen():
        if isinstance(division, BrokenDivision):
            raise division.error()
        yield division


def look(place: CommandContext) -> Looked:
    """Read the ledgers of the divisions that were named; what one can't be read for is said, and stops no other."""
    models: list[LedgerQueries] = []
    statuses = [ExitStatus.DONE]
    chosen = place.chosen()
    for division in chosen:
        try:
            if isinstance(division, BrokenDivision):
                raise division.error()
            models.append(ledger_queries(place.wiring, division))
        except ExactSendError as error:
            if len(chosen) == 1:
                raise
            say_error(error, place.terminal, division=division.name)
            statuses.append(error.status)
    return Looked(tuple(models), worst(statuses))


def document(
    place: CommandContext, command: str, rows: str, content: list[Json] | list[dict[str, Json]]
) -> None:
    """The one document of a command that has nothing but rows."""
    place.terminal.document({"schema": schema(command), rows: [*content]})


def _age_status(place: CommandContext, status: DivisionStatus, max_age_minutes: float | None) -> ExitStatus:
    if max_age_minutes is None:
        return ExitStatus.DONE
    if status.age is not None and status.age <= timedelta(minutes=max_age_minutes):
        return ExitStatus.DONE
    last = "there was no good run yet"
    if status.age is not None:
        last = f"the last good run was {age_text(status.age)} ago"
    place.terminal.complain(f"exactsend: {status.division}: {last}")
    return ExitStatus.ATTENTION
