"""Limits stop purchases and nothing else (S10); one bad order never holds up the others (S13)."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.domain.ids import OrderId
from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus, Resting
from tests.end_to_end.shop import AUTOMATIC, Shop, open_shop, told

SOON = timedelta(minutes=5)


def test_more_than_a_run_may_buy_buys_none_and_ends_with_5(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_run": "2"}) as shop:
        shop.run()
        written_back = shop.office.deliver(shop.place())
        shop.behaviour.announce_answers_announcing = True
        shop.run(after=SOON)
        for _ in range(3):
            shop.office.deliver(shop.place())
        shop.place()
        run = shop.run(after=SOON)
        assert run.exit_status is ExitStatus.SAFETY
        assert shop.paid() == 1
        assert ("label_buy", "skipped", "safety_limit") in told(run)
        assert "4715" in shop.incoming()
        assert shop.office.tracking(written_back)


def test_a_person_may_let_one_run_buy_more(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_run": "2"}) as shop:
        shop.run()
        for _ in range(3):
            shop.office.deliver(shop.place())
        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert shop.run(after=SOON).exit_status is ExitStatus.SAFETY
        assert shop.run(after=SOON, max_labels=3).exit_status is ExitStatus.DONE
        assert shop.paid() == 3


def test_a_day_has_its_limit_too_and_the_next_day_goes_on_by_itself(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_day": "2"}) as shop:
        shop.run()
        for _ in range(2):
            shop.office.deliver(shop.place())
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        shop.office.deliver(shop.place())
        assert shop.run(after=timedelta(hours=23)).exit_status is ExitStatus.SAFETY
        assert shop.paid() == 2
        assert shop.run(after=timedelta(hours=1)).exit_status is ExitStatus.DONE
        assert shop.paid() == 3


def test_purchases_that_never_left_count_towards_no_limit(tmp_path: Path) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "max_per_day": "2"}) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        shop.sandbox.faults.answer_instead("POST", "/announce", status=429, times=None)
        for _ in range(4):
            assert shop.run(after=SOON).exit_status is ExitStatus.API
        shop.sandbox.faults.clear()
        assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        assert shop.paid() == 1


@pytest.mark.parametrize("status", [403, 400])
def test_purchases_that_were_refused_count_towards_no_limit(shop: Shop, status: int) -> None:
    shop.office.deliver(shop.place())
    shop.sandbox.faults.answer_instead("POST", "/announce", status=status, times=None)
    shop.run(after=SOON)
    assert shop.records.purchases.made == ()
    assert shop.paid() == 0


def test_a_used_up_day_at_exact_ends_with_7_and_loses_nothing(shop: Shop) -> None:
    shop.office.deliver(shop.place())
    shop.office.use_up_calls()
    assert shop.run(after=SOON).exit_status is ExitStatus.API
    assert shop.paid() == 0
    assert shop.run(after=timedelta(days=1)).exit_status is ExitStatus.DONE
    assert shop.paid() == 1


def test_calls_are_kept_for_writing_back_before_more_labels_are_bought(shop: Shop) -> None:
    for _ in range(4):
        shop.office.deliver(shop.place())
    shop.run(after=timedelta(days=1))  # so that Exact has told what is left
    for _ in range(6):
        shop.office.deliver(shop.place())
    shop.office.use_up_calls(calls_left_today=40)

    run = shop.run(after=SOON)

    assert run.exit_status is ExitStatus.API
    bought = shop.paid() - 4
    assert 0 < bought < 6
    assert ("label_buy", "skipped", "calls_reserved") in told(run)
    assert all(shop.record(20001 + place).is_written_back for place in range(4 + bought))
    assert shop.run(after=timedelta(days=1)).exit_status is ExitStatus.DONE
    assert shop.paid() == 10


def test_what_a_person_asks_for_is_bought_all_the_same(shop: Shop) -> None:
    shop.run(after=timedelta(days=1))
    delivery = shop.office.deliver(shop.place())
    shop.office.use_up_calls(calls_left_today=9)

    with pytest.raises(Resting, match="one label is still to be written back"):
        shop.ask(delivery)

    assert shop.paid() == 1


def test_a_run_out_of_calls_stops_between_two_deliveries_and_says_what_is_left(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True
    deliveries = [shop.office.deliver(shop.place()) for _ in range(8)]
    shop.run(after=timedelta(days=1))
    shop.office.use_up_calls(calls_left_today=30)

    run = shop.run(after=SOON)

    assert run.error is not None
    assert run.exit_status is ExitStatus.API
    written = [delivery for delivery in deliveries if shop.office.tracking(delivery)]
    assert 0 < len(written) < 8
    assert all(shop.record(number).is_written_back for number in written)
    assert f"{8 - len(written)} labels are still to be written back" in run.error.message
    assert "00:00 UTC" in run.error.hint
    assert f"{8 - len(written)} labels to be written back" in run.error.hint


# ── one bad order ────────────────────────────────────────────────────────────────────────────────


def a_bad_order(shop: Shop) -> int:
    """One that Sendcloud refuses: its faults are those of this test, by its number."""
    number = shop.place()
    refuse(shop, number)
    return number


def refuse(shop: Shop, number: int) -> None:
    """Have Sendcloud refuse every batch that has this order, and point at it wherever it stands."""

    def stands_at(place: int) -> Callable[[object], bool]:
        return lambda body: numbers_in(body)[place : place + 1] == [str(number)]

    for place in range(12):
        refusal = {
            "status": "400",
            "code": "invalid",
            "detail": "Enter a valid postal code.",
            "source": {"pointer": f"/data/attributes/[{place}]/shipping_address/postal_code"},
        }
        shop.sandbox.faults.answer_instead(
            "POST",
            "/orders",
            status=400,
            text=json.dumps({"errors": [refusal]}),
            content_type="application/json",
            times=None,
            body=stands_at(place),
        )


def numbers_in(body: object) -> list[str]:
    return [row["order_number"] for row in body] if isinstance(body, list) else []


@pytest.mark.parametrize("bad", [0, 3, 7])
def test_one_bad_order_among_many_is_set_aside_and_the_rest_is_brought(shop: Shop, bad: int) -> None:
    numbers = [shop.place() for _ in range(8)]
    refuse(shop, numbers[bad])
    run = shop.run(after=SOON)
    assert shop.incoming() == [str(number) for number in numbers if number != numbers[bad]]
    assert shop.written == ["POST orders", "POST orders"]
    assert ("order_push", "failed", "order_refused") in told(run)
    assert run.exit_status is ExitStatus.ATTENTION
    problem = shop.order(numbers[bad]).problem
    assert problem is not None
    assert shown(problem).field == "Postcode"


def test_a_refused_order_is_brought_once_it_is_corrected(shop: Shop) -> None:
    number = a_bad_order(shop)
    shop.run(after=SOON)
    shop.sandbox.faults.clear()
    shop.office.correct_address(shop.address_of(number), Postcode="3531 GW")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.incoming() == [str(number)]
    assert shop.order(number).problem is None


@pytest.mark.parametrize(
    "pauses", [[15], [15, 60, 240], [15, 60, 240, 1440, 1440, 1440, 1440]], ids=["first", "third", "later"]
)
def test_a_refused_order_is_sent_again_unchanged_after_ever_longer_pauses(
    shop: Shop, pauses: list[int]
) -> None:
    number = a_bad_order(shop)
    shop.run(after=SOON)
    for minutes in pauses:
        shop.run(after=timedelta(minutes=minutes - 1))
        assert shop.written == [], "too early"
        shop.run(after=timedelta(minutes=1))
        assert shop.written == ["POST orders"], minutes
    problem = shop.order(number).problem
    assert problem is not None
    assert problem.attempts == len(pauses) + 1


def test_a_refusal_that_was_cured_at_sendcloud_is_found_out_by_itself(shop: Shop) -> None:
    number = a_bad_order(shop)
    shop.run(after=SOON)
    shop.sandbox.faults.clear()
    assert shop.run(after=timedelta(minutes=16)).exit_status is ExitStatus.DONE
    assert shop.incoming() == [str(number)]
    assert shop.order(number).problem is None


def test_the_refused_entry_of_a_delivery_is_sent_again_too(manual_shop: Shop) -> None:
    number = a_bad_order(manual_shop)
    delivery = manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    assert manual_shop.problem(delivery, "order") == "order_refused"
    manual_shop.sandbox.faults.clear()
    manual_shop.run(after=timedelta(minutes=16))
    assert manual_shop.incoming() == [str(number)]
    assert manual_shop.problem(delivery, "order") == ""


def test_a_label_settles_that_the_entry_was_refused(manual_shop: Shop) -> None:
    number = a_bad_order(manual_shop)
    delivery = manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    manual_shop.ask(delivery)
    assert manual_shop.problem(delivery, "order") == ""
    assert manual_shop.run(after=timedelta(minutes=16)).exit_status is ExitStatus.DONE
    assert manual_shop.written == []


def test_a_missing_right_is_no_orders_fault(shop: Shop) -> None:
    numbers = [shop.place() for _ in range(4)]
    shop.sandbox.faults.answer_instead("POST", "/orders", status=403, times=None)
    assert shop.run(after=SOON).exit_status is ExitStatus.API
    assert all(
        shop.records.order(OrderId(shop.office.order_id(number).lower())) is None for number in numbers
    )
    shop.sandbox.faults.clear()
    assert shop.run(after=timedelta(hours=1)).exit_status is ExitStatus.DONE
    assert shop.incoming() == [str(number) for number in numbers]


def test_an_order_that_is_forbidden_alone_is_its_own_problem_and_tried_again(shop: Shop) -> None:
    bad, good = shop.place(), shop.place()
    shop.sandbox.faults.answer_instead(
        "POST", "/orders", status=403, times=None, body=lambda body: str(bad) in numbers_in(body)
    )
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.incoming() == [str(good)]
    shop.sandbox.faults.clear()
    assert shop.run(after=timedelta(minutes=15)).exit_status is ExitStatus.DONE
    assert shop.incoming() == [str(bad), str(good)]


def test_a_refusal_without_a_culprit_is_narrowed_down(shop: Shop) -> None:
    numbers = [shop.place() for _ in range(6)]
    shop.sandbox.faults.answer_instead(
        "POST",
        "/orders",
        status=400,
        text='{"errors": [{"status": "400", "code": "invalid", "detail": "Something is wrong."}]}',
        content_type="application/json",
        times=None,
        body=lambda body: str(numbers[4]) in numbers_in(body),
    )
    shop.run(after=SOON)
    assert shop.incoming() == [str(number) for number in numbers if number != numbers[4]]


def test_an_order_that_is_still_being_stored_is_sent_later_and_is_no_error(shop: Shop) -> None:
    shop.behaviour.orders_saved_after = timedelta(minutes=12)
    first, second = shop.place(), shop.place()
    shop.run(after=SOON)
    shop.office.change_quantity(first, "MUG", 3)
    shop.office.change_quantity(second, "MUG", 3)
    run = shop.run(after=SOON)
    assert run.exit_status is ExitStatus.DONE
    shop.run(after=timedelta(minutes=15))
    shop.clock.advance(timedelta(minutes=15))
    quantities = [list(order.quantities.values()) for order in shop.panel.incoming()]
    assert quantities == [[3], [3]]


def test_an_order_that_cannot_be_mapped_is_held_and_holds_up_nobody(shop: Shop) -> None:
    good = shop.place()
    account = shop.office.add_account("Nobody's", country="", address_line="", postcode="", city="")
    held = shop.office.place_order(account, [("MUG", 1, 5.0)], method="PNL")
    run = shop.run(after=SOON)
    assert shop.incoming() == [str(good)]
    assert shop.order(held).problem is not None
    assert run.exit_status is ExitStatus.ATTENTION


def test_more_orders_than_a_run_can_read_are_taken_up_in_parts_deliveries_first(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.run()
        shop.with_hooks(max_wait=timedelta(0))
        numbers = [shop.place() for _ in range(200)]
        run = shop.run(after=SOON)
        some = len(shop.incoming())
        assert 0 < some < len(numbers)
        assert run.result.left == (0, len(numbers) - some)
        delivery = shop.office.deliver(numbers[-1])
        shop.run(after=SOON)
        assert shop.office.tracking(delivery)
        assert len(shop.incoming()) > some
        for _ in range(4):
            assert shop.run(after=SOON).exit_status is ExitStatus.DONE
        assert shop.incoming() == [str(number) for number in numbers[:-1]]
