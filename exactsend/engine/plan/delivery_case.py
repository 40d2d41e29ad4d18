"""One delivery with everything its decision depends on, and the decisions that send nothing. Pure."""

from dataclasses import dataclass

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import DeliveryRecord, ProblemRecord
from exactsend.engine.plan.actions import Action, ActionKind, RecordDecision, Subject, problem_record
from exactsend.engine.plan.consignments import (
    consignment_of_delivery,
    delivery_subject,
    incoming_ref,
    watch_of,
)
from exactsend.engine.plan.label_problems import next_look
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.trade.consignment import Consignment
from exactsend.trade.fingerprint import content_fingerprint, header_fingerprint, line_fingerprints

NOT_ANSWERED = frozenset({Code.SERVICE_POINT_UNCHECKED, Code.LOOK_NOT_ANSWERED})
"""Only an answer is missing: the next run asks again."""


@dataclass(frozen=True)
class DeliveryCase:
    """One delivery with everything its decision depends on."""

    snapshot: Snapshot
    delivery: GoodsDelivery
    consignment: Consignment
    subject: Subject
    record: DeliveryRecord
    """The record if nothing is decided."""
    known: DeliveryRecord | None


def case_of(snapshot: Snapshot, delivery: GoodsDelivery, known: DeliveryRecord | None) -> DeliveryCase:
    """The case of a delivery whose orders were read. ``known``: its record, if there is one."""
    consignment = consignment_of_delivery(snapshot, delivery)
    orders = consignment.orders
    record = known or DeliveryRecord(
        delivery_id=DeliveryId(delivery.entry_id), number=delivery.delivery_number, seen_at=snapshot.now
    )
    record = record.replace(
        number=delivery.delivery_number,
        order_ids=tuple(OrderId(order.order_id) for order in orders),
        order_numbers=tuple(order.order_number for order in orders),
        incoming=incoming_ref(snapshot, delivery),
        incoming_number=consignment.incoming_number,
        watch=watch_of(consignment),
        header=header_fingerprint(snapshot.fingerprint_key, delivery),
        lines=line_fingerprints(snapshot.fingerprint_key, delivery),
        excluded="",
        gone=False,
    )
    return DeliveryCase(snapshot, delivery, consignment, delivery_subject(snapshot, delivery), record, known)


def content_of(case: DeliveryCase) -> str:
    """The fingerprint of Exact's current data (S15)."""
    return content_fingerprint(case.snapshot.fingerprint_key, case.consignment)


def exclude(case: DeliveryCase, reason: str) -> Action:
    """Exclude the delivery for this reason."""
    record = case.record.replace(excluded=reason, problems={})
    return record_decision(case, record, reason)


def wait_for_label(case: DeliveryCase, reason: str) -> Action:
    """Record that the delivery has no label and no problem."""
    return record_decision(case, case.record.without_problem("label"), reason)


def hold_delivery(case: DeliveryCase, problem: Problem) -> RecordDecision:
    """Hold the delivery with this problem, which is reported."""
    before = case.record.problems.get("label")
    now = case.snapshot.now
    retry = now if problem.code in NOT_ANSWERED else next_look(problem, now)
    seen = problem_record("label", problem, at=now, before=before, next_try=retry)
    return record_decision(
        case, case.record.with_problem(seen), problem.code, seen, is_news=not seen.is_same_as(before)
    )


def record_decision(
    case: DeliveryCase,
    record: DeliveryRecord,
    reason: str,
    problem: ProblemRecord | None = None,
    *,
    is_news: bool = False,
) -> RecordDecision:
    """Record a decision that sends nothing. If a person requested the label it is listed even if unchanged."""
    changed = (record,) if record != case.known else ()
    return RecordDecision(
        subject=case.subject,
        kind=ActionKind.LABEL_BUY if record.label is None else ActionKind.LABEL_WATCH,
        reason=reason,
        records=changed,
        problem=problem,
        is_news=is_news or record.delivery_id in case.snapshot.asked,
    )
