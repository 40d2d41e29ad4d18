"""A decision rests on the records that were loaded for it, and on nothing else."""

from dataclasses import replace

import pytest

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.loaded_records import LoadedRecords, RecordNotLoadedError
from exactsend.engine.plan.poll_results import shipment_record
from exactsend.engine.record_loader import records_for_purchase, with_records
from exactsend.engine.sync import PLANS
from tests.builders import (
    DELIVERY,
    DIVISION,
    ENTRY,
    ORDER,
    OTHER_DELIVERY,
    OWN_ENTRY,
    a_delivery,
    a_record,
    a_record_store,
    a_shipment,
    a_snapshot,
    our_shipment,
)


def test_every_plan_is_made_on_plain_mappings() -> None:
    records = LoadedRecords(
        orders={ORDER: None},
        deliveries={DELIVERY: a_record()},
        incoming_orders={ENTRY: None, OWN_ENTRY: None},
        shipments_by_number={"4711": (), "4711/20001": ()},
        deliveries_by_order={ORDER: (DELIVERY,)},
        open_deliveries=(a_record(),),
    )
    snapshot = replace(a_snapshot(), records=records)

    plans = [make_plan(snapshot) for plans in PLANS.values() for make_plan in plans]

    assert any(plan.purchases for plan in plans)


def test_a_record_that_was_not_loaded_is_no_record_that_is_not_there() -> None:
    with pytest.raises(RecordNotLoadedError):
        LoadedRecords().delivery(DELIVERY)


def test_what_was_looked_for_and_is_not_there_is_none() -> None:
    assert a_snapshot().records.delivery(DELIVERY) is None


def test_the_owner_of_a_shipment_is_loaded_with_it() -> None:
    owner = a_record(delivery_id=OTHER_DELIVERY)
    records = a_record_store(owner, shipment_record(a_shipment("s-9"), OTHER_DELIVERY))

    found = a_shipment("s-9", order_number="9999")
    loaded = records_for_purchase(records, DIVISION, a_record(), [found]).delivery(OTHER_DELIVERY)

    assert loaded == owner


def test_the_delivery_that_a_reference_names_is_loaded_with_its_shipment() -> None:
    snapshot = a_snapshot(shipments=[our_shipment(1, delivery=OTHER_DELIVERY)])

    assert snapshot.records.delivery(OTHER_DELIVERY) is None
    assert snapshot.records.shipment(ShipmentId(next(iter(snapshot.shipments)))) is None


def test_records_are_those_of_the_moment_at_which_they_were_loaded() -> None:
    records = a_record_store()
    snapshot = with_records(records, a_snapshot(deliveries=[a_delivery()]))
    records.note("delivery_seen", a_record())

    assert snapshot.records.delivery(DeliveryId(DELIVERY)) is None
    assert with_records(records, snapshot).records.delivery(DELIVERY) == a_record()
