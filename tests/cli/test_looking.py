"""The commands that only look: they need neither services nor secrets, and take no lock."""

import json
from textwrap import dedent

import pytest

from exactsend.system.lock import Lock
from tests.installation import SECRETS
from tests.shop import MANUAL, SECOND_SECRETS, TWO_DIVISIONS, Shop

LOOKING = (["errors"], ["labels", "list"], ["explain", "4715", "--offline"], ["status"], ["ledger", "verify"])


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_looking_needs_no_service_no_secret_and_no_lock(busy: Shop, command: list[str]) -> None:
    calls = len(busy.sandbox.calls)
    lock = Lock(busy.state / "1234567" / "lock")
    for secret in SECRETS:
        busy.env.pop(secret)
    try:
        with lock.acquire(run_id="another", clock=busy.clock, sleep=busy.pass_time):
            finished = busy.run(*command)
    finally:
        busy.env |= SECRETS

    assert finished.status == 0
    assert finished.out
    assert len(busy.sandbox.calls) == calls


def test_an_error_says_what_why_where_and_what_happens_next(busy: Shop) -> None:
    (error,) = json.loads(busy.run("errors", "--json").out)["errors"]

    assert busy.run("errors").out == dedent(
        f"""\
        delivery 20005, order 4715  [label, house_number_missing]
          {error["message"]} ({error["detail"]})
          → {error["remedy"]}
          first seen 2026-11-23 09:05 UTC; 1 try, the last 2026-11-23 09:05 UTC; next try when something changes
        """
    )


def test_who_the_customers_are_is_asked_in_one_call_and_not_kept(busy: Shop) -> None:
    calls = len(busy.sandbox.calls)
    (row,) = json.loads(busy.run("errors", "--customers", "--json").out)["errors"]

    assert row["customers"] == ["Sanne de Boer"]
    assert len(busy.sandbox.calls) == calls + 1
    assert not any(b"Sanne" in file.read_bytes() for file in busy.state.rglob("*") if file.is_file())


def test_errors_are_listed_although_nobody_says_who_the_customers_are(shop: Shop) -> None:
    shop.deliver_all()
    shop.run("sync")
    shop.office.revoke_consent()
    finished = shop.run("errors", "--customers")

    assert finished.status == 0
    assert "house_number_missing" in finished.out
    assert "customer" not in finished.out
    assert "exactsend connect" in finished.err


def test_without_errors_it_says_so(shop: Shop) -> None:
    finished = shop.run("errors")

    assert (finished.status, finished.out) == (0, "no errors\n")
    assert shop.run("errors", "-q").out == ""


@pytest.mark.parametrize("command", ["errors", "status"])
def test_a_run_that_could_not_do_its_work_is_named(shop: Shop, command: str) -> None:
    shop.office.revoke_consent()
    shop.run("sync")

    finished = shop.run(command)

    assert "the last run ended with 4" in finished.err
    assert "exactsend connect" in finished.err


def test_labels_are_listed_with_their_tracking(busy: Shop) -> None:
    lines = busy.run("labels", "list").out.splitlines()

    assert [line.split()[0] for line in lines] == [
        "delivery",
        *(str(number) for number in range(20001, 20008)),
    ]
    assert lines[5].split(maxsplit=2) == ["20005", "4715", "held: house_number_missing"]
    assert lines[1].endswith("written")


def test_deliveries_that_wait_are_listed_alone(shop: Shop) -> None:
    shop.configure(MANUAL)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.run("sync")

    assert shop.run("labels", "list", "--waiting").out == dedent(
        """\
        delivery  order  label                tracking  in Exact
        20001     4711   waits for its label
        """
    )


def test_on_a_terminal_rows_are_drawn_and_data_is_no_markup(busy: Shop) -> None:
    busy.env["NO_COLOR"] = "1"
    try:
        drawn = busy.run("labels", "list", tty=True).out
    finally:
        busy.env.pop("NO_COLOR")

    assert "─" in drawn
    assert "\x1b[3" not in drawn


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4711", "delivery 20001 of order 4711: has a label that was bought"),
        ("20005", "order 4715: sent; it is among Sendcloud's incoming orders"),
        ("4719", "order 4719: not sent: its shipping method is mapped to none"),
        ("4717", "nothing is known about 4717"),
    ],
)
def test_a_number_is_explained(busy: Shop, number: str, said: str) -> None:
    finished = busy.run("explain", number)

    assert finished.status == 0
    assert said in finished.out


def test_the_history_of_a_delivery_is_told_in_order(busy: Shop) -> None:
    out = busy.run("explain", "20001").out

    steps = [
        "sending to the incoming orders",
        "accepted as an incoming order",
        "buying the label",
        "label bought",
        "withdrawing from the incoming orders",
        "tracking written to Exact",
    ]
    told = out[out.index("history:") :]
    assert sorted(steps, key=told.index) == steps


def test_one_division_that_cannot_be_read_does_not_hide_the_others(shop: Shop) -> None:
    shop.configure(TWO_DIVISIONS)
    shop.env |= SECOND_SECRETS
    shop.run("sync", "--all")
    (shop.state / "7654321" / "ledger.json").write_text("{}")

    finished = shop.run("status", "--all")

    assert finished.status == 6
    assert "sandbox" in finished.out
    assert "exactsend: second: " in finished.err


def test_the_ledgers_own_records_of_a_number_can_be_seen(busy: Shop) -> None:
    shown = json.loads(busy.run("ledger", "show", "4711").out)

    (found,) = shown["found"]
    assert {record["section"] for record in found["records"]} == {
        "orders",
        "deliveries",
        "incoming",
        "shipments",
    }
    assert "label_bought" in [event["event"] for event in found["events"]]


def test_a_number_that_the_ledger_does_not_know_is_said(busy: Shop) -> None:
    finished = busy.run("ledger", "show", "9999")

    assert (finished.status, finished.err) == (1, "exactsend: the ledger has nothing under number 9999\n")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("4717", "order 4717: not sent to Incoming orders: not approved in Exact"),
        ("4718", "order 4718: not sent to Incoming orders: older than orders.look_back_days"),
        ("4720", "order 4720: not sent to Incoming orders: cancelled in Exact"),
        ("9999", "Exact has no order and no goods delivery with the number 9999"),
    ],
)
def test_a_number_that_no_run_has_read_is_asked_of_exact(busy: Shop, number: str, why: str) -> None:
    before = len(busy.sandbox.calls)
    lines = busy.run("explain", number).out.splitlines()

    assert (
        lines[0]
        == f"nothing is known about {number}: no run has read an order or a delivery with that number"
    )
    assert lines[1] == f"  sandbox: {why}"
    assert not [call for call in busy.sandbox.calls_since(before) if call.is_write]


def test_offline_nothing_is_asked(busy: Shop) -> None:
    before = len(busy.sandbox.calls)
    busy.run("explain", "4717", "--offline")

    assert busy.sandbox.calls_since(before) == []
