"""Finds the delivery that a person names: by a number of an order or a delivery, in the ledger and in Exact."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from exactsend.domain.ids import DeliveryId
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.division_run import OpenDivision
from exactsend.engine.plan.number_lookup import choices, deliveries_with_number, only_delivery
from exactsend.errors import UsageError
from exactsend.exact.models import GoodsDelivery


@dataclass(frozen=True)
class DeliverySelector:
    """A delivery as the command line names it."""

    number: str | None = None
    order: str | None = None
    delivery: str | None = None

    @property
    def label(self) -> str:
        """Its name in messages."""
        if self.order:
            return f"order {self.order}"
        return f"delivery {self.delivery}" if self.delivery else f"number {self.number}"

    def require_complete(self) -> None:
        """Require exactly one way of naming it.

        Raises:
            UsageError: it is named in no way, or in several.
        """
        if sum(value is not None for value in (self.number, self.order, self.delivery)) != 1:
            raise UsageError(
                "name the delivery, and in one way: a NUMBER, or --order NUMBER, or --delivery NUMBER"
            )


def deliveries_in_ledger(records: RecordStore, selector: DeliverySelector) -> list[DeliveryRecord]:
    """The deliveries in the ledger that match.

    Raises:
        UsageError: none matches, though an order does.
    """
    numbers = {number for number in (selector.number, selector.order, selector.delivery) if number}
    matching = deliveries_with_number(
        records.deliveries_with_numbers(numbers),
        selector.number,
        order=selector.order,
        delivery=selector.delivery,
    )
    order = selector.order or selector.number
    if not matching and order and records.orders_with_numbers({order}):
        raise UsageError(
            f"no goods delivery of order {order} is known",
            hint="Labels are made for deliveries: deliver the order in Exact, then run exactsend sync.",
        )
    return matching


def deliveries_to_download(
    records: RecordStore, selectors: Sequence[DeliverySelector]
) -> list[DeliveryRecord]:
    """All deliveries in the ledger that match, each once; for an order all its deliveries.

    Raises:
        UsageError: a selector matches nothing, or matches both an order and another order's delivery.
    """
    return list(
        {
            delivery.delivery_id: delivery
            for selector in selectors
            for delivery in _all_of_one_kind(records, selector)
        }.values()
    )


def _all_of_one_kind(records: RecordStore, selector: DeliverySelector) -> list[DeliveryRecord]:
    matching = deliveries_in_ledger(records, selector)
    if not matching:
        only_delivery(matching, selector.label)
    with_own_number = [delivery for delivery in matching if str(delivery.number) == selector.number]
    if with_own_number and len(with_own_number) < len(matching):
        raise UsageError(
            f"{selector.label} could be: {choices(matching)}",
            hint="Choose with --order NUMBER or --delivery NUMBER.",
        )
    return matching


def deliveries_in_ledger_or_exact(opened: OpenDivision, selector: DeliverySelector) -> list[DeliveryRecord]:
    """The deliveries that match, including those that no sync has read yet.

    Raises:
        UsageError: none matches, though an order does.
    """
    _store_new_deliveries(opened, selector)
    return deliveries_in_ledger(opened.records, selector)


def select_delivery(
    opened: OpenDivision, selector: DeliverySelector, is_eligible: Callable[[DeliveryRecord], bool]
) -> DeliveryRecord:
    """The one delivery that is named. Of an order with one delivery without a label, that delivery.

    Args:
        opened: the division, under its lock.
        selector: what the command line names.
        is_eligible: whether the command can do anything for a delivery. Exact may reuse the number of a deleted delivery.

    Raises:
        UsageError: there is none, or there are several.
    """
    matching = deliveries_in_ledger_or_exact(opened, selector)
    matching = [delivery for delivery in matching if is_eligible(delivery)] or matching
    unlabelled = [delivery for delivery in matching if delivery.label is None]
    is_clear = len(unlabelled) == 1 and not selector.delivery
    return only_delivery(unlabelled if is_clear else matching, selector.label)


def _store_new_deliveries(opened: OpenDivision, selector: DeliverySelector) -> None:
    """Store the deliveries in Exact that no sync has read yet."""
    for delivery in _deliveries_in_exact(opened, selector):
        record = DeliveryRecord(
            delivery_id=DeliveryId(delivery.entry_id),
            number=delivery.delivery_number,
            order_numbers=_order_numbers(delivery),
            seen_at=opened.context.now,
        )
        if opened.records.delivery(record.delivery_id) is None:
            opened.records.note("delivery_seen", record, subject=f"delivery:{record.delivery_id}")


def _deliveries_in_exact(opened: OpenDivision, selector: DeliverySelector) -> Iterator[GoodsDelivery]:
    """What Exact has under the number. For an order it is always asked: a second delivery would make the choice unclear."""
    exact, own_number = opened.services.exact, selector.delivery or selector.number or ""
    is_known = any(
        str(delivery.number) == own_number and not delivery.gone
        for delivery in opened.records.deliveries_with_numbers({own_number})
    )
    if own_number.isdigit() and not is_known:
        yield from exact.deliveries_by_number([int(own_number)]).rows
    order = selector.order or selector.number or ""
    if order.isdigit() and not is_known:
        yield from exact.deliveries_of_order(int(order)).rows


def _order_numbers(delivery: GoodsDelivery) -> tuple[int, ...]:
    numbers = {line.sales_order_number for line in delivery.goods_delivery_lines or ()}
    return tuple(sorted(number for number in numbers if number is not None))


def delivery_name(record: DeliveryRecord) -> str:
    """A delivery in a message, with the orders that people know it by."""
    orders = ", ".join(str(number) for number in record.order_numbers)
    return f"delivery {record.number}" + (f" (order {orders})" if orders else "")
