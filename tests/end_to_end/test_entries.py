"""Who owns which incoming order, through partial deliveries, deletions and second thoughts (S1, S7, S16)."""

from datetime import timedelta

from exactsend.domain.records import IncomingState
from tests.end_to_end.shop import Shop, told

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=5)


def test_an_order_delivered_in_full_keeps_its_entry_under_its_own_number(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711"]
    entry = manual_shop.entry(number)
    assert entry is not None
    assert entry.delivery == manual_shop.delivery_id(20001)


def test_an_order_placed_delivered_and_complete_between_two_runs_is_brought_all_the_same(
    manual_shop: Shop,
) -> None:
    manual_shop.office.deliver(manual_shop.place())
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711"]


def test_a_part_gets_an_entry_of_its_own_and_the_orders_is_reduced_to_the_rest(manual_shop: Shop) -> None:
    number = manual_shop.place(quantity=10)
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number, {"MUG": 6})
    manual_shop.run(after=SOON)
    quantities = {
        order.order_number: [item["quantity"] for item in order.body["order_details"]["order_items"]]  # type: ignore[index,call-overload,union-attr]  # objects
        for order in manual_shop.panel.incoming()
    }
    assert quantities == {"4711": [4], "4711/20001": [6]}


def test_when_the_rest_is_delivered_too_the_orders_entry_goes(manual_shop: Shop) -> None:
    number = manual_shop.place(quantity=10)
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number, {"MUG": 6})
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711/20001", "4711/20002"]


def test_a_delivery_of_two_orders_bears_the_lower_number_and_replaces_both_entries(manual_shop: Shop) -> None:
    first = manual_shop.place()
    account = manual_shop.office.order(first).text("DeliverTo")
    second = manual_shop.office.place_order(account, [("LAMP", 1, 89.0)], method="PNL")
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711", "4712"]
    manual_shop.office.deliver([second, first])
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711/20001"]


