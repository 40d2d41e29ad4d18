"""One division's run around ``sync``: the lock, the ledger, the accounts, and what every ending means.

An error of ours becomes the end of this division's run and no other's; a bug stays a bug.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_bytes

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import Pins
from exactsend.domain.run_history import LastRun, RunEnd, after
from exactsend.domain.store_protocol import Overlay, Store
from exactsend.engine.gather.account_identity import identify
from exactsend.engine.gather.prices import priced
from exactsend.engine.gather.run import gather_these
from exactsend.engine.optional_requests import OptionalRequests
from exactsend.engine.plan.actions import Outcome
from exactsend.engine.plan.closed_records import Key, closed_records
from exactsend.engine.plan.guard import idle_pause
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Ask, Identity
from exactsend.engine.sync import Result, Step, carry_out, sync
from exactsend.engine.unreadable_records import RecordsSetAside
from exactsend.engine.wiring import EXACT, Systems, Wiring
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
from exactsend.system.elapsed import elapsed, is_time
from exactsend.system.structured_log import about, tell
from exactsend.trade.masking import masked

log = logging.getLogger(__name__)

Note = Callable[[RecordStore, ExitStatus], None]
"""Notes in the ledger how a run ended."""
_NO_CALLS = {"exact": 0, "sendcloud": 0}


@dataclass(frozen=True)
class Progress:
    """How a run tells the person who waits; silent unless somebody does."""

    tell: Callable[[str], None] = lambda _phrase: None
    step: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True)
class Run:
    """What became of one division in one run, as it is reported."""

    division: str
    dry_run: bool
    started_at: datetime
    finished_at: datetime
    result: Result = field(default_factory=lambda: Result(()))
    error: ExactSendError | None = None
    calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_status(self) -> ExitStatus:
        """How it ended."""
        is_only_lacking = self.error in self.result.lacking
        return self.result.exit_status if self.error is None or is_only_lacking else self.error.status

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each action."""
        return self.result.outcomes


@dataclass(frozen=True)
class OpenDivision:
    """Everything that one division's run works with, while its lock is held."""

    division: DivisionSettings
    systems: Systems
    context: RunContext

    @property
    def records(self) -> RecordStore:
        """What the division's ledger remembers."""
        return self.context.records

    @property
    def identity(self) -> Identity:
        """The accounts that the run found behind its keys."""
        return self.context.identity


@dataclass(frozen=True)
class RunOptions:
    """What the command line asks of a sync."""

    steps: Sequence[Step] = tuple(Step)
    dry_run: bool = False
    wait: timedelta = timedelta(0)
    max_labels: int | None = None


def run_division(
    wiring: Wiring, division: DivisionSettings, wishes: RunOptions, progress: Progress = Progress()
) -> Run:
    """One run of one division; errors of ours end it and are told in its report."""
    with about(division=division.name, run=wiring.process.run_id):
        tell(log, logging.INFO, "run_begins", dry_run=wishes.dry_run)
        run = _run(wiring, division, wishes, progress)
        tell(
            log,
            logging.INFO,
            "run_ended",
            run.error.message if run.error else "",
            exit_status=int(run.exit_status),
            seconds=round(elapsed(run.started_at, run.finished_at).total_seconds(), 1),
            **{f"{api}_calls": count for api, count in run.calls.items()},
        )
        keep_end(wiring, division, run)
        return run


def keep_end(wiring: Wiring, division: DivisionSettings, run: Run) -> None:
    """Keep what ended a run, however early; a dry run leaves no trace. That it can't be kept changes nothing about the run."""
    if run.dry_run:
        return
    folder = wiring.folder(division)
    try:
        if run.error is None:
            forget_last_run(folder)
        else:
            keep_last_run(folder, _last_run(run, run.error))
    except (LedgerError, OSError) as failed:
        tell(log, logging.WARNING, "last_run_not_kept", str(failed))


def _last_run(run: Run, error: ExactSendError) -> LastRun:
    return LastRun(
        status=int(run.exit_status),
        at=run.finished_at,
        seconds=round(elapsed(run.started_at, run.finished_at).total_seconds(), 1),
        calls=_NO_CALLS | dict(run.calls),
        code=error.code,
        message=masked(error.message),
    )


