"""Reads deliveries from Exact right before acting on them (S2, S12): several in one call, none used for long."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from exactsend.domain.ids import DeliveryId
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.run_context import RunContext
from exactsend.exact.models import GoodsDelivery
from exactsend.exact.query_results import ReadRows
from exactsend.exact.wire import count_in_one_call
from exactsend.system.elapsed import is_due_again

FRESH_FOR = timedelta(seconds=15)
"""What was read longer ago is read again before use: a carrier may be slow, or an allowance used up."""


def _nothing(_: DeliveryRecord) -> Iterable[DeliveryId]:
    return ()


class CurrentDeliveries:
    """Deliveries in the order in which they are acted on, read in groups of one call.

    Args:
        context: the run.
        records: the deliveries.
        also: the other deliveries to read with one of them.
    """

    def __init__(
        self,
        context: RunContext,
        records: Sequence[DeliveryRecord],
        also: Callable[[DeliveryRecord], Iterable[DeliveryId]] = _nothing,
    ) -> None:
        self._hands = context
        self._records = records
        self._also = also
        self._read_up_to = 0
        self._read_at: datetime | None = None
        self._found: ReadRows[GoodsDelivery] = ReadRows()
        self.read_with: dict[DeliveryId, list[DeliveryId]] = {}
        """By delivery: the others that were read with it."""

    def at(self, place: int) -> ReadRows[GoodsDelivery]:
        """The delivery at this index and those read with it, read within ``FRESH_FOR``."""
        if place >= self._read_up_to or is_due_again(FRESH_FOR, self._read_at, self._hands.clock()):
            following = self._records[place:]
            following = following[: count_in_one_call([delivery.number for delivery in following])]
            self.read_with = {delivery.delivery_id: list(self._also(delivery)) for delivery in following}
            self._found = read_deliveries(self._hands, following, self.read_with.values())
            self._read_up_to, self._read_at = place + len(following), self._hands.clock()
        return self._found


def read_deliveries(
    context: RunContext, records: Sequence[DeliveryRecord], also: Iterable[Iterable[DeliveryId]] = ()
) -> ReadRows[GoodsDelivery]:
    """These deliveries and others by id, in their current state, in as few calls as possible."""
    wanted = dict.fromkeys(
        [*(record.delivery_id for record in records), *(key for keys in also for key in keys)]
    )
    return context.exact.deliveries(
        list(wanted), numbers={str(record.delivery_id): record.number for record in records}
    )
