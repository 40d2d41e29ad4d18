"""``exactsend reconcile``: compares Sendcloud's shipments with the ledger. Takes no lock and writes nothing there or in the ledger."""

from dataclasses import dataclass, field
from datetime import datetime

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error
from exactsend.cli.since import moment_of
from exactsend.engine.shipment_comparison import listed_shipments
from exactsend.errors import ExactSendError, ExitStatus, UsageError, worst
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.data.ledger_queries import ledger_queries
from exactsend.views.data.reconciliation import Reconciliation, reconcile, unlisted_labels
from exactsend.views.text.json_documents import JsonObject
from exactsend.views.text.reconciliation import reconciled_document, reconciled_lines, reconciled_object


@dataclass(frozen=True)
class _Comparison:
    """One division's labels and shipments compared, or why they could not be."""

    division: str
    reconciled: Reconciliation = field(default_factory=Reconciliation)
    shipments: int = 0
    error: ExactSendError | None = None

    @property
    def status(self) -> ExitStatus:
        """1 with findings; 7 where a part of the answer is missing."""
        if self.error is not None:
            return self.error.status
        if self.reconciled.unanswered:
            return ExitStatus.API
        return ExitStatus.ATTENTION if self.reconciled.findings else ExitStatus.DONE


def reconcile_divisions(context: CommandContext, since: str) -> ExitStatus:
    """Compare Sendcloud's shipments since then with the ledger; status 1 with findings.

    Raises:
        UsageError: ``since`` is no moment, or lies ahead: the comparison would be empty and find nothing.
    """
    now = context.process_io.clock()
    start = moment_of(since, now)
    if start > now:
        raise UsageError(
            f"--since {since} lies in the future", hint="Use 30d, or a day that has begun (UTC)."
        )
    chosen = context.chosen()
    comparisons = [_compare(context, division, start, is_alone=len(chosen) == 1) for division in chosen]
    if context.terminal.json:
        rows = [_object(comparison) for comparison in comparisons]
        context.terminal.document(reconciled_document(start, rows))
    else:
        _print(context, comparisons, start, now)
    return worst([comparison.status for comparison in comparisons])


def _compare(
    context: CommandContext, division: DivisionSettings | BrokenDivision, start: datetime, *, is_alone: bool
) -> _Comparison:
    """Compare one division. Its error stops no other."""
    try:
        if isinstance(division, BrokenDivision):
            raise division.error()
        return _compare_with_ledger(context, division, start)
    except ExactSendError as error:
        if is_alone:
            raise
        print_error(error, context.terminal, division=division.name)
        return _Comparison(division.name, error=error)


def _compare_with_ledger(context: CommandContext, division: DivisionSettings, start: datetime) -> _Comparison:
    with listed_shipments(context.wiring, division, start, context.terminal.progress) as listed:
        # The ledger is read after the listing: what a run buys meanwhile is in the ledger, and is asked for by its id.
        model = ledger_queries(context.wiring, division)
        listed.require_account_of(model.pins)
        books, by_id = model.ledger_side(start, listed.shipments), listed.by_id
        known = {**by_id, **listed.request(unlisted_labels(books, by_id))}
    return _Comparison(division.name, reconcile(books, by_id, known), len(by_id))


def _print(context: CommandContext, comparisons: list[_Comparison], start: datetime, now: datetime) -> None:
    for comparison in comparisons:
        if comparison.error is not None:
            continue
        name = comparison.division if len(comparisons) > 1 else ""
        lines = reconciled_lines(comparison.reconciled, comparison.shipments, start, now, name=name)
        shown = [text for is_finding, text in lines if is_finding or not context.terminal.quiet]
        if shown:
            context.terminal.result("\n".join(shown))


def _object(comparison: _Comparison) -> JsonObject:
    return reconciled_object(
        comparison.division, comparison.reconciled, comparison.shipments, comparison.error
    )