def _run(wiring: Wiring, division: DivisionSettings, wishes: RunOptions, progress: Progress) -> Run:
    clock = wiring.process.clock
    started = clock()
    calls: dict[str, int] = {}
    done: list[Outcome] = []

    def note(records: RecordStore, status: ExitStatus) -> None:
        if not wishes.dry_run:
            note_end(records, status, started=started, now=clock(), calls=calls, done=done)

    try:
        if is_resting(wiring, division, started):
            said = "the daily calls of this sign-in run low and nothing is open here"
            tell(log, logging.INFO, "run_rests", said)
            return Run(division.name, wishes.dry_run, started, clock())
        with open_division(wiring, division, wishes, progress, calls, never_began=note) as opened:
            result = _synced(opened, wishes, calls, done, note)
        wiring.interrupts.stop()  # however late it was asked: the end that was asked for is the end that is told
    except KeyboardInterrupt:
        error: ExactSendError = Interrupted("interrupted; the next run goes on from here")
    except ExactSendError as ended:
        error = ended
    else:
        lacking = result.lacking[0] if result.lacking else None
        return Run(division.name, wishes.dry_run, started, clock(), result, lacking, calls)
    return Run(division.name, wishes.dry_run, started, clock(), Result(tuple(done)), error, calls)


def _synced(
    opened: OpenDivision, wishes: RunOptions, calls: dict[str, int], done: list[Outcome], note: Note
) -> Result:
    """The sync, with how it ended noted in the ledger, whichever way; ``done`` takes what became of each action, ``calls`` their number."""
    opened = replace(opened, context=replace(opened.context, done=done.append))
    try:
        result = sync(opened.context, wishes.steps, dry_run=wishes.dry_run, max_labels=wishes.max_labels)
    except LedgerError:
        raise
    except ExactSendError as ended:
        calls |= opened.systems.calls
        note(opened.records, ended.status)
        if isinstance(ended, (RateLimited, Resting)):
            ended.hint = f"{ended.hint} {what_is_left(opened.records)}".strip()
        raise
    calls |= opened.systems.calls
    note(opened.records, result.exit_status)
    if not wishes.dry_run:
        return result
    country = opened.identity.country
    return replace(
        result, outcomes=priced(opened.context.sendcloud, result.outcomes, division_country=country)
    )


def what_is_left(records: RecordStore) -> str:
    """What a run that had to stop leaves to the next."""
    undecided = len(records.todo())
    labelled = sum(
        bool(delivery.label) and not delivery.is_written_back for delivery in records.open_deliveries()
    )
    return f"Left for the next run: {undecided} orders and deliveries to be decided about, {labelled} labels to be written back."


def is_resting(wiring: Wiring, division: DivisionSettings, now: datetime) -> bool:
    """Whether an idle division is left out of this run, so that fair use lasts the day for those with work (S10)."""
    spent = wiring.book(division.exact).calls_today(now) / division.exact.max_calls_per_day
    pause = idle_pause(spent)
    if not pause:
        return False
    records = RecordStore(Overlay(wiring.view(division)))
    last = records.schedule.last_good_run
    is_idle = not records.open_deliveries() and not records.todo()
    return is_idle and not is_time(pause, last, now)


@contextmanager
def open_division(
    wiring: Wiring,
    division: DivisionSettings,
    wishes: RunOptions,
    progress: Progress,
    calls: dict[str, int],
    *,
    never_began: Note = lambda _records, _status: None,
) -> Iterator[OpenDivision]:
    """A division's division. A dry run takes no lock and writes to an overlay that forgets.

    ``calls`` takes how many calls were made, by service. ``never_began`` is told when the division could not be had although the
    ledger is at hand.
    """
    with about(division=division.name, run=wiring.process.run_id), _store(wiring, division, wishes) as store:
        has_begun = False
        try:
            pinned = RecordStore(store).pins
            with (
                wiring.systems(division, pinned=pinned, tell=progress.tell) as systems,
                _counted(systems, calls),
            ):
                records = RecordStore(store, systems.request_log.take)
                opened = _opened(wiring, division, systems, records, progress)
                has_begun = True
                with _all_written_down(opened):
                    yield opened
        except LedgerError:
            raise
        except ExactSendError as ended:
            if not has_begun:
                never_began(RecordStore(store), ended.status)
            raise


@contextmanager
def _counted(systems: Systems, calls: dict[str, int]) -> Iterator[None]:
    try:
        yield
    finally:
        calls |= systems.calls


