"""``exactsend ledger verify`` and ``show``."""

from exactsend.cli.context import CommandContext
from exactsend.cli.ledgers import read_ledgers, sound_divisions
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.http.messages import Json
from exactsend.ledger.verify import verify
from exactsend.views.text.record_view import raw_object


def verify_ledgers(context: CommandContext) -> ExitStatus:
    """Read every byte of the ledgers and report what is wrong with them."""
    terminal = context.terminal
    findings: list[dict[str, Json]] = []
    for division in sound_divisions(context):
        for finding in verify(context.wiring.folder(division)):
            findings.append({"division": division.name, "message": finding.message, "remedy": finding.hint})
            if not terminal.json:
                terminal.result(f"{division.name}: {finding.message}\n  → {finding.hint}")
    if terminal.json:
        terminal.rows_document("ledger verify", "findings", findings)
    elif not findings and not terminal.quiet:
        terminal.result("nothing is wrong")
    return ExitStatus.LEDGER if findings else ExitStatus.DONE


def show_records(context: CommandContext, number: str) -> ExitStatus:
    """Show the ledger's own records of a number, and the events that made them: as JSON, even on a terminal."""
    ledgers = read_ledgers(context)
    rows = [raw_object(raw) for model in ledgers.models if (raw := model.raw_records(number))]
    if not rows:
        raise ExactSendError(f"the ledger has nothing under number {number}")
    context.terminal.rows_document("ledger show", "found", rows)
    return ledgers.status
