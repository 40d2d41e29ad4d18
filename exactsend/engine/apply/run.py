"""Carries out a plan: free actions in batches, purchases one after another, each recorded before the next."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from exactsend.domain.ids import DeliveryId
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_store import RecordStore
from exactsend.domain.shown_problem import shown
from exactsend.engine.apply.adopt import adopt
from exactsend.engine.apply.call_budget import CALLS_RESERVED, WritebackReserve
from exactsend.engine.apply.current_deliveries import CurrentDeliveries
from exactsend.engine.apply.incoming_orders import STILL_PROCESSING, push_all, withdraw_all
from exactsend.engine.apply.label_purchase import LAST_CHECK, announce_call, buy, not_bought
from exactsend.engine.apply.prepurchase_check import siblings_to_read
from exactsend.engine.apply.tracking_removal import remove_tracking_all
from exactsend.engine.apply.writeback import write_back_all
from exactsend.engine.optional_requests import RecordFailures
from exactsend.engine.plan.actions import (
    Action,
    ActionKind,
    AdoptShipment,
    BuyLabel,
    Outcome,
    OutcomeKind,
    Plan,
    PushIncoming,
    RecordDecision,
    RemoveTracking,
    Subject,
    WithdrawIncoming,
    WriteBack,
)
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.query_results import UnreadableRow
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)


def apply(context: RunContext, snapshot: Snapshot, plan: Plan) -> tuple[Snapshot, tuple[Outcome, ...]]:
    """Carry out a plan. Returns the snapshot with the shipments' new states, and every action's outcome."""
    outcomes: list[Outcome] = []
    for outcome in _outcomes(context, snapshot, plan):
        outcomes.append(outcome[0])
        context.done(outcome[0])
        _log(outcome[0])
        if outcome[1] is not None:
            snapshot = outcome[1]
        context.step(len(outcomes), len(plan.actions))
    return snapshot, tuple(outcomes)


def _log(outcome: Outcome) -> None:
    """Log each action; those that needed nothing at debug level only."""
    subject, problem = outcome.subject, outcome.problem
    log_event(
        log,
        logging.INFO if outcome.listed else logging.DEBUG,
        outcome.kind,
        shown(problem).message if problem else "",
        outcome=outcome.outcome,
        order=", ".join(map(str, subject.order_numbers)),
        delivery=None if subject.delivery_number is None else str(subject.delivery_number),
        shipment=outcome.shipment_id,
        reason=outcome.reason,
    )


def undecided_keys(outcomes: Iterable[Outcome]) -> set[str]:
    """The todo keys of what the next run must decide about again."""
    return {key for outcome in outcomes if is_undecided(outcome) for key in _keys(outcome.subject)}


def is_undecided(outcome: Outcome) -> bool:
    """Whether the next run must decide about it again although nothing changes in Exact.

    An adopted label is decided about again as a label: there may be another beside it, or its order may be cancelled.
    """
    if outcome.kind is ActionKind.LABEL_ADOPT and outcome.outcome in {OutcomeKind.DONE, OutcomeKind.HELD}:
        return True
    passing = {
        STILL_PROCESSING,
        "changed_meanwhile",
        "safety_limit",
        "clock_off",
        CALLS_RESERVED,
        NOT_ANSWERED,
    }
    return outcome.outcome is OutcomeKind.SKIPPED and outcome.reason in passing


def _keys(subject: Subject) -> list[str]:
    keys = [todo_order(subject.order_id)] if subject.order_id else []
    return keys + ([todo_delivery(subject.delivery_id)] if subject.delivery_id else [])


Step = tuple[Outcome, Snapshot | None]

NOT_ANSWERED = "not_answered"
"""Reason code: skipped in this run because the service refuses all requests of the kind; the next runs try again."""


def _outcomes(context: RunContext, snapshot: Snapshot, plan: Plan) -> Iterator[Step]:
    """The outcomes of all actions, one kind after another. A kind that is refused stops no other."""
    for kind, group in groupby(sorted(plan.actions, key=_place), key=type):
        actions = list(group)
        seen: set[int] = set()
        try:
            for step in _of_kind(context, snapshot, plan, kind, actions):
                seen.add(id(step[0].subject))
                snapshot = step[1] or snapshot
                yield step
        except ApiError as error:
            context.questions.record_refusal(error, name=_request_name(kind, error))
        yield from ((_skipped(action), None) for action in actions if id(action.subject) not in seen)


def _of_kind(
    context: RunContext, snapshot: Snapshot, plan: Plan, kind: type[Action], actions: Sequence[Action]
) -> Iterator[Step]:
    if kind is RecordDecision:
        yield from _without_shipments(_record_decisions(context, actions))
    elif kind is WithdrawIncoming:
        yield from _without_shipments(
            withdraw_all(context, [action for action in actions if isinstance(action, WithdrawIncoming)])
        )
    elif kind is PushIncoming:
        yield from _without_shipments(
            push_all(context, [action for action in actions if isinstance(action, PushIncoming)])
        )
    elif kind is WriteBack:
        yield from _without_shipments(
            write_back_all(context, [action for action in actions if isinstance(action, WriteBack)])
        )
    elif kind is RemoveTracking:
        yield from _without_shipments(
            remove_tracking_all(context, [action for action in actions if isinstance(action, RemoveTracking)])
        )
    elif kind is BuyLabel:
        yield from _purchases(
            context, snapshot, plan, [action for action in actions if isinstance(action, BuyLabel)]
        )
    else:
        for action in actions:
            context.stop()
            assert isinstance(action, AdoptShipment), f"{type(action).__name__} is carried out in a group"
            outcome, shipment = adopt(context, action)
            snapshot = snapshot.with_shipment(shipment) if shipment else snapshot
            yield outcome, snapshot


def _without_shipments(outcomes: Iterable[Outcome]) -> Iterator[Step]:
    return ((outcome, None) for outcome in outcomes)


def _request_name(kind: type[Action], error: ApiError) -> str:
    """The optional request's name. The check before a purchase has its own, whatever its endpoint is used for otherwise."""
    if kind is BuyLabel and error.method == "GET" and error.api == "Sendcloud":
        return LAST_CHECK
    return ""