@contextmanager
def _all_written_down(opened: OpenDivision) -> Iterator[None]:
    """What was answered last is written down too, where no other event came after it: a command other than ``sync`` may end with a call."""
    try:
        yield
    except LedgerError:
        raise
    except ExactSendError:
        _write_down(opened)
        raise
    _write_down(opened)


def _write_down(opened: OpenDivision) -> None:
    if not opened.systems.request_log.is_empty:
        opened.records.note("answers_noted")


@contextmanager
def _store(wiring: Wiring, division: DivisionSettings, wishes: RunOptions) -> Iterator[Store]:
    if wishes.dry_run:
        yield Overlay(wiring.view(division))
        return
    with locked_ledger(wiring, division, wishes.wait) as ledger:
        yield ledger


@contextmanager
def locked_ledger(
    wiring: Wiring, division: DivisionSettings, wait: timedelta = timedelta(0)
) -> Iterator[Ledger]:
    """The division's ledger under its lock; folded into its snapshot when all went well."""
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
    if schedule.last_run is None or not is_time(timedelta(days=1), schedule.archived, now):
        return set()
    found = closed_records(ledger, now)
    records.note("archived", schedule.replace(archived=now), facts={"count": len(found)})
    return found


def _opened(
    wiring: Wiring, division: DivisionSettings, systems: Systems, records: RecordStore, progress: Progress
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
    if wiring.clock.is_off and not wiring.clock.has_heard(EXACT):
        systems.exact.server_date()  # only both services together are believed
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
        is_owned_beside=partial(is_owned_beside, wiring, division),
        tell=progress.tell,
        step=progress.step,
        stop=wiring.interrupts.stop,
        uninterrupted=partial(wiring.interrupts.uninterrupted, but_for_pauses=True),
    )
    return OpenDivision(division, systems, context)


def fingerprint_key(records: RecordStore) -> bytes:
    """The random key of this division's fingerprints; made when its ledger begins (S15)."""
    key = records.secret
    if key is None:
        key = token_bytes(32)
        records.keep_secret(key)
    return key


def require_own_integration(wiring: Wiring, division: DivisionSettings, integration: int) -> None:
    """One integration serves one division (S10): asked when a ledger begins, since its pins never change by themselves.

    The other one may stand in another configuration that has the same state.
    """
    for folder, view in wiring.ledgers_beside(division):
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


def is_owned_beside(wiring: Wiring, division: DivisionSettings, shipment: str) -> bool:
    """Whether a shipment is the label of a delivery of another division that this state has, and that Exact has not deleted."""
    for _, view in wiring.ledgers_beside(division):
        records = RecordStore(Overlay(view))
        known = records.shipment(ShipmentId(shipment))
        owner = records.delivery(known.owner) if known and known.owner else None
        if owner is not None and not owner.gone:
            return True
    return False


def _named(wiring: Wiring, folder: Path) -> str:
    """What people call the division whose ledger this is: its name in the configuration, else its code."""
    names = {str(division.code): division.name for division in wiring.settings.divisions.values()}
    return names.get(folder.name, folder.name)


def note_end(
    records: RecordStore,
    status: ExitStatus,
    *,
    started: datetime,
    now: datetime,
    calls: Mapping[str, int],
    done: Sequence[Outcome],
) -> None:
    """Remember how and when a run of this division ended, how long that took and how many calls."""
    end = RunEnd(
        at=now,
        status=int(status),
        is_good=status in {ExitStatus.DONE, ExitStatus.ATTENTION},
        seconds=round(elapsed(started, now).total_seconds(), 1),
        calls=_NO_CALLS | dict(calls),
        new_errors=sum(outcome.listed and outcome.problem is not None for outcome in done),
    )
    # Seconds and calls stand in the clockwork beside it, where they differ from those of the run before.
    records.note("run_ended", after(records.schedule, end), facts={"exit_status": end.status})


def run_deliveries(
    opened: OpenDivision,
    deliveries: Sequence[DeliveryId],
    asked: Mapping[DeliveryId, Ask],
    *,
    max_labels: int | None = None,
) -> Result:
    """Labels and write-back of these deliveries alone: a person asked for them."""
    snapshot = gather_these(opened.context, deliveries, asked)
    return carry_out(opened.context, snapshot, (Step.DELIVERIES, Step.WRITEBACK), max_labels=max_labels)
