"""Go through a plan: the free actions in batches, the purchases one after another, each written down before the next."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from exactsend.apply.adopting import adopt
from exactsend.apply.budget import CALLS_RESERVED, Reserve
from exactsend.apply.entries import STILL_PROCESSING, push_all, withdraw
from exactsend.apply.hands import Hands
from exactsend.apply.labels import buy
from exactsend.apply.writebacks import write_back_all
from exactsend.domain.ids import DeliveryId
from exactsend.exact.models import GoodsDelivery
from exactsend.logbook import tell
from exactsend.memory import Memory, todo_delivery, todo_order
from exactsend.plan.actions import (
    Action,
    AdoptShipment,
    BuyLabel,
    Kind,
    Outcome,
    OutcomeKind,
    Plan,
    PushIncoming,
    Remember,
    Subject,
    WithdrawIncoming,
    WriteBack,
)
from exactsend.snapshot import Snapshot

log = logging.getLogger(__name__)

FRESH = 5
"""Purchases whose deliveries are read again together, right before they are made (S2)."""
FRESH_FOR = timedelta(seconds=15)
"""What was read longer ago than this is read again before the next purchase: a carrier may be slow."""


def apply(hands: Hands, snapshot: Snapshot, plan: Plan) -> tuple[Snapshot, tuple[Outcome, ...]]:
    """Carry out a plan; gives the snapshot with the shipments as they are now, and what became of every action."""
    outcomes: list[Outcome] = []
    for outcome in _outcomes(hands, snapshot, plan):
        outcomes.append(outcome[0])
        hands.done(outcome[0])
        _log(outcome[0])
        if outcome[1] is not None:
            snapshot = outcome[1]
        hands.step(len(outcomes), len(plan.actions))
    return snapshot, tuple(outcomes)


def _log(outcome: Outcome) -> None:
    """A line for each action; what needed nothing is told in detail only."""
    subject, problem = outcome.subject, outcome.problem
    tell(
        log,
        logging.INFO if outcome.listed else logging.DEBUG,
        outcome.kind,
        problem.message if problem else "",
        outcome=outcome.outcome,
        order=", ".join(map(str, subject.order_numbers)),
        delivery=None if subject.delivery_number is None else str(subject.delivery_number),
        shipment=outcome.shipment_id,
        reason=outcome.reason,
    )


def decided(plan: Plan, outcomes: Sequence[Outcome]) -> list[str]:
    """The todo keys that nothing is left to decide about, once the plan is carried out."""
    undecided = {key for outcome in outcomes if is_undecided(outcome) for key in _keys(outcome.subject)}
    return [key for key in plan.decided if key not in undecided]


def is_undecided(outcome: Outcome) -> bool:
    """Whether the next run must decide about it again, without being told by Exact.

    A label that was taken over is looked at once more as the label that it now is: beside another one, or of a cancelled order.
    """
    if outcome.kind is Kind.LABEL_ADOPT and outcome.outcome in {OutcomeKind.DONE, OutcomeKind.HELD}:
        return True
    passing = {STILL_PROCESSING, "changed_meanwhile", "safety_limit", CALLS_RESERVED}
    return outcome.outcome is OutcomeKind.SKIPPED and outcome.reason in passing


def _keys(subject: Subject) -> list[str]:
    keys = [todo_order(subject.order_id)] if subject.order_id else []
    return keys + ([todo_delivery(subject.delivery_id)] if subject.delivery_id else [])


Step = tuple[Outcome, Snapshot | None]


def _outcomes(hands: Hands, snapshot: Snapshot, plan: Plan) -> Iterator[Step]:
    for kind, group in groupby(sorted(plan.actions, key=_place), key=type):
        actions = list(group)
        if kind is Remember:
            yield from ((one, None) for one in _remember(hands, actions))
        elif kind is PushIncoming:
            yield from (
                (one, None) for one in push_all(hands, [a for a in actions if isinstance(a, PushIncoming)])
            )
        elif kind is WriteBack:
            yield from (
                (one, None) for one in write_back_all(hands, [a for a in actions if isinstance(a, WriteBack)])
            )
        elif kind is BuyLabel:
            for step in _purchases(hands, snapshot, plan, [a for a in actions if isinstance(a, BuyLabel)]):
                snapshot = step[1] or snapshot
                yield step
        else:
            for action in actions:
                hands.stop()
                outcome, snapshot = _single(hands, snapshot, action)
                yield outcome, snapshot


_ORDER = (Remember, AdoptShipment, WithdrawIncoming, PushIncoming, BuyLabel, WriteBack)


def _place(action: Action) -> int:
    return _ORDER.index(type(action))


def _single(hands: Hands, snapshot: Snapshot, action: Action) -> tuple[Outcome, Snapshot]:
    match action:
        case AdoptShipment():
            outcome, shipment = adopt(hands, action)
            return outcome, snapshot.with_shipment(shipment) if shipment else snapshot
        case WithdrawIncoming():
            return withdraw(hands, action), snapshot
        case _:
            raise AssertionError(f"{type(action).__name__} is carried out in a group")


def _purchases(hands: Hands, snapshot: Snapshot, plan: Plan, purchases: Sequence[BuyLabel]) -> Iterator[Step]:
    if plan.stopped:
        yield from ((_not_bought(one, reason="safety_limit"), None) for one in purchases)
        return
    reserve = Reserve.of(hands)
    fresh: dict[DeliveryId, GoodsDelivery] = {}
    read_at: datetime | None = None
    for place, action in enumerate(purchases):
        hands.stop()
        if not reserve.allows(snapshot, action):
            yield _not_bought(action, reason=CALLS_RESERVED), None
            continue
        if read_at is None or place % FRESH == 0 or hands.clock() - read_at > FRESH_FOR:
            following = [one.delivery_id for one in purchases[place : place + FRESH]]
            fresh = {DeliveryId(one.entry_id): one for one in hands.exact.deliveries(following)}
            read_at = hands.clock()
        outcome, shipment = buy(hands, snapshot, action, fresh.get(action.delivery_id))
        if shipment:
            snapshot = snapshot.with_shipment(shipment)
            reserve.bought()
        yield outcome, snapshot


def _not_bought(action: BuyLabel, *, reason: str) -> Outcome:
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.SKIPPED,
        reason=reason,
        cost_bearing=True,
        request=action.request.body,
    )


def _remember(hands: Hands, actions: Sequence[Action]) -> Iterator[Outcome]:
    """Write down in one event what was decided where nothing is sent."""
    note_decisions(hands.memory, actions)
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
