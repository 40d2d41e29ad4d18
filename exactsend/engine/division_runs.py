"""The runs of one sync command: one in each division, in parallel. A division that fails stops no other."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.division_run import Progress, Run, RunOptions, run_division, store_run_end
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError, ExitStatus, LedgerError
from exactsend.settings.models import BrokenDivision, DivisionSettings

_SLICE_SECONDS = 0.5
_NEVER = datetime.min.replace(tzinfo=UTC)


class Bug(ExactSendError):
    """A bug ended one division's run; ``report_bug`` got it."""

    status = ExitStatus.BUG
    code = "bug"


@dataclass(frozen=True)
class DivisionRuns:
    """What the runs of one command share."""

    wiring: Wiring
    options: RunOptions
    """Those of each run, but for ``wait``."""
    jobs: int
    progress_of: Callable[[str], Progress]
    report_bug: Callable[[Exception], None]
    waits_until: datetime
    """When the runs stop waiting for a lock."""

    def run(self, chosen: Sequence[DivisionSettings | BrokenDivision]) -> list[Run]:
        """Run each division, the one with the oldest run first; return the runs in the order of ``chosen``."""
        ready = [division for division in chosen if isinstance(division, DivisionSettings)]
        if len(ready) > 1:  # the time of the last run is read from each ledger
            ready.sort(key=self._last_run)
        ended = self._in_sequence(ready) if len(ready) == 1 or self.jobs == 1 else self._in_parallel(ready)
        return [ended.get(division.name) or self._broken(division) for division in chosen]

    def _in_sequence(self, ready: Sequence[DivisionSettings]) -> dict[str, Run]:
        """Run them in the main thread, which receives the signals."""
        return {division.name: self._run_one(division) for division in ready}

    def _in_parallel(self, ready: Sequence[DivisionSettings]) -> dict[str, Run]:
        # However often it is asked to end, it waits until each run has reached a safe point.
        with self.wiring.interrupts.uninterrupted(), ThreadPoolExecutor(self.jobs) as pool:
            running = {division.name: pool.submit(self._run_one, division) for division in ready}
            _wait_in_slices(list(running.values()))
        return {name: future.result() for name, future in running.items()}

    def _run_one(self, division: DivisionSettings) -> Run:
        started = self._now()
        options = replace(self.options, wait=max(timedelta(0), self.waits_until - started))
        try:
            return run_division(self.wiring, division, options, self.progress_of(division.name))
        except Exception as bug:  # noqa: BLE001 - a bug in one division stops no other
            self.report_bug(bug)
            run = self._failed_run(division, started, Bug(f"a bug ended this run: {type(bug).__name__}"))
            store_run_end(self.wiring, division, run)
            return run

    def _broken(self, division: DivisionSettings | BrokenDivision) -> Run:
        assert isinstance(division, BrokenDivision)
        return self._failed_run(division, self._now(), division.error())

    def _failed_run(
        self, division: DivisionSettings | BrokenDivision, started: datetime, error: ExactSendError
    ) -> Run:
        return Run(division.name, self.options.dry_run, started, self._now(), error=error)

    def _now(self) -> datetime:
        return self.wiring.process.clock()

    def _last_run(self, division: DivisionSettings) -> datetime:
        try:
            records = RecordStore(Overlay(self.wiring.view(division)))
        except LedgerError:  # its own run reports this
            return _NEVER
        return records.schedule.last_run or _NEVER


def _wait_in_slices(running: Sequence[Future[Run]]) -> None:
    """Wait for all. In slices, since a signal that reaches another thread is noticed only when the main thread wakes."""
    while wait(running, timeout=_SLICE_SECONDS).not_done:
        pass
