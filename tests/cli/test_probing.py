"""``exactsend doctor --probe``: finds each behaviour that the documents leave open, and puts everything back, so that nothing is charged."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from exactsend.engine.wiring import Wiring
from exactsend.http.messages import Call
from exactsend.operations.probe.run import QUESTIONS, ProbeOptions, run_probe
from exactsend.sandbox.starting_worlds import BELGIAN_BUS, DOMESTIC
from tests.cli.test_json import document
from tests.shop import MANUAL, Shop

REMARKS = "Ring twice. \n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop in which order 4711 has a label that was made in the panel, and delivery 20001 has remarks and no label."""
    with Shop(tmp_path, config=MANUAL) as shop:
        # A letter that is too heavy is made, and fails: otherwise nothing is found out about those that fail.
        shop.sandbox.world.sendcloud.behaviour.unfit_option = "announced"
        shop.connect()
        shop.run("sync")
        shop.panel.make_label(str(DOMESTIC), "sendcloud:letter")
        number = shop.office.deliver(BELGIAN_BUS)
        shop.office.edit_delivery(number, Remarks=REMARKS)
        shop.run("sync")
        yield shop
        assert shop.sandbox.crashes == []


def probed(shop: Shop, *more: str) -> dict[str, Any]:
    """The answers of a probe of everything, by question."""
    line = ["doctor", "--probe", "--yes", "--json", "--order", "4711", "--delivery", "20001", *more]
    return {answer["question"]: answer["answer"] for answer in document(shop.run(*line))["probe"]["answers"]}


def require_all_put_back(shop: Shop) -> None:
    """Nothing of a probe stands anywhere."""
    assert [label.order_number for label in shop.panel.labels()] == ["4711"]
    assert all("probe" not in entry.order_number for entry in shop.panel.incoming())
    assert not shop.office.tracking(20001)
    assert shop.office.delivery(20001)["Remarks"] == REMARKS
    assert [charge.order_number for charge in shop.sandbox.world.sendcloud.paid()] == ["4711"]


def test_it_answers_every_question_and_puts_everything_back(shop: Shop) -> None:
    assert probed(shop, "--refresh") == {
        "reference_used_again": "refused",
        "reference_after_cancel": "kept",
        "reference_after_failure": "kept",
        "customs_price": "per_piece",
        "shorter_list": "replaced",
        "unlisted_beginning": "refused",
        "beginning_ahead": "nothing",
        "panel_label": "shown",
        "shipped_order_again": "accepted",
        "tracking_length": "300+",
        "remarks_length": "4000+",
        "zone_of_dates": "+01:00",
        "refresh_from_seconds": "571",
    }
    assert set(probed(shop, "--refresh")) == set(QUESTIONS)
    require_all_put_back(shop)


def test_a_sync_after_it_finds_nothing_to_do(shop: Shop) -> None:
    probed(shop)

    assert shop.run("sync").out == "nothing to do\n"


def test_what_it_sends_about_the_order_and_the_delivery_that_were_named_is_told(shop: Shop) -> None:
    shop.sandbox.world.sendcloud.behaviour.shipped_order_upsert = "recreates"
    probed(shop)

    found = json.loads(shop.run("explain", "4711", "--offline", "--json").out)["found"]
    of_order = [(row["command"], row["purpose"]) for row in found[0]["sent"] if row["command"] == "doctor"]
    (of_delivery,) = json.loads(shop.run("explain", "20001", "--offline", "--json").out)["found"]
    written = [row["request"] for row in of_delivery["sent"] if row["command"] == "doctor"]

    assert of_order == [("doctor", "order_push"), ("doctor", "order_withdraw")]
    assert {"Remarks": "<Remarks>"} in written
    assert {"TrackingNumber": ""} in written


def test_a_letter_that_was_refused_is_not_looked_for_to_be_put_back(shop: Shop) -> None:
    shop.sandbox.world.sendcloud.behaviour.unfit_option = "refused"

    finished = shop.run("doctor", "--probe", "--yes", "--order", "4711", "--delivery", "20001")

    assert "Sendcloud refuses a letter that is too heavy" in finished.out
    assert "not restored" not in finished.out
    require_all_put_back(shop)


def _sendcloud(**behaviour: object) -> Callable[[Shop], None]:
    return lambda shop: _behave(shop.sandbox.world.sendcloud.behaviour, behaviour)


