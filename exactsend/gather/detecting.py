"""What changed in Exact: the sync streams and their cursors, deletions, and corrections of what open work rests on (S11).

Detection only says which orders and deliveries to read; it notes them in the ledger together with the cursors, in one event, so
that nothing is forgotten however the run ends.
"""

from collections.abc import Collection, Container, Iterable
from datetime import datetime, timedelta

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.records import Clockwork, Cursor
from exactsend.exact.models import OPEN, PARTIAL, Change, GoodsDelivery, SalesOrder
from exactsend.gather.identity import move_date
from exactsend.gather.reading import order_fields
from exactsend.gather.reconsidering import reconsider
from exactsend.gather.sources import Sources
from exactsend.mapping.fingerprint import header_fingerprint
from exactsend.memory import todo_delivery, todo_order
from exactsend.plan.label_rules import start_check
from exactsend.plan.order_rules import first_day, may_be_pushed_first
from exactsend.systems import Stream

STREAM_OVERLAP = timedelta(minutes=15)
"""How long before the first run the streams begin: rows become visible at commit, not in order."""
HOUR = timedelta(hours=1)
MASTER_PAUSE = timedelta(minutes=15)

ORDER_STREAMS = (Stream.ORDERS, Stream.ORDER_LINES)
DELIVERY_STREAMS = (Stream.DELIVERIES, Stream.DELIVERY_LINES)
WORK_STREAMS = (*ORDER_STREAMS, *DELIVERY_STREAMS)
WATCHED = {
    Stream.ACCOUNTS: "accounts",
    Stream.CONTACTS: "contacts",
    Stream.ADDRESSES: "addresses",
    Stream.ITEMS: "items",
}
"""The streams of what orders and deliveries rest on, and the field of Watch that holds their ids."""
TOLD_AFTER_LABEL = frozenset({Stream.ACCOUNTS, Stream.CONTACTS, Stream.ADDRESSES})
"""What a label says of the recipient rests on these."""
CANCELLABLE = timedelta(days=1)
"""How long a label can mostly be cancelled for free, unless the parcel was handed over before."""
DELETED_ORDER, DELETED_DELIVERY = 32, 16
"""EntityType in sync/Deleted. Source: Exact, reference of sync/Deleted."""


def detect(sources: Sources) -> dict[OrderId, SalesOrder]:
    """Note what is to be decided about; gives the orders that the first push has read whole already."""
    clockwork = sources.memory.clockwork
    if clockwork.first_run_wall is None:
        clockwork = _begin(sources, clockwork)
    if clockwork.hourly is None or sources.now - clockwork.hourly >= HOUR:
        clockwork = _hourly(sources, clockwork)
    fresh = {} if clockwork.look_back_done else _first_push(sources)
    keys = [todo_order(order) for order in fresh]
    clockwork, reconsidered = reconsider(sources, clockwork)
    keys += reconsidered
    cursors: dict[str, Cursor] = {}
    # What the first push has read came after the beginning of the other streams: they can wait for the next run.
    streams = WORK_STREAMS if clockwork.look_back_done else (Stream.DELIVERIES,)
    keys += _work_changes(sources, streams, fresh, cursors)
    if _master_watch_is_due(sources, clockwork):
        keys += _master_changes(sources, cursors)
        clockwork = clockwork.but(master_watch=sources.now)
    clockwork = clockwork.but(look_back_done=True)
    also = [clockwork] if clockwork != sources.memory.clockwork else []
    sources.memory.note_changes(keys, at=sources.now, cursors=cursors, also=also)
    return fresh


# ── the first run ────────────────────────────────────────────────────────────────────────────────


def _begin(sources: Sources, clockwork: Clockwork) -> Clockwork:
    """From when on deliveries count, and where the streams begin."""
    wall = sources.exact.wall_time()
    orders_from = wall - STREAM_OVERLAP
    deliveries_from = orders_from
    if (start := sources.policy.labels.start_date) is not None:
        deliveries_from = min(orders_from, datetime.combine(start, datetime.min.time()) - timedelta(days=1))
    # Lines count from now on: the deliveries of the first run are read whole.
    begin = dict.fromkeys(WORK_STREAMS, orders_from)
    begin[Stream.DELIVERIES] = deliveries_from
    cursors = {stream: _cursor_at(sources, stream, moment) for stream, moment in begin.items()}
    begun = clockwork.but(first_run_wall=wall)
    sources.memory.note_changes([], at=sources.now, cursors=dict(cursors.items()), also=[begun])
    return begun


