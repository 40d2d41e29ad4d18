"""Labels by hand: buy, try again, cancel, download, and close what only a person can close.

Each works on one delivery that a person names; all but ``download`` hold the division's lock while they do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exactsend.apply.adopting import now_cancelled
from exactsend.cli.asking import agreed
from exactsend.cli.place import Place
from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.errors import ExactSendError, ExitStatus, UsageError
from exactsend.gather.run import gather_these
from exactsend.ledger.durable import replace
from exactsend.plan.accepting import (
    NEEDS_SHIPMENT,
    acceptable_problems,
    accepted,
    is_owned_by_another,
    live_shipments,
    taken_over,
)
from exactsend.plan.actions import OutcomeKind
from exactsend.plan.labels import content_now
from exactsend.plan.numbers import deliveries_named, the_one
from exactsend.runner import Progress, Wishes, Workplace, opened, run_deliveries
from exactsend.snapshot import Ask
from exactsend.sync import Result


@dataclass(frozen=True)
class Which:
    """The delivery that the command line names."""

    number: str | None = None
    order: str | None = None
    delivery: str | None = None

    @property
    def called(self) -> str:
        """How messages call it."""
        if self.order:
            return f"order {self.order}"
        return f"delivery {self.delivery}" if self.delivery else f"number {self.number}"

    def require(self) -> None:
        """Let pass exactly one way of naming it.

        Raises:
            UsageError: it is named in no way, or in several.
        """
        if sum(one is not None for one in (self.number, self.order, self.delivery)) != 1:
            raise UsageError("name the delivery: a NUMBER, or --order NUMBER, or --delivery NUMBER")


Report = Callable[[Result], None]


def create(place: Place, which: Which, *, another: int | None, yes: bool, report: Report) -> ExitStatus:
    """Buy the label of a delivery now."""
    with _at_work(place, which) as (work, record):
        _require_no_label(record, another)
        question = f"Buy a label for {_described(record)}?"
        if not _agreed(place, question, yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(another), report)


def retry(place: Place, which: Which, *, yes: bool, report: Report) -> ExitStatus:
    """Try a label again that failed, was refused or is held."""
    with _at_work(place, which) as (work, record):
        _require_no_label(record, None)
        if "label" not in record.problems:
            raise ExactSendError(
                f"the label of {_described(record)} has not failed", hint="To buy it: exactsend labels create"
            )
        if not _agreed(place, f"Try the label of {_described(record)} again? It may cost money.", yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(), report)


def cancel(place: Place, which: Which, *, shipment: str | None, yes: bool, report: Report) -> ExitStatus:
    """Cancel a label at Sendcloud."""
    with _at_work(place, which) as (work, record):
        wanted = _which_shipment(work, record, shipment)
        question = (
            f"Cancel the label of {_described(record)} (shipment {wanted})? It is free until the carrier's deadline, "
            "mostly 23:59 of the day it was made."
        )
        if not _agreed(place, question, yes=yes):
            return ExitStatus.DONE
        return _cancelled(place, work, record, wanted, report)


def accept(place: Place, which: Which, *, shipment: str | None, yes: bool) -> ExitStatus:
    """Close the errors of a delivery that only a person can close."""
    with _at_work(place, which) as (work, record):
        problems = acceptable_problems(record)
        if not problems:
            open_ones = ", ".join(problem.code for problem in record.problems.values())
            raise ExactSendError(
                f"{_described(record)} has nothing that a person's word closes"
                + (f" (it has: {open_ones})" if open_ones else ""),
                hint="exactsend errors says where each error is cured.",
            )
        for problem in problems:
            place.terminal.say(f"{problem.message}")
        if not _agreed(place, "Close this as it is?", yes=yes):
            return ExitStatus.DONE
        _close(work, record.delivery_id, shipment)
    place.terminal.result(f"{_described(record)}: closed")
    return ExitStatus.DONE


def _close(work: Workplace, delivery: DeliveryId, shipment: str | None) -> None:
    snapshot = gather_these(work.sources, [delivery], {})
    content = content_now(snapshot, delivery)
    record = work.memory.delivery(delivery)
    for problem in acceptable_problems(record) if record else []:
        assert record is not None
        if problem.code in NEEDS_SHIPMENT:
            record = _taken_over(work, record, shipment, content)
        else:
            record = accepted(record, problem, content=content, lives=live_shipments(work.memory, record))
            _note(work, "accepted", record, problem.code)


def download(place: Place, which: Which, *, folder: Path) -> ExitStatus:
    """Fetch the labels of a delivery again. Buys nothing."""
    which.require()
    division = place.one()
    calls: dict[str, int] = {}
    with opened(place.wiring, division, Wishes(dry_run=True), Progress(), calls) as work:
        record = the_one(
            deliveries_named(work.memory, which.number, order=which.order, delivery=which.delivery),
            which.called,
        )
        if record.label is None:
            raise ExactSendError(
                f"{_described(record)} has no label", hint="To buy one: exactsend labels create"
            )
        for parcel in record.label.parcels:
            path = folder / f"label-{record.number}-{parcel}.pdf"
            folder.mkdir(parents=True, exist_ok=True)
            replace(path, work.systems.sendcloud.label_pdf(parcel), name="label")
            place.terminal.result(str(path))
    return ExitStatus.DONE


# ── the delivery that is meant ───────────────────────────────────────────────────────────────────


@contextmanager
def _at_work(place: Place, which: Which) -> Iterator[tuple[Workplace, DeliveryRecord]]:
    """The division's workplace under its lock, with the delivery that the command line names."""
    which.require()
    calls: dict[str, int] = {}
    with opened(place.wiring, place.one(), Wishes(), Progress(), calls) as work:
        yield work, _resolved(work, which)


