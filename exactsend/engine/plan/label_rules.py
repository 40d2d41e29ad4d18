"""The checks that decide whether a delivery's label is bought, in order (S1 to S7). Pure."""

from collections.abc import Iterator
from datetime import date, datetime

from exactsend.domain.policy import LabelsPolicy
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import OPEN_ATTEMPT, Attempt, AttemptState
from exactsend.engine.plan.accepted_errors import CLOSED
from exactsend.engine.plan.checks import Check, Rule
from exactsend.engine.plan.delivery_case import DeliveryCase
from exactsend.engine.plan.destinations import town_in_exact
from exactsend.engine.plan.gone_deliveries import is_settled, own_shipments
from exactsend.engine.plan.label_problems import (
    ambiguous,
    cancelled,
    live_elsewhere,
    record_damaged,
    taken_in_panel,
)
from exactsend.engine.plan.order_rules import goods_check, method_check
from exactsend.engine.plan.ownership import Candidates, candidates_read, incoming_orders_of
from exactsend.engine.snapshot import LabelRequested
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment
from exactsend.trade.exact_update import tracking_text


def label_checks(case: DeliveryCase) -> Iterator[Check]:
    """Every check of a delivery except those of its request.

    Once it has a label, only that check counts.
    """
    label = case.record.label
    yield Check(Rule.NO_LABEL, passed=label is None, reason="labelled", found=label.shipment if label else "")
    if label is not None:
        return
    answered = _purchase_answered(case)
    if answered.reason == "found_by_reference":
        yield answered
    if case.record.open_attempt is None:
        yield from ours_to_ship(case)
    if answered.reason != "found_by_reference":
        yield answered
    yield _elsewhere(case)
    yield closed_check(case)
    yield mode_check(case)
    problem = taken_in_panel(case.subject)
    yield Check(Rule.NOT_TAKEN_IN_PANEL, passed=not is_taken(case), reason=problem.code, problem=problem)
    damage = record_damaged(case.subject)
    yield Check(Rule.RECORD_SOUND, passed=not is_in_doubt(case), reason=damage.code, problem=damage)


# ── whether it is ours to ship ───────────────────────────────────────────────────────────────────


def ours_to_ship(case: DeliveryCase) -> Iterator[Check]:
    """Why a delivery without a label of ours may not be ours to ship."""
    yield start_check(
        case.delivery, case.snapshot.policy.labels, case.snapshot.records.schedule.first_run_wall
    )
    written = case.delivery.tracking_number
    yield Check(
        Rule.NO_TRACKING_NUMBER,
        passed=not written
        or written == case.record.writeback.tracking
        or _is_number_of_its_label(case, written),
        reason="has_tracking_number",
        found=written,
        wanted=case.record.writeback.tracking,
    )
    yield method_check(case.snapshot, case.consignment)
    yield goods_check(case.consignment)


def _is_number_of_its_label(case: DeliveryCase, tracking: str) -> bool:
    """Whether the tracking number is that of the delivery's label: written before the ledger was restored, or by hand."""
    found = candidates_read(case.snapshot, case.consignment, case.record).fitting
    return len(found) == 1 and tracking_text(found[0]) == tracking


def start_check(delivery: GoodsDelivery, policy: LabelsPolicy, first_run_wall: datetime | None) -> Check:
    """Whether a delivery was created since the start date, or since the first run."""
    start: date | datetime | None = policy.start_date or first_run_wall
    made = delivery.created or delivery.modified  # it was created by then at the latest
    if made is None or start is None:
        is_before = False
    elif isinstance(start, datetime):
        is_before = made < start
    else:
        is_before = made.date() < start
    return Check(
        Rule.START_DATE,
        passed=not is_before,
        reason="before_start_date",
        found=f"{made:%Y-%m-%d %H:%M}" if made else "",
        wanted=f"{start:%Y-%m-%d %H:%M}" if isinstance(start, datetime) else str(start or ""),
    )


# ── whether it has one, or somebody made one ─────────────────────────────────────────────────────


def found_again(case: DeliveryCase) -> Shipment | None:
    """The shipment of an earlier run that died before it recorded the answer, found by its reference."""
    ours = own_shipments(case.snapshot, case.record.delivery_id)
    attempt = case.record.open_attempt
    telling = [
        shipment
        for shipment in ours
        if shipment.is_live or (attempt and shipment.external_reference_id == attempt.reference)
    ]
    return min(
        telling, key=lambda shipment: (not shipment.is_live, shipment.external_reference_id), default=None
    )


def _purchase_answered(case: DeliveryCase) -> Check:
    found, attempt = found_again(case), case.record.open_attempt
    if found is not None:
        return Check(
            Rule.PURCHASE_ANSWERED,
            passed=False,
            reason="found_by_reference",
            found=found.external_reference_id,
        )
    return Check(
        Rule.PURCHASE_ANSWERED,
        passed=is_settled(case.snapshot, case.record),
        reason="label_unknown",
        found=attempt.reference if attempt else "",
    )


