"""Tells what runs did: lines or one document to stdout, what went wrong to stderr. Decides nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from exactsend.cli.context import CommandContext
from exactsend.cli.run import gravity_of, say_error
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


def tell_runs(
    terminal: Terminal, command: str, runs: Sequence[Run], *, former: JsonObject | None = None
) -> None:
    """All runs of one sync command; ``former`` is the document of a dry run to compare this one with."""
    for run in runs:
        if not terminal.json:
            _tell_run(terminal, run, named=len(runs) > 1)
        _tell_ending(terminal, run, named=len(runs) > 1)
    document = sync_document(command, runs)
    if former is not None:
        _tell_compared(terminal, document, former)
    elif terminal.json:
        terminal.document(document)


def _tell_compared(terminal: Terminal, document: JsonObject, former: JsonObject) -> None:
    changes, left_out = differences(former, document), not_compared(former, document)
    if terminal.json:
        terminal.document(document | {"changes": [*changes], "not_compared": [*left_out]})
        return
    for row in left_out:
        terminal.say(f"exactsend: {row['division']}: not compared: {row['reason']}")
    if planned_in_both(former, document):
        terminal.result("\n".join(["compared with the former plan:", *difference_lines(changes)]))


def _tell_run(terminal: Terminal, run: Run, *, named: bool) -> None:
    if run.dry_run and run.error is None:
        _tell_plan(terminal, run, named=named)
        return
    lines = lines_of(run.outcomes)
    name = f"{run.division}: " if named else ""
    for line in lines:
        terminal.result(f"{name}{line}" if line else line)
    if run.error is None and (lines or not terminal.quiet):
        terminal.result(f"{name}{summary(run.outcomes, needs_a_person=run.result.needs_a_person)}")
    if left := left_sentence(run.result.left):
        terminal.result(f"{name}{left}")


def _tell_plan(terminal: Terminal, run: Run, *, named: bool) -> None:
    lines = list(plan_lines(run.outcomes, needs_a_person=run.result.needs_a_person))
    lines += [left] if (left := left_sentence(run.result.left)) else []
    if len(lines) > 1 or not terminal.quiet:
        heading = [f"division {run.division}"] if named else []
        terminal.result("\n".join([*heading, *lines]))


def _tell_ending(terminal: Terminal, run: Run, *, named: bool) -> None:
    division = run.division if named else ""
    prefix = f"exactsend: {division}: " if division else "exactsend: "
    if run.error is not None:
        if not (isinstance(run.error, AlreadyRunning) and terminal.quiet and named):
            say_error(run.error, terminal, division=division)
    elif run.result.stopped:
        terminal.complain(f"{prefix}{run.result.stopped}", gravity_of(run.exit_status))
    elif run.exit_status is ExitStatus.API:
        terminal.complain(f"{prefix}{later_sentence(run.outcomes)}", gravity_of(run.exit_status))
    elif run.exit_status is ExitStatus.ATTENTION and not terminal.quiet:
        terminal.say(f"{prefix}some orders or labels need a person; this lists them: exactsend errors")


@contextmanager
def labels_told(place: CommandContext, command: str) -> Iterator[Callable[[RunResult], None]]:
    """Tell what a ``labels`` command did, as it happens or in one document at its end."""
    results: list[RunResult] = []

    def report(result: RunResult) -> None:
        results.append(result)
        if not place.terminal.json:
            for line in lines_of(result.outcomes):
                place.terminal.result(line)
        if result.stopped:
            place.terminal.say(f"exactsend: {result.stopped}")

    yield report
    if place.terminal.json:
        actions: list[Json] = [
            action_object(outcome) for result in results for outcome in result.outcomes if outcome.listed
        ]
        place.terminal.document(
            {"schema": schema(command), "division": place.one().name, "actions": actions, "error": None}
        )
