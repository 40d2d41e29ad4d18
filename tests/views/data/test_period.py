"""A stretch of days picked out of a ledger: recent, done lately, open however old, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from exactsend.domain.division_records import Schedule
from exactsend.domain.ids import DeliveryId, OrderId, ShipmentId
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import OrderRecord, ShipmentRecord
from exactsend.engine.plan.closed_records import closed_records
from exactsend.ledger.store import Ledger, LedgerView
from exactsend.views.data.period import LedgerPeriod
from tests.builders import NOW, a_label, a_record

FIRST = NOW.replace(hour=0) - timedelta(days=29)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@contextmanager
def a_run(folder: Path, at: datetime) -> Iterator[RecordStore]:
    """A run at this moment: what is noted in it, how it ended, and what is long done by then."""
    with Ledger.open(folder, run_id="run", clock=lambda: at, program="a test") as ledger:
        records = RecordStore(ledger)
        yield records
        records.note("run_ended", Schedule(last_run=at), facts={"exit_status": 0})
        ledger.fold(closed_records(ledger, at))


def an_old_shop(folder: Path) -> None:
    """A delivery labelled 200, 40 and 20 days ago and today, an open one from 300 days ago, and a run on each day."""
    for ago in range(300, -1, -10):
        with a_run(folder, days_ago(ago)) as records:
            if ago == 300:
                records.note("seen", a_record(delivery_id=DeliveryId("open"), seen_at=days_ago(ago)))
            if ago in {200, 40, 20, 0}:
                _label(records, f"{ago}", days_ago(ago))


def _label(records: RecordStore, name: str, at: datetime) -> None:
    label = a_label(f"s-{name}", at=at, tracking_numbers=("3S1",))
    written = {"shipment": f"s-{name}", "numbers": ["3S1"], "done": True}
    delivery = a_record(delivery_id=DeliveryId(name), seen_at=at, label=label, writeback=written)
    order = OrderRecord(order_id=OrderId(f"o-{name}"), number=4711, seen_at=at, settled=True)
    owned = ShipmentRecord(shipment=ShipmentId(f"s-{name}"), state="live", owner=DeliveryId(name))
    records.note("label_bought", delivery, order, owned)


def test_it_has_what_is_recent_what_was_done_lately_and_what_is_open(tmp_path: Path) -> None:
    an_old_shop(tmp_path / "ledger")
    view = LedgerView.read(tmp_path / "ledger")
    assert {key for key, _ in view.recent("deliveries")} == {"open", "0"}, "the others are long done"

    stretch = LedgerPeriod(view, FIRST)

    assert {delivery.delivery_id for delivery in stretch.deliveries()} == {"open", "20", "0"}
    assert sorted(stretch.orders_seen()) == [date(2026, 11, 3), date(2026, 11, 23)]
    assert set(stretch.live_shipments) >= {"20", "0"}
    assert [event.at for event in stretch.events] == [days_ago(20), days_ago(10), days_ago(0)]


def test_a_longer_one_has_more(tmp_path: Path) -> None:
    an_old_shop(tmp_path / "ledger")

    stretch = LedgerPeriod(LedgerView.read(tmp_path / "ledger"), days_ago(250))

    assert {delivery.delivery_id for delivery in stretch.deliveries()} == {"open", "200", "40", "20", "0"}


def test_without_any_event_in_it_nothing_of_the_history_is_read(tmp_path: Path) -> None:
    an_old_shop(tmp_path / "ledger")
    for file in (tmp_path / "ledger" / "history").iterdir():
        file.write_bytes(bytes(file.stat().st_size - 8) + file.read_bytes()[-8:])

    stretch = LedgerPeriod(LedgerView.read(tmp_path / "ledger"), NOW + timedelta(days=2))

    assert {delivery.delivery_id for delivery in stretch.deliveries()} == {"open"}
