"""Runs one division: takes the lock, opens the ledger, checks the accounts, syncs, and records how the run ended.

An ``ExactSendError`` ends this division's run only. Any other exception is a bug and propagates.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_bytes

from exactsend.domain.division_records import Pins
from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.record_store import RecordStore
from exactsend.domain.run_history import LastRun, RunEnd, schedule_after
from exactsend.domain.store_protocol import Overlay, Store
from exactsend.engine.gather.account_identity import identify
from exactsend.engine.gather.prices import with_prices
from exactsend.engine.gather.run import gather_deliveries
from exactsend.engine.optional_requests import OptionalRequests
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.plan.closed_records import Key, closed_records
from exactsend.engine.plan.guard import idle_pause
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Identity, LabelRequested
from exactsend.engine.sync import RunResult, Step, run_steps, sync
from exactsend.engine.unreadable_records import RecordsSetAside
from exactsend.engine.wiring import EXACT, Services, Wiring
from exactsend.errors import (
    ConfigError,
    ExactSendError,
    ExitStatus,
    Interrupted,
    LedgerError,
    RateLimited,
    Resting,
)
from exactsend.ledger.last_run import forget_last_run, keep_last_run
from exactsend.ledger.store import Ledger
from exactsend.settings.models import DivisionSettings
from exactsend.system.elapsed import elapsed, is_due_again
from exactsend.system.structured_log import log_event, log_values
from exactsend.trade.masking import masked

log = logging.getLogger(__name__)

Note = Callable[[RecordStore, ExitStatus], None]
"""Records in the ledger how a run ended."""
_NO_CALLS = {"exact": 0, "sendcloud": 0}


@dataclass(frozen=True)
class Progress:
    """Shows a run's progress to a waiting person; shows nothing by default."""

    show_phase: Callable[[str], None] = lambda _phrase: None
    step: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True)
class Run:
    """The result of one division's run, as it is reported."""

    division: str
    dry_run: bool
    started_at: datetime
    finished_at: datetime
    result: RunResult = field(default_factory=lambda: RunResult(()))
    error: ExactSendError | None = None
    calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_status(self) -> ExitStatus:
        """The exit status of this division's run."""
        is_only_lacking = self.error in self.result.lacking
        return self.result.exit_status if self.error is None or is_only_lacking else self.error.status

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each action."""
        return self.result.outcomes


@dataclass(frozen=True)
class OpenDivision:
    """What one division's run works with, while it holds the lock."""

    division: DivisionSettings
    services: Services
    context: RunContext

    @property
    def records(self) -> RecordStore:
        """The records of the division's ledger."""
        return self.context.records

    @property
    def identity(self) -> Identity:
        """The accounts that the configured keys belong to."""
        return self.context.identity


@dataclass(frozen=True)
class RunOptions:
    """The options of ``exactsend sync``."""

    steps: Sequence[Step] = tuple(Step)
    dry_run: bool = False
    wait: timedelta = timedelta(0)
    max_labels: int | None = None


def run_division(
    wiring: Wiring, division: DivisionSettings, options: RunOptions, progress: Progress = Progress()
) -> Run:
    """Run one division. An ``ExactSendError`` ends the run and is returned in it."""
    with log_values(division=division.name, run=wiring.process.run_id):
        log_event(log, logging.INFO, "run_begins", dry_run=options.dry_run)
        run = _run(wiring, division, options, progress)
        log_event(
            log,
            logging.INFO,
            "run_ended",
            run.error.message if run.error else "",
            exit_status=int(run.exit_status),
            seconds=round(elapsed(run.started_at, run.finished_at).total_seconds(), 1),
            **{f"{api}_calls": count for api, count in run.calls.items()},
        )
        store_run_end(wiring, division, run)
        return run


