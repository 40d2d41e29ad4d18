"""Tells what runs did: lines or one document to stdout, what went wrong to stderr. Decides nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from exactsend.calls import Json
from exactsend.cli.place import Place
from exactsend.cli.program import say_error
from exactsend.cli.terminal import Terminal
from exactsend.errors import AlreadyRunning, ExitStatus
from exactsend.report.documents import action_object, schema, sync_document, unknown_sentence
from exactsend.report.words import lines_of, summary
from exactsend.runner import Run
from exactsend.sync import Result


def tell_runs(terminal: Terminal, command: str, runs: Sequence[Run]) -> None:
    """All runs of one sync command."""
    for run in runs:
        if not terminal.json:
            _tell_run(terminal, run, named=len(runs) > 1)
        _tell_ending(terminal, run, named=len(runs) > 1)
    if terminal.json:
        terminal.document(sync_document(command, runs))


def _tell_run(terminal: Terminal, run: Run, *, named: bool) -> None:
    lines = lines_of(run.outcomes)
    name = f"{run.division}: " if named else ""
    for line in lines:
        terminal.result(f"{name}{line}" if line else line)
    if run.error is None and (lines or not terminal.quiet):
        terminal.result(f"{name}{summary(run.outcomes, needs_a_person=run.result.needs_a_person)}")


def _tell_ending(terminal: Terminal, run: Run, *, named: bool) -> None:
    division = run.division if named else ""
    prefix = f"exactsend: {division}: " if division else "exactsend: "
    if run.error is not None:
        if not (isinstance(run.error, AlreadyRunning) and terminal.quiet and named):
            say_error(run.error, terminal, division=division)
    elif run.result.stopped:
        terminal.say(f"{prefix}{run.result.stopped}")
    elif run.exit_status is ExitStatus.API:
        terminal.say(f"{prefix}{unknown_sentence(run.outcomes)}")
    elif run.exit_status is ExitStatus.ATTENTION and not terminal.quiet:
        terminal.say(f"{prefix}some orders or labels need a person; this lists them: exactsend errors")


@contextmanager
def labels_told(place: Place, command: str) -> Iterator[Callable[[Result], None]]:
    """Tell what a ``labels`` command did, as it happens or in one document at its end."""
    results: list[Result] = []

    def report(result: Result) -> None:
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
