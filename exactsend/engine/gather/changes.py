"""Finds what changed in Exact: orders and deliveries by their sync streams, and deletions (S11).

Only determines which orders and deliveries to read. They are noted in the ledger in one event with the cursors, so that
none is forgotten however the run ends.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from exactsend.domain.division_records import Cursor, Schedule
from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.record_keys import is_todo_of_delivery, todo_delivery, todo_order
from exactsend.engine.gather.account_identity import move_date
from exactsend.engine.gather.config_changes import work_to_reconsider
from exactsend.engine.gather.cursors import (
    RESTART_BACK,
    STREAM_OVERLAP,
    earliest_reading,
    read_stream,
    wall_time,
    with_daily_restart,
)
from exactsend.engine.gather.details import order_fields
from exactsend.engine.gather.master_data import (
    WATCHED_STREAMS,
    corrected_work,
    open_once_an_hour,
    watch_is_due,
)
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.label_rules import start_check
from exactsend.engine.plan.order_rules import first_day, may_be_pushed_first
from exactsend.engine.ports import Stream
from exactsend.engine.run_context import RunContext
from exactsend.exact.endpoints import BULK_ORDERS, DELETED, GOODS_DELIVERIES, SALES_ORDERS, USER_HAS_RIGHTS
from exactsend.exact.errors import missing_right
from exactsend.exact.models import OPEN, PARTIAL, Change, GoodsDelivery, SalesOrder
from exactsend.exact.query_results import OrdersBy, ReadRows
from exactsend.system.elapsed import is_due_again
from exactsend.trade.fingerprint import header_fingerprint, line_fingerprint

HOUR = timedelta(hours=1)

ORDER_STREAMS = (Stream.ORDERS, Stream.ORDER_LINES)
DELIVERY_STREAMS = (Stream.DELIVERIES, Stream.DELIVERY_LINES)
WORK_STREAMS = (*ORDER_STREAMS, *DELIVERY_STREAMS)
DELETED_ORDER, DELETED_DELIVERY = 32, 16
"""EntityType in sync/Deleted. Source: Exact, reference of sync/Deleted."""


@dataclass(frozen=True)
class FirstPush:
    """The orders read by the first push."""

    fresh: Mapping[OrderId, SalesOrder] = field(default_factory=dict)
    unread: Collection[OrderId] = ()
    is_complete: bool = False
    """False: the request was refused, so a later run makes the first push."""


def detect_changes(context: RunContext) -> FirstPush:
    """Note what must be decided about. Returns the orders that the first push has already read."""
    schedule = context.records.schedule
    if schedule.first_run_wall is None:
        schedule = _start_streams(context, schedule)
    if is_due_again(HOUR, schedule.hourly, context.now):
        schedule = _hourly_work(context, schedule)
    first = FirstPush(is_complete=True) if schedule.look_back_done else _first_push(context)
    keys = [todo_order(order) for order in (*first.fresh, *first.unread)]
    schedule, reconsidered = work_to_reconsider(context, schedule)
    keys += reconsidered
    cursors: dict[str, Cursor] = {}
    numbers: dict[str, int] = {}
    # The first push read its orders after the other streams' start: those can wait for the next run.
    is_first_push = first.is_complete and not schedule.look_back_done
    streams = (Stream.DELIVERIES,) if is_first_push else WORK_STREAMS
    keys += _work_changes(context, streams, first.fresh, cursors, numbers)
    if watch_is_due(context, schedule):
        keys += corrected_work(context, cursors)
        schedule = schedule.replace(master_watch=context.now)
    lines_wait = Stream.DELIVERY_LINES in streams and Stream.DELIVERY_LINES not in cursors
    schedule = schedule.replace(look_back_done=first.is_complete, lines_wait=lines_wait)
    more = [schedule] if schedule != context.records.schedule else []
    context.records.note_changes(keys, at=context.now, cursors=cursors, also=more, numbers=numbers)
    return first


# ── the first run ────────────────────────────────────────────────────────────────────────────────


def _start_streams(context: RunContext, schedule: Schedule) -> Schedule:
    """Set the time from which deliveries count, and where each stream starts."""
    wall = earliest_reading(wall_time(context))
    orders_from = earliest_reading(wall - STREAM_OVERLAP)
    deliveries_from = orders_from
    if (start := context.policy.labels.start_date) is not None:
        deliveries_from = min(orders_from, datetime.combine(start, datetime.min.time()) - timedelta(days=1))
    # Lines count from now on: the first run reads its deliveries whole.
    begin = dict.fromkeys((*WORK_STREAMS, *WATCHED_STREAMS), orders_from)
    begin[Stream.DELIVERIES] = deliveries_from
    cursors = {stream: Cursor(begins=begins) for stream, begins in begin.items()}
    begun = schedule.replace(first_run_wall=wall)
    context.records.note_changes([], at=context.now, cursors=dict(cursors.items()), also=[begun])
    return begun


def _first_push(context: RunContext) -> FirstPush:
    """Read the orders of the last weeks, with the first of three queries that is not refused."""
    statuses = [{"open": OPEN, "partial": PARTIAL}[name] for name in context.policy.orders.statuses]
    first = first_day(context.policy.orders, context.now)
    names = {OrdersBy.BULK: BULK_ORDERS.path, OrdersBy.LISTING: f"{SALES_ORDERS.path}?OrderDate"}
    for orders_by in OrdersBy:
        name = names.get(orders_by, f"{SALES_ORDERS.path}?Status")
        try:
            found = context.questions.ask(
                "exact", f"GET {name}", partial(_orders_since, context, first, statuses, orders_by)
            )
        except NotAnswered:
            continue
        wanted = {
            OrderId(order.order_id): order
            for order in found.rows
            if may_be_pushed_first(order, context.policy.orders, context.now)
        }
        context.set_aside.note_read(SALES_ORDERS.path, [*wanted], found.unread)
        return FirstPush(wanted, frozenset(map(OrderId, found.unread)), is_complete=True)
    return FirstPush()


def _orders_since(
    context: RunContext, first: date, statuses: Sequence[int], orders_by: OrdersBy
) -> ReadRows[SalesOrder]:
    return context.exact.orders_since(
        first, statuses=statuses, extra_fields=order_fields(context.policy), orders_by=orders_by
    )


# ── every run ────────────────────────────────────────────────────────────────────────────────────


def _work_changes(
    context: RunContext,
    streams: Iterable[Stream],
    fresh: Collection[OrderId],
    cursors: dict[str, Cursor],
    numbers: dict[str, int],
) -> list[str]:
    """The todo keys of orders and deliveries that changed, or whose lines did.

    Adds the new cursors to ``cursors`` and the numbers that changes name to ``numbers``.
    """
    keys: dict[str, None] = {}
    for stream in streams:
        if stream is Stream.DELIVERY_LINES and _lines_may_wait(context, keys):
            continue
        known = context.records.cursor(stream) or Cursor(begins=context.records.schedule.first_run_wall)
        read = read_stream(context, stream, known)
        cursors[stream] = read.cursor
        for change in read.changes:
            if _is_relevant(context, stream, change, keys):
                keys |= dict.fromkeys(
                    _todo_of_change(context, stream, change, is_new=change.timestamp > known.position)
                )
                numbers |= _number_of(change)
        if not read.is_all:
            is_of_orders = stream in ORDER_STREAMS
            again, cursors[stream] = open_once_an_hour(
                context, read.cursor, orders=is_of_orders, deliveries=not is_of_orders
            )
            keys |= dict.fromkeys(again)
    return [key for key in keys if key not in {todo_order(order) for order in fresh}]


def _lines_may_wait(context: RunContext, noted: Iterable[str]) -> bool:
    """Whether changed delivery lines can wait for the next run; new deliveries are read with their lines anyway.

    Never twice in a row, nor while a delivery is held, because a changed line may release it.
    """
    is_work = any(is_todo_of_delivery(key) for key in noted)
    is_held = any(delivery.problems for delivery in context.records.open_deliveries())
    return is_work and not is_held and not context.records.schedule.lines_wait


def _todo_of_change(context: RunContext, stream: Stream, change: Change, *, is_new: bool) -> list[str]:
    """The todo keys of a change. A change that may have been read before does not bring back an excluded delivery."""
    if stream in DELIVERY_STREAMS:
        return [todo_delivery(DeliveryId(change.parent))]
    order = OrderId(change.parent)
    deliveries = context.records.deliveries_of(order)
    return [
        todo_order(order),
        *(
            todo_delivery(delivery)
            for delivery in deliveries
            if is_new or not _is_excluded(context, delivery)
        ),
    ]


def _number_of(change: Change) -> dict[str, int]:
    """The number of the order or delivery of a header change, by todo key; empty for lines."""
    if change.order is not None:
        return {todo_order(OrderId(change.parent)): change.order.order_number}
    if change.delivery is not None:
        return {todo_delivery(DeliveryId(change.parent)): change.delivery.delivery_number}
    return {}


def _is_excluded(context: RunContext, delivery: DeliveryId) -> bool:
    known = context.records.delivery(delivery)
    return known is not None and bool(known.excluded)


def _is_relevant(context: RunContext, stream: Stream, change: Change, noted: Container[str]) -> bool:
    """Whether a change can have an effect: a bulk change of thousands of old orders must not be read whole.

    Known orders and deliveries always count. Others count by their headers. A line of an ignored header never counts,
    because whatever makes the line relevant changes the header too.
    """
    records = context.records
    match stream:
        case Stream.ORDERS if change.order is not None:
            known = records.order(OrderId(change.parent))
            return known is not None or may_be_pushed_first(change.order, context.policy.orders, context.now)
        case Stream.DELIVERIES if change.delivery is not None:
            return not _is_unchanged(context, change.delivery) and not _is_too_old(context, change.delivery)
        case Stream.ORDER_LINES:
            return (
                todo_order(OrderId(change.parent)) in noted
                or records.order(OrderId(change.parent)) is not None
            )
        case Stream.DELIVERY_LINES if change.delivery_line is not None:
            seen = records.delivery(DeliveryId(change.parent))
            said = line_fingerprint(context.fingerprint_key, change.delivery_line)
            return seen is not None and said not in seen.lines
        case _:
            return True


def _is_unchanged(context: RunContext, delivery: GoodsDelivery) -> bool:
    """Whether the delivery's header is as it was when last decided about. Mostly our own write-back."""
    known = context.records.delivery(DeliveryId(delivery.entry_id))
    return known is not None and known.header == header_fingerprint(context.fingerprint_key, delivery)


