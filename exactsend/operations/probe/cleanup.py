"""Restores what probes changed on the two services: cancels letters, deletes incoming orders, shortens texts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from exactsend.domain.probe_findings import ProbeIncomingOrder, ProbeLabel
from exactsend.engine.apply.cancel import shipment_after_cancelling
from exactsend.errors import ApiError
from exactsend.operations.probe.length_probes import restore_text
from exactsend.operations.probe.probe_context import ProbeContext
from exactsend.sendcloud.wire import delete_order

_ATTEMPTS, _SECONDS_BETWEEN = 10, 3.0
_LONGEST_LAG = timedelta(hours=1)
"""A letter that no look-up finds after this time was never created."""


def clean_up(context: ProbeContext) -> list[str]:
    """Restore everything; return a sentence for each thing that could not be restored. The ledger keeps it for the next probe."""
    failures: list[str] = []
    for step in _clean_up_steps(context):
        try:
            failure = step()
        except ApiError as error:
            failure = f"{error.message}; the next probe tries again"
        failures += [failure] if failure else []
    return failures


def _clean_up_steps(context: ProbeContext) -> Iterator[Callable[[], str]]:
    probe = context.records.probe
    for writing in probe.writings:
        yield partial(restore_text, context, writing)
    for label in probe.labels:
        yield partial(_cancel_label, context, label)
    for entry in probe.entries:
        yield partial(_delete_order, context, entry)


def _cancel_label(context: ProbeContext, label: ProbeLabel) -> str:
    """Cancel every letter with a reference. For a while, finding none proves nothing: look-ups lag."""
    found = context.services.sendcloud.shipments_with_reference(label.reference)
    for shipment in found:
        if shipment.is_live:
            shipment_after_cancelling(
                context.services.sendcloud, shipment.id, send=context.services.sendcloud.cancel
            )
    if not found and context.clock() - label.at < _LONGEST_LAG:
        return f"Sendcloud does not show letter {label.reference} yet; the next probe looks again"
    context.record_label_gone(label.reference)
    return ""


def _delete_order(context: ProbeContext, entry: ProbeIncomingOrder) -> str:
    """Delete the incoming orders with an order id except those that were there before; wait until they are gone."""
    for _ in range(_ATTEMPTS):
        stored = context.services.sendcloud.stored_orders_with_id(
            entry.order_id, integration=context.integration
        )
        extra = [stored_entry for stored_entry in stored if stored_entry.id not in entry.stays]
        if not extra:
            context.record_order_gone(entry)
            return ""
        for stored_entry in extra:
            context.services.request_log.record_and_send(
                entry.order_id, delete_order(stored_entry.id), context.services.sendcloud.delete_order
            )
        context.wait(_SECONDS_BETWEEN)
    return f"the incoming order {entry.order_id} could not be deleted; the next probe tries again"
