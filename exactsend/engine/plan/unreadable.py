"""Decides about orders and deliveries that could not be read, or refer to records that could not (S13). Pure.

A record that Exact refuses, or returns without a required field, gets a problem. One that only waits, because the whole
request is refused or its group is divided in a later run, gets none and stays due.
"""

from collections.abc import Iterator
from dataclasses import replace

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.problems import Code, Problem, Stage
from exactsend.domain.records import DeliveryRecord, OrderRecord, ProblemRecord, free_retry_pause
from exactsend.domain.templates import capitalized, sentence
from exactsend.engine.plan.actions import ActionKind, RecordDecision, Subject, problem_record
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.exact.query_results import UnreadableRow
from exactsend.trade.consignment import ADDRESSES_OF, UnreadRecord
from exactsend.trade.masking import masked

WITHOUT_DATE = "has no usable Created, so whether it is older than the start date is not known"


def unread_for_order(snapshot: Snapshot, order: SalesOrder) -> UnreadRecord | None:
    """The first unreadable record that an order refers to; those that only wait come first."""
    return _first_unread(snapshot, _of_order(order))


def unread_for_delivery(snapshot: Snapshot, delivery: GoodsDelivery) -> UnreadRecord | None:
    """The same for a delivery, its orders, and the records that they refer to."""
    if delivery.created is None and delivery.modified is None:
        return UnreadRecord("", UnreadableRow(WITHOUT_DATE))
    numbers = {line.sales_order_number for line in delivery.goods_delivery_lines or ()}
    orders = [
        UnreadRecord(sentence("order {number}", number=number), why)
        for number, why in snapshot.unread_numbers.items()
        if number in numbers
    ]
    keys = [key for order in snapshot.orders_of(delivery) for key in _of_order(order)]
    found = _first_unread(snapshot, iter([*_of_delivery(delivery), *keys]))
    return min(
        [*orders, *([found] if found else [])],
        key=lambda unread_record: unread_record.why.is_its_own,
        default=None,
    )


def _of_order(order: SalesOrder) -> Iterator[str]:
    account = order.deliver_to or order.ordered_by
    yield from _present(order.ordered_by, order.deliver_to)
    yield from _present(order.ordered_by_contact_person, order.deliver_to_contact_person)
    yield from _present(order.delivery_address)
    if not order.delivery_address and account:
        yield ADDRESSES_OF + account
    yield from _present(*(line.item for line in order.sales_order_lines or ()))


def _of_delivery(delivery: GoodsDelivery) -> Iterator[str]:
    yield from _present(delivery.delivery_account, delivery.delivery_contact, delivery.delivery_address)
    if not delivery.delivery_address and delivery.delivery_account:
        yield ADDRESSES_OF + delivery.delivery_account
    yield from _present(*(line.item for line in delivery.goods_delivery_lines or ()))


def _present(*keys: str | None) -> Iterator[str]:
    return (key for key in keys if key)


def _first_unread(snapshot: Snapshot, keys: Iterator[str]) -> UnreadRecord | None:
    unread = snapshot.directory.unread
    found = [unread[key] for key in keys if key in unread]
    return min(found, key=lambda unread_record: unread_record.why.is_its_own, default=None)


# ── what is remembered of them ───────────────────────────────────────────────────────────────────


def order_unread(snapshot: Snapshot, order: OrderId, what: str, why: UnreadableRow) -> RecordDecision:
    """Decide about an order that can't be read, or refers to a record that can't."""
    known = snapshot.records.order(order)
    number = known.number if known else snapshot.numbers.get(order, 0)
    record = known or OrderRecord(order_id=order, number=number, seen_at=snapshot.now)
    subject = Subject(order_id=order, order_numbers=(number,) if number else ())
    seen = _seen(snapshot, "order", _problem(subject, what, why, order), why, record.problem)
    return RecordDecision(
        subject,
        ActionKind.ORDER_PUSH,
        seen.code,
        (record.replace(problem=seen, excluded="", settled=False),),
        seen,
        is_news=not seen.is_same_as(record.problem),
    )


def delivery_unread(
    snapshot: Snapshot, delivery: DeliveryId, what: str, why: UnreadableRow
) -> RecordDecision:
    """Decide about a delivery that can't be read, or refers to a record that can't. A labelled one needs neither."""
    known = snapshot.records.delivery(delivery)
    number = known.number if known else snapshot.numbers.get(delivery, 0)
    record = known or DeliveryRecord(delivery_id=delivery, number=number, seen_at=snapshot.now)
    subject = Subject(
        delivery_id=delivery, order_numbers=record.order_numbers, delivery_number=number or None
    )
    if record.label is not None:
        return RecordDecision(subject, ActionKind.LABEL_WATCH, "labelled")
    before = record.problems.get("label")
    seen = _seen(snapshot, "label", _problem(subject, what, why, delivery), why, before)
    return RecordDecision(
        subject,
        ActionKind.LABEL_BUY,
        seen.code,
        (record.replace(excluded="", gone=False).with_problem(seen),),
        seen,
        is_news=not seen.is_same_as(before),
    )


def _seen(
    snapshot: Snapshot, stage: Stage, problem: Problem, why: UnreadableRow, before: ProblemRecord | None
) -> ProblemRecord:
    """The problem's record; unchanged if the record's pause is not over and it was not asked for."""
    is_known = before is not None and replace(before.as_problem(), detail=problem.detail) == problem
    if before is not None and is_known and why.again_at is not None and before.next_try == why.again_at:
        return before
    seen = problem_record(stage, problem, at=snapshot.now, before=before)
    return seen.replace(next_try=why.again_at or snapshot.now + free_retry_pause(seen.attempts))


def _problem(subject: Subject, what: str, why: UnreadableRow, key: str) -> Problem:
    has_number = bool(subject.order_numbers or subject.delivery_number)
    name = subject.name if has_number else sentence("{name} with the id {key}", name=subject.name, key=key)
    detail = masked(capitalized(why.why))
    if what:
        return Problem(Code.RECORD_UNREADABLE, {"it": what, "name": name}, "referred_to", detail)
    return Problem(Code.RECORD_UNREADABLE, {"it": name}, detail=detail)
