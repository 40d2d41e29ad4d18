"""A cure in the configuration is seen by the next run, as one in Exact is: what waits or is held is decided anew.

So it is once the division's country and currency are known that were not: until then parcels may have been held for want of what customs
ask.

So is an order whose shipping method meant that it is collected: an incoming order costs nothing. A delivery that was left alone for that
reason is not, since it may have been collected long ago: ``labels create`` makes its label.
"""

from exactsend.domain.record_keys import todo_delivery, todo_order
from exactsend.domain.records import Schedule
from exactsend.engine.run_context import RunContext
from exactsend.trade.fingerprint import policy_fingerprint


def reconsider(context: RunContext, schedule: Schedule) -> tuple[Schedule, list[str]]:
    """The open work, where configuration or division say something else than when it was decided; and the clockwork that knows that."""
    identity = context.identity
    now = policy_fingerprint(context.fingerprint_key, context.policy, identity.country, identity.currency)
    if schedule.policy == now:
        return schedule, []
    collected = (order for order in context.records.orders() if order.excluded == "method_none")
    orders = [todo_order(order.order_id) for order in (*context.records.open_orders(), *collected)]
    deliveries = [todo_delivery(delivery.delivery_id) for delivery in context.records.open_deliveries()]
    return schedule.replace(policy=now), [*orders, *deliveries]
