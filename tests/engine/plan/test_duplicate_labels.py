"""A second live label is told: as surely one too many, or as one that may be, where number or address alone says so (S6)."""

from dataclasses import replace

import pytest

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.records import Record
from exactsend.domain.shown_problem import shown
from exactsend.engine.plan.actions import RecordDecision
from exactsend.engine.plan.labels import decide_delivery
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.sendcloud.models import Shipment
from tests.builders import (
    DELIVERY,
    ORDER,
    OTHER_DELIVERY,
    a_delivery,
    a_label,
    a_record,
    a_shipment,
    a_snapshot,
    an_open_order,
    an_order,
)
from tests.trade.builders import a_directory, a_line, an_address

LABEL = a_shipment("s-1")
DOOR = {"country_code": "NL", "postal_code": "1017 GC"}
SHOP = {"country_code": "NL", "postal_code": "3511 NK"}
ELSEWHERE = {"country_code": "NL", "postal_code": "9999 ZZ"}
NOWHERE = {"country_code": "Nederland", "postal_code": "1017 GC"}
OTHER_ORDER = "ord-2"
UNREADABLE = replace(a_directory(), addresses={"adr": an_address(country="")})


def told(snapshot: Snapshot) -> RecordDecision:
    action = decide_delivery(snapshot, next(iter(snapshot.deliveries.values())))
    assert isinstance(action, RecordDecision)
    return action


def owned_by_it(action: RecordDecision) -> set[str]:
    """The shipments that are the delivery's from now on."""
    return {
        getattr(record, "shipment", "")
        for record in action.records
        if getattr(record, "owner", None) == DELIVERY
    }


def beside(*strangers: Shipment, **changes: object) -> Snapshot:
    """The delivery with its label, and live shipments of nobody."""
    return a_snapshot(a_record(label=a_label()), shipments=[LABEL, *strangers], **changes)  # type: ignore[arg-type]  # fields


def a_delivery_of_two_orders() -> tuple[GoodsDelivery, list[SalesOrder]]:
    (line,) = a_delivery().goods_delivery_lines or ()
    second = line.model_copy(
        update={"id": "dl-2", "sales_order_line_id": "line-2", "sales_order_number": 4712}
    )
    sold = a_line(id="line-2", order_id=OTHER_ORDER, quantity=2, quantity_delivered=2)
    orders = [an_order(), an_order(order_id=OTHER_ORDER, order_number=4712, sales_order_lines=(sold,))]
    return a_delivery(goods_delivery_lines=(line, second)), orders


def beside_one_of_two_orders(stranger: Shipment, *records: Record, **changes: object) -> Snapshot:
    """A delivery of the orders 4711 and 4712 with its label ``4711/20001``, and a live shipment of nobody."""
    delivery, orders = a_delivery_of_two_orders()
    record = a_record(label=a_label(), order_ids=(ORDER, OTHER_ORDER), order_numbers=(4711, 4712))
    label = a_shipment("s-1", order_number="4711/20001")
    fields = {"deliveries": [delivery], "orders": orders, "shipments": [label, stranger], **changes}
    return a_snapshot(record, *records, **fields)  # type: ignore[arg-type]  # fields


# ── surely one too many ──────────────────────────────────────────────────────────────────────────


def test_a_second_label_to_its_door_is_told_and_is_its_own() -> None:
    action = told(beside(a_shipment("s-2", to_address=DOOR)))

    assert action.reason == "double_label"
    assert owned_by_it(action) == {"s-2"}


def test_a_second_label_to_the_labels_door_is_told_though_the_address_in_exact_is_unreadable() -> None:
    action = told(beside(a_shipment("s-2", to_address=DOOR), directory=UNREADABLE))

    assert action.reason == "double_label"
    assert owned_by_it(action) == {"s-2"}


def test_one_to_another_door_may_be_one_too() -> None:
    action = told(beside(a_shipment("s-2", to_address=ELSEWHERE)))

    assert action.reason == "double_label"
    assert owned_by_it(action) == set()


def test_a_return_is_none_though_the_address_in_exact_is_unreadable() -> None:
    back = a_shipment("s-2", to_address=SHOP, from_address=DOOR)

    assert told(beside(back, directory=UNREADABLE)).reason == "labelled"


# ── what may be one ──────────────────────────────────────────────────────────────────────────────


def test_one_whose_country_cannot_be_read_is_told_and_stays_nobodys() -> None:
    action = told(beside(a_shipment("s-2", to_address=NOWHERE)))

    assert action.reason == "double_label"
    assert action.problem is not None
    assert "may have a second live label at Sendcloud: shipment s-2" in shown(action.problem).message
    assert owned_by_it(action) == set()


def test_a_return_is_no_second_label_even_where_its_way_cannot_be_read() -> None:
    back = a_shipment("s-2", to_address={"country_code": ""}, from_address=DOOR)

    assert told(beside(back)).reason == "labelled"


def test_beside_a_label_from_the_same_postal_code_nothing_proves_a_return() -> None:
    label = a_shipment("s-1", from_address=DOOR)
    stranger = a_shipment("s-2", to_address=NOWHERE, from_address=DOOR)

    assert told(a_snapshot(a_record(label=a_label()), shipments=[label, stranger])).reason == "double_label"


def test_what_a_person_knows_of_is_not_told_again() -> None:
    record = a_record(label=a_label(beside=("s-2",)))
    strangers = [LABEL, a_shipment("s-2", to_address=NOWHERE)]

    assert told(a_snapshot(record, shipments=strangers)).reason == "labelled"


@pytest.mark.parametrize("number", ["4711", "4712"])
def test_one_under_the_number_of_an_order_that_it_alone_delivers_is_told(number: str) -> None:
    action = told(beside_one_of_two_orders(a_shipment("s-2", order_number=number)))

    assert action.reason == "double_label"
    assert owned_by_it(action) == set()


def test_under_the_number_of_an_order_that_others_deliver_too_nothing_is_told() -> None:
    snapshot = beside_one_of_two_orders(
        a_shipment("s-2", order_number="4712"),
        a_record(delivery_id=OTHER_DELIVERY, number=20002, order_ids=(OTHER_ORDER,), order_numbers=(4712,)),
        links=[
            (OrderId(OTHER_ORDER), DeliveryId(DELIVERY)),
            (OrderId(OTHER_ORDER), DeliveryId(OTHER_DELIVERY)),
        ],
    )

    assert told(snapshot).reason == "labelled"


def test_under_the_number_of_an_order_of_which_something_is_left_nothing_is_told() -> None:
    rest = an_open_order(sales_order_lines=(a_line(order_id=ORDER, quantity=5, quantity_delivered=2),))
    own = a_shipment("s-1", order_number="4711/20001")
    snapshot = a_snapshot(
        a_record(label=a_label()), orders=[rest], shipments=[own, a_shipment("s-2", order_number="4711")]
    )

    assert told(snapshot).reason == "labelled"


def test_under_an_orders_number_one_to_another_door_is_told_and_a_return_is_not() -> None:
    stranger = a_shipment("s-2", order_number="4712", to_address=ELSEWHERE)
    back = a_shipment("s-2", order_number="4712", to_address=SHOP, from_address=DOOR)

    assert told(beside_one_of_two_orders(stranger)).reason == "double_label"
    assert told(beside_one_of_two_orders(back)).reason == "labelled"


def test_what_is_surely_wrong_is_told_first() -> None:
    snapshot = beside(a_shipment("s-2", to_address=NOWHERE), orders=[an_order(status=45)])

    assert told(snapshot).reason == "cancelled_after_label"