def _is_too_old(context: RunContext, delivery: GoodsDelivery) -> bool:
    """Whether an unknown delivery was created before deliveries count."""
    if context.records.delivery(DeliveryId(delivery.entry_id)) is not None:
        return False
    first_run = context.records.schedule.first_run_wall
    return not start_check(delivery, context.policy.labels, first_run).passed


# ── once an hour ─────────────────────────────────────────────────────────────────────────────────


def _hourly_work(context: RunContext, schedule: Schedule) -> Schedule:
    """Once an hour: note deletions, and notice that the division was moved."""
    moved = move_date(context.records)
    if schedule.hourly is not None and moved != schedule.division_move:
        _reset_streams(context)
    _note_deletions(context, is_first=schedule.hourly is None)
    today = context.now.date().isoformat()
    if schedule.rights_asked != today:
        _check_rights(context)
    return schedule.replace(hourly=context.now, division_move=moved, rights_asked=today)


def _check_rights(context: RunContext) -> None:
    """Once a day: check the user's rights, because Exact shows empty lists instead of refusing (S16)."""
    for path in (SALES_ORDERS.path, GOODS_DELIVERIES.path):
        try:
            has_right = context.questions.ask(
                "exact", f"GET {USER_HAS_RIGHTS}", partial(context.exact.user_has_right, path, "GET")
            )
        except NotAnswered:
            return
        if not has_right:
            context.questions.note_refused("exact", [missing_right(path)])


