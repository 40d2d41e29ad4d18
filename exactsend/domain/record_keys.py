"""Where the ledger keeps which record: its sections, and the keys of what is due."""

from dataclasses import dataclass
from datetime import datetime

from exactsend.domain.ids import DeliveryId, OrderId

ORDERS, DELIVERIES, INCOMING, SHIPMENTS = "orders", "deliveries", "incoming", "shipments"
CURSORS, META, TODO, OPEN, NUMBERS, LINKS = "cursors", "meta", "todo", "open", "numbers", "links"


@dataclass(frozen=True)
class Todo:
    """An order or a delivery that something asks to decide about."""

    key: str
    since: datetime
    number: int = 0
    """The number that people know it by; 0: not known yet."""

    @property
    def order_id(self) -> OrderId | None:
        """Its order, when it is one."""
        return OrderId(self.key[2:]) if self.key.startswith("o:") else None

    @property
    def delivery_id(self) -> DeliveryId | None:
        """Its delivery, when it is one."""
        return DeliveryId(self.key[2:]) if self.key.startswith("d:") else None


def todo_order(order: OrderId) -> str:
    """The key under which an order is noted as to be decided about."""
    return f"o:{order}"


def todo_delivery(delivery: DeliveryId) -> str:
    """The key under which a delivery is noted as to be decided about."""
    return f"d:{delivery}"


def is_todo_of_delivery(key: str) -> bool:
    """Whether such a key is a delivery's."""
    return key.startswith("d:")
