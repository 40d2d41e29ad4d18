"""A ledger with years behind it: ``python -m tests.bench.history FOLDER DELIVERIES``, all labelled and written back."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.record_store import Memory
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    LabelRecord,
    OrderRecord,
    ShipmentRecord,
    WritebackRecord,
)
from exactsend.domain.store_protocol import Change, Overlay, Put
from exactsend.engine.plan.archiving import records_to_archive
from exactsend.engine.wiring import now_utc
from exactsend.http.messages import Json
from exactsend.ledger import history, journal
from exactsend.ledger.journal import Event
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.system import durable_files
from tests.builders import Nothing

YEARS = 3
MONTHS = 12 * YEARS


def add_history(folder: Path, deliveries: int, now: datetime) -> None:
    """Let a ledger have traded for three years until now, archiving each month what was done with, as runs would have each day."""
    store = _Past(sum(1 for _ in LedgerView.read(folder).events()))
    began = now - timedelta(days=365 * YEARS)
    for month in range(MONTHS):
        numbers = range(deliveries * month // MONTHS, deliveries * (month + 1) // MONTHS)
        moments = [began + timedelta(days=365 * YEARS) * number / deliveries for number in numbers]
        _write_past(folder / "history", store, dict(zip(numbers, moments, strict=True)))
        _fold(folder, moments[-1])
        store.seq += 1


def _fold(folder: Path, now: datetime) -> None:
    with Ledger.open(folder, run_id="bench", clock=lambda: now, program="bench") as ledger:
        ledger.record("archived")
        ledger.fold(records_to_archive(ledger, now))
    history.keep_index(folder / "history", has_grown=True, tap=durable_files.untapped)


def _write_past(past: Path, store: "_Past", moments: Mapping[int, datetime]) -> None:
    """The events, straight into the history: recorded one by one, each made durable, they would take half an hour."""
    durable_files.make_private_folder(past)
    with ExitStack() as files:
        years: dict[int, BinaryIO] = {}
        for number, store.at in moments.items():
            _trade(Memory(store), number, store.at)
            if (year := store.at.year) not in years:
                path = past / f"{year}.jsonl"
                path.touch(durable_files.PRIVATE_FILE)
                years[year] = files.enter_context(path.open("ab"))
            years[year].writelines(store.lines)
            store.lines.clear()


class _Past(Overlay):
    """A store of nothing that turns what is recorded into lines of the history."""

    def __init__(self, seq: int) -> None:
        super().__init__(Nothing())  # type: ignore[arg-type]  # its iterable is an iterator
        self.seq = seq
        self.at = datetime.min.replace(tzinfo=UTC)
        self.lines: list[bytes] = []

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] | None = None,
        puts: Sequence[Put] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        del changes
        self.seq += 1
        happened = (journal.Put(*pair) for pair in puts)
        told = Event(self.seq, self.at, "bench", event, subject, dict(facts or {}), tuple(happened))
        self.lines.append(journal.encode(told))


def _order(number: int) -> OrderId:
    return OrderId(str(UUID(int=number)))


def _delivery(number: int) -> DeliveryId:
    return DeliveryId(str(UUID(int=(1 << 64) + number)))


def _trade(memory: Memory, number: int, at: datetime) -> None:
    """The life of one delivery in four events; a real one has a few more."""
    order, delivery, shipment = _order(number), _delivery(number), ShipmentId(f"s-{number}")
    reference = Reference(f"exact-1-{delivery}-1")
    subject = f"delivery:{delivery}"
    tracking = f"3SBENCH{number:08}"
    ref = IncomingRef(f"exact-1-o-{order}")
    entry = IncomingRecord(
        ref=ref,
        number=str(number),
        order=order,
        state=IncomingState.STORED,
        fingerprint="f" * 64,
        changed_at=at,
    )
    attempt = Attempt(number=1, reference=reference, fingerprint="f" * 64, state=AttemptState.INTENDED, at=at)
    seen = DeliveryRecord(
        delivery_id=delivery,
        number=number,
        order_ids=(order,),
        order_numbers=(number,),
        incoming=ref,
        incoming_number=str(number),
        seen_at=at,
        attempts=(attempt,),
        header="h" * 64,
    )
    memory.note("entries_pushed", OrderRecord(order_id=order, number=number, seen_at=at, settled=True), entry)
    memory.note_links([(order, delivery)])
    memory.note("label_intended", seen, subject=subject, facts={"reference": reference})
    label = LabelRecord(shipment=shipment, tracking_numbers=(tracking,), how="bought", at=at)
    bought = seen.with_attempt(attempt.replace(state=AttemptState.LIVE, shipment=shipment)).with_label(label)
    owned = ShipmentRecord(
        shipment=shipment, number=str(number), reference=reference, state="live", owner=delivery
    )
    memory.note("label_bought", bought, owned, subject=subject, facts={"shipment": shipment})
    written = WritebackRecord(tracking=tracking, numbers=(tracking,), shipment=shipment, done=True)
    gone = entry.replace(state=IncomingState.WITHDRAWN)
    memory.note("written_back", bought.replace(writeback=written), gone, subject=subject)


if __name__ == "__main__":
    add_history(Path(sys.argv[1]), int(sys.argv[2]), now_utc())
