"""What a run notices in Exact, and from when on (S11); which orders and deliveries count at all (T1, start dates)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from exactsend.engine.sync import Step
from exactsend.errors import ExitStatus
from tests.end_to_end.shop import AUTOMATIC, MANUAL, START, Shop, open_shop

SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


# ── the first run ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("age", "is_sent"), [(0, True), (30, True), (31, False)])
def test_the_first_push_looks_back_thirty_days(tmp_path: Path, age: int, *, is_sent: bool) -> None:
    with open_shop(tmp_path) as shop:
        shop.place(order_date=(START - age * DAY).date())
        shop.run()
        assert bool(shop.incoming()) is is_sent


def test_the_window_counts_for_orders_that_come_later_too(shop: Shop) -> None:
    shop.place(order_date=date(2026, 10, 1))
    shop.run(after=SOON)
    assert shop.incoming() == []


def test_an_entry_that_stands_is_kept_up_to_date_however_old_its_order_grows(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    for _ in range(8):
        shop.run(after=5 * DAY)
    shop.office.change_quantity(number, "MUG", 5)
    shop.run(after=SOON)
    assert [list(order.quantities.values()) for order in shop.panel.incoming()] == [[5]]


def test_orders_from_before_the_start_date_are_never_sent(tmp_path: Path) -> None:
    with open_shop(tmp_path, orders={"start_date": "2026-11-22"}) as shop:
        old = shop.place(order_date=date(2026, 11, 21))
        shop.place(order_date=date(2026, 11, 22))
        shop.run()
        shop.office.edit_order(old, YourRef="changed")
        shop.run(after=SOON)
        assert shop.incoming() == ["4712"]


@pytest.mark.parametrize(("statuses", "sent"), [('["open"]', []), ('["open", "partial"]', ["4711"])])
def test_partly_delivered_orders_are_first_pushed_by_choice(
    tmp_path: Path, statuses: str, sent: list[str]
) -> None:
    with open_shop(tmp_path, labels=MANUAL, orders={"statuses": statuses}) as shop:
        shop.office.deliver(shop.place(quantity=10), {"MUG": 6})
        shop.clock.advance(DAY)
        shop.run()
        assert shop.incoming() == sent


def test_by_hand_deliveries_from_before_the_first_run_are_left_alone(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels=MANUAL) as shop:
        shop.office.deliver(shop.place())
        shop.clock.advance(HOUR)
        shop.run()
        shop.office.deliver(shop.place())
        shop.office.edit_delivery(20001, Description="changed")
        shop.run(after=SOON)
        assert shop.incoming() == ["4712"]


def test_deliveries_since_the_start_date_are_bought_by_the_first_run(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "start_date": "2026-11-23"}) as shop:
        before = shop.office.deliver(shop.place(), Created=START - DAY)
        since = shop.office.deliver(shop.place())
        shop.run()
        assert shop.lives_of(before) == []
        assert len(shop.lives_of(since)) == 1
        shop.office.edit_delivery(before, Description="changed")
        shop.run(after=SOON)
        assert shop.paid() == 1


def test_the_first_run_may_be_any_step_and_forgets_nothing_of_the_others(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.place()
        shop.run(steps=(Step.WRITEBACK,))
        shop.run(steps=(Step.DELIVERIES,))
        assert shop.incoming() == []
        shop.run(after=SOON, steps=(Step.ORDERS,))
        assert shop.incoming() == ["4711"]


def test_collected_orders_never_appear(shop: Shop) -> None:
    number = shop.place(method="AFH")
    shop.run(after=SOON)
    shop.office.deliver(number)
    shop.run(after=SOON)
    assert shop.incoming() == []
    assert shop.paid() == 0


# ── later changes ────────────────────────────────────────────────────────────────────────────────


def test_a_change_of_a_line_alone_is_noticed(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.office.change_quantity(number, "MUG", 7)
    shop.run(after=SOON)
    assert [list(order.quantities.values()) for order in shop.panel.incoming()] == [[7]]


def test_a_changed_delivery_line_waits_one_run_at_most_while_other_deliveries_come(shop: Shop) -> None:
    labelled = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.office.edit_delivery_line(labelled, "MUG", QuantityDelivered=1)
    noticed = []
    for _ in range(2):
        shop.office.deliver(shop.place())
        shop.run(after=SOON)
        noticed.append(shop.problem(labelled))
    assert noticed == ["", "changed_after_label"]


def test_a_corrected_delivery_line_cures_at_once_although_another_delivery_comes(shop: Shop) -> None:
    held = shop.office.deliver(shop.place(quantity=500))
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(held)
    shop.office.edit_delivery_line(held, "MUG", QuantityDelivered=2)
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert len(shop.lives_of(held)) == 1


def test_delivery_lines_that_say_what_they_said_are_not_read_again(shop: Shop) -> None:
    delivery = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.office.edit_delivery_line(delivery, "MUG", Notes="behind the counter")
    assert shop.run(after=SOON).calls["exact"] == 4


def test_an_order_approved_later_is_brought(shop: Shop) -> None:
    number = shop.place(approved=False)
    shop.run(after=SOON)
    assert shop.incoming() == []
    shop.office.approve_order(number)
    shop.run(after=SOON)
    assert shop.incoming() == ["4711"]


def test_a_corrected_address_reaches_an_entry_that_stands_within_a_quarter_of_an_hour(shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Kanaalstraat 99")
    shop.run(after=timedelta(minutes=16))
    assert [order.shipping_address["house_number"] for order in shop.panel.incoming()] == ["99"]


def with_a_label_beside_an_open_order(shop: Shop) -> int:
    delivery = shop.office.deliver(shop.place())
    shop.place("Biltstraat 5")
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.record(delivery).is_written_back
    return delivery


def test_an_address_that_is_corrected_after_the_label_is_told_where_the_streams_are_read_anyway(
    shop: Shop,
) -> None:
    delivery = with_a_label_beside_an_open_order(shop)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Kanaalstraat 99")
    shop.run(after=timedelta(minutes=16))
    assert shop.problem(delivery) == "changed_after_label"
    assert len(shop.lives_of(delivery)) == 1


def test_a_corrected_address_of_a_parcel_on_its_way_is_not_told(shop: Shop) -> None:
    delivery = with_a_label_beside_an_open_order(shop)
    shop.panel.set_status(shop.lives_of(delivery)[0], "EN_ROUTE_TO_SORTING_CENTER")
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Kanaalstraat 99")
    assert shop.run(after=timedelta(minutes=16)).exit_status is ExitStatus.DONE


def test_a_corrected_item_cures_a_label_at_once(shop: Shop) -> None:
    shop.office.add_item("STONE", "Stone", weight=None)
    delivery = shop.office.deliver(shop.place_of("STONE"))
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "weight_missing"
    shop.office.correct_item("STONE", NetWeight=2.5)
    assert shop.run(after=timedelta(seconds=10)).exit_status is ExitStatus.DONE
    assert shop.paid() == 1


def test_a_corrected_account_cures_a_held_order_at_once(shop: Shop) -> None:
    account = shop.office.add_account("Nobody", country="", address_line="", postcode="", city="")
    shop.office.place_order(account, [("MUG", 1, 5.0)], method="PNL")
    shop.run(after=SOON)
    assert shop.incoming() == []
    shop.office.correct_account(
        account, Country="NL", AddressLine1="Kanaalstraat 1", Postcode="3531 GV", City="Utrecht"
    )
    for row in shop.office.division.table("Addresses").find("Account", account):
        shop.office.correct_address(
            row.key, Country="NL", AddressLine1="Kanaalstraat 1", Postcode="3531 GV", City="Utrecht"
        )
    shop.run(after=timedelta(seconds=10))
    assert shop.incoming() == ["4711"]


def begun_days_ago(shop: Shop) -> None:
    """Every stream has begun, longer ago than the days after which its beginning is asked for again."""
    shop.office.deliver(shop.place())
    for _ in range(4):
        shop.run(after=DAY)


def test_an_order_committed_late_is_found_within_two_days(shop: Shop) -> None:
    begun_days_ago(shop)
    number = shop.place()
    shop.office.commit_order_late(number, timedelta(hours=2))
    other = shop.place()
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert str(other) in shop.incoming()
    for _ in range(2):
        shop.run(after=DAY)
    assert str(number) in shop.incoming()


def test_a_delivery_committed_late_is_bought_once(shop: Shop) -> None:
    begun_days_ago(shop)
    first, second = shop.place(), shop.place()
    shop.run(after=DAY)
    late = shop.office.deliver(first)
    shop.office.commit_delivery_late(late, timedelta(hours=2))
    shop.office.deliver(second)
    shop.run(after=SOON)
    assert shop.lives_of(late) == []
    for _ in range(4):
        shop.run(after=DAY)
    assert len(shop.lives_of(late)) == 1
    assert shop.paid() == 3


def test_an_order_committed_late_just_after_the_streams_began_is_found_too(shop: Shop) -> None:
    shop.run(after=DAY)
    number = shop.place()
    shop.office.commit_order_late(number, timedelta(hours=2))
    shop.place()
    shop.run(after=SOON)
    for _ in range(2):
        shop.run(after=DAY)
    assert str(number) in shop.incoming()


def test_an_address_correction_committed_late_cures_all_the_same(shop: Shop) -> None:
    number = shop.place("Dorpsstraat")
    shop.run(after=DAY)
    delivery = shop.office.deliver(number)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "house_number_missing"
    for _ in range(4):
        shop.run(after=DAY)
    shop.office.correct_address(shop.address_of(number), AddressLine1="Dorpsstraat 8")
    row = shop.office.address(shop.address_of(number))
    row.changed_at += timedelta(hours=2)
    shop.place()
    shop.run(after=SOON)
    for _ in range(3):
        shop.run(after=DAY)
    assert len(shop.lives_of(delivery)) == 1


def test_a_moved_division_buys_nothing_twice_and_misses_nothing(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.office.move_division()
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=HOUR)
    shop.run(after=SOON)
    assert shop.paid() == 2
    assert all(len(shop.lives_of(number)) == 1 for number in (20001, 20002))


def test_nothing_is_read_again_while_nothing_is_open(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    for _ in range(3):
        shop.run(after=SOON)
    run = shop.run(after=SOON)
    assert run.calls["exact"] == 4
    assert run.calls["sendcloud"] <= 2


# ── the poll ─────────────────────────────────────────────────────────────────────────────────────


def test_every_run_that_may_write_polls_first(shop: Shop) -> None:
    for step in Step:
        shop.run(after=SOON, steps=(step,))
        calls = [call for call in shop.sandbox.calls_since(shop.mark) if call.api == "sendcloud"]
        assert calls[1].path == "/api/v3/shipments"
        assert "integration_id=7001" in calls[1].query
        assert "page_size=100" in calls[1].query


def test_the_first_poll_begins_at_sendclouds_date(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.with_hooks(clock=lambda: shop.clock() + timedelta(hours=20))
        shop.run()
        assert "updated_after=2026-11-09T09" in polled(shop)


def test_once_a_day_the_poll_goes_fourteen_days_back(shop: Shop) -> None:
    a_label_that_was_polled(shop)
    shop.run(after=SOON)
    assert "updated_after=2026-11-23" in polled(shop)
    shop.run(after=DAY)
    assert "updated_after=2026-11-10" in polled(shop)


def a_label_that_was_polled(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=SOON)


def polled(shop: Shop) -> str:
    from urllib.parse import unquote  # noqa: PLC0415

    return next(
        unquote(c.query) for c in shop.sandbox.calls_since(shop.mark) if c.path == "/api/v3/shipments"
    )


def test_the_polls_start_comes_from_sendclouds_times_not_from_our_clock(shop: Shop) -> None:
    a_label_that_was_polled(shop)
    shop.run(after=3 * HOUR)
    assert "updated_after=2026-11-23T08:35:00Z" in polled(shop)


def test_a_poll_that_breaks_off_moves_nothing(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    before = shop.records.schedule.shipments_updated
    shop.sandbox.faults.cut_answer("GET", "/shipments\\?integration_id", times=None)
    assert shop.run(after=SOON).exit_status is ExitStatus.API
    assert shop.records.schedule.shipments_updated == before
