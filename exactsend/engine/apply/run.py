"""Go through a plan: the free actions in batches, the purchases one after another, each written down before the next."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from exactsend.domain.ids import DeliveryId
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_store import Memory
from exactsend.domain.shown_problem import shown
from exactsend.engine.apply.adopt import adopt
from exactsend.engine.apply.call_budget import CALLS_RESERVED, Reserve
from exactsend.engine.apply.current_deliveries import Fresh
from exactsend.engine.apply.incoming_orders import STILL_PROCESSING, push_all, withdraw_all
from exactsend.engine.apply.label_purchase import LOOK_UP, announcing, buy, not_bought
from exactsend.engine.apply.prepurchase_check import siblings_to_read
from exactsend.engine.apply.tracking_removal import take_back_all
from exactsend.engine.apply.writeback import write_back_all
from exactsend.engine.optional_requests import Failures
from exactsend.engine.plan.actions import (
    Action,
    ActionKind,
    AdoptShipment,
    BuyLabel,
    Outcome,
    OutcomeKind,
    Plan,
    PushIncoming,
    Remember,
    Subject,
    TakeBack,
    WithdrawIncoming,
    WriteBack,
)
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.query_results import UnreadableRow
from exactsend.system.structured_log import tell

log = logging.getLogger(__name__)


def apply(context: RunContext, snapshot: Snapshot, plan: Plan) -> tuple[Snapshot, tuple[Outcome, ...]]:
    """Carry out a plan; gives the snapshot with the shipments as they are now, and what became of every action."""
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
    """A line for each action; what needed nothing is told in detail only."""
    subject, problem = outcome.subject, outcome.problem
    tell(
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
    """Whether the next run must decide about it again, without being told by Exact.

    A label that was taken over is looked at once more as the label that it now is: beside another one, or of a cancelled order.
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
"""Reason: left out in this run, since the service refuses all of its kind; the next runs try again."""


def _outcomes(context: RunContext, snapshot: Snapshot, plan: Plan) -> Iterator[Step]:
    """What becomes of every action, one kind after another. A kind that is refused altogether stops no other."""
    for kind, group in groupby(sorted(plan.actions, key=_place), key=type):
        actions = list(group)
        seen: set[int] = set()
        try:
            for step in _of_kind(context, snapshot, plan, kind, actions):
                seen.add(id(step[0].subject))
                snapshot = step[1] or snapshot
                yield step
        except ApiError as error:
            context.questions.give_up(error, name=_name_of(kind, error))
        yield from ((_left_out(action), None) for action in actions if id(action.subject) not in seen)


def _of_kind(
    context: RunContext, snapshot: Snapshot, plan: Plan, kind: type[Action], actions: Sequence[Action]
) -> Iterator[Step]:
    if kind is Remember:
        yield from _alone(_remember(context, actions))
    elif kind is WithdrawIncoming:
        yield from _alone(
            withdraw_all(
                context, [candidate for candidate in actions if isinstance(candidate, WithdrawIncoming)]
            )
        )
    elif kind is PushIncoming:
        yield from _alone(
            push_all(context, [candidate for candidate in actions if isinstance(candidate, PushIncoming)])
        )
    elif kind is WriteBack:
        yield from _alone(
            write_back_all(context, [candidate for candidate in actions if isinstance(candidate, WriteBack)])
        )
    elif kind is TakeBack:
        yield from _alone(
            take_back_all(context, [candidate for candidate in actions if isinstance(candidate, TakeBack)])
        )
    elif kind is BuyLabel:
        yield from _purchases(
            context, snapshot, plan, [candidate for candidate in actions if isinstance(candidate, BuyLabel)]
        )
    else:
        for action in actions:
            context.stop()
            assert isinstance(action, AdoptShipment), f"{type(action).__name__} is carried out in a group"
            outcome, shipment = adopt(context, action)
            snapshot = snapshot.with_shipment(shipment) if shipment else snapshot
            yield outcome, snapshot


