"""The Orders API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.sendcloud.shop import (
    OTHER_KEYS,
    Shop,
    address,
    answered,
    assert_as_documented,
    euros,
    item,
    order,
    pointers,
)


def pushed(shop: Shop, *orders: dict[str, object]) -> list[int]:
    """Sendcloud's ids of orders that were accepted."""
    response = shop.post("/orders", list(orders))
    assert response.status_code == 201, response.text
    return [row["id"] for row in answered(response)["data"]]


def details(**changes: object) -> dict[str, object]:
    usual = order()["order_details"]
    assert isinstance(usual, dict)
    return {**usual, **changes}


def test_an_order_comes_back_as_it_was_sent_with_its_id_as_text(shop: Shop) -> None:
    response = shop.post("/orders", [order()])

    (receipt,) = answered(response)["data"]
    assert receipt == {"id": receipt["id"], "order_id": "exact-o-1", "order_number": "4711"}
    assert isinstance(receipt["id"], int)
    told = shop.told(f"/orders/{receipt['id']}")
    assert told["id"] == str(receipt["id"])
    assert told["shipping_address"] == address()


def test_the_same_order_id_updates(shop: Shop) -> None:
    (first,) = pushed(shop, order())
    (second,) = pushed(shop, order(order_number="4711/1"))

    assert first == second
    assert [row["order_number"] for row in shop.told("/orders")] == ["4711/1"]


def test_one_bad_order_refuses_the_batch(shop: Shop) -> None:
    bad = order("exact-o-2", order_details=details(order_items=[item("Mug", quantity=0)]))

    response = shop.post("/orders", [order(), bad])

    assert response.status_code == 400
    assert answered(response)["errors"] == [
        {
            "status": "400",
            "code": "invalid",
            "detail": "Input should be greater than 0",
            "source": {"pointer": "/data/attributes/[1]/order_details/order_items/0/quantity"},
        }
    ]
    assert shop.told("/orders") == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"order_details": details(integration={"id": 7002})}, "/order_details/integration/id"),
        ({"order_details": details(integration={})}, "/order_details/integration/id"),
        (
            {"order_details": details(order_items=[item("Mug", quantity=1.5)])},
            "/order_details/order_items/0/quantity",
        ),
        ({"order_details": details(order_created_at="2026-11-20")}, "/order_details/order_created_at"),
        ({"payment_details": {"status": {"code": "paid"}}}, "/payment_details/total_price"),
        ({"id": 669}, "/id"),
        ({"id": "669"}, "/id"),
        ({"service_point_details": {"id": 10875349}}, "/service_point_details/id"),
        ({"shipping_address": address(city="")}, "/shipping_address/city"),
        ({"shipping_details": {"ship_with": {"type": "other"}}}, "/shipping_details/ship_with/properties"),
    ],
)
def test_wrong_values_are_refused_where_they_stand(shop: Shop, changes: dict[str, Any], pointer: str) -> None:
    response = shop.post("/orders", [order(**changes)])

    assert response.status_code == 400
    assert f"/data/attributes/[0]{pointer}" in pointers(response)


def test_a_batch_is_a_list_of_at_most_a_hundred(shop: Shop) -> None:
    single = shop.post("/orders", order())
    many = shop.post("/orders", [order(f"exact-o-{n}") for n in range(101)])

    assert answered(single)["errors"][0]["code"] == "non_field_errors"
    assert answered(many)["errors"][0]["detail"] == "Orders list should have at most 100 items, not 101"


def test_other_currencies_are_a_switch(shop: Shop) -> None:
    francs = order(
        payment_details={"total_price": {"value": 1, "currency": "CHF"}, "status": {"code": "paid"}}
    )
    short = order(payment_details={"total_price": {"value": 1, "currency": "FR"}, "status": {"code": "paid"}})
    assert shop.post("/orders", [francs]).status_code == 400

    shop.behaviour.strict_currencies = False
    assert shop.post("/orders", [francs]).status_code == 201
    assert shop.post("/orders", [short]).status_code == 400


def test_an_order_that_is_not_saved_yet_cannot_be_read_deleted_or_sent_again(shop: Shop) -> None:
    shop.behaviour.orders_saved_after = timedelta(seconds=30)
    (pk,) = pushed(shop, order())

    again = shop.post("/orders", [order()])

    assert shop.get(f"/orders/{pk}").status_code == 404
    assert shop.call("DELETE", f"/orders/{pk}").status_code == 404
    assert pointers(again) == ["/data"]
    assert "still processing" in again.text
    shop.wait(seconds=30)
    assert [row["id"] for row in shop.told("/orders?order_id=EXACT-O-1")] == [str(pk)]


