"""What somebody in the warehouse or the office asks, who lives in Exact and in Sendcloud's panel. Each test is a question and its answer."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.sendcloud.catalogue import ShippingRule
from tests.shop import MANUAL, Shop


def lines(text: str) -> list[str]:
    """The lines of an answer, without their alignment."""
    return [" ".join(line.split()) for line in text.splitlines()]


def the_error(shop: Shop) -> dict[str, Any]:
    (error,) = json.loads(shop.run("errors", "--json").out)["errors"]
    return dict(error)


def test_did_everything_of_last_night_come_over_and_how_many_wait_and_failed(night: Shop) -> None:
    (row,) = json.loads(night.run("status", "--json").out)["divisions"]

    assert row["last_good_run"] == "2026-11-23T09:05:00Z"
    assert row["today"] == {"orders": 6, "labels": 6, "errors": 1}
    assert (row["waiting_for_label"], row["errors"]) == (1, 1)


def test_customer_on_the_phone_where_is_4711(night: Shop) -> None:
    (label,) = night.panel.labels("4711")
    night.panel.set_status(label, "EN_ROUTE_TO_SORTING_CENTER")
    out = night.run("explain", "4711").out

    assert f"tracking {label.tracking_number}, written to Exact" in lines(out)
    assert any(line.startswith("parcel ") and label.tracking_number in line for line in lines(out))
    assert "name Marieke Jansen from the contact person" in lines(out)


def test_why_is_4717_not_in_sendcloud(night: Shop) -> None:
    out = lines(night.run("explain", "4717").out)

    assert out[0].startswith("nothing is known about 4717")  # seen or not
    assert "sandbox: order 4717: not sent to Incoming orders: not approved in Exact" in out
    assert "no approved in Exact 0, awaiting approval; wanted: 1, 2 → not approved in Exact" in out
    assert "ok not cancelled in Exact 12 open" in out
    assert "ok dated within orders.look_back_days 2026-11-23" in out
    assert out[-1] == "nothing (not approved in Exact)"


def test_every_reason_at_once_and_not_one_after_the_other(shop: Shop) -> None:
    shop.office.unapprove_order(4711)
    shop.office.edit_order(4711, OrderDate="2026-08-01")
    out = lines(shop.run("explain", "4711").out)

    assert len([line for line in out if line.startswith("no ")]) == 2


def test_i_corrected_the_address_in_exact_when_does_it_go(night: Shop) -> None:
    assert the_error(night)["remedy"] in night.run("explain", "4715").out

    address = night.office.order(4715).text("DeliveryAddress")
    night.office.correct_address(address, AddressLine1="Dorpsstraat 12")
    after = lines(night.run("explain", "4715").out)

    assert "house_number 12 from the delivery address of delivery 20005, apart from the street" in after
    assert "ok another attempt is allowed 1 failed" in after
    assert "the next run: would get its label, which costs money" in after


def test_the_label_has_the_old_address_can_i_still_cancel_for_free(night: Shop) -> None:
    address = night.office.order(4712).text("DeliveryAddress")
    night.office.correct_address(address, AddressLine1="Nieuwe Gracht 1")
    out = night.run("explain", "4712").out

    assert "(differs from what was sent)" in out
    assert (
        "delivery 20002 was changed in Exact after its label was made: AddressLine1; the label was not touched"
        in out
    )
    assert "mostly 23:59 of the day it was made; later it is refunded" in out
    assert night.run("labels", "cancel", "4712", "--yes").status == 0


def test_two_boxes_for_this_one(night: Shop) -> None:
    assert night.run("labels", "create", "4711", "--yes").status == 1  # a second label is no accident
    assert night.run("labels", "create", "4711", "--another", "2", "--yes").status == 0
    assert night.run("labels", "create", "4711", "--another", "2", "--yes").status == 1  # nor is a third

    assert len(night.panel.labels("4711")) == 2


def test_customer_cancelled_stop_it(shop: Shop) -> None:
    shop.run("sync")
    shop.office.cancel_order(4711)
    shop.run("sync")

    assert "4711" not in {entry.order_number for entry in shop.panel.incoming()}
    assert "order 4711: not sent: cancelled in Exact" in lines(shop.run("explain", "4711").out)


def test_customer_cancelled_after_the_label(night: Shop) -> None:
    night.office.delete_delivery(20001)
    night.pass_time(minutes=61)
    night.run("sync")
    error = next(
        row
        for row in json.loads(night.run("errors", "--json").out)["errors"]
        if row["order_number"] == "4711"
    )

    assert error["code"] == "cancelled_after_label"
    assert "exactsend labels cancel" in error["remedy"]
    assert night.run("labels", "cancel", "4711", "--yes").status == 0


def test_which_deliveries_have_no_label_yet_and_why(night: Shop) -> None:
    assert lines(night.run("labels", "list", "--waiting").out)[1:] == [
        "20005 4715 held: house_number_missing"
    ]


def test_by_hand_they_just_wait(shop: Shop) -> None:
    shop.configure(MANUAL)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.run("sync")

    assert lines(shop.run("labels", "list", "--waiting").out)[1:] == ["20001 4711 waits for its label"]


def test_which_labels_did_we_pay_for_and_not_use(night: Shop) -> None:
    night.office.delete_delivery(20001)
    night.pass_time(minutes=61)
    night.run("sync")
    (row,) = [line for line in lines(night.run("history", "--unused").out) if "20001" in line]

    assert "4711" in row
    assert row.endswith("delivery or order cancelled or deleted in Exact")


def test_which_labels_failed_and_why(night: Shop) -> None:
    error = the_error(night)
    out = night.run("errors", "--customers").out

    assert (error["delivery_number"], error["order_number"], error["attempts"]) == ("20005", "4715", 1)
    assert error["detail"] == "house_number: This field cannot be blank."  # the carrier's own words
    assert error["field"] == "AddressLine1"  # the place in Exact
    for told in (error["message"], error["detail"], error["remedy"], "1 try, the last", "next try when"):
        assert told in out
    assert "customer: Sanne de Boer" in lines(out)


def test_what_did_we_send_for_4711(night: Shop) -> None:
    masked, shown = night.run("explain", "4711").out, night.run("explain", "4711", "--show-data").out
    deeds = [line for line in lines(night.run("history").out) if " 4711 " in line]

    assert "(same as what was sent)" in shown
    assert '"address_line_1": "Oudegracht"' in shown
    assert '"address_line_1"' not in masked
    assert any("label bought" in line and line.startswith("2026-11-23 09:05 UTC sandbox ") for line in deeds)


def test_did_we_pay_twice(night: Shop) -> None:
    assert night.run("reconcile").out.startswith("no discrepancies: 7 shipments ")
    night.pass_time(minutes=5)
    cancelled = night.panel.cancel_label("4711")
    night.pass_time(minutes=5)
    night.run("sync")
    night.run("labels", "create", "4711", "--another", "2", "--yes")
    night.pass_time(minutes=5)
    night.panel.restore_label(cancelled)
    finished = night.run("reconcile")
    told = lines(finished.out)

    assert finished.status == 1
    assert told[0] == (
        f"double_label: delivery 20001 (order 4711): shipment {cancelled.shipment_id} is a second live label for it"
    )
    assert "Cancelling is free until 2026-11-23 23:59 (Europe/Amsterdam)" in told[1]
    assert f"exactsend labels cancel --delivery 20001 --shipment {cancelled.shipment_id}" in told[2]


LEFT_TO_RULES = """\
[divisions.sandbox]
code = 1234567
[divisions.sandbox.labels]
create_automatically = true
start_date = 2026-11-20
"""


def test_which_shipping_rule_of_sendclouds_panel_chose_this_option(tmp_path: Path) -> None:
    with Shop(tmp_path, config=LEFT_TO_RULES) as shop:
        shop.sandbox.world.sendcloud.accounts[0].rules[:] = [
            ShippingRule(rule_id=1, name="To the Netherlands", option_code="dpd:home"),
            ShippingRule(rule_id=2, name="Insure what is dear", insured_value=Decimal(500)),
        ]
        shop.connect()
        shop.run("sync")
        shop.pass_time(minutes=5)
        shop.office.deliver(starting_worlds.DOMESTIC)
        shop.run("sync")

        told = shop.run("explain", "4711", "--offline").out
        (found,) = json.loads(shop.run("explain", "4711", "--offline", "--json").out)["found"]
        history = json.loads(shop.run("history", "--json").out)["actions"]

        chose = "To the Netherlands (1): chose dpd:home"
        insured = "Insure what is dear (2): set additional_insured_price"
        assert f"  Sendcloud's shipping rule {chose}\n  Sendcloud's shipping rule {insured}\n" in told
        assert f"shipping_rules {chose}; {insured}" in told
        assert found["deliveries"][0]["shipping_rules"] == [
            {"id": "1", "name": "To the Netherlands", "shipping_option": "dpd:home", "sets": []},
            {
                "id": "2",
                "name": "Insure what is dear",
                "shipping_option": None,
                "sets": ["additional_insured_price"],
            },
        ]
        assert [row["shipping_rules"] for row in history if row["event"] == "label_bought"] == [
            f"{chose}; {insured}"
        ]
        assert f"{chose}; {insured}" in shop.run("history").out
