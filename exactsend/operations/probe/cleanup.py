"""Puts back what probes have left on the two services: letters, entries, lengthened texts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from exactsend.domain.probe_findings import ProbeIncomingOrder, ProbeLabel
from exactsend.engine.apply.cancel import shipment_after_cancelling
from exactsend.errors import ApiError
from exactsend.operations.probe.length_probes import undo
from exactsend.operations.probe.probe_context import ProbeContext
from exactsend.sendcloud.wire import delete_order

_LOOKS, _SECONDS = 10, 3.0
_LONGEST_LAG = timedelta(hours=1)
"""After this a letter that no look-up finds was never made."""


def clean(bench: ProbeContext) -> list[str]:
    """Put everything back; gives what could not be, each as a sentence. What could not stays noted for the next probe."""
    left: list[str] = []
    for step in _steps(bench):
        try:
            trouble = step()
        except ApiError as error:
            trouble = f"{error.message}; the next probe tries again"
        left += [trouble] if trouble else []
    return left


def _steps(bench: ProbeContext) -> Iterator[Callable[[], str]]:
    probe = bench.memory.probe
    for writing in probe.writings:
        yield partial(undo, bench, writing)
    for label in probe.labels:
        yield partial(_cancelled, bench, label)
    for entry in probe.entries:
        yield partial(_withdrawn, bench, entry)


def _cancelled(bench: ProbeContext, label: ProbeLabel) -> str:
    """Cancel every letter under a reference. That none is seen proves nothing at first: look-ups lag."""
    found = bench.services.sendcloud.shipments_with_reference(label.reference)
    for shipment in found:
        if shipment.is_live:
            shipment_after_cancelling(
                bench.services.sendcloud, shipment.id, send=bench.services.sendcloud.cancel
            )
    if not found and bench.clock() - label.at < _LONGEST_LAG:
        return f"no letter {label.reference} is to be seen yet; the next probe looks again"
    bench.label_is_gone(label.reference)
    return ""


def _withdrawn(bench: ProbeContext, entry: ProbeIncomingOrder) -> str:
    """Delete what stands under an order id but what is to stay, until it is seen to be gone."""
    for _ in range(_LOOKS):
        stored = bench.services.sendcloud.stored_orders_with_id(entry.order_id, integration=bench.integration)
        extra = [stored_entry for stored_entry in stored if stored_entry.id not in entry.stays]
        if not extra:
            bench.entry_is_gone(entry)
            return ""
        for stored_entry in extra:
            bench.services.request_log.record_and_send(
                entry.order_id, delete_order(stored_entry.id), bench.services.sendcloud.delete_order
            )
        bench.wait(_SECONDS)
    return f"the incoming order {entry.order_id} could not be deleted; the next probe tries again"