def _exact(**behaviour: object) -> Callable[[Shop], None]:
    return lambda shop: _behave(shop.sandbox.world.exact.behaviour, behaviour)


def _behave(service: object, behaviour: dict[str, object]) -> None:
    for name, value in behaviour.items():
        setattr(service, name, value)


@pytest.mark.parametrize(
    ("switch", "question", "answer"),
    [
        (_sendcloud(reference_refused=False), "reference_used_again", "second_shipment"),
        (_sendcloud(reference_kept_by_cancelled=False), "reference_after_cancel", "free"),
        (_sendcloud(reference_kept_by_failed=False), "reference_after_failure", "free"),
        (_sendcloud(unfit_option="refused"), "reference_after_failure", None),
        (_sendcloud(announce_answers_announcing=True), "reference_after_failure", "kept"),
        (_sendcloud(cancellation_takes=timedelta(hours=1)), "reference_after_cancel", None),
        (_sendcloud(customs_price_per_piece=False), "customs_price", "per_line"),
        (_sendcloud(shorter_item_list_replaces=False), "shorter_list", "kept"),
        (_sendcloud(orders_saved_after=timedelta(seconds=20)), "shorter_list", "replaced"),
        (_sendcloud(shipped_order_upsert="refused"), "shipped_order_again", "refused"),
        (_sendcloud(shipped_order_upsert="recreates"), "shipped_order_again", "recreated"),
        (_exact(tracking_number_length=50), "tracking_length", "50"),
        (_exact(remarks_length=255), "remarks_length", "255"),
        (_exact(dates_in_utc=True), "zone_of_dates", "+00:00"),
        (_exact(sync_timestamp_of_unlisted="empty"), "unlisted_beginning", "nothing"),
        (_exact(sync_timestamp_of_unlisted="value"), "unlisted_beginning", "given"),
        (_exact(sync_timestamp_of_none="null"), "beginning_ahead", "nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_finds_each_behaviour(
    shop: Shop, switch: Callable[[Shop], None], question: str, answer: str | None
) -> None:
    switch(shop)

    assert probed(shop)[question] == answer
    shop.sandbox.world.sendcloud.behaviour.cancellation_takes = timedelta(0)
    require_all_put_back(shop)


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        (_sendcloud(reference_refused=False), "creates another label under a reference that was used before"),
        (
            _sendcloud(shorter_item_list_replaces=False),
            "keeps lines of an incoming order that were removed from the order in Exact",
        ),
        (
            _sendcloud(customs_price_per_piece=False),
            "takes the price of a customs item as the price of the whole line",
        ),
        (_exact(tracking_number_length=20), "keeps only 20 characters of a tracking number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_doctor_tells_of_answers_that_a_person_should_know(
    shop: Shop, switch: Callable[[Shop], None], words: str
) -> None:
    switch(shop)
    probed(shop)

    finished = shop.run("doctor")

    assert finished.status == 1
    assert words in finished.out


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("data", "409, the shipment under data"),
        ("bare", "409, the bare shipment"),
        ("empty", "409, an unreadable body"),
    ],
)
def test_it_tells_the_body_of_a_refused_reference(
    shop: Shop, body: Literal["data", "bare", "empty"], words: str
) -> None:
    shop.sandbox.world.sendcloud.behaviour.conflict_body = body

    assert words in shop.run("doctor", "--probe", "--yes").out


def test_a_label_of_the_panel_that_our_keys_do_not_show_is_found(tmp_path: Path) -> None:
    with Shop(tmp_path, config=MANUAL) as shop:
        shop.connect()
        shop.run("sync")
        shop.sandbox.world.sendcloud.behaviour.panel_label_under_own_keys = False
        shop.panel.make_label("4711", "sendcloud:letter")

        finished = shop.run("doctor", "--probe", "--yes", "--order", "4711")

        assert "does a label made in the panel show under our keys: not_shown" in finished.out
        assert "sandbox, probe: labels made in Sendcloud's panel are not visible" in shop.run("doctor").out


def test_the_moment_of_a_renewal_is_found_without_losing_the_sign_in(shop: Shop) -> None:
    shop.sandbox.world.exact.behaviour.refresh_from_seconds = 600

    assert int(probed(shop, "--refresh")["refresh_from_seconds"]) >= 600
    assert shop.run("sync").status == 0