def _cursor_at(sources: Sources, stream: Stream, moment: datetime) -> Cursor:
    return Cursor(position=sources.exact.row_version_at(stream, moment))


def _first_push(sources: Sources) -> dict[OrderId, SalesOrder]:
    statuses = [{"open": OPEN, "partial": PARTIAL}[name] for name in sources.policy.orders.statuses]
    orders = sources.exact.orders_since(
        first_day(sources.policy.orders, sources.now),
        statuses=statuses,
        extra_fields=order_fields(sources.policy),
    )
    return {OrderId(order.order_id): order for order in orders}


# ── every run ────────────────────────────────────────────────────────────────────────────────────


def _work_changes(
    sources: Sources, streams: Iterable[Stream], fresh: Collection[OrderId], cursors: dict[str, Cursor]
) -> list[str]:
    """The orders and deliveries to decide about again, since they or their lines changed."""
    keys: dict[str, None] = {}
    for stream in streams:
        for change in _rows(sources, stream, cursors):
            if _matters(sources, stream, change, keys):
                keys |= dict.fromkeys(_keys(sources, stream, change))
    return [key for key in keys if key not in {todo_order(order) for order in fresh}]


def _rows(sources: Sources, stream: Stream, cursors: dict[str, Cursor]) -> list[Change]:
    start, cursor = _with_daily_restart(sources, sources.memory.cursor(stream) or Cursor(position=1))
    changes = list(sources.exact.changes(stream, after=start))
    position = max([change.timestamp for change in changes], default=0)
    cursors[stream] = cursor.but(position=max(position, cursor.position))
    return changes


def _keys(sources: Sources, stream: Stream, change: Change) -> list[str]:
    if stream in DELIVERY_STREAMS:
        return [todo_delivery(DeliveryId(change.parent))]
    order = OrderId(change.parent)
    return [todo_order(order), *(todo_delivery(one) for one in sources.memory.deliveries_of(order))]


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
        case Stream.DELIVERY_LINES:
            delivery = DeliveryId(change.parent)
            return todo_delivery(delivery) in noted or memory.delivery(delivery) is not None
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


def _with_daily_restart(sources: Sources, cursor: Cursor) -> tuple[int, Cursor]:
    """Where to read from: in the first run of a day, the position of two days ago."""
    today = sources.now.date().isoformat()
    if cursor.daily and cursor.daily[-1][0] == today:
        return cursor.position, cursor
    start = cursor.daily[-2][1] if len(cursor.daily) > 1 else cursor.position
    daily = (*cursor.daily[-2:], (today, cursor.position))
    return min(start, cursor.position), cursor.but(daily=daily)


# ── once an hour ─────────────────────────────────────────────────────────────────────────────────


def _hourly(sources: Sources, clockwork: Clockwork) -> Clockwork:
    """What was deleted, and whether the division was moved."""
    moved = move_date(sources.memory)
    if clockwork.hourly is not None and (
        moved != clockwork.division_move or _is_new_day_behind(sources, clockwork.hourly)
    ):
        _reset_streams(sources)
    _note_deletions(sources, is_first=clockwork.hourly is None)
    return clockwork.but(hourly=sources.now, division_move=moved)


def _is_new_day_behind(sources: Sources, last: datetime) -> bool:
    """Asked once a day: whether Exact's row versions are below ours, as after a back-up was put back there."""
    cursor = sources.memory.cursor(Stream.DELIVERIES)
    if cursor is None or last.date() == sources.now.date():
        return False
    present = sources.exact.row_version_at(Stream.DELIVERIES, sources.exact.wall_time())
    # 1 is the answer where Exact knows of no row at all, which says nothing.
    return 1 < present < cursor.position


