"""A ledger with years behind it: ``python -m tests.bench.history FOLDER DELIVERIES``, all labelled and written back."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    LabelRecord,
    OrderRecord,
    Record,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.ledger.store import Ledger
from exactsend.memory import Memory
from exactsend.plan.archiving import done_with
from exactsend.wiring import now_utc

IN_AN_EVENT = 500


def add_history(folder: Path, deliveries: int, now: datetime) -> None:
    """Add deliveries of the last three years to a ledger, and archive what is long done, as runs would have done."""
    with Ledger.open(folder, run_id="bench", clock=lambda: now, program="bench") as ledger:
        memory = Memory(ledger)
        for start in range(0, deliveries, IN_AN_EVENT):
            numbers = range(start, min(start + IN_AN_EVENT, deliveries))
            memory.note("traded", *(one for number in numbers for one in _traded(number, deliveries, now)))
            memory.note_links([(_order(number), _delivery(number)) for number in numbers])
        ledger.fold(done_with(ledger, now))


def _order(number: int) -> OrderId:
    return OrderId(str(UUID(int=number)))


def _delivery(number: int) -> DeliveryId:
    return DeliveryId(str(UUID(int=(1 << 64) + number)))


def _traded(number: int, of_all: int, now: datetime) -> Iterator[Record]:
    at = now - timedelta(days=1100) * (of_all - number) / of_all
    order, delivery, shipment = _order(number), _delivery(number), ShipmentId(f"s-{number}")
    reference = Reference(f"exact-1-{delivery}-1")
    tracking = f"3SBENCH{number:08}"
    entry = IncomingRef(f"exact-1-o-{order}")
    yield OrderRecord(order_id=order, number=number, seen_at=at, settled=True)
    yield IncomingRecord(
        ref=entry,
        number=str(number),
        order=order,
        state=IncomingState.WITHDRAWN,
        fingerprint="f" * 64,
        changed_at=at,
    )
    yield ShipmentRecord(
        shipment=shipment, number=str(number), reference=reference, state="live", owner=delivery
    )
    yield DeliveryRecord(
        delivery_id=delivery,
        number=number,
        order_ids=(order,),
        order_numbers=(number,),
        incoming=entry,
        incoming_number=str(number),
        seen_at=at,
        attempts=(
            Attempt(
                number=1,
                reference=reference,
                fingerprint="f" * 64,
                state=AttemptState.LIVE,
                at=at,
                shipment=shipment,
            ),
        ),
        label=LabelRecord(shipment=shipment, tracking_numbers=(tracking,), how="bought", at=at),
        writeback=WritebackRecord(tracking=tracking, numbers=(tracking,), shipment=shipment, done=True),
        header="h" * 64,
    )


if __name__ == "__main__":
    add_history(Path(sys.argv[1]), int(sys.argv[2]), now_utc())
