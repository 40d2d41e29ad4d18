"""Labels by hand: buy, try again, cancel, and close what only a person can close.

Each works on one delivery that a person names, and holds the division's lock while it does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from exactsend.cli.context import CommandContext
from exactsend.cli.delivery_selector import Which, described, known_as, resolved
from exactsend.cli.prompts import agreed
from exactsend.domain.ids import DeliveryId, ShipmentId, parse_reference
from exactsend.domain.records import DeliveryRecord, OrderRecord, ProblemRecord, Record
from exactsend.domain.shown_problem import shown
from exactsend.engine.apply.cancel import cancel_label
from exactsend.engine.division_run import OpenDivision, Progress, RunOptions, open_division, run_deliveries
from exactsend.engine.gather.run import gather_number, gather_these
from exactsend.engine.plan.acceptance import (
    ACCEPTABLE,
    NEEDS_SHIPMENT,
    accepted,
    accepted_of_order,
    closable,
    left_without,
    live_shipments,
    shipments_beside,
    taken_over,
)
from exactsend.engine.plan.actions import Outcome, OutcomeKind, Subject
from exactsend.engine.plan.hand_labels import content_of_order
from exactsend.engine.plan.labels import content_now
from exactsend.engine.plan.number_lookup import deliveries_named, the_one
from exactsend.engine.plan.ownership import entries_given_back
from exactsend.engine.snapshot import Ask
from exactsend.engine.sync import Result
from exactsend.errors import ExactSendError, ExitStatus, Forbidden, Refused, UsageError
from exactsend.sendcloud.models import Shipment
from exactsend.views.text.cancelling import cancelling_text
from exactsend.views.text.time_format import moment_text

Report = Callable[[Result], None]


def create(
    place: CommandContext, which: Which, *, another: int | None, yes: bool, report: Report
) -> ExitStatus:
    """Buy the label of a delivery now."""
    with _at_work(place, which, _can_be_bought_for) as (work, record):
        _require_no_label(work, record, another)
        question = f"Buy a label for {described(record)}?"
        if not _agreed(place, question, yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(another), report)


def retry(place: CommandContext, which: Which, *, yes: bool, report: Report) -> ExitStatus:
    """Try a label again that failed, was refused or is held."""
    with _at_work(place, which, _can_be_bought_for) as (work, record):
        _require_no_label(work, record, None)
        if "label" not in record.problems:
            raise ExactSendError(
                f"the label of {described(record)} has not failed",
                hint=f"To buy it: {_line(work, record, 'create')}",
            )
        if not _agreed(place, f"Try the label of {described(record)} again? It may cost money.", yes=yes):
            return ExitStatus.DONE
        return _bought(work, record, Ask(), report)


def cancel(
    place: CommandContext, which: Which, *, shipment: str | None, yes: bool, report: Report
) -> ExitStatus:
    """Cancel a label at Sendcloud."""
    with _at_work(place, which, _can_be_cancelled) as (work, record):
        wanted = _which_shipment(work, record, shipment)
        place.terminal.say(_deadline(place, work, record, wanted))
        if not _agreed(place, "Cancel it?", yes=yes):
            return ExitStatus.DONE
        report(Result((_cancelled(work, record, wanted),)))
        report(run_deliveries(work, [record.delivery_id], {}))
        return ExitStatus.DONE


def _deadline(place: CommandContext, work: OpenDivision, record: DeliveryRecord, wanted: ShipmentId) -> str:
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
        f"{_terms(found, place.surroundings.clock())}"
    )


def _terms(shipment: Shipment, now: datetime) -> str:
    if shipment.is_being_cancelled:
        return "Its cancellation is under way already."
    carrier = shipment.carrier.code if shipment.carrier else ""
    return cancelling_text(
        shipment.announced_at, now, carrier=carrier, country=shipment.from_address.country_code
    )


def _cancelled(work: OpenDivision, record: DeliveryRecord, wanted: ShipmentId) -> Outcome:
    try:
        return cancel_label(work.context, record, wanted)
    except Forbidden:
        raise
    except Refused as refused:
        raise ExactSendError(
            f"the label of {described(record)} was not cancelled: {refused.message}",
            hint="The label counts as live. A carrier does not cancel what it has delivered, what is older than 42 days, or, some of them, anything: "
            "ask it or Sendcloud's support whether the parcel can still be stopped, and whether it is refunded.",
        ) from refused


def accept(
    place: CommandContext, which: Which, *, code: str | None, shipment: str | None, yes: bool
) -> ExitStatus:
    """Close an error of a delivery that only a person can close, or take over the shipment that is its label."""
    which.require()
    with _opened(place) as work:
        if (order := _order_meant(work, which, code)) is not None and shipment is None:
            return _accept_of_order(place, work, order, yes=yes)
        record, problem = _meant(work, which, code, shipment)
        if problem is not None:
            place.terminal.say(shown(problem).message)
        is_taken_over = shipment is not None or (problem is not None and problem.code in NEEDS_SHIPMENT)
        label = _takeable(work, record, shipment) if is_taken_over else None
        if not _agreed(place, _taking_over(label) if label else "Close this as it is?", yes=yes):
            return ExitStatus.DONE
        _close(work, record.delivery_id, problem, label)
    place.terminal.result(
        f"{described(record)}: {f'shipment {label.id} is its label from now on' if label else 'closed'}"
    )
    return ExitStatus.DONE


def _order_meant(work: OpenDivision, which: Which, code: str | None) -> OrderRecord | None:
    """The order whose error a person means, where no delivery under that number has one."""
    number = which.order or which.number
    if which.delivery or not number:
        return None
    named = deliveries_named(work.memory, which.number, order=which.order)
    if closable(named, code, with_shipment=False):
        return None
    found = [order for order in work.memory.orders_with_numbers({number}) if str(order.number) == number]
    return next((order for order in found if order.problem and _is_closable(order.problem, code)), None)


def _is_closable(problem: ProblemRecord, code: str | None) -> bool:
    return problem.stage == "label" and problem.code in ACCEPTABLE and code in {None, problem.code}


def _accept_of_order(
    place: CommandContext, work: OpenDivision, order: OrderRecord, *, yes: bool
) -> ExitStatus:
    """Close what was told of a label that was made by hand before the order was delivered."""
    assert order.problem is not None
    place.terminal.say(shown(order.problem).message)
    if not _agreed(place, "Close this as it is?", yes=yes):
        return ExitStatus.DONE
    content = content_of_order(gather_number(work.context, order.number), order.order_id)
    closed = accepted_of_order(order, order.problem, content=content)
    work.memory.note(
        "accepted", closed, subject=f"order:{order.order_id}", facts={"code": order.problem.code}
    )
    place.terminal.result(f"order {order.number}: closed")
    return ExitStatus.DONE


def _meant(
    work: OpenDivision, which: Which, code: str | None, shipment: str | None
) -> tuple[DeliveryRecord, ProblemRecord | None]:
    """The delivery and its error that a person means.

    Raises:
        UsageError: there are several.
        ExactSendError: there is none.
    """
    found = known_as(work, which)
    choices = closable(found, code, with_shipment=shipment is not None)
    if len(choices) == 1:
        return choices[0]
    if choices:
        listed = "; ".join(
            f"{described(record)}: {problem.code if problem else 'no label'}" for record, problem in choices
        )
        raise UsageError(
            f"{which.called} has several errors that you can accept by hand: {listed}",
            hint="Name one with --code CODE, and where that is not enough with --delivery NUMBER.",
        )
    record = the_one(found, which.called)
    open_ones = ", ".join(problem.code for problem in record.problems.values())
    raise ExactSendError(
        f"{described(record)} has no error that you can accept by hand"
        + (f" with the code {code}" if code else "")
        + (f" (it has: {open_ones})" if open_ones else ""),
        hint="exactsend errors says where each error is cured.",
    )


def _taking_over(label: Shipment) -> str:
    numbers = ", ".join(label.tracking_numbers) or "without a tracking number"
    return f"Take over shipment {label.id} (number {label.order_number or 'none'}, {numbers}) as its label?"


def _close(
    work: OpenDivision, delivery: DeliveryId, problem: ProblemRecord | None, label: Shipment | None
) -> None:
    snapshot = gather_these(work.context, [delivery], {})
    content = content_now(snapshot, delivery)
    record = work.memory.delivery(delivery)
    assert record is not None
    if label is not None:
        _taken_over(work, record, label, content)
    elif problem is not None:
        record = accepted(record, problem, content=content, lives=shipments_beside(work.memory, record))
        _note(work, "accepted", record, problem.code)


# ── the delivery that is meant ───────────────────────────────────────────────────────────────────


@contextmanager
def _at_work(
    place: CommandContext, which: Which, like: Callable[[DeliveryRecord], bool]
) -> Iterator[tuple[OpenDivision, DeliveryRecord]]:
    """The division's workplace under its lock, with the delivery that the command line names."""
    which.require()
    with _opened(place) as work:
        yield work, resolved(work, which, like)


