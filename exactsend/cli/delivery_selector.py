"""Which delivery a command line means: a number that is looked up among orders and deliveries, in what the syncs have seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exactsend.domain.ids import DeliveryId
from exactsend.domain.record_store import Memory
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.division_run import OpenDivision
from exactsend.engine.plan.number_lookup import deliveries_with_number, only_delivery
from exactsend.errors import UsageError
from exactsend.exact.models import GoodsDelivery


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
        if sum(value is not None for value in (self.number, self.order, self.delivery)) != 1:
            raise UsageError(
                "name the delivery, and in one way: a NUMBER, or --order NUMBER, or --delivery NUMBER"
            )


def named(memory: Memory, which: Which) -> list[DeliveryRecord]:
    """The deliveries that it could be, as far as syncs have seen them.

    Raises:
        UsageError: none is known, though an order is.
    """
    found = deliveries_with_number(memory, which.number, order=which.order, delivery=which.delivery)
    wanted = which.order or which.number
    if not found and wanted and memory.orders_with_numbers({wanted}):
        raise UsageError(
            f"no goods delivery of order {wanted} is known",
            hint="Labels are made for deliveries: deliver the order in Exact, then run exactsend sync.",
        )
    return found


def known_as(work: OpenDivision, which: Which) -> list[DeliveryRecord]:
    """The deliveries that it could be, those included that no sync has seen yet.

    Raises:
        UsageError: none is known, though an order is.
    """
    _learn_of(work, which)
    return named(work.memory, which)


def resolved(work: OpenDivision, which: Which, like: Callable[[DeliveryRecord], bool]) -> DeliveryRecord:
    """The one delivery that is named; of an order with one that has no label, that one.

    Args:
        work: the division's workplace.
        which: what the command line names.
        like: whether the command can do anything for a delivery: Exact may give the number of one that was deleted to another.

    Raises:
        UsageError: there is none, or there are several.
    """
    found = known_as(work, which)
    found = [delivery for delivery in found if like(delivery)] or found
    unlabelled = [delivery for delivery in found if delivery.label is None]
    return only_delivery(unlabelled if len(unlabelled) == 1 and not which.delivery else found, which.called)


def _learn_of(work: OpenDivision, which: Which) -> None:
    """Ask Exact for deliveries that no sync has seen yet; they are remembered like any other.

    Of an order always, also where one is known: if there is another one, it must be asked which is meant.
    """
    for delivery in _in_exact(work, which):
        record = DeliveryRecord(
            delivery_id=DeliveryId(delivery.entry_id),
            number=delivery.delivery_number,
            order_numbers=_orders_of(delivery),
            seen_at=work.context.now,
        )
        if work.memory.delivery(record.delivery_id) is None:
            work.memory.note("delivery_seen", record, subject=f"delivery:{record.delivery_id}")


def _in_exact(work: OpenDivision, which: Which) -> Iterator[GoodsDelivery]:
    exact, own = work.services.exact, which.delivery or which.number or ""
    is_known = any(
        str(delivery.number) == own and not delivery.gone
        for delivery in work.memory.deliveries_with_numbers({own})
    )
    if own.isdigit() and not is_known:
        yield from exact.deliveries_by_number([int(own)]).rows
    of_order = which.order or which.number or ""
    if of_order.isdigit() and not is_known:
        yield from exact.deliveries_of_order(int(of_order)).rows


def _orders_of(delivery: GoodsDelivery) -> tuple[int, ...]:
    numbers = {line.sales_order_number for line in delivery.goods_delivery_lines or ()}
    return tuple(sorted(number for number in numbers if number is not None))


def described(record: DeliveryRecord) -> str:
    """A delivery, with the orders that people know it by."""
    orders = ", ".join(str(number) for number in record.order_numbers)
    return f"delivery {record.number}" + (f" (order {orders})" if orders else "")
