"""Incoming orders: pushed in batches of which one bad order never holds up the others (S13), withdrawn until they are gone (S7)."""

from collections.abc import Iterator, Sequence

from exactsend.apply.hands import Hands
from exactsend.domain.ids import OrderId
from exactsend.domain.problems import Problem
from exactsend.domain.records import IncomingRecord, IncomingState, ProblemRecord, Record, free_retry_pause
from exactsend.errors import Forbidden, Refused
from exactsend.plan.actions import Outcome, OutcomeKind, PushIncoming, WithdrawIncoming
from exactsend.plan.failures import order_refusal
from exactsend.sendcloud.models import StoredOrder
from exactsend.sendcloud.wire import culprit_index, delete_order, is_still_processing, push_orders

BATCH = 100
"""At most this many orders in one call. Source: Sendcloud, API v3, Orders."""
CULPRITS = 10
"""After this many refused orders of one batch it is split in halves."""
STILL_PROCESSING = "still_processing"


def push_all(hands: Hands, actions: Sequence[PushIncoming]) -> Iterator[Outcome]:
    """Push these entries, all that Sendcloud takes."""
    for start in range(0, len(actions), BATCH):
        hands.stop()
        yield from _push_batch(hands, list(actions[start : start + BATCH]), culprits=0)


def _push_batch(hands: Hands, batch: list[PushIncoming], culprits: int) -> Iterator[Outcome]:
    if not batch:
        return
    _note_pushing(hands, batch)
    try:
        stored = hands.sendcloud.push_orders([action.body for action in batch])
    except Forbidden:
        raise
    except Refused as refused:
        yield from _without_culprit(hands, batch, refused, culprits)
    else:
        _note_pushed(hands, batch, stored)
        for action in batch:
            yield Outcome(action.kind, action.subject, OutcomeKind.DONE, request=action.body)


def _without_culprit(
    hands: Hands, batch: list[PushIncoming], refused: Refused, culprits: int
) -> Iterator[Outcome]:
    """All or nothing: set the order that the refusal names aside and send the rest."""
    found = next(
        ((index, one) for one in refused.problems if (index := culprit_index(one.pointer)) is not None), None
    )
    if found is not None and found[0] < len(batch) and culprits < CULPRITS:
        yield _set_aside(hands, batch[found[0]], refused)
        yield from _push_batch(hands, batch[: found[0]] + batch[found[0] + 1 :], culprits + 1)
    elif len(batch) == 1:
        yield _set_aside(hands, batch[0], refused)
    else:
        middle = len(batch) // 2
        yield from _push_batch(hands, batch[:middle], culprits)
        yield from _push_batch(hands, batch[middle:], culprits)


def _set_aside(hands: Hands, action: PushIncoming, refused: Refused) -> Outcome:
    if any(is_still_processing(one) for one in refused.problems):
        return Outcome(
            action.kind, action.subject, OutcomeKind.SKIPPED, reason=STILL_PROCESSING, request=action.body
        )
    mine = [one for one in refused.problems if culprit_index(one.pointer) is not None] or refused.problems
    problem = order_refusal(action.subject, mine, refused.message, action.body)
    _note_refused(hands, action, _problem_record(hands, action, problem))
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.FAILED,
        reason=problem.code,
        request=action.body,
        problem=problem,
    )


def _problem_record(hands: Hands, action: PushIncoming, problem: Problem) -> ProblemRecord:
    """The refusal as it is remembered of the order or delivery. Its cure may lie at Sendcloud, so it is tried again in any case."""
    now = hands.clock()
    seen = ProblemRecord.seen("order", problem, at=now, before=_problem_before(hands, action))
    return seen.but(next_try=now + free_retry_pause(seen.attempts))


def _problem_before(hands: Hands, action: PushIncoming) -> ProblemRecord | None:
    if action.order is not None:
        order = hands.memory.order(action.order.order_id)
        return order.problem if order else None
    delivery = hands.memory.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return delivery.problems.get("order") if delivery else None


