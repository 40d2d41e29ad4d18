"""Says what is about to be written to Exact for a delivery, so that the ledger tells it: the calls as the client makes them."""

from exactsend.domain.ids import DeliveryId
from exactsend.engine.run_context import RunContext
from exactsend.exact import wire
from exactsend.http.messages import Json


def will_update(context: RunContext, delivery: DeliveryId, changes: dict[str, Json]) -> None:
    """These fields of the delivery."""
    context.exchanges.will_send(delivery, wire.update_delivery(context.identity.division, delivery, changes))


def will_create_document(
    context: RunContext, delivery: DeliveryId, subject: str, account: str | None, order_number: int | None
) -> None:
    """A document for its label."""
    call = wire.create_document(context.identity.division, subject, account, order_number)
    context.exchanges.will_send(delivery, call)


def will_attach(
    context: RunContext, delivery: DeliveryId, document: str, file_name: str, content: bytes
) -> None:
    """Its label, into that document."""
    context.exchanges.will_send(
        delivery, wire.attach(context.identity.division, document, file_name, content)
    )
