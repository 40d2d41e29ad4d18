"""Which delivery a command line means: a number that is looked up among orders and deliveries, in what the syncs have seen."""

from dataclasses import dataclass

from exactsend.domain.ids import DeliveryId
from exactsend.domain.records import DeliveryRecord
from exactsend.errors import UsageError
from exactsend.memory import Memory
from exactsend.plan.numbers import deliveries_named, the_one
from exactsend.runner import Workplace


@dataclass(frozen=True)
class Which:
    """What the command line names."""

    number: str | None = None
    order: str | None = None
    delivery: str | None = None

    @property
    def called(self) -> str:
        """How messages call it."""
        if self.order:
            return f"order {self.order}"
        return f"delivery {self.delivery}" if self.delivery else f"number {self.number}"

    def require(self) -> None:
        """Let pass exactly one way of naming it.

        Raises:
            UsageError: it is named in no way, or in several.
        """
        if sum(one is not None for one in (self.number, self.order, self.delivery)) != 1:
            raise UsageError("name the delivery: a NUMBER, or --order NUMBER, or --delivery NUMBER")


def named(memory: Memory, which: Which) -> list[DeliveryRecord]:
    """The deliveries that it could be, as far as syncs have seen them.

    Raises:
        UsageError: none is known, though an order is.
    """
    found = deliveries_named(memory, which.number, order=which.order, delivery=which.delivery)
    wanted = which.order or which.number
    if not found and any(str(order.number) == wanted for order in memory.orders()):
        raise UsageError(
            f"no goods delivery of order {wanted} is known",
            hint="Labels are made for deliveries: deliver the order in Exact, then run exactsend sync.",
        )
    return found


def resolved(work: Workplace, which: Which) -> DeliveryRecord:
    """The one delivery that is named; of an order with one that has no label, that one.

    Raises:
        UsageError: there is none, or there are several.
    """
    _learn_of(work, which)
    found = named(work.memory, which)
    unlabelled = [one for one in found if one.label is None]
    return the_one(unlabelled if len(unlabelled) == 1 and not which.delivery else found, which.called)


def _learn_of(work: Workplace, which: Which) -> None:
    """Ask Exact for a delivery that no sync has seen yet; it is remembered like any other."""
    number = which.delivery or which.number
    is_known = deliveries_named(work.memory, which.number, order=which.order, delivery=which.delivery)
    if is_known or number is None or not number.isdigit():
        return
    for delivery in work.systems.exact.deliveries_by_number([int(number)]):
        record = DeliveryRecord(
            delivery_id=DeliveryId(delivery.entry_id),
            number=delivery.delivery_number,
            seen_at=work.sources.now,
        )
        if work.memory.delivery(record.delivery_id) is None:
            work.memory.note("delivery_seen", record, subject=f"delivery:{record.delivery_id}")


def described(record: DeliveryRecord) -> str:
    """A delivery, with the orders that people know it by."""
    orders = ", ".join(str(number) for number in record.order_numbers)
    return f"delivery {record.number}" + (f" (order {orders})" if orders else "")
