"""The sections of the ledger, and the keys of todo marks."""

from dataclasses import dataclass
from datetime import datetime

from exactsend.domain.ids import DeliveryId, OrderId

ORDERS, DELIVERIES, INCOMING, SHIPMENTS = "orders", "deliveries", "incoming", "shipments"
CURSORS, META, TODO, OPEN, NUMBERS, LINKS = "cursors", "meta", "todo", "open", "numbers", "links"


@dataclass(frozen=True)
class Todo:
    """A todo mark: an order or a delivery that needs a decision."""

    key: str
    since: datetime
    number: int = 0
    """Its number; 0: not known yet."""

    @property
    def order_id(self) -> OrderId | None:
        """The order, if it is one."""
        return OrderId(self.key[2:]) if self.key.startswith("o:") else None

    @property
    def delivery_id(self) -> DeliveryId | None:
        """The delivery, if it is one."""
        return DeliveryId(self.key[2:]) if self.key.startswith("d:") else None


def todo_order(order: OrderId) -> str:
    """The key of an order's todo mark."""
    return f"o:{order}"


def todo_delivery(delivery: DeliveryId) -> str:
    """The key of a delivery's todo mark."""
    return f"d:{delivery}"


def is_todo_of_delivery(key: str) -> bool:
    """Whether a todo mark is a delivery's."""
    return key.startswith("d:")