def _resolved(work: Workplace, which: Which) -> DeliveryRecord:
    found = deliveries_named(work.memory, which.number, order=which.order, delivery=which.delivery)
    if not found:
        _learn_of(work, which)
        found = deliveries_named(work.memory, which.number, order=which.order, delivery=which.delivery)
    unlabelled = [one for one in found if one.label is None]
    return the_one(unlabelled if len(unlabelled) == 1 and not which.delivery else found, which.called)


def _learn_of(work: Workplace, which: Which) -> None:
    """Ask Exact for a delivery that no sync has seen yet; it is remembered like any other."""
    number = which.delivery or which.number
    if number is None or not number.isdigit():
        return
    for delivery in work.systems.exact.deliveries_by_number([int(number)]):
        record = DeliveryRecord(
            delivery_id=DeliveryId(delivery.entry_id),
            number=delivery.delivery_number,
            seen_at=work.sources.now,
        )
        if work.memory.delivery(record.delivery_id) is None:
            work.memory.note("delivery_seen", record, subject=f"delivery:{record.delivery_id}")


def _require_no_label(record: DeliveryRecord, another: int | None) -> None:
    if record.label is None or another is not None:
        return
    following = max((one.number for one in record.attempts), default=0) + 1
    raise ExactSendError(
        f"{_described(record)} has a live label: shipment {record.label.shipment}",
        hint=f"If it needs another one all the same, say so: exactsend labels create --delivery {record.number} --another {following}",
    )


def _which_shipment(work: Workplace, record: DeliveryRecord, shipment: str | None) -> ShipmentId:
    lives = live_shipments(work.memory, record) or ((record.label.shipment,) if record.label else ())
    if shipment is not None and shipment in lives:
        return ShipmentId(shipment)
    if len(lives) == 1 and shipment is None:
        return lives[0]
    if not lives:
        raise ExactSendError(f"{_described(record)} has no live label to cancel")
    raise UsageError(
        f"{_described(record)} has these live labels: {', '.join(lives)}", hint="Name one with --shipment ID."
    )


def _described(record: DeliveryRecord) -> str:
    orders = ", ".join(str(number) for number in record.order_numbers)
    return f"delivery {record.number}" + (f" (order {orders})" if orders else "")


# ── doing it ─────────────────────────────────────────────────────────────────────────────────────


def _agreed(place: Place, question: str, *, yes: bool) -> bool:
    return agreed(place.terminal, place.surroundings.stdin, question, yes=yes)


def _bought(work: Workplace, record: DeliveryRecord, asked: Ask, report: Report) -> ExitStatus:
    result = run_deliveries(work, [record.delivery_id], {record.delivery_id: asked})
    report(result)
    return _status(result, work, record)


def _status(result: Result, work: Workplace, record: DeliveryRecord) -> ExitStatus:
    """Of this delivery alone: what else needs a person is not this command's."""
    if result.exit_status not in {ExitStatus.DONE, ExitStatus.ATTENTION}:
        return result.exit_status
    now = work.memory.delivery(record.delivery_id)
    failed = any(one.outcome in {OutcomeKind.HELD, OutcomeKind.FAILED} for one in result.outcomes)
    return ExitStatus.ATTENTION if failed or (now is not None and now.problems) else ExitStatus.DONE


def _cancelled(
    place: Place, work: Workplace, record: DeliveryRecord, shipment: ShipmentId, report: Report
) -> ExitStatus:
    answer = work.systems.sendcloud.cancel(shipment)
    found = work.systems.sendcloud.shipment(shipment)
    if found is not None:
        now_cancelled(work.hands, record, found)
    said = (
        "cancelled"
        if answer == "cancelled"
        else "its cancellation is queued at the carrier; until then it counts as live"
    )
    place.terminal.result(f"{_described(record)}: shipment {shipment} {said}")
    report(run_deliveries(work, [record.delivery_id], {}))
    return ExitStatus.DONE


def _taken_over(
    work: Workplace, record: DeliveryRecord, shipment: str | None, content: str
) -> DeliveryRecord:
    if shipment is None:
        raise UsageError(
            "say which shipment is its label",
            hint="Name it with --shipment ID; exactsend errors lists the candidates.",
        )
    if is_owned_by_another(work.memory, shipment, record.delivery_id):
        raise ExactSendError(f"shipment {shipment} is the label of another delivery")
    found = work.systems.sendcloud.shipment(shipment)
    if found is None or not found.is_live:
        raise ExactSendError(f"Sendcloud has no live shipment {shipment}")
    record, owned = taken_over(record, found, content=content)
    work.memory.note(
        "label_taken_over",
        record,
        owned,
        subject=f"delivery:{record.delivery_id}",
        facts={"shipment": found.id},
    )
    return record


def _note(work: Workplace, event: str, record: DeliveryRecord, code: str) -> None:
    work.memory.note(event, record, subject=f"delivery:{record.delivery_id}", facts={"code": code})
