"""Labels by hand: buy, try again, cancel, and close what only a person can close.

Each works on one delivery that a person names, and holds the division's lock while it does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exactsend.apply.cancelling import cancel_label
from exactsend.cli.asking import agreed
from exactsend.cli.naming import Which, described, resolved
from exactsend.cli.place import Place
from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.errors import ExactSendError, ExitStatus, Forbidden, Refused, UsageError
from exactsend.gather.run import gather_these
from exactsend.plan.accepting import (
    NEEDS_SHIPMENT,
    acceptable_problems,
    accepted,
    is_owned_by_another,
    live_shipments,
    shipments_beside,
    taken_over,
)
from exactsend.plan.actions import Outcome, OutcomeKind
from exactsend.plan.labels import content_now
from exactsend.report.moments import moment_text
from exactsend.report.words import cancelling_text
from exactsend.runner import Progress, Wishes, Workplace, opened, run_deliveries
from exactsend.sendcloud.models import Shipment
from exactsend.snapshot import Ask
from exactsend.sync import Result

Report = Callable[[Result], None]


def create(place: Place, which: Which, *, another: int | None, yes: bool, report: Report) -> ExitStatus:
    """Buy the label of a delivery now."""
    with _at_work(place, which) as (work, record):
        _require_no_label(record, another)
        question = f"Buy a label for {described(record)}?"
        if not _agreed(place, question, yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(another), report)


def retry(place: Place, which: Which, *, yes: bool, report: Report) -> ExitStatus:
    """Try a label again that failed, was refused or is held."""
    with _at_work(place, which) as (work, record):
        _require_no_label(record, None)
        if "label" not in record.problems:
            raise ExactSendError(
                f"the label of {described(record)} has not failed",
                hint=f"To buy it: exactsend labels create --delivery {record.number}",
            )
        if not _agreed(place, f"Try the label of {described(record)} again? It may cost money.", yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(), report)


def cancel(place: Place, which: Which, *, shipment: str | None, yes: bool, report: Report) -> ExitStatus:
    """Cancel a label at Sendcloud."""
    with _at_work(place, which) as (work, record):
        wanted = _which_shipment(work, record, shipment)
        place.terminal.say(_deadline(place, work, record, wanted))
        if not _agreed(place, "Cancel it?", yes=yes):
            return ExitStatus.DONE
        report(Result((_cancelled(work, record, wanted),)))
        report(run_deliveries(work, [record.delivery_id], {}))
        return ExitStatus.DONE


def _deadline(place: Place, work: Workplace, record: DeliveryRecord, wanted: ShipmentId) -> str:
    """What is about to be cancelled, and until when that is free.

    Raises:
        ExactSendError: Sendcloud does not have it.
    """
    found = work.systems.sendcloud.shipment(wanted)
    if found is None:
        raise ExactSendError(f"Sendcloud has no shipment {wanted}")
    made = found.announced_at
    numbers = ", ".join(found.tracking_numbers) or "without a tracking number"
    return (
        f"The label of {described(record)}: shipment {wanted}, {numbers}, made {moment_text(made)}.\n"
        f"{cancelling_text(made, place.surroundings.clock())}"
    )


def _cancelled(work: Workplace, record: DeliveryRecord, wanted: ShipmentId) -> Outcome:
    try:
        return cancel_label(work.hands, record, wanted)
    except Forbidden:
        raise
    except Refused as refused:
        raise ExactSendError(
            f"the label of {described(record)} was not cancelled: {refused.message}",
            hint="It stays paid. Ask the carrier or Sendcloud's support whether the parcel can still be stopped.",
        ) from refused


def accept(place: Place, which: Which, *, shipment: str | None, yes: bool) -> ExitStatus:
    """Close the errors of a delivery that only a person can close."""
    with _at_work(place, which) as (work, record):
        problems = acceptable_problems(record)
        if not problems:
            open_ones = ", ".join(problem.code for problem in record.problems.values())
            raise ExactSendError(
                f"{described(record)} has nothing that a person's word closes"
                + (f" (it has: {open_ones})" if open_ones else ""),
                hint="exactsend errors says where each error is cured.",
            )
        for problem in problems:
            place.terminal.say(f"{problem.message}")
        is_taken_over = any(problem.code in NEEDS_SHIPMENT for problem in problems)
        label = _takeable(work, record, shipment) if is_taken_over else None
        if not _agreed(place, _taking_over(label) if label else "Close this as it is?", yes=yes):
            return ExitStatus.DONE
        _close(work, record.delivery_id, label)
    place.terminal.result(
        f"{described(record)}: {f'shipment {label.id} is its label from now on' if label else 'closed'}"
    )
    return ExitStatus.DONE


def _taking_over(label: Shipment) -> str:
    numbers = ", ".join(label.tracking_numbers) or "without a tracking number"
    return f"Take over shipment {label.id} (number {label.order_number or 'none'}, {numbers}) as its label?"


def _close(work: Workplace, delivery: DeliveryId, label: Shipment | None) -> None:
    snapshot = gather_these(work.sources, [delivery], {})
    content = content_now(snapshot, delivery)
    record = work.memory.delivery(delivery)
    for problem in acceptable_problems(record) if record else []:
        assert record is not None
        if problem.code in NEEDS_SHIPMENT and label is not None:
            record = _taken_over(work, record, label, content)
        else:
            record = accepted(record, problem, content=content, lives=shipments_beside(work.memory, record))
            _note(work, "accepted", record, problem.code)


# ── the delivery that is meant ───────────────────────────────────────────────────────────────────


@contextmanager
def _at_work(place: Place, which: Which) -> Iterator[tuple[Workplace, DeliveryRecord]]:
    """The division's workplace under its lock, with the delivery that the command line names."""
    which.require()
    calls: dict[str, int] = {}
    with opened(place.wiring, place.one(), Wishes(), Progress(), calls) as work:
        yield work, resolved(work, which)