def store_run_end(wiring: Wiring, division: DivisionSettings, run: Run) -> None:
    """Store the error that ended a run, or remove the previous one. Not for a dry run.

    A failure to store it is logged and does not change the run's result.
    """
    if run.dry_run:
        return
    folder = wiring.folder(division)
    try:
        if run.error is None:
            forget_last_run(folder)
        else:
            keep_last_run(folder, _last_run(run, run.error))
    except (LedgerError, OSError) as failed:
        log_event(log, logging.WARNING, "last_run_not_kept", str(failed))


def _last_run(run: Run, error: ExactSendError) -> LastRun:
    return LastRun(
        status=int(run.exit_status),
        at=run.finished_at,
        seconds=round(elapsed(run.started_at, run.finished_at).total_seconds(), 1),
        calls=_NO_CALLS | dict(run.calls),
        code=error.code,
        message=masked(error.message),
    )


def _run(wiring: Wiring, division: DivisionSettings, options: RunOptions, progress: Progress) -> Run:
    clock = wiring.process.clock
    started = clock()
    calls: dict[str, int] = {}
    done: list[Outcome] = []

    def note(records: RecordStore, status: ExitStatus) -> None:
        if not options.dry_run:
            record_run_end(records, status, started=started, now=clock(), calls=calls, done=done)

    try:
        if is_skipped_while_idle(wiring, division, started):
            said = "the daily calls of this sign-in run low and nothing is open here"
            log_event(log, logging.INFO, "run_rests", said)
            return Run(division.name, options.dry_run, started, clock())
        with open_division(wiring, division, options, progress, calls, on_open_failed=note) as opened:
            result = _sync_and_record(opened, options, calls, done, note)
        wiring.interrupts.stop()  # a signal that came late still ends the run
    except KeyboardInterrupt:
        error: ExactSendError = Interrupted("interrupted; the next run goes on from here")
    except ExactSendError as ended:
        error = ended
    else:
        lacking = result.lacking[0] if result.lacking else None
        return Run(division.name, options.dry_run, started, clock(), result, lacking, calls)
    return Run(division.name, options.dry_run, started, clock(), RunResult(tuple(done)), error, calls)


def _sync_and_record(
    opened: OpenDivision, options: RunOptions, calls: dict[str, int], done: list[Outcome], note: Note
) -> RunResult:
    """Sync and record in the ledger how it ended.

    Appends each action's outcome to ``done`` and adds the number of calls by service to ``calls``.
    """
    opened = replace(opened, context=replace(opened.context, done=done.append))
    try:
        result = sync(opened.context, options.steps, dry_run=options.dry_run, max_labels=options.max_labels)
    except LedgerError:
        raise
    except ExactSendError as ended:
        calls |= opened.services.calls
        note(opened.records, ended.status)
        if isinstance(ended, (RateLimited, Resting)):
            ended.hint = f"{ended.hint} {work_left(opened.records)}".strip()
        raise
    calls |= opened.services.calls
    note(opened.records, result.exit_status)
    if not options.dry_run:
        return result
    country = opened.identity.country
    return replace(
        result, outcomes=with_prices(opened.context.sendcloud, result.outcomes, division_country=country)
    )


def work_left(records: RecordStore) -> str:
    """The work that an interrupted run leaves for the next one, as a sentence."""
    undecided = len(records.todo())
    labelled = sum(
        bool(delivery.label) and not delivery.is_written_back for delivery in records.open_deliveries()
    )
    return f"Left for the next run: {undecided} orders and deliveries to be decided about, {labelled} labels to be written back."


def is_skipped_while_idle(wiring: Wiring, division: DivisionSettings, now: datetime) -> bool:
    """Whether to skip this run of an idle division, so that the day's calls last for divisions with work (S10)."""
    spent = wiring.exact_counters(division.exact).calls_today(now) / division.exact.max_calls_per_day
    pause = idle_pause(spent)
    if not pause:
        return False
    records = RecordStore(Overlay(wiring.view(division)))
    last = records.schedule.last_good_run
    is_idle = not records.open_deliveries() and not records.todo()
    return is_idle and not is_due_again(pause, last, now)


