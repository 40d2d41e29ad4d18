"""Prints what runs did: lines or one document to stdout, errors to stderr."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_error, severity_of
from exactsend.cli.terminal import Terminal
from exactsend.engine.division_run import Run
from exactsend.engine.sync import RunResult
from exactsend.errors import AlreadyRunning, ExitStatus
from exactsend.http.messages import Json
from exactsend.views.text.json_documents import (
    JsonObject,
    action_object,
    later_sentence,
    schema,
    sync_document,
)
from exactsend.views.text.outcome_phrases import left_sentence, lines_of, summary
from exactsend.views.text.plan import plan_lines
from exactsend.views.text.plan_diff import difference_lines, differences, not_compared, planned_in_both


def print_runs(
    terminal: Terminal, command: str, runs: Sequence[Run], *, earlier: JsonObject | None = None
) -> None:
    """Print all runs of one sync command; ``earlier`` is the document of a dry run to compare this one with."""
    for run in runs:
        if not terminal.json:
            _print_run(terminal, run, named=len(runs) > 1)
        _print_ending(terminal, run, named=len(runs) > 1)
    document = sync_document(command, runs)
    if earlier is not None:
        _print_changes(terminal, document, earlier)
    elif terminal.json:
        terminal.document(document)


def _print_changes(terminal: Terminal, document: JsonObject, earlier: JsonObject) -> None:
    changes, left_out = differences(earlier, document), not_compared(earlier, document)
    if terminal.json:
        terminal.document(document | {"changes": [*changes], "not_compared": [*left_out]})
        return
    for row in left_out:
        terminal.note(f"exactsend: {row['division']}: not compared: {row['reason']}")
    if planned_in_both(earlier, document):
        terminal.result("\n".join(["compared with the earlier plan:", *difference_lines(changes)]))


def _print_run(terminal: Terminal, run: Run, *, named: bool) -> None:
    if run.dry_run and run.error is None:
        _print_plan(terminal, run, named=named)
        return
    lines = lines_of(run.outcomes)
    name = f"{run.division}: " if named else ""
    for line in lines:
        terminal.result(f"{name}{line}" if line else line)
    if run.error is None and (lines or not terminal.quiet):
        terminal.result(f"{name}{summary(run.outcomes, needs_a_person=run.result.needs_a_person)}")
    if left := left_sentence(run.result.left):
        terminal.result(f"{name}{left}")


def _print_plan(terminal: Terminal, run: Run, *, named: bool) -> None:
    lines = list(plan_lines(run.outcomes, needs_a_person=run.result.needs_a_person))
    lines += [left] if (left := left_sentence(run.result.left)) else []
    if len(lines) > 1 or not terminal.quiet:
        heading = [f"division {run.division}"] if named else []
        terminal.result("\n".join([*heading, *lines]))


def _print_ending(terminal: Terminal, run: Run, *, named: bool) -> None:
    division = run.division if named else ""
    prefix = f"exactsend: {division}: " if division else "exactsend: "
    if run.error is not None:
        if not (isinstance(run.error, AlreadyRunning) and terminal.quiet and named):
            print_error(run.error, terminal, division=division)
    elif run.result.stopped:
        terminal.error(f"{prefix}{run.result.stopped}", severity_of(run.exit_status))
    elif run.exit_status is ExitStatus.API:
        terminal.error(f"{prefix}{later_sentence(run.outcomes)}", severity_of(run.exit_status))
    elif run.exit_status is ExitStatus.ATTENTION and not terminal.quiet:
        terminal.note(f"{prefix}some orders or labels need a person; to list them: exactsend errors")


@contextmanager
def printed_results(context: CommandContext) -> Iterator[Callable[[RunResult], None]]:
    """Print the results of a ``labels`` command: as they come, or in one document at the end."""
    terminal = context.terminal
    results: list[RunResult] = []

    def print_result(result: RunResult) -> None:
        results.append(result)
        if not terminal.json:
            for line in lines_of(result.outcomes):
                terminal.result(line)
        if result.stopped:
            terminal.note(f"exactsend: {result.stopped}")

    yield print_result
    if terminal.json:
        actions: list[Json] = [
            action_object(outcome) for result in results for outcome in result.outcomes if outcome.listed
        ]
        division = context.single_division().name
        terminal.document(
            {"schema": schema(context.command), "division": division, "actions": actions, "error": None}
        )