_ORDER = (RecordDecision, AdoptShipment, WithdrawIncoming, PushIncoming, BuyLabel, WriteBack, RemoveTracking)


def _place(action: Action) -> int:
    return _ORDER.index(type(action))


def _skipped(action: Action) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.SKIPPED,
        reason=NOT_ANSWERED,
        cost_bearing=isinstance(action, BuyLabel),
    )


def _purchases(
    context: RunContext, snapshot: Snapshot, plan: Plan, purchases: Sequence[BuyLabel]
) -> Iterator[Step]:
    """One purchase after another. A refused check holds up no other purchase."""
    if plan.stopped:
        yield from ((_not_bought(purchase, reason=plan.stop_code), None) for purchase in purchases)
        return
    reserve = WritebackReserve.of(context)
    failures = RecordFailures[BuyLabel]()
    purchases = context.questions.retry_order("sendcloud", purchases, _has_failed)
    fresh = CurrentDeliveries(
        context,
        [purchase.record for purchase in purchases],
        lambda due: siblings_to_read(context.records, due),
    )
    for place, action in enumerate(purchases):
        context.stop()
        if not reserve.allows(snapshot, action):
            yield _not_bought(action, reason=CALLS_RESERVED), None
            continue
        if context.questions.is_paused("sendcloud", LAST_CHECK) or context.questions.is_paused(
            "sendcloud", announce_call(action)
        ):
            yield _not_bought(action, reason=NOT_ANSWERED), None
            continue
        delivery, unread, gone = _current_delivery(fresh, place, action)
        if unread is not None:
            yield _not_bought(action, reason="changed_meanwhile"), None
            continue
        try:
            outcome, shipment = buy(context, snapshot, action, delivery, gone=gone)
        except ApiError as error:
            failures.add(action, error, has_failed=_has_failed(action))
            continue
        yield from _without_shipments(
            not_bought(context, purchase, why) for purchase, why in failures.take_confirmed()
        )
        if shipment:
            snapshot = snapshot.with_shipment(shipment)
            reserve.add_label()
        yield outcome, snapshot
    yield from _without_shipments(not_bought(context, purchase, why) for purchase, why in failures.rest())


def _has_failed(action: BuyLabel) -> bool:
    return "label" in action.record.problems


def _current_delivery(
    fresh: CurrentDeliveries, place: int, action: BuyLabel
) -> tuple[GoodsDelivery | None, UnreadableRow | None, frozenset[DeliveryId]]:
    """The delivery right before its purchase, or why it can't be read; neither if it was deleted (S2).

    Also which labelled deliveries of its orders were deleted. If one of these can't be read, nothing is bought.
    """
    found, key = fresh.at(place), action.delivery_id
    read = {row.entry_id: row for row in found.rows}
    siblings, unread = fresh.read_with[key], found.unread
    waiting = [
        unread[sibling] for sibling in siblings if sibling in unread and not unread[sibling].is_its_own
    ]
    gone = frozenset(DeliveryId(name) for name in found.gone(siblings, read))
    return read.get(key), unread.get(key) or next(iter(waiting), None), gone


def _not_bought(action: BuyLabel, *, reason: str) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.SKIPPED,
        reason=reason,
        cost_bearing=True,
        request=action.request.body,
    )


def _record_decisions(context: RunContext, actions: Sequence[Action]) -> Iterator[Outcome]:
    """Record the decisions that send nothing, in one event."""
    note_decisions(context.records, actions)
    for action in actions:
        if isinstance(action, RecordDecision):
            yield recorded_outcome(action)


def note_decisions(records: RecordStore, actions: Sequence[Action]) -> None:
    """Record the decisions that send nothing: later plans depend on them, in a dry run too."""
    remembered = [action for action in actions if isinstance(action, RecordDecision)]
    decided = [record for action in remembered for record in action.records]
    if decided:
        reasons = sorted({action.reason for action in remembered if action.records})
        records.note("decided", *decided, facts={"count": len(decided), "reasons": list(reasons)})


def recorded_outcome(action: RecordDecision) -> Outcome:
    """The outcome of a decision that sends nothing."""
    kind = OutcomeKind.HELD if action.problem else OutcomeKind.SKIPPED
    if action.reason == "label_unknown":
        kind = OutcomeKind.UNKNOWN
    problem = action.problem.as_problem() if action.problem else None
    return Outcome(
        action.kind, action.subject, kind, reason=action.reason, problem=problem, listed=action.is_news
    )
