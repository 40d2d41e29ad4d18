"""A delivery never gets a second paid label unless a person asks for one (S2 to S6)."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from exactsend.domain.records import AttemptState
from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from exactsend.http.messages import Call
from exactsend.sandbox.sendcloud.records import Shipment
from tests.end_to_end.shop import Shop, outcomes, told

SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)
ANNOUNCE = "/shipments/announce"
BOUGHT = ("label_buy", "done", "")


def a_delivery(shop: Shop, line: str = "Kanaalstraat 12") -> int:
    """An order whose entry stands, delivered since."""
    number = shop.place(line)
    shop.run(after=SOON)
    return shop.office.deliver(number)


def test_that_a_label_is_about_to_be_bought_is_on_disk_before_it_is_asked_for(shop: Shop) -> None:
    delivery = a_delivery(shop)
    remembered: list[AttemptState] = []

    def fault_hook(when: str, call: Call) -> None:
        if when == "before" and ANNOUNCE in call.path:
            remembered.extend(attempt.state for attempt in shop.record(delivery).attempts)

    shop.with_hooks(call_hook=fault_hook)
    shop.run(after=SOON)
    assert remembered == [AttemptState.INTENDED]


# ── look before you buy ──────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_bought_once_written_back_once_and_its_entry_withdrawn(shop: Shop) -> None:
    delivery = a_delivery(shop)
    assert BOUGHT in told(shop.run(after=SOON))
    shop.run(after=SOON)
    assert len(shop.lives_of(delivery)) == shop.paid() == 1
    assert shop.office.tracking(delivery) == shop.lives_of(delivery)[0].tracking_number
    assert shop.incoming() == []


def test_a_delivery_with_a_tracking_number_is_left_alone(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.office.edit_delivery(delivery, TrackingNumber="by hand")
    shop.run(after=SOON)
    assert shop.paid() == 0
    assert shop.office.tracking(delivery) == "by hand"
    assert shop.incoming() == []


def test_a_tracking_number_entered_during_the_run_stops_the_purchase(shop: Shop) -> None:
    delivery = a_delivery(shop)
    before_look(shop, lambda: shop.office.edit_delivery(delivery, TrackingNumber="by hand"))
    shop.run(after=SOON)
    assert shop.paid() == 0


def test_a_delivery_deleted_during_the_run_is_not_bought(shop: Shop) -> None:
    delivery = a_delivery(shop)
    before_look(shop, lambda: shop.office.delete_delivery(delivery))
    shop.run(after=SOON)
    assert shop.paid() == 0


def test_a_delivery_changed_during_the_run_is_bought_by_the_next_one_as_it_is_then(shop: Shop) -> None:
    delivery = a_delivery(shop)
    account = shop.office.delivery(delivery).text("DeliveryAccount")
    other = shop.office.add_address(account, "Nieuwe Weg 9", postcode="3512 AB", city="Utrecht")
    before_look(shop, lambda: shop.office.edit_delivery(delivery, DeliveryAddress=other))
    assert ("label_buy", "skipped", "changed_meanwhile") in told(shop.run(after=SOON))
    assert shop.paid() == 0
    shop.restart()
    shop.run(after=SOON)
    assert shop.lives_of(delivery)[0].to_address["postal_code"] == "3512 AB"


def before_look(shop: Shop, act: object) -> None:
    """Something happens between the gathering and the last look: right before Sendcloud is first asked by number."""
    done: list[bool] = []

    def fault_hook(when: str, call: object) -> None:
        path = getattr(call, "path", "")
        if (
            when == "before"
            and "GoodsDeliveries" in path
            and shop.sandbox.calls[-1].api == "sendcloud"
            and not done
        ):
            done.append(True)
            act()  # type: ignore[operator]  # a function

    shop.with_hooks(call_hook=fault_hook)


def test_another_integrations_label_holds_the_purchase(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.label_by_another_app("4711")
    run = shop.run(after=SOON)
    assert ("label_buy", "held", "labelled_elsewhere") in told(run)
    assert run.exit_status is ExitStatus.ATTENTION
    assert shop.lives_of(delivery) == []
    assert shop.incoming() == ["4711"]


def test_another_integrations_label_to_another_address_holds_the_purchase_too(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.label_by_another_app("4711", postal_code="1011 AB")
    assert ("label_buy", "held", "labelled_elsewhere") in told(shop.run(after=SOON))
    assert "Utrecht (NL)" in shown(shop.record(delivery).problems["label"]).message


def test_when_the_other_label_is_cancelled_the_purchase_goes_on_by_itself(shop: Shop) -> None:
    delivery = a_delivery(shop)
    other = shop.label_by_another_app("4711")
    shop.run(after=SOON)
    shop.panel.cancel_label(shipment_id=other.shipment_id)
    shop.run(after=HOUR)
    assert len(shop.lives_of(delivery)) == 1
    assert shop.problem(delivery) == ""


def test_a_look_that_is_refused_is_not_taken_for_nothing_found(shop: Shop) -> None:
    a_delivery(shop)
    shop.sandbox.faults.answer_instead(
        "GET",
        r"/shipments\?.*order_number",
        status=400,
        text='{"errors": []}',
        content_type="application/json",
    )
    assert ("label_buy", "held", "look_not_answered") in told(shop.run(after=SOON))
    assert shop.paid() == 0
    shop.run(after=timedelta(minutes=15))
    assert shop.paid() == 1


def test_a_look_that_is_not_answered_buys_nothing(shop: Shop) -> None:
    a_delivery(shop)
    shop.sandbox.faults.answer_instead("GET", r"/shipments\?.*external_reference", status=502, times=None)
    run = shop.run(after=SOON)
    assert run.exit_status is ExitStatus.API
    assert shop.paid() == 0


def test_a_lost_ledger_buys_nothing_twice(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.answer_instead("PUT", "GoodsDeliveries", status=503, times=None)
    shop.run(after=SOON)
    assert shop.paid() == 1
    forget_ledger(shop)
    shop.sandbox.faults.clear()
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.paid() == 1
    assert shop.office.tracking(delivery)
    assert len(shop.office.attachments(delivery)) == 1
    assert len(shop.office.documents()) == 1


def forget_ledger(shop: Shop) -> None:
    for path in (shop.process.state / "1234567").rglob("*"):
        if path.is_file():
            path.unlink()
    shop.restart()


def test_a_lost_ledger_buys_nothing_for_a_delivery_that_was_made_again(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.office.delete_delivery(delivery)
    again = shop.office.deliver(4711)
    shutil.rmtree(shop.process.state / "1234567")
    shop.restart()
    for _ in range(3):
        shop.run(after=HOUR)
    assert shop.paid() == 1
    assert shop.problem(again) == "labelled_elsewhere"


def test_a_lost_ledger_still_counts_the_attempts_that_failed(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    assert len(shop.purchases) == 1
    forget_ledger(shop)
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Dorpsstraat 8")
    shop.run(after=SOON)
    assert [shipment.external_reference_id[-2:] for shipment in shop.lives_of(delivery)] in (["-2"], ["-3"])  # type: ignore[index]  # ours


# ── lost answers ─────────────────────────────────────────────────────────────────────────────────


def test_an_answer_lost_after_storing_is_found_by_its_reference_in_the_same_run(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_answer("POST", ANNOUNCE)
    run = shop.run(after=SOON)
    assert run.exit_status is ExitStatus.DONE
    assert len(shop.lives_of(delivery)) == shop.paid() == 1
    assert shop.record(delivery).attempts[0].state is AttemptState.LIVE
    assert shop.office.tracking(delivery)


def test_an_answer_lost_while_look_ups_lag_is_unknown_and_found_later(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.behaviour.lookups_lag = timedelta(minutes=3)
    shop.sandbox.faults.lose_answer("POST", ANNOUNCE)
    run = shop.run(after=SOON)
    assert run.exit_status is ExitStatus.API
    assert ("label_buy", "unknown", "label_unknown") in told(run)
    assert shop.run(after=timedelta(minutes=1)).exit_status is ExitStatus.API
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert len(shop.lives_of(delivery)) == shop.paid() == 1


def test_a_call_lost_before_it_arrived_is_made_again_with_the_same_reference_once_settled(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_call("POST", ANNOUNCE)
    shop.run(after=SOON)
    shop.run(after=timedelta(minutes=4))
    assert shop.paid() == 0
    assert len(shop.purchases) == 1
    shop.run(after=timedelta(minutes=1))
    assert shop.paid() == 1
    assert [shipment.external_reference_id for shipment in shop.lives_of(delivery)] == [
        shop.record(delivery).attempts[0].reference
    ]


def test_a_409_is_our_own_label(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_answer("POST", ANNOUNCE)
    shop.behaviour.lookups_lag = timedelta(minutes=30)
    shop.run(after=SOON)
    run = shop.run(after=timedelta(minutes=10))
    assert len(shop.purchases) == 2
    assert shop.purchases[-1].status == 409
    assert run.exit_status is ExitStatus.DONE
    assert len(shop.lives_of(delivery)) == shop.paid() == 1
    label = shop.record(delivery).label
    assert label is not None
    assert label.how == "found"


def test_a_paid_label_that_no_longer_fits_is_held_back_and_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.behaviour.lookups_lag = timedelta(minutes=3)
    shop.sandbox.faults.lose_answer("POST", ANNOUNCE)
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Nieuwegracht 5")
    shop.run(after=SOON)
    assert shop.problem(delivery) == "differs_from_delivery"
    assert shop.office.tracking(delivery) == ""
    assert shop.paid() == 1


def test_an_open_purchase_keeps_its_delivery_out_of_the_incoming_orders(shop: Shop) -> None:
    delivery = shop.office.deliver(shop.place())
    shop.sandbox.faults.lose_call("POST", ANNOUNCE)
    shop.run(after=SOON)
    assert shop.record(delivery).open_attempt is not None
    assert shop.incoming() == []


def test_a_label_paid_for_a_delivery_that_was_deleted_meanwhile_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    key = shop.delivery_id(delivery)
    shop.behaviour.lookups_lag = timedelta(minutes=3)
    shop.sandbox.faults.lose_answer("POST", ANNOUNCE)
    shop.run(after=SOON)
    shop.office.delete_delivery(delivery)
    shop.run(after=SOON)
    run = shop.run(after=HOUR)
    record = shop.records.delivery(key)
    assert record is not None
    assert record.problems["label"].code == "cancelled_after_label"
    assert run.exit_status is ExitStatus.ATTENTION


def test_a_purchase_refused_outright_is_tried_again_when_the_delivery_changes(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.answer_instead(
        "POST",
        ANNOUNCE,
        status=400,
        text='{"errors": [{"status": "400", "code": "invalid", "detail": "postal code is wrong",'
        ' "source": {"pointer": "/data/to_address/postal_code"}}]}',
        content_type="application/json",
    )
    shop.run(after=SOON)
    assert shop.problem(delivery) == "address_refused"
    shop.run(after=HOUR)
    assert len(shop.purchases) == 1
    shop.office.correct_address(shop.address_of(4711), Postcode="3531 GW")
    shop.run(after=SOON)
    assert [shipment.external_reference_id[-2:] for shipment in shop.lives_of(delivery)] == ["-1"]  # type: ignore[index]  # ours


# ── failing and curing ───────────────────────────────────────────────────────────────────────────


def test_a_failed_label_stands_in_errors_and_among_the_incoming_orders(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.problem(delivery) == "house_number_missing"
    assert shop.incoming() == ["4711"]
    shop.run(after=SOON)
    assert len(shop.purchases) == 1


def test_corrected_in_exact_it_is_bought_by_the_next_run(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Dorpsstraat 8")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1
    assert shop.problem(delivery) == ""
    assert shop.incoming() == []


def test_corrected_in_the_panel_the_same_shipment_is_taken(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.panel.retry_failed("4711", house_number="8")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1
    assert shop.office.tracking(delivery)


def test_corrected_in_the_panel_by_a_new_shipment_that_one_is_adopted(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.panel.retry_failed("4711", as_new_shipment=True, house_number="8")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1
    assert shop.office.tracking(delivery)


def test_before_another_attempt_the_failed_one_is_read_by_its_id_not_from_a_list_that_lags(
    shop: Shop,
) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    shop.behaviour.lookups_lag = timedelta(minutes=20)
    shop.clock.advance(timedelta(minutes=30))
    cured = shop.panel.retry_failed("4711", house_number="8")
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Dorpsstraat 8")
    shop.run(after=SOON)
    assert shop.paid() == 1
    label = shop.record(delivery).label
    assert label is not None
    assert label.shipment == cured.shipment_id


def test_a_failure_that_shows_only_later_is_a_failure_all_the_same(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True
    delivery = a_delivery(shop, "Dorpsstraat")
    shop.run(after=SOON)
    run = shop.run(after=SOON)
    assert shop.problem(delivery) == "house_number_missing"
    assert run.exit_status is ExitStatus.ATTENTION
    shop.run(after=SOON)
    assert shop.incoming() == ["4711"]
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Dorpsstraat 8")
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.paid() == 1
    assert shop.office.tracking(delivery)


def test_a_label_that_is_announced_late_is_written_back_late(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.paid() == 1
    assert shop.office.tracking(delivery)


def test_a_passing_cause_is_tried_again_with_growing_pauses_and_at_most_five_times(shop: Shop) -> None:
    shop.behaviour.carrier_down = "postnl"
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    bought_at = []
    for pause in (14, 1, 59, 1, 239, 1, 1439, 1, 1439, 1, 2 * 1440, 10 * 1440):
        shop.run(after=timedelta(minutes=pause))
        bought_at.append(len(shop.purchases))
    assert bought_at == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6]
    assert shop.problem(delivery) == "label_given_up"
    assert shop.paid() == 0


def test_the_same_where_a_failed_shipment_gives_its_reference_free(shop: Shop) -> None:
    shop.behaviour.reference_kept_by_failed = False
    shop.behaviour.carrier_down = "postnl"
    a_delivery(shop)
    shop.run(after=SOON)
    for _ in range(12):
        shop.run(after=timedelta(days=1))
    assert len(shop.purchases) == 6


def test_a_passing_cause_that_passed_is_cured_by_itself(shop: Shop) -> None:
    shop.behaviour.carrier_down = "postnl"
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.behaviour.carrier_down = None
    shop.run(after=timedelta(minutes=15))
    assert len(shop.lives_of(delivery)) == shop.paid() == 1


# ── cancelled ────────────────────────────────────────────────────────────────────────────────────


def test_after_a_cancelled_label_only_a_person_starts_another(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.office.correct_address(shop.address_of(4711), AddressLine1="Nieuwegracht 5")
    shop.run(after=SOON)
    shop.run(after=timedelta(days=1))
    assert len(shop.purchases) == 1
    assert shop.problem(delivery) == "label_cancelled"
    assert shop.incoming() == ["4711"]
    shop.ask(delivery, another=2)
    assert len(shop.lives_of(delivery)) == 1


def test_a_label_that_a_person_cancelled_before_any_run_knew_of_it_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    cut_off(shop)
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert shop.problem(delivery) == "label_cancelled"
    assert len(shop.purchases) == 1


def test_a_label_made_in_the_panel_beside_one_that_no_run_knew_of_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    cut_off(shop)
    shop.panel.make_label("4711")
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "double_label"


def test_an_order_cancelled_after_a_purchase_that_no_run_knew_of_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    cut_off(shop)
    shop.office.edit_order(4711, Status=45)
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "cancelled_after_label"


def test_a_label_cancelled_after_its_number_was_written_and_before_that_was_noted_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    cut_off(shop, "after", "PUT")
    assert shop.office.tracking(delivery)
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "label_cancelled"


def test_a_conflict_with_a_cancelled_label_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    cut_off(shop)
    shop.panel.cancel_label("4711")
    shutil.rmtree(shop.process.state / "1234567")
    shop.behaviour.lookups_lag = timedelta(hours=2)
    shop.restart()
    shop.run(after=SOON)
    assert shop.purchases[-1].status == 409
    shop.run(after=SOON)
    assert shop.problem(delivery) == "label_cancelled"


def test_a_conflict_with_a_failed_label_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop, "Dorpsstraat")
    cut_off(shop)
    shutil.rmtree(shop.process.state / "1234567")
    shop.behaviour.lookups_lag = timedelta(hours=2)
    shop.restart()
    shop.run(after=SOON)
    assert shop.purchases[-1].status == 409
    assert shop.problem(delivery) == "house_number_missing"
    assert shop.paid() == 0


def cut_off(shop: Shop, when: str = "after", call: str = ANNOUNCE) -> None:
    """A run that dies when its purchase, or another call, was answered and that is not yet written down."""

    def fault_hook(now: str, made: Call) -> None:
        if now == when and call in f"{made.method} {made.path}":
            raise Died

    shop.with_hooks(call_hook=fault_hook)
    with pytest.raises(Died):
        shop.run(after=SOON)
    shop.restart()


class Died(BaseException):
    """The process is gone: nothing catches this."""


def test_a_label_adopted_and_cancelled_counts_as_the_first_when_another_is_asked_for(
    manual_shop: Shop,
) -> None:
    delivery = a_delivery(manual_shop)
    manual_shop.run(after=SOON)
    manual_shop.panel.make_label("4711")
    manual_shop.run(after=SOON)
    manual_shop.clock.advance(SOON)
    manual_shop.panel.cancel_label("4711")
    manual_shop.run(after=SOON)
    manual_shop.ask(delivery, another=1)
    assert manual_shop.purchases == []
    manual_shop.ask(delivery, another=2)
    assert len(manual_shop.lives_of(delivery)) == manual_shop.paid() == 1


def test_a_label_that_is_being_cancelled_counts_as_live(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.behaviour.cancellation_takes = timedelta(hours=1)
    shop.panel.set_status(shop.lives_of(delivery)[0], "CANCELLING")
    shop.office.edit_delivery(delivery, Description="changed")
    shop.run(after=SOON)
    assert len(shop.purchases) == 1
    assert shop.record(delivery).label is not None


def test_a_replaced_label_that_is_announced_late_is_written_back_too(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.behaviour.announce_answers_announcing = True
    shop.ask(delivery, another=2)
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.office.tracking(delivery) == shop.lives_of(delivery)[0].tracking_number
    assert shop.office.remarks(delivery).count("Track & trace") == 1


def test_a_cancellation_that_the_carrier_undoes_gives_the_label_back(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    cancelled = shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.panel.restore_label(cancelled)
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.record(delivery).label is not None


def test_two_live_labels_on_one_delivery_are_told_at_once(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    cancelled = shop.panel.cancel_label("4711")
    shop.run(after=SOON)
    shop.ask(delivery, another=2)
    shop.clock.advance(SOON)
    shop.panel.restore_label(cancelled)
    run = shop.run(after=SOON)
    assert shop.problem(delivery) == "double_label"
    assert run.exit_status is ExitStatus.ATTENTION
    shop.run(after=timedelta(days=1))
    assert shop.problem(delivery) == "double_label"


def test_a_label_made_in_the_panel_beside_a_bought_one_is_a_double_label(shop: Shop) -> None:
    shop.behaviour.cancelled_label_returns_order = True
    delivery = a_delivery(shop)
    made: list[bool] = []

    def fault_hook(when: str, call: object) -> None:
        if when == "before" and getattr(call, "method", "") == "DELETE" and not made:
            made.append(True)
            shop.panel.make_label("4711")

    shop.with_hooks(call_hook=fault_hook)
    shop.run(after=SOON)
    assert shop.paid() == 2
    shop.restart()
    shop.run(after=SOON)
    assert shop.problem(delivery) == "double_label"
    shop.office.edit_delivery(delivery, Description="changed")
    shop.run(after=SOON)
    assert shop.problem(delivery) == "double_label"


def test_a_return_label_is_no_double_label(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.clock.advance(SOON)
    shop.panel.make_return(shop.lives_of(delivery)[0])
    shop.run(after=SOON)
    shop.office.edit_delivery(delivery, Description="changed")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE


def a_label_beside(shop: Shop, delivery: int, number: str) -> Shipment:
    """A label made in the panel under a number, to the delivery's address."""
    (label,) = shop.lives_of(delivery)
    to = {name: str(value) for name, value in label.to_address.items()}
    return shop.panel.make_label_elsewhere(
        number, label.integration_id, to_address=to, option="postnl:standard"
    )


