"""Orders, deliveries, shipments and snapshots that are whole and ordinary: a test changes only what it is about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from exactsend.domain.ids import DeliveryId, Division, IncomingRef, OrderId, Reference, ShipmentId
from exactsend.domain.loaded_records import LoadedRecords
from exactsend.domain.policy import Policy
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import (
    Attempt,
    AttemptState,
    DeliveryRecord,
    IncomingRecord,
    IncomingState,
    LabelRecord,
    OrderRecord,
    Record,
)
from exactsend.domain.store_protocol import JsonRecord, Overlay
from exactsend.engine.record_loader import with_records
from exactsend.engine.snapshot import Identity, Snapshot
from exactsend.exact.models import GoodsDelivery, GoodsDeliveryLine, SalesOrder
from exactsend.sendcloud.models import SenderAddress, Shipment
from tests.trade.builders import KEY, a_directory, a_line
from tests.trade.builders import an_order as an_order_of_nobody

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DIVISION = Division(1234567)
ORDER = OrderId("00000000-0000-4000-8000-00000000000a")
DELIVERY = DeliveryId("00000000-0000-4000-8000-0000000000d1")
OTHER_DELIVERY = DeliveryId("00000000-0000-4000-8000-0000000000d2")
ENTRY = IncomingRef(f"exact-{DIVISION}-o-{ORDER}")
OWN_ENTRY = IncomingRef(f"exact-{DIVISION}-d-{DELIVERY}")
WALL = datetime(2026, 11, 23, 8, 0)  # noqa: DTZ001 - Exact's dates have no zone


class Nothing:
    """A store with nothing in it."""

    def get(self, section: str, key: str) -> JsonRecord | None:
        del section, key
        return None

    def items(self, section: str) -> Iterable[tuple[str, JsonRecord]]:
        del section
        return iter(())

    def recent(self, section: str) -> Iterable[tuple[str, JsonRecord]]:
        return self.items(section)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterable[tuple[str, JsonRecord]]:
        del section, numbers
        return iter(())


def a_record_store(*records: Record) -> RecordStore:
    """A store of these records that keeps no file."""
    store = RecordStore(Overlay(Nothing()))  # type: ignore[arg-type]  # its iterable is an iterator
    if records:
        store.note("given", *records)
    return store


def a_policy(*, automatic: bool = True, **tables: Any) -> Policy:  # noqa: ANN401 - tables as in the configuration
    """Labels are bought, with one option for all; the start date is days ago."""
    labels = {"shipping_option": "postnl:standard", **tables.pop("labels", {})}
    if automatic:
        labels = {"create_automatically": True, "start_date": date(2026, 11, 20), **labels}
    return Policy.model_validate({"labels": labels, "warehouses": {"1": 17}, **tables})


def an_order(**changes: Any) -> SalesOrder:  # noqa: ANN401 - any field of the record
    """Order 4711: two shirts to Amsterdam, delivered."""
    lines = (a_line(order_id=ORDER, quantity=2, quantity_delivered=2),)
    fields = {"order_id": ORDER, "warehouse_code": "1", "sales_order_lines": lines}
    return an_order_of_nobody(**{**fields, **changes})


def an_open_order(**changes: Any) -> SalesOrder:  # noqa: ANN401 - likewise
    """The same, not delivered yet."""
    return an_order(**{"sales_order_lines": (a_line(order_id=ORDER, quantity=2),), **changes})


def a_delivery(quantity: int = 2, **changes: Any) -> GoodsDelivery:  # noqa: ANN401 - likewise
    """Delivery 20001 of order 4711, in full."""
    line = GoodsDeliveryLine(
        id="dl-1",
        entry_id=DELIVERY,
        item="itm",
        quantity_delivered=Decimal(quantity),
        sales_order_line_id="line-1",
        sales_order_number=4711,
        Unitcode="pc",
    )
    fields = {
        "division": DIVISION,
        "entry_id": DELIVERY,
        "delivery_number": 20001,
        "tracking_number": None,
        "remarks": None,
        "document": None,
        "delivery_account": "acc",
        "delivery_address": "adr",
        "warehouse_code": "1",
        "created": WALL,
        "modified": WALL,
        "goods_delivery_lines": (line,),
    }
    return GoodsDelivery(**{**fields, **changes})


def a_shipment(key: str = "s-1", *, status: str = "READY_TO_SEND", **changes: Any) -> Shipment:  # noqa: ANN401 - likewise
    """A live shipment of order 4711 to its address, made in the panel."""
    is_made = status != "ANNOUNCEMENT_FAILED"
    parcel = {
        "id": abs(hash(key)) % 10_000,
        "status": {"code": status, "message": ""},
        "tracking_number": f"3S{key}" if is_made else "",
        "documents": [{"type": "label", "link": "https://x.example"}] if is_made else [],
        "updated_at": NOW.isoformat(),
    }
    fields = {
        "id": key,
        "order_number": "4711",
        "external_reference_id": None,
        "carrier": {"code": "postnl"},
        "to_address": {"country_code": "NL", "postal_code": "1017 GC", "city": "Amsterdam"},
        "parcels": [parcel],
    }
    return Shipment.model_validate({**fields, **changes})


def our_shipment(attempt: int = 1, *, delivery: str = DELIVERY, **changes: Any) -> Shipment:  # noqa: ANN401 - likewise
    """One that was bought under the delivery's reference."""
    reference = reference_of(attempt, delivery)
    return a_shipment(f"own-{attempt}", external_reference_id=reference, **changes)


