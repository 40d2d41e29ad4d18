"""What an agency asks that keeps many divisions and gets the calls. Each test is a question and its answer."""

import csv
import json
import shutil
from pathlib import Path

from tests.shop import AUTOMATIC, SECOND_SECRETS, TWO_DIVISIONS, Shop


def test_show_me_all_divisions(tmp_path: Path) -> None:
    with Shop(tmp_path, config=TWO_DIVISIONS) as shop:
        shop.env |= SECOND_SECRETS
        shop.connect()
        shop.run("sync", "--all")
        rows = json.loads(shop.run("status", "--all", "--json").out)["divisions"]
        table = shop.run("status", "--all").out

    assert [row["division"] for row in rows] == ["sandbox", "second"]
    for row in rows:
        assert row["last_run"]["at"] == "2026-11-23T09:00:00Z"
        assert {"orders", "labels", "errors"} <= set(row["today"])
        assert row["sign_in_days_left"] in {29, 30}
        assert row["exact_calls_left"] > 0
    assert len(table.splitlines()) == 3


def test_which_items_lack_hs_codes_before_we_switch_on_export(shop: Shop) -> None:
    finished = shop.run("doctor", "--items")

    assert finished.status in {0, 1}
    assert "items" in finished.out


def test_what_will_happen_if_i_run_it(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.office.approve_order(4717)
    before = {path: path.read_bytes() for path in (shop.state / "1234567").rglob("*") if path.is_file()}
    paid = len(shop.panel.labels())
    out = shop.run("sync", "--dry-run").out

    assert "new among the incoming orders\n  order 4717\n" in out
    assert "labels to buy, which cost money\n  delivery 20001 of 4711  postnl:standard, 6.25 EUR\n" in out
    assert out.endswith("in all: 1 new, 7 to buy, labels for 78.85 EUR\n")
    assert len(shop.panel.labels()) == paid
    assert {path: path.read_bytes() for path in before} == before


def test_what_will_change_if_i_alter_this_rule(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    plan = shop.folder / "before.json"
    plan.write_text(shop.run("sync", "--dry-run", "--json").out)
    shop.configure(AUTOMATIC.replace('"DPD" = "dpd:home"', '"DPD" = "none"'))
    out = shop.run("sync", "--dry-run", "--compare", str(plan)).out

    assert "  - delivery 20002: label buy, planned\n" in out
    assert "  + delivery 20002: order withdraw, planned\n" in out
    assert out.endswith("  2 of the plan's actions changed\n")


def test_upgrade_does_it_change_behaviour(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    plan = shop.folder / "before.json"
    plan.write_text(shop.run("sync", "--dry-run", "--json").out)

    assert shop.run("sync", "--dry-run", "--compare", str(plan)).out.endswith("  nothing changed\n")


def test_move_this_customer_to_a_new_server_without_buying_a_label_again(night: Shop) -> None:
    paid = len(night.panel.labels())
    moved = night.folder / "new-server"
    shutil.copytree(night.state, moved)
    night.pass_time(minutes=20)
    finished = night.run("sync", "--state-dir", str(moved))

    assert finished.out == "1 needs a person\n"
    assert len(night.panel.labels()) == paid


def test_onboard_division_12_like_division_11(tmp_path: Path) -> None:
    alike = AUTOMATIC.replace("[divisions.sandbox.", "[defaults.") + "[divisions.second]\ncode = 7654321\n"
    with Shop(tmp_path, config=alike) as shop:
        shop.env |= SECOND_SECRETS
        shop.connect()

        assert shop.run("sync", "--all").status == 0


def test_prove_to_the_customer_what_we_sent_and_when(night: Shop) -> None:
    rows = list(csv.DictReader(night.run("history", "--csv").out.splitlines()))
    (bought,) = [row for row in rows if row["event"] == "label_bought" and row["order_numbers"] == "4711"]

    (label,) = night.panel.labels("4711")
    assert (bought["at"], bought["delivery_number"]) == ("2026-11-23T09:05:00Z", "20001")
    assert bought["shipment_id"] == label.shipment_id
    assert bought["run"]


def test_what_did_we_send_for_4711(night: Shop) -> None:
    night.run("labels", "cancel", "--delivery", "20001", "--yes", tty=True)

    said = night.run("explain", "4711", "--offline").out.partition("requests and answers:")[2]
    whole = night.run("explain", "4711", "--offline", "--bodies").out
    asked = night.run("explain", "4711", "--show-data").out

    lines = [line.strip() for line in said.splitlines() if " UTC " in line]
    assert [line.partition("  run ")[0].partition(", id ")[0] for line in lines] == [
        "2026-11-23 09:00 UTC  sent to the incoming orders, together with 5 others: 201",
        "2026-11-23 09:05 UTC  label requested: 201",
        "2026-11-23 09:05 UTC  withdrawn from the incoming orders: 204",
        "2026-11-23 09:05 UTC  document created in Exact: 201",
        "2026-11-23 09:05 UTC  label attached in Exact: 201",
        "2026-11-23 09:05 UTC  goods delivery updated in Exact: 204",
        "2026-11-23 09:05 UTC  label cancellation requested: 202, queued",
        "2026-11-23 09:05 UTC  sent to the incoming orders: 201",
        "2026-11-23 09:05 UTC  goods delivery updated in Exact: 204",
    ]
    assert all(line.endswith(" of sync, by cron or a script") for line in lines[:6])
    assert all(line.endswith(" of labels cancel, by hand") for line in lines[6:])
    assert '"name": "<name>"' in whole
    assert '"order_number": "4711"' in whole
    assert "Marieke" not in whole
    assert "Marieke" in asked.partition("as Sendcloud has it now: {")[2]
