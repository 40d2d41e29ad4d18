"""Write fields of a goods delivery in Exact."""

from exactsend.domain.ids import DeliveryId
from exactsend.engine.run_context import RunContext
from exactsend.exact import wire
from exactsend.http.messages import Json


def update_delivery(context: RunContext, delivery: DeliveryId, changes: dict[str, Json]) -> None:
    """Write these fields; others stay. The call is idempotent, so it needs no event before it."""
    call = wire.update_delivery(context.identity.division, delivery, changes)
    context.request_log.record_and_send(delivery, call, context.exact.update_delivery)