def _require_no_label(record: DeliveryRecord, another: int | None) -> None:
    if record.label is None or another is not None:
        return
    following = max((one.number for one in record.attempts), default=0) + 1
    raise ExactSendError(
        f"{described(record)} has a live label: shipment {record.label.shipment}",
        hint=f"If it needs another one all the same, say so: exactsend labels create --delivery {record.number} --another {following}",
    )


def _which_shipment(work: Workplace, record: DeliveryRecord, shipment: str | None) -> ShipmentId:
    lives = live_shipments(work.memory, record) or ((record.label.shipment,) if record.label else ())
    if shipment is not None and shipment in lives:
        return ShipmentId(shipment)
    if len(lives) == 1 and shipment is None:
        return lives[0]
    if not lives:
        raise ExactSendError(f"{described(record)} has no live label to cancel")
    raise UsageError(
        f"{described(record)} has these live labels: {', '.join(lives)}", hint="Name one with --shipment ID."
    )


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
    is_sound = now is not None and now.label is not None and not now.problems
    return ExitStatus.DONE if is_sound and not failed else ExitStatus.ATTENTION


def _takeable(work: Workplace, record: DeliveryRecord, shipment: str | None) -> Shipment:
    """The shipment that a person names, if it can become the delivery's label (S4).

    Raises:
        UsageError: none is named.
        ExactSendError: it is another delivery's, or not live.
    """
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
    return found


def _taken_over(work: Workplace, record: DeliveryRecord, label: Shipment, content: str) -> DeliveryRecord:
    record, owned = taken_over(record, label, content=content)
    work.memory.note(
        "label_taken_over",
        record,
        owned,
        subject=f"delivery:{record.delivery_id}",
        facts={"shipment": label.id},
    )
    return record


def _note(work: Workplace, event: str, record: DeliveryRecord, code: str) -> None:
    work.memory.note(event, record, subject=f"delivery:{record.delivery_id}", facts={"code": code})