def test_items_that_are_missing_from_a_later_push_are_gone_or_stay_by_switch(shop: Shop) -> None:
    shorter = order(order_details=details(order_items=[item("Mug")]))
    (pk,) = pushed(shop, order())
    pushed(shop, shorter)
    assert [row["name"] for row in shop.told(f"/orders/{pk}")["order_details"]["order_items"]] == ["Mug"]

    shop.behaviour.shorter_item_list_replaces = False
    pushed(shop, order())
    pushed(shop, shorter)
    assert [row["name"] for row in shop.told(f"/orders/{pk}")["order_details"]["order_items"]] == [
        "Mug",
        "Plate",
    ]


@pytest.mark.parametrize(
    ("switch", "status", "incoming"), [("accepted", 201, 0), ("refused", 400, 0), ("recreates", 201, 1)]
)
def test_pushing_a_shipped_order_again_is_a_switch(
    shop: Shop, switch: str, status: int, incoming: int
) -> None:
    shop.behaviour.shipped_order_upsert = switch  # type: ignore[assignment]  # one of the three
    pushed(shop, order())
    shop.panel.make_label("4711")

    response = shop.post("/orders", [order()])

    assert response.status_code == status
    assert len(shop.panel.incoming()) == incoming


def test_orders_are_found_by_each_filter(shop: Shop) -> None:
    pushed(shop, order("a", order_number="A1"), order("b", order_number="B2"))
    pushed(
        shop,
        order("c", order_details=details(order_created_at="2026-11-22T10:00:00Z", status={"code": "Held"})),
    )

    def ids(query: str) -> list[str]:
        return [row["order_id"] for row in shop.told(f"/orders?{query}")]

    assert ids("order_number=b2") == ["b"]
    assert ids("order_id=A") == ["a"]
    assert ids("status=held") == ["c"]
    assert ids("integration=7001&sort=pk") == ["a", "b", "c"]
    assert ids("order_created_at=2026-11-22") == ["c"]
    assert ids("order_created_at_min=2026-11-21") == ["c"]
    assert ids("order_created_at_max=2026-11-21") == ["b", "a"]


def test_a_foreign_integration_is_no_choice(shop: Shop) -> None:
    response = shop.get("/orders?integration=7002")

    assert response.status_code == 400
    assert answered(response)["errors"][0]["source"] == {"parameter": "integration"}


def test_a_patch_changes_what_it_names(shop: Shop) -> None:
    (pk,) = pushed(shop, order(customer_details={"name": "Ada", "email": "ada@example.com"}))
    changes = {
        "shipping_address": {"house_number": "14"},
        "customer_details": {"phone": "+31600000000"},
        "order_details": {"order_items": [{"name": "Mug", "quantity": 3}]},
    }

    response = shop.call("PATCH", f"/orders/{pk}", changes)

    assert response.status_code == 200
    told = shop.told(f"/orders/{pk}")
    assert told["shipping_address"] == address(house_number="14")
    assert told["customer_details"]["phone_number"] == "+31600000000"
    assert [row["quantity"] for row in told["order_details"]["order_items"]] == [3, 1]


def test_a_patch_neither_adds_items_nor_changes_the_order_id(shop: Shop) -> None:
    (pk,) = pushed(shop, order())

    new_item = shop.call("PATCH", f"/orders/{pk}", {"order_details": {"order_items": [{"name": "Spoon"}]}})
    new_id = shop.call("PATCH", f"/orders/{pk}", {"order_id": "other"})

    assert pointers(new_item) == ["order/order_details/order_items"]
    assert new_id.status_code == 400


def test_a_deleted_order_is_gone_and_may_be_pushed_anew(shop: Shop) -> None:
    (pk,) = pushed(shop, order())

    assert shop.call("DELETE", f"/orders/{pk}").status_code == 204

    assert shop.get(f"/orders/{pk}").status_code == 404
    assert shop.call("DELETE", f"/orders/{pk}").status_code == 404
    assert pushed(shop, order()) != [pk]


def test_another_account_does_not_see_the_order(shop: Shop) -> None:
    (pk,) = pushed(shop, order())

    assert shop.call("GET", f"/orders/{pk}", keys=OTHER_KEYS).status_code == 404
    assert shop.call("GET", "/orders", keys=OTHER_KEYS).json == {"data": []}


def test_answers_have_the_documented_form(shop: Shop) -> None:
    costs = {"total_price": euros(25), "status": {"code": "paid"}}

    assert_as_documented("POST /orders", shop.post("/orders", [order(payment_details=costs)]))
    assert_as_documented("GET /orders", shop.get("/orders"))


def test_costs_are_sent_as_text_and_come_back_as_numbers(shop: Shop) -> None:
    payment = {
        "total_price": euros(25),
        "status": {"code": "paid"},
        "freight_costs": {"value": "4.95", "currency": "EUR"},
    }

    (pk,) = pushed(shop, order(payment_details=payment))

    assert shop.told(f"/orders/{pk}")["payment_details"]["freight_costs"]["value"] == 4.95


def test_a_filter_that_is_no_date_is_refused(shop: Shop) -> None:
    response = shop.get("/orders?order_created_at_min=yesterday")

    assert response.status_code == 400
    assert answered(response)["errors"][0]["source"] == {"parameter": "order_created_at_min"}