# ── nothing is charged ─────────────────────────────────────────────────────────────────────────────


def letters(shop: Shop) -> int:
    return sum("/announce" in call.path for call in shop.sandbox.calls)


def test_without_the_letter_no_label_is_made(shop: Shop) -> None:
    account = shop.sandbox.world.sendcloud.accounts[0]
    account.options[:] = [option for option in account.options if not option.is_letter]

    finished = shop.run("doctor", "--probe", "--yes")

    assert (
        "does not offer sendcloud:letter, the label without postage, so the probe creates no label"
        in finished.out
    )
    assert letters(shop) == 0


def test_a_letter_that_has_a_price_is_not_made(shop: Shop) -> None:
    options = shop.sandbox.world.sendcloud.accounts[0].options
    options[:] = [
        replace(option, price=Decimal("1.10")) if option.is_letter else option for option in options
    ]

    finished = shop.run("doctor", "--probe", "--yes")

    assert (
        "sendcloud:letter has a price in this Sendcloud account, so the probe creates no label"
        in finished.out
    )
    assert letters(shop) == 0


def test_every_label_it_asks_for_is_an_unstamped_letter(shop: Shop) -> None:
    before = len(shop.sandbox.calls)

    probed(shop)

    asked = [call.body for call in shop.sandbox.calls[before:] if "/announce" in call.path]
    assert len(asked) == 7
    assert {json.dumps(body["ship_with"]["properties"]) for body in asked if isinstance(body, dict)} == {
        '{"shipping_option_code": "sendcloud:letter"}'
    }


# ── consent ──────────────────────────────────────────────────────────────────────────────────────


def test_it_says_what_it_will_do_and_does_nothing_without_a_yes(shop: Shop) -> None:
    before = len(shop.sandbox.calls)

    finished = shop.run("doctor", "--probe", "--delivery", "20001")

    assert finished.status == 2
    assert "Each costs Sendcloud's label fee" in finished.err
    assert "write a long tracking number and long remarks to delivery 20001" in finished.err
    assert len(shop.sandbox.calls) == before


def test_a_no_on_the_terminal_is_the_end_of_it(shop: Shop) -> None:
    before = len(shop.sandbox.calls)

    assert shop.run("doctor", "--probe", stdin="n\n", tty=True).status == 0
    assert len(shop.sandbox.calls) == before


def test_what_is_not_named_is_not_touched(shop: Shop) -> None:
    finished = shop.run("doctor", "--probe", stdin="y\n", tty=True)

    assert "not asked: how many characters of a tracking number does Exact keep" in finished.out
    assert [call for call in shop.sandbox.writes("exact") if call.method == "PUT"] == []


def test_options_of_a_probe_need_a_probe(shop: Shop) -> None:
    assert shop.run("doctor", "--order", "4711").status == 2


@pytest.mark.parametrize("other", [("--items",), ("--csv", "/nowhere/items.csv")], ids=" ".join)
def test_a_probe_is_not_left_out_for_the_items(shop: Shop, other: tuple[str, ...]) -> None:
    finished = shop.run("doctor", "--probe", "--yes", *other)

    assert (finished.status, finished.out) == (2, "")
    assert "--probe excludes --items and --csv" in finished.err


def test_a_question_of_the_probe_beside_the_items_is_not_ignored(shop: Shop) -> None:
    assert shop.run("doctor", "--items", "--order", "4711").status == 2


def test_a_delivery_that_has_a_tracking_number_is_left_alone(shop: Shop) -> None:
    shop.office.edit_delivery(20001, TrackingNumber="3STYPED")

    finished = shop.run("doctor", "--probe", "--yes", "--delivery", "20001")

    assert "failed: delivery 20001 has a tracking number" in finished.out
    assert shop.office.tracking(20001) == "3STYPED"


def test_the_report_and_the_ledger_have_no_personal_data(shop: Shop) -> None:
    finished = shop.run("doctor", "--probe", "--yes", "--order", "4711", "--delivery", "20001")

    kept = "".join(path.read_text() for path in (shop.state / "1234567").rglob("*.json*"))
    for secret in ("Jansen", "Peeters", "Oudegracht", "Meir", "Ring twice", "sandbox-secret"):
        assert secret not in finished.out + finished.err + kept