@contextmanager
def _opened(place: CommandContext) -> Iterator[OpenDivision]:
    """The division's workplace under its lock."""
    calls: dict[str, int] = {}
    with open_division(place.wiring, place.one(), RunOptions(), Progress(), calls) as work:
        yield work


def _can_be_bought_for(record: DeliveryRecord) -> bool:
    return not record.gone


def _can_be_cancelled(record: DeliveryRecord) -> bool:
    return record.label is not None


def _line(work: OpenDivision, record: DeliveryRecord, command: str) -> str:
    """The line that a person types for this delivery."""
    return Subject(delivery_number=record.number, division=work.identity.called).by_hand(command)


def _require_no_label(work: OpenDivision, record: DeliveryRecord, another: int | None) -> None:
    if record.label is None or another is not None:
        return
    following = max((attempt.number for attempt in record.attempts), default=0) + 1
    raise ExactSendError(
        f"{described(record)} has a live label: shipment {record.label.shipment}",
        hint=f"If it needs another one all the same, say so: {_line(work, record, 'create')} --another {following}",
    )


def _which_shipment(work: OpenDivision, record: DeliveryRecord, shipment: str | None) -> ShipmentId:
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


def _agreed(place: CommandContext, question: str, *, yes: bool) -> bool:
    return agreed(place.terminal, place.surroundings.stdin, question, yes=yes)