def _elsewhere(case: DeliveryCase) -> Check:
    found = candidates_read(case.snapshot, case.consignment, case.record)
    live = (*found.fitting, *found.elsewhere)
    problem = label_of_somebody(case, found)
    return Check(
        Rule.NO_LABEL_ELSEWHERE,
        passed=not live,
        reason=problem.code if problem else "made_by_hand",
        found=", ".join(x.id for x in live) if problem is None else "",
        problem=problem,
    )


def label_of_somebody(case: DeliveryCase, found: Candidates) -> Problem | None:
    """Why none of the found live labels is adopted automatically; None if there is none, or exactly one certain one."""
    if len(found.fitting) > 1:
        return ambiguous(case.subject, found.fitting)
    if not found.elsewhere:
        return None
    town, live = town_in_exact(case.snapshot, case.consignment), (*found.fitting, *found.elsewhere)
    return live_elsewhere(case.subject, live, town=town, following=next_attempt(case))


# ── whether it is bought by itself ───────────────────────────────────────────────────────────────


def is_requested(case: DeliveryCase) -> LabelRequested | None:
    """Whether a person requested the label."""
    return case.snapshot.asked.get(case.record.delivery_id)


def closed_check(case: DeliveryCase) -> Check:
    """Whether a person closed the delivery and nobody requested its label since."""
    is_closed = case.known is not None and case.known.excluded == CLOSED
    return Check(Rule.NOT_CLOSED, passed=not is_closed or is_requested(case) is not None, reason=CLOSED)


def mode_check(case: DeliveryCase) -> Check:
    """Whether labels are bought automatically, or a person requested this one."""
    automatic = case.snapshot.policy.labels.create_automatically
    return Check(
        Rule.MODE,
        passed=automatic or is_requested(case) is not None,
        reason="waits_for_label",
        found="automatic" if automatic else "manual",
    )


def is_taken(case: DeliveryCase) -> bool:
    """Whether a person removed the incoming order of the delivery or of one of its orders (S7)."""
    if is_requested(case) is not None:
        return False
    snapshot = case.snapshot
    return any(
        incoming_order.is_taken
        for incoming_order in incoming_orders_of(snapshot.records, snapshot.identity.division, case.record)
    )


def is_in_doubt(case: DeliveryCase) -> bool:
    """Whether the ledger's record of the delivery is damaged, and no person requested its label since."""
    if is_requested(case) is not None:
        return False
    reported = case.known.problems.get("label") if case.known else None
    was_reported = reported is not None and reported.code == Code.RECORD_DAMAGED
    return was_reported or case.record.delivery_id in case.snapshot.records.damaged_deliveries


# ── another attempt, and the limits ──────────────────────────────────────────────────────────────


def next_attempt(case: DeliveryCase) -> int:
    """The expected number of the next attempt; the check before the purchase decides (S2)."""
    made = [attempt.number for attempt in case.record.attempts if attempt.shipment]
    return max(made, default=0) + 1


def attempts_check(case: DeliveryCase, fingerprint: str) -> Check:
    """S6: another attempt needs a changed request, a passing cause, or a person's request."""
    made = [attempt for attempt in case.record.attempts if attempt.state is not AttemptState.NOT_SENT]
    last = made[-1] if made else None
    found = f"{last.number} {last.state.value}" if last else ""
    if last is not None and is_requested(case) is None and last.state is AttemptState.CANCELLED:
        problem = cancelled(case.subject, next_attempt(case))
        return Check(Rule.ATTEMPTS, passed=False, reason=problem.code, found=found, problem=problem)
    known = case.record.problems.get("label")
    return Check(
        Rule.ATTEMPTS,
        passed=_may_be_tried(case, last, fingerprint),
        reason=known.code if known else "label_failed",
        found=found,
        problem=known.as_problem() if known else None,
    )


def _may_be_tried(case: DeliveryCase, last: Attempt | None, fingerprint: str) -> bool:
    if last is None or is_requested(case) is not None or last.state in OPEN_ATTEMPT:
        return True
    if last.fingerprint != fingerprint:
        return True
    problem = case.record.problems.get("label")
    return problem is not None and problem.is_due(case.snapshot.now)


def limit_check(case: DeliveryCase, parcels: int) -> Check:
    """Whether the day's limit allows this label. The run's limit depends on the run's other labels (S10)."""
    limit = case.snapshot.policy.labels.max_per_day
    bought = case.snapshot.records.purchases.parcels_of_the_day(case.snapshot.now)
    return Check(
        Rule.MAX_PER_DAY,
        passed=bought + parcels <= limit,
        reason="safety_limit",
        found=str(bought),
        wanted=str(limit),
    )