# ── interrupted ──────────────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """Nothing of the program runs after it."""


def _die_at(fatal: int) -> Callable[[str, Call], None]:
    """Die right after the ``fatal``-th write was answered, and at every call that a dead program would not make."""
    writes = 0

    def fault_hook(when: str, call: Call) -> None:
        nonlocal writes
        is_write = call.method != "GET" and call.path != "/shipping-options"
        writes += when == "after" and is_write
        if writes >= fatal:
            raise Killed

    return fault_hook


def _probe(shop: Shop, fault_hook: Callable[[str, Call], None] = lambda _when, _call: None) -> None:
    wiring = Wiring(shop.settings, replace(shop.process, call_hook=fault_hook))
    run_probe(wiring, shop.division_named("sandbox"), ProbeOptions(order=4711, delivery=20001))


@pytest.mark.parametrize("fatal", range(1, 19))
def test_what_a_killed_probe_left_the_next_one_puts_back(shop: Shop, fatal: int) -> None:
    with pytest.raises(Killed):
        _probe(shop, _die_at(fatal))

    _probe(shop)

    require_all_put_back(shop)
    assert shop.run("doctor").status == 0


@pytest.mark.parametrize("fatal", [1, 3, 7, 9, 12, 14])
def test_an_interrupted_probe_puts_everything_back_before_it_ends(shop: Shop, fatal: int) -> None:
    writes = 0

    def interrupt(when: str, call: Call) -> None:
        nonlocal writes
        writes += when == "after" and call.method != "GET" and call.path != "/shipping-options"
        if when == "after" and writes == fatal and call.method != "GET":
            writes += 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _probe(shop, interrupt)

    require_all_put_back(shop)
    assert shop.run("doctor").status == 0


def test_a_killed_probe_is_a_finding_of_doctor(shop: Shop) -> None:
    with pytest.raises(Killed):
        _probe(shop, _die_at(1))

    finished = shop.run("doctor")

    assert (
        "sandbox, probe: a probe was interrupted before it had restored everything (letters)" in finished.out
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/shipments/announce"),
        ("POST", "/cancel"),
        ("POST", "/orders"),
        ("DELETE", "/orders"),
        ("PUT", "/GoodsDeliveries"),
    ],
)
@pytest.mark.parametrize("lost", ["lose_call", "lose_answer"])
def test_a_lost_answer_leaves_nothing_behind(shop: Shop, lost: str, method: str, path: str) -> None:
    getattr(shop.sandbox.faults, lost)(method, path, times=1)

    probed(shop)
    shop.pass_time(minutes=61)
    _probe(shop)

    require_all_put_back(shop)
    assert shop.run("doctor").status == 0


def test_a_letter_whose_answer_was_lost_while_look_ups_lag_is_cancelled_by_the_next_probe(shop: Shop) -> None:
    shop.sandbox.faults.lose_answer("POST", "/shipments/announce", times=1)
    shop.sandbox.world.sendcloud.behaviour.lookups_lag = timedelta(minutes=9)

    finished = shop.run("doctor", "--probe", "--yes")

    assert finished.status == 1
    assert "yet; the next probe looks again" in finished.out
    shop.sandbox.world.sendcloud.behaviour.lookups_lag = timedelta(0)
    assert shop.run("doctor", "--probe", "--yes").status == 0
    require_all_put_back(shop)


def test_what_a_person_wrote_after_a_killed_probe_stays(shop: Shop) -> None:
    with pytest.raises(Killed):
        _probe(shop, _die_at(14))
    assert "[exactsend probe]" in shop.office.remarks(20001)
    shop.office.edit_delivery(20001, Remarks="Written by hand", TrackingNumber="3SHAND")

    finished = shop.run("doctor", "--probe", "--yes")

    assert (
        "failed: Remarks of delivery 20001 was changed by somebody else, so the probe leaves it"
        in finished.out
    )

    assert shop.office.delivery(20001)["Remarks"] == "Written by hand"
    assert shop.office.tracking(20001) == "3SHAND"


def test_a_division_that_is_locked_is_not_probed(shop: Shop) -> None:
    lock = Wiring(shop.settings, shop.process).lock(shop.division_named("sandbox"))
    with lock.acquire(run_id="r", clock=shop.clock, sleep=shop.pass_time):
        assert shop.run("doctor", "--probe", "--yes").status == 75
