"""``exactsend errors``: what needs a person."""

from exactsend.cli.context import CommandContext
from exactsend.cli.customer_lookup import look_up_customers, names_of
from exactsend.cli.ledgers import read_ledgers
from exactsend.cli.terminal import Severity
from exactsend.errors import ExitStatus
from exactsend.views.text.record_view import problem_lines, problem_object
from exactsend.views.text.status import last_run_warnings


def list_errors(context: CommandContext, *, with_customers: bool) -> ExitStatus:
    """List what needs a person; with the customers' names, which Exact is asked for."""
    terminal = context.terminal
    ledgers = read_ledgers(context)
    problems = [problem for model in ledgers.models for problem in model.problems()]
    names = look_up_customers(context, problems) if with_customers and problems else {}
    if terminal.json:
        rows = [
            problem_object(problem) | ({"customers": [*names_of(problem, names)]} if with_customers else {})
            for problem in problems
        ]
        terminal.rows_document("errors", "errors", rows)
    elif problems:
        blocks = [
            problem_lines(problem, named=ledgers.are_several, customers=names_of(problem, names))
            for problem in problems
        ]
        terminal.result("\n\n".join("\n".join(lines) for lines in blocks))
    elif not terminal.quiet:
        terminal.result("no errors")
    for model in ledgers.models:
        last = model.last_run(context.wiring, context.process_io.clock())
        for warning in last_run_warnings(last):
            terminal.error(f"exactsend: {model.division}: {warning}", Severity.WARNING)
    return ledgers.status
