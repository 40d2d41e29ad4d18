"""What one refused question, or one bad record, stops, and what goes on (S9, S13)."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.domain.problems import Code
from exactsend.domain.records import IncomingState
from exactsend.errors import NAMELESS, ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.broken_fields import NULL
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.exact.refusals import Refusals
from exactsend.sandbox.world import World
from tests.end_to_end.shop import Shop, open_shop

SOON, HOUR = timedelta(minutes=5), timedelta(hours=1)
DELIVERIES = "salesorder/GoodsDeliveries"
WORDED = [
    (400, "The record is locked."),
    (403, "Forbidden"),
    (404, "Not found"),
    (500, "The record is in use."),
]


def refusals(shop: Shop) -> Refusals:
    return shop.sandbox.world.exact.refusals


def refuse_put(shop: Shop, deliveries: Iterable[int], status: int = 400, sentence: str = "Locked.") -> None:
    """Have Exact refuse to write onto these deliveries, for good."""
    for delivery in deliveries:
        refusals(shop).refuse(
            DELIVERIES, method="PUT", key=shop.delivery_id(delivery), status=status, sentence=sentence
        )


def refuse_sendcloud(shop: Shop, method: str, path: str, status: int = 403) -> None:
    """Have Sendcloud refuse these calls, for good, in words that name no field."""
    error = {"status": str(status), "code": "refused", "detail": "You do not have the right to this."}
    shop.sandbox.faults.answer_instead(
        method,
        path,
        status=status,
        text=json.dumps({"errors": [error]}),
        content_type="application/json",
        times=None,
        api="sendcloud",
    )


def refused_calls(shop: Shop, method: str, part: str) -> int:
    """How many calls of the last run were refused."""
    return sum(
        call.method == method and part in call.path and call.status in {400, 401, 403, 404}
        for call in shop.sandbox.calls_since(shop.mark)
    )


def deliver(shop: Shop, number: int) -> list[int]:
    """So many deliveries, in the order in which a run goes through them."""
    return sorted((shop.office.deliver(shop.place()) for _ in range(number)), key=shop.delivery_id)


# ── writing back ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("status", "sentence"), WORDED)
def test_one_delivery_that_exact_refuses_to_write_holds_up_no_other(
    shop: Shop, status: int, sentence: str
) -> None:
    deliveries = deliver(shop, 5)
    refuse_put(shop, deliveries[2:3], status, sentence)
    run = shop.run(after=SOON)
    assert [bool(shop.office.tracking(delivery)) for delivery in deliveries] == [
        True,
        True,
        False,
        True,
        True,
    ]
    assert shop.problem(deliveries[2], "writeback") == Code.WRITEBACK_REFUSED
    assert run.exit_status is ExitStatus.ATTENTION
    assert shop.records.refused.questions == {}


def test_two_that_are_refused_are_each_its_own_problem(shop: Shop) -> None:
    deliveries = deliver(shop, 2)
    refuse_put(shop, deliveries)
    shop.run(after=SOON)
    assert [shop.problem(delivery, "writeback") for delivery in deliveries] == [Code.WRITEBACK_REFUSED] * 2
    assert shop.records.refused.questions == {}


def test_three_that_are_refused_are_the_call_and_no_deliverys_problem(shop: Shop) -> None:
    deliveries = deliver(shop, 5)
    refuse_put(shop, deliveries)
    run = shop.run(after=SOON)
    assert [shop.problem(delivery, "writeback") for delivery in deliveries] == [""] * 5
    assert list(shop.records.refused.questions) == [f"exact PUT {DELIVERIES}"]
    assert refused_calls(shop, "PUT", DELIVERIES) == 3
    assert run.exit_status is ExitStatus.API
    refusals(shop).lift()
    shop.run(after=SOON)
    assert refused_calls(shop, "PUT", DELIVERIES) == 0
    assert not any(map(shop.office.tracking, deliveries)), "not asked again within the hour"
    assert shop.run(after=HOUR).exit_status is ExitStatus.DONE
    assert all(map(shop.office.tracking, deliveries))


def test_three_that_are_refused_first_keep_the_others_waiting_an_hour_at_most(shop: Shop) -> None:
    deliveries = deliver(shop, 6)
    refuse_put(shop, deliveries[:3])
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert [bool(shop.office.tracking(delivery)) for delivery in deliveries] == [False] * 3 + [True] * 3
    assert [shop.problem(delivery, "writeback") for delivery in deliveries[:3]] == [
        Code.WRITEBACK_REFUSED
    ] * 3
    assert shop.records.refused.questions == {}


def test_those_that_failed_before_hold_up_no_new_one_and_are_no_sign_of_an_outage(shop: Shop) -> None:
    deliveries = deliver(shop, 4)
    refuse_put(shop, deliveries[1:])
    shop.run(after=SOON)
    for minutes in (15, 60, 240):
        shop.run(after=timedelta(minutes=minutes))
        new = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        assert shop.office.tracking(new)
    assert shop.records.refused.questions == {}


def test_many_deliveries_that_exact_refuses_to_write_let_nothing_rest(shop: Shop) -> None:
    deliveries = deliver(shop, 9)
    refuse_put(shop, deliveries[1:])
    refused = []
    for _ in range(30):
        shop.run(after=SOON)
        refused.append(refused_calls(shop, "PUT", DELIVERIES))
    assert max(sum(refused[at : at + 12]) for at in range(len(refused) - 11)) <= 4
    new = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert shop.office.tracking(new)


def test_after_one_that_was_written_three_that_are_refused_are_their_own_problems(shop: Shop) -> None:
    deliveries = deliver(shop, 4)
    refuse_put(shop, deliveries[1:])
    shop.run(after=SOON)
    assert [shop.problem(delivery, "writeback") for delivery in deliveries] == [
        "",
        *[Code.WRITEBACK_REFUSED] * 3,
    ]
    assert shop.records.refused.questions == {}


def test_a_lone_delivery_that_was_refused_is_written_within_an_hour_of_the_right_being_given(
    shop: Shop,
) -> None:
    (delivery,) = deliver(shop, 1)
    refuse_put(shop, [delivery], 403, "Forbidden")
    for minutes in (5, 15, 60, 60, 60):
        shop.run(after=timedelta(minutes=minutes))
    refusals(shop).lift()
    shop.run(after=HOUR)
    assert shop.office.tracking(delivery)
    assert shop.problem(delivery, "writeback") == ""


def test_one_that_is_refused_beside_others_that_are_written_is_tried_ever_less_often(shop: Shop) -> None:
    deliveries = deliver(shop, 2)
    refuse_put(shop, deliveries[:1])
    shop.run(after=SOON)
    tried = []
    for minutes in (15, 60, 60, 60, 60, 60):
        shop.office.deliver(shop.place())
        shop.run(after=timedelta(minutes=minutes))
        tried.append(refused_calls(shop, "PUT", DELIVERIES))
    assert tried == [1, 1, 0, 0, 0, 1]


def test_a_document_that_is_there_does_not_tell_whether_documents_can_be_made(shop: Shop) -> None:
    refusals(shop).refuse("documents/Documents", method="POST", status=403, sentence="Forbidden")
    linked, bare = deliver(shop, 2)
    shop.office.link_document(linked, "Packing list")
    for minutes in (5, 15, 60, 60, 60):
        shop.run(after=timedelta(minutes=minutes))
    assert [len(shop.office.attachments(number)) for number in (linked, bare)] == [1, 0]
    refusals(shop).lift()
    shop.run(after=HOUR)
    assert len(shop.office.attachments(bare)) == 1


@pytest.mark.parametrize("endpoint", ["documents/Documents", "documents/DocumentAttachments"])
def test_labels_that_could_not_be_attached_are_within_an_hour_of_the_right_being_given(
    shop: Shop, endpoint: str
) -> None:
    refusals(shop).refuse(endpoint, method="POST", status=403, sentence="Forbidden")
    deliveries = deliver(shop, 2)
    for minutes in (5, 15, 60, 60, 60):
        shop.run(after=timedelta(minutes=minutes))
    assert all(map(shop.office.tracking, deliveries))
    refusals(shop).lift()
    shop.run(after=HOUR)
    assert [len(shop.office.attachments(delivery)) for delivery in deliveries] == [1, 1]


# ── rows that name no record ─────────────────────────────────────────────────────────────────────


def test_an_order_that_exact_lists_without_its_id_is_reported_by_its_number_and_the_others_go_on(
    shop: Shop,
) -> None:
    shop.run(after=SOON)
    nameless, sound = shop.place(), shop.place()
    broken = shop.sandbox.world.exact.broken_fields
    broken.break_field("SalesOrders", shop.office.order_id(nameless), "OrderID", NULL)
    run = shop.run(after=SOON)
    assert run.error is None
    assert shop.incoming() == [str(sound)]
    told = {refusal.endpoint: refusal.said for refusal in shop.records.refused.oldest_first}
    assert told == {
        "sync/SalesOrder/SalesOrderHeaders": f"order {nameless} has no usable OrderID",
        f"salesorder/SalesOrders{NAMELESS}": f"order {nameless} has no usable OrderID",
    }


# ── incoming orders ──────────────────────────────────────────────────────────────────────────────


def test_one_entry_that_sendcloud_refuses_to_delete_holds_up_no_other(shop: Shop) -> None:
    orders = [shop.place() for _ in range(4)]
    shop.run(after=SOON)
    shop.run(after=SOON)
    refused = shop.entry(orders[0])
    assert refused is not None
    refuse_sendcloud(shop, "DELETE", f"/orders/{refused.sendcloud_id}$")
    for order in orders:
        shop.office.edit_order(order, Status=45)
    shop.run(after=SOON)
    assert shop.incoming() == [str(orders[0])]
    entry = shop.entry(orders[0])
    assert entry is not None
    assert entry.problem is not None
    assert entry.problem.code == Code.ENTRY_NOT_WITHDRAWN
    shop.sandbox.faults.clear()
    shop.run(after=HOUR)
    shop.run(after=SOON)
    assert shop.incoming() == []
    entry = shop.entry(orders[0])
    assert entry is not None
    assert entry.problem is None


def test_an_entry_that_sendcloud_calls_deleted_but_goes_on_showing_is_reported(shop: Shop) -> None:
    number = shop.place()
    shop.run(after=SOON)
    shop.run(after=SOON)
    refuse_sendcloud(shop, "DELETE", "/orders/", status=404)
    shop.office.cancel_order(number)
    for _ in range(4):
        shop.run(after=SOON)
    entry = shop.entry(number)
    assert entry is not None
    assert entry.problem is not None
    assert entry.problem.code == Code.ENTRY_NOT_WITHDRAWN
    assert entry.problem.detail == "Sendcloud answers that it is deleted, but shows it again"
    shop.sandbox.faults.clear()
    for _ in range(3):
        shop.run(after=HOUR)
    entry = shop.entry(number)
    assert entry is not None
    assert (entry.state, entry.problem) == (IncomingState.WITHDRAWN, None)


def test_three_entries_that_are_not_deleted_are_the_call_and_no_entrys_problem(shop: Shop) -> None:
    orders = [shop.place() for _ in range(4)]
    shop.run(after=SOON)
    shop.run(after=SOON)
    refuse_sendcloud(shop, "DELETE", "/orders/")
    for order in orders:
        shop.office.edit_order(order, Status=45)
    shop.run(after=SOON)
    assert [entry.problem for entry in shop.records.open_incoming()] == [None] * 4
    assert "sendcloud DELETE orders/{id}" in shop.records.refused.questions


def test_deletions_that_fail_without_words_stop_nothing_else(shop: Shop) -> None:
    orders = [shop.place() for _ in range(3)]
    shop.run(after=SOON)
    shop.run(after=SOON)
    shop.sandbox.faults.answer_instead("DELETE", "/orders/", status=500, times=None)
    for order in orders[:2]:
        shop.office.edit_order(order, Status=45)
    delivery = shop.office.deliver(orders[2])
    new = shop.place()
    shop.run(after=SOON)
    assert shop.office.tracking(delivery)
    assert str(new) in shop.incoming()


# ── purchases ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 403, 404])
def test_purchases_that_are_all_refused_without_naming_a_field_are_no_deliverys_problem(
    shop: Shop, status: int
) -> None:
    deliver(shop, 4)
    refuse_sendcloud(shop, "POST", "/announce", status)
    run = shop.run(after=SOON)
    assert not any(delivery.problems for delivery in shop.records.open_deliveries())
    assert run.exit_status is ExitStatus.API
    shop.sandbox.faults.clear()
    shop.run(after=HOUR)
    assert shop.paid() == 4


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_look_that_is_refused_for_one_delivery_holds_up_no_other(shop: Shop, status: int) -> None:
    orders = [shop.place() for _ in range(4)]
    deliveries = [shop.office.deliver(order) for order in orders]
    refuse_sendcloud(shop, "GET", f"order_number={orders[1]}&", status)
    shop.run(after=SOON)
    assert [len(shop.lives_of(delivery)) for delivery in deliveries] == [1, 0, 1, 1]
    assert shop.problem(deliveries[1]) == Code.LOOK_NOT_ANSWERED
    shop.sandbox.faults.clear()
    for minutes in (15, 60):
        shop.run(after=timedelta(minutes=minutes))
    assert len(shop.lives_of(deliveries[1])) == 1
    assert shop.problem(deliveries[1]) == ""


def test_a_purchase_that_fails_with_words_is_tried_ever_less_often(shop: Shop) -> None:
    deliveries = deliver(shop, 3)
    broken = shop.delivery_id(deliveries[1])
    shop.sandbox.faults.answer_instead(
        "POST",
        "/announce",
        status=500,
        text='{"errors": [{"status": "500", "code": "error", "detail": "The carrier is not configured."}]}',
        content_type="application/json",
        times=None,
        body=lambda body: broken in json.dumps(body),
    )
    tried = []
    for _ in range(24):
        shop.run(after=SOON)
        calls = shop.sandbox.calls_since(shop.mark)
        tried.append(sum("/announce" in call.path and call.status == 500 for call in calls))
    assert [bool(shop.lives_of(delivery)) for delivery in deliveries] == [True, False, True]
    assert [place for place, number in enumerate(tried) if number] == [0, 1, 4, 16]
    shop.sandbox.faults.clear()
    shop.run(after=timedelta(days=1))
    assert len(shop.lives_of(deliveries[1])) == 1


# ── Sendcloud's shipments ────────────────────────────────────────────────────────────────────────


def test_a_label_that_had_no_tracking_yet_is_written_back_although_shipments_can_not_be_walked_through(
    shop: Shop,
) -> None:
    shop.behaviour.announce_answers_announcing = True
    delivery = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert not shop.office.tracking(delivery)
    refuse_sendcloud(shop, "GET", r"/shipments\?(integration_id|updated_after)")
    shop.run(after=SOON)
    assert shop.office.tracking(delivery)


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def test_what_was_refused_in_the_first_run_and_is_not_asked_any_more_is_not_told_for_ever(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path) as shop:
        shop.place()
        refusals(shop).refuse("bulk/SalesOrder/SalesOrders", status=403, sentence="Forbidden")
        refusals(shop).refuse("sync/Deleted", status=403, sentence="Forbidden")
        shop.run()
        assert shop.incoming() != []
        assert len(shop.records.refused.questions) == 2
        for _ in range(4):
            shop.run(after=timedelta(days=1))
        assert list(shop.records.refused.questions) == ["exact GET sync/Deleted"]


# ── what only helps ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["shipping-options", "addresses/validate"])
def test_a_check_that_sendcloud_does_not_know_is_told_and_holds_up_nothing(shop: Shop, path: str) -> None:
    refuse_sendcloud(shop, "POST", f"/{path}", 403)
    shop.office.deliver(shop.place())
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1
    assert list(shop.records.refused.questions) == [f"sendcloud POST {path}"]
    shop.sandbox.faults.clear()
    shop.clock.advance(timedelta(days=1))
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert shop.records.refused.questions == {}


def test_labels_are_bought_although_the_division_was_never_read(tmp_path: Path) -> None:
    with open_shop(tmp_path, world=without_divisions) as shop:
        shop.office.deliver(shop.place())
        shop.run()
        assert shop.paid() == 1


def without_divisions(clock: Clock) -> World:
    world = starting_worlds.empty(clock)
    world.exact.refusals.refuse("system/Divisions", status=403, sentence="Forbidden")
    office = Office(world.exact, division=starting_worlds.DIVISION)
    office.add_item("MUG", "Enamel mug", weight=0.35)
    return world


def from_two_areas(clock: Clock) -> World:
    """Also sent from Great Britain, so that the sender addresses do not tell where the division lies."""
    world = without_divisions(clock)
    account = world.sendcloud.accounts[0]
    main, second = account.sender_addresses
    account.sender_addresses[:] = [main, replace(second, country_code="GB", postal_code="E1 6AN")]
    return world


def test_what_was_held_for_want_of_the_divisions_country_goes_on_once_it_is_known(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, world=from_two_areas) as shop:
        shop.office.deliver(shop.place(warehouse=None))
        shop.run()
        assert shop.paid() == 0
        refusals(shop).lift()
        shop.run(after=HOUR)
        assert shop.paid() == 1
