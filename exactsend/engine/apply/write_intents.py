"""Says what is about to be written to Exact for a delivery, so that the ledger tells it: the calls as the client makes them."""

from exactsend.domain.ids import DeliveryId
from exactsend.engine.apply.context import Hands
from exactsend.exact import wire
from exactsend.http.messages import Json


def will_update(hands: Hands, delivery: DeliveryId, changes: dict[str, Json]) -> None:
    """These fields of the delivery."""
    hands.exchanges.will_send(delivery, wire.update_delivery(hands.identity.division, delivery, changes))


def will_create_document(
    hands: Hands, delivery: DeliveryId, subject: str, account: str | None, order_number: int | None
) -> None:
    """A document for its label."""
    call = wire.create_document(hands.identity.division, subject, account, order_number)
    hands.exchanges.will_send(delivery, call)


def will_attach(hands: Hands, delivery: DeliveryId, document: str, file_name: str, content: bytes) -> None:
    """Its label, into that document."""
    hands.exchanges.will_send(delivery, wire.attach(hands.identity.division, document, file_name, content))