@contextmanager
def open_division(
    wiring: Wiring,
    division: DivisionSettings,
    options: RunOptions,
    progress: Progress,
    calls: dict[str, int],
    *,
    on_open_failed: Note = lambda _records, _status: None,
) -> Iterator[OpenDivision]:
    """Open a division. A dry run takes no lock and writes to an overlay that is thrown away.

    Adds the number of calls by service to ``calls``. Calls ``on_open_failed`` if the ledger was opened but the division was not.
    """
    with (
        log_values(division=division.name, run=wiring.process.run_id),
        _store(wiring, division, options) as store,
    ):
        has_begun = False
        try:
            pinned = RecordStore(store).pins
            with (
                wiring.services(division, pinned=pinned, show_phase=progress.show_phase) as systems,
                _counted(systems, calls),
            ):
                records = RecordStore(store, systems.request_log.take)
                opened = _open_context(wiring, division, systems, records, progress)
                has_begun = True
                with _answers_recorded(opened):
                    yield opened
        except LedgerError:
            raise
        except ExactSendError as ended:
            if not has_begun:
                on_open_failed(RecordStore(store), ended.status)
            raise


@contextmanager
def _counted(systems: Services, calls: dict[str, int]) -> Iterator[None]:
    try:
        yield
    finally:
        calls |= systems.calls


@contextmanager
def _answers_recorded(opened: OpenDivision) -> Iterator[None]:
    """Record the last answers at the end, if no event has. A command other than ``sync`` may end with a call."""
    try:
        yield
    except LedgerError:
        raise
    except ExactSendError:
        _record_answers(opened)
        raise
    _record_answers(opened)


def _record_answers(opened: OpenDivision) -> None:
    if not opened.services.request_log.is_empty:
        opened.records.note("answers_noted")


@contextmanager
def _store(wiring: Wiring, division: DivisionSettings, options: RunOptions) -> Iterator[Store]:
    if options.dry_run:
        yield Overlay(wiring.view(division))
        return
    with locked_ledger(wiring, division, options.wait) as ledger:
        yield ledger


@contextmanager
def locked_ledger(
    wiring: Wiring, division: DivisionSettings, wait: timedelta = timedelta(0)
) -> Iterator[Ledger]:
    """The division's ledger under its lock. Its journal is folded into the snapshot unless an error occurred."""
    process = wiring.process
    lock = wiring.lock(division)
    held = lock.acquire(run_id=process.run_id, clock=process.clock, sleep=wiring.interrupts.wait, wait=wait)
    with held, wiring.ledger(division) as ledger:
        yield ledger
        ledger.fold(_closed_records(ledger, process.clock()))


def _closed_records(ledger: Ledger, now: datetime) -> set[Key]:
    """The records that were closed long ago, once a day; otherwise none, and none before the first run."""
    records = RecordStore(ledger)
    schedule = records.schedule
    if schedule.last_run is None or not is_due_again(timedelta(days=1), schedule.archived, now):
        return set()
    found = closed_records(ledger, now)
    records.note("archived", schedule.replace(archived=now), facts={"count": len(found)})
    return found


def _open_context(
    wiring: Wiring, division: DivisionSettings, systems: Services, records: RecordStore, progress: Progress
) -> OpenDivision:
    clock = wiring.process.clock
    is_new = records.pins is None
    questions = OptionalRequests(records, clock())
    systems.exact.avoid(questions.rest("exact"))
    identity = identify(
        systems.exact,
        systems.sendcloud,
        questions,
        division=division.code,
        hosts=wiring.hosts(division),
        clock=clock,
    )
    if wiring.clock.is_off and not wiring.clock.knows_time_of(EXACT):
        systems.exact.server_date()  # the machine's clock is corrected only if both services disagree with it
    now = questions.now = clock()
    if len(wiring.settings.divisions) > 1:
        identity = replace(identity, called=division.name)
    if records.pins is not None:
        wiring.share_account(systems, records.pins.user)
    if is_new:
        require_own_integration(wiring, division, identity.integration)
    context = RunContext(
        exact=systems.exact,
        sendcloud=systems.sendcloud,
        records=records,
        policy=division.policy,
        identity=identity,
        fingerprint_key=fingerprint_key(records),
        now=now,
        clock=clock,
        questions=questions,
        set_aside=RecordsSetAside(records, now),
        request_log=systems.request_log,
        clock_ahead=lambda: wiring.clock.ahead,
        calls_to_spend=partial(wiring.calls_to_spend, division),
        calls_left_today=partial(wiring.calls_left, division),
        refusals_left=partial(wiring.refusals_left, division),
        is_other_divisions_label=partial(is_other_divisions_label, wiring, division),
        show_phase=progress.show_phase,
        step=progress.step,
        stop=wiring.interrupts.stop,
        uninterrupted=partial(wiring.interrupts.uninterrupted, except_pauses=True),
    )
    return OpenDivision(division, systems, context)


