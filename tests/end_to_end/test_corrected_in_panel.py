"""A label that a person made from our incoming order, wherever it goes, is never bought beside (S2, S4, S7).

Each in both readings of what is not known: whether an order whose label was made can still be read.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from exactsend.sandbox.sendcloud.records import Shipment
from tests.end_to_end.shop import AUTOMATIC, MANUAL, Shop, open_shop, outcomes, told

SOON = timedelta(minutes=5)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
CORRECTED = {"postal_code": "1011 AB", "city": "Amsterdam"}
ABROAD = {"country_code": "BE", "postal_code": "2000", "city": "Antwerpen"}
SOMEBODY_ELSE = {
    **CORRECTED,
    "name": "Somebody else",
    "email": "else@shop.example",
    "phone_number": "+31201234567",
    "address_line_1": "Damrak",
    "house_number": "1",
}
READABLE = pytest.mark.parametrize("readable", [True, False], ids=["still readable", "no longer readable"])


@contextmanager
def a_shop(folder: Path, *, readable: bool, labels: Mapping[str, str] = AUTOMATIC) -> Iterator[Shop]:
    """A shop whose order 4711 has been seen among the incoming orders."""
    with open_shop(folder, labels=labels) as shop:
        shop.behaviour.panel_label_keeps_order = readable
        shop.place()
        shop.run(after=SOON)
        shop.run(after=SOON)
        shop.clock.advance(SOON)
        yield shop


def label_in_panel(shop: Shop, number: str = "4711", option: str = "dpd:home", **address: str) -> Shipment:
    """A person corrects the address of an incoming order, and makes its label."""
    if address:
        shop.panel.edit_order(number, **address)  # type: ignore[arg-type]  # lines of an address
    return shop.panel.make_label(number, option)


def is_its_label(shop: Shop, delivery: int, made: Shipment) -> bool:
    """Taken over, paid once, and written back."""
    label = shop.record(delivery).label
    return (
        label is not None
        and label.shipment == made.shipment_id
        and shop.paid() == 1
        and shop.office.tracking(delivery) == made.tracking_number
    )


# ── taken over on evidence ───────────────────────────────────────────────────────────────────────


@READABLE
@pytest.mark.parametrize("address", [CORRECTED, ABROAD], ids=["postcode", "country"])
@pytest.mark.parametrize("labels", [AUTOMATIC, MANUAL], ids=["automatic", "manual"])
def test_a_label_to_a_corrected_address_is_the_deliverys_once_it_is_delivered(
    tmp_path: Path, address: Mapping[str, str], labels: Mapping[str, str], *, readable: bool
) -> None:
    with a_shop(tmp_path, readable=readable, labels=labels) as shop:
        made = label_in_panel(shop, **address)
        shop.run(after=SOON)
        delivery = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert is_its_label(shop, delivery, made)
        assert shop.purchases == []


@READABLE
def test_one_that_is_made_between_the_plan_and_the_purchase_is_taken_by_the_look(
    tmp_path: Path, *, readable: bool
) -> None:
    with a_shop(tmp_path, readable=readable) as shop:
        delivery = shop.office.deliver(4711)
        made: list[Shipment] = []

        def fault_hook(when: str, call: object) -> None:
            if when == "before" and "order_number" in getattr(call, "query", ()) and not made:
                made.append(label_in_panel(shop, **CORRECTED))

        shop.with_hooks(call_hook=fault_hook)
        shop.run(after=SOON)

        assert is_its_label(shop, delivery, made[0])


@READABLE
def test_what_was_corrected_is_told_once_with_both_towns(tmp_path: Path, *, readable: bool) -> None:
    with a_shop(tmp_path, readable=readable) as shop:
        label_in_panel(shop, **CORRECTED)
        shop.office.deliver(4711)

        run = shop.run(after=SOON)

        (adopted,) = [outcome for outcome in outcomes(run) if outcome.reason == "corrected_in_panel"]
        assert "postal_code, city" in adopted.notes[0]
        assert "Amsterdam (NL)" in adopted.notes[0]
        assert "Utrecht (NL)" in adopted.notes[0]
        assert outcomes(shop.run(after=SOON)) == []
        assert run.exit_status is ExitStatus.DONE


@READABLE
def test_after_a_failed_label_one_that_is_made_in_the_panel_as_we_advise_is_taken(
    tmp_path: Path, *, readable: bool
) -> None:
    with open_shop(tmp_path) as shop:
        shop.behaviour.panel_label_keeps_order = readable
        delivery = shop.office.deliver(shop.place("Dorpsstraat"))
        shop.run(after=SOON)
        assert shop.problem(delivery) == "house_number_missing"
        shop.run(after=SOON)
        shop.clock.advance(SOON)

        made = label_in_panel(shop, house_number="8", **CORRECTED)
        run = shop.run(after=SOON)

        assert is_its_label(shop, delivery, made)
        assert run.exit_status is ExitStatus.DONE


@READABLE
def test_a_part_whose_label_was_made_from_its_own_entry_takes_it(tmp_path: Path, *, readable: bool) -> None:
    with open_shop(tmp_path, labels=MANUAL) as shop:
        shop.behaviour.panel_label_keeps_order = readable
        shop.run(after=SOON)
        delivery = shop.office.deliver(shop.place(quantity=5), {"MUG": 2})
        for _ in range(2):
            shop.run(after=SOON)
        shop.clock.advance(SOON)

        made = label_in_panel(shop, f"4711/{delivery}", **CORRECTED)
        shop.run(after=SOON)

        assert is_its_label(shop, delivery, made)


@pytest.mark.parametrize("written", ["3531gv", "3531 gv", "NL-3531 GV"])
def test_another_spelling_of_the_postcode_is_no_correction(tmp_path: Path, written: str) -> None:
    with a_shop(tmp_path, readable=False) as shop:
        made = label_in_panel(shop, postal_code=written)
        delivery = shop.office.deliver(4711)

        run = shop.run(after=SOON)

        assert is_its_label(shop, delivery, made)
        assert "made_by_hand" in {outcome.reason for outcome in outcomes(run)}


# ── held, where nothing proves it ────────────────────────────────────────────────────────────────


@READABLE
def test_one_that_was_made_before_the_entry_was_seen_is_held_and_both_towns_are_named(
    tmp_path: Path, *, readable: bool
) -> None:
    with open_shop(tmp_path) as shop:
        shop.behaviour.panel_label_keeps_order = readable
        shop.place()
        shop.run(after=SOON)
        label_in_panel(shop, **CORRECTED)
        delivery = shop.office.deliver(4711)

        run = shop.run(after=SOON)

        assert shop.problem(delivery) == "labelled_elsewhere"
        assert "Amsterdam (NL)" in shown(shop.record(delivery).problems["label"]).message
        assert "Utrecht (NL)" in shown(shop.record(delivery).problems["label"]).message
        assert run.exit_status is ExitStatus.ATTENTION
        for _ in range(3):
            shop.run(after=HOUR)
        assert shop.purchases == []


@READABLE
@pytest.mark.parametrize("labels", [AUTOMATIC, MANUAL], ids=["automatic", "manual"])
def test_a_label_of_the_same_number_to_somebody_else_is_held(
    tmp_path: Path, labels: Mapping[str, str], *, readable: bool
) -> None:
    with a_shop(tmp_path, readable=readable, labels=labels) as shop:
        label_in_panel(shop, **SOMEBODY_ELSE)
        delivery = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert shop.problem(delivery) == "labelled_elsewhere"
        assert shop.ask(delivery).outcomes[-1].reason == "labelled_elsewhere"
        assert shop.purchases == []
        assert shop.record(delivery).label is None


@READABLE
def test_another_tools_label_to_somebody_else_after_our_entry_was_deleted_is_neither_taken_nor_bought_beside(
    tmp_path: Path, *, readable: bool
) -> None:
    with a_shop(tmp_path, readable=readable) as shop:
        shop.panel.delete_order("4711")
        integration = shop.sandbox.world.sendcloud.accounts[0].integrations[0].integration_id
        shop.panel.make_label_elsewhere(
            "4711",
            integration,
            to_address={"country_code": "NL", **SOMEBODY_ELSE},
            option="postnl:standard",
        )
        delivery = shop.office.deliver(4711)

        for _ in range(3):
            shop.run(after=HOUR)

        assert shop.problem(delivery) == "labelled_elsewhere"
        assert shop.purchases == []
        assert shop.record(delivery).label is None


@READABLE
def test_one_that_no_integration_of_ours_lists_is_held_too(tmp_path: Path, *, readable: bool) -> None:
    with a_shop(tmp_path, readable=readable) as shop:
        shop.behaviour.panel_label_under_own_keys = False
        label_in_panel(shop, **CORRECTED)
        delivery = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert shop.problem(delivery) == "labelled_elsewhere"
        assert shop.purchases == []


def test_a_return_blocks_nothing(tmp_path: Path) -> None:
    with a_shop(tmp_path, readable=False) as shop:
        first = shop.office.deliver(4711)
        shop.run(after=SOON)
        (label,) = shop.lives_of(first)
        shop.clock.advance(SOON)
        shop.panel.make_return(label)
        shop.panel.cancel_label(shipment_id=label.shipment_id)
        shop.run(after=SOON)
        assert shop.problem(first) == "label_cancelled"

        bought = shop.ask(first)

        assert bought.outcomes[0].outcome == "done"


def test_a_second_label_that_a_person_made_to_a_corrected_address_is_told(tmp_path: Path) -> None:
    with a_shop(tmp_path, readable=True) as shop:
        delivery = shop.office.deliver(4711)
        made: list[Shipment] = []

        def fault_hook(when: str, call: object) -> None:
            if when == "before" and getattr(call, "method", "") == "DELETE" and not made:
                made.append(label_in_panel(shop, **CORRECTED))

        shop.with_hooks(call_hook=fault_hook)
        shop.run(after=SOON)
        assert shop.paid() == 2
        shop.restart()

        shop.run(after=SOON)

        assert shop.problem(delivery) == "double_label"


@READABLE
def test_a_hand_made_label_that_is_cancelled_before_the_delivery_is_not_replaced_by_itself(
    tmp_path: Path, *, readable: bool
) -> None:
    with a_shop(tmp_path, readable=False) as shop:
        shop.behaviour.cancelled_label_returns_order = readable
        made = label_in_panel(shop, **CORRECTED)
        shop.run(after=HOUR)
        shop.panel.cancel_label(shipment_id=made.shipment_id)
        shop.run(after=HOUR)
        delivery = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert shop.purchases == []
        assert shop.problem(delivery) == "taken_in_panel"


def test_the_rest_of_an_order_is_bought_for_once_the_label_made_by_hand_is_a_deliverys(
    tmp_path: Path,
) -> None:
    with a_shop(tmp_path, readable=False) as shop:
        label_in_panel(shop, **CORRECTED)
        shop.run(after=HOUR)
        shop.office.deliver(4711)
        shop.run(after=SOON)
        shop.office.edit_order_line(4711, "MUG", Quantity=5)
        rest = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert len(shop.lives_of(rest)) == 1


# ── look-ups that lag ────────────────────────────────────────────────────────────────────────────


def test_a_person_who_asks_right_after_the_entry_vanished_waits_until_a_look_up_can_find_the_label(
    tmp_path: Path,
) -> None:
    with a_shop(tmp_path, readable=False, labels=MANUAL) as shop:
        delivery = shop.office.deliver(4711)
        shop.run(after=SOON)
        shop.behaviour.lookups_lag = timedelta(minutes=4)
        made = label_in_panel(shop, **CORRECTED)

        first = shop.ask(delivery)
        shop.clock.advance(timedelta(minutes=2))
        second = shop.ask(delivery)

        assert {outcome.reason for outcome in outcomes(first)} == {"entry_vanished"}
        assert {outcome.reason for outcome in outcomes(second)} == {"entry_vanished"}
        shop.clock.advance(timedelta(minutes=3))
        shop.ask(delivery)
        assert is_its_label(shop, delivery, made)


def test_where_the_second_look_up_finds_nothing_a_person_gets_the_label(tmp_path: Path) -> None:
    with a_shop(tmp_path, readable=False, labels=MANUAL) as shop:
        delivery = shop.office.deliver(4711)
        shop.run(after=SOON)
        shop.panel.delete_order("4711")

        shop.ask(delivery)
        assert shop.purchases == []
        shop.clock.advance(SOON)

        assert ("label_buy", "done", "") in told(shop.ask(delivery))


def test_an_entry_of_an_order_that_a_part_covers_counts_as_well(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.behaviour.panel_label_keeps_order = False
        number = shop.place(quantity=5)
        for _ in range(2):
            shop.run(after=SOON)
        shop.clock.advance(SOON)
        shop.behaviour.lookups_lag = timedelta(minutes=10)
        label_in_panel(shop, **CORRECTED)
        delivery = shop.office.deliver(number, {"MUG": 2})

        shop.run(after=timedelta(minutes=1))

        assert shop.purchases == []
        assert shop.problem(delivery) == "taken_in_panel"
        for _ in range(3):
            shop.run(after=QUARTER)
        assert shop.purchases == []
        assert shop.problem(delivery) == "labelled_elsewhere"


def test_a_label_that_a_poll_has_shown_counts_though_the_look_ups_by_number_lag(tmp_path: Path) -> None:
    with a_shop(tmp_path, readable=True) as shop:
        made = label_in_panel(shop, **CORRECTED)
        shop.run(after=SOON)
        shop.sandbox.faults.answer_instead("GET", f"/shipments/{made.shipment_id}", status=403)
        shop.behaviour.lookups_lag = timedelta(minutes=20)
        delivery = shop.office.deliver(4711)

        shop.run(after=SOON)

        assert shop.purchases == []
        assert shop.record(delivery).label is None or is_its_label(shop, delivery, made)


def test_a_clock_that_was_ahead_when_the_entry_was_missed_does_not_freeze_the_purchase(
    tmp_path: Path,
) -> None:
    with a_shop(tmp_path, readable=False, labels=MANUAL) as shop:
        delivery = shop.office.deliver(4711)
        shop.run(after=SOON)
        shop.panel.delete_order("4711")
        shop.own_clock.ahead = timedelta(days=400)
        shop.ask(delivery)
        shop.own_clock.ahead = timedelta(0)
        shop.clock.advance(SOON)
        shop.ask(delivery)
        shop.clock.advance(SOON)

        shop.ask(delivery)

        assert len(shop.lives_of(delivery)) == 1
