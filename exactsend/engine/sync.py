"""START HERE. One run of one division: gather, plan, guard, apply, and the result to report.

``sync`` shows the whole run. This module prints nothing, never waits, and reads no clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import ProblemRecord
from exactsend.engine.apply.call_budget import CALLS_RESERVED
from exactsend.engine.apply.run import apply, note_decisions, recorded_outcome, undecided_keys
from exactsend.engine.apply.tracked_options import with_untracked_options
from exactsend.engine.gather.run import gather
from exactsend.engine.plan.actions import (
    Action,
    AdoptShipment,
    BuyLabel,
    Outcome,
    OutcomeKind,
    Plan,
    PushIncoming,
    RecordDecision,
    StopCode,
)
from exactsend.engine.plan.guard import with_limits
from exactsend.engine.plan.incoming_orders import plan_incoming_orders, plan_withdrawals
from exactsend.engine.plan.labels import plan_labels
from exactsend.engine.plan.orders import plan_orders
from exactsend.engine.plan.writebacks import plan_writebacks
from exactsend.engine.record_loader import with_records
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot, WorkLeft
from exactsend.errors import ApiError, ExitStatus
from exactsend.http.messages import Json
from exactsend.system.clock import TOLERANCE


class Step(StrEnum):
    """The three steps of a sync. The values are the commands that run one step alone."""

    ORDERS = "sync-orders"
    DELIVERIES = "sync-deliveries"
    WRITEBACK = "writeback-tracking"


ALL_STEPS = tuple(Step)

PLANS: dict[Step, tuple[Callable[[Snapshot], Plan], ...]] = {
    Step.ORDERS: (plan_orders, plan_withdrawals),
    Step.DELIVERIES: (plan_labels, plan_incoming_orders, plan_withdrawals),
    Step.WRITEBACK: (plan_writebacks,),
}
"""What each step plans, in this order: incoming orders depend on what became of the labels."""


@dataclass(frozen=True)
class RunResult:
    """What a run did, or would do."""

    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    """Why purchases were stopped; empty if they were not."""
    stop_code: StopCode = "safety_limit"
    needs_a_person: int = 0
    """Orders and deliveries listed by ``errors`` after the run."""
    lacking: tuple[ApiError, ...] = ()
    """Refused requests that were needed for something due."""
    left: WorkLeft = field(default_factory=WorkLeft)
    """What is due and was not processed."""

    @property
    def exit_status(self) -> ExitStatus:
        """The exit status that this result gives."""
        if self.stopped:
            return ExitStatus.API if self.stop_code == "clock_off" else ExitStatus.SAFETY
        if any(
            outcome.outcome is OutcomeKind.UNKNOWN or outcome.reason == CALLS_RESERVED
            for outcome in self.outcomes
        ):
            return ExitStatus.API
        if self.lacking:
            return ExitStatus.API
        return ExitStatus.ATTENTION if self.needs_a_person else ExitStatus.DONE


def sync(
    context: RunContext,
    steps: Sequence[Step],
    *,
    dry_run: bool = False,
    max_labels: int | None = None,
) -> RunResult:
    """One run: read both services, decide, apply the limits, then act."""
    snapshot = gather(context, orders=Step.ORDERS in steps, deliveries=Step.DELIVERIES in steps)
    return run_steps(context, snapshot, steps, dry_run=dry_run, max_labels=max_labels)


def run_steps(
    context: RunContext,
    snapshot: Snapshot,
    steps: Sequence[Step],
    *,
    dry_run: bool = False,
    max_labels: int | None = None,
) -> RunResult:
    """Run the steps on one snapshot. Each step plans on the results of the one before."""
    outcomes: list[Outcome] = []
    stop = Plan()
    _note_future_purchases(context, snapshot)
    # Nothing is written to Sendcloud unless its shipments were polled first (S7).
    for step in steps if snapshot.is_polled else [step for step in steps if step is Step.WRITEBACK]:
        settled: list[str] = []
        undecided: set[str] = set()
        if step is Step.WRITEBACK:
            snapshot = with_untracked_options(context, snapshot)
        for make_plan in PLANS[step]:
            plan = with_limits(
                make_plan(snapshot),
                snapshot.policy.labels,
                context.records.purchases,
                now=snapshot.now,
                max_labels=max_labels,
                clock_ahead=context.clock_ahead(),
            )
            stop = plan if plan.stopped else stop
            if dry_run:
                note_decisions(context.records, plan.actions)  # to an overlay that is thrown away
                outcomes += [planned_outcome(action, plan) for action in plan.actions]
                snapshot = with_records(context.records, snapshot)
                continue
            snapshot, done = apply(context, snapshot, plan)
            if plan.actions:
                snapshot = with_records(context.records, snapshot)
            outcomes += done
            settled += plan.decided
            undecided |= undecided_keys(done)
        # Only now: if the run dies between two plans of a step, the todo marks stay and the next run makes both plans.
        # Work that one plan could not finish stays due even if another plan decided about it, such as an incoming order
        # left beside a label.
        context.records.note_changes(sorted(undecided), at=context.clock(), cursors={})
        context.records.note_done([key for key in settled if key not in undecided])
    context.questions.note_refused("exact", context.exact.done_without())
    context.questions.forget_unused()
    return RunResult(
        tuple(outcomes),
        stop.stopped,
        stop.stop_code,
        needs_a_person=len(open_problems(context.records)),
        lacking=tuple(context.questions.lacking.values()),
        left=snapshot.left,
    )


def _note_future_purchases(context: RunContext, snapshot: Snapshot) -> None:
    """Note purchases dated in the future by a wrong clock: they count towards the day from when a correct clock notices them (S10)."""
    ahead = context.clock_ahead()
    if ahead is None or abs(ahead) > TOLERANCE:
        return
    before = context.records.purchases
    if (noticed := before.noticed_ahead(snapshot.now)) != before:
        context.records.note("purchases_ahead_noticed", noticed)


def planned_outcome(action: Action, plan: Plan) -> Outcome:
    """The outcome of an action that is not carried out."""
    if isinstance(action, RecordDecision):
        return recorded_outcome(action)
    is_stopped = bool(plan.stopped) and isinstance(action, BuyLabel)
    return Outcome(
        action.kind,
        action.subject,
        OutcomeKind.SKIPPED if is_stopped else OutcomeKind.PLANNED,
        reason=plan.stop_code if is_stopped else getattr(action, "reason", ""),
        cost_bearing=isinstance(action, BuyLabel),
        shipment_id=action.shipment.id if isinstance(action, AdoptShipment) else "",
        request=_request(action),
        is_new=not isinstance(action, PushIncoming) or action.is_new,
        notes=action.unchecked if isinstance(action, BuyLabel) else (),
    )


def _request(action: Action) -> Json:
    if isinstance(action, PushIncoming):
        return action.body
    return action.request.body if isinstance(action, BuyLabel) else None


def open_problems(records: RecordStore) -> list[ProblemRecord]:
    """Orders, deliveries and incoming orders with an open problem."""
    orders = [order.problem for order in records.open_orders() if order.problem]
    deliveries = [problem for delivery in records.open_deliveries() for problem in delivery.problems.values()]
    incoming_orders = [
        incoming_order.problem for incoming_order in records.open_incoming() if incoming_order.problem
    ]
    return [*orders, *deliveries, *incoming_orders]
