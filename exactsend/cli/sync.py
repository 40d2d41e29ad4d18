"""The four sync commands: runs in the chosen divisions, and one exit status for all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from exactsend.cli.context import CommandContext
from exactsend.cli.error_output import print_bug
from exactsend.cli.plan_file import read_plan
from exactsend.cli.sync_output import print_runs
from exactsend.engine.division_run import Run, RunOptions
from exactsend.engine.division_runs import DivisionRuns
from exactsend.engine.sync import ALL_STEPS, Step
from exactsend.errors import ExitStatus, UsageError, worst
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.text.progress import progress_shown

if TYPE_CHECKING:
    from exactsend.operations.monitoring import Monitor

STEPS: dict[str, tuple[Step, ...]] = {"sync": ALL_STEPS} | {step.value: (step,) for step in Step}
"""The steps of each command."""


@dataclass(frozen=True)
class SyncOptions:
    """The options of a sync command."""

    dry_run: bool = False
    wait_seconds: float = 0
    max_labels: int | None = None
    jobs: int = 4
    max_minutes: float = 10
    compare: Path | None = None
    """The JSON document of an earlier dry run."""


def run_sync(context: CommandContext, command: str, options: SyncOptions) -> ExitStatus:
    """Run a sync command in all chosen divisions."""
    context = replace(context, max_wait=timedelta(minutes=options.max_minutes))
    if options.compare is not None and not options.dry_run:
        raise UsageError("--compare compares plans", hint="Add --dry-run.")
    earlier = read_plan(options.compare) if options.compare else None
    chosen = context.chosen()
    _ = context.wiring  # an unusable state folder concerns all divisions
    monitor = None if options.dry_run else _monitor(context)
    with context.interrupts.handling_signals_if_main_thread():
        if monitor:
            monitor.report_start()
        runs = _runs(context, chosen, command, options)
        with context.interrupts.uninterrupted():  # the document is printed whole
            status = worst([run.exit_status for run in runs])
            print_runs(context.terminal, command, runs, earlier=earlier)
            if monitor:
                monitor.report_end(status, runs)
    return status


def _runs(
    context: CommandContext,
    chosen: Sequence[DivisionSettings | BrokenDivision],
    command: str,
    options: SyncOptions,
) -> list[Run]:
    terminal = context.terminal
    started = context.process_io.clock()
    is_shown = not (terminal.quiet or terminal.json)
    with progress_shown(terminal.stderr, wanted=is_shown, color=terminal.color) as progress_of:
        runs = DivisionRuns(
            context.wiring,
            RunOptions(STEPS[command], dry_run=options.dry_run, max_labels=options.max_labels),
            jobs=options.jobs,
            progress_of=progress_of,
            report_bug=lambda bug: print_bug(bug, terminal),
            waits_until=started + timedelta(seconds=options.wait_seconds),
        )
        return runs.run(chosen)


def _monitor(context: CommandContext) -> "Monitor | None":
    """What sends pings and metrics, where the configuration asks for any."""
    if not context.settings.reports_runs:
        return None
    from exactsend.operations.monitoring import Monitor  # noqa: PLC0415 - most runs need none

    return Monitor(context.wiring)