def _bought(work: OpenDivision, record: DeliveryRecord, asked: Ask, report: Report) -> ExitStatus:
    result = run_deliveries(work, [record.delivery_id], {record.delivery_id: asked})
    report(result)
    return _status(result, work, record)


def _status(result: Result, work: OpenDivision, record: DeliveryRecord) -> ExitStatus:
    """Of this delivery alone: what else needs a person is not this command's."""
    if result.exit_status not in {ExitStatus.DONE, ExitStatus.ATTENTION}:
        return result.exit_status
    now = work.memory.delivery(record.delivery_id)
    failed = any(outcome.outcome in {OutcomeKind.HELD, OutcomeKind.FAILED} for outcome in result.outcomes)
    is_sound = now is not None and now.label is not None and not now.problems
    return ExitStatus.DONE if is_sound and not failed else ExitStatus.ATTENTION


def _takeable(work: OpenDivision, record: DeliveryRecord, shipment: str | None) -> Shipment:
    """The shipment that a person names, if it can become the delivery's label (S4).

    Raises:
        UsageError: none is named.
        ExactSendError: it is the label of another delivery that there is, or not live.
    """
    if shipment is None:
        raise UsageError(
            "say which shipment is its label",
            hint="Name it with --shipment ID; exactsend errors lists the candidates.",
        )
    found = work.systems.sendcloud.shipment(shipment)
    if found is None or not found.is_live:
        raise ExactSendError(f"Sendcloud has no live shipment {shipment}")
    owner = _owner(work, found)
    if owner not in {None, record.delivery_id} and _is_there(work, owner):
        raise ExactSendError(
            f"shipment {shipment} is the label of another delivery",
            hint="Only the label of a delivery that was deleted in Exact can become another's.",
        )
    return found


def _owner(work: OpenDivision, shipment: Shipment) -> DeliveryId | None:
    """The delivery whose it is, as remembered or as its reference names it, in whatever division."""
    known = work.memory.shipment(ShipmentId(shipment.id))
    parsed = parse_reference(shipment.external_reference_id)
    return known.owner if known is not None else parsed[1] if parsed else None


def _is_there(work: OpenDivision, delivery: DeliveryId) -> bool:
    """Whether Exact has a delivery now, or at least does not say that it has not (S16)."""
    found = work.systems.exact.deliveries([delivery])
    return delivery not in found.gone([delivery], {row.entry_id for row in found.rows})


def _taken_over(work: OpenDivision, record: DeliveryRecord, label: Shipment, content: str) -> None:
    """It is this delivery's from now on, and no longer that of one that is gone."""
    former = work.memory.delivery(owner) if (owner := _owner(work, label)) else None
    changed: list[Record] = []
    if former is not None and former.delivery_id != record.delivery_id:
        changed.append(left_without(former, ShipmentId(label.id)))
    record, owned = taken_over(record, label, content=content)
    changed += [owned, *entries_given_back(work.memory, work.identity.division, record, label)]
    work.memory.note(
        "label_taken_over",
        record,
        *changed,
        subject=f"delivery:{record.delivery_id}",
        facts={"shipment": label.id},
    )


def _note(work: OpenDivision, event: str, record: DeliveryRecord, code: str) -> None:
    work.memory.note(event, record, subject=f"delivery:{record.delivery_id}", facts={"code": code})
