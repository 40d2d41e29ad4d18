"""Moves a ledger to another Sendcloud account. Pure.

Labels stay: known, paid, never bought again. What only the previous account has is forgotten.
"""

from collections.abc import Iterable

from exactsend.domain.division_records import Pins, Schedule
from exactsend.domain.ids import Division
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import DeliveryRecord, IncomingRecord, IncomingState, OrderRecord, Record
from exactsend.errors import WrongAccount


def require_movable(pinned: Pins | None, open_deliveries: Iterable[DeliveryRecord], found: Pins) -> None:
    """Refuse moves that ``connect --move`` can't make.

    Raises:
        WrongAccount: the Exact account differs too, or a purchase is open whose outcome only the previous account
            has.
    """
    require_same_exact(pinned, host=found.exact_host, division=Division(found.division))
    lost = [str(delivery.number) for delivery in open_deliveries if delivery.open_attempt]
    if lost:
        raise WrongAccount(
            f"whether a label was bought for delivery {', '.join(lost)} is not known yet, and only the previous account can tell",
            hint="Run exactsend sync with the previous keys first.",
        )


def require_same_exact(pinned: Pins | None, *, host: str, division: Division) -> None:
    """Refuse any division of Exact but the ledger's. A ledger without pins accepts any.

    Raises:
        WrongAccount: the division or the host differs.
    """
    if pinned is not None and (pinned.exact_host, pinned.division) != (host, division):
        raise WrongAccount(
            f"the state belongs to division {pinned.division} at {pinned.exact_host}, not to division "
            f"{division} at {host}; only the Sendcloud account can be moved",
            hint="Keep the state of another Exact elsewhere: --state-dir.",
        )


def records_after_move(
    schedule: Schedule, incoming_orders: Iterable[IncomingRecord], found: Pins
) -> list[Record]:
    """The records that change: the pins, the previous account's incoming orders, and the poll's schedule."""
    polled_anew = schedule.replace(shipments_updated=None, deep_poll=None, entries_looked=None)
    withdrawn = [
        incoming_order.replace(
            state=IncomingState.WITHDRAWN, sendcloud_id="", fingerprint="", absent_looks=0, found_again=0
        )
        for incoming_order in incoming_orders
    ]
    return [found, polled_anew, *withdrawn]


def todo_after_move(
    open_orders: Iterable[OrderRecord], open_deliveries: Iterable[DeliveryRecord]
) -> list[str]:
    """The todo keys of every open order and delivery."""
    orders = [todo_order(order.order_id) for order in open_orders]
    return orders + [todo_delivery(delivery.delivery_id) for delivery in open_deliveries]