def two_orders_in_one_labelled_delivery(shop: Shop) -> int:
    number, address = shop.place(), shop.address_of(4711)
    account = shop.office.order(number).text("DeliverTo")
    shop.office.place_order(account, [("MUG", 1, 12.5)], address=address, method="PNL")
    shop.run(after=SOON)
    delivery = shop.office.deliver([4711, 4712])
    shop.run(after=SOON)
    shop.clock.advance(timedelta(hours=2))
    return delivery


def test_a_label_under_the_number_of_one_of_its_orders_is_told_until_it_is_cancelled(shop: Shop) -> None:
    delivery = two_orders_in_one_labelled_delivery(shop)
    second = a_label_beside(shop, delivery, "4712")
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.problem(delivery) == "double_label"

    shop.office.edit_delivery(delivery, Description="changed")
    shop.run(after=timedelta(hours=2))
    assert shop.problem(delivery) == "double_label"

    shop.panel.cancel_label(shipment_id=second.shipment_id)
    assert shop.run(after=timedelta(hours=2)).exit_status is ExitStatus.DONE


def test_a_label_whose_country_cannot_be_read_beside_its_own_is_told(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    second = a_label_beside(shop, delivery, "4711")
    unreadable = {**second.to_address, "country_code": "Nederland"}
    shop.sandbox.world.sendcloud.save_shipment(replace(second, to_address=unreadable))
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.problem(delivery) == "double_label"
    assert len(shop.lives_of(delivery)) == 1


def test_a_label_that_a_person_was_told_of_before_asking_for_another_is_not_told_again(shop: Shop) -> None:
    shop.place()
    shop.run(after=SOON)
    shop.office.place_order(
        shop.office.order(4711).text("DeliverTo"),
        [("MUG", 1, 12.5)],
        address=shop.address_of(4711),
        method="PNL",
    )
    shop.run(after=SOON)
    shop.panel.make_label("4712")
    delivery = shop.office.deliver([4711, 4712])
    shop.run(after=SOON)
    assert shop.problem(delivery) == "labelled_elsewhere"

    shop.ask(delivery, another=1)
    shop.office.edit_delivery(delivery, Description="changed")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 2


# ── adoption ─────────────────────────────────────────────────────────────────────────────────────


def test_a_label_made_in_the_panel_is_adopted_and_written_back(manual_shop: Shop) -> None:
    delivery = a_delivery(manual_shop)
    manual_shop.run(after=SOON)
    made = manual_shop.panel.make_label("4711")
    run = manual_shop.run(after=SOON)
    assert ("label_adopt", "done", "made_by_hand") in told(run)
    assert manual_shop.office.tracking(delivery) == made.tracking_number
    assert len(manual_shop.office.attachments(delivery)) == 1
    assert manual_shop.purchases == []


def test_a_label_made_before_the_delivery_is_adopted_once_it_is_delivered(manual_shop: Shop) -> None:
    number = manual_shop.place()
    manual_shop.run(after=SOON)
    made = manual_shop.panel.make_label("4711")
    manual_shop.run(after=SOON)
    delivery = manual_shop.office.deliver(number)
    manual_shop.run(after=SOON)
    assert manual_shop.office.tracking(delivery) == made.tracking_number


def test_two_labels_that_fit_are_held_and_the_one_that_is_left_is_adopted(manual_shop: Shop) -> None:
    delivery = a_delivery(manual_shop)
    manual_shop.run(after=SOON)
    manual_shop.behaviour.panel_label_keeps_order = True
    first = manual_shop.panel.make_label("4711")
    second = manual_shop.panel.make_return(manual_shop.panel.make_return(first))
    manual_shop.run(after=SOON)
    assert manual_shop.problem(delivery) == "label_ambiguous"
    manual_shop.clock.advance(SOON)
    manual_shop.panel.cancel_label(shipment_id=first.shipment_id)
    manual_shop.run(after=SOON)
    assert manual_shop.office.tracking(delivery) == second.tracking_number


def test_a_label_belongs_to_one_delivery_for_ever(manual_shop: Shop) -> None:
    delivery = a_delivery(manual_shop)
    manual_shop.run(after=SOON)
    manual_shop.panel.make_label("4711")
    manual_shop.run(after=SOON)
    manual_shop.office.delete_delivery(delivery)
    again = manual_shop.office.deliver(4711)
    manual_shop.run(after=SOON)
    assert manual_shop.record(again).label is None


def test_a_label_for_the_whole_order_holds_both_of_its_parts(shop: Shop) -> None:
    number = shop.place(quantity=10)
    shop.run(after=SOON)
    shop.panel.make_label("4711")
    shop.office.deliver(number, {"MUG": 6})
    shop.office.deliver(number)
    shop.run(after=SOON)
    assert {shop.problem(20001), shop.problem(20002)} == {"labelled_elsewhere"}
    assert shop.purchases == []


def test_the_outcome_of_a_purchase_names_its_shipment_and_what_was_sent(shop: Shop) -> None:
    a_delivery(shop)
    bought = next(outcome for outcome in outcomes(shop.run(after=SOON)) if outcome.cost_bearing)
    assert bought.shipment_id == shop.panel.labels()[0].shipment_id
    assert bought.request == shop.purchases[0].body


def test_a_slow_carrier_makes_the_next_delivery_be_read_again_before_its_purchase(shop: Shop) -> None:
    orders = shop.place(), shop.place()
    shop.run(after=SOON)
    first, second = (shop.office.deliver(order) for order in orders)
    changed: list[bool] = []

    def slow(when: str, call: object) -> None:
        if when == "after" and "/announce" in getattr(call, "path", "") and not changed:
            changed.append(True)
            shop.clock.advance(timedelta(seconds=90))
            shop.office.edit_delivery(second, TrackingNumber="by hand")

    shop.with_hooks(call_hook=slow)
    shop.run(after=SOON)

    assert [len(shop.lives_of(number)) for number in (first, second)] == [1, 0]


# ── causes that somebody cures without telling ───────────────────────────────────────────────────


def test_a_contract_that_was_mended_at_sendcloud_is_found_out_by_itself(shop: Shop) -> None:
    shop.behaviour.announcements_fail_with = "No active contract for this carrier"
    delivery = shop.office.deliver(shop.place())
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.problem(delivery) == "contract_unusable"
    shop.behaviour.announcements_fail_with = None
    shop.run(after=timedelta(minutes=14))
    assert shop.paid() == 0
    assert shop.run(after=timedelta(minutes=1)).exit_status is ExitStatus.DONE
    assert shop.paid() == 1


def test_a_purchase_refused_for_want_of_money_is_tried_again_six_times_at_most(shop: Shop) -> None:
    refusal = {"status": "400", "code": "no_valid_payment_method", "detail": "No valid payment method."}
    shop.sandbox.faults.answer_instead(
        "POST",
        "/announce",
        status=400,
        text=json.dumps({"errors": [refusal]}),
        content_type="application/json",
        times=None,
    )
    delivery = shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert shop.problem(delivery) == "payment_needed"
    for _ in range(20):
        shop.run(after=timedelta(days=1))
    assert shop.problem(delivery) == "label_given_up"
    assert len(shop.purchases) == 6
    assert {call.body["external_reference_id"][-2:] for call in shop.purchases} == {"-1"}  # type: ignore[index]  # a body
    shop.sandbox.faults.clear()
    shop.ask(delivery)
    assert shop.paid() == 1
