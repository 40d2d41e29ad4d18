"""reconcile: whether a label was paid twice, or stands on one side alone."""

import json
from dataclasses import replace
from typing import Any

import pytest

from exactsend.sandbox.sendcloud.records import Shipment
from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Shop

OURS = 7001


@pytest.fixture
def labelled(shop: Shop) -> Shop:
    """A shop with labels on the deliveries 20001 (4711) and 20002 (4712), while 4713 waits for its delivery."""
    shop.configure(AUTOMATIC)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.office.deliver(4712)
    shop.run("sync")
    shop.pass_time(minutes=5)
    return shop


def compared(shop: Shop, *options: str, status: int = 1) -> dict[str, Any]:
    """The document's one division."""
    finished = shop.run("reconcile", "--json", *options)
    assert finished.status == status, finished
    (division,) = json.loads(finished.out)["divisions"]
    return dict(division)


def told(shop: Shop, *options: str) -> list[tuple[str, str | None, str]]:
    """Kind, delivery and shipment of each finding."""
    found = compared(shop, *options)["findings"]
    return [(row["kind"], row["delivery_number"], row["shipment_id"]) for row in found]


def copied(shop: Shop, label: Shipment, number: str, **address: str) -> Shipment:
    """A label made in the panel beside another one, to its address or to a changed one."""
    to = {name: str(value) for name, value in label.to_address.items()} | address
    return shop.panel.make_label_elsewhere(
        number, label.integration_id, to_address=to, option="postnl:standard"
    )


def files(shop: Shop) -> dict[str, bytes]:
    """The ledger's files."""
    return {str(path): path.read_bytes() for path in (shop.state / "1234567").rglob("*") if path.is_file()}


def test_where_all_is_well_it_says_so(labelled: Shop) -> None:
    finished = labelled.run("reconcile")

    assert finished.status == 0
    assert finished.out == ("no discrepancies: 2 shipments changed since 2026-10-24, all as expected\n")
    assert labelled.run("reconcile", "--quiet").out == ""


def test_of_days_to_come_it_says_nothing(labelled: Shop) -> None:
    finished = labelled.run("reconcile", "--since", "2026-11-24")

    assert (finished.status, finished.out) == (2, "")
    assert "--since 2026-11-24 lies in the future" in finished.err


def test_it_writes_nothing_and_needs_no_lock(labelled: Shop) -> None:
    copied(labelled, labelled.panel.labels("4711")[0], "4711")
    before, begun = files(labelled), len(labelled.sandbox.calls)
    labelled.run("reconcile")

    assert files(labelled) == before
    assert {call.method for call in labelled.sandbox.calls[begun:]} == {"GET"}


def test_a_label_made_in_the_panel_for_no_order_is_unknown_here(labelled: Shop) -> None:
    (label,) = labelled.panel.labels("4711")
    stranger = copied(labelled, label, "9999")
    (finding,) = compared(labelled)["findings"]

    assert (finding["kind"], finding["shipment_id"]) == ("unknown_here", stranger.shipment_id)
    assert (finding["delivery_number"], finding["order_numbers"]) == (None, ["9999"])
    assert (finding["made_at"], finding["free_until"]) == ("2026-11-23T09:05:00Z", "2026-11-23T22:59:00Z")
    labelled.run("sync")
    assert told(labelled) == [("unknown_here", None, stranger.shipment_id)]


def test_one_that_the_next_run_takes_over_is_no_finding(labelled: Shop) -> None:
    made = labelled.panel.make_label("4713")
    finished = labelled.run("reconcile")

    assert finished.status == 0
    assert f"note: shipment {made.shipment_id} belongs to no delivery yet" in finished.out
    assert compared(labelled, status=0)["awaited"] == [
        {"shipment_id": made.shipment_id, "order_number": "4713"}
    ]
    labelled.run("sync")
    labelled.office.deliver(4713)
    labelled.run("sync")
    assert compared(labelled, status=0)["awaited"] == []


def test_a_second_label_is_told_before_and_after_the_run_that_learns_of_it(labelled: Shop) -> None:
    (label,) = labelled.panel.labels("4711")
    second = copied(labelled, label, "4711")
    assert told(labelled) == [("double_label", "20001", second.shipment_id)]

    assert labelled.run("sync").status == 1
    (error,) = json.loads(labelled.run("errors", "--json").out)["errors"]
    assert error["code"] == "double_label"
    assert told(labelled) == [("double_label", "20001", second.shipment_id)]


def test_one_that_a_person_asked_for_or_accepted_is_not(labelled: Shop) -> None:
    assert labelled.run("labels", "create", "4712", "--another", "2", "--yes").status == 0
    copied(labelled, labelled.panel.labels("4711")[0], "4711")
    labelled.run("sync")
    labelled.run("labels", "accept", "4711", "--yes")

    assert compared(labelled, status=0)["findings"] == []