def _note_pushing(hands: Hands, batch: Sequence[PushIncoming]) -> None:
    records = [_entry(hands, action, IncomingState.PUSHING) for action in batch]
    hands.exchanges.will_send("", push_orders([action.body for action in batch]))
    hands.memory.note("entries_pushing", *records, facts={"count": len(batch)})


def _note_pushed(hands: Hands, batch: Sequence[PushIncoming], stored: Sequence[StoredOrder]) -> None:
    ids = {one.order_id: one.id for one in stored}
    records: list[Record] = []
    for action in batch:
        entry = _entry(hands, action, IncomingState.PUSHED)
        records.append(
            entry.but(sendcloud_id=ids.get(action.ref) or entry.sendcloud_id, fingerprint=action.fingerprint)
        )
        records += _owner_after(hands, action)
    hands.memory.note("entries_pushed", *records, facts={"numbers": [action.number for action in batch]})


def _owner_after(hands: Hands, action: PushIncoming) -> list[Record]:
    if action.order is not None:
        return [action.order]
    known = hands.memory.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return [known.without_problem("order")] if known and "order" in known.problems else []


def _note_refused(hands: Hands, action: PushIncoming, problem: ProblemRecord) -> None:
    known = hands.memory.incoming(action.ref)
    never_stood = known is None or not (known.sendcloud_id or known.fingerprint)
    entry = _entry(hands, action, IncomingState.WITHDRAWN if never_stood else IncomingState.PUSHED)
    records: list[Record] = [entry.but(refused=action.fingerprint)]
    if action.order is not None:
        records.append(action.order.but(problem=problem))
    elif action.subject.delivery_id and (delivery := hands.memory.delivery(action.subject.delivery_id)):
        records.append(delivery.with_problem(problem))
    hands.memory.note(
        "order_refused", *records, subject=action.ref, facts={"number": action.number, "code": problem.code}
    )


def _entry(hands: Hands, action: PushIncoming, state: IncomingState) -> IncomingRecord:
    known = hands.memory.incoming(action.ref)
    entry = known or IncomingRecord(
        ref=action.ref, number=action.number, state=state, changed_at=hands.clock()
    )
    order = action.subject.order_id or entry.order or _order_of(hands, action)
    return entry.but(
        number=action.number,
        state=state,
        order=order,
        delivery=action.subject.delivery_id,
        refused="",
        absent_looks=0,
        changed_at=hands.clock(),
    )


def _order_of(hands: Hands, action: PushIncoming) -> OrderId | None:
    """The order whose entry a delivery has taken over."""
    known = hands.memory.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return known.order_ids[0] if known and known.order_ids and "-o-" in action.ref else None


# ── withdrawing ──────────────────────────────────────────────────────────────────────────────────


def withdraw(hands: Hands, action: WithdrawIncoming) -> Outcome:
    """Take an entry out. That it is to be gone is remembered first: the call is repeated until two looks found nothing."""
    entry = hands.memory.incoming(action.ref)
    assert entry is not None, "only entries that are remembered are withdrawn"
    records: list[Record] = [
        entry.but(state=IncomingState.WITHDRAWING, absent_looks=0, changed_at=hands.clock())
    ]
    if action.order is not None:
        records.append(action.order)
    facts = {"number": entry.number, "reason": action.reason}
    if entry.sendcloud_id:
        hands.exchanges.will_send(action.ref, delete_order(entry.sendcloud_id))
    hands.memory.note("entry_withdrawing", *records, subject=action.ref, facts=dict(facts.items()))
    stored = entry.sendcloud_id or _looked_up(hands, entry)
    if stored:
        if not entry.sendcloud_id:
            hands.exchanges.will_send(action.ref, delete_order(stored))
        hands.sendcloud.delete_order(stored)
    return Outcome(action.kind, action.subject, OutcomeKind.DONE, reason=action.reason)


def _looked_up(hands: Hands, entry: IncomingRecord) -> str:
    found = hands.sendcloud.stored_order(entry.ref, integration=hands.identity.integration)
    return found.id if found else ""