def _reset_streams(context: RunContext) -> None:
    """Restart all streams two days back, because a moved division has new row versions. This buys nothing by itself (S2)."""
    begins = earliest_reading(wall_time(context) - RESTART_BACK)
    cursors: dict[str, Cursor] = {
        stream: Cursor(begins=begins) for stream in (*WORK_STREAMS, *WATCHED_STREAMS)
    }
    cursors[Stream.DELETED] = Cursor(position=1)
    context.records.note_changes([], at=context.now, cursors=cursors)


def _note_deletions(context: RunContext, *, is_first: bool) -> None:
    known = context.records.cursor(Stream.DELETED) or Cursor(position=1)
    start, cursor, _ = with_daily_restart(context, known)
    try:
        deletions = context.questions.ask(
            "exact", f"GET {DELETED.path}", lambda: context.exact.deletions(after=start)
        )
    except NotAnswered:
        return
    keys: list[str] = []
    position = cursor.position
    for deletion in deletions:
        position = max(position, deletion.timestamp)
        order, delivery = OrderId(deletion.entity_key), DeliveryId(deletion.entity_key)
        if deletion.entity_type == DELETED_ORDER and context.records.order(order):
            keys += [
                todo_order(order),
                *(todo_delivery(delivery) for delivery in context.records.deliveries_of(order)),
            ]
        if deletion.entity_type == DELETED_DELIVERY and context.records.delivery(delivery):
            keys.append(todo_delivery(delivery))
    moved: dict[str, Cursor] = {Stream.DELETED: cursor.replace(position=position)}
    context.records.note_changes([] if is_first else keys, at=context.now, cursors=moved)