def _reset_streams(sources: Sources) -> None:
    """A division that was moved has new row versions: read on from two days ago. A reset buys nothing by itself (S2)."""
    moment = sources.exact.wall_time() - timedelta(days=2)
    streams = (*WORK_STREAMS, *WATCHED)
    cursors: dict[str, Cursor] = {stream: _cursor_at(sources, stream, moment) for stream in streams}
    cursors[Stream.DELETED] = Cursor(position=1)
    sources.memory.note_changes([], at=sources.now, cursors=cursors)


def _note_deletions(sources: Sources, *, is_first: bool) -> None:
    start, cursor = _with_daily_restart(sources, sources.memory.cursor(Stream.DELETED) or Cursor(position=1))
    keys: list[str] = []
    position = cursor.position
    for deletion in sources.exact.deletions(after=start):
        position = max(position, deletion.timestamp)
        order, delivery = OrderId(deletion.entity_key), DeliveryId(deletion.entity_key)
        if deletion.entity_type == DELETED_ORDER and sources.memory.order(order):
            keys += [todo_order(order), *(todo_delivery(one) for one in sources.memory.deliveries_of(order))]
        if deletion.entity_type == DELETED_DELIVERY and sources.memory.delivery(delivery):
            keys.append(todo_delivery(delivery))
    moved: dict[str, Cursor] = {Stream.DELETED: cursor.but(position=position)}
    sources.memory.note_changes([] if is_first else keys, at=sources.now, cursors=moved)


# ── cures ────────────────────────────────────────────────────────────────────────────────────────


def _master_watch_is_due(sources: Sources, clockwork: Clockwork) -> bool:
    """In each run while something is held or has failed; at most once in 15 minutes while something is merely open."""
    orders, deliveries = sources.memory.open_orders(), sources.memory.open_deliveries()
    if any(order.problem for order in orders) or any(delivery.problems for delivery in deliveries):
        return True
    is_open = bool(orders) or any(delivery.label is None for delivery in deliveries)
    return is_open and (
        clockwork.master_watch is None or sources.now - clockwork.master_watch >= MASTER_PAUSE
    )


def _master_changes(sources: Sources, cursors: dict[str, Cursor]) -> list[str]:
    keys: list[str] = []
    for stream, kind in WATCHED.items():
        known = sources.memory.cursor(stream) or _master_beginning(sources, stream)
        start, cursor = _with_daily_restart(sources, known)
        changed: set[str] = set()
        position = cursor.position
        for change in sources.exact.changes(stream, after=start):
            position = max(position, change.timestamp)
            changed.add(change.parent)
        cursors[stream] = cursor.but(position=position)
        keys += _resting_on(sources, kind, changed) if changed else []
        keys += _labelled_resting_on(sources, kind, changed) if changed and stream in TOLD_AFTER_LABEL else []
    return keys


def _master_beginning(sources: Sources, stream: Stream) -> Cursor:
    """From the last run on: what was decided before it rested on what stood there then."""
    first_run = sources.memory.clockwork.first_run_wall or sources.exact.wall_time()
    return _cursor_at(sources, stream, first_run - STREAM_OVERLAP)


def _labelled_resting_on(sources: Sources, kind: str, changed: set[str]) -> list[str]:
    """What has its label, can mostly be cancelled still, and rests on one of these records: a correction came too late for it (S14)."""
    labelled = sources.memory.deliveries_labelled_since(sources.now - CANCELLABLE)
    return [
        todo_delivery(one.delivery_id)
        for one in labelled
        if one.label and not one.label.moved and changed & set(getattr(one.watch, kind))
    ]


def _resting_on(sources: Sources, kind: str, changed: set[str]) -> list[str]:
    """What is open and rests on one of these records."""
    orders = [
        todo_order(one.order_id)
        for one in sources.memory.open_orders()
        if changed & set(getattr(one.watch, kind))
    ]
    deliveries = [
        todo_delivery(one.delivery_id)
        for one in sources.memory.open_deliveries()
        if changed & set(getattr(one.watch, kind))
    ]
    return orders + deliveries
