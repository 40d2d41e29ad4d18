"""Decides open work again after the configuration changed, so that a correction there takes effect in the next run.

Also once the division's country and currency become known, because parcels may have been held without them, and for
orders whose method meant "collected", since an incoming order costs nothing. Not for deliveries excluded as collected,
which may be long gone: ``labels create`` buys their labels.
"""

from exactsend.domain.division_records import Schedule
from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.engine.run_context import RunContext
from exactsend.trade.fingerprint import policy_fingerprint


def work_to_reconsider(context: RunContext, schedule: Schedule) -> tuple[Schedule, list[str]]:
    """The todo keys of open work if configuration or division changed, and the schedule that notes the change."""
    identity = context.identity
    now = policy_fingerprint(context.fingerprint_key, context.policy, identity.country, identity.currency)
    if schedule.policy == now:
        return schedule, []
    collected = (order for order in context.records.orders() if order.excluded == "method_none")
    orders = [todo_order(order.order_id) for order in (*context.records.open_orders(), *collected)]
    deliveries = [todo_delivery(delivery.delivery_id) for delivery in context.records.open_deliveries()]
    return schedule.replace(policy=now), [*orders, *deliveries]