def test_one_that_may_be_a_second_label_is_told_by_a_run_and_closed_by_a_persons_word(labelled: Shop) -> None:
    second = copied(labelled, labelled.panel.labels("4711")[0], "4711")
    unreadable = {**second.to_address, "country_code": "Nederland"}
    labelled.sandbox.world.sendcloud.save_shipment(replace(second, to_address=unreadable))
    assert labelled.run("sync").status == 1
    (error,) = json.loads(labelled.run("errors", "--json").out)["errors"]
    assert (error["code"], second.shipment_id in error["message"]) == ("double_label", True)
    assert told(labelled) == [("unknown_here", None, second.shipment_id)]

    labelled.run("labels", "accept", "4711", "--yes")
    labelled.office.edit_delivery(20001, Description="changed")
    assert labelled.run("sync").status == 0
    assert compared(labelled, status=0)["findings"] == []


def test_a_cancelled_one_is_not_paid_twice(labelled: Shop) -> None:
    second = copied(labelled, labelled.panel.labels("4711")[0], "4711")
    labelled.run("sync")
    labelled.panel.cancel_label(shipment_id=second.shipment_id)

    assert compared(labelled, status=0)["findings"] == []


def test_a_return_is_no_second_label(labelled: Shop) -> None:
    labelled.panel.make_return(labelled.panel.labels("4712")[0])

    assert compared(labelled, status=0)["findings"] == []


def test_one_of_its_number_to_another_door_is_no_deliverys(labelled: Shop) -> None:
    other = copied(labelled, labelled.panel.labels("4711")[0], "4711", postal_code="9999 ZZ")

    assert told(labelled) == [("unknown_here", None, other.shipment_id)]


def test_a_label_that_was_cancelled_in_the_panel_is_unknown_there_until_a_run_learns_of_it(
    labelled: Shop,
) -> None:
    cancelled = labelled.panel.cancel_label("4712")
    (finding,) = compared(labelled)["findings"]

    assert (finding["kind"], finding["delivery_number"]) == ("unknown_there", "20002")
    assert (finding["shipment_id"], finding["at_sendcloud"]) == (cancelled.shipment_id, "cancelled")
    assert finding["free_until"] is None
    labelled.run("sync")
    assert compared(labelled, status=0)["findings"] == []


def forget(shop: Shop, label: Shipment) -> None:
    """Sendcloud has a shipment no more: no panel can do that."""
    shop.sandbox.world.sendcloud._shipments.pop(label.shipment_id)


def test_a_label_that_sendcloud_does_not_know_is_unknown_there(labelled: Shop) -> None:
    (label,) = labelled.panel.labels("4712")
    forget(labelled, label)
    finished = labelled.run("reconcile")

    assert finished.status == 1
    assert f"its label, shipment {label.shipment_id}, is not known at Sendcloud" in finished.out
    assert "Cancelling is free" not in finished.out


def test_what_is_not_answered_is_not_taken_for_gone(labelled: Shop) -> None:
    (label,) = labelled.panel.labels("4712")
    forget(labelled, label)
    labelled.sandbox.faults.answer_instead("GET", f"/shipments/{label.shipment_id}", status=503, times=None)

    division = compared(labelled, status=7)
    assert (division["findings"], division["not_answered"]) == ([], [label.shipment_id])
    assert "no answer, so" in labelled.run("reconcile", "--quiet").out


def test_a_walk_that_is_not_answered_is_no_answer(labelled: Shop) -> None:
    labelled.sandbox.faults.answer_instead("GET", "/shipments", status=503, times=None)

    finished = labelled.run("reconcile", "--json")
    assert finished.status == 7
    assert json.loads(finished.out)["divisions"] == []


def test_what_was_made_before_is_left_out(labelled: Shop) -> None:
    copied(labelled, labelled.panel.labels("4711")[0], "9999")
    labelled.pass_time(minutes=3 * 24 * 60)

    assert compared(labelled, "--since", "2d", status=0)["shipments"] == 0
    assert len(told(labelled, "--since", "2026-11-23")) == 1
    assert labelled.run("reconcile", "--since", "yesterday").status == 2


def test_after_the_day_it_was_made_cancelling_is_refunded(labelled: Shop) -> None:
    copied(labelled, labelled.panel.labels("4711")[0], "4711")
    labelled.pass_time(minutes=24 * 60)

    assert "is over. After the deadline it is refunded on the next invoice" in labelled.run("reconcile").out


def test_keys_of_another_account_are_refused(labelled: Shop) -> None:
    account = labelled.sandbox.world.sendcloud.accounts[0]
    account.add_integration(public_key="other", secret_key="other", integration_id=7003, shop_name="Other")
    labelled.env |= {
        "EXACTSEND_SENDCLOUD_PUBLIC_KEY": "other",
        "EXACTSEND_SENDCLOUD_SECRET_KEY": "other",
    }

    assert labelled.run("reconcile").status == 3


def test_one_division_that_cannot_be_asked_stops_no_other(labelled: Shop) -> None:
    labelled.configure(TWO_DIVISIONS.replace("code = 7654321", "code = 7654321\nunheard_of = 1"))
    labelled.env |= SECOND_SECRETS
    finished = labelled.run("reconcile", "--all", "--json")
    first, second = json.loads(finished.out)["divisions"]

    assert finished.status == 3
    assert (first["division"], first["shipments"], first["error"]) == ("sandbox", 2, None)
    assert (second["division"], second["error"]["code"]) == ("second", "config")