def fingerprint_key(records: RecordStore) -> bytes:
    """The random key of this division's fingerprints, created with its ledger (S15)."""
    key = records.secret
    if key is None:
        key = token_bytes(32)
        records.keep_secret(key)
    return key


def require_own_integration(wiring: Wiring, division: DivisionSettings, integration: int) -> None:
    """Refuse an integration that another division uses (S10).

    Checked when a ledger is created, since its pins never change without ``connect --move``. The other division may be
    in another configuration that shares this state folder.

    Raises:
        ConfigError: another division's ledger is pinned to the same integration.
    """
    for folder, view in wiring.other_ledgers(division):
        pins: Pins | None = RecordStore(Overlay(view)).pins
        if pins is not None and pins.integration == integration:
            raise ConfigError(
                f"divisions {_named(wiring, folder)} and {division.name} share the Sendcloud integration {integration}",
                problems=[
                    f"divisions.{division.name}: needs a Sendcloud integration of its own, with its own keys"
                ],
                hint="Make one in Sendcloud under Settings > Integrations > Sendcloud API, then: exactsend connect "
                f"--division {division.name}. Where the other division is not used any more, move {folder} elsewhere instead.",
            )


def is_other_divisions_label(wiring: Wiring, division: DivisionSettings, shipment: str) -> bool:
    """Whether a shipment is the label of a delivery of another division in this state folder. Deliveries deleted in Exact don't count."""
    for _, view in wiring.other_ledgers(division):
        records = RecordStore(Overlay(view))
        known = records.shipment(ShipmentId(shipment))
        owner = records.delivery(known.owner) if known and known.owner else None
        if owner is not None and not owner.gone:
            return True
    return False


def _named(wiring: Wiring, folder: Path) -> str:
    """The name of the division that a ledger belongs to: as configured, else its code."""
    names = {str(division.code): division.name for division in wiring.settings.divisions.values()}
    return names.get(folder.name, folder.name)


def record_run_end(
    records: RecordStore,
    status: ExitStatus,
    *,
    started: datetime,
    now: datetime,
    calls: Mapping[str, int],
    done: Sequence[Outcome],
) -> None:
    """Record in the schedule how a run ended, how long it took, and how many calls it made."""
    end = RunEnd(
        at=now,
        status=int(status),
        is_good=status in {ExitStatus.DONE, ExitStatus.ATTENTION},
        seconds=round(elapsed(started, now).total_seconds(), 1),
        calls=_NO_CALLS | dict(calls),
        new_errors=sum(outcome.listed and outcome.problem is not None for outcome in done),
    )
    # The schedule holds seconds and calls, and stores them only if they differ from the previous run's.
    records.note("run_ended", schedule_after(records.schedule, end), facts={"exit_status": end.status})


def run_deliveries(
    opened: OpenDivision,
    deliveries: Sequence[DeliveryId],
    asked: Mapping[DeliveryId, LabelRequested],
    *,
    max_labels: int | None = None,
) -> RunResult:
    """Buy the labels of these deliveries only, on a person's request, and write them back."""
    snapshot = gather_deliveries(opened.context, deliveries, asked)
    return run_steps(opened.context, snapshot, (Step.DELIVERIES, Step.WRITEBACK), max_labels=max_labels)
