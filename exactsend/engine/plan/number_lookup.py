"""Finds the delivery that a person means by an order or delivery number. Pure."""

from collections.abc import Iterable, Sequence

from exactsend.domain.records import DeliveryRecord
from exactsend.errors import UsageError


def deliveries_with_number(
    deliveries: Iterable[DeliveryRecord],
    number: str | None,
    *,
    order: str | None = None,
    delivery: str | None = None,
) -> list[DeliveryRecord]:
    """Those of the deliveries that a person means, lowest number first.

    Args:
        deliveries: all that the ledger has with one of these numbers.
        number: an order's or a delivery's number.
        order: an order's number.
        delivery: a delivery's number.
    """
    by_delivery, by_order = delivery or number, order or number
    return [
        record
        for record in sorted(deliveries, key=lambda record: record.number)
        if (by_delivery and str(record.number) == by_delivery and not order)
        or (by_order and by_order in {str(known) for known in record.order_numbers} and not delivery)
    ]


def only_delivery(found: Sequence[DeliveryRecord], called: str) -> DeliveryRecord:
    """The only delivery found.

    Raises:
        UsageError: there is none, or several; lists them.
    """
    if not found:
        raise UsageError(
            f"no goods delivery is known under {called}",
            hint="A delivery is known once a sync has seen it: run exactsend sync, or exactsend explain with the number.",
        )
    if len(found) > 1:
        raise UsageError(f"{called} could be: {choices(found)}", hint="Name one with --delivery NUMBER.")
    return found[0]


def choices(found: Sequence[DeliveryRecord]) -> str:
    """The list of deliveries to choose from, as a sentence."""
    return "; ".join(description(delivery) for delivery in found)


def description(record: DeliveryRecord) -> str:
    """One line of that list."""
    orders = ", ".join(str(number) for number in record.order_numbers)
    state = f"label {record.label.shipment}" if record.label else record.excluded or "no label"
    return f"delivery {record.number} of order {orders} ({state})"
