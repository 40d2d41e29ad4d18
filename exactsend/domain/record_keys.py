"""The ledger's sections, and the keys of todo records."""

from dataclasses import dataclass
from datetime import datetime

from exactsend.domain.ids import DeliveryId, OrderId

ORDERS, DELIVERIES, INCOMING, SHIPMENTS = "orders", "deliveries", "incoming", "shipments"
CURSORS, META, TODO, OPEN, NUMBERS, LINKS = "cursors", "meta", "todo", "open", "numbers", "links"


@dataclass(frozen=True)
class Todo:
    """An order or a delivery that must be decided about."""

    key: str
    since: datetime
    number: int = 0
    """Its number; 0: not known yet."""

    @property
    def order_id(self) -> OrderId | None:
        """Its order id, if it is an order's."""
        return OrderId(self.key[2:]) if self.key.startswith("o:") else None

    @property
    def delivery_id(self) -> DeliveryId | None:
        """Its delivery id, if it is a delivery's."""
        return DeliveryId(self.key[2:]) if self.key.startswith("d:") else None


def todo_order(order: OrderId) -> str:
    """The todo key of an order."""
    return f"o:{order}"


def todo_delivery(delivery: DeliveryId) -> str:
    """The todo key of a delivery."""
    return f"d:{delivery}"


def is_todo_of_delivery(key: str) -> bool:
    """Whether a todo key is a delivery's."""
    return key.startswith("d:")
