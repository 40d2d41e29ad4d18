"""The four sync commands: one run in each division that was named, side by side, and what the whole ends with.

What a run does is ``runner``'s and ``sync``'s; that one bad division never stops the others is this module's.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from exactsend.cli.context import CommandContext
from exactsend.cli.plan_file import former_plan
from exactsend.cli.run import say_bug
from exactsend.cli.sync_output import tell_runs
from exactsend.domain.record_store import Memory
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.division_run import Progress, Run, RunOptions, run_division, store_run_end
from exactsend.engine.sync import ALL_STEPS, Step
from exactsend.errors import ExactSendError, ExitStatus, LedgerError, UsageError, worst
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.views.text.progress import progress_shown

if TYPE_CHECKING:
    from exactsend.operations.monitoring import Monitor

STEPS: dict[str, tuple[Step, ...]] = {"sync": ALL_STEPS} | {step.value: (step,) for step in Step}
"""What each command does."""
_SLICE_SECONDS = 0.5


def _monitor(place: CommandContext) -> "Monitor | None":
    """Whoever is to be told how runs went."""
    if not place.settings.reports_runs:
        return None
    from exactsend.operations.monitoring import Monitor  # noqa: PLC0415 - most runs tell nobody

    return Monitor(place.wiring)


class Bug(ExactSendError):
    """A bug ended one division's run; its traceback was told."""

    status = ExitStatus.BUG
    code = "bug"


@dataclass(frozen=True)
class SyncOptions:
    """The options of a sync command."""

    dry_run: bool = False
    wait_seconds: float = 0
    max_labels: int | None = None
    jobs: int = 4
    max_minutes: float = 10
    compare: Path | None = None
    """The document of a former dry run."""


def sync(place: CommandContext, command: str, wishes: SyncOptions) -> ExitStatus:
    """Run a sync command in all divisions that were named."""
    place = replace(place, max_wait=timedelta(minutes=wishes.max_minutes))
    if wishes.compare is not None and not wishes.dry_run:
        raise UsageError("--compare compares plans", hint="Say --dry-run too.")
    former = former_plan(wishes.compare) if wishes.compare else None
    chosen = place.chosen()
    _ = place.wiring  # what is wrong with the state folder concerns all divisions
    monitor = None if wishes.dry_run else _monitor(place)
    with place.interrupts.handling_signals_if_main_thread():
        if monitor:
            monitor.started()
        runs = _Round(place, STEPS[command], wishes).run(chosen)
        # The runs have ended, and how is told whole: a document cut in two helps nobody.
        with place.interrupts.uninterrupted():
            status = worst([run.exit_status for run in runs])
            tell_runs(place.terminal, command, runs, former=former)
            if monitor:
                monitor.ended(status, runs)
    return status


class _Round:
    """One sync command's runs, and what they share."""

    def __init__(self, place: CommandContext, steps: Sequence[Step], wishes: SyncOptions) -> None:
        self._place = place
        self._steps = steps
        self._wishes = wishes
        self._clock: Callable[[], datetime] = place.surroundings.clock
        self._patience_ends = self._clock() + timedelta(seconds=wishes.wait_seconds)

    def run(self, chosen: Sequence[DivisionSettings | BrokenDivision]) -> list[Run]:
        """A run for each division, oldest run first; told in the order that they were named."""
        ready = [division for division in chosen if isinstance(division, DivisionSettings)]
        if len(ready) > 1:  # when each ran last is read from its ledger
            ready.sort(key=self._last_run)
        terminal = self._place.terminal
        wanted = not (terminal.quiet or terminal.json)
        with progress_shown(terminal.stderr, wanted=wanted, color=terminal.color) as progress_of:
            ended = self._side_by_side(ready, progress_of)
        return [ended.get(division.name) or self._broken(division) for division in chosen]

    def _side_by_side(
        self, ready: Sequence[DivisionSettings], progress_of: Callable[[str], Progress]
    ) -> dict[str, Run]:
        if len(ready) == 1 or self._wishes.jobs == 1:
            # In the main thread, where signals arrive.
            return {division.name: self._one(division, progress_of(division.name)) for division in ready}
        # When asked to end, however often: until each has come to a safe point.
        with self._place.interrupts.uninterrupted(), ThreadPoolExecutor(self._wishes.jobs) as pool:
            running = {
                division.name: pool.submit(self._one, division, progress_of(division.name))
                for division in ready
            }
            _wait_attentively(list(running.values()))
        return {name: future.result() for name, future in running.items()}

    def _one(self, division: DivisionSettings, progress: Progress) -> Run:
        started = self._clock()
        wishes = RunOptions(
            self._steps,
            dry_run=self._wishes.dry_run,
            wait=max(timedelta(0), self._patience_ends - started),
            max_labels=self._wishes.max_labels,
        )
        try:
            return run_division(self._place.wiring, division, wishes, progress)
        except Exception as bug:  # noqa: BLE001 - a bug in one division does not stop the others
            say_bug(bug, self._place)
            run = self._ended(division, started, Bug(f"a bug ended this run: {type(bug).__name__}"))
            store_run_end(self._place.wiring, division, run)
            return run

    def _broken(self, division: DivisionSettings | BrokenDivision) -> Run:
        assert isinstance(division, BrokenDivision)
        return self._ended(division, self._clock(), division.error())

    def _ended(
        self, division: DivisionSettings | BrokenDivision, started: datetime, error: ExactSendError
    ) -> Run:
        return Run(division.name, self._wishes.dry_run, started, self._clock(), error=error)

    def _last_run(self, division: DivisionSettings) -> datetime:
        try:
            memory = Memory(Overlay(self._place.wiring.view(division)))
        except LedgerError:  # its own run will say so
            return datetime.min.replace(tzinfo=UTC)
        return memory.schedule.last_run or datetime.min.replace(tzinfo=UTC)


def _wait_attentively(running: Sequence[Future[Run]]) -> None:
    """Wait in slices: a signal that reached another thread is noted only when the main thread wakes."""
    while wait(running, timeout=_SLICE_SECONDS).not_done:
        pass
