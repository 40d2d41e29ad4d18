"""What changed in Exact: orders and deliveries by their sync streams, and what was deleted (S11).

Detection only says which orders and deliveries to read; it notes them in the ledger together with the cursors, in one event, so
that nothing is forgotten however the run ends.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.record_store import is_todo_of_delivery, todo_delivery, todo_order
from exactsend.domain.records import Clockwork, Cursor
from exactsend.engine.gather.account_identity import move_date
from exactsend.engine.gather.config_changes import reconsider
from exactsend.engine.gather.context import Sources
from exactsend.engine.gather.cursors import (
    RESET_REACHES_BACK,
    STREAM_OVERLAP,
    before_all_later,
    read_stream,
    wall_time,
    with_daily_restart,
)
from exactsend.engine.gather.details import order_fields
from exactsend.engine.gather.master_data import WATCHED, corrections, open_once_an_hour, watch_is_due
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.label_rules import start_check
from exactsend.engine.plan.order_rules import first_day, may_be_pushed_first
from exactsend.engine.ports import Stream
from exactsend.exact.found import Found, OrdersBy
from exactsend.exact.listing import without_right
from exactsend.exact.models import OPEN, PARTIAL, Change, GoodsDelivery, SalesOrder
from exactsend.exact.wire import BULK_ORDERS, DELETED, GOODS_DELIVERIES, SALES_ORDERS, USER_HAS_RIGHTS
from exactsend.system.elapsed import is_time
from exactsend.trade.fingerprint import header_fingerprint, line_fingerprint

HOUR = timedelta(hours=1)

ORDER_STREAMS = (Stream.ORDERS, Stream.ORDER_LINES)
DELIVERY_STREAMS = (Stream.DELIVERIES, Stream.DELIVERY_LINES)
WORK_STREAMS = (*ORDER_STREAMS, *DELIVERY_STREAMS)
DELETED_ORDER, DELETED_DELIVERY = 32, 16
"""EntityType in sync/Deleted. Source: Exact, reference of sync/Deleted."""


@dataclass(frozen=True)
class Detected:
    """What the first push has read."""

    fresh: Mapping[OrderId, SalesOrder] = field(default_factory=dict)
    unread: Collection[OrderId] = ()
    is_complete: bool = False
    """False: it was not answered, and is made in a later run."""


def detect(sources: Sources) -> Detected:
    """Note what is to be decided about; gives the orders that the first push has read whole already."""
    clockwork = sources.memory.clockwork
    if clockwork.first_run_wall is None:
        clockwork = _begin(sources, clockwork)
    if is_time(HOUR, clockwork.hourly, sources.now):
        clockwork = _hourly(sources, clockwork)
    first = Detected(is_complete=True) if clockwork.look_back_done else _first_push(sources)
    keys = [todo_order(order) for order in (*first.fresh, *first.unread)]
    clockwork, reconsidered = reconsider(sources, clockwork)
    keys += reconsidered
    cursors: dict[str, Cursor] = {}
    numbers: dict[str, int] = {}
    # What the first push has read came after the beginning of the other streams: they can wait for the next run.
    is_first_push = first.is_complete and not clockwork.look_back_done
    streams = (Stream.DELIVERIES,) if is_first_push else WORK_STREAMS
    keys += _work_changes(sources, streams, first.fresh, cursors, numbers)
    if watch_is_due(sources, clockwork):
        keys += corrections(sources, cursors)
        clockwork = clockwork.but(master_watch=sources.now)
    lines_wait = Stream.DELIVERY_LINES in streams and Stream.DELIVERY_LINES not in cursors
    clockwork = clockwork.but(look_back_done=first.is_complete, lines_wait=lines_wait)
    also = [clockwork] if clockwork != sources.memory.clockwork else []
    sources.memory.note_changes(keys, at=sources.now, cursors=cursors, also=also, numbers=numbers)
    return first


# ── the first run ────────────────────────────────────────────────────────────────────────────────


def _begin(sources: Sources, clockwork: Clockwork) -> Clockwork:
    """From when on deliveries count, and from which moment on the streams are read."""
    wall = before_all_later(wall_time(sources))
    orders_from = before_all_later(wall - STREAM_OVERLAP)
    deliveries_from = orders_from
    if (start := sources.policy.labels.start_date) is not None:
        deliveries_from = min(orders_from, datetime.combine(start, datetime.min.time()) - timedelta(days=1))
    # Lines count from now on: the deliveries of the first run are read whole.
    begin = dict.fromkeys((*WORK_STREAMS, *WATCHED), orders_from)
    begin[Stream.DELIVERIES] = deliveries_from
    cursors = {stream: Cursor(begins=moment) for stream, moment in begin.items()}
    begun = clockwork.but(first_run_wall=wall)
    sources.memory.note_changes([], at=sources.now, cursors=dict(cursors.items()), also=[begun])
    return begun


def _first_push(sources: Sources) -> Detected:
    """The orders of the last weeks, in the first of three ways that is answered."""
    statuses = [{"open": OPEN, "partial": PARTIAL}[name] for name in sources.policy.orders.statuses]
    first = first_day(sources.policy.orders, sources.now)
    names = {OrdersBy.BULK: BULK_ORDERS.path, OrdersBy.LISTING: f"{SALES_ORDERS.path}?OrderDate"}
    for way in OrdersBy:
        name = names.get(way, f"{SALES_ORDERS.path}?Status")
        try:
            found = sources.questions.ask(
                "exact", f"GET {name}", partial(_orders_since, sources, first, statuses, way)
            )
        except NotAnswered:
            continue
        wanted = {
            OrderId(order.order_id): order
            for order in found.rows
            if may_be_pushed_first(order, sources.policy.orders, sources.now)
        }
        sources.set_aside.learn(SALES_ORDERS.path, [*wanted], found.unread)
        return Detected(wanted, frozenset(map(OrderId, found.unread)), is_complete=True)
    return Detected()


def _orders_since(sources: Sources, first: date, statuses: Sequence[int], way: OrdersBy) -> Found[SalesOrder]:
    return sources.exact.orders_since(
        first, statuses=statuses, extra_fields=order_fields(sources.policy), way=way
    )


# ── every run ────────────────────────────────────────────────────────────────────────────────────


def _work_changes(
    sources: Sources,
    streams: Iterable[Stream],
    fresh: Collection[OrderId],
    cursors: dict[str, Cursor],
    numbers: dict[str, int],
) -> list[str]:
    """The orders and deliveries to decide about again, since they or their lines changed; notes cursors, and the numbers that were told."""
    keys: dict[str, None] = {}
    for stream in streams:
        if stream is Stream.DELIVERY_LINES and _lines_may_wait(sources, keys):
            continue
        known = sources.memory.cursor(stream) or Cursor(begins=sources.memory.clockwork.first_run_wall)
        read = read_stream(sources, stream, known)
        cursors[stream] = read.cursor
        for change in read.changes:
            if _matters(sources, stream, change, keys):
                keys |= dict.fromkeys(
                    _keys(sources, stream, change, is_new=change.timestamp > known.position)
                )
                numbers |= _number_of(change)
        if not read.is_all:
            is_of_orders = stream in ORDER_STREAMS
            again, cursors[stream] = open_once_an_hour(
                sources, read.cursor, orders=is_of_orders, deliveries=not is_of_orders
            )
            keys |= dict.fromkeys(again)
    return [key for key in keys if key not in {todo_order(order) for order in fresh}]


def _lines_may_wait(sources: Sources, noted: Iterable[str]) -> bool:
    """Whether changed lines of deliveries can be asked for in the next run: what is new is read whole with its lines anyway.

    Never twice in a row, and not while a delivery is held, which a corrected line may cure.
    """
    is_work = any(is_todo_of_delivery(key) for key in noted)
    is_held = any(delivery.problems for delivery in sources.memory.open_deliveries())
    return is_work and not is_held and not sources.memory.clockwork.lines_wait


def _keys(sources: Sources, stream: Stream, change: Change, *, is_new: bool) -> list[str]:
    """What a change leads to. One that may be read for the second time does not bring up again a delivery that was left alone."""
    if stream in DELIVERY_STREAMS:
        return [todo_delivery(DeliveryId(change.parent))]
    order = OrderId(change.parent)
    deliveries = sources.memory.deliveries_of(order)
    return [
        todo_order(order),
        *(
            todo_delivery(delivery)
            for delivery in deliveries
            if is_new or not _is_left_alone(sources, delivery)
        ),
    ]


def _number_of(change: Change) -> dict[str, int]:
    """The number of what a row of headers is about, where it tells one."""
    if change.order is not None:
        return {todo_order(OrderId(change.parent)): change.order.order_number}
    if change.delivery is not None:
        return {todo_delivery(DeliveryId(change.parent)): change.delivery.delivery_number}
    return {}


def _is_left_alone(sources: Sources, delivery: DeliveryId) -> bool:
    known = sources.memory.delivery(delivery)
    return known is not None and bool(known.excluded)


def _matters(sources: Sources, stream: Stream, change: Change, noted: Container[str]) -> bool:
    """Whether a change can lead to anything: a bulk change of thousands of old orders must not be read whole.

    What was seen before always matters. Of what was never seen, headers tell; a line whose header was passed over has none that
    could matter, since what would make it matter moves the header too.
    """
    memory = sources.memory
    match stream:
        case Stream.ORDERS if change.order is not None:
            known = memory.order(OrderId(change.parent))
            return known is not None or may_be_pushed_first(change.order, sources.policy.orders, sources.now)
        case Stream.DELIVERIES if change.delivery is not None:
            return not _is_no_news(sources, change.delivery) and not _is_too_old(sources, change.delivery)
        case Stream.ORDER_LINES:
            return (
                todo_order(OrderId(change.parent)) in noted
                or memory.order(OrderId(change.parent)) is not None
            )
        case Stream.DELIVERY_LINES if change.delivery_line is not None:
            seen = memory.delivery(DeliveryId(change.parent))
            said = line_fingerprint(sources.fingerprint_key, change.delivery_line)
            return seen is not None and said not in seen.lines
        case _:
            return True


def _is_no_news(sources: Sources, delivery: GoodsDelivery) -> bool:
    """Whether the delivery says what it said when it was last decided about: the echo of our own writing, mostly."""
    known = sources.memory.delivery(DeliveryId(delivery.entry_id))
    return known is not None and known.header == header_fingerprint(sources.fingerprint_key, delivery)


def _is_too_old(sources: Sources, delivery: GoodsDelivery) -> bool:
    """Whether a delivery that was never seen was made before deliveries count."""
    if sources.memory.delivery(DeliveryId(delivery.entry_id)) is not None:
        return False
    first_run = sources.memory.clockwork.first_run_wall
    return not start_check(delivery, sources.policy.labels, first_run).passed


# ── once an hour ─────────────────────────────────────────────────────────────────────────────────


def _hourly(sources: Sources, clockwork: Clockwork) -> Clockwork:
    """What was deleted, and whether the division was moved."""
    moved = move_date(sources.memory)
    if clockwork.hourly is not None and moved != clockwork.division_move:
        _reset_streams(sources)
    _note_deletions(sources, is_first=clockwork.hourly is None)
    today = sources.now.date().isoformat()
    if clockwork.rights_asked != today:
        _ask_for_rights(sources)
    return clockwork.but(hourly=sources.now, division_move=moved, rights_asked=today)


def _ask_for_rights(sources: Sources) -> None:
    """Once a day: a user who may not see orders or deliveries is shown empty lists, and nothing would ever be told (S16)."""
    for path in (SALES_ORDERS.path, GOODS_DELIVERIES.path):
        try:
            has_right = sources.questions.ask(
                "exact", f"GET {USER_HAS_RIGHTS}", partial(sources.exact.user_has_right, path, "GET")
            )
        except NotAnswered:
            return
        if not has_right:
            sources.questions.note_refused("exact", [without_right(path)])


def _reset_streams(sources: Sources) -> None:
    """A division that was moved has new row versions: read on from two days ago. A reset buys nothing by itself (S2)."""
    moment = before_all_later(wall_time(sources) - RESET_REACHES_BACK)
    cursors: dict[str, Cursor] = {stream: Cursor(begins=moment) for stream in (*WORK_STREAMS, *WATCHED)}
    cursors[Stream.DELETED] = Cursor(position=1)
    sources.memory.note_changes([], at=sources.now, cursors=cursors)


def _note_deletions(sources: Sources, *, is_first: bool) -> None:
    known = sources.memory.cursor(Stream.DELETED) or Cursor(position=1)
    start, cursor, _ = with_daily_restart(sources, known)
    try:
        deletions = sources.questions.ask(
            "exact", f"GET {DELETED.path}", lambda: sources.exact.deletions(after=start)
        )
    except NotAnswered:
        return
    keys: list[str] = []
    position = cursor.position
    for deletion in deletions:
        position = max(position, deletion.timestamp)
        order, delivery = OrderId(deletion.entity_key), DeliveryId(deletion.entity_key)
        if deletion.entity_type == DELETED_ORDER and sources.memory.order(order):
            keys += [
                todo_order(order),
                *(todo_delivery(candidate) for candidate in sources.memory.deliveries_of(order)),
            ]
        if deletion.entity_type == DELETED_DELIVERY and sources.memory.delivery(delivery):
            keys.append(todo_delivery(delivery))
    moved: dict[str, Cursor] = {Stream.DELETED: cursor.but(position=position)}
    sources.memory.note_changes([] if is_first else keys, at=sources.now, cursors=moved)
