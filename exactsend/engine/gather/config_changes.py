"""A cure in the configuration is seen by the next run, as one in Exact is: what waits or is held is decided anew.

So it is once the division's country and currency are known that were not: until then parcels may have been held for want of what customs
ask.

So is an order whose shipping method meant that it is collected: an incoming order costs nothing. A delivery that was left alone for that
reason is not, since it may have been collected long ago: ``labels create`` makes its label.
"""

from exactsend.domain.record_store import todo_delivery, todo_order
from exactsend.domain.records import Clockwork
from exactsend.engine.gather.context import Sources
from exactsend.trade.fingerprint import policy_fingerprint


def reconsider(sources: Sources, clockwork: Clockwork) -> tuple[Clockwork, list[str]]:
    """The open work, where configuration or division say something else than when it was decided; and the clockwork that knows that."""
    identity = sources.identity
    now = policy_fingerprint(sources.fingerprint_key, sources.policy, identity.country, identity.currency)
    if clockwork.policy == now:
        return clockwork, []
    collected = (order for order in sources.memory.orders() if order.excluded == "method_none")
    orders = [todo_order(order.order_id) for order in (*sources.memory.open_orders(), *collected)]
    deliveries = [todo_delivery(delivery.delivery_id) for delivery in sources.memory.open_deliveries()]
    return clockwork.but(policy=now), [*orders, *deliveries]
