"""Labels by hand: bought once, tried again, cancelled and closed, only when a person says so and in words that help."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.shop import MANUAL, Shop


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Shop]:
    """A shop in manual mode whose deliveries wait for their labels."""
    with Shop(tmp_path, config=MANUAL) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        yield shop
        assert shop.sandbox.crashes == []


def paid(shop: Shop, number: str) -> int:
    """The live labels with this number."""
    return len(shop.panel.labels(number))


# ── agreeing ─────────────────────────────────────────────────────────────────────────────────────


def test_without_a_terminal_a_yes_must_be_said(waiting: Shop) -> None:
    waiting.run("labels", "create", "4712", "--yes")
    waiting.run("labels", "create", "4715", "--yes")
    waiting.office.cancel_order(4712)
    waiting.pass_time(minutes=5)
    waiting.run("sync")
    mark = len(waiting.sandbox.calls)

    for command, number in [("create", "4711"), ("retry", "4715"), ("cancel", "4712"), ("accept", "4712")]:
        finished = waiting.run("labels", command, number)
        assert finished.status == 2
        assert finished.err.endswith(
            "exactsend: this needs confirmation, and there is no terminal to ask on\n  Add --yes.\n"
        )
    assert [call for call in waiting.sandbox.calls_since(mark) if call.is_write] == []


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "what?\n"], ids=["no", "enter", "end", "neither"])
def test_anything_but_yes_is_no_and_no_error(waiting: Shop, answer: str) -> None:
    finished = waiting.run("labels", "create", "4711", tty=True, stdin=answer)

    assert finished.status == 0
    assert finished.err == "Buy a label for delivery 20001 (order 4711)? [y/N] "
    assert paid(waiting, "4711") == 0


def test_yes_buys_it_and_writes_it_back(waiting: Shop) -> None:
    finished = waiting.run("labels", "create", "4711", tty=True, stdin="y\n")

    assert finished.status == 0
    number = waiting.panel.labels("4711")[0].tracking_number
    assert finished.out == (
        f"delivery 20001  label bought: {number}\n"
        "delivery 20001  withdrawn from the incoming orders (has its label)\n"
        f"delivery 20001  tracking written to Exact: {number}\n"
    )


# ── which delivery ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "named", [("4711",), ("20001",), ("--order", "4711"), ("--delivery", "20001")], ids=" ".join
)
def test_a_delivery_may_be_named_in_any_way(waiting: Shop, named: tuple[str, ...]) -> None:
    assert waiting.run("labels", "create", *named, "--yes").status == 0
    assert paid(waiting, "4711") == 1


def test_an_order_with_several_unlabelled_deliveries_is_asked_about(waiting: Shop) -> None:
    finished = waiting.run("labels", "create", "4716", "--yes")

    assert finished.status == 2
    assert finished.err == (
        "exactsend: number 4716 could be: delivery 20006 of order 4716 (no label); "
        "delivery 20007 of order 4716 (no label)\n"
        "  Name one with --delivery NUMBER.\n"
    )
    assert waiting.run("labels", "create", "20007", "--yes").status == 0


def test_of_an_order_with_one_unlabelled_delivery_that_one_is_meant(waiting: Shop) -> None:
    waiting.run("labels", "create", "20006", "--yes")

    finished = waiting.run("labels", "create", "4716", "--yes")

    assert finished.status == 0
    assert finished.out.startswith("delivery 20007  label bought")


@pytest.mark.parametrize("named", [("20001",), ("4711",), ("--order", "4711")], ids=" ".join)
def test_a_delivery_that_no_run_has_seen_is_looked_up_in_exact(
    tmp_path: Path, named: tuple[str, ...]
) -> None:
    with Shop(tmp_path, config=MANUAL) as shop:
        shop.connect()
        shop.deliver_all()

        asked = shop.run("labels", "create", *named, tty=True, stdin="y\n")

    assert asked.status == 0
    assert "Buy a label for delivery 20001 (order 4711)?" in asked.err


def test_a_second_delivery_that_no_run_has_seen_is_asked_about_too(tmp_path: Path) -> None:
    with Shop(tmp_path, config=MANUAL) as shop:
        shop.connect()
        shop.run("sync")
        shop.office.deliver(4716, {"MUG": 6})
        shop.pass_time(minutes=5)
        shop.run("sync")
        shop.office.deliver(4716)

        finished = shop.run("labels", "create", "4716", "--yes")

    assert finished.status == 2
    assert "delivery 20001 of order 4716 (no label); delivery 20002 of order 4716 (no label)" in finished.err


def test_an_order_without_a_delivery_is_told_so(tmp_path: Path) -> None:
    with Shop(tmp_path, config=MANUAL) as shop:
        shop.connect()
        shop.run("sync")

        finished = shop.run("labels", "create", "4711", "--yes")

    assert finished.status == 2
    assert "no goods delivery of order 4711 is known" in finished.err
    assert "Labels are made for deliveries" in finished.err


@pytest.mark.parametrize("named", [(), ("4711", "--order", "4711")], ids=["not at all", "twice"])
def test_it_must_be_named_in_one_way(waiting: Shop, named: tuple[str, ...]) -> None:
    assert waiting.run("labels", "create", *named, "--yes").status == 2


# ── once, and another ────────────────────────────────────────────────────────────────────────────


def test_repeating_the_line_buys_nothing(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")

    finished = waiting.run("labels", "create", "4711", "--yes")

    assert finished.status == 1
    assert "has a live label" in finished.err
    assert "exactsend labels create --delivery 20001 --another 2\n" in finished.err
    assert paid(waiting, "4711") == 1


def test_another_is_bought_once_and_is_no_double_label(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")

    first = waiting.run("labels", "create", "4711", "--another", "2", "--yes")
    second = waiting.run("labels", "create", "4711", "--another", "2", "--yes")

    assert (first.status, second.status) == (0, 1)
    assert "→ To buy it: exactsend labels create --delivery 20001 --another 3.\n" in second.out
    assert paid(waiting, "4711") == 2
    assert waiting.run("sync").status == 0


def test_another_goes_to_a_service_point_as_the_first_did(waiting: Shop) -> None:
    waiting.run("labels", "create", "4713", "--yes")

    assert waiting.run("labels", "create", "4713", "--another", "2", "--yes").status == 0
    assert paid(waiting, "4713") == 2


def test_what_will_not_be_bought_says_why_each_time(waiting: Shop) -> None:
    waiting.office.deliver(4719)
    waiting.pass_time(minutes=5)
    waiting.run("sync")

    for _ in range(2):
        finished = waiting.run("labels", "create", "4719", "--yes")
        assert finished.status == 1
        assert finished.out == (
            "delivery 20008  no label: its shipping method is mapped to none: collected, or shipped by other means\n"
        )


def test_a_hold_is_told_to_whoever_asks_again(waiting: Shop) -> None:
    waiting.office.correct_item("MUG", NetWeight=None)

    for _ in range(2):
        finished = waiting.run("labels", "create", "4711", "--yes")
        assert finished.status == 1
        assert finished.out.startswith("delivery 20001  no label: ")


# ── trying again ─────────────────────────────────────────────────────────────────────────────────


def test_a_failed_label_is_tried_again_after_its_cure(waiting: Shop) -> None:
    failed = waiting.run("labels", "create", "4715", "--yes")
    assert failed.status == 1
    assert "has no house number that the carrier can read" in failed.out
    address = waiting.office.order(4715)["DeliveryAddress"]
    waiting.office.correct_address(str(address), AddressLine1="Kerkstraat 12")

    assert waiting.run("labels", "retry", "4715", "--yes").status == 0
    assert paid(waiting, "4715") == 1


def test_what_has_not_failed_is_not_tried_again(waiting: Shop) -> None:
    finished = waiting.run("labels", "retry", "4711", "--yes")

    assert finished.status == 1
    assert "has not failed" in finished.err
    assert "exactsend labels create --delivery 20001" in finished.err


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────


def test_the_deadline_is_shown_before_a_label_is_cancelled(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")

    finished = waiting.run("labels", "cancel", "4711", tty=True, stdin="y\n")

    (shipment,) = (
        candidate
        for candidate in waiting.sandbox.world.sendcloud.shipments()
        if candidate.order_number == "4711"
    )
    assert finished.status == 0
    assert finished.err == (
        f"The label of delivery 20001 (order 4711): shipment {shipment.shipment_id}, "
        f"{shipment.parcels[0].tracking_number}, made 2026-11-23 09:05 UTC.\n"
        "Cancelling is free until 2026-11-23 23:59 (Europe/Amsterdam), mostly the carrier's deadline. After the deadline it is refunded on "
        "the next invoice, which may take two weeks, where the parcel was not shipped and it is cancelled by 2027-01-04.\n"
        "Cancel it? [y/N] "
    )
    assert finished.out.startswith("delivery 20001  label cancelled\n")
    assert paid(waiting, "4711") == 0


def test_a_day_later_it_is_refunded_all_the_same(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    waiting.pass_time(minutes=24 * 60)

    finished = waiting.run("labels", "cancel", "4711", "--yes")

    assert (
        "What is mostly the carrier's deadline, 2026-11-23 23:59 (Europe/Amsterdam), is over." in finished.err
    )
    assert paid(waiting, "4711") == 0


def test_after_six_weeks_it_can_be_cancelled_no_more(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    for _ in range(7):
        waiting.pass_time(minutes=7 * 24 * 60)
        waiting.run("sync")

    finished = waiting.run("labels", "cancel", "4711", "--yes")

    assert finished.status == 1
    assert "the label of delivery 20001 (order 4711) was not cancelled" in finished.err
    assert "The label is older than 42 days: Sendcloud cancels it no more." in finished.err
    assert "The label counts as live." in finished.err
    assert paid(waiting, "4711") == 1


def test_a_no_cancels_nothing(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")

    assert waiting.run("labels", "cancel", "4711", tty=True, stdin="n\n").status == 0
    assert paid(waiting, "4711") == 1


def test_of_two_labels_one_must_be_named(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    waiting.run("labels", "create", "4711", "--another", "2", "--yes")
    first, second = (label.shipment_id for label in waiting.panel.labels("4711"))

    asked = waiting.run("labels", "cancel", "4711", "--yes")

    assert asked.status == 2
    assert first in asked.err
    assert second in asked.err
    assert waiting.run("labels", "cancel", "4711", "--shipment", second, "--yes").status == 0
    assert [label.shipment_id for label in waiting.panel.labels("4711")] == [first]


def test_a_cancelled_label_is_followed_by_another_only_when_a_person_asks(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")
        shop.deliver_all()
        shop.run("sync")
        shop.run("labels", "cancel", "4711", "--yes")

        assert shop.run("sync").status == 1
        assert paid(shop, "4711") == 0
        assert "labels create --delivery 20001 --another 2" in shop.run("errors").out
        assert shop.run("labels", "create", "4711", "--another", "2", "--yes").status == 0
        assert paid(shop, "4711") == 1


def test_a_cancellation_that_the_carrier_has_not_agreed_to_counts_as_live(waiting: Shop) -> None:
    waiting.run("labels", "create", "4712", "--yes")
    waiting.sandbox.world.sendcloud.behaviour.cancellation_takes = timedelta(hours=1)

    finished = waiting.run("labels", "cancel", "4712", "--yes")

    told = "cancellation of the label is in progress (the carrier has not agreed yet; until then the label counts as live)"
    assert told in finished.out
    assert "its cancellation is in progress; until" in waiting.run("explain", "4712", "--offline").out
    assert waiting.run("labels", "create", "4712", "--yes").status == 1


def test_a_second_cancellation_is_no_failure(waiting: Shop) -> None:
    waiting.run("labels", "create", "4712", "--yes")
    waiting.sandbox.world.sendcloud.behaviour.cancellation_takes = timedelta(hours=1)
    waiting.run("labels", "cancel", "4712", "--yes")

    again = waiting.run("labels", "cancel", "4712", "--yes")

    assert again.status == 0
    assert "Its cancellation is under way already." in again.err
    assert "cancellation of the label is in progress" in again.out


def test_what_a_carrier_never_cancels_is_told(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    waiting.sandbox.world.sendcloud.behaviour.never_cancelled = frozenset({"postnl"})

    finished = waiting.run("labels", "cancel", "4711", "--yes")

    assert finished.status == 1
    assert "was not cancelled" in finished.err
    assert paid(waiting, "4711") == 1


# ── closing ──────────────────────────────────────────────────────────────────────────────────────


def test_what_changed_after_the_label_is_closed_by_a_person(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    waiting.office.cancel_order(4711)
    waiting.pass_time(minutes=5)
    assert waiting.run("sync").status == 1

    finished = waiting.run("labels", "accept", "4711", tty=True, stdin="y\n")

    assert finished.status == 0
    assert "was cancelled, unapproved or deleted in Exact after its label was made" in finished.err
    assert "delivery 20001 (order 4711): closed\n" in finished.out
    assert waiting.run("sync").status == 0


def test_what_a_person_cannot_close_is_told(waiting: Shop) -> None:
    waiting.run("labels", "create", "4715", "--yes")

    finished = waiting.run("labels", "accept", "4715", "--yes")

    assert finished.status == 1
    assert "(it has: house_number_missing)" in finished.err


@pytest.fixture
def labelled_elsewhere(tmp_path: Path) -> Iterator[Shop]:
    """A delivery for which another app of the account has made a label."""
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")
        account = shop.sandbox.world.sendcloud.accounts[0]
        account.add_integration(public_key="app", secret_key="app", integration_id=7003, shop_name="App")
        (entry,) = (order for order in shop.panel.incoming() if order.order_number == "4711")
        address = entry.body["shipping_address"]
        assert isinstance(address, dict)
        shop.panel.make_label_elsewhere("4711", 7003, to_address={k: str(v) for k, v in address.items()})
        shop.office.deliver(4711)
        shop.office.deliver(4712)
        shop.pass_time(minutes=5)
        assert shop.run("sync").status == 1
        yield shop


def test_the_error_has_the_line_that_takes_the_label_over(labelled_elsewhere: Shop) -> None:
    (label,) = labelled_elsewhere.panel.labels("4711")
    line = f"exactsend labels accept --delivery 20001 --shipment {label.shipment_id}"

    assert line in labelled_elsewhere.run("errors").out
    taken = labelled_elsewhere.run(*line.split()[1:], tty=True, stdin="y\n")

    assert taken.status == 0
    assert f"(number 4711, {label.tracking_number}) as its label? [y/N]" in taken.err
    assert taken.out == (f"delivery 20001 (order 4711): shipment {label.shipment_id} is now its label\n")
    assert labelled_elsewhere.run("sync").status == 0
    assert labelled_elsewhere.office.delivery(20001).text("TrackingNumber") == label.tracking_number


def test_which_shipment_is_meant_must_be_said_before_anything_is_asked(labelled_elsewhere: Shop) -> None:
    finished = labelled_elsewhere.run("labels", "accept", "4711", tty=True, stdin="y\n")

    assert finished.status == 2
    assert "name the shipment that is its label" in finished.err
    assert "[y/N]" not in finished.err


def test_the_label_of_another_delivery_is_never_taken_over(labelled_elsewhere: Shop) -> None:
    (other,) = labelled_elsewhere.panel.labels("4712")

    finished = labelled_elsewhere.run("labels", "accept", "4711", "--shipment", other.shipment_id, "--yes")

    assert finished.status == 1
    assert "is the label of another delivery" in finished.err


def test_a_shipment_that_is_not_there_is_not_taken_over(labelled_elsewhere: Shop) -> None:
    finished = labelled_elsewhere.run("labels", "accept", "4711", "--shipment", "nope", "--yes")

    assert finished.status == 1
    assert "Sendcloud has no live shipment nope" in finished.err


@pytest.fixture
def made_again(tmp_path: Path) -> Iterator[Shop]:
    """Delivery 20001 was deleted after its label, and made again as 20002, within the hour."""
    with Shop(tmp_path) as shop:
        shop.connect()
        shop.run("sync")
        shop.office.deliver(4711)
        shop.pass_time(minutes=5)
        shop.run("sync")
        shop.office.delete_delivery(20001)
        shop.office.deliver(4711)
        yield shop


def test_the_label_of_a_delivery_that_was_deleted_moves_to_the_one_that_was_made_again(
    made_again: Shop,
) -> None:
    (label,) = made_again.panel.labels("4711")

    moved = made_again.run(
        "labels", "accept", "--delivery", "20002", "--shipment", label.shipment_id, "--yes"
    )

    assert moved.status == 0
    for _ in range(3):
        made_again.pass_time(minutes=61)
        assert made_again.run("sync").status == 0
    assert made_again.office.tracking(20002) == label.tracking_number
    assert len(made_again.office.attachments(20002)) == 1
    assert paid(made_again, "4711") == 1


def test_what_is_told_of_the_one_that_was_deleted_ends_with_that(made_again: Shop) -> None:
    (label,) = made_again.panel.labels("4711")
    for _ in range(2):
        made_again.pass_time(minutes=61)
        made_again.run("sync")
    assert "cancelled_after_label" in made_again.run("errors", "--json").out

    made_again.run("labels", "accept", "20002", "--shipment", label.shipment_id, "--yes")

    assert made_again.run("errors").out == "no errors\n"
    assert made_again.run("labels", "cancel", "20001", "--yes").status == 1
    assert paid(made_again, "4711") == 1
    assert made_again.run("labels", "cancel", "20002", "--yes").status == 0


def test_of_several_errors_under_a_number_one_is_chosen_by_its_code(made_again: Shop) -> None:
    (label,) = made_again.panel.labels("4711")
    for _ in range(2):
        made_again.pass_time(minutes=61)
        made_again.run("sync")

    asked = made_again.run("labels", "accept", "4711", "--yes")

    assert asked.status == 2
    assert "delivery 20001 (order 4711): cancelled_after_label" in asked.err
    assert "delivery 20002 (order 4711): labelled_elsewhere" in asked.err
    assert "--code CODE" in asked.err
    chosen = made_again.run("labels", "accept", "4711", "--code", "cancelled_after_label", "--yes")
    assert chosen.out == "delivery 20001 (order 4711): closed\n"
    again = made_again.run("labels", "accept", "4711", "--code", "cancelled_after_label", "--yes")
    assert again.status == 2
    taken = made_again.run("labels", "accept", "4711", "--shipment", label.shipment_id, "--yes")
    assert taken.status == 0


def test_several_errors_of_one_delivery_are_closed_one_by_one(waiting: Shop) -> None:
    waiting.sandbox.world.exact.behaviour.tracking_number_length = 8
    waiting.run("labels", "create", "4711", "--yes")
    waiting.office.cancel_order(4711)
    waiting.pass_time(minutes=5)
    waiting.run("sync")

    asked = waiting.run("labels", "accept", "4711", "--yes")

    assert asked.status == 2
    assert "tracking_truncated" in asked.err
    assert "cancelled_after_label" in asked.err
    for code in ("tracking_truncated", "cancelled_after_label"):
        assert waiting.run("labels", "accept", "4711", "--code", code, "--yes").status == 0
    assert waiting.run("errors").out == "no errors\n"


def test_a_label_that_a_person_names_is_taken_though_nothing_is_wrong_yet(waiting: Shop) -> None:
    entry = next(order for order in waiting.panel.incoming() if order.order_number == "4711")
    to = {name: str(value) for name, value in entry.shipping_address.items()}
    label = waiting.panel.make_label_elsewhere("by hand", 7001, to_address=to, option="postnl:standard")

    taken = waiting.run("labels", "accept", "4711", "--shipment", label.shipment_id, "--yes")

    assert taken.status == 0
    waiting.pass_time(minutes=5)
    waiting.run("sync")
    assert waiting.office.tracking(20001) == label.tracking_number


def test_a_number_that_exact_gives_again_means_the_delivery_that_there_is(made_again: Shop) -> None:
    (label,) = made_again.panel.labels("4711")
    made_again.office.edit_delivery(20002, DeliveryNumber=20001)

    made_again.pass_time(minutes=61)
    made_again.run("sync")
    asked = made_again.run("labels", "create", "20001", "--yes")

    assert asked.status == 1
    assert "labelled_elsewhere" in made_again.run("labels", "list").out
    assert label.shipment_id in asked.out
    assert paid(made_again, "4711") == 1


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def test_those_that_wait_are_listed(waiting: Shop) -> None:
    waiting.run("labels", "create", "4711", "--yes")
    waiting.run("labels", "create", "4715", "--yes")

    finished = waiting.run("labels", "list", "--waiting")

    assert [line.split(maxsplit=2) for line in finished.out.splitlines()[1:]] == [
        ["20002", "4712", "waits for its label"],
        ["20003", "4713", "waits for its label"],
        ["20004", "4714", "waits for its label"],
        ["20005", "4715", "held: house_number_missing"],
        ["20006", "4716", "waits for its label"],
        ["20007", "4716", "waits for its label"],
    ]