def reference_of(attempt: int, delivery: str = DELIVERY) -> Reference:
    return Reference(f"exact-{DIVISION}-{delivery}-{attempt}")


def an_attempt(number: int = 1, state: AttemptState = AttemptState.FAILED, **changes: Any) -> Attempt:  # noqa: ANN401 - likewise
    fields = {
        "number": number,
        "reference": reference_of(number),
        "fingerprint": "f",
        "state": state,
        "at": NOW - timedelta(hours=1),
    }
    return Attempt.model_validate({**fields, **changes})


def a_record(**changes: Any) -> DeliveryRecord:  # noqa: ANN401 - likewise
    """Delivery 20001 as it is remembered: seen, nothing done."""
    fields = {
        "delivery_id": DELIVERY,
        "number": 20001,
        "order_ids": (ORDER,),
        "order_numbers": (4711,),
        "incoming": ENTRY,
        "incoming_number": "4711",
        "seen_at": NOW,
    }
    return DeliveryRecord.model_validate({**fields, **changes})


def a_label(shipment: str = "s-1", **changes: Any) -> LabelRecord:  # noqa: ANN401 - likewise
    return LabelRecord.model_validate(
        {"shipment": ShipmentId(shipment), "how": "bought", "at": NOW, **changes}
    )


def an_entry(
    state: IncomingState = IncomingState.STORED,
    *,
    delivery: str | None = None,
    **changes: Any,  # noqa: ANN401 - likewise
) -> IncomingRecord:
    """The entry of order 4711 as it is remembered."""
    fields = {
        "ref": ENTRY,
        "number": "4711",
        "order": ORDER,
        "delivery": delivery,
        "state": state,
        "sendcloud_id": "900",
        "changed_at": NOW - timedelta(hours=1),
    }
    return IncomingRecord.model_validate({**fields, **changes})


def an_order_record(**changes: Any) -> OrderRecord:  # noqa: ANN401 - likewise
    return OrderRecord.model_validate({"order_id": ORDER, "number": 4711, "seen_at": NOW, **changes})


def a_snapshot(
    *records: Record,
    deliveries: Iterable[GoodsDelivery] | None = None,
    orders: Iterable[SalesOrder] | None = None,
    shipments: Iterable[Shipment] = (),
    links: Iterable[tuple[OrderId, DeliveryId]] = (),
    **changes: Any,  # noqa: ANN401 - any field of the snapshot
) -> Snapshot:
    """Order 4711 and its delivery as read just now, with ``records`` and ``links`` in the ledger."""
    read = [a_delivery()] if deliveries is None else deliveries
    sold = [an_order()] if orders is None else orders
    sender = SenderAddress(id=17, country_code="NL", postal_code="3511 NK")
    fields: Mapping[str, Any] = {
        "now": NOW,
        "identity": Identity(DIVISION, 7001, "NL", "EUR"),
        "policy": a_policy(),
        "fingerprint_key": KEY,
        "orders": {OrderId(order.order_id): order for order in sold},
        "deliveries": {DeliveryId(delivery.entry_id): delivery for delivery in read},
        "directory": a_directory(),
        "shipments": {ShipmentId(shipment.id): shipment for shipment in shipments},
        "senders": {17: sender},
    }
    store = a_record_store(*records)
    store.note_links(links)
    snapshot = with_records(store, Snapshot(**{**fields, **changes, "records": LoadedRecords()}))
    given = {record.delivery_id: record for record in records if isinstance(record, DeliveryRecord)}
    loaded = replace(snapshot.records, deliveries={**snapshot.records.deliveries, **given})
    return replace(snapshot, records=loaded)