def _alone(outcomes: Iterable[Outcome]) -> Iterator[Step]:
    return ((outcome, None) for outcome in outcomes)


def _name_of(kind: type[Action], error: ApiError) -> str:
    """What is remembered as refused: the look before a purchase is a question of its own, however else its endpoint is asked."""
    if kind is BuyLabel and error.method == "GET" and error.api == "Sendcloud":
        return LOOK_UP
    return ""


_ORDER = (Remember, AdoptShipment, WithdrawIncoming, PushIncoming, BuyLabel, WriteBack, TakeBack)


def _place(action: Action) -> int:
    return _ORDER.index(type(action))


def _left_out(action: Action) -> Outcome:
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
    """One purchase after another. One whose last look is refused holds up no other."""
    if plan.stopped:
        yield from ((_not_bought(purchase, reason=plan.stop_code), None) for purchase in purchases)
        return
    reserve = Reserve.of(context)
    failures = Failures[BuyLabel]()
    purchases = context.questions.in_order("sendcloud", purchases, _has_failed)
    fresh = Fresh(
        context,
        [purchase.record for purchase in purchases],
        lambda candidate: siblings_to_read(context.memory, candidate),
    )
    for place, action in enumerate(purchases):
        context.stop()
        if not reserve.allows(snapshot, action):
            yield _not_bought(action, reason=CALLS_RESERVED), None
            continue
        if context.questions.holds_back("sendcloud", LOOK_UP) or context.questions.holds_back(
            "sendcloud", announcing(action)
        ):
            yield _not_bought(action, reason=NOT_ANSWERED), None
            continue
        delivery, unread, gone = _as_it_is(fresh, place, action)
        if unread is not None:
            yield _not_bought(action, reason="changed_meanwhile"), None
            continue
        try:
            outcome, shipment = buy(context, snapshot, action, delivery, gone=gone)
        except ApiError as error:
            failures.add(action, error, has_failed=_has_failed(action))
            continue
        yield from _alone(not_bought(context, purchase, why) for purchase, why in failures.their_own())
        if shipment:
            snapshot = snapshot.with_shipment(shipment)
            reserve.bought()
        yield outcome, snapshot
    yield from _alone(not_bought(context, purchase, why) for purchase, why in failures.rest())


def _has_failed(action: BuyLabel) -> bool:
    return "label" in action.record.problems


def _as_it_is(
    fresh: Fresh, place: int, action: BuyLabel
) -> tuple[GoodsDelivery | None, UnreadableRow | None, frozenset[DeliveryId]]:
    """The delivery right before it is bought for, or why it can't be read; neither: it is gone (S2).

    And the labelled deliveries of its orders that are gone. Where it is not known of one whether it is, nothing is bought.
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


def _remember(context: RunContext, actions: Sequence[Action]) -> Iterator[Outcome]:
    """Write down in one event what was decided where nothing is sent."""
    note_decisions(context.memory, actions)
    for action in actions:
        if isinstance(action, Remember):
            yield remembered_outcome(action)


def note_decisions(memory: Memory, actions: Sequence[Action]) -> None:
    """Note what was decided where nothing is sent: what is planned next rests on it, in a dry run too."""
    remembered = [action for action in actions if isinstance(action, Remember)]
    records = [record for action in remembered for record in action.records]
    if records:
        reasons = sorted({action.reason for action in remembered if action.records})
        memory.note("decided", *records, facts={"count": len(records), "reasons": list(reasons)})


def remembered_outcome(action: Remember) -> Outcome:
    """How a decision that sends nothing is reported."""
    kind = OutcomeKind.HELD if action.problem else OutcomeKind.SKIPPED
    if action.reason == "label_unknown":
        kind = OutcomeKind.UNKNOWN
    problem = action.problem.as_problem() if action.problem else None
    return Outcome(
        action.kind, action.subject, kind, reason=action.reason, problem=problem, listed=action.is_news
    )
