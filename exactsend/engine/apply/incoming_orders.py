"""Pushes incoming orders in batches, in which a bad one holds up no other (S13), and withdraws them (S7)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from exactsend.domain.ids import OrderId
from exactsend.domain.problems import Problem
from exactsend.domain.records import IncomingRecord, IncomingState, ProblemRecord, Record, free_retry_pause
from exactsend.engine.apply.vanished_incoming_orders import vanished_since
from exactsend.engine.optional_requests import RecordFailures, pause_after
from exactsend.engine.plan.actions import Outcome, OutcomeKind, PushIncoming, WithdrawIncoming
from exactsend.engine.plan.service_errors import not_withdrawn, order_refusal
from exactsend.engine.run_context import RunContext
from exactsend.errors import ApiError, FieldProblem, Refused, is_refusal
from exactsend.sendcloud.models import StoredOrder
from exactsend.sendcloud.refusals import culprit_index, is_still_processing
from exactsend.sendcloud.wire import delete_order, push_orders

BATCH_SIZE = 100
"""Orders in one call. Source: Sendcloud, API v3, Orders."""
MAX_REFUSED_SINGLY = 10
"""After this many refused orders a batch is split in halves."""
STILL_PROCESSING = "still_processing"


PUSHING = "POST orders"


def push_all(context: RunContext, actions: Sequence[PushIncoming]) -> Iterator[Outcome]:
    """Push these incoming orders, all that Sendcloud accepts."""
    if context.questions.is_paused("sendcloud", PUSHING):
        return
    failures = RecordFailures[PushIncoming]()
    actions = context.questions.retry_order("sendcloud", actions, lambda push: _has_failed(context, push))
    for start in range(0, len(actions), BATCH_SIZE):
        context.stop()
        batch = list(actions[start : start + BATCH_SIZE])
        taken = vanished_since(context, batch)
        yield from (_removed_by_person(context, push, taken[push.ref]) for push in batch if push.ref in taken)
        standing = [push for push in batch if push.ref not in taken]
        yield from _push_batch(context, standing, failures, culprits=0)
    yield from (_set_aside(context, push, why) for push, why in failures.rest())


def _push_batch(
    context: RunContext, batch: list[PushIncoming], failures: RecordFailures[PushIncoming], culprits: int
) -> Iterator[Outcome]:
    if not batch:
        return
    try:
        stored = context.request_log.record_and_send(
            "",
            push_orders([action.body for action in batch]),
            context.sendcloud.push_orders,
            intent=lambda: _note_pushing(context, batch),
        )
    except ApiError as refused:
        if not is_refusal(refused):
            raise
        yield from _without_culprit(context, batch, failures, refused, culprits)
    else:
        context.questions.answered("sendcloud", PUSHING)
        _note_pushed(context, batch, stored)
        yield from (_set_aside(context, push, why) for push, why in failures.take_confirmed())
        for action in batch:
            yield Outcome(action.kind, action.subject, OutcomeKind.DONE, request=action.body)


def _without_culprit(
    context: RunContext,
    batch: list[PushIncoming],
    failures: RecordFailures[PushIncoming],
    refused: ApiError,
    culprits: int,
) -> Iterator[Outcome]:
    """Set aside the order that the refusal names and send the rest; if it names none, halve the batch."""
    found = next(
        (index for problem in _problems(refused) if (index := culprit_index(problem.pointer)) is not None),
        None,
    )
    if found is not None and found < len(batch) and culprits < MAX_REFUSED_SINGLY:
        yield _set_aside(context, batch[found], refused)
        yield from _push_batch(context, batch[:found] + batch[found + 1 :], failures, culprits + 1)
    elif len(batch) == 1 and found is not None:
        yield _set_aside(context, batch[0], refused)
    elif len(batch) == 1:
        failures.add(batch[0], refused, has_failed=_has_failed(context, batch[0]))
    else:
        middle = len(batch) // 2
        yield from _push_batch(context, batch[:middle], failures, culprits)
        yield from _push_batch(context, batch[middle:], failures, culprits)


def _problems(refused: ApiError) -> Sequence[FieldProblem]:
    return refused.problems if isinstance(refused, Refused) else ()


def _set_aside(context: RunContext, action: PushIncoming, refused: ApiError) -> Outcome:
    named = _problems(refused)
    if any(is_still_processing(error) for error in named):
        return Outcome(
            action.kind, action.subject, OutcomeKind.SKIPPED, reason=STILL_PROCESSING, request=action.body
        )
    mine = [error for error in named if culprit_index(error.pointer) is not None] or named
    problem = order_refusal(action.subject, mine, refused.said or refused.message, action.body)
    _note_refused(context, action, _problem_record(context, action, problem, refused))
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.FAILED,
        reason=problem.code,
        request=action.body,
        problem=problem,
    )


def _problem_record(
    context: RunContext, action: PushIncoming, problem: Problem, refused: ApiError
) -> ProblemRecord:
    """The refusal as a problem of the order or delivery. It is tried again in any case, since Sendcloud may fix the cause."""
    now = context.clock()
    seen = ProblemRecord.seen("order", problem, at=now, before=_problem_before(context, action))
    return seen.replace(next_try=now + pause_after(refused, seen.attempts))


def _has_failed(context: RunContext, action: PushIncoming) -> bool:
    return _problem_before(context, action) is not None


def _problem_before(context: RunContext, action: PushIncoming) -> ProblemRecord | None:
    if action.order is not None:
        order = context.records.order(action.order.order_id)
        return order.problem if order else None
    delivery = context.records.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return delivery.problems.get("order") if delivery else None


def _note_pushing(context: RunContext, batch: Sequence[PushIncoming]) -> None:
    records = [_record_for(context, action, IncomingState.PUSHING) for action in batch]
    context.records.note("entries_pushing", *records, facts={"count": len(batch)})


def _note_pushed(context: RunContext, batch: Sequence[PushIncoming], stored: Sequence[StoredOrder]) -> None:
    ids = {stored_order.order_id: stored_order.id for stored_order in stored}
    records: list[Record] = []
    for action in batch:
        incoming_order = _record_for(context, action, IncomingState.PUSHED)
        records.append(
            incoming_order.replace(
                sendcloud_id=ids.get(action.ref) or incoming_order.sendcloud_id,
                fingerprint=action.fingerprint,
                recipient=action.recipient,
            )
        )
        records += _owner_after(context, action)
    context.records.note("entries_pushed", *records, facts={"numbers": [action.number for action in batch]})


def _owner_after(context: RunContext, action: PushIncoming) -> list[Record]:
    if action.order is not None:
        return [action.order]
    known = context.records.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return [known.without_problem("order")] if known and "order" in known.problems else []


def _note_refused(context: RunContext, action: PushIncoming, problem: ProblemRecord) -> None:
    known = context.records.incoming(action.ref)
    never_stood = known is None or not (known.sendcloud_id or known.fingerprint)
    incoming_order = _record_for(
        context, action, IncomingState.WITHDRAWN if never_stood else IncomingState.PUSHED
    )
    records: list[Record] = [incoming_order.replace(refused=action.fingerprint)]
    if action.order is not None:
        records.append(action.order.replace(problem=problem))
    elif action.subject.delivery_id and (delivery := context.records.delivery(action.subject.delivery_id)):
        records.append(delivery.with_problem(problem))
    context.records.note(
        "order_refused", *records, subject=action.ref, facts={"number": action.number, "code": problem.code}
    )


def _record_for(context: RunContext, action: PushIncoming, state: IncomingState) -> IncomingRecord:
    known = context.records.incoming(action.ref)
    incoming_order = known or IncomingRecord(
        ref=action.ref, number=action.number, state=state, changed_at=context.clock()
    )
    order = action.subject.order_id or incoming_order.order or _order_of(context, action)
    if not incoming_order.stands:
        incoming_order = incoming_order.replace(stored_at=None, missed_at=None)
    return incoming_order.replace(
        number=action.number,
        state=state,
        order=order,
        delivery=action.subject.delivery_id,
        refused="",
        absent_looks=0,
        found_again=0,
        changed_at=context.clock(),
    )


def _order_of(context: RunContext, action: PushIncoming) -> OrderId | None:
    """The order whose incoming order a delivery has taken over."""
    known = context.records.delivery(action.subject.delivery_id) if action.subject.delivery_id else None
    return known.order_ids[0] if known and known.order_ids and "-o-" in action.ref else None


def _removed_by_person(context: RunContext, action: PushIncoming, incoming_order: IncomingRecord) -> Outcome:
    """The outcome for one that a person removed. Pushing it again would allow a second label to be made from it (S7)."""
    context.records.note(
        "entry_vanished", incoming_order, subject=action.ref, facts={"number": incoming_order.number}
    )
    return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason="taken_in_panel")


# ── withdrawing ──────────────────────────────────────────────────────────────────────────────────


WITHDRAWING = "DELETE orders/{id}"
MAX_FOUND_AGAIN = 3
"""How often one may reappear after its withdrawal: Sendcloud may get the deletion before it has stored the order."""


def withdraw_all(context: RunContext, actions: Sequence[WithdrawIncoming]) -> Iterator[Outcome]:
    """Withdraw these incoming orders. One that Sendcloud refuses to delete holds up no other."""
    failures = RecordFailures[WithdrawIncoming]()

    def of_the_record(found: Iterable[tuple[WithdrawIncoming, ApiError]]) -> Iterator[Outcome]:
        for action, error in found:
            pause = partial(pause_after, error)
            yield _not_withdrawn(context, action, error.said or error.message, pause)

    for action in context.questions.retry_order(
        "sendcloud", actions, lambda withdrawal: _is_problem(context, withdrawal)
    ):
        context.stop()
        try:
            outcome = _withdraw(context, action)
        except ApiError as error:
            failures.add(action, error, has_failed=_is_problem(context, action))
            continue
        yield from of_the_record(failures.take_confirmed())
        yield outcome
    yield from of_the_record(failures.rest())


def _is_problem(context: RunContext, action: WithdrawIncoming) -> bool:
    incoming_order = context.records.incoming(action.ref)
    return incoming_order is not None and incoming_order.problem is not None


def _withdraw(context: RunContext, action: WithdrawIncoming) -> Outcome:
    """Withdraw one. Recorded before the call, which is repeated until two lookups found nothing."""
    incoming_order = context.records.incoming(action.ref)
    assert incoming_order is not None, "only entries that are remembered are withdrawn"
    found_again = incoming_order.found_again + 1 if incoming_order.state is IncomingState.WITHDRAWING else 0
    records: list[Record] = [
        incoming_order.replace(
            state=IncomingState.WITHDRAWING,
            absent_looks=0,
            found_again=found_again,
            changed_at=context.clock(),
        )
    ]
    if action.order is not None:
        records.append(action.order)
    facts = {"number": incoming_order.number, "reason": action.reason}
    note = partial(
        context.records.note, "entry_withdrawing", *records, subject=action.ref, facts=dict(facts.items())
    )
    delete = context.sendcloud.delete_order
    if context.questions.is_paused("sendcloud", WITHDRAWING):
        note()
        return Outcome(action.kind, action.subject, OutcomeKind.SKIPPED, reason=action.reason)
    if stored := incoming_order.sendcloud_id:
        context.request_log.record_and_send(action.ref, delete_order(stored), delete, intent=note)
    else:
        note()
        if stored := _looked_up(context, incoming_order):
            context.request_log.record_and_send(action.ref, delete_order(stored), delete)
    if stored:
        context.questions.answered("sendcloud", WITHDRAWING)
        if found_again >= MAX_FOUND_AGAIN:
            said = "Sendcloud answers that it is deleted, but shows it again"
            return _not_withdrawn(context, action, said, free_retry_pause)
    return Outcome(action.kind, action.subject, OutcomeKind.DONE, reason=action.reason)


def _not_withdrawn(
    context: RunContext, action: WithdrawIncoming, said: str, pause: Callable[[int], timedelta]
) -> Outcome:
    """Record that Sendcloud does not delete it: reported and tried again, because a person could make a label from it."""
    incoming_order = context.records.incoming(action.ref)
    assert incoming_order is not None, "it was remembered before it was to be deleted"
    problem = not_withdrawn(incoming_order.number, said)
    seen = ProblemRecord.seen("order", problem, at=context.clock(), before=incoming_order.problem)
    seen = seen.replace(next_try=context.clock() + pause(seen.attempts))
    facts = {"number": incoming_order.number, "code": problem.code}
    context.records.note(
        "entry_not_withdrawn",
        incoming_order.replace(problem=seen),
        subject=action.ref,
        facts=dict(facts.items()),
    )
    return Outcome(action.kind, action.subject, OutcomeKind.FAILED, reason=problem.code, problem=problem)


def _looked_up(context: RunContext, incoming_order: IncomingRecord) -> str:
    found = context.sendcloud.stored_order(incoming_order.ref, integration=context.identity.integration)
    return found.id if found else ""