def test_a_deleted_delivery_gives_the_entry_back_to_its_order(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.office.delete_delivery(20001)
    manual_shop.run(after=SOON)
    manual_shop.run(after=HOUR)
    manual_shop.run(after=HOUR)
    assert manual_shop.incoming() == ["4711"]
    entry = manual_shop.entry(number)
    assert entry is not None
    assert entry.delivery is None


def test_a_deleted_part_takes_its_entry_along(manual_shop: Shop) -> None:
    number = manual_shop.place(quantity=10)
    manual_shop.office.deliver(number, {"MUG": 6})
    manual_shop.run(after=SOON)
    manual_shop.office.delete_delivery(20001)
    manual_shop.run(after=HOUR)
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711"]


def test_a_line_added_after_the_delivery_splits_the_entry_in_two(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.office.add_line(number, "LAMP", 1, 89.0)
    manual_shop.office.edit_order(number, Status=20)
    manual_shop.run(after=SOON)
    manual_shop.run(after=SOON)
    skus = {
        order.order_number: [item["sku"] for item in order.body["order_details"]["order_items"]]  # type: ignore[index,call-overload,union-attr]  # objects
        for order in manual_shop.panel.incoming()
    }
    assert skus == {"4711": ["LAMP"], "4711/20001": ["MUG"]}


def test_once_delivered_the_entry_stands_whatever_becomes_of_the_order(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.office.unapprove_order(number)
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711"]
    assert manual_shop.written == []


def test_two_parts_that_became_the_whole_again_leave_one_entry(manual_shop: Shop) -> None:
    number = manual_shop.place(quantity=10)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.office.change_quantity(number, "MUG", 15)
    manual_shop.run(after=SOON)
    manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.run(after=SOON)
    assert manual_shop.incoming() == ["4711/20001", "4711/20002"]


# ── withdrawn on evidence only ───────────────────────────────────────────────────────────────────


def test_a_cancelled_order_is_withdrawn(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.cancel_order(number)
    assert told(shop.run(after=SOON)) == {("order_withdraw", "done", "cancelled")}
    assert shop.incoming() == []


def test_an_order_whose_approval_was_taken_back_is_withdrawn_and_comes_back_with_it(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.unapprove_order(number)
    shop.run(after=SOON)
    assert shop.incoming() == []
    shop.office.approve_order(number)
    shop.run(after=SOON)
    assert shop.incoming() == ["4711"]


def test_a_deleted_order_is_withdrawn_within_the_hour(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.delete_order(number)
    shop.run(after=HOUR)
    assert shop.incoming() == []


def test_an_order_closed_by_hand_is_withdrawn(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.edit_order(number, Status=21)
    assert told(shop.run(after=SOON)) == {("order_withdraw", "done", "complete")}


def test_an_empty_list_from_exact_withdraws_nothing(shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    empty = '{"d": {"results": []}}'
    shop.sandbox.faults.answer_instead(
        "GET", "/sync/", status=200, text=empty, content_type="application/json", times=None
    )
    shop.run(after=HOUR)
    shop.run(after=HOUR)
    assert shop.incoming() == ["4711"]


def test_an_empty_list_from_sendcloud_takes_nothing_for_removed(shop: Shop) -> None:
    for _ in range(7):
        shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    empty = '{"data": [], "next": null, "previous": null}'
    shop.sandbox.faults.answer_instead(
        "GET", r"/orders\?.*page_size", status=200, text=empty, content_type="application/json"
    )
    run = shop.run(after=HOUR)
    assert run.error is None
    assert list(shop.sandbox.faults.pending()) == []
    assert shop.written == []
    assert len(shop.incoming()) == 7
    assert [entry.state for entry in shop.records.open_incoming()] == 7 * [IncomingState.STORED]


# ── withdrawing is a state ───────────────────────────────────────────────────────────────────────


def test_an_order_that_is_stored_late_is_withdrawn_all_the_same(shop: Shop) -> None:
    shop.behaviour.orders_saved_after = timedelta(minutes=12)
    number = shop.place()
    shop.run(after=SOON)
    shop.office.cancel_order(number)
    shop.run(after=SOON)
    shop.run(after=timedelta(minutes=8))
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.incoming() == []
    entry = shop.entry(number)
    assert entry is not None
    assert entry.state is IncomingState.WITHDRAWN


def test_a_withdrawal_is_repeated_by_sync_orders_alone(shop: Shop) -> None:
    from exactsend.engine.sync import Step  # noqa: PLC0415

    shop.behaviour.orders_saved_after = timedelta(minutes=12)
    number = shop.place()
    shop.run(after=SOON, steps=(Step.ORDERS,))
    shop.office.cancel_order(number)
    shop.run(after=SOON, steps=(Step.ORDERS,))
    for _ in range(3):
        shop.run(after=timedelta(minutes=8), steps=(Step.ORDERS,))
    assert shop.incoming() == []


def test_what_was_to_be_withdrawn_behind_a_call_that_was_lost_is_withdrawn_by_the_next_run(
    shop: Shop,
) -> None:
    orders = [shop.place() for _ in range(3)]
    shop.run(after=SOON)
    shop.run(after=SOON)
    for order in orders:
        shop.office.deliver(order)
    shop.sandbox.faults.lose_answer("DELETE", "/orders/", times=4)
    shop.run(after=SOON)
    assert shop.paid() == len(orders)
    shop.run(after=SOON)
    assert shop.incoming() == []


def test_a_withdrawal_ends_after_two_looks_that_found_nothing(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.cancel_order(number)
    shop.run(after=SOON)
    states = []
    for _ in range(2):
        shop.run(after=SOON)
        entry = shop.entry(number)
        assert entry is not None
        states.append(entry.state)
    assert states == [IncomingState.WITHDRAWING, IncomingState.WITHDRAWN]


def test_an_entry_removed_in_the_panel_is_never_pushed_again(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.panel.delete_order("4711")
    shop.run(after=HOUR)
    shop.office.edit_order(number, YourRef="changed")
    shop.run(after=SOON)
    assert shop.incoming() == []
    shop.office.deliver(number)
    run = shop.run(after=SOON)
    assert shop.paid() == 0
    assert ("label_buy", "held", "taken_in_panel") in told(run)
    assert shop.incoming() == []


def test_an_entry_removed_just_before_the_purchase_stops_it_for_good(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.office.deliver(number)
    shop.panel.delete_order("4711")
    run = shop.run(after=SOON)
    assert ("label_buy", "held", "taken_in_panel") in told(run)
    shop.office.edit_order(number, YourRef="changed")
    shop.office.edit_delivery(20001, Description="changed")
    shop.run(after=SOON)
    assert shop.paid() == 0
    assert shop.incoming() == []


def test_parts_of_an_order_that_was_removed_in_the_panel_are_not_bought_by_themselves(shop: Shop) -> None:
    number = shop.place(quantity=10)
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.panel.delete_order("4711")
    shop.run(after=HOUR)
    shop.office.deliver(number, {"MUG": 6})
    shop.run(after=SOON)
    assert shop.paid() == 0
    assert shop.problem(20001) == "taken_in_panel"


def test_an_order_with_a_live_label_is_not_upserted(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    manual_shop.panel.make_label("4711")
    manual_shop.office.edit_order(number, YourRef="changed")
    manual_shop.run(after=SOON)
    assert manual_shop.written == []
