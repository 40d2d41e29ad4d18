"""What becomes of a ledger whose division goes on with another Sendcloud account. Pure.

Labels stay what they are: remembered, paid, never bought again. What only the former account knows is let go.
"""

from exactsend.domain.ids import Division
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.record_reader import RecordReader
from exactsend.domain.records import IncomingState, Pins, Record
from exactsend.errors import WrongAccount


def require_movable(records: RecordReader, found: Pins) -> None:
    """Let pass what ``connect --move`` may move.

    Raises:
        WrongAccount: Exact is another one too, or a purchase is open that only the former account can tell about.
    """
    require_same_exact(records.pins, host=found.exact_host, division=Division(found.division))
    lost = [str(delivery.number) for delivery in records.open_deliveries() if delivery.open_attempt]
    if lost:
        raise WrongAccount(
            f"whether a label was bought for delivery {', '.join(lost)} is not known yet, and only the former account can tell",
            hint="Run exactsend sync with the former keys first.",
        )


def require_same_exact(pinned: Pins | None, *, host: str, division: Division) -> None:
    """Let pass the division of Exact that the ledger belongs to, and any where it belongs to none yet.

    Raises:
        WrongAccount: Exact is another one.
    """
    if pinned is not None and (pinned.exact_host, pinned.division) != (host, division):
        raise WrongAccount(
            f"the state belongs to division {pinned.division} at {pinned.exact_host}, not to division "
            f"{division} at {host}; only the Sendcloud account can be moved",
            hint="Keep the state of another Exact elsewhere: --state-dir.",
        )


def records_after_move(records: RecordReader, found: Pins) -> list[Record]:
    """The records that change: the accounts, the entries that stand elsewhere, and what was polled last."""
    schedule = records.schedule.replace(shipments_updated=None, deep_poll=None, entries_looked=None)
    withdrawn = [
        entry.replace(
            state=IncomingState.WITHDRAWN, sendcloud_id="", fingerprint="", absent_looks=0, found_again=0
        )
        for entry in records.open_incoming()
    ]
    return [found, schedule, *withdrawn]


def todo_after_move(records: RecordReader) -> list[str]:
    """What is to be decided about again: every order and delivery that is still open."""
    orders = [todo_order(order.order_id) for order in records.open_orders()]
    return orders + [todo_delivery(delivery.delivery_id) for delivery in records.open_deliveries()]
